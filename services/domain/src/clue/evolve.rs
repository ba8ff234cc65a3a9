//! Folds events into state. Total: it never validates and never panics, it only records what happened. An event that does not
//! fit the stage changes nothing but what it says about itself.

mod disputes;
mod stages;
mod tasks;
mod times;

use std::mem;

use self::stages::{
    called_back, closed, delegated, dispatched, held, held_for_triage, planned_end, rejected, reopened,
    resolved, return_refused, return_requested, rework, routed_since, suspended, transferred, verify, voided,
};
use self::times::{at_desk, received, resume};
use super::report::attachment;
use super::{
    Clue, Codes, Deletion, Discrepancy, Event, Field, History, Occurrence, Progress, Repeat, Report, Said,
    SourceRecord, SourceStatus, Stage, State, Tally, Timing,
};
use crate::digest::Digest;

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
        tasks::settle(clue, occurrence.at);
        disputes::settle(clue, occurrence.at);
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
            log,
        } => {
            repeated(clue, *repeat, *digest, past.as_ref());
            if log.is_some() && *repeat != Repeat::Stale {
                clue.heed_row(*digest);
            }
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
        Event::ClueRejected { reason } => rejected(clue, reason),
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
        } => dispatched(clue, assignment.clone(), *deadline, it),
        Event::ClueDelegated { to, .. } => delegated(clue, to, it),
        Event::ClueAcknowledged => held(clue, Some(Progress::Acknowledged)),
        Event::ReturnRequested {
            duty,
            proposed,
            returns,
        } => return_requested(clue, duty, proposed, *returns),
        Event::ReturnRefused => return_refused(clue, it.at),
        Event::ClueResumed => held(clue, None),
        Event::ClueTransferred { from, to, .. } => transferred(clue, from.as_ref(), to, it),
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
        Event::ClueReopened { .. } => reopened(clue, it),
        Event::ClueVoided { reason } => voided(clue, reason),
        Event::ClueDisputed { .. }
        | Event::ClueHeldForDispute { .. }
        | Event::ClueDesignated { .. }
        | Event::ClueReleasedFromDispute { .. } => disputes::apply(clue, it),
        Event::Task(event) => tasks::apply(clue, it, event),
        Event::CampaignTagged { campaign } => clue.campaign = Some(campaign.clone()),
        Event::CampaignUntagged => clue.campaign = None,
    }
}

fn reported(report: &Report, it: &Occurrence) -> Clue {
    let id = it.clue;
    let imported = report.history.is_some() || report.log.is_some();
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
        log: report.log.iter().map(|_| report.digest.short()).collect(),
        routed_since: 0,
        pending_history: report.history.clone().filter(|history| history.route),
        first_agency: None,
        returned_by: Vec::new(),
        held_since: it.at,
        designated: false,
        refused_return: None,
        dispute: None,
        tasks: Vec::new(),
        campaign: None,
        deadline: None,
        timing: Timing {
            // what lives in the past there is dispatched there
            step_since: if imported { it.at } else { received(it) },
            imported,
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
