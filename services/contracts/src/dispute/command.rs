//! What is asked of disputes: the messages of `dispute.commands.v1`.

use bihuan_domain::dispute::{Command, Envelope};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::generated::dispute::v1 as proto;
use crate::message::Attributes;
use crate::wire::{self, Wire as _, id, id_bytes, optional_part, part, time};
use crate::{DecodeError, Message, topics};

/// A message of `dispute.commands.v1`.
#[derive(Clone, Debug, PartialEq)]
pub struct DisputeCommand {
    /// Of the dispute: it is found by it, on the clue's partition.
    pub clue: ClueId,
    pub envelope: Envelope,
}

pub fn encode(DisputeCommand { clue, envelope }: &DisputeCommand) -> Vec<u8> {
    proto::Command {
        schema: wire::SCHEMA,
        id: id_bytes(envelope.id),
        clue: id_bytes(*clue),
        dispute: id_bytes(envelope.dispute),
        causation: envelope.causation.clone(),
        actor: Some(envelope.actor.to_wire()),
        expected_version: envelope.expected_version,
        occurred_at_us: envelope.occurred_at.map(Timestamp::as_micros),
        received_at_us: Some(envelope.received_at.as_micros()),
        text: envelope.text.as_ref().map(wire::Wire::to_wire),
        body: Some(wire::disputes::command::to_wire(&envelope.command)),
    }
    .encode_to_vec()
}

pub fn decode(bytes: &[u8]) -> Result<DisputeCommand, DecodeError> {
    let message = proto::Command::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let command = message.body.ok_or_else(|| {
        DecodeError::type_unknown("body", "no command, or one that this program does not know")
    })?;
    Ok(DisputeCommand {
        clue: id(&message.clue, "clue")?,
        envelope: Envelope {
            id: id(&message.id, "id")?,
            dispute: id(&message.dispute, "dispute")?,
            causation: message.causation,
            actor: part(message.actor, "actor")?,
            expected_version: message.expected_version,
            occurred_at: message.occurred_at_us.map(Timestamp::from_micros),
            received_at: time(message.received_at_us, "received_at_us")?,
            command: wire::disputes::command::from_wire(command)?,
            text: optional_part(message.text, "text")?,
        },
    })
}

/// The command as `producer` sends it to `partition`, the clue's. The key is the clue's id in text.
pub fn message(command: &DisputeCommand, partition: u32, producer: &str) -> Message {
    let clue = command.clue.to_string();
    let attributes = Attributes {
        id: command.envelope.id.to_string(),
        producer,
        kind: type_name(&command.envelope.command),
        time: command.envelope.received_at,
        subject: Some(&clue),
    };
    Message::cloud_event(
        topics::DISPUTE_COMMANDS,
        partition,
        &clue,
        attributes,
        encode(command),
    )
}

/// The type as the header `ce_type` names it.
pub const fn type_name(command: &Command) -> &'static str {
    match command {
        Command::OpenDispute(_) => "bihuan.dispute.v1.OpenDispute",
        Command::StatePosition { .. } => "bihuan.dispute.v1.StatePosition",
        Command::RecordMinutes { .. } => "bihuan.dispute.v1.RecordMinutes",
        Command::Apply { .. } => "bihuan.dispute.v1.Apply",
        Command::AcceptApplication => "bihuan.dispute.v1.AcceptApplication",
        Command::RefuseApplication { .. } => "bihuan.dispute.v1.RefuseApplication",
        Command::ForwardApplication => "bihuan.dispute.v1.ForwardApplication",
        Command::Reply { .. } => "bihuan.dispute.v1.Reply",
        Command::RecordMeeting { .. } => "bihuan.dispute.v1.RecordMeeting",
        Command::GiveOpinion { .. } => "bihuan.dispute.v1.GiveOpinion",
        Command::AcceptOpinion => "bihuan.dispute.v1.AcceptOpinion",
        Command::DeclineOpinion => "bihuan.dispute.v1.DeclineOpinion",
        Command::DecideDispute(_) => "bihuan.dispute.v1.DecideDispute",
        Command::WithdrawDispute => "bihuan.dispute.v1.WithdrawDispute",
        Command::AppealRuling { .. } => "bihuan.dispute.v1.AppealRuling",
        Command::AddParty(_) => "bihuan.dispute.v1.AddParty",
        Command::NameLead { .. } => "bihuan.dispute.v1.NameLead",
        Command::NoteTakenUp { .. } => "bihuan.dispute.v1.NoteTakenUp",
        Command::NoteClueEnded { .. } => "bihuan.dispute.v1.NoteClueEnded",
    }
}
