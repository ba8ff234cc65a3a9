//! What the events of a clue say of its clocks.

use bihuan_domain::calendar::{Limit, Step};
use bihuan_domain::clue::{Event, Occurrence, RungKind, Running, State, evolve};
use bihuan_domain::code::{AgencyId, AreaCode, CalendarVersion, RulebookVersion, Rung};
use bihuan_domain::figures::Facts;
use bihuan_domain::time::Timestamp;

use super::began::{Began, Beginnings, Moved};

/// The clocks of a clue, from its report on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// In the order in which they began.
    pub runs: Vec<Run>,
    pub extensions: Vec<Extension>,
    /// Suspensions, and disputes that stopped the clocks, each the one that lasts included.
    pub pauses: Vec<Stretch>,
    /// To whom it came, and when.
    pub holders: Vec<(Timestamp, AgencyId)>,
    pub rungs: Vec<ReachedRung>,
    /// When the next step of the ladder is reached.
    pub next_rung: Option<Timestamp>,
    /// The overall deadline before the first extension or suspension.
    pub first_deadline: Option<Timestamp>,
    /// What the newest due times were computed by.
    pub by: Option<By>,
    pub place: Option<AreaCode>,
    pub source_due_at: Option<Timestamp>,
    pub reported_at: Timestamp,
    pub is_open: bool,
}

/// What due times go by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    pub limits: RulebookVersion,
    pub calendar: RulebookVersion,
    pub calendar_version: CalendarVersion,
}

/// A clock from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// As it stood last.
    pub clock: Running,
    pub began: Began,
    /// `None`: it runs.
    pub until: Option<Timestamp>,
}

/// More time, asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub limit: Limit,
    pub asked_at: Timestamp,
    /// Staff reference.
    pub asked_by: Option<String>,
    /// When, and whether so much was granted; `None`: nobody has answered, or the clue went elsewhere before.
    pub answer: Option<(Timestamp, Option<Limit>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub cause: Cause,
    pub from: Timestamp,
    /// `None`: it lasts.
    pub to: Option<Timestamp>,
    pub planned_to: Option<Timestamp>,
}

/// Why clocks stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Suspension,
    Dispute,
}

/// A step of the ladder that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReachedRung {
    pub at: Timestamp,
    pub step: Step,
    pub rung: Rung,
    pub kind: RungKind,
    pub due_at: Timestamp,
    pub late: bool,
    pub agency: Option<AgencyId>,
    /// Of those that a person issues.
    pub issued_at: Option<Timestamp>,
    pub issued_by: Option<String>,
    pub discarded_at: Option<Timestamp>,
    pub discarded_by: Option<String>,
}

/// Since when whoever has the next step has had to do it, and the agency to handle it.
fn since(state: &State) -> (Option<Timestamp>, Option<Timestamp>) {
    let timing = state.clue.as_ref().map(|clue| &clue.timing);
    (
        timing.map(|timing| timing.step_since),
        timing.and_then(|timing| timing.handle_since),
    )
}

impl Course {
    /// Of a clue's events, oldest first.
    pub fn of(events: &[Occurrence]) -> Self {
        let mut course = Self::default();
        let (mut state, mut facts) = (State::default(), None);
        let mut beginnings = Beginnings::default();
        for it in events {
            let (step, handle) = since(&state);
            evolve(&mut state, it);
            Facts::fold(&mut facts, it);
            let now = since(&state);
            let moved = Moved {
                step: step != now.0,
                handle: handle != now.1,
            };
            beginnings.note(&it.event, moved);
            course.add(it, &state, beginnings);
        }
        if let Some(clue) = &state.clue {
            course.place.clone_from(&clue.area);
            course.source_due_at = clue.source_due_at;
            course.reported_at = clue.reported_at;
            course.is_open = clue.is_open();
        }
        if let Some(facts) = &facts {
            course.first_deadline = facts.latest().raw_deadline();
        }
        course
    }

    /// The clocks that run, in the order of the steps.
    pub fn running(&self) -> Vec<&Run> {
        let mut running: Vec<_> = self.runs.iter().filter(|run| run.until.is_none()).collect();
        running.sort_by_key(|run| run.clock.step);
        running
    }

    fn add(&mut self, it: &Occurrence, state: &State, beginnings: Beginnings) {
        if let Some(clocks) = &it.clocks {
            self.next_rung = clocks.next_rung;
            self.by = Some(By {
                limits: clocks.limits_by.clone(),
                calendar: clocks.calendar_by.clone(),
                calendar_version: clocks.calendar.clone(),
            });
            self.wind(&clocks.running, it.at, beginnings);
        }
        self.hold(it, state);
        self.pause(it, state);
        self.ask(it);
        self.climb(it);
    }

    fn wind(&mut self, running: &[Running], at: Timestamp, beginnings: Beginnings) {
        let is = |run: &Run, clock: &Running| {
            run.until.is_none() && (run.clock.step, run.clock.since) == (clock.step, clock.since)
        };
        for run in self.runs.iter_mut().filter(|run| run.until.is_none()) {
            if !running.iter().any(|clock| is(run, clock)) {
                run.until = Some(at);
            }
        }
        for clock in running {
            match self.runs.iter_mut().find(|run| is(run, clock)) {
                Some(run) => run.clock = clock.clone(),
                None => self.runs.push(Run {
                    clock: clock.clone(),
                    began: beginnings.of(clock.step),
                    until: None,
                }),
            }
        }
    }

    fn hold(&mut self, it: &Occurrence, state: &State) {
        let assignment = state.clue.as_ref().and_then(|clue| clue.assignment());
        let agency = assignment.map(|by| &by.agency);
        if let Some(agency) = agency
            && self.holders.last().map(|(_, known)| known) != Some(agency)
        {
            self.holders.push((it.at, agency.clone()));
        }
    }

    fn pause(&mut self, it: &Occurrence, state: &State) {
        let timing = state.clue.as_ref().map(|clue| &clue.timing);
        let suspended = timing.and_then(|timing| timing.suspended_at);
        let planned_to = match &it.event {
            Event::ClueSuspended { suspension } => Some(suspension.until),
            _ => None,
        };
        self.stretch(Cause::Suspension, suspended, planned_to, it.at);
        let running = self.running();
        let stopped = running.iter().any(|run| run.clock.stands_since.is_some());
        let disputed = timing.and_then(|timing| timing.disputed_at);
        self.stretch(Cause::Dispute, disputed.filter(|_| stopped), None, it.at);
    }

    /// Since when a pause lasts; `None`: it does not, or does no longer.
    fn stretch(
        &mut self,
        cause: Cause,
        since: Option<Timestamp>,
        planned_to: Option<Timestamp>,
        at: Timestamp,
    ) {
        let mut pauses = self.pauses.iter_mut();
        let lasting = pauses.find(|pause| pause.cause == cause && pause.to.is_none());
        match (since, lasting) {
            (Some(from), None) => self.pauses.push(Stretch {
                cause,
                from,
                to: None,
                planned_to,
            }),
            (None, Some(pause)) => pause.to = Some(at),
            _ => {}
        }
    }

    fn ask(&mut self, it: &Occurrence) {
        let granted = match &it.event {
            Event::ExtensionRequested { limit } => {
                self.extensions.push(Extension {
                    limit: *limit,
                    asked_at: it.at,
                    asked_by: it.actor.person.clone(),
                    answer: None,
                });
                return;
            }
            Event::ExtensionGranted { limit } => Some(*limit),
            Event::ExtensionRefused => None,
            _ => return,
        };
        if let Some(asked) = self.extensions.last_mut() {
            asked.answer = Some((it.at, granted));
        }
    }

    fn climb(&mut self, it: &Occurrence) {
        match &it.event {
            Event::RungReached {
                step,
                rung,
                kind,
                due_at,
                late,
                to,
            } => self.rungs.push(ReachedRung {
                at: it.at,
                step: *step,
                rung: rung.clone(),
                kind: *kind,
                due_at: *due_at,
                late: *late,
                agency: to.agency.clone(),
                issued_at: None,
                issued_by: None,
                discarded_at: None,
                discarded_by: None,
            }),
            Event::NoticeIssued { rung, due_at, .. } => {
                if let Some(draft) = self.draft(rung, *due_at) {
                    draft.issued_at = Some(it.at);
                    draft.issued_by.clone_from(&it.actor.person);
                }
            }
            Event::NoticeDiscarded { rung, due_at, .. } => {
                if let Some(draft) = self.draft(rung, *due_at) {
                    draft.discarded_at = Some(it.at);
                    draft.discarded_by.clone_from(&it.actor.person);
                }
            }
            _ => {}
        }
    }

    fn draft(&mut self, rung: &Rung, due_at: Timestamp) -> Option<&mut ReachedRung> {
        let mut drafts = self.rungs.iter_mut();
        drafts.find(|it| it.rung == *rung && it.due_at == due_at)
    }
}
