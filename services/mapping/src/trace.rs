//! Before and after: what stood in the source's columns, and what a mapping made of it.

use bihuan_domain::clue::{Class, Datum, Flag, Report, Text};
use bihuan_domain::time::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::rule::{Record, Rule};
use super::{Feedback, Kind, Mapping, Outcome};
use crate::format::Fields;

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// The key of the mapping, such as `clue.area`.
    pub key: String,
    /// Where the mapping names it, from 1; 0 for a constant.
    pub line: u32,
    pub from: Vec<Raw>,
    /// What it became; times are in the mapping's zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub becomes: Option<String>,
    /// What is wrong with it.
    pub flags: Vec<Flag>,
}

/// What a column or pointer held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Raw {
    pub column: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Mapping {
    /// Its rules under their keys, in the order of the file's sections.
    pub(crate) fn rules(&self) -> Vec<(&'static str, &Rule)> {
        let clue = match &self.kind {
            Kind::Clue(clue) => clue,
            Kind::Feedback(rules) => return rules.by_key(),
        };
        let location = clue.location.as_ref();
        let (history, snapshot, log) = (self.history.as_ref(), self.snapshot.as_ref(), self.log.as_ref());
        let due = if self.uses.iter().any(|used| is_of(&used.key, "history.due_at")) {
            "history.due_at"
        } else {
            "clue.due_at"
        };
        let rules = [
            ("clue.id", Some(&clue.id)),
            ("clue.same_as", clue.same_as.as_ref().map(|it| &it.id)),
            ("clue.reported_at", clue.reported_at.as_ref()),
            ("clue.matter", clue.matter.as_ref()),
            ("clue.area", clue.area.as_ref().map(|it| &it.rule)),
            ("clue.severity", clue.severity.as_ref()),
            ("clue.class", clue.class.as_ref()),
            ("clue.title", clue.title.as_ref()),
            ("clue.description", clue.description.as_ref()),
            ("clue.place", clue.place.as_ref()),
            ("clue.longitude", location.map(|it| &it.longitude)),
            ("clue.latitude", location.map(|it| &it.latitude)),
            ("clue.datum", location.map(|it| &it.datum)),
            (due, clue.due_at.as_ref()),
            ("clue.attachments", clue.attachments.as_ref()),
            ("history.agency", history.and_then(|it| it.agency.as_ref())),
            ("history.closed_at", history.and_then(|it| it.closed_at.as_ref())),
            (
                "history.conclusion",
                history.and_then(|it| it.conclusion.as_ref()),
            ),
            ("snapshot.version", snapshot.and_then(|it| it.version.as_ref())),
            ("snapshot.status", snapshot.and_then(|it| it.status.as_ref())),
            ("snapshot.deleted", snapshot.and_then(|it| it.deleted.as_ref())),
            (
                "snapshot.changed_at",
                snapshot.and_then(|it| it.changed_at.as_ref()),
            ),
            (
                "snapshot.closed_at",
                snapshot.and_then(|it| it.closed_at.as_ref()),
            ),
            ("snapshot.agency", snapshot.and_then(|it| it.agency.as_ref())),
            (
                "snapshot.conclusion",
                snapshot.and_then(|it| it.conclusion.as_ref()),
            ),
            ("log.at", log.map(|it| &it.at)),
            ("log.agency", log.map(|it| &it.agency)),
            ("log.step", log.and_then(|it| it.step.as_ref())),
        ];
        let given = rules.into_iter();
        given.filter_map(|(key, rule)| Some((key, rule?))).collect()
    }

    /// The line on which the file names a column for a key; 0 if it does not.
    pub(crate) fn line_of(&self, key: &str) -> u32 {
        let used = self.uses.iter().find(|used| is_of(&used.key, key));
        used.map_or(0, |used| used.place.line)
    }
}

/// `clue.area.from` belongs to `clue.area`.
fn is_of(path: &str, key: &str) -> bool {
    path.strip_prefix(key)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Each field of a record before and after.
pub(crate) fn traced(mapping: &Mapping, fields: &dyn Fields, outcome: &Outcome) -> Vec<Traced> {
    let record = Record {
        names: &mapping.names,
        fields,
    };
    let raw = |index: usize| Raw {
        column: mapping.names[index].clone(),
        text: record.get(index).map(std::borrow::Cow::into_owned),
    };
    let traced = |(key, rule): (&str, &Rule)| {
        let becomes = match outcome {
            Outcome::Clue { .. } if key == "clue.same_as" => same_as(mapping, record),
            Outcome::Clue { report, text, .. } => value(mapping, key, report, text.as_ref()),
            Outcome::Feedback(feedback) => said(feedback, key),
            Outcome::Deleted { deletion, .. } => (key == "clue.id").then(|| deletion.source_id.clone()),
            Outcome::Quarantine { .. } | Outcome::Skipped => None,
        };
        Traced {
            line: mapping.line_of(key),
            from: rule.columns().iter().map(|index| raw(*index)).collect(),
            flags: match outcome {
                // of a step that is known something else is unknown
                Outcome::Clue { .. } if key == "log.step" && becomes.is_some() => Vec::new(),
                Outcome::Clue { report, .. } => of_key(key, &report.flags),
                Outcome::Quarantine {
                    reason: "time_unreadable",
                    ..
                } if key == "log.at" => vec![Flag::ReportedAtUnreadable],
                _ => Vec::new(),
            },
            becomes,
            key: key.to_owned(),
        }
    };
    let kept = mapping.clue().map_or(&[][..], |clue| &clue.attributes);
    let attributes = kept.iter().map(|(name, index)| Traced {
        key: "clue.attributes".to_owned(),
        line: mapping.line_of("clue.attributes"),
        from: vec![raw(*index)],
        becomes: record.get(*index).map(|text| format!("{name} = {text}")),
        flags: Vec::new(),
    });
    mapping
        .rules()
        .into_iter()
        .map(traced)
        .chain(attributes)
        .collect()
}

/// As `source/id`.
fn same_as(mapping: &Mapping, record: Record<'_>) -> Option<String> {
    let rule = mapping.clue()?.same_as.as_ref()?;
    let id = rule.id.read(record).filter(|_| !rule.id.is_partial(record))?;
    Some(format!("{}/{}", rule.source.read(record)?.text, id.text))
}

/// What feedback says under a key of the mapping.
fn said(feedback: &Feedback, key: &str) -> Option<String> {
    let name = key.strip_prefix("feedback.")?;
    let remark = feedback.text.as_ref().and_then(|text| text.remark.clone());
    let found = feedback.fields().into_iter().find(|(known, _)| *known == name);
    found
        .map(|(_, value)| value)
        .or_else(|| remark.filter(|_| name == "remark"))
}

/// Which of a report's flags a key is the cause of.
fn of_key(key: &str, flags: &[Flag]) -> Vec<Flag> {
    let caused = |flag: &&Flag| {
        let by: &[&str] = match flag {
            Flag::MatterMissing | Flag::MatterUnknown => &["clue.matter"],
            Flag::AreaMissing | Flag::AreaUnknown | Flag::AreaAmbiguous | Flag::AreaDisagrees => {
                &["clue.area"]
            }
            Flag::AgencyUnknown => &["history.agency", "snapshot.agency", "log.agency"],
            Flag::ConclusionUnknown => &["history.conclusion", "snapshot.conclusion"],
            Flag::ReportedAtMissing | Flag::ReportedAtUnreadable | Flag::ReportedInFuture => {
                &["clue.reported_at"]
            }
            Flag::ClosedAtUnreadable | Flag::ClosedBeforeReported => {
                &["history.closed_at", "snapshot.closed_at"]
            }
            Flag::DueAtUnreadable => &["clue.due_at", "history.due_at"],
            Flag::LocationUnreadable => &["clue.longitude"],
            Flag::VersionUnreadable => &["snapshot.version"],
            Flag::SourceStatusUnknown => &["snapshot.status"],
            Flag::ValueUnknown => &["log.step"],
            _ => &[],
        };
        by.contains(&key)
    };
    flags.iter().filter(caused).copied().collect()
}

fn value(mapping: &Mapping, key: &str, report: &Report, text: Option<&Text>) -> Option<String> {
    let time = |at: Timestamp| written(at, mapping.zone.as_ref());
    let history = report.history.as_ref();
    let snapshot = report.snapshot.as_ref();
    let log = report.log.as_ref();
    let said = |part: fn(&Text) -> &Option<String>| part(text?).clone().filter(|text| !text.is_empty());
    match key {
        "clue.id" => Some(report.source_id.clone()),
        "clue.reported_at" => Some(time(report.reported_at)),
        "clue.matter" => report.matter.as_ref().map(ToString::to_string),
        "clue.area" => report.area.as_ref().map(ToString::to_string),
        "clue.severity" => report.severity.as_ref().map(ToString::to_string),
        "clue.class" => Some(class(report.class).to_owned()),
        "clue.title" => said(|it| &it.title),
        "clue.description" => said(|it| &it.description),
        "clue.place" => said(|it| &it.place),
        "clue.longitude" => report.location.as_ref().map(|it| it.longitude.to_string()),
        "clue.latitude" => report.location.as_ref().map(|it| it.latitude.to_string()),
        "clue.datum" => report.location.as_ref().map(|it| datum(it.datum).to_owned()),
        "clue.attachments" => (!report.attachments.is_empty()).then(|| report.attachments.join(", ")),
        "clue.due_at" | "history.due_at" => report.source_due_at.map(time),
        "history.agency" => history?.agency.as_ref().map(ToString::to_string),
        "history.closed_at" => history?.closed_at.map(time),
        "history.conclusion" => history.map(|it| it.conclusion.to_string()),
        "snapshot.version" => {
            let number = snapshot?.version?;
            let is_time = snapshot?.basis == bihuan_domain::clue::TimeBasis::Version;
            Some(if is_time {
                time(snapshot?.changed_at)
            } else {
                number.to_string()
            })
        }
        "snapshot.status" | "snapshot.deleted" => snapshot?.status.map(|it| it.as_str().to_owned()),
        "snapshot.agency" => snapshot?.agency.as_ref().map(ToString::to_string),
        "snapshot.changed_at" | "snapshot.closed_at" => snapshot?.status_at.map(time),
        "log.at" => log.map(|it| time(it.at)),
        "log.agency" => log?.agency.as_ref().map(ToString::to_string),
        "log.step" => log?.step.map(|it| it.as_str().to_owned()),
        "snapshot.conclusion" => snapshot.map(|it| it.conclusion.to_string()),
        _ => None,
    }
}

const fn datum(datum: Datum) -> &'static str {
    match datum {
        Datum::Wgs84 => "WGS-84",
        Datum::Cgcs2000 => "CGCS2000",
        Datum::Gcj02 => "GCJ-02",
        Datum::Bd09 => "BD-09",
    }
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Ordinary => "ordinary",
        Class::SelfHandled => "self_handled",
        Class::ClosedAtSource => "closed_at_source",
    }
}

fn written(at: Timestamp, zone: Option<&TimeZone>) -> String {
    let Some(zone) = zone else { return at.to_string() };
    let local = zone.to_datetime(at.to_jiff()).to_string();
    format!("{} {}", local.replace('T', " "), zone.to_offset(at.to_jiff()))
}
