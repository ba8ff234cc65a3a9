//! A callback: a step of a clue that its source is told of. And what delivery is told of its callbacks, through the log, so that
//! only the holder of the lane writes down what became of them.

use bihuan_domain::clue::Actor;
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::generated::delivery::v1 as proto;
use crate::generated::delivery::v1::callback_command::Body;
use crate::message::Attributes;
use crate::wire::{self, Result, Wire, code, id, id_bytes, part, time};
use crate::{DecodeError, Message, topics};

/// Which step of which clue, and who is told. One version of a clue is one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub clue: ClueId,
    /// The clue's version when it happened.
    pub version: u32,
    /// Of the clue.
    pub source: SourceId,
}

impl Callback {
    /// The idempotency key of the callback of a clue's version: the same each time that it is sent.
    pub fn key(clue: ClueId, version: u32) -> CommandId {
        CommandId::derive(format!("{clue}/{version}").as_bytes(), "callback", 0)
    }
}

impl Wire for Callback {
    type Message = proto::Callback;

    fn to_wire(&self) -> proto::Callback {
        proto::Callback {
            clue: id_bytes(self.clue),
            version: self.version,
            source: self.source.to_string(),
        }
    }

    fn from_wire(message: proto::Callback) -> Result<Self> {
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            version: version(message.version)?,
            source: code(&message.source, "source")?,
        })
    }
}

/// A message of `callback.commands.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackCommand {
    pub clue: ClueId,
    /// With the clue, which callback.
    pub version: u32,
    pub at: Timestamp,
    pub request: CallbackRequest,
}

/// What is to be written down of a callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackRequest {
    /// It was sent, and this came of it.
    Record(Attempt),
    /// Send a dead letter again.
    Resend { actor: Actor },
}

/// What came of sending it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// From 1.
    pub number: u32,
    /// Code; `None`: the receiver has it.
    pub reason: Option<String>,
    /// Of HTTP, where there was an answer.
    pub status: Option<u16>,
    /// Sending it again would change nothing.
    pub permanent: bool,
    /// When the receiver wants to be asked again.
    pub not_before: Option<Timestamp>,
}

impl CallbackCommand {
    pub const fn type_name(&self) -> &'static str {
        match self.request {
            CallbackRequest::Record(_) => "bihuan.delivery.v1.RecordAttempt",
            CallbackRequest::Resend { .. } => "bihuan.delivery.v1.ResendCallback",
        }
    }

    /// The message for the lane `partition`, which is the clue's.
    pub fn message(&self, partition: u32, producer: &str) -> Message {
        let clue = self.clue.to_string();
        let cause = match &self.request {
            CallbackRequest::Record(attempt) => format!("{clue}/{}/{}", self.version, attempt.number),
            CallbackRequest::Resend { .. } => format!("{clue}/{}/{}", self.version, self.at),
        };
        let attributes = Attributes {
            id: CommandId::derive(cause.as_bytes(), producer, 0).to_string(),
            producer,
            kind: self.type_name(),
            time: self.at,
            subject: Some(&clue),
        };
        Message::cloud_event(
            topics::CALLBACK_COMMANDS,
            partition,
            &clue,
            attributes,
            self.encode(),
        )
    }

    pub fn encode(&self) -> Vec<u8> {
        let body = match &self.request {
            CallbackRequest::Record(attempt) => Body::RecordAttempt(proto::RecordAttempt {
                attempt: attempt.number,
                reason: attempt.reason.clone(),
                status: attempt.status.map(u32::from),
                permanent: attempt.permanent,
                not_before_us: attempt.not_before.map(Timestamp::as_micros),
            }),
            CallbackRequest::Resend { actor } => Body::ResendCallback(proto::ResendCallback {
                actor: Some(actor.to_wire()),
            }),
        };
        proto::CallbackCommand {
            schema: wire::SCHEMA,
            clue: id_bytes(self.clue),
            version: self.version,
            at_us: Some(self.at.as_micros()),
            body: Some(body),
        }
        .encode_to_vec()
    }

    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let message =
            proto::CallbackCommand::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
        wire::schema(message.schema)?;
        let request = match message.body {
            None => {
                let detail = "no command, or one that this program does not know";
                return Err(DecodeError::type_unknown("body", detail));
            }
            Some(Body::RecordAttempt(it)) => CallbackRequest::Record(Attempt {
                number: it.attempt,
                reason: it.reason,
                status: status(it.status)?,
                permanent: it.permanent,
                not_before: it.not_before_us.map(Timestamp::from_micros),
            }),
            Some(Body::ResendCallback(it)) => CallbackRequest::Resend {
                actor: part(it.actor, "actor")?,
            },
        };
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            version: version(message.version)?,
            at: time(message.at_us, "at_us")?,
            request,
        })
    }
}

fn version(version: u32) -> Result<u32> {
    if version == 0 {
        return Err(DecodeError::missing("version"));
    }
    Ok(version)
}

pub(super) fn status(status: Option<u32>) -> Result<Option<u16>> {
    let narrow = |status| u16::try_from(status).map_err(|_| DecodeError::invalid("status", "is no status"));
    status.map(narrow).transpose()
}
