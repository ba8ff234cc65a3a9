//! What happened to disputes: the messages of `dispute.events.v1`.

use bihuan_domain::dispute::{Event, Occurrence};
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::generated::dispute::v1 as proto;
use crate::generated::dispute::v1::event::Body;
use crate::message::Attributes;
use crate::wire::{self, Wire as _, id, id_bytes, optional_digest, optional_part, part, time};
use crate::{DecodeError, Message, header, topics};

/// A message of `dispute.events.v1`.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are events of a dispute, made once and moved once"
)]
pub enum DisputeEvent {
    /// Of one dispute.
    Dispute {
        /// The clue that it is about.
        clue: ClueId,
        occurrence: Occurrence,
    },
    /// Of the partition: a message of the command topic could not be read.
    CommandQuarantined {
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

impl DisputeEvent {
    /// Effective time.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Dispute { occurrence, .. } => occurrence.at,
            Self::CommandQuarantined { at, .. } => *at,
        }
    }
}

pub fn encode(event: &DisputeEvent) -> Vec<u8> {
    match event {
        DisputeEvent::Dispute { clue, occurrence } => of_dispute(*clue, occurrence),
        DisputeEvent::CommandQuarantined {
            id,
            topic,
            partition,
            offset,
            reason,
            field,
            at,
        } => proto::Event {
            schema: wire::SCHEMA,
            at_us: Some(at.as_micros()),
            body: Some(Body::CommandQuarantined(proto::CommandQuarantined {
                id: id_bytes(*id),
                topic: topic.clone(),
                partition: *partition,
                offset: *offset,
                reason: reason.clone(),
                field: field.clone(),
            })),
            ..proto::Event::default()
        },
    }
    .encode_to_vec()
}

fn of_dispute(clue: ClueId, it: &Occurrence) -> proto::Event {
    proto::Event {
        schema: wire::SCHEMA,
        clue: id_bytes(clue),
        dispute: id_bytes(it.dispute),
        version: it.version,
        received_at_us: Some(it.received_at.as_micros()),
        command: id_bytes(it.command),
        at_us: Some(it.at.as_micros()),
        causation: it.causation.clone(),
        actor: Some(it.actor.to_wire()),
        text: it.text.map(|digest| digest.0.to_vec()),
        deadline: it.deadline.as_ref().map(wire::Wire::to_wire),
        body: Some(wire::disputes::event::to_wire(&it.event)),
    }
}

pub fn decode(bytes: &[u8]) -> Result<DisputeEvent, DecodeError> {
    let mut message = proto::Event::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let at = time(message.at_us, "at_us")?;
    match message.body.take() {
        None => Err(DecodeError::type_unknown(
            "body",
            "no event, or one that this program does not know",
        )),
        Some(Body::CommandQuarantined(body)) => Ok(DisputeEvent::CommandQuarantined {
            id: id(&body.id, "id")?,
            topic: body.topic,
            partition: body.partition,
            offset: body.offset,
            reason: body.reason,
            field: body.field,
            at,
        }),
        Some(body) => Ok(DisputeEvent::Dispute {
            clue: id(&message.clue, "clue")?,
            occurrence: occurrence(message, at, body)?,
        }),
    }
}

fn occurrence(message: proto::Event, at: Timestamp, body: Body) -> Result<Occurrence, DecodeError> {
    if message.version == 0 {
        return Err(DecodeError::missing("version"));
    }
    Ok(Occurrence {
        dispute: id(&message.dispute, "dispute")?,
        version: message.version,
        at,
        received_at: time(message.received_at_us, "received_at_us")?,
        command: id(&message.command, "command")?,
        causation: message.causation,
        actor: part(message.actor, "actor")?,
        text: optional_digest(message.text.as_deref(), "text")?,
        deadline: optional_part(message.deadline, "deadline")?,
        event: wire::disputes::event::from_wire(body)?,
    })
}

/// The event as the journal carries it. Its id derives from its place, so that publishing it again repeats the same id.
pub fn message(event: &DisputeEvent, partition: u32, sequence: u64, producer: &str) -> Message {
    let subject = key(event).map(|clue| clue.to_string());
    let attributes = Attributes {
        id: format!("{partition}-{sequence}"),
        producer,
        kind: type_name(event),
        time: event.at(),
        subject: subject.as_deref(),
    };
    let key = subject.as_deref().unwrap_or_default();
    Message::cloud_event(topics::DISPUTE_EVENTS, partition, key, attributes, encode(event))
        .with_header(header::SEQUENCE, sequence.to_string())
}

/// The clue of the dispute; `None` for an event of the partition.
pub const fn key(event: &DisputeEvent) -> Option<ClueId> {
    match event {
        DisputeEvent::Dispute { clue, .. } => Some(*clue),
        DisputeEvent::CommandQuarantined { .. } => None,
    }
}

/// The type as the header `ce_type` names it.
pub const fn type_name(event: &DisputeEvent) -> &'static str {
    match event {
        DisputeEvent::Dispute { occurrence, .. } => of_event(&occurrence.event),
        DisputeEvent::CommandQuarantined { .. } => "bihuan.dispute.v1.CommandQuarantined",
    }
}

const fn of_event(event: &Event) -> &'static str {
    match event {
        Event::DisputeOpened { .. } => "bihuan.dispute.v1.DisputeOpened",
        Event::PositionStated { .. } => "bihuan.dispute.v1.PositionStated",
        Event::MinutesRecorded { .. } => "bihuan.dispute.v1.MinutesRecorded",
        Event::DisputeSettled { .. } => "bihuan.dispute.v1.DisputeSettled",
        Event::ApplicationMade { .. } => "bihuan.dispute.v1.ApplicationMade",
        Event::ApplicationAccepted => "bihuan.dispute.v1.ApplicationAccepted",
        Event::ApplicationRefused { .. } => "bihuan.dispute.v1.ApplicationRefused",
        Event::ApplicationForwarded => "bihuan.dispute.v1.ApplicationForwarded",
        Event::ReplyGiven { .. } => "bihuan.dispute.v1.ReplyGiven",
        Event::RepliesComplete => "bihuan.dispute.v1.RepliesComplete",
        Event::MeetingRecorded { .. } => "bihuan.dispute.v1.MeetingRecorded",
        Event::OpinionGiven { .. } => "bihuan.dispute.v1.OpinionGiven",
        Event::OpinionAccepted { .. } => "bihuan.dispute.v1.OpinionAccepted",
        Event::OpinionDeclined { .. } => "bihuan.dispute.v1.OpinionDeclined",
        Event::DisputeDecided { .. } => "bihuan.dispute.v1.DisputeDecided",
        Event::WithdrawalAgreed { .. } => "bihuan.dispute.v1.WithdrawalAgreed",
        Event::DisputeWithdrawn => "bihuan.dispute.v1.DisputeWithdrawn",
        Event::AppealWithdrawn { .. } => "bihuan.dispute.v1.AppealWithdrawn",
        Event::RulingAppealed { .. } => "bihuan.dispute.v1.RulingAppealed",
        Event::PartyAdded { .. } => "bihuan.dispute.v1.PartyAdded",
        Event::LeadNamed { .. } => "bihuan.dispute.v1.LeadNamed",
        Event::RulingTakenUp { .. } => "bihuan.dispute.v1.RulingTakenUp",
        Event::ClueEnded { .. } => "bihuan.dispute.v1.ClueEnded",
        Event::StepLapsed { .. } => "bihuan.dispute.v1.StepLapsed",
        Event::DeadlineRevised => "bihuan.dispute.v1.DeadlineRevised",
        Event::CommandRejected { .. } => "bihuan.dispute.v1.CommandRejected",
    }
}
