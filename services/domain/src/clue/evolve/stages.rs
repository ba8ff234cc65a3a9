//! Where a clue stands after an event, and whose it is.

use super::super::{
    Assignment, CallBack, Clue, Occurrence, Progress, Resolution, ReturnRequest, Said, Stage, Suspension,
    Verified,
};
use super::times::{at_desk, received};
use crate::code::AgencyId;
use crate::time::Timestamp;

/// Held at `progress`, or at the progress that it had.
pub(super) fn held(clue: &mut Clue, progress: Option<Progress>) {
    if let Some((by, was)) = in_hand(clue) {
        clue.stage = Stage::Held {
            by,
            progress: progress.unwrap_or(was),
        };
    }
}

pub(super) fn return_requested(clue: &mut Clue, duty: &str, proposed: &AgencyId, returns: u32) {
    clue.tally.returns = returns;
    if let Some((by, progress)) = in_hand(clue) {
        let request = ReturnRequest {
            duty: duty.to_owned(),
            proposed: proposed.clone(),
        };
        clue.returned_by.push(by.agency.clone());
        clue.stage = Stage::ReturnRequested {
            by,
            progress,
            request,
        };
    }
}

/// Back to how far the agency was.
pub(super) fn return_refused(clue: &mut Clue, at: Timestamp) {
    if let Stage::ReturnRequested { request, .. } = &clue.stage {
        clue.refused_return = Some(request.clone());
    }
    kept(clue, at);
}

/// It has to be signed for from now on, if it was not.
pub(super) fn kept(clue: &mut Clue, at: Timestamp) {
    held(clue, None);
    clue.timing.step_since = at;
}

pub(super) fn suspended(clue: &mut Clue, suspension: &Suspension, at: Timestamp) {
    if let Some((by, progress)) = in_hand(clue) {
        clue.timing.suspended_at = Some(at);
        clue.timing.moved = true;
        clue.stage = Stage::Suspended {
            by,
            progress,
            suspension: suspension.clone(),
        };
    }
}

/// The assignment and progress of a clue that an agency has in hand.
pub(super) fn in_hand(clue: &Clue) -> Option<(Assignment, Progress)> {
    match &clue.stage {
        Stage::Held { by, progress }
        | Stage::ReturnRequested { by, progress, .. }
        | Stage::Suspended { by, progress, .. } => Some((by.clone(), *progress)),
        Stage::Reported
        | Stage::Rejected { .. }
        | Stage::Admitted
        | Stage::Triage { .. }
        | Stage::Coordination { .. }
        | Stage::Resolved { .. }
        | Stage::Closed { .. }
        | Stage::Voided { .. } => None,
    }
}

pub(super) fn resolved(clue: &mut Clue, resolution: &Resolution, handler: Option<&String>) {
    if let Some(by) = clue.assignment().cloned() {
        let (resolution, handler) = (resolution.clone(), handler.cloned());
        clue.tally.call_back_attempts = 0;
        clue.stage = Stage::Resolved {
            by,
            resolution,
            handler,
            verified: Verified::default(),
        };
    }
}

pub(super) fn verify(clue: &mut Clue, confirm: impl FnOnce(&mut Verified)) {
    if let Stage::Resolved { verified, .. } = &mut clue.stage {
        confirm(verified);
    }
}

/// Back to the agency for a second handling (返工).
pub(super) fn rework(clue: &mut Clue, at: Timestamp) {
    clue.timing.handle_since = Some(at);
    clue.tally.reworks = clue.tally.reworks.saturating_add(1);
    if let Some(by) = clue.assignment().cloned() {
        clue.stage = Stage::Held {
            by,
            progress: Progress::Handling,
        };
    }
}

pub(super) fn called_back(clue: &mut Clue, result: CallBack, attempt: u32, at: Timestamp) {
    match result {
        CallBack::Satisfied | CallBack::NotApplicable => verify(clue, |verified| verified.called_back = true),
        CallBack::Unreachable => clue.tally.call_back_attempts = attempt,
        CallBack::NotDone => rework(clue, at),
    }
}

pub(super) fn closed(clue: &mut Clue, resolution: &Resolution, at: Timestamp) {
    let (by, resolution) = (clue.assignment().cloned(), resolution.clone());
    over(clue, Stage::Closed { by, resolution, at });
}

pub(super) fn reopened(clue: &mut Clue, it: &Occurrence) {
    clue.timing.step_since = it.at;
    clue.timing.handle_since = clue.timing.handle_since.map(|_| it.at);
    clue.tally.reopened = clue.tally.reopened.saturating_add(1);
    let links = clue.links.iter_mut().filter_map(|link| link.said.as_mut());
    let first = clue.source_record.as_mut().map(|source| &mut source.said);
    links.chain(first).for_each(Said::follow);
    match clue.assignment().cloned() {
        Some(by) => {
            clue.stage = Stage::Held {
                by,
                progress: Progress::Handling,
            }
        }
        None => routed_since(clue, it.version),
    }
}

/// Until when the clue is suspended, if it is.
pub(super) fn planned_end(clue: &Clue) -> Option<Timestamp> {
    match &clue.stage {
        Stage::Suspended { suspension, .. } => Some(suspension.until),
        _ => None,
    }
}

/// The end, for now: nothing waits any more.
fn over(clue: &mut Clue, stage: Stage) {
    clue.timing.extension = None;
    clue.pending_history = None;
    clue.dispute = None;
    clue.stage = stage;
}

/// What waited for the dispatch is over with it: the events that follow say what became of the clue.
pub(super) fn dispatched(clue: &mut Clue, by: Assignment, deadline: Option<Timestamp>, it: &Occurrence) {
    let at = it.at;
    clue.timing.overall_since.get_or_insert(at);
    clue.timing.handle_since = Some(at);
    at_desk(clue, at);
    clue.pending_history = None;
    clue.deadline = clue.deadline.or(deadline);
    clue.first_agency.get_or_insert_with(|| by.agency.clone());
    clue.designated = false;
    got(clue, it);
    clue.stage = Stage::Held {
        by,
        progress: Progress::Dispatched,
    };
}

/// What the agency before said of its duty is over. An agency can only say that a clue is not its duty once it is known here that it
/// has it.
fn got(clue: &mut Clue, it: &Occurrence) {
    clue.held_since = received(it);
    clue.refused_return = None;
}

pub(super) fn delegated(clue: &mut Clue, to: &AgencyId, it: &Occurrence) {
    if let Some(mut by) = clue.assignment().cloned() {
        clue.timing.step_since = it.at;
        got(clue, it);
        by.agency = to.clone();
        clue.stage = Stage::Held {
            by,
            progress: Progress::Dispatched,
        };
    }
}

/// Whoever asks again does not start the desk's clock again.
pub(super) fn held_for_triage(clue: &mut Clue, reason: &str, at: Timestamp) {
    let lay_there = matches!(clue.stage, Stage::Triage { .. });
    clue.stage = Stage::Triage {
        reason: reason.to_owned(),
    };
    if !lay_there {
        at_desk(clue, at);
    }
}

/// From here on the clue is as routing must see it.
pub(super) fn routed_since(clue: &mut Clue, version: u32) {
    clue.routed_since = version;
    clue.stage = Stage::Admitted;
}

/// The other agency starts alone: who stood beside the first one did so by the first one's duty.
pub(super) fn transferred(clue: &mut Clue, from: Option<&AgencyId>, to: &AgencyId, it: &Occurrence) {
    if from.is_some() {
        clue.tally.transfers = clue.tally.transfers.saturating_add(1);
    }
    let deadline = clue.source_due_at;
    dispatched(clue, alone(to), deadline, it);
}

fn alone(agency: &AgencyId) -> Assignment {
    Assignment {
        agency: agency.clone(),
        penalty: None,
        assisting: Vec::new(),
    }
}

pub(super) fn rejected(clue: &mut Clue, reason: &str) {
    let reason = reason.to_owned();
    over(clue, Stage::Rejected { reason });
}

pub(super) fn voided(clue: &mut Clue, reason: &str) {
    let reason = reason.to_owned();
    over(clue, Stage::Voided { reason });
}
