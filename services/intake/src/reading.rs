//! From the bytes of a record and what stands in its headers to an outcome, whatever way it came.

use std::sync::Arc;

use bihuan_contracts::{cloudevents, header, record::ClueRecord, topics};
use bihuan_domain::clue::Origin;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{CommandId, RecordId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_stream::Record;

use crate::handler::report_command;
use crate::mapping::{Mapping, Outcome, Receipt, apply};
use crate::own::{self, OwnRecord};
use crate::{Mappings, Source};

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
    pub(crate) route: bool,
}

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
    pub(crate) broken: Option<bihuan_contracts::DecodeError>,
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
        let mut envelope = Envelope {
            mapping: text(header::MAPPING)
                .or_else(|| source.map(|source| source.mapping.digest().to_owned())),
            columns: text(header::COLUMNS),
            file: text(header::FILE),
            ordinal: number(header::ORDINAL).filter(|ordinal| *ordinal < i64::MAX),
            line: number(header::LINE).map(|line| line as u64),
            content_type: text(header::CONTENT_TYPE),
            broken: text(header::BROKEN),
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
    /// The bytes to keep if it goes to quarantine: personal fields blanked where it can be told where they stand.
    pub(crate) keep: Vec<u8>,
}

/// Reads the record.
pub(crate) async fn read(
    mappings: &Mappings,
    rulebook: &CompiledRulebook,
    taken: &Taken,
    receipt: Receipt,
) -> bihuan_store::Result<Reading> {
    let quarantine = |mapping, reason, field| Reading {
        mapping,
        outcome: Outcome::Quarantine { reason, field },
        keep: taken.data.clone(),
    };
    if let Some(error) = &taken.broken {
        return Ok(quarantine(None, error.code, error.field.clone()));
    }
    let Some(digest) = &taken.envelope.mapping else {
        return Ok(read_own(mappings, rulebook, taken, receipt));
    };
    let Some(mapping) = mappings.get(digest).await? else {
        return Ok(quarantine(None, "mapping_unknown", None));
    };
    if let Some(reason) = taken.envelope.broken.as_deref().map(broken_reason) {
        return Ok(quarantine(Some(mapping), reason, None));
    }
    let columns = match &taken.envelope.columns {
        Some(digest) => mappings.columns(digest).await?,
        None => None,
    };
    let bound = match &columns {
        Some(columns) => mapping.bind_columns(columns),
        None => Ok(mapping.bind_json()),
    };
    let Ok(bound) = bound else {
        return Ok(quarantine(Some(mapping.clone()), "mapping_columns", None));
    };
    let outcome = bound.outcome(&taken.data, rulebook, receipt);
    let keep = match &outcome {
        Outcome::Quarantine { .. } => blanked(&bound.shown(&taken.data), &taken.data),
        _ => Vec::new(),
    };
    drop(bound);
    Ok(Reading {
        mapping: Some(mapping),
        outcome,
        keep,
    })
}

/// The reasons that cutting a file gives, as codes that live for ever.
fn broken_reason(reason: &str) -> &'static str {
    match reason {
        "csv_quote" => "csv_quote",
        "record_too_long" => "record_too_long",
        "json" => "json",
        _ => "broken",
    }
}

fn read_own(mappings: &Mappings, rulebook: &CompiledRulebook, taken: &Taken, receipt: Receipt) -> Reading {
    let quarantine = |reason, field| Reading {
        mapping: None,
        outcome: Outcome::Quarantine { reason, field },
        keep: taken.data.clone(),
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
        keep: taken.data.clone(),
    }
}

/// What is kept of a record: a personal field never, where it can be found.
pub(crate) fn blanked(shown: &crate::mapping::Shown, raw: &[u8]) -> Vec<u8> {
    match shown {
        crate::mapping::Shown::Text(text) => text.clone().into_bytes(),
        crate::mapping::Shown::Withheld { .. } => raw.to_vec(),
    }
}
