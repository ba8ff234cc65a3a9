//! What agencies beside the responsible one did in time: their tasks as figures see them.

use serde::{Deserialize, Serialize};

use super::{Condition, Counts};
use crate::clue::{TaskEvent, TaskKind};
use crate::code::AgencyId;
use crate::time::Timestamp;

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Assisting {
    Asked {
        task: u32,
        agency: AgencyId,
        /// Until when the answer is to come.
        due_at: Option<Timestamp>,
        /// Of a call: until when somebody is to be there.
        arrival_at: Option<Timestamp>,
    },
    Arrived {
        task: u32,
    },
    /// It did what it was asked for, or said why it does not.
    Answered {
        task: u32,
    },
    Withdrawn {
        task: u32,
    },
    Rated {
        task: u32,
        rating: u8,
    },
}

impl Assisting {
    /// `None`: nothing is counted of it.
    pub(super) fn of(event: &TaskEvent) -> Option<Self> {
        Some(match event {
            TaskEvent::Asked {
                task,
                agency,
                kind,
                due,
                arrival,
            } => Self::Asked {
                task: *task,
                agency: agency.clone(),
                due_at: due.as_ref().map(|due| due.at),
                arrival_at: arrival
                    .as_ref()
                    .filter(|_| *kind == TaskKind::Call)
                    .map(|due| due.at),
            },
            TaskEvent::Acknowledged { .. } => return None,
            TaskEvent::ArrivalNoted { task, .. } => Self::Arrived { task: *task },
            TaskEvent::Replied { task, .. } | TaskEvent::Declined { task, .. } => {
                Self::Answered { task: *task }
            }
            TaskEvent::Withdrawn { task } => Self::Withdrawn { task: *task },
            TaskEvent::Rated { task, rating } => Self::Rated {
                task: *task,
                rating: *rating,
            },
        })
    }

    const fn task(&self) -> u32 {
        match self {
            Self::Asked { task, .. }
            | Self::Arrived { task }
            | Self::Answered { task }
            | Self::Withdrawn { task }
            | Self::Rated { task, .. } => *task,
        }
    }
}

/// A task at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assisted<'a> {
    pub task: u32,
    pub agency: &'a AgencyId,
    pub due_at: Option<Timestamp>,
    pub arrival_at: Option<Timestamp>,
    pub arrived_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    /// When it was over, answered or not.
    pub over_at: Option<Timestamp>,
    pub rating: Option<u8>,
}

impl Assisted<'_> {
    /// Not answered, and its time is or was over.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.answered_at.is_none() && self.has_passed(self.due_at, now)
    }

    /// Nobody came, and the time for that is or was over.
    pub fn is_missed(&self, now: Timestamp) -> bool {
        self.arrived_at.is_none() && self.has_passed(self.arrival_at, now)
    }

    fn has_passed(&self, due_at: Option<Timestamp>, now: Timestamp) -> bool {
        due_at.is_some_and(|due_at| due_at < self.over_at.unwrap_or(now))
    }
}

/// What is counted of tasks. They are whoever's they are, whoever has the clue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct AssistCounts {
    pub answered: u64,
    pub in_time: u64,
    /// Not answered, and past due; also where the clue ended meanwhile.
    pub overdue: u64,
    pub arrived: u64,
    pub arrived_in_time: u64,
    pub missed: u64,
    pub rated: u64,
    pub points: u64,
}

impl<'a> Condition<'a> {
    pub(super) fn assist(&mut self, step: &'a Assisting, at: Timestamp) {
        if let Assisting::Asked {
            task,
            agency,
            due_at,
            arrival_at,
        } = step
        {
            self.assisted.push(Assisted {
                task: *task,
                agency,
                due_at: *due_at,
                arrival_at: *arrival_at,
                arrived_at: None,
                answered_at: None,
                over_at: None,
                rating: None,
            });
        }
        let Some(task) = self.assisted.iter_mut().find(|it| it.task == step.task()) else {
            return;
        };
        match step {
            Assisting::Asked { .. } => {}
            Assisting::Arrived { .. } => task.arrived_at = Some(at),
            Assisting::Answered { .. } => {
                task.answered_at = Some(at);
                task.over_at = Some(at);
            }
            Assisting::Withdrawn { .. } => task.over_at = Some(at),
            Assisting::Rated { rating, .. } => task.rating = Some(*rating),
        }
    }

    /// Tasks end with the clue, and nobody assists itself.
    pub(super) fn settle_tasks(&mut self, at: Timestamp) {
        let (is_open, has_it) = (self.is_open(), self.agency.filter(|_| self.is_in_hand()));
        for task in self.assisted.iter_mut().filter(|task| task.over_at.is_none()) {
            if !is_open || has_it == Some(task.agency) {
                task.over_at = Some(at);
            }
        }
    }

    /// Of the tasks of these agencies.
    pub(super) fn assist_counts(
        &self,
        now: Timestamp,
        is_theirs: impl Fn(&AgencyId) -> bool,
    ) -> AssistCounts {
        let mut counts = AssistCounts::default();
        for task in self.assisted.iter().filter(|it| is_theirs(it.agency)) {
            let in_time = |at: Option<Timestamp>, due_at: Option<Timestamp>| {
                u64::from(at.is_some_and(|at| due_at.is_none_or(|due_at| at <= due_at)))
            };
            counts.answered += u64::from(task.answered_at.is_some());
            counts.in_time += in_time(task.answered_at, task.due_at);
            counts.overdue += u64::from(task.is_overdue(now));
            counts.arrived += u64::from(task.arrived_at.is_some());
            counts.arrived_in_time += in_time(task.arrived_at, task.arrival_at);
            counts.missed += u64::from(task.is_missed(now));
            counts.rated += u64::from(task.rating.is_some());
            counts.points += u64::from(task.rating.unwrap_or_default());
        }
        counts
    }
}

impl Counts {
    pub(super) const fn assisting(&mut self, it: AssistCounts) {
        self.assist_answered = it.answered;
        self.assist_in_time = it.in_time;
        self.assist_overdue = it.overdue;
        self.arrive_ended = it.arrived;
        self.arrive_in_time = it.arrived_in_time;
        self.arrive_overdue = it.missed;
        self.calls_rated = it.rated;
        self.rating_points = it.points;
    }
}
