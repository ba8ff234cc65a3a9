//! What was handed to agencies and what came back: the messages of `delivery.events.v1`, and the notice that an agency's
//! system receives.

mod assignment;
mod callback;
mod reminder;

use bihuan_domain::clue::Actor;
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

pub use assignment::{AssignmentNotice, AssignmentRole, NoticeTask};
pub use callback::{Attempt, Callback, CallbackCommand, CallbackId, CallbackRequest, Link, Standing};
pub use reminder::{RemindedClue, ReminderNotice};

use crate::DecodeError;
use crate::generated::delivery::v1 as proto;
use crate::generated::delivery::v1::event::Body;
use crate::wire::{self, Result, Wire as _, code, id, id_bytes, part, text, time};

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
    /// The agency's system was reminded of these clues.
    ReminderPublished {
        agency: AgencyId,
        topic: String,
        /// The step of the ladder.
        rung: Rung,
        clues: Vec<ClueId>,
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
    /// The clue's source is to be told of a step.
    CallbackDue {
        callback: Callback,
        /// As mappings call the step.
        event: String,
        at: Timestamp,
    },
    /// The receiver has it.
    CallbackAcknowledged {
        callback: Callback,
        attempts: u32,
        at: Timestamp,
    },
    /// Given up: a dead letter, until somebody has it sent again.
    CallbackFailed {
        callback: Callback,
        attempts: u32,
        /// Code, of the last attempt.
        reason: String,
        /// Of HTTP, where there was an answer.
        status: Option<u16>,
        at: Timestamp,
    },
    /// Somebody has a dead letter sent again.
    CallbackResent {
        callback: Callback,
        actor: Actor,
        at: Timestamp,
    },
    /// The source's own record says what it was told.
    CallbackEchoed {
        callback: Callback,
        /// Where it stood until then.
        before: Standing,
        at: Timestamp,
    },
}

impl DeliveryEvent {
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::AssignmentPublished { at, .. }
            | Self::ReminderPublished { at, .. }
            | Self::FeedbackAccepted { at, .. }
            | Self::FeedbackQuarantined { at, .. }
            | Self::CallbackDue { at, .. }
            | Self::CallbackAcknowledged { at, .. }
            | Self::CallbackFailed { at, .. }
            | Self::CallbackResent { at, .. }
            | Self::CallbackEchoed { at, .. } => *at,
        }
    }
}

/// The type as the header `ce_type` names it.
pub const fn type_name(event: &DeliveryEvent) -> &'static str {
    match event {
        DeliveryEvent::AssignmentPublished { .. } => "bihuan.delivery.v1.AssignmentPublished",
        DeliveryEvent::ReminderPublished { .. } => "bihuan.delivery.v1.ReminderPublished",
        DeliveryEvent::FeedbackAccepted { .. } => "bihuan.delivery.v1.FeedbackAccepted",
        DeliveryEvent::FeedbackQuarantined { .. } => "bihuan.delivery.v1.FeedbackQuarantined",
        DeliveryEvent::CallbackDue { .. } => "bihuan.delivery.v1.CallbackDue",
        DeliveryEvent::CallbackAcknowledged { .. } => "bihuan.delivery.v1.CallbackAcknowledged",
        DeliveryEvent::CallbackFailed { .. } => "bihuan.delivery.v1.CallbackFailed",
        DeliveryEvent::CallbackResent { .. } => "bihuan.delivery.v1.CallbackResent",
        DeliveryEvent::CallbackEchoed { .. } => "bihuan.delivery.v1.CallbackEchoed",
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
        DeliveryEvent::ReminderPublished {
            agency,
            topic,
            rung,
            clues,
            ..
        } => Body::ReminderPublished(proto::ReminderPublished {
            agency: agency.to_string(),
            topic: topic.clone(),
            rung: rung.to_string(),
            clues: clues.iter().map(|clue| id_bytes(*clue)).collect(),
        }),
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
        DeliveryEvent::CallbackDue { callback, event, .. } => Body::CallbackDue(proto::CallbackDue {
            callback: Some(callback.to_wire()),
            event: event.clone(),
        }),
        DeliveryEvent::CallbackAcknowledged {
            callback, attempts, ..
        } => Body::CallbackAcknowledged(proto::CallbackAcknowledged {
            callback: Some(callback.to_wire()),
            attempts: *attempts,
        }),
        DeliveryEvent::CallbackFailed {
            callback,
            attempts,
            reason,
            status,
            ..
        } => Body::CallbackFailed(proto::CallbackFailed {
            callback: Some(callback.to_wire()),
            attempts: *attempts,
            reason: reason.clone(),
            status: status.map(u32::from),
        }),
        DeliveryEvent::CallbackResent { callback, actor, .. } => {
            Body::CallbackResent(proto::CallbackResent {
                callback: Some(callback.to_wire()),
                actor: Some(actor.to_wire()),
            })
        }
        DeliveryEvent::CallbackEchoed { callback, before, .. } => {
            Body::CallbackEchoed(proto::CallbackEchoed {
                callback: Some(callback.to_wire()),
                before: before.as_str().to_owned(),
            })
        }
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
        Some(Body::ReminderPublished(it)) => Ok(DeliveryEvent::ReminderPublished {
            agency: code(&it.agency, "agency")?,
            topic: it.topic,
            rung: code(&it.rung, "rung")?,
            clues: it
                .clues
                .iter()
                .map(|clue| id(clue, "clues"))
                .collect::<Result<_>>()?,
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
        Some(
            body @ (Body::CallbackDue(_)
            | Body::CallbackAcknowledged(_)
            | Body::CallbackFailed(_)
            | Body::CallbackResent(_)
            | Body::CallbackEchoed(_)),
        ) => of_callback(body, at),
    }
}

/// What happened to a callback.
fn of_callback(body: Body, at: Timestamp) -> Result<DeliveryEvent> {
    Ok(match body {
        Body::CallbackDue(it) => DeliveryEvent::CallbackDue {
            callback: part(it.callback, "callback")?,
            event: text(it.event, "event")?,
            at,
        },
        Body::CallbackAcknowledged(it) => DeliveryEvent::CallbackAcknowledged {
            callback: part(it.callback, "callback")?,
            attempts: it.attempts,
            at,
        },
        Body::CallbackFailed(it) => DeliveryEvent::CallbackFailed {
            callback: part(it.callback, "callback")?,
            attempts: it.attempts,
            reason: it.reason,
            status: callback::status(it.status)?,
            at,
        },
        Body::CallbackResent(it) => DeliveryEvent::CallbackResent {
            callback: part(it.callback, "callback")?,
            actor: part(it.actor, "actor")?,
            at,
        },
        Body::CallbackEchoed(it) => DeliveryEvent::CallbackEchoed {
            callback: part(it.callback, "callback")?,
            before: Standing::parse(&it.before)
                .ok_or_else(|| DecodeError::invalid("before", "is no standing of a callback"))?,
            at,
        },
        _ => return Err(DecodeError::type_unknown("body", "no event of a callback")),
    })
}
