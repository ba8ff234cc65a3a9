//! Bihuan's own inbound record: what a platform sends that speaks our language and needs no mapping.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use prost::Message as _;
use serde_json::Value;

use crate::DecodeError;
use crate::fields::{Fields, Result, json};
use crate::generated::intake::v1 as proto;
use crate::wire::text;

/// A record as a platform sends it. Everything is text: a record with an id is a clue whatever else is wrong with it, so intake
/// judges the rest and flags it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClueRecord {
    /// With `id` the identity of the clue.
    pub source: String,
    pub id: String,
    /// RFC 3339.
    pub reported_at: Option<String>,
    pub matter: Option<String>,
    pub area: Option<String>,
    pub severity: Option<String>,
    pub title: Option<String>,
    pub description: Option<String>,
    /// The place in words.
    pub place: Option<String>,
    /// Degrees.
    pub longitude: Option<String>,
    pub latitude: Option<String>,
    /// WGS-84, CGCS2000, GCJ-02 or BD-09.
    pub datum: Option<String>,
    /// Codes that are kept with the clue: (name, value).
    pub attributes: Vec<(String, String)>,
    /// Addresses of photos and documents.
    pub attachments: Vec<String>,
    /// RFC 3339.
    pub due_at: Option<String>,
    /// What became of it, where that is known.
    pub agency: Option<String>,
    /// RFC 3339.
    pub closed_at: Option<String>,
    pub conclusion: Option<String>,
    /// The record, as `source/id`, that stands for the same clue.
    pub same_as: Option<String>,
}

impl ClueRecord {
    /// The type as the header `ce_type` names it.
    pub const TYPE: &'static str = "bihuan.intake.v1.ClueRecord";

    /// The clue that the record is of: its own, or that of the record that it names.
    pub fn clue(&self) -> Result<ClueId> {
        let invalid = |field: &str, detail: String| DecodeError::invalid(field, detail);
        let source = SourceId::new(&self.source).map_err(|error| invalid("source", error.to_string()))?;
        let Some((other, id)) = self.named() else {
            return Ok(ClueId::derive(&source, self.id.trim()));
        };
        let other = other.filter(|_| !id.is_empty());
        let other = other.ok_or_else(|| invalid("same_as", "is not source/id".to_owned()))?;
        let other = SourceId::new(other).map_err(|error| invalid("same_as", error.to_string()))?;
        Ok(ClueId::derive(&other, id))
    }

    /// Source and id of the record that stands for the same clue; without a source it names none.
    pub fn named(&self) -> Option<(Option<&str>, &str)> {
        let named = self.same_as.as_deref().map(str::trim);
        let named = named.filter(|named| !named.is_empty())?;
        Some(match named.split_once('/') {
            Some((source, id)) => (Some(source.trim()), id.trim()),
            None => (None, named),
        })
    }

    pub fn encode(&self) -> Vec<u8> {
        let it = self.clone();
        let attribute = |(name, value)| proto::RecordAttribute { name, value };
        proto::ClueRecord {
            source: it.source,
            id: it.id,
            reported_at: it.reported_at,
            matter: it.matter,
            area: it.area,
            severity: it.severity,
            title: it.title,
            description: it.description,
            place: it.place,
            longitude: it.longitude,
            latitude: it.latitude,
            datum: it.datum,
            attributes: it.attributes.into_iter().map(attribute).collect(),
            attachments: it.attachments,
            due_at: it.due_at,
            agency: it.agency,
            closed_at: it.closed_at,
            conclusion: it.conclusion,
            same_as: it.same_as,
        }
        .encode_to_vec()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let it = proto::ClueRecord::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
        let attribute = |it: proto::RecordAttribute| (it.name, it.value);
        Ok(Self {
            attachments: it.attachments,
            source: text(it.source, "source")?,
            id: text(it.id, "id")?,
            reported_at: it.reported_at,
            matter: it.matter,
            area: it.area,
            severity: it.severity,
            title: it.title,
            description: it.description,
            place: it.place,
            longitude: it.longitude,
            latitude: it.latitude,
            datum: it.datum,
            attributes: it.attributes.into_iter().map(attribute).collect(),
            due_at: it.due_at,
            agency: it.agency,
            closed_at: it.closed_at,
            conclusion: it.conclusion,
            same_as: it.same_as,
        })
    }

    /// Reads one JSON object. A field that is not one of ours is an error: a platform that misspells one must learn of it.
    pub fn from_json(bytes: &[u8]) -> Result<Self> {
        Self::from_value(&json(bytes)?)
    }

    /// The same from a value that was parsed already. Codes and coordinates may be numbers.
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut fields = Fields::of(value)?;
        let record = Self {
            source: fields.required_text("source")?.to_owned(),
            id: identity(&mut fields)?,
            reported_at: fields.owned("reported_at")?,
            matter: fields.scalar("matter")?,
            area: fields.scalar("area")?,
            severity: fields.scalar("severity")?,
            title: fields.owned("title")?,
            description: fields.owned("description")?,
            place: fields.owned("place")?,
            longitude: fields.scalar("longitude")?,
            latitude: fields.scalar("latitude")?,
            datum: fields.owned("datum")?,
            attributes: fields.object("attributes", attributes)?.unwrap_or_default(),
            attachments: fields.list("attachments", address)?,
            due_at: fields.owned("due_at")?,
            agency: fields.scalar("agency")?,
            closed_at: fields.owned("closed_at")?,
            conclusion: fields.owned("conclusion")?,
            same_as: fields.owned("same_as")?,
        };
        fields.finish()?;
        Ok(record)
    }
}

/// A number with a fraction or too long for 64 bits would not be the id that was sent.
fn identity(fields: &mut Fields<'_>) -> Result<String> {
    if fields.value("id").is_some_and(Value::is_f64) {
        return Err(DecodeError::invalid(
            "id",
            "is a number that loses digits; send it as a string",
        ));
    }
    fields
        .scalar("id")?
        .filter(|id| !id.trim().is_empty())
        .ok_or_else(|| DecodeError::missing("id"))
}

fn attributes(value: &Value) -> Result<Vec<(String, String)>> {
    let object = value
        .as_object()
        .ok_or_else(|| DecodeError::not_json("is not a JSON object"))?;
    let known = object.iter().filter(|(_, value)| !value.is_null());
    known
        .map(|(name, value)| {
            let value = crate::fields::scalar(value).ok_or_else(|| {
                DecodeError::invalid(name.as_str(), "is neither text nor a number nor true or false")
            })?;
            Ok((name.clone(), value))
        })
        .collect()
}

fn address(value: &Value) -> Result<String> {
    let text = value.as_str().map(ToOwned::to_owned);
    text.ok_or_else(|| DecodeError::not_json("is not text"))
}
