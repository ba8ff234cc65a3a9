//! The source sends another version of its record (mode `snapshot`). Text and codes apply; its status is never our stage, but some
//! of what it says is news for us: taken back before anybody had it, closed or reopened by whoever asks the reporter.

use super::super::{
    CallBack, Class, ClosingAuthority, Clue, Event, Field, History, Repeat, Report, Snapshot, SourceStatus,
    Stage, WITHDRAWN,
};
use super::asked::Asked;
use super::{Step, closing, history, verification};
use crate::code::{AreaCode, MatterCode, Severity};
use crate::time::Timestamp;

/// The first version that is seen. One that is over already is counted apart, and nobody is sent there.
pub(super) fn first(asked: &Asked<'_>, report: &Report, snapshot: &Snapshot) -> Vec<Step> {
    let at = changed_at(asked, snapshot);
    let mut report = report.clone();
    if snapshot.status == SourceStatus::Closed && report.class == Class::Ordinary {
        report.class = Class::ClosedAtSource;
    }
    let number = asked.env.number.to_owned();
    let mut steps = vec![Step::from(Event::ClueReported { number, report })];
    match snapshot.status {
        SourceStatus::Closed => {
            let past = History {
                agency: None,
                closed_at: Some(at),
                conclusion: snapshot.conclusion,
                route: false,
            };
            steps.extend(history::closed(&past, None));
        }
        SourceStatus::Withdrawn | SourceStatus::Deleted => steps.push(Step::recorded(at, withdrawn())),
        SourceStatus::Open | SourceStatus::Reopened | SourceStatus::Urged => {
            if asked.policy().admission.automatic {
                steps.push(Event::ClueAdmitted.into());
            }
        }
    }
    steps
}

/// Another version. Only the last applied one counts: A, B, A is two changes.
pub(super) fn again(clue: &Clue, asked: &Asked<'_>, report: &Report, snapshot: &Snapshot) -> Vec<Step> {
    let last = clue.source_record.as_ref();
    let repeated = |repeat| {
        let event = Event::ReportRepeated {
            repeat,
            digest: report.digest,
            history: None,
            version: snapshot.version,
        };
        vec![event.into()]
    };
    let versions = snapshot.version.zip(last.and_then(|last| last.version));
    if report.digest == clue.digest {
        return repeated(Repeat::Unchanged);
    }
    if versions.is_some_and(|(new, known)| new < known) {
        return repeated(Repeat::Stale);
    }
    let at = changed_at(asked, snapshot);
    let changed = last.map(|last| last.changed(snapshot)).unwrap_or_default();
    let turned = last.is_none_or(|last| last.said.status != snapshot.status);
    let codes = Codes::changed(report, &changed);
    let update = Event::SourceUpdated {
        report: report.clone(),
        corrected: must_be_decided(clue, report, &changed),
        changed,
        same_version: versions.is_some_and(|(new, known)| new == known),
    };
    let mut steps = vec![Step::recorded(at, update)];
    let news = if turned {
        news(clue, asked, snapshot.status, at)
    } else {
        Vec::new()
    };
    if !news
        .iter()
        .any(|step| matches!(step.event, Event::ClueVoided { .. }))
    {
        steps.extend(codes.and_then(|codes| codes.apply(clue)).map(Step::from));
    }
    steps.extend(news);
    steps
}

/// The source's own time, but nothing happens before it is known.
fn changed_at(asked: &Asked<'_>, snapshot: &Snapshot) -> Timestamp {
    snapshot.changed_at.min(asked.envelope.received_at)
}

/// The codes that the source changed.
struct Codes {
    matter: Option<MatterCode>,
    area: Option<AreaCode>,
    severity: Option<Severity>,
}

impl Codes {
    fn changed(report: &Report, changed: &[Field]) -> Option<Self> {
        let codes = Self {
            matter: report.matter.clone().filter(|_| changed.contains(&Field::Matter)),
            area: report.area.clone().filter(|_| changed.contains(&Field::Area)),
            severity: report
                .severity
                .clone()
                .filter(|_| changed.contains(&Field::Severity)),
        };
        (codes.matter.is_some() || codes.area.is_some() || codes.severity.is_some()).then_some(codes)
    }

    /// They count while nobody has the clue.
    fn apply(self, clue: &Clue) -> Option<Event> {
        let Self {
            matter,
            area,
            severity,
        } = self;
        match clue.stage {
            Stage::Reported => Some(Event::ClueRecoded {
                matter,
                area,
                severity,
            }),
            Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. } => {
                Some(Event::ClueCorrected {
                    matter,
                    area,
                    severity,
                })
            }
            _ => None,
        }
    }
}

/// Afterwards a person decides ([`super::discrepancy`]). Of codes that did not change, what was to be decided still is.
fn must_be_decided(clue: &Clue, report: &Report, changed: &[Field]) -> bool {
    let was = clue
        .source_record
        .as_ref()
        .is_some_and(|last| last.said.corrected);
    let codes = [Field::Matter, Field::Area, Field::Severity];
    if !codes.iter().any(|field| changed.contains(field)) {
        return was;
    }
    clue.is_open()
        && clue.assignment().is_some()
        && (differs(report.matter.as_ref(), clue.matter.as_ref())
            || differs(report.area.as_ref(), clue.area.as_ref())
            || differs(report.severity.as_ref(), clue.severity.as_ref()))
}

/// A source that says nothing corrects nothing.
fn differs<T: PartialEq>(source: Option<&T>, own: Option<&T>) -> bool {
    source.is_some() && source != own
}

/// What another status at the source means here.
fn news(clue: &Clue, asked: &Asked<'_>, status: SourceStatus, at: Timestamp) -> Vec<Step> {
    match (status, &clue.stage) {
        (SourceStatus::Withdrawn | SourceStatus::Deleted, _)
            if clue.is_open() && clue.first_agency.is_none() =>
        {
            vec![withdrawn().into()]
        }
        (SourceStatus::Closed, Stage::Resolved { verified, .. })
            if asked.needs(clue).closing_authority == ClosingAuthority::Source && !verified.called_back =>
        {
            verification::call_back(clue, asked, CallBack::Satisfied).unwrap_or_default()
        }
        (SourceStatus::Reopened, Stage::Resolved { .. }) => {
            verification::call_back(clue, asked, CallBack::NotDone).unwrap_or_default()
        }
        (SourceStatus::Reopened, Stage::Closed { at: closed_at, .. })
            if closing::in_window(asked, *closed_at, at) =>
        {
            vec![Event::ClueReopened.into()]
        }
        _ => Vec::new(),
    }
}

fn withdrawn() -> Event {
    Event::ClueVoided {
        reason: WITHDRAWN.to_owned(),
    }
}
