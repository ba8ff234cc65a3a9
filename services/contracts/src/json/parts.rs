//! The parts of events in JSON.

use bihuan_domain::clue::{
    Actor, Assignment, Clocks, Deletion, Evidence, Field, History, Location, LogRow, LogStep, Origin,
    Recipient, Report, Resolution, RoutingDecision, Running, Snapshot, SourceStatus,
};
use bihuan_domain::code::Level;
use bihuan_domain::geo::to_wgs84;
use bihuan_domain::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

pub(super) fn time(at: Timestamp) -> String {
    at.to_string()
}

/// An enumeration without data, by the word that the domain gives it.
pub(super) fn word(word: &impl Serialize) -> Value {
    serde_json::to_value(word).unwrap_or_default()
}

pub(super) fn fields(fields: &[Field]) -> Vec<&'static str> {
    fields.iter().map(|field| field.as_str()).collect()
}

pub(super) fn clocks(clocks: &Clocks) -> Value {
    let clock = |clock: &Running| {
        json!({
            "step": clock.step.as_str(),
            "since": time(clock.since),
            "due_at": time(clock.due_at),
            "own_due_at": clock.own_due_at.map(time),
            "limit": clock.limit.map(|limit| limit.to_string()),
            "row": clock.row,
            "provisional": clock.provisional,
            "silent": clock.silent,
            "calendar_by": clock.calendar_by,
            "calendar": clock.calendar,
            "stands_since": clock.stands_since.map(time),
        })
    };
    json!({
        "limits_by": clocks.limits_by,
        "calendar_by": clocks.calendar_by,
        "calendar": clocks.calendar,
        "running": clocks.running.iter().map(clock).collect::<Vec<_>>(),
        "next_rung": clocks.next_rung.map(time),
    })
}

pub(super) fn recipient(to: &Recipient) -> Value {
    json!({"agency": to.agency, "level": to.level.map(Level::as_str), "area": to.area})
}

pub(super) fn actor(actor: &Actor) -> Value {
    json!({"role": actor.role.as_str(), "agency": actor.agency, "person": actor.person})
}

pub(super) fn assignment(assignment: &Assignment) -> Value {
    json!({"agency": assignment.agency, "penalty": assignment.penalty, "assisting": assignment.assisting})
}

pub(super) fn decision(decision: &RoutingDecision) -> Value {
    json!({"rulebook": decision.rulebook, "row": decision.row, "reason": decision.reason})
}

pub(super) fn resolution(resolution: &Resolution) -> Value {
    let measures: Vec<_> = resolution
        .measures
        .iter()
        .map(|measure| measure.as_str())
        .collect();
    let evidence: Vec<_> = resolution.evidence.iter().map(evidence).collect();
    json!({
        "conclusion": resolution.conclusion.as_str(),
        "measures": measures,
        "evidence": evidence,
        "substantiated": resolution.substantiated,
        "matter": resolution.matter,
        "legal_basis": resolution.legal_basis,
        "document_number": resolution.document_number,
    })
}

fn evidence(evidence: &Evidence) -> Value {
    json!({
        "kind": evidence.kind.as_str(),
        "uri": evidence.uri,
        "digest": evidence.digest.map(|digest| digest.to_string()),
    })
}

pub(super) fn history(history: &History) -> Value {
    json!({
        "agency": history.agency,
        "closed_at": history.closed_at.map(time),
        "conclusion": history.conclusion.as_str(),
        "route": history.route,
    })
}

pub(super) fn log(row: &LogRow) -> Value {
    json!({
        "at": time(row.at),
        "agency": row.agency,
        "step": row.step.map(LogStep::as_str),
    })
}

fn snapshot(snapshot: &Snapshot) -> Value {
    json!({
        "version": snapshot.version.map(|version| version.to_string()),
        "status": snapshot.status.map(SourceStatus::as_str),
        "changed_at": time(snapshot.changed_at),
        "basis": snapshot.basis.as_str(),
        "agency": snapshot.agency,
        "conclusion": snapshot.conclusion.as_str(),
    })
}

fn origin(origin: &Origin) -> Value {
    json!({
        "record": origin.record,
        "topic": origin.topic,
        "partition": origin.partition,
        "offset": origin.offset,
        "line": origin.line,
    })
}

pub(super) fn deletion(deletion: &Deletion) -> Value {
    json!({
        "source": deletion.source,
        "source_id": deletion.source_id,
        "origin": origin(&deletion.origin),
        "snapshot": snapshot(&deletion.snapshot),
    })
}

/// As it was sent, and as maps of WGS-84 show it.
fn location(location: &Location) -> Value {
    let wgs84 = to_wgs84(location);
    json!({
        "longitude": location.longitude,
        "latitude": location.latitude,
        "datum": word(&location.datum),
        "wgs84": {"longitude": wgs84.longitude, "latitude": wgs84.latitude},
    })
}

pub(super) fn report(report: &Report) -> Value {
    let attributes: Map<String, Value> = report
        .attributes
        .iter()
        .map(|it| (it.name.clone(), Value::from(it.value.as_str())))
        .collect();
    let flags: Vec<_> = report.flags.iter().map(word).collect();
    json!({
        "source": report.source,
        "source_id": report.source_id,
        "origin": origin(&report.origin),
        "class": word(&report.class),
        "reported_at": time(report.reported_at),
        "matter": report.matter,
        "area": report.area,
        "severity": report.severity,
        "source_matter": report.source_matter,
        "source_area": report.source_area,
        "location": report.location.as_ref().map(location),
        "attributes": attributes,
        "attachments": report.attachments,
        "source_due_at": report.source_due_at.map(time),
        "flags": flags,
        "digest": report.digest.to_string(),
        "history": report.history.as_ref().map(history),
        "snapshot": report.snapshot.as_ref().map(snapshot),
        "log": report.log.as_ref().map(log),
    })
}
