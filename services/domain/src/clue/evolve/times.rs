//! What of an event moves a clue's clocks, and what the ladder did.

use super::super::{Clocks, Clue, Event, ExtensionRequest, Grant, NoticeState, Occurrence, Reached, Stage};
use crate::calendar::{Limit, Pause, Step};
use crate::code::Rung;
use crate::time::Timestamp;

/// Of extensions and the ladder.
pub(super) fn apply(clue: &mut Clue, it: &Occurrence) {
    match &it.event {
        Event::ExtensionRequested { limit } => {
            let (limit, person) = (*limit, it.actor.person.clone());
            clue.timing.extension = Some(ExtensionRequest { limit, person });
        }
        Event::ExtensionGranted { limit } => granted(clue, *limit, it.at),
        Event::ExtensionRefused => clue.timing.extension = None,
        Event::RungReached {
            step,
            rung,
            kind,
            due_at,
            to,
            ..
        } => clue.timing.reached.push(Reached {
            step: *step,
            rung: rung.clone(),
            due_at: *due_at,
            kind: *kind,
            to: kind.is_drafted().then(|| to.clone()),
            notice: kind.notice(),
        }),
        Event::NoticeIssued { rung, due_at, .. } => settled(clue, rung, *due_at, NoticeState::Issued),
        Event::NoticeDiscarded { rung, due_at, .. } => settled(clue, rung, *due_at, NoticeState::Discarded),
        _ => {}
    }
}

/// When it was known here that the clue waits.
pub(super) fn received(it: &Occurrence) -> Timestamp {
    it.at.max(it.received_at)
}

/// Somebody else has to do the next step; what the one before asked for is over.
pub(super) fn at_desk(clue: &mut Clue, since: Timestamp) {
    clue.timing.step_since = since;
    clue.timing.extension = None;
}

fn granted(clue: &mut Clue, limit: Limit, at: Timestamp) {
    clue.timing.extension = None;
    clue.timing.grants.push(Grant { limit, at });
    clue.timing.moved = true;
}

fn settled(clue: &mut Clue, rung: &Rung, due_at: Timestamp, state: NoticeState) {
    let drafts = clue.timing.reached.iter_mut();
    for draft in drafts.filter(|it| it.rung == *rung && it.due_at == due_at) {
        draft.notice = state;
    }
}

/// A suspension ends with the stage, whatever ended that; but it is no pause beyond its planned end, however late that is said.
pub(super) fn resume(clue: &mut Clue, at: Timestamp) {
    if !matches!(clue.stage, Stage::Suspended { .. })
        && let Some(from) = clue.timing.suspended_at.take()
    {
        clue.timing.pauses.push(Pause { from, to: at });
        clue.timing.moved = true;
    }
}

impl Clue {
    /// Sets the clocks; once dispatched, a clue has the deadline of the overall one.
    pub(in crate::clue) fn wind(&mut self, clocks: &Clocks) {
        self.timing.clocks = Some(clocks.clone());
        let overall = self.clock(Step::Overall).map(|clock| clock.due_at);
        self.deadline = overall.or(self.deadline);
    }
}
