//! How a clue kept its times: which clocks run, which ended in time, how long it was suspended, what the ladder drafted.

use super::{Condition, HolderKind, RunningClock, Standing};
use crate::calendar::Step;
use crate::clue::RungKind;
use crate::code::{AgencyId, Rung};
use crate::time::Timestamp;

/// Of a clue at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Punctuality<'a> {
    /// Those that run.
    pub clocks: &'a [RunningClock],
    /// By step: how many clocks ended in time, and how many later.
    ended: [(u32, u32); Step::ALL.len()],
    /// The overall deadline, before an extension or a suspension moved it.
    pub first_deadline: Option<Timestamp>,
    /// Since when the overall clock runs or ran.
    pub overall_since: Option<Timestamp>,
    pub extensions: u32,
    pub suspensions: u32,
    /// Microseconds, of suspensions that are over.
    suspended_for: i64,
    suspended_since: Option<Timestamp>,
    pub notices: Vec<Draft<'a>>,
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

impl<'a> Punctuality<'a> {
    pub(super) const fn new() -> Self {
        Self {
            clocks: &[],
            ended: [(0, 0); Step::ALL.len()],
            first_deadline: None,
            overall_since: None,
            extensions: 0,
            suspensions: 0,
            suspended_for: 0,
            suspended_since: None,
            notices: Vec::new(),
        }
    }

    /// The clocks that ran and run no more have ended at `at`: by the step being done, or because somebody else is to do it. Who gave
    /// a clue away in time did nothing in time, and nothing late.
    pub(super) fn wind(&mut self, clocks: &'a [RunningClock], at: Timestamp, given_away: bool) {
        let goes_on = |ended: &RunningClock| {
            let mut now = clocks.iter();
            now.any(|it| it.step == ended.step && it.since == ended.since)
        };
        for ended in self.clocks.iter().filter(|clock| !goes_on(clock)) {
            let (in_time, late) = &mut self.ended[ended.step as usize];
            if at <= ended.due_at {
                *in_time += u32::from(!given_away);
            } else {
                *late += 1;
            }
        }
        self.clocks = clocks;
        if let Some(overall) = clocks.iter().find(|clock| clock.step == Step::Overall) {
            if self.first_deadline.is_none() || (self.extensions, self.suspensions) == (0, 0) {
                self.first_deadline = Some(overall.due_at);
            }
            self.overall_since.get_or_insert(overall.since);
        }
    }

    /// Of the overall clock, if it runs.
    pub(super) fn deadline(&self) -> Option<Timestamp> {
        let overall = self.clocks.iter().find(|clock| clock.step == Step::Overall);
        overall.map(|clock| clock.due_at)
    }

    /// How many clocks of the step ended in time, and how many later.
    pub const fn ended(&self, step: Step) -> (u32, u32) {
        self.ended[step as usize]
    }

    /// Whether the clock of the step runs and its time is over at `now`.
    pub fn is_overdue(&self, step: Step, now: Timestamp) -> bool {
        self.clocks
            .iter()
            .any(|clock| clock.step == step && clock.due_at < now)
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
        self.clocks.iter().any(|clock| clock.due_at == draft.due_at)
    }
}

impl Condition<'_> {
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
