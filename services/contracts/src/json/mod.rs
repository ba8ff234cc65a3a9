//! Events in JSON, for the API, for `bihuan explain` and for webhooks. Written out by hand: the names are a contract with people
//! outside, what serde makes of the domain's types is not.

mod dispute;
mod dispute_event;
mod parts;
mod task;

use bihuan_domain::clue::{Event, Occurrence};
use serde_json::{Value, json};

pub use dispute::{dispute_to_json, forum_to_json};
pub use dispute_event::dispute_occurrence_to_json;

use dispute::{interim, opening};
use parts::{
    actor, assignment, clocks, decision, deletion, fields, history, log, recipient, report, resolution, time,
    word,
};
use task::task;

/// `{"clue", "version", "at", "received_at", "type", "command", "causation", "actor", "text", "clocks", "data"}`; times are RFC 3339 in
/// UTC, digests hexadecimal, what is absent is null. `clocks`: as they stand since, where that is otherwise than before.
pub fn occurrence_to_json(occurrence: &Occurrence) -> Value {
    json!({
        "clue": occurrence.clue,
        "version": occurrence.version,
        "at": time(occurrence.at),
        "received_at": time(occurrence.received_at),
        "type": occurrence.event.name(),
        "command": occurrence.command,
        "causation": occurrence.causation,
        "actor": actor(&occurrence.actor),
        "text": occurrence.text.map(|digest| digest.to_string()),
        "clocks": occurrence.clocks.as_ref().map(clocks),
        "data": event_to_json(&occurrence.event),
    })
}

/// What is particular to the type of the event: the `data` of [`occurrence_to_json`].
#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub fn event_to_json(event: &Event) -> Value {
    match event {
        Event::ClueReported { number, report: it } => json!({"number": number, "report": report(it)}),
        Event::ReportRepeated {
            repeat,
            digest,
            history: it,
            version,
            log: row,
        } => json!({
            "repeat": word(repeat),
            "digest": digest.to_string(),
            "history": it.as_ref().map(history),
            "source_version": version.map(|version| version.to_string()),
            "log": row.as_ref().map(log),
        }),
        Event::SourceUpdated {
            report: it,
            changed,
            same_version,
            corrected,
        } => json!({
            "report": report(it),
            "changed": fields(changed),
            "same_version": same_version,
            "corrected": fields(corrected),
        }),
        Event::ClueLinked { report: it } => json!({"report": report(it)}),
        Event::LinkRepeated {
            source,
            source_id,
            repeat,
            version,
        } => json!({
            "source": source,
            "source_id": source_id,
            "repeat": word(repeat),
            "source_version": version.map(|version| version.to_string()),
        }),
        Event::SourceDeleted(it) | Event::UnknownDeleted(it) => deletion(it),
        Event::SourceMissing { file } => json!({"file": file.to_string()}),
        Event::ClueRejected { reason } | Event::ClueVoided { reason } => json!({"reason": reason}),
        Event::ClueCorrected(it) | Event::ClueRecoded(it) => json!({
            "matter": it.matter,
            "area": it.area,
            "severity": it.severity,
            "cleared": fields(&it.cleared),
        }),
        Event::DiscrepancySettled {
            discrepancy,
            accepted,
        } => {
            json!({"discrepancy": discrepancy.as_str(), "accepted": accepted})
        }
        Event::ClueHeldForTriage { decision: it } => json!({"decision": decision(it)}),
        Event::ClueOffered { rulebook } => json!({"rulebook": rulebook}),
        Event::ClueHeldForCoordination { level, returns } => {
            json!({"level": level.as_str(), "returns": returns})
        }
        Event::ClueAssigned {
            assignment: by,
            decision: it,
            deadline,
            recorded,
        } => json!({
            "assignment": assignment(by),
            "decision": decision(it),
            "deadline": deadline.map(time),
            "recorded": recorded,
        }),
        Event::ClueDelegated { from, to } => json!({"from": from, "to": to}),
        Event::ReturnRequested {
            duty,
            proposed,
            returns,
        } => {
            json!({"duty": duty, "proposed": proposed, "returns": returns})
        }
        Event::ClueTransferred {
            from,
            to,
            basis,
            recorded,
        } => {
            json!({"from": from, "to": to, "basis": basis, "recorded": recorded})
        }
        Event::ClueSuspended { suspension } => json!({
            "reason": suspension.reason,
            "approver": suspension.approver,
            "until": time(suspension.until),
        }),
        Event::ExtensionRequested { limit } | Event::ExtensionGranted { limit } => {
            json!({"limit": limit.to_string()})
        }
        Event::RungReached {
            step,
            rung,
            kind,
            due_at,
            late,
            to,
        } => json!({
            "step": step.as_str(),
            "rung": rung,
            "kind": kind.as_str(),
            "due_at": time(*due_at),
            "late": late,
            "to": recipient(to),
        }),
        Event::NoticeIssued {
            rung,
            kind,
            due_at,
            to,
        }
        | Event::NoticeDiscarded {
            rung,
            kind,
            due_at,
            to,
        } => json!({
            "rung": rung,
            "kind": kind.as_str(),
            "due_at": time(*due_at),
            "to": recipient(to),
        }),
        Event::ClueResolved { resolution: it } => json!({"resolution": resolution(it)}),
        Event::CallBackRecorded { result, attempt } => json!({"result": result.as_str(), "attempt": attempt}),
        Event::ClueClosed {
            resolution: it,
            class,
            recorded,
        } => {
            json!({"resolution": resolution(it), "class": class.as_str(), "recorded": recorded})
        }
        Event::ClueReopened { recorded } => json!({"recorded": recorded}),
        Event::ClueDisputed {
            dispute,
            opening: it,
            interim: holder,
            level,
        } => json!({
            "dispute": dispute,
            "opening": opening(it),
            "interim": interim(holder),
            "level": level.as_str(),
        }),
        Event::ClueHeldForDispute {
            dispute,
            interim: holder,
            level,
        } => json!({"dispute": dispute, "interim": interim(holder), "level": level.as_str()}),
        Event::ClueDesignated {
            dispute,
            assignment: to,
            basis,
            by,
        } => json!({
            "dispute": dispute,
            "assignment": assignment(to),
            "basis": basis,
            "by": by.as_str(),
        }),
        Event::ClueReleasedFromDispute { dispute } => json!({"dispute": dispute}),
        Event::Task(it) => task(it),
        Event::CampaignTagged { campaign } => json!({"campaign": campaign}),
        Event::CommandRejected { command, rejection } => json!({
            "command": command,
            "code": rejection.code,
            "field": rejection.field,
            "stage": rejection.stage,
        }),
        Event::ClueAdmitted
        | Event::ClueAcknowledged
        | Event::ReturnApproved
        | Event::ReturnRefused
        | Event::HandlingStarted
        | Event::ClueResumed
        | Event::ExtensionRefused
        | Event::DeadlineRevised
        | Event::CampaignUntagged
        | Event::CheckPassed
        | Event::CheckFailed
        | Event::WithdrawalConfirmed => json!({}),
    }
}
