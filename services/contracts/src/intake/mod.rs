//! What became of the records that were read: the messages of `intake.events.v1`. What people ask of intake is in [`command`].

pub mod command;

use bihuan_domain::clue::Actor;
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

pub use command::IntakeCommand;

use crate::DecodeError;
use crate::generated::intake::v1 as proto;
use crate::generated::intake::v1::event::Body;
use crate::wire::{self, Result, Wire as _, code, id, id_bytes, optional_code, part, time};

/// A message of `intake.events.v1`. Offsets are inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeEvent {
    /// Records became reports of clues.
    RecordsAccepted {
        source: SourceId,
        topic: String,
        partition: u32,
        first_offset: i64,
        last_offset: i64,
        count: u32,
        at: Timestamp,
    },
    /// The mapping leaves them out, as it does heartbeats.
    RecordsSkipped {
        source: SourceId,
        topic: String,
        partition: u32,
        first_offset: i64,
        last_offset: i64,
        count: u32,
        at: Timestamp,
    },
    /// Records became commands of agencies.
    RecordsFedBack {
        source: SourceId,
        topic: String,
        partition: u32,
        first_offset: i64,
        last_offset: i64,
        count: u32,
        at: Timestamp,
    },
    /// A record could not be read; its bytes are in intake's quarantine.
    RecordQuarantined {
        id: RecordId,
        source: Option<SourceId>,
        topic: String,
        partition: u32,
        offset: i64,
        file: Option<String>,
        /// From 1.
        line: Option<u64>,
        /// Code.
        reason: String,
        field: Option<String>,
        /// How many bytes it has.
        bytes: u32,
        at: Timestamp,
    },
    /// A quarantined record was read after all.
    QuarantineReplayed {
        id: RecordId,
        source: Option<SourceId>,
        clue: ClueId,
        became: Became,
        actor: Actor,
        at: Timestamp,
    },
    /// Somebody decided that a quarantined record is not to be read.
    QuarantineDiscarded {
        id: RecordId,
        source: Option<SourceId>,
        reason: String,
        actor: Actor,
        at: Timestamp,
    },
}

/// What a record was once it could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Of a clue.
    Report,
    /// An agency's command.
    Feedback,
}

impl IntakeEvent {
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::RecordsAccepted { at, .. }
            | Self::RecordsSkipped { at, .. }
            | Self::RecordsFedBack { at, .. }
            | Self::RecordQuarantined { at, .. }
            | Self::QuarantineReplayed { at, .. }
            | Self::QuarantineDiscarded { at, .. } => *at,
        }
    }
}

/// The type as the header `ce_type` names it.
pub const fn type_name(event: &IntakeEvent) -> &'static str {
    match event {
        IntakeEvent::RecordsAccepted { .. } => "bihuan.intake.v1.RecordsAccepted",
        IntakeEvent::RecordsSkipped { .. } => "bihuan.intake.v1.RecordsSkipped",
        IntakeEvent::RecordsFedBack { .. } => "bihuan.intake.v1.RecordsFedBack",
        IntakeEvent::RecordQuarantined { .. } => "bihuan.intake.v1.RecordQuarantined",
        IntakeEvent::QuarantineReplayed { .. } => "bihuan.intake.v1.QuarantineReplayed",
        IntakeEvent::QuarantineDiscarded { .. } => "bihuan.intake.v1.QuarantineDiscarded",
    }
}

pub fn encode(event: &IntakeEvent) -> Vec<u8> {
    let (at_us, body) = (Some(event.at().as_micros()), Some(body(event)));
    proto::Event {
        schema: wire::SCHEMA,
        at_us,
        body,
    }
    .encode_to_vec()
}

fn body(event: &IntakeEvent) -> Body {
    use IntakeEvent as E;
    let name = |source: &Option<SourceId>| source.as_ref().map(SourceId::to_string);
    match event {
        E::RecordsAccepted {
            source,
            topic,
            partition,
            first_offset,
            last_offset,
            count,
            ..
        } => {
            let range = range(source, topic, *partition, (*first_offset, *last_offset), *count);
            Body::RecordsAccepted(proto::RecordsAccepted { range })
        }
        E::RecordsSkipped {
            source,
            topic,
            partition,
            first_offset,
            last_offset,
            count,
            ..
        } => {
            let range = range(source, topic, *partition, (*first_offset, *last_offset), *count);
            Body::RecordsSkipped(proto::RecordsSkipped { range })
        }
        E::RecordsFedBack {
            source,
            topic,
            partition,
            first_offset,
            last_offset,
            count,
            ..
        } => {
            let range = range(source, topic, *partition, (*first_offset, *last_offset), *count);
            Body::RecordsFedBack(proto::RecordsFedBack { range })
        }
        E::RecordQuarantined {
            id,
            source,
            topic,
            partition,
            offset,
            file,
            line,
            reason,
            field,
            bytes,
            ..
        } => Body::RecordQuarantined(proto::RecordQuarantined {
            id: id_bytes(*id),
            source: name(source),
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
            file: file.clone(),
            line: *line,
            reason: reason.clone(),
            field: field.clone(),
            bytes: *bytes,
        }),
        E::QuarantineReplayed {
            id,
            source,
            clue,
            became,
            actor,
            ..
        } => {
            let (id, source, clue) = (id_bytes(*id), name(source), id_bytes(*clue));
            Body::QuarantineReplayed(proto::QuarantineReplayed {
                id,
                source,
                clue,
                actor: Some(actor.to_wire()),
                feedback: *became == Became::Feedback,
            })
        }
        E::QuarantineDiscarded {
            id,
            source,
            reason,
            actor,
            ..
        } => {
            let (id, source, reason) = (id_bytes(*id), name(source), reason.clone());
            Body::QuarantineDiscarded(proto::QuarantineDiscarded {
                id,
                source,
                reason,
                actor: Some(actor.to_wire()),
            })
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a sub-message is optional on the wire")]
fn range(
    source: &SourceId,
    topic: &str,
    partition: u32,
    offsets: (i64, i64),
    count: u32,
) -> Option<proto::Range> {
    let (first_offset, last_offset) = offsets;
    let (source, topic) = (source.to_string(), topic.to_owned());
    Some(proto::Range {
        source,
        topic,
        partition,
        first_offset,
        last_offset,
        count,
    })
}

pub fn decode(bytes: &[u8]) -> Result<IntakeEvent> {
    let message = proto::Event::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let at = time(message.at_us, "at_us")?;
    match message.body {
        None => Err(DecodeError::type_unknown(
            "body",
            "no event, or one that this program does not know",
        )),
        Some(Body::RecordsAccepted(it)) => {
            let proto::Range {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
            } = ranged(it.range)?;
            let source = code(&source, "range.source")?;
            Ok(IntakeEvent::RecordsAccepted {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            })
        }
        Some(Body::RecordsSkipped(it)) => {
            let proto::Range {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
            } = ranged(it.range)?;
            let source = code(&source, "range.source")?;
            Ok(IntakeEvent::RecordsSkipped {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            })
        }
        Some(Body::RecordsFedBack(it)) => {
            let proto::Range {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
            } = ranged(it.range)?;
            let source = code(&source, "range.source")?;
            Ok(IntakeEvent::RecordsFedBack {
                source,
                topic,
                partition,
                first_offset,
                last_offset,
                count,
                at,
            })
        }
        Some(Body::RecordQuarantined(it)) => quarantined(it, at),
        Some(Body::QuarantineReplayed(it)) => Ok(IntakeEvent::QuarantineReplayed {
            id: id(&it.id, "id")?,
            source: optional_code(it.source.as_deref(), "source")?,
            clue: id(&it.clue, "clue")?,
            became: if it.feedback {
                Became::Feedback
            } else {
                Became::Report
            },
            actor: part(it.actor, "actor")?,
            at,
        }),
        Some(Body::QuarantineDiscarded(it)) => Ok(IntakeEvent::QuarantineDiscarded {
            id: id(&it.id, "id")?,
            source: optional_code(it.source.as_deref(), "source")?,
            reason: it.reason,
            actor: part(it.actor, "actor")?,
            at,
        }),
    }
}

fn ranged(range: Option<proto::Range>) -> Result<proto::Range> {
    range.ok_or_else(|| DecodeError::missing("range"))
}

fn quarantined(it: proto::RecordQuarantined, at: Timestamp) -> Result<IntakeEvent> {
    Ok(IntakeEvent::RecordQuarantined {
        id: id(&it.id, "id")?,
        source: optional_code(it.source.as_deref(), "source")?,
        topic: it.topic,
        partition: it.partition,
        offset: it.offset,
        file: it.file,
        line: it.line,
        reason: it.reason,
        field: it.field,
        bytes: it.bytes,
        at,
    })
}
