//! What happened to clues: the messages of `clue.events.v1`.

use bihuan_domain::clue::{Actor, Event, Occurrence};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use prost::Message as _;

use crate::generated::clue::v1 as proto;
use crate::generated::clue::v1::event::Body;
use crate::message::Attributes;
use crate::wire::{self, Wire as _, code, digest, id, id_bytes, optional_digest, optional_part, part, time};
use crate::{DecodeError, Message, header, topics};

/// A message of `clue.events.v1`.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are events of a clue, made once and moved once"
)]
pub enum ClueEvent {
    /// Of one clue.
    Clue(Occurrence),
    /// Of the partition: from this sequence on it decides by this rulebook.
    RulebookActivated {
        version: RulebookVersion,
        /// About clues that were reported from then on; `None`: about all.
        from: Option<Timestamp>,
        /// Counts the installation's activations from 1; `None`: journalled before they were counted.
        activation: Option<u32>,
        /// In the words of whoever asked: about the rulebook, never about a clue.
        why: Option<String>,
        /// JSON: what the rulebook would have decided about clues of the past.
        backtest: Option<String>,
        at: Timestamp,
        command: CommandId,
        actor: Actor,
    },
    /// Of the partition: from this sequence on the activation, whose time had not come, is none.
    RulebookWithdrawn {
        activation: u32,
        version: RulebookVersion,
        why: String,
        at: Timestamp,
        command: CommandId,
        actor: Actor,
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
    /// Of the partition, because the clue may not be there yet: feedback that came before its clue was dispatched waits for that.
    CommandParked {
        command: CommandId,
        clue: ClueId,
        /// Of the command's bytes.
        digest: Digest,
        causation: Option<String>,
        at: Timestamp,
    },
    /// Of the partition: somebody gave up what waited.
    ParkedDiscarded {
        command: CommandId,
        clue: ClueId,
        /// What waited.
        parked: CommandId,
        /// Of what waited.
        causation: Option<String>,
        reason: String,
        actor: Actor,
        at: Timestamp,
    },
}

impl ClueEvent {
    /// Effective time.
    pub const fn at(&self) -> Timestamp {
        match self {
            Self::Clue(occurrence) => occurrence.at,
            Self::RulebookActivated { at, .. }
            | Self::RulebookWithdrawn { at, .. }
            | Self::CommandQuarantined { at, .. }
            | Self::CommandParked { at, .. }
            | Self::ParkedDiscarded { at, .. } => *at,
        }
    }
}

pub fn encode(event: &ClueEvent) -> Vec<u8> {
    to_wire(event).encode_to_vec()
}

fn to_wire(event: &ClueEvent) -> proto::Event {
    match event {
        ClueEvent::Clue(occurrence) => of_clue(occurrence),
        ClueEvent::RulebookActivated {
            version,
            from,
            activation,
            why,
            backtest,
            at,
            command,
            actor,
        } => of_rulebook(
            (*at, *command, actor),
            Body::RulebookActivated(proto::RulebookActivated {
                version: version.to_string(),
                from_us: from.map(Timestamp::as_micros),
                activation: *activation,
                why: why.clone(),
                backtest: backtest.clone(),
            }),
        ),
        ClueEvent::RulebookWithdrawn {
            activation,
            version,
            why,
            at,
            command,
            actor,
        } => of_rulebook(
            (*at, *command, actor),
            Body::RulebookWithdrawn(proto::RulebookWithdrawn {
                activation: *activation,
                version: version.to_string(),
                why: why.clone(),
            }),
        ),
        ClueEvent::CommandQuarantined {
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
        ClueEvent::CommandParked {
            command,
            clue,
            digest,
            causation,
            at,
        } => proto::Event {
            schema: wire::SCHEMA,
            at_us: Some(at.as_micros()),
            command: id_bytes(*command),
            causation: causation.clone(),
            body: Some(Body::CommandParked(proto::CommandParked {
                clue: id_bytes(*clue),
                digest: digest.0.to_vec(),
            })),
            ..proto::Event::default()
        },
        ClueEvent::ParkedDiscarded {
            command,
            clue,
            parked,
            causation,
            reason,
            actor,
            at,
        } => proto::Event {
            schema: wire::SCHEMA,
            at_us: Some(at.as_micros()),
            command: id_bytes(*command),
            causation: causation.clone(),
            actor: Some(actor.to_wire()),
            body: Some(Body::ParkedDiscarded(proto::ParkedDiscarded {
                clue: id_bytes(*clue),
                parked: id_bytes(*parked),
                reason: reason.clone(),
            })),
            ..proto::Event::default()
        },
    }
}

fn of_rulebook((at, command, actor): (Timestamp, CommandId, &Actor), body: Body) -> proto::Event {
    proto::Event {
        schema: wire::SCHEMA,
        at_us: Some(at.as_micros()),
        command: id_bytes(command),
        actor: Some(actor.to_wire()),
        body: Some(body),
        ..proto::Event::default()
    }
}

fn of_clue(occurrence: &Occurrence) -> proto::Event {
    proto::Event {
        schema: wire::SCHEMA,
        clue: id_bytes(occurrence.clue),
        version: occurrence.version,
        at_us: Some(occurrence.at.as_micros()),
        received_at_us: Some(occurrence.received_at.as_micros()),
        command: id_bytes(occurrence.command),
        causation: occurrence.causation.clone(),
        actor: Some(occurrence.actor.to_wire()),
        text: occurrence.text.map(|digest| digest.0.to_vec()),
        clocks: occurrence.clocks.as_ref().map(wire::Wire::to_wire),
        body: Some(wire::event::to_wire(&occurrence.event)),
    }
}

pub fn decode(bytes: &[u8]) -> Result<ClueEvent, DecodeError> {
    let mut message = proto::Event::decode(bytes).map_err(|error| DecodeError::not_protobuf(&error))?;
    wire::schema(message.schema)?;
    let at = time(message.at_us, "at_us")?;
    match message.body.take() {
        None => Err(DecodeError::type_unknown(
            "body",
            "no event, or one that this program does not know",
        )),
        Some(Body::RulebookWithdrawn(body)) => Ok(ClueEvent::RulebookWithdrawn {
            activation: body.activation,
            version: code(&body.version, "version")?,
            why: body.why,
            at,
            command: id(&message.command, "command")?,
            actor: part(message.actor, "actor")?,
        }),
        Some(Body::RulebookActivated(body)) => Ok(ClueEvent::RulebookActivated {
            version: code(&body.version, "version")?,
            from: body.from_us.map(Timestamp::from_micros),
            activation: body.activation,
            why: body.why,
            backtest: body.backtest,
            at,
            command: id(&message.command, "command")?,
            actor: part(message.actor, "actor")?,
        }),
        Some(Body::CommandQuarantined(body)) => Ok(ClueEvent::CommandQuarantined {
            id: id(&body.id, "id")?,
            topic: body.topic,
            partition: body.partition,
            offset: body.offset,
            reason: body.reason,
            field: body.field,
            at,
        }),
        Some(Body::CommandParked(body)) => Ok(ClueEvent::CommandParked {
            command: id(&message.command, "command")?,
            clue: id(&body.clue, "clue")?,
            digest: digest(&body.digest, "digest")?,
            causation: message.causation,
            at,
        }),
        Some(Body::ParkedDiscarded(body)) => Ok(ClueEvent::ParkedDiscarded {
            command: id(&message.command, "command")?,
            clue: id(&body.clue, "clue")?,
            parked: id(&body.parked, "parked")?,
            causation: message.causation,
            reason: body.reason,
            actor: part(message.actor, "actor")?,
            at,
        }),
        Some(body) => occurrence(message, at, body).map(ClueEvent::Clue),
    }
}

fn occurrence(message: proto::Event, at: Timestamp, body: Body) -> Result<Occurrence, DecodeError> {
    if message.version == 0 {
        return Err(DecodeError::missing("version"));
    }
    Ok(Occurrence {
        clue: id(&message.clue, "clue")?,
        version: message.version,
        at,
        received_at: time(message.received_at_us, "received_at_us")?,
        command: id(&message.command, "command")?,
        causation: message.causation,
        actor: part(message.actor, "actor")?,
        text: optional_digest(message.text.as_deref(), "text")?,
        clocks: optional_part(message.clocks, "clocks")?,
        event: wire::event::from_wire(body)?,
    })
}

/// The event as the journal carries it. Its id derives from its place, so that publishing it again repeats the same id.
pub fn message(event: &ClueEvent, partition: u32, sequence: u64, producer: &str) -> Message {
    let subject = key(event).map(|clue| clue.to_string());
    let id = format!("{partition}-{sequence}");
    let key = subject.clone().unwrap_or_default();
    let attributes = Attributes {
        id,
        producer,
        kind: type_name(event),
        time: event.at(),
        subject: subject.as_deref(),
    };
    Message::cloud_event(topics::CLUE_EVENTS, partition, &key, attributes, encode(event))
        .with_header(header::SEQUENCE, sequence.to_string())
}

/// The clue that the event is of; `None` for one of the partition.
pub const fn key(event: &ClueEvent) -> Option<ClueId> {
    match event {
        ClueEvent::Clue(occurrence) => Some(occurrence.clue),
        ClueEvent::RulebookActivated { .. }
        | ClueEvent::RulebookWithdrawn { .. }
        | ClueEvent::CommandQuarantined { .. }
        | ClueEvent::CommandParked { .. }
        | ClueEvent::ParkedDiscarded { .. } => None,
    }
}

/// The type as the header `ce_type` names it.
pub const fn type_name(event: &ClueEvent) -> &'static str {
    match event {
        ClueEvent::Clue(occurrence) => of_event(&occurrence.event),
        ClueEvent::RulebookActivated { .. } => "bihuan.clue.v1.RulebookActivated",
        ClueEvent::RulebookWithdrawn { .. } => "bihuan.clue.v1.RulebookWithdrawn",
        ClueEvent::CommandQuarantined { .. } => "bihuan.clue.v1.CommandQuarantined",
        ClueEvent::CommandParked { .. } => "bihuan.clue.v1.CommandParked",
        ClueEvent::ParkedDiscarded { .. } => "bihuan.clue.v1.ParkedDiscarded",
    }
}

const fn of_event(event: &Event) -> &'static str {
    match event {
        Event::ClueReported { .. } => "bihuan.clue.v1.ClueReported",
        Event::ReportRepeated { .. } => "bihuan.clue.v1.ReportRepeated",
        Event::ClueAdmitted => "bihuan.clue.v1.ClueAdmitted",
        Event::ClueRejected { .. } => "bihuan.clue.v1.ClueRejected",
        Event::ClueCorrected { .. } => "bihuan.clue.v1.ClueCorrected",
        Event::ClueHeldForTriage { .. } => "bihuan.clue.v1.ClueHeldForTriage",
        Event::ClueHeldForCoordination { .. } => "bihuan.clue.v1.ClueHeldForCoordination",
        Event::ClueOffered { .. } => "bihuan.clue.v1.ClueOffered",
        Event::ClueAssigned { .. } => "bihuan.clue.v1.ClueAssigned",
        Event::ClueDelegated { .. } => "bihuan.clue.v1.ClueDelegated",
        Event::ClueAcknowledged => "bihuan.clue.v1.ClueAcknowledged",
        Event::ReturnRequested { .. } => "bihuan.clue.v1.ReturnRequested",
        Event::ReturnApproved => "bihuan.clue.v1.ReturnApproved",
        Event::ReturnRefused => "bihuan.clue.v1.ReturnRefused",
        Event::ClueTransferred { .. } => "bihuan.clue.v1.ClueTransferred",
        Event::HandlingStarted => "bihuan.clue.v1.HandlingStarted",
        Event::ClueSuspended { .. } => "bihuan.clue.v1.ClueSuspended",
        Event::ClueResumed => "bihuan.clue.v1.ClueResumed",
        Event::ExtensionRequested { .. } => "bihuan.clue.v1.ExtensionRequested",
        Event::ExtensionGranted { .. } => "bihuan.clue.v1.ExtensionGranted",
        Event::ExtensionRefused => "bihuan.clue.v1.ExtensionRefused",
        Event::DeadlineRevised => "bihuan.clue.v1.DeadlineRevised",
        Event::RungReached { .. } => "bihuan.clue.v1.RungReached",
        Event::NoticeIssued { .. } => "bihuan.clue.v1.NoticeIssued",
        Event::NoticeDiscarded { .. } => "bihuan.clue.v1.NoticeDiscarded",
        Event::ClueResolved { .. } => "bihuan.clue.v1.ClueResolved",
        Event::CheckPassed => "bihuan.clue.v1.CheckPassed",
        Event::CheckFailed => "bihuan.clue.v1.CheckFailed",
        Event::CallBackRecorded { .. } => "bihuan.clue.v1.CallBackRecorded",
        Event::ClueClosed { .. } => "bihuan.clue.v1.ClueClosed",
        Event::ClueReopened { .. } => "bihuan.clue.v1.ClueReopened",
        Event::ClueVoided { .. } => "bihuan.clue.v1.ClueVoided",
        Event::CommandRejected { .. } => "bihuan.clue.v1.CommandRejected",
        Event::ClueDisputed { .. } => "bihuan.clue.v1.ClueDisputed",
        Event::ClueHeldForDispute { .. } => "bihuan.clue.v1.ClueHeldForDispute",
        Event::ClueDesignated { .. } => "bihuan.clue.v1.ClueDesignated",
        Event::ClueReleasedFromDispute { .. } => "bihuan.clue.v1.ClueReleasedFromDispute",
        Event::Task(event) => wire::task::event_type(event),
        Event::CampaignTagged { .. } => "bihuan.clue.v1.CampaignTagged",
        Event::CampaignUntagged => "bihuan.clue.v1.CampaignUntagged",
        Event::ClueLinked { .. } => "bihuan.clue.v1.ClueLinked",
        Event::LinkRepeated { .. } => "bihuan.clue.v1.LinkRepeated",
        Event::SourceDeleted(_) => "bihuan.clue.v1.SourceDeleted",
        Event::UnknownDeleted(_) => "bihuan.clue.v1.UnknownDeleted",
        Event::SourceMissing { .. } => "bihuan.clue.v1.SourceMissing",
        Event::SourceUpdated { .. } => "bihuan.clue.v1.SourceUpdated",
        Event::ClueRecoded { .. } => "bihuan.clue.v1.ClueRecoded",
        Event::WithdrawalConfirmed => "bihuan.clue.v1.WithdrawalConfirmed",
        Event::DiscrepancySettled { .. } => "bihuan.clue.v1.DiscrepancySettled",
    }
}
