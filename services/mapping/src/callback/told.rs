//! What a source can be told of a step, under the words that a mapping names it by.

use bihuan_domain::clue::{Attribute, Resolution};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, Severity, SourceId};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use serde_json::Value;

use super::Step;

/// A step of a clue with what is known of the clue by then.
#[derive(Clone, Debug)]
pub struct Told {
    pub step: Step,
    /// The idempotency key.
    pub key: String,
    pub clue: ClueId,
    /// The clue's, when the step happened.
    pub version: u32,
    pub at: Timestamp,
    pub number: String,
    pub source: SourceId,
    pub source_id: String,
    pub reported_at: Timestamp,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub deadline: Option<Timestamp>,
    /// Who has it.
    pub agency: Option<AgencyId>,
    pub agency_name: Option<String>,
    /// Who had it before, where the step moved it.
    pub from_agency: Option<AgencyId>,
    /// Who should have it instead, where it is to be returned.
    pub proposed: Option<AgencyId>,
    /// A code.
    pub reason: Option<String>,
    /// Of a suspension.
    pub until: Option<Timestamp>,
    pub resolution: Option<Resolution>,
    pub title: Option<String>,
    pub description: Option<String>,
    pub place: Option<String>,
    /// What was said with the step; with `closed`, with the resolution.
    pub remark: Option<String>,
    pub attributes: Vec<Attribute>,
}

/// What a word stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    Field(&'static str),
    Attribute(String),
}

/// A value before it is written in their way.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    Time(Timestamp),
    Plain(Value),
}

/// The words, those of free text last.
pub(super) const WORDS: [&str; 31] = [
    "id",
    "event",
    "clue",
    "number",
    "source",
    "source_id",
    "version",
    "at",
    "reported_at",
    "matter",
    "area",
    "severity",
    "deadline",
    "agency",
    "agency_name",
    "from_agency",
    "proposed",
    "reason",
    "until",
    "conclusion",
    "measures",
    "class",
    "substantiated",
    "legal_basis",
    "document_number",
    "evidence",
    "title",
    "description",
    "place",
    "remark",
    "attributes",
];
/// What a callback without a `body` says: all but free text and attributes.
pub(super) const CODED: usize = 26;

impl Word {
    pub(super) fn parse(word: &str) -> Option<Self> {
        if let Some(name) = word.strip_prefix("attributes.") {
            return (!name.is_empty()).then(|| Self::Attribute(name.to_owned()));
        }
        WORDS
            .iter()
            .find(|known| **known == word)
            .map(|known| Self::Field(known))
    }

    /// Whether it is a time, which `time` may write.
    pub(super) const fn is_time(&self) -> bool {
        let Self::Field(field) = self else {
            return false;
        };
        matches!(field.as_bytes(), b"at" | b"reported_at" | b"deadline" | b"until")
    }
}

impl Told {
    /// `None`: there is none, or it is empty.
    pub(super) fn get(&self, word: &Word) -> Option<Said> {
        match word {
            Word::Attribute(name) => {
                let attribute = self.attributes.iter().find(|it| it.name == *name)?;
                text(&attribute.value)
            }
            Word::Field(field) => self
                .time(field)
                .or_else(|| self.code(field))
                .or_else(|| self.outcome(field)),
        }
    }

    fn time(&self, field: &str) -> Option<Said> {
        let at = match field {
            "at" => Some(self.at),
            "reported_at" => Some(self.reported_at),
            "deadline" => self.deadline,
            "until" => self.until,
            _ => None,
        };
        at.map(Said::Time)
    }

    fn code(&self, field: &str) -> Option<Said> {
        let free = |text: &Option<String>| text.as_deref().and_then(self::text);
        match field {
            "id" => text(&self.key),
            "event" => text(self.step.as_str()),
            "clue" => text(&self.clue.to_string()),
            "number" => text(&self.number),
            "source" => text(self.source.as_str()),
            "source_id" => text(&self.source_id),
            "version" => Some(Said::Plain(self.version.into())),
            "matter" => self.matter.as_ref().and_then(|it| text(it.as_str())),
            "area" => self.area.as_ref().and_then(|it| text(it.as_str())),
            "severity" => self.severity.as_ref().and_then(|it| text(it.as_str())),
            "agency" => self.agency.as_ref().and_then(|it| text(it.as_str())),
            "from_agency" => self.from_agency.as_ref().and_then(|it| text(it.as_str())),
            "proposed" => self.proposed.as_ref().and_then(|it| text(it.as_str())),
            "agency_name" => free(&self.agency_name),
            "reason" => free(&self.reason),
            "title" => free(&self.title),
            "description" => free(&self.description),
            "place" => free(&self.place),
            "remark" => free(&self.remark),
            "attributes" => {
                let named = self
                    .attributes
                    .iter()
                    .map(|it| (it.name.clone(), it.value.clone().into()));
                (!self.attributes.is_empty()).then(|| Said::Plain(Value::Object(named.collect())))
            }
            _ => None,
        }
    }

    /// Of the resolution.
    fn outcome(&self, field: &str) -> Option<Said> {
        let resolution = self.resolution.as_ref()?;
        let list = |items: Vec<Value>| (!items.is_empty()).then_some(Said::Plain(Value::Array(items)));
        match field {
            "conclusion" => text(resolution.conclusion.as_str()),
            "class" => text(resolution.conclusion.class().as_str()),
            "measures" => list(resolution.measures.iter().map(|it| it.as_str().into()).collect()),
            "evidence" => list(
                resolution
                    .evidence
                    .iter()
                    .map(|it| it.uri.as_str().into())
                    .collect(),
            ),
            "substantiated" => resolution.substantiated.map(|truth| Said::Plain(truth.into())),
            "legal_basis" => resolution.legal_basis.as_deref().and_then(text),
            "document_number" => resolution.document_number.as_deref().and_then(text),
            _ => None,
        }
    }
}

fn text(text: &str) -> Option<Said> {
    (!text.is_empty()).then(|| Said::Plain(text.into()))
}
