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
    pub asked_at: Timestamp,
    pub due_at: Option<Timestamp>,
    pub arrival_at: Option<Timestamp>,
    pub arrived_at: Option<Timestamp>,
    pub answered_at: Option<Timestamp>,
    /// When it was over, answered or not.
    pub over_at: Option<Timestamp>,
    pub rating: Option<u8>,
}

impl Assisted<'_> {
    /// Only a call has a time by which somebody is to be there.
    pub const fn kind(&self) -> TaskKind {
        match self.arrival_at {
            Some(_) => TaskKind::Call,
            None => TaskKind::Assist,
        }
    }

    /// When the next of what is still to come is due, the arrival or the answer; `None`: nothing is, or it has no due time.
    pub fn next_due(&self) -> Option<Timestamp> {
        let arrival = self.arrival_at.filter(|_| self.arrived_at.is_none());
        arrival
            .into_iter()
            .chain(self.due_at)
            .min()
            .filter(|_| self.over_at.is_none())
    }

    /// Somebody came or answered too late, or has not and the time for it is or was over.
    pub fn is_late(&self, now: Timestamp) -> bool {
        let arrived = self.arrived_at.or(self.over_at).unwrap_or(now);
        let answered = self.over_at.unwrap_or(now);
        let passed = |due_at: Option<Timestamp>, at| due_at.is_some_and(|due_at| due_at < at);
        passed(self.arrival_at, arrived) || passed(self.due_at, answered)
    }

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
                asked_at: at,
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

#[cfg(test)]
mod tests {
    use super::super::{By, Facts, FigureKind, Query, ReportBuilder};
    use super::*;
    use crate::calendar::Limit;
    use crate::clue::testing::{
        COUNTY, COUNTY_WATER, Case, TOWN, agency, calendar, coordinator, of, transfer,
    };
    use crate::clue::{Command, TaskCommand};

    fn task(command: TaskCommand) -> Command {
        Command::Task(command)
    }

    fn ask(whom: &str, kind: TaskKind, limit: &str) -> Command {
        let limit: Limit = limit.parse().expect("a limit");
        task(TaskCommand::Ask {
            agency: agency(whom),
            kind,
            limit: Some(limit),
        })
    }

    /// Reported on Monday; each command comes an hour after the one before.
    fn called() -> Case {
        let mut case = Case::dispatched();
        case.rulebook.calendar = calendar();
        let case = case.given(coordinator(), transfer(TOWN));
        let case = case.given(of(TOWN), ask(COUNTY_WATER, TaskKind::Call, "90min"));
        case.given(of(TOWN), ask(COUNTY, TaskKind::Assist, "30min"))
    }

    fn facts(case: &Case) -> Facts {
        let mut facts = None;
        for it in &case.journal {
            Facts::fold(&mut facts, it);
        }
        facts.expect("was reported")
    }

    /// The figures of a row by agency or campaign: (numerator, denominator) of assistance, arrival and rating.
    fn row(case: &Case, by: By, key: &str) -> [(u64, u64); 3] {
        let zone = case.rulebook.calendar.zone().clone();
        let query = Query {
            by: Some(by),
            ..Query::everything(case.now, zone)
        };
        let mut report = ReportBuilder::new(query);
        report.add(&facts(case));
        let none = std::collections::BTreeMap::new();
        let report = report.finish("abc", &none, 1, |_, key| key.to_owned());
        let row = report.rows.iter().find(|row| row.key == key).expect("a row");
        [
            FigureKind::OnTimeAssistance,
            FigureKind::OnTimeArrival,
            FigureKind::CallRating,
        ]
        .map(|id| {
            let figure = row.figures.iter().find(|it| it.id == id).expect("every figure");
            (figure.numerator, figure.denominator)
        })
    }

    #[test]
    fn a_task_counts_for_the_agency_that_assists_and_not_for_the_one_that_has_the_clue() {
        let case = called();
        let case = case.given(of(COUNTY_WATER), task(TaskCommand::NoteArrival { task: 1 }));
        // an hour late
        let case = case.given(of(COUNTY), task(TaskCommand::Reply { task: 2 }));
        let case = case.given(of(COUNTY_WATER), task(TaskCommand::Reply { task: 1 }));
        let case = case.given(of(TOWN), task(TaskCommand::Rate { task: 1, rating: 4 }));
        // two hours after it was called somebody was there
        assert_eq!(row(&case, By::Agency, COUNTY_WATER), [(1, 1), (0, 1), (4, 1)]);
        assert_eq!(row(&case, By::Agency, COUNTY), [(0, 1), (0, 0), (0, 0)]);
        assert_eq!(row(&case, By::Agency, TOWN), [(0, 0); 3]);
        assert_eq!(row(&case, By::Source, "grid"), [(1, 2), (0, 1), (4, 1)]);
    }

    #[test]
    fn who_does_not_answer_is_late_also_when_the_clue_ended_and_who_is_withdrawn_in_time_is_not_counted() {
        let mut case = called();
        case.now = case.now.plus_minutes(120);
        assert_eq!(row(&case, By::Source, "grid"), [(0, 1), (0, 1), (0, 0)]);
        let case = case.given(
            coordinator(),
            Command::VoidClue {
                reason: "test_data".to_owned(),
            },
        );
        assert_eq!(row(&case, By::Source, "grid"), [(0, 1), (0, 1), (0, 0)]);
        let mut withdrawn = Case::dispatched();
        withdrawn.rulebook.calendar = calendar();
        let mut withdrawn = withdrawn
            .given(of(COUNTY), ask(TOWN, TaskKind::Assist, "3h"))
            .given(of(COUNTY), task(TaskCommand::Withdraw { task: 1 }));
        withdrawn.now = withdrawn.now.plus_days(9);
        assert_eq!(row(&withdrawn, By::Source, "grid")[0], (0, 0));
    }

    #[test]
    fn a_call_is_due_when_somebody_is_to_be_there_and_then_when_the_answer_is() {
        let case = called();
        let known = facts(&case);
        let condition = known.latest();
        let [call, assist] = &condition.assisted[..] else {
            panic!("two tasks")
        };
        assert_eq!((call.kind(), assist.kind()), (TaskKind::Call, TaskKind::Assist));
        assert_eq!(call.next_due(), call.arrival_at);
        assert_eq!(assist.next_due(), assist.due_at);
        assert_eq!(assist.asked_at, assist.due_at.expect("has one").plus_minutes(-30));
        let arrival = call.arrival_at.expect("of a call");
        assert_eq!(
            [arrival, arrival.plus_minutes(1)].map(|now| call.is_late(now)),
            [false, true]
        );
        // half an hour late
        let case = case.given(of(COUNTY_WATER), task(TaskCommand::NoteArrival { task: 1 }));
        let known = facts(&case);
        let call = &known.latest().assisted[0];
        assert_eq!(call.next_due(), call.due_at);
        assert!(call.due_at.is_some_and(|due_at| due_at > case.now) && call.is_late(case.now));
        let case = case.given(of(COUNTY_WATER), task(TaskCommand::Reply { task: 1 }));
        let known = facts(&case);
        let call = &known.latest().assisted[0];
        assert_eq!(call.next_due(), None);
        assert!(call.is_late(case.now) && !call.is_overdue(case.now));
    }

    #[test]
    fn clues_are_reported_by_their_campaign() {
        let tag = |campaign: &str| Command::TagCampaign {
            campaign: campaign.parse().expect("a code"),
        };
        let case = called()
            .given(coordinator(), tag("a"))
            .given(coordinator(), tag("b"));
        assert_eq!(row(&case, By::Campaign, "b")[1], (0, 1));
        let case = case.given(coordinator(), Command::UntagCampaign);
        assert_eq!(row(&case, By::Campaign, "")[1], (0, 1));
    }
}
