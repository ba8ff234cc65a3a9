//! How a clue kept its times: which clocks run, which ended in time and whose they were, how often it was suspended, what the
//! ladder drafted and shows.

use super::{Condition, HolderKind, Mark, RunningClock, Standing, Step as Marked, Task};
use crate::calendar::Step;
use crate::clue::RungKind;
use crate::code::{AgencyId, Level, Rung};
use crate::time::Timestamp;

/// Of a clue at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Punctuality<'a> {
    /// Those that run.
    pub clocks: &'a [RunningClock],
    /// Those that run no more, but for what was given away in time.
    pub ended: Vec<Ended<'a>>,
    /// The overall deadline, before an extension, a suspension or a dispute moved it.
    pub first_deadline: Option<Timestamp>,
    /// The overall clock stood still for a dispute.
    stood: bool,
    /// Since when the overall clock runs or ran.
    pub overall_since: Option<Timestamp>,
    pub extensions: u32,
    pub suspensions: u32,
    /// Microseconds, of suspensions that are over.
    suspended_for: i64,
    suspended_since: Option<Timestamp>,
    pub notices: Vec<Draft<'a>>,
    /// Colours and escalations, oldest first.
    shown: Vec<Shown<'a>>,
}

/// A clock that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended<'a> {
    pub task: Task,
    /// Who had the clue until then; `None`: a desk.
    pub agency: Option<&'a AgencyId>,
    pub in_time: bool,
}

/// How the clue stood just before the event that ended a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Before<'a> {
    pub(super) standing: Standing,
    pub(super) agency: Option<&'a AgencyId>,
    /// By the event somebody else is to do what was to be done.
    pub(super) given_away: bool,
}

/// A step of the ladder that lists show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown<'a> {
    pub(super) rung: &'a Rung,
    pub(super) kind: RungKind,
    pub(super) clock: Step,
    pub(super) due_at: Timestamp,
    pub(super) level: Option<Level>,
}

/// What the ladder drafted, or reminded a desk of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    pub rung: &'a Rung,
    pub kind: RungKind,
    pub due_at: Timestamp,
    /// Whom it is about; `None`: a desk.
    pub agency: Option<&'a AgencyId>,
    pub drafted_at: Timestamp,
    pub issued_at: Option<Timestamp>,
    pub discarded_at: Option<Timestamp>,
}

impl<'a> Condition<'a> {
    /// What the clocks and the ladder say.
    pub(super) fn timed(&mut self, mark: &'a Mark) {
        match &mark.step {
            Marked::Clocks(clocks) => {
                self.punctuality.wind(clocks, mark.at, self.before);
                self.deadline = self.punctuality.deadline().or(self.deadline);
            }
            Marked::Extended => self.punctuality.extensions += 1,
            Marked::Drafted {
                rung,
                kind,
                due_at,
                agency,
            } => self
                .punctuality
                .drafted(rung, *kind, *due_at, agency.as_ref(), mark.at),
            Marked::Issued { rung, due_at } => self.punctuality.issued(rung, *due_at, mark.at),
            Marked::Shown {
                rung,
                kind,
                clock,
                due_at,
                level,
            } => self.punctuality.show(Shown {
                rung,
                kind: *kind,
                clock: *clock,
                due_at: *due_at,
                level: *level,
            }),
            Marked::Discarded { rung, due_at } => self.punctuality.discarded(rung, *due_at, mark.at),
            _ => {}
        }
    }
}

impl<'a> Punctuality<'a> {
    pub(super) const fn new() -> Self {
        Self {
            clocks: &[],
            ended: Vec::new(),
            first_deadline: None,
            stood: false,
            overall_since: None,
            extensions: 0,
            suspensions: 0,
            suspended_for: 0,
            suspended_since: None,
            notices: Vec::new(),
            shown: Vec::new(),
        }
    }

    /// The clocks that ran and run no more have ended at `at`: by the step being done, or because somebody else is to do it. Who gave
    /// a clue away in time did nothing in time, and nothing late.
    pub(super) fn wind(&mut self, clocks: &'a [RunningClock], at: Timestamp, before: Before<'a>) {
        let goes_on = |ended: &RunningClock| {
            let mut now = clocks.iter();
            now.any(|it| it.step == ended.step && it.since == ended.since)
        };
        for clock in self.clocks.iter().filter(|clock| !goes_on(clock)) {
            let in_time = !clock.is_over(at);
            if let Some(task) = Task::of(clock.step, before.standing)
                && !(in_time && before.given_away)
            {
                let agency = before.agency.filter(|_| task.is_of_agency());
                self.ended.push(Ended {
                    task,
                    agency,
                    in_time,
                });
            }
        }
        self.clocks = clocks;
        if let Some(overall) = self.overall() {
            let is_moved = self.stood || (self.extensions, self.suspensions) != (0, 0);
            if self.first_deadline.is_none() || !is_moved {
                self.first_deadline = Some(overall.due_at);
            }
            self.stood |= overall.stands_since.is_some();
            self.overall_since.get_or_insert(overall.since);
        }
    }

    fn overall(&self) -> Option<&'a RunningClock> {
        self.clocks.iter().find(|clock| clock.step == Step::Overall)
    }

    /// Of the overall clock, if it runs.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        self.overall().map(|clock| clock.due_at)
    }

    /// Since when the overall clock stands still.
    pub(super) fn stands_since(&self) -> Option<Timestamp> {
        self.overall()?.stands_since
    }

    /// Up to when time counts at `now` by the overall clock.
    pub(super) fn counted(&self, now: Timestamp) -> Timestamp {
        self.overall().map_or(now, |clock| clock.counted(now))
    }

    /// Whether a due time goes by a calendar that was not published.
    pub fn is_provisional(&self) -> bool {
        self.clocks.iter().any(|clock| clock.provisional)
    }

    pub(super) fn suspended(&mut self, was: Standing, is: Standing, at: Timestamp) {
        if was != Standing::Suspended && is == Standing::Suspended {
            self.suspensions += 1;
            self.suspended_since = Some(at);
        } else if is != Standing::Suspended
            && let Some(since) = self.suspended_since.take()
        {
            self.suspended_for += at.since(since);
        }
    }

    pub const fn is_suspended(&self) -> bool {
        self.suspended_since.is_some()
    }

    /// Microseconds up to `now`, all suspensions together.
    pub fn suspended_for(&self, now: Timestamp) -> i64 {
        let lasting = self.suspended_since.map_or(0, |since| now.since(since).max(0));
        self.suspended_for + lasting
    }

    pub(super) fn show(&mut self, step: Shown<'a>) {
        self.shown.push(step);
    }

    /// The newest of the kind that was reached for a clock that runs, by the due time that it has.
    fn newest(&self, kind: RungKind) -> Option<&Shown<'a>> {
        let holds = |it: &&Shown<'a>| {
            let mut clocks = self.clocks.iter();
            it.kind == kind && clocks.any(|clock| clock.step == it.clock && clock.had(it.due_at))
        };
        self.shown.iter().rev().find(holds)
    }

    pub(super) fn drafted(
        &mut self,
        rung: &'a Rung,
        kind: RungKind,
        due_at: Timestamp,
        agency: Option<&'a AgencyId>,
        drafted_at: Timestamp,
    ) {
        self.notices.push(Draft {
            rung,
            kind,
            due_at,
            agency,
            drafted_at,
            issued_at: None,
            discarded_at: None,
        });
    }

    pub(super) fn issued(&mut self, rung: &Rung, due_at: Timestamp, at: Timestamp) {
        for draft in self.drafts(rung, due_at) {
            draft.issued_at = Some(at);
        }
    }

    pub(super) fn discarded(&mut self, rung: &Rung, due_at: Timestamp, at: Timestamp) {
        for draft in self.drafts(rung, due_at) {
            draft.discarded_at = Some(at);
        }
    }

    fn drafts(&mut self, rung: &Rung, due_at: Timestamp) -> impl Iterator<Item = &mut Draft<'a>> {
        let drafts = self.notices.iter_mut();
        drafts.filter(move |it| it.rung == rung && it.due_at == due_at)
    }

    /// Whether a person can still issue it: of a rung only the newest draft can be.
    fn waits(&self, draft: &Draft<'_>) -> bool {
        let newest = self.notices.iter().rev().find(|it| it.rung == draft.rung);
        let is_settled = draft.issued_at.is_some() || draft.discarded_at.is_some();
        draft.kind.is_drafted() && !is_settled && newest.is_some_and(|newest| newest.due_at == draft.due_at)
    }

    /// Whether the clock that a desk was reminded of still runs for that due time.
    fn runs(&self, draft: &Draft<'_>) -> bool {
        self.clocks.iter().any(|clock| clock.had(draft.due_at))
    }
}

impl<'a> Condition<'a> {
    /// Of an open clue the newest colour (blue, yellow, red): how near its due time is, or how far behind.
    pub fn colour(&self) -> Option<&'a Rung> {
        let newest = self.punctuality.newest(RungKind::Colour)?;
        self.is_open().then_some(newest.rung)
    }

    /// The level that an open clue was shown to last, because it is overdue; within, `None`: of nobody knows which level.
    pub fn escalated_to(&self) -> Option<Option<Level>> {
        let newest = self.punctuality.newest(RungKind::Escalation)?;
        self.is_open().then_some(newest.level)
    }

    /// Whether a clock of the task runs and its time is over at `now`.
    pub fn is_late_with(&self, task: Task, now: Timestamp) -> bool {
        let mut clocks = self.punctuality.clocks.iter();
        clocks.any(|clock| Task::of(clock.step, self.standing) == Some(task) && clock.is_over(now))
    }

    /// Whose clock of the task it is, if it runs; `None`: a desk's.
    pub fn tasked(&self, task: Task) -> Option<&'a AgencyId> {
        self.agency.filter(|_| task.is_of_agency())
    }

    /// Whether a person is to issue the draft; of a reminder, whether the desk still has to do what it was reminded of.
    pub fn waits(&self, draft: &Draft<'_>) -> bool {
        if draft.kind.is_drafted() {
            return self.is_open() && self.punctuality.waits(draft);
        }
        let holder = self.standing.holder();
        holder.is_some_and(|holder| holder != HolderKind::Agency) && self.punctuality.runs(draft)
    }

    /// Whether the clue was over before a person issued or discarded the draft: it is not issued by oversight any more.
    pub fn is_left_over(&self, draft: &Draft<'_>) -> bool {
        !self.is_open() && self.punctuality.waits(draft)
    }
}
