//! What was handed to agencies and what came back: the messages of `delivery.events.v1`, and the notice that an agency's
//! system receives.

mod assignment;

use bihuan_domain::code::AgencyId;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

pub use assignment::{AssignmentNotice, AssignmentRole};

use crate::DecodeError;
use crate::generated::delivery::v1 as proto;
use crate::generated::delivery::v1::event::Body;
use crate::wire::{self, Result, code, id, id_bytes, time};

/// A message of `delivery.events.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEvent {
    /// The agency's system was told. `version` is the clue's when it was assigned.
    AssignmentPublished {
        clue: ClueId,
        version: u32,
        agency: AgencyId,
        topic: String,
        at: Timestamp,
    },
    /// An agency's message became a command.
    FeedbackAccepted {
        topic: String,
        partition: u32,
        offset: i64,
        clue: ClueId,
        command: CommandId,
        at: Timestamp,
    },
    /// An agency's message could not be read; its bytes are in delivery's quarantine.
    FeedbackQuarantined {
        id: RecordId,
        topic: String,
        partition: u32,
        offset: i64,
        /// Code.
        reason: String,
        field: Option<String>,
        at: Timestamp,
    },
}

impl DeliveryEvent {
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::AssignmentPublished { at, .. }
            | Self::FeedbackAccepted { at, .. }
            | Self::FeedbackQuarantined { at, .. } => *at,
        }
    }
}

/// The type as the header `ce_type` names it.
pub const fn type_name(event: &DeliveryEvent) -> &'static str {
    match event {
        DeliveryEvent::AssignmentPublished { .. } => "bihuan.delivery.v1.AssignmentPublished",
        DeliveryEvent::FeedbackAccepted { .. } => "bihuan.delivery.v1.FeedbackAccepted",
        DeliveryEvent::FeedbackQuarantined { .. } => "bihuan.delivery.v1.FeedbackQuarantined",
    }
}

pub fn encode(event: &DeliveryEvent) -> Vec<u8> {
    let (at_us, body) = (Some(event.at().as_micros()), Some(body(event)));
    proto::Event {
        schema: wire::SCHEMA,
        at_us,
        body,
    }
    .encode_to_vec()
}

fn body(event: &DeliveryEvent) -> Body {
    match event {
        DeliveryEvent::AssignmentPublished {
            clue,
            version,
            agency,
            topic,
            ..
        } => {
            let (clue, agency, topic) = (id_bytes(*clue), agency.to_string(), topic.clone());
            Body::AssignmentPublished(proto::AssignmentPublished {
                clue,
                version: *version,
                agency,
                topic,
            })
        }
        DeliveryEvent::FeedbackAccepted {
            topic,
            partition,
            offset,
            clue,
            command,
            ..
        } => Body::FeedbackAccepted(proto::FeedbackAccepted {
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
            clue: id_bytes(*clue),
            command: id_bytes(*command),
        }),
        DeliveryEvent::FeedbackQuarantined {
            id,
            topic,
            partition,
            offset,
            reason,
            field,
            ..
        } => Body::FeedbackQuarantined(proto::FeedbackQuarantined {
            id: id_bytes(*id),
            topic: topic.clone(),
            partition: *partition,
            offset: *offset,
            reason: reason.clone(),
            field: field.clone(),
        }),
    }
}

pub fn decode(bytes: &[u8]) -> Result<DeliveryEvent> {
    let message = proto::Event::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let at = time(message.at_us, "at_us")?;
    match message.body {
        None => Err(DecodeError::type_unknown(
            "body",
            "no event, or one that this program does not know",
        )),
        Some(Body::AssignmentPublished(it)) => Ok(DeliveryEvent::AssignmentPublished {
            clue: id(&it.clue, "clue")?,
            version: it.version,
            agency: code(&it.agency, "agency")?,
            topic: it.topic,
            at,
        }),
        Some(Body::FeedbackAccepted(it)) => Ok(DeliveryEvent::FeedbackAccepted {
            topic: it.topic,
            partition: it.partition,
            offset: it.offset,
            clue: id(&it.clue, "clue")?,
            command: id(&it.command, "command")?,
            at,
        }),
        Some(Body::FeedbackQuarantined(it)) => Ok(DeliveryEvent::FeedbackQuarantined {
            id: id(&it.id, "id")?,
            topic: it.topic,
            partition: it.partition,
            offset: it.offset,
            reason: it.reason,
            field: it.field,
            at,
        }),
    }
}
