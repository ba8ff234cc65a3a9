//! From the bytes of a record and what stands in its headers to an outcome, whatever way it came.

use std::sync::Arc;

use bihuan_contracts::{DecodeError, cloudevents, header, record::ClueRecord, topics};
use bihuan_domain::clue::Origin;
use bihuan_domain::code::SourceId;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{CommandId, RecordId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Error, Record};

use crate::cutting::Content;
use crate::handler::report_command;
use crate::names::Said;
use crate::own::{self, OwnRecord};
use crate::{Mappings, Source};
use bihuan_mapping::{Kept, Mapping, Outcome, Receipt, apply};

/// What the headers of a record say about it; kept with a quarantined record, so that it can be read again.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Envelope {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mapping: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) columns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ordinal: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) broken: Option<String>,
    /// The bytes are an outline: they say nothing of the record's content and cannot be read again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) outline: bool,
    /// The bytes are a whole message of a file or a body, which could not be taken apart.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) whole: bool,
    #[serde(skip_serializing_if = "Content::is_message")]
    pub(crate) content: Content,
    /// Which record of a message that holds several, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) row: Option<u32>,
    pub(crate) route: bool,
}

/// The longest name of a file, a mapping or columns, in bytes.
pub(crate) const MAX_NAME: usize = 256;

/// A record taken off the log, its CloudEvents envelope opened.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) id: RecordId,
    /// It has an identity of its own (CloudEvents), which must be remembered.
    pub(crate) own_identity: bool,
    pub(crate) envelope: Envelope,
    pub(crate) data: Vec<u8>,
    pub(crate) received_at: Timestamp,
    /// It claims to be a CloudEvent and is not.
    pub(crate) broken: Option<DecodeError>,
}

impl Taken {
    pub(crate) fn of(record: &Record, cluster: &str, source: Option<&Source>, now: Timestamp) -> Self {
        // the headers of ours count only on the topic of ours
        let ours = &*record.topic == topics::CLUE_INBOUND;
        let text = |name| {
            record
                .header(name)
                .filter(|_| ours || name == header::CONTENT_TYPE)
                .map(str::to_owned)
        };
        let number = |name| {
            text(name)
                .and_then(|text| text.parse::<i64>().ok())
                .filter(|number| *number >= 0)
        };
        // our own import writes digests and a source's name into them; whoever else writes to our topic may write anything
        let mut misnamed = None;
        let mut named = |name: &'static str| {
            let found = text(name)?;
            if found.len() <= MAX_NAME && !found.chars().any(char::is_control) {
                return Some(found);
            }
            misnamed = Some(DecodeError {
                code: "field_invalid",
                field: Some(name.to_owned()),
                detail: format!("is longer than {MAX_NAME} bytes or holds control characters"),
            });
            None
        };
        let mut envelope = Envelope {
            mapping: named(header::MAPPING)
                .or_else(|| source.map(|source| source.mapping.digest().to_owned())),
            columns: named(header::COLUMNS),
            file: named(header::FILE),
            ordinal: number(header::ORDINAL).filter(|ordinal| *ordinal < i64::MAX),
            line: number(header::LINE).map(|line| line as u64),
            content_type: text(header::CONTENT_TYPE),
            broken: text(header::BROKEN),
            outline: text(header::OUTLINE).is_some(),
            whole: text(header::WHOLE).is_some(),
            content: Content::Message,
            row: None,
            route: text(header::ROUTE).is_some() || source.is_some_and(|source| source.route),
        };
        let position = RecordId::of_position(cluster, &record.topic, record.partition, record.offset);
        let received_at = number(header::RECEIVED_AT)
            .map(Timestamp::from_micros)
            .filter(|at| *at <= now.plus_days(1))
            .unwrap_or_else(|| record.logged_at.unwrap_or(now));
        let headers = record
            .headers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_slice()));
        let (id, own_identity, data, broken) = match (&envelope.file, envelope.ordinal) {
            (Some(file), Some(ordinal)) => (
                RecordId::of_file(file, ordinal as u64),
                false,
                record.payload.clone(),
                None,
            ),
            _ => match cloudevents::read(headers, &record.payload) {
                Ok(Some(event)) => {
                    envelope.content_type = event.datacontenttype.or(envelope.content_type);
                    (
                        RecordId::of_cloud_event(&event.source, &event.id),
                        true,
                        event.data.into_owned(),
                        None,
                    )
                }
                Ok(None) => (position, false, record.payload.clone(), None),
                Err(error) => (position, false, record.payload.clone(), Some(error)),
            },
        };
        let broken = misnamed.or(broken);
        let data = if record.tombstone && source.is_some() && broken.is_none() {
            envelope.content = Content::Key;
            record.key.clone()
        } else {
            data
        };
        Self {
            id,
            own_identity,
            envelope,
            data,
            received_at,
            broken,
        }
    }

    /// The id of the command that the record becomes. What is sent again under one identity with other bytes is known as such.
    pub(crate) fn command(&self, partition: u32) -> CommandId {
        let command = report_command(self.id, partition);
        if self.own_identity {
            command.asking(Digest::of([self.data.as_slice()]))
        } else {
            command
        }
    }

    /// The data are a CloudEvent in structured mode that could not be opened.
    fn is_envelope(&self) -> bool {
        let kind = self.envelope.content_type.as_deref().unwrap_or_default();
        self.broken.is_some() && kind.to_ascii_lowercase().starts_with("application/cloudevents")
    }

    pub(crate) fn receipt(&self, topic: &str, partition: u32, offset: i64) -> Receipt {
        Receipt {
            received_at: self.received_at,
            origin: Origin {
                record: self.id,
                topic: topic.to_owned(),
                partition,
                offset,
                line: self.envelope.line,
            },
            route: self.envelope.route,
        }
    }
}

/// What a record turned out to be, and by which mapping.
#[derive(Debug)]
pub(crate) struct Reading {
    pub(crate) mapping: Option<Arc<Mapping>>,
    pub(crate) outcome: Outcome,
    /// What is kept of it if it goes to quarantine.
    pub(crate) kept: Kept,
}

impl Reading {
    /// What is asked about its clue.
    pub(crate) fn said(&mut self) -> Said<'_> {
        (self.mapping.as_deref(), &mut self.outcome)
    }
}

/// What the headers of a record name: its mapping, and the columns of its file.
struct Named {
    mapping: Arc<Mapping>,
    columns: Option<Arc<Vec<String>>>,
}

impl Named {
    /// What is kept of a record of theirs, whatever state it is in.
    fn kept(&self, taken: &Taken) -> Kept {
        let data = &taken.data;
        if taken.is_envelope() {
            // the record may stand in it as a text of JSON, or in base64
            return self.mapping.outlined(data);
        }
        match self
            .columns
            .as_ref()
            .map(|columns| self.mapping.bind_columns(columns))
        {
            Some(Ok(bound)) => bound.kept(data),
            // the personal columns may be among those that it does not find
            Some(Err(_)) => self.mapping.kept(data),
            None => self.mapping.bind_message().kept(data),
        }
    }

    fn quarantine(self, taken: &Taken, reason: &'static str, field: Option<String>) -> Reading {
        self.reading(taken, Outcome::Quarantine { reason, field })
    }

    /// Only of what goes to quarantine anything is kept.
    fn reading(self, taken: &Taken, outcome: Outcome) -> Reading {
        let kept = match outcome {
            Outcome::Quarantine { .. } => self.kept(taken),
            _ => Kept::default(),
        };
        Reading {
            kept,
            mapping: Some(self.mapping),
            outcome,
        }
    }
}

/// What is kept of a record that no mapping of a source reads.
fn whole(data: &[u8]) -> Kept {
    Kept {
        bytes: data.to_vec(),
        is_outline: false,
    }
}

/// Reads the record.
pub(crate) async fn read(
    mappings: &Mappings,
    rulebook: &CompiledRulebook,
    taken: &Taken,
    receipt: Receipt,
) -> bihuan_store::Result<Reading> {
    let mapping = match &taken.envelope.mapping {
        Some(digest) => mappings.get(digest).await?,
        None => None,
    };
    let unknown = |reason, field| Reading {
        mapping: None,
        outcome: Outcome::Quarantine { reason, field },
        kept: whole(&taken.data),
    };
    let Some(mapping) = mapping else {
        return Ok(match (&taken.broken, &taken.envelope.mapping) {
            (Some(error), _) => unknown(error.code, error.field.clone()),
            (None, Some(_)) => unknown("mapping_unknown", None),
            (None, None) => read_own(mappings, rulebook, taken, receipt),
        });
    };
    let columns = match &taken.envelope.columns {
        Some(digest) => mappings.columns(digest).await?,
        None => None,
    };
    let named = Named { mapping, columns };
    if let Some(error) = &taken.broken {
        return Ok(named.quarantine(taken, error.code, error.field.clone()));
    }
    if taken.envelope.outline || taken.envelope.broken.is_some() {
        let reason = broken_reason(taken.envelope.broken.as_deref().unwrap_or_default());
        return Ok(named.quarantine(taken, reason, None));
    }
    match taken.envelope.content {
        Content::Nothing => return Ok(named.reading(taken, Outcome::Skipped)),
        Content::Key => {
            let outcome = named.mapping.removed(&taken.data, receipt);
            return Ok(named.reading(taken, outcome));
        }
        Content::Message | Content::Record => {}
    }
    let bound = match &named.columns {
        Some(columns) => named.mapping.bind_columns(columns),
        None => Ok(named.mapping.bind_message()),
    };
    let Ok(bound) = bound else {
        return Ok(named.quarantine(taken, "mapping_columns", None));
    };
    let outcome = bound.outcome(&taken.data, rulebook, receipt);
    drop(bound);
    Ok(named.reading(taken, outcome))
}

/// The source of a record that was not read to its end, if anything says it, and what is kept of it.
pub(crate) async fn glance(mappings: &Mappings, taken: &Taken) -> Result<(Option<SourceId>, Kept), Error> {
    let Some(digest) = &taken.envelope.mapping else {
        let own = own::decode(taken.envelope.content_type.as_deref(), &taken.data).ok();
        let source = own.and_then(|record| SourceId::new(&record.source).ok());
        return Ok((source, whole(&taken.data)));
    };
    let Some(mapping) = passing(mappings.get(digest).await)?.flatten() else {
        return Ok((None, whole(&taken.data)));
    };
    let columns = match &taken.envelope.columns {
        Some(digest) => passing(mappings.columns(digest).await)?.flatten(),
        None => None,
    };
    let named = Named { mapping, columns };
    Ok((Some(named.mapping.source().clone()), named.kept(taken)))
}

/// Only what passes is an error: what does not may be why the record could not be processed.
fn passing<T>(found: bihuan_store::Result<T>) -> Result<Option<T>, Error> {
    match found.map_err(Error::Store) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_transient() => Err(error),
        Err(_) => Ok(None),
    }
}

/// The reasons that cutting a file gives, as codes that live for ever.
fn broken_reason(reason: &str) -> &'static str {
    match reason {
        "csv_quote" => "csv_quote",
        "csv_fields" => "csv_fields",
        "record_too_long" => "record_too_long",
        "json" => "json",
        "xml" => "xml",
        "xml_doctype" => "xml_doctype",
        "xml_depth" => "xml_depth",
        _ => "broken",
    }
}

fn read_own(mappings: &Mappings, rulebook: &CompiledRulebook, taken: &Taken, receipt: Receipt) -> Reading {
    let quarantine = |reason, field| Reading {
        mapping: None,
        outcome: Outcome::Quarantine { reason, field },
        kept: whole(&taken.data),
    };
    let record: ClueRecord = match own::decode(taken.envelope.content_type.as_deref(), &taken.data) {
        Ok(record) => record,
        Err(error) => return quarantine(error.code, error.field),
    };
    let Some(mapping) = own::mapping(mappings, &record) else {
        return quarantine("field_invalid", Some("source".to_owned()));
    };
    let outcome = apply(&mapping, &OwnRecord(record), rulebook, receipt);
    Reading {
        mapping: Some(mapping),
        outcome,
        kept: whole(&taken.data),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bihuan_domain::routing::Rulebook;
    use bihuan_stream::Start;

    const PHONE: &str = "13800000000";

    fn source(format: &str) -> Source {
        let text =
            format!("source = \"s\"\nformat = \"{format}\"\npersonal = [\"phone\"]\n[clue]\nid = \"id\"\n");
        Source {
            topic: "platform.v1".to_owned(),
            mapping: Arc::new(Mapping::parse(&text).expect("good")),
            start: Start::Beginning,
            route: false,
        }
    }

    fn record(topic: &str, headers: &[(&str, &str)], payload: &str) -> Record {
        Record {
            topic: topic.into(),
            partition: 0,
            offset: 1,
            type_name: "".into(),
            sequence: None,
            key: Vec::new(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
                .collect(),
            payload: payload.as_bytes().to_vec(),
            tombstone: false,
            logged_at: None,
        }
    }

    /// Why it is quarantined, what is kept of it, and the same for one that could not be processed.
    async fn quarantined(source: &Source, record: &Record) -> (&'static str, Kept, Kept) {
        let directory = tempfile::tempdir().expect("temporary folder");
        let store = bihuan_store::Store::sqlite(directory.path())
            .await
            .expect("store");
        let mappings = Mappings::new(store);
        mappings.keep((*source.mapping).clone());
        let taken = Taken::of(record, "c", Some(source), Timestamp::EPOCH);
        let receipt = taken.receipt(&record.topic, 0, 1);
        let rulebook = CompiledRulebook::new(Arc::new(Rulebook::none()));
        let reading = read(&mappings, &rulebook, &taken, receipt).await.expect("read");
        let Outcome::Quarantine { reason, .. } = reading.outcome else {
            panic!("{reading:?}")
        };
        let (known, kept) = glance(&mappings, &taken).await.expect("looked at");
        assert_eq!(known.as_ref(), Some(source.mapping.source()));
        (reason, reading.kept, kept)
    }

    #[tokio::test]
    async fn nothing_personal_is_kept_of_what_a_platform_sends_broken() {
        let structured = [("content-type", "application/cloudevents+json")];
        let event = format!("{{\"specversion\": \"1.0\", \"data\": \"{{\\\"phone\\\": {PHONE}}}\"}}");
        for (format, headers, payload, reason, is_outline) in [
            (
                "json",
                &[][..],
                format!("{{\"id\": 1, \"phone\": \"{PHONE}\""),
                "json",
                true,
            ),
            ("json", &[], format!("\"{PHONE}\""), "json", true),
            (
                "json",
                &[],
                format!("{{\"phone\": \"{PHONE}\"}}"),
                "id_missing",
                false,
            ),
            ("json", &structured, event, "field_missing", true),
            (
                "json",
                &structured,
                format!("{{\"phone\": \"{PHONE}"),
                "not_json",
                true,
            ),
            ("csv", &[], format!("1,{PHONE}"), "json", true),
            (
                "xml",
                &[],
                format!("<r><id>1</id><phone>{PHONE}</r>"),
                "xml",
                true,
            ),
            (
                "xml",
                &[],
                format!("<r phone=\"{PHONE}\"><phone>{PHONE}</phone><!-- {PHONE} --></r>"),
                "id_missing",
                false,
            ),
            (
                "xml",
                &[],
                format!("<!DOCTYPE r [<!ENTITY p \"{PHONE}\">]><r><id>&p;</id></r>"),
                "xml_doctype",
                true,
            ),
        ] {
            let source = source(format);
            let record = record("platform.v1", headers, &payload);
            let (found, read, glanced) = quarantined(&source, &record).await;
            assert_eq!(found, reason, "{payload}");
            assert_eq!(read, glanced, "{payload}");
            assert_eq!(read.is_outline, is_outline, "{payload}");
            assert!(!String::from_utf8_lossy(&read.bytes).contains(PHONE), "{payload}");
        }
    }

    #[tokio::test]
    async fn an_outline_is_never_read() {
        let source = source("json");
        let mapping = source.mapping.digest().to_owned();
        let mut headers = vec![(header::MAPPING, mapping.as_str()), (header::OUTLINE, "1")];
        let readable = "{\"id\": \"×\"}";
        let inbound = record(topics::CLUE_INBOUND, &headers, readable);
        assert_eq!(quarantined(&source, &inbound).await.0, "broken");
        headers.push((header::BROKEN, "csv_fields"));
        let inbound = record(topics::CLUE_INBOUND, &headers, readable);
        assert_eq!(quarantined(&source, &inbound).await.0, "csv_fields");
    }
}
