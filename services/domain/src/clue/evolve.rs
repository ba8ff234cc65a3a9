//! Folds events into state. Total: it never validates and never panics, it only records what happened. An event that does not
//! fit the stage changes nothing but what it says about itself.

mod times;

use std::mem;

use self::times::{at_desk, received, resume};
use super::report::attachment;
use super::{
    Assignment, CallBack, Clue, Codes, Deletion, Discrepancy, Event, Field, History, Occurrence, Progress,
    Repeat, Report, Resolution, ReturnRequest, Said, SourceRecord, SourceStatus, Stage, State, Suspension,
    Tally, Timing, Verified,
};
use crate::code::AgencyId;
use crate::digest::Digest;
use crate::time::Timestamp;

/// The state after `occurrence`.
pub fn evolve(state: &mut State, occurrence: &Occurrence) {
    state.version = occurrence.version;
    state.last_at = occurrence.at;
    state.handle(occurrence.command, occurrence.actor.role);
    match (&occurrence.event, &state.clue) {
        (Event::ClueReported { .. }, _) => state.removed = None,
        (Event::UnknownDeleted(deletion), None) => removed(state, deletion),
        _ => {}
    }
    follow(&mut state.clue, occurrence);
    if let (Some(clue), Some(clocks)) = (&mut state.clue, &occurrence.clocks) {
        clue.wind(clocks);
    }
}

/// The clue after `occurrence`, but for its clocks.
pub(super) fn follow(clue: &mut Option<Clue>, occurrence: &Occurrence) {
    if let Event::ClueReported { report, .. } = &occurrence.event {
        *clue = Some(reported(report, occurrence));
    } else if let Some(clue) = clue {
        let was = mem::take(&mut clue.timing.moved);
        let planned = planned_end(clue);
        apply(clue, occurrence);
        // who is told of a refusal moves nothing
        clue.timing.moved |= was && matches!(occurrence.event, Event::CommandRejected { .. });
        resume(
            clue,
            planned.map_or(occurrence.at, |planned| occurrence.at.min(planned)),
        );
    }
}

/// The newest removal counts, of whichever record of the clue.
fn removed(state: &mut State, deletion: &Deletion) {
    let known = state.removed.as_ref().and_then(|known| known.snapshot.version);
    if known.is_none() || deletion.snapshot.version > known {
        state.removed = Some(Box::new(deletion.clone()));
    }
}

/// One arm an event; what takes more than a line is below.
fn apply(clue: &mut Clue, it: &Occurrence) {
    match &it.event {
        Event::ClueReported { .. }
        | Event::UnknownDeleted(_)
        | Event::CommandRejected { .. }
        | Event::ReturnApproved
        | Event::DeadlineRevised => {}
        Event::ReportRepeated {
            repeat,
            digest,
            history: past,
            version,
        } => {
            repeated(clue, *repeat, *digest, past.as_ref());
            if let Some(source) = &mut clue.source_record {
                source.version = source.version.max(*version);
                source.said.hear();
            }
        }
        Event::SourceUpdated {
            report, corrected, ..
        } => updated(clue, report, corrected),
        Event::ClueLinked { report } => clue.linked(report),
        Event::LinkRepeated {
            source,
            source_id,
            repeat,
            version,
        } => clue.link_repeated((source, source_id), *repeat, *version),
        Event::SourceDeleted(deletion) => {
            let here = clue.here();
            record_of(clue).delete(deletion.snapshot.version, here);
        }
        Event::SourceMissing { .. } => record_of(clue).said.miss(),
        Event::ClueAdmitted => {
            routed_since(clue, it.version);
            clue.timing.step_since = clue.timing.step_since.max(received(it));
        }
        Event::ClueRejected { reason } => over(
            clue,
            Stage::Rejected {
                reason: reason.clone(),
            },
        ),
        Event::ClueCorrected(codes) => {
            recoded(clue, codes);
            routed_since(clue, it.version);
            clue.timing.step_since = it.at;
        }
        Event::ClueRecoded(codes) => recoded(clue, codes),
        Event::WithdrawalConfirmed => {
            if let Some(source) = &mut clue.source_record {
                source.confirmed_by = Some(it.actor.clone());
            }
        }
        Event::DiscrepancySettled { discrepancy, .. } => settled(clue, *discrepancy),
        Event::ClueHeldForTriage { decision } => held_for_triage(clue, &decision.reason, it.at),
        Event::ClueOffered { .. } => clue.routed_since = it.version,
        Event::ClueHeldForCoordination { level, .. } => {
            clue.stage = Stage::Coordination { level: *level };
            at_desk(clue, it.at);
        }
        Event::ClueAssigned {
            assignment, deadline, ..
        } => dispatched(clue, assignment.clone(), *deadline, it.at),
        Event::ClueDelegated { to, .. } => delegated(clue, to, it.at),
        Event::ClueAcknowledged => held(clue, Some(Progress::Acknowledged)),
        Event::ReturnRequested {
            duty,
            proposed,
            returns,
        } => return_requested(clue, duty, proposed, *returns),
        Event::ReturnRefused => {
            held(clue, None);
            // it has to be signed for from now on, if it was not
            clue.timing.step_since = it.at;
        }
        Event::ClueResumed => held(clue, None),
        Event::ClueTransferred { from, to, .. } => transferred(clue, from.as_ref(), to, it.at),
        Event::HandlingStarted => held(clue, Some(Progress::Handling)),
        Event::ClueSuspended { suspension } => suspended(clue, suspension, it.at),
        Event::ExtensionRequested { .. }
        | Event::ExtensionGranted { .. }
        | Event::ExtensionRefused
        | Event::RungReached { .. }
        | Event::NoticeIssued { .. }
        | Event::NoticeDiscarded { .. } => times::apply(clue, it),
        Event::ClueResolved { resolution } => {
            resolved(clue, resolution, it.actor.person.as_ref());
            at_desk(clue, it.at);
        }
        Event::CheckPassed => verify(clue, |verified| verified.checked = true),
        Event::CheckFailed => rework(clue, it.at),
        Event::CallBackRecorded { result, attempt } => called_back(clue, *result, *attempt, it.at),
        Event::ClueClosed { resolution, .. } => closed(clue, resolution, it.at),
        Event::ClueReopened => reopened(clue, it),
        Event::ClueVoided { reason } => voided(clue, reason),
    }
}

fn voided(clue: &mut Clue, reason: &str) {
    let reason = reason.to_owned();
    over(clue, Stage::Voided { reason });
}

fn reported(report: &Report, it: &Occurrence) -> Clue {
    let id = it.clue;
    Clue {
        id,
        source: report.source.clone(),
        source_id: report.source_id.clone(),
        links: Vec::new(),
        matter: report.matter.clone(),
        area: report.area.clone(),
        severity: report.severity.clone(),
        reported_at: report.reported_at,
        source_due_at: report.source_due_at,
        digest: report.digest,
        attachments: report.attachments.iter().map(|it| attachment(it)).collect(),
        source_record: source_record(report),
        routed_since: 0,
        pending_history: report.history.clone().filter(|history| history.route),
        first_agency: None,
        returned_by: Vec::new(),
        deadline: None,
        timing: Timing {
            // what lives in the past there is dispatched there
            step_since: report.history.as_ref().map_or_else(|| received(it), |_| it.at),
            imported: report.history.is_some(),
            ..Timing::default()
        },
        tally: Tally::default(),
        stage: Stage::Reported,
    }
}

fn repeated(clue: &mut Clue, repeat: Repeat, digest: Digest, history: Option<&History>) {
    match repeat {
        Repeat::Unchanged | Repeat::Stale => {}
        Repeat::Updated => {
            clue.digest = digest;
            if history.is_some() {
                clue.pending_history = history.cloned();
            }
        }
    }
}

/// From here on the clue is as routing must see it.
fn routed_since(clue: &mut Clue, version: u32) {
    clue.routed_since = version;
    clue.stage = Stage::Admitted;
}

fn recoded(clue: &mut Clue, codes: &Codes) {
    clue.matter = codes.matter_after(clue.matter.as_ref()).cloned();
    clue.area = codes.area_after(clue.area.as_ref()).cloned();
    clue.severity = codes.severity_after(clue.severity.as_ref()).cloned();
}

/// The record as its source has it now.
fn updated(clue: &mut Clue, report: &Report, corrected: &[Field]) {
    clue.digest = report.digest;
    clue.timing.moved |= clue.source_due_at != report.source_due_at;
    clue.source_due_at = report.source_due_at;
    // of the attachments the event has those that are new
    clue.attachments
        .extend(report.attachments.iter().map(|it| attachment(it)));
    let Some(mut record) = source_record(report) else {
        return;
    };
    let said = (record.said.status, record.said.status_at);
    if let Some(last) = clue.source_record.take() {
        record.version = record.version.max(last.version);
        record.confirmed_by = last.confirmed_by.filter(|_| last.said.status == said.0);
        record.said = last.said;
    }
    record.said.update(said, corrected.to_vec(), clue.here());
    clue.source_record = Some(record);
}

fn source_record(report: &Report) -> Option<SourceRecord> {
    let snapshot = report.snapshot.as_ref()?;
    Some(SourceRecord {
        version: snapshot.version,
        digest: report.digest,
        said: Said::new(snapshot.status.unwrap_or(SourceStatus::Open), snapshot.status_at),
        matter: report.matter.clone(),
        area: report.area.clone(),
        severity: report.severity.clone(),
        prints: snapshot.prints.clone(),
        confirmed_by: None,
    })
}

/// What is known of the source's record, also where the clue came in another mode.
fn record_of(clue: &mut Clue) -> &mut SourceRecord {
    let unversioned = SourceRecord::unversioned(clue);
    clue.source_record.get_or_insert(unversioned)
}

fn settled(clue: &mut Clue, discrepancy: Discrepancy) {
    let here = clue.here();
    let said = clue.links.iter_mut().filter_map(|link| link.said.as_mut());
    said.for_each(|said| said.settle_standing(discrepancy, here));
    if let Some(source) = &mut clue.source_record {
        source.said.settle(discrepancy);
        if discrepancy == Discrepancy::SourceWithdrawn {
            source.confirmed_by = None;
        }
    }
}

/// Whoever asks again does not start the desk's clock again.
fn held_for_triage(clue: &mut Clue, reason: &str, at: Timestamp) {
    let lay_there = matches!(clue.stage, Stage::Triage { .. });
    clue.stage = Stage::Triage {
        reason: reason.to_owned(),
    };
    if !lay_there {
        at_desk(clue, at);
    }
}

/// What waited for the dispatch is over with it: the events that follow say what became of the clue.
fn dispatched(clue: &mut Clue, by: Assignment, deadline: Option<Timestamp>, at: Timestamp) {
    clue.timing.overall_since.get_or_insert(at);
    clue.timing.handle_since = Some(at);
    at_desk(clue, at);
    clue.pending_history = None;
    clue.deadline = clue.deadline.or(deadline);
    clue.first_agency.get_or_insert_with(|| by.agency.clone());
    clue.stage = Stage::Held {
        by,
        progress: Progress::Dispatched,
    };
}

fn delegated(clue: &mut Clue, to: &AgencyId, at: Timestamp) {
    if let Some(mut by) = clue.assignment().cloned() {
        clue.timing.step_since = at;
        by.agency = to.clone();
        clue.stage = Stage::Held {
            by,
            progress: Progress::Dispatched,
        };
    }
}

/// The other agency starts alone: who stood beside the first one did so by the first one's duty.
fn transferred(clue: &mut Clue, from: Option<&AgencyId>, to: &AgencyId, at: Timestamp) {
    if from.is_some() {
        clue.tally.transfers = clue.tally.transfers.saturating_add(1);
    }
    let deadline = clue.source_due_at;
    dispatched(
        clue,
        Assignment {
            agency: to.clone(),
            penalty: None,
            assisting: Vec::new(),
        },
        deadline,
        at,
    );
}

/// Held at `progress`, or at the progress that it had.
fn held(clue: &mut Clue, progress: Option<Progress>) {
    if let Some((by, was)) = in_hand(clue) {
        clue.stage = Stage::Held {
            by,
            progress: progress.unwrap_or(was),
        };
    }
}

fn return_requested(clue: &mut Clue, duty: &str, proposed: &AgencyId, returns: u32) {
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

fn suspended(clue: &mut Clue, suspension: &Suspension, at: Timestamp) {
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
fn in_hand(clue: &Clue) -> Option<(Assignment, Progress)> {
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

fn resolved(clue: &mut Clue, resolution: &Resolution, handler: Option<&String>) {
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

fn verify(clue: &mut Clue, confirm: impl FnOnce(&mut Verified)) {
    if let Stage::Resolved { verified, .. } = &mut clue.stage {
        confirm(verified);
    }
}

/// Back to the agency for a second handling (返工).
fn rework(clue: &mut Clue, at: Timestamp) {
    clue.timing.handle_since = Some(at);
    clue.tally.reworks = clue.tally.reworks.saturating_add(1);
    if let Some(by) = clue.assignment().cloned() {
        clue.stage = Stage::Held {
            by,
            progress: Progress::Handling,
        };
    }
}

fn called_back(clue: &mut Clue, result: CallBack, attempt: u32, at: Timestamp) {
    match result {
        CallBack::Satisfied | CallBack::NotApplicable => verify(clue, |verified| verified.called_back = true),
        CallBack::Unreachable => clue.tally.call_back_attempts = attempt,
        CallBack::NotDone => rework(clue, at),
    }
}

fn closed(clue: &mut Clue, resolution: &Resolution, at: Timestamp) {
    let (by, resolution) = (clue.assignment().cloned(), resolution.clone());
    over(clue, Stage::Closed { by, resolution, at });
}

fn reopened(clue: &mut Clue, it: &Occurrence) {
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
fn planned_end(clue: &Clue) -> Option<Timestamp> {
    match &clue.stage {
        Stage::Suspended { suspension, .. } => Some(suspension.until),
        _ => None,
    }
}

/// The end, for now: nothing waits any more.
fn over(clue: &mut Clue, stage: Stage) {
    clue.timing.extension = None;
    clue.pending_history = None;
    clue.stage = stage;
}
