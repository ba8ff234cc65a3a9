//! What is asked of clues: the messages of `clue.commands.v1`.

mod from_json;

use bihuan_domain::clue::{Actor, Command, Envelope};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

pub(crate) use from_json::{CAUSES, actor, digest, reason};
pub use from_json::{Request, from_json};

use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::command::Body;
use crate::message::Attributes;
use crate::wire::{self, Wire as _, code, id, id_bytes, optional_part, part, time};
use crate::{DecodeError, Message, topics};

/// A message of `clue.commands.v1`.
#[derive(Clone, Debug, PartialEq)]
pub enum ClueCommand {
    /// For one clue.
    Clue(Envelope),
    /// For one clue, from a platform's feedback: it may arrive before the clue does, or before that is dispatched.
    Feedback(Envelope),
    /// For the partition: from here on it decides by another rulebook.
    ActivateRulebook(ActivateRulebook),
    /// For the partition: an activation whose time has not come is to have no effect.
    WithdrawRulebook(WithdrawRulebook),
    /// What waits for its clue is given up.
    DiscardParked(DiscardParked),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivateRulebook {
    pub id: CommandId,
    pub version: RulebookVersion,
    /// About clues that were reported from then on; `None`: about all.
    pub from: Option<Timestamp>,
    /// Counts the installation's activations from 1; `None`: asked before they were counted.
    pub activation: Option<u32>,
    /// In the words of whoever asked.
    pub why: Option<String>,
    /// JSON: what the rulebook would have decided about clues of the past.
    pub backtest: Option<String>,
    pub actor: Actor,
    pub received_at: Timestamp,
}

/// Asked before the activation's time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawRulebook {
    pub id: CommandId,
    pub activation: u32,
    pub version: RulebookVersion,
    pub why: String,
    pub actor: Actor,
    pub received_at: Timestamp,
}

/// Asked of feedback that waits, by an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscardParked {
    pub id: CommandId,
    pub clue: ClueId,
    /// What waits.
    pub parked: CommandId,
    pub reason: String,
    pub actor: Actor,
    pub received_at: Timestamp,
}

impl ClueCommand {
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Clue(envelope) | Self::Feedback(envelope) => type_name(&envelope.command),
            Self::ActivateRulebook(_) => "bihuan.clue.v1.ActivateRulebook",
            Self::WithdrawRulebook(_) => "bihuan.clue.v1.WithdrawRulebook",
            Self::DiscardParked(_) => "bihuan.clue.v1.DiscardParked",
        }
    }

    pub const fn id(&self) -> CommandId {
        match self {
            Self::Clue(envelope) | Self::Feedback(envelope) => envelope.id,
            Self::ActivateRulebook(activate) => activate.id,
            Self::WithdrawRulebook(withdraw) => withdraw.id,
            Self::DiscardParked(discard) => discard.id,
        }
    }

    pub const fn received_at(&self) -> Timestamp {
        match self {
            Self::Clue(envelope) | Self::Feedback(envelope) => envelope.received_at,
            Self::ActivateRulebook(activate) => activate.received_at,
            Self::WithdrawRulebook(withdraw) => withdraw.received_at,
            Self::DiscardParked(discard) => discard.received_at,
        }
    }
}

pub fn encode(command: &ClueCommand) -> Vec<u8> {
    match command {
        ClueCommand::Clue(envelope) => of_clue(envelope),
        ClueCommand::Feedback(envelope) => proto::Command {
            may_precede: true,
            ..of_clue(envelope)
        },
        ClueCommand::ActivateRulebook(activate) => activation(activate),
        ClueCommand::WithdrawRulebook(withdraw) => withdrawal(withdraw),
        ClueCommand::DiscardParked(discard) => of_parked(discard),
    }
    .encode_to_vec()
}

fn of_clue(envelope: &Envelope) -> proto::Command {
    proto::Command {
        schema: wire::SCHEMA,
        id: id_bytes(envelope.id),
        clue: id_bytes(envelope.clue),
        causation: envelope.causation.clone(),
        actor: Some(envelope.actor.to_wire()),
        expected_version: envelope.expected_version,
        occurred_at_us: envelope.occurred_at.map(Timestamp::as_micros),
        received_at_us: Some(envelope.received_at.as_micros()),
        text: envelope.text.as_ref().map(wire::Wire::to_wire),
        may_precede: false,
        body: Some(wire::command::to_wire(&envelope.command)),
    }
}

fn activation(activate: &ActivateRulebook) -> proto::Command {
    let body = proto::ActivateRulebook {
        version: activate.version.to_string(),
        from_us: activate.from.map(Timestamp::as_micros),
        activation: activate.activation,
        why: activate.why.clone(),
        backtest: activate.backtest.clone(),
    };
    proto::Command {
        schema: wire::SCHEMA,
        id: id_bytes(activate.id),
        actor: Some(activate.actor.to_wire()),
        received_at_us: Some(activate.received_at.as_micros()),
        body: Some(Body::ActivateRulebook(body)),
        ..proto::Command::default()
    }
}

fn withdrawal(withdraw: &WithdrawRulebook) -> proto::Command {
    let body = proto::WithdrawRulebook {
        activation: withdraw.activation,
        version: withdraw.version.to_string(),
        why: withdraw.why.clone(),
    };
    proto::Command {
        schema: wire::SCHEMA,
        id: id_bytes(withdraw.id),
        actor: Some(withdraw.actor.to_wire()),
        received_at_us: Some(withdraw.received_at.as_micros()),
        body: Some(Body::WithdrawRulebook(body)),
        ..proto::Command::default()
    }
}

fn of_parked(discard: &DiscardParked) -> proto::Command {
    proto::Command {
        schema: wire::SCHEMA,
        id: id_bytes(discard.id),
        clue: id_bytes(discard.clue),
        actor: Some(discard.actor.to_wire()),
        received_at_us: Some(discard.received_at.as_micros()),
        body: Some(Body::DiscardParked(proto::DiscardParked {
            parked: id_bytes(discard.parked),
            reason: discard.reason.clone(),
        })),
        ..proto::Command::default()
    }
}

pub fn decode(bytes: &[u8]) -> Result<ClueCommand, DecodeError> {
    let message = proto::Command::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let command_id = id(&message.id, "id")?;
    let actor = part(message.actor, "actor")?;
    let received_at = time(message.received_at_us, "received_at_us")?;
    match message.body {
        None => Err(DecodeError::type_unknown(
            "body",
            "no command, or one that this program does not know",
        )),
        Some(Body::ActivateRulebook(body)) => Ok(ClueCommand::ActivateRulebook(ActivateRulebook {
            id: command_id,
            version: code(&body.version, "version")?,
            from: body.from_us.map(Timestamp::from_micros),
            activation: body.activation,
            why: body.why,
            backtest: body.backtest,
            actor,
            received_at,
        })),
        Some(Body::WithdrawRulebook(body)) => Ok(ClueCommand::WithdrawRulebook(WithdrawRulebook {
            id: command_id,
            activation: body.activation,
            version: code(&body.version, "version")?,
            why: body.why,
            actor,
            received_at,
        })),
        Some(Body::DiscardParked(body)) => Ok(ClueCommand::DiscardParked(DiscardParked {
            id: command_id,
            clue: id(&message.clue, "clue")?,
            parked: id(&body.parked, "parked")?,
            reason: body.reason,
            actor,
            received_at,
        })),
        Some(body) => {
            let envelope = Envelope {
                id: command_id,
                clue: id(&message.clue, "clue")?,
                causation: message.causation,
                actor,
                expected_version: message.expected_version,
                occurred_at: message.occurred_at_us.map(Timestamp::from_micros),
                received_at,
                command: wire::command::from_wire(body)?,
                text: optional_part(message.text, "text")?,
            };
            Ok(if message.may_precede {
                ClueCommand::Feedback(envelope)
            } else {
                ClueCommand::Clue(envelope)
            })
        }
    }
}

/// The command as `producer` sends it to `partition`. The key is the clue's id in text, so that other clients can read it; a
/// rulebook, which is for the partition, has the id of its command.
pub fn message(command: &ClueCommand, partition: u32, producer: &str) -> Message {
    let subject = match command {
        ClueCommand::Clue(envelope) | ClueCommand::Feedback(envelope) => Some(envelope.clue.to_string()),
        ClueCommand::DiscardParked(discard) => Some(discard.clue.to_string()),
        ClueCommand::ActivateRulebook(_) | ClueCommand::WithdrawRulebook(_) => None,
    };
    let id = command.id().to_string();
    let key = subject.clone().unwrap_or_else(|| id.clone());
    let attributes = Attributes {
        id,
        producer,
        kind: command.type_name(),
        time: command.received_at(),
        subject: subject.as_deref(),
    };
    Message::cloud_event(
        topics::CLUE_COMMANDS,
        partition,
        &key,
        attributes,
        encode(command),
    )
}

/// The type as the header `ce_type` names it.
pub const fn type_name(command: &Command) -> &'static str {
    match command {
        Command::ReportClue(_) => "bihuan.clue.v1.ReportClue",
        Command::Task(command) => wire::task::command_type(command),
        Command::TagCampaign { .. } => "bihuan.clue.v1.TagCampaign",
        Command::UntagCampaign => "bihuan.clue.v1.UntagCampaign",
        Command::NoteDeleted(_) => "bihuan.clue.v1.NoteDeleted",
        Command::NoteMissing { .. } => "bihuan.clue.v1.NoteMissing",
        Command::AdmitClue => "bihuan.clue.v1.AdmitClue",
        Command::RejectClue { .. } => "bihuan.clue.v1.RejectClue",
        Command::HoldForTriage { .. } => "bihuan.clue.v1.HoldForTriage",
        Command::AssignClue { .. } => "bihuan.clue.v1.AssignClue",
        Command::DelegateClue { .. } => "bihuan.clue.v1.DelegateClue",
        Command::AcknowledgeClue => "bihuan.clue.v1.AcknowledgeClue",
        Command::RequestReturn { .. } => "bihuan.clue.v1.RequestReturn",
        Command::ApproveReturn { .. } => "bihuan.clue.v1.ApproveReturn",
        Command::RefuseReturn => "bihuan.clue.v1.RefuseReturn",
        Command::TransferClue { .. } => "bihuan.clue.v1.TransferClue",
        Command::StartHandling => "bihuan.clue.v1.StartHandling",
        Command::SuspendClue { .. } => "bihuan.clue.v1.SuspendClue",
        Command::ResumeClue => "bihuan.clue.v1.ResumeClue",
        Command::RequestExtension { .. } => "bihuan.clue.v1.RequestExtension",
        Command::GrantExtension => "bihuan.clue.v1.GrantExtension",
        Command::RefuseExtension => "bihuan.clue.v1.RefuseExtension",
        Command::IssueNotice { .. } => "bihuan.clue.v1.IssueNotice",
        Command::DiscardNotice { .. } => "bihuan.clue.v1.DiscardNotice",
        Command::ResolveClue(_) => "bihuan.clue.v1.ResolveClue",
        Command::PassCheck => "bihuan.clue.v1.PassCheck",
        Command::FailCheck => "bihuan.clue.v1.FailCheck",
        Command::RecordCallBack { .. } => "bihuan.clue.v1.RecordCallBack",
        Command::CloseClue => "bihuan.clue.v1.CloseClue",
        Command::ReopenClue => "bihuan.clue.v1.ReopenClue",
        Command::VoidClue { .. } => "bihuan.clue.v1.VoidClue",
        Command::CorrectClue { .. } => "bihuan.clue.v1.CorrectClue",
        Command::SettleDiscrepancy { .. } => "bihuan.clue.v1.SettleDiscrepancy",
        Command::OfferClue { .. } => "bihuan.clue.v1.OfferClue",
        Command::RaiseDispute { .. } => "bihuan.clue.v1.RaiseDispute",
        Command::HoldForDispute { .. } => "bihuan.clue.v1.HoldForDispute",
        Command::DesignateAgency { .. } => "bihuan.clue.v1.DesignateAgency",
        Command::ReleaseFromDispute { .. } => "bihuan.clue.v1.ReleaseFromDispute",
    }
}
