//! A callback: a step of a clue that a source is told of. And what delivery is told of its callbacks, through the log, so that
//! only the holder of the lane writes down what became of them.

use std::fmt::{self, Display};

use bihuan_domain::clue::Actor;
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::generated::delivery::v1 as proto;
use crate::generated::delivery::v1::callback_command::Body;
use crate::message::Attributes;
use crate::wire::{self, Result, Wire, code, id, id_bytes, optional_part, part, text, time};
use crate::{DecodeError, Message, topics};

/// Which step of which clue, and who is told. One version of a clue is one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    pub clue: ClueId,
    /// The clue's version when it happened.
    pub version: u32,
    /// Who is told.
    pub source: SourceId,
    /// The id there, where that is not the record that was read first.
    pub link: Option<String>,
}

/// Where a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    Pending,
    Acknowledged,
    /// A dead letter.
    Failed,
}

impl Standing {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Acknowledged, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Acknowledged => "acknowledged",
            Self::Failed => "failed",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl Callback {
    pub fn id(&self) -> CallbackId {
        let link = self.link.clone().map(|id| Link {
            source: self.source.clone(),
            id,
        });
        CallbackId {
            clue: self.clue,
            version: self.version,
            link,
        }
    }
}

/// What tells a callback from all others. As text `clue/version`, of a linked record `clue/version/source/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallbackId {
    pub clue: ClueId,
    pub version: u32,
    /// `None`: it goes to the record that was read first.
    pub link: Option<Link>,
}

/// A record that stands for a clue beside the one that was read first. As text `source/id`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    pub source: SourceId,
    /// What the record is called there.
    pub id: String,
}

impl CallbackId {
    /// The idempotency key: the same each time that it is sent.
    pub fn key(&self) -> CommandId {
        CommandId::derive(self.to_string().as_bytes(), "callback", 0)
    }
}

impl Display for CallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.clue, self.version)?;
        self.link.as_ref().map_or(Ok(()), |link| write!(f, "/{link}"))
    }
}

impl Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.id)
    }
}

impl Wire for Link {
    type Message = proto::Link;

    fn to_wire(&self) -> proto::Link {
        proto::Link {
            source: self.source.to_string(),
            id: self.id.clone(),
        }
    }

    fn from_wire(message: proto::Link) -> Result<Self> {
        Ok(Self {
            source: code(&message.source, "source")?,
            id: text(message.id, "id")?,
        })
    }
}

impl Wire for Callback {
    type Message = proto::Callback;

    fn to_wire(&self) -> proto::Callback {
        proto::Callback {
            clue: id_bytes(self.clue),
            version: self.version,
            source: self.source.to_string(),
            link: self.link.clone(),
        }
    }

    fn from_wire(message: proto::Callback) -> Result<Self> {
        Ok(Self {
            clue: id(&message.clue, "clue")?,
            version: version(message.version)?,
            source: code(&message.source, "source")?,
            link: message.link,
        })
    }
}

/// A message of `callback.commands.v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackCommand {
    pub callback: CallbackId,
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
        let (callback, clue) = (&self.callback, self.callback.clue.to_string());
        let cause = match &self.request {
            CallbackRequest::Record(attempt) => format!("{callback}/{}", attempt.number),
            CallbackRequest::Resend { .. } => format!("{callback}/{}", self.at),
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
            clue: id_bytes(self.callback.clue),
            version: self.callback.version,
            link: self.callback.link.as_ref().map(Wire::to_wire),
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
        let callback = CallbackId {
            clue: id(&message.clue, "clue")?,
            version: version(message.version)?,
            link: optional_part(message.link, "link")?,
        };
        Ok(Self {
            callback,
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
