//! What people ask of intake: control messages on `clue.inbound.v1`, told from records by their type header.

use bihuan_domain::clue::Actor;
use bihuan_domain::id::RecordId;
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::DecodeError;
use crate::generated::intake::v1 as proto;
use crate::generated::intake::v1::command::Body;
use crate::wire::{self, Result, Wire as _, id, id_bytes, part, time};

/// A control message to intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IntakeCommand {
    /// Read it again, now that the mapping or the rulebook was mended.
    ReplayQuarantined {
        id: RecordId,
        /// Another mapping than the one that failed.
        mapping: Option<String>,
        actor: Actor,
        received_at: Timestamp,
    },
    /// Never read it, for this reason.
    DiscardQuarantined {
        id: RecordId,
        reason: String,
        actor: Actor,
        received_at: Timestamp,
    },
}

/// The type as the header `ce_type` names it.
pub const fn type_name(command: &IntakeCommand) -> &'static str {
    match command {
        IntakeCommand::ReplayQuarantined { .. } => "bihuan.intake.v1.ReplayQuarantined",
        IntakeCommand::DiscardQuarantined { .. } => "bihuan.intake.v1.DiscardQuarantined",
    }
}

/// Whether a message of this `ce_type` is for [`decode`] and not a record.
pub fn is_command(type_name: &str) -> bool {
    matches!(
        type_name,
        "bihuan.intake.v1.ReplayQuarantined" | "bihuan.intake.v1.DiscardQuarantined"
    )
}

pub fn encode(command: &IntakeCommand) -> Vec<u8> {
    let (actor, received_at, body) = match command {
        IntakeCommand::ReplayQuarantined {
            id,
            mapping,
            actor,
            received_at,
        } => {
            let body = proto::ReplayQuarantined {
                id: id_bytes(*id),
                mapping: mapping.clone(),
            };
            (actor, received_at, Body::ReplayQuarantined(body))
        }
        IntakeCommand::DiscardQuarantined {
            id,
            reason,
            actor,
            received_at,
        } => {
            let body = proto::DiscardQuarantined {
                id: id_bytes(*id),
                reason: reason.clone(),
            };
            (actor, received_at, Body::DiscardQuarantined(body))
        }
    };
    proto::Command {
        schema: wire::SCHEMA,
        actor: Some(actor.to_wire()),
        received_at_us: Some(received_at.as_micros()),
        body: Some(body),
    }
    .encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<IntakeCommand> {
    let message = proto::Command::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let actor = part(message.actor, "actor")?;
    let received_at = time(message.received_at_us, "received_at_us")?;
    match message.body {
        None => Err(DecodeError::type_unknown(
            "body",
            "no command, or one that this program does not know",
        )),
        Some(Body::ReplayQuarantined(it)) => Ok(IntakeCommand::ReplayQuarantined {
            id: id(&it.id, "id")?,
            mapping: it.mapping,
            actor,
            received_at,
        }),
        Some(Body::DiscardQuarantined(it)) => Ok(IntakeCommand::DiscardQuarantined {
            id: id(&it.id, "id")?,
            reason: it.reason,
            actor,
            received_at,
        }),
    }
}
