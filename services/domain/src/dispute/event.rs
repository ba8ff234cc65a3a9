//! What happened to a dispute. Journalled for ever, so: codes, times, decisions and digests, never free text.

use serde::{Deserialize, Serialize};

use super::{
    Agreement, Claim, ClueEnd, Deadline, Document, Forum, Ground, Interim, Jurisdiction, Opening, Position,
    Rejection, Ruling, Skipped, Step,
};
use crate::clue::Actor;
use crate::code::AgencyId;
use crate::digest::Digest;
use crate::id::{CommandId, DisputeId};
use crate::time::Timestamp;

/// An event with everything that stands around it in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    pub dispute: DisputeId,
    /// Counts the dispute's events from 1, without gaps.
    pub version: u32,
    /// Effective time. Never decreases within a dispute.
    pub at: Timestamp,
    /// When Bihuan learned of it.
    pub received_at: Timestamp,
    pub command: CommandId,
    pub causation: Option<String>,
    pub actor: Actor,
    /// Digest of the free text that came with the command.
    pub text: Option<Digest>,
    /// Until when the open step may take, where that is new.
    pub deadline: Option<Deadline>,
    pub event: Event,
}

/// Past tense; the imperative is in [`super::Command`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    DisputeOpened {
        opening: Opening,
        jurisdiction: Jurisdiction,
        interim: Interim,
    },
    PositionStated {
        agency: AgencyId,
        position: Position,
        duty: String,
        documents: Vec<Document>,
    },
    /// Negotiation is over, unless they agree: then the dispute.
    MinutesRecorded {
        agreed: Option<AgencyId>,
        document: Document,
    },
    DisputeSettled {
        agency: AgencyId,
        by: Agreement,
    },
    ApplicationMade {
        by: AgencyId,
        document: Document,
    },
    ApplicationAccepted,
    ApplicationRefused {
        ground: Ground,
    },
    ApplicationForwarded,
    ReplyGiven {
        agency: AgencyId,
        document: Document,
    },
    /// Everybody who had to replied.
    RepliesComplete,
    MeetingRecorded {
        document: Document,
    },
    OpinionGiven {
        agency: AgencyId,
        forum: Forum,
        document: Document,
    },
    OpinionAccepted {
        agency: AgencyId,
    },
    OpinionDeclined {
        agency: AgencyId,
    },
    DisputeDecided {
        ruling: Ruling,
        forum: Forum,
        document: Document,
        /// It can be appealed.
        appealable: bool,
    },
    /// This party would give the dispute up; others have not said so.
    WithdrawalAgreed {
        agency: AgencyId,
    },
    DisputeWithdrawn,
    /// The ruling stands.
    AppealWithdrawn {
        agency: AgencyId,
    },
    RulingAppealed {
        agency: AgencyId,
        to: Forum,
        skipped: Vec<Skipped>,
        document: Document,
    },
    PartyAdded {
        claim: Claim,
        jurisdiction: Jurisdiction,
        /// Before whom the dispute is from now on.
        forum: Forum,
    },
    LeadNamed {
        agency: AgencyId,
        interim: Interim,
    },
    RulingTakenUp {
        agency: AgencyId,
        /// It had been breached.
        late: bool,
    },
    ClueEnded {
        how: ClueEnd,
        /// The agency that took it up as it had been ruled, if the clue was closed then.
        carried_out_by: Option<AgencyId>,
    },
    /// The time of a step passed; once for each due time.
    StepLapsed {
        step: Step,
        due_at: Timestamp,
        then: Then,
    },
    /// A calendar took effect that a provisional deadline lacked.
    DeadlineRevised,
    /// The command was understood and refused; nothing else changed.
    CommandRejected {
        command: String,
        rejection: Rejection,
    },
}

/// What happens by itself when the time of a step passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The next step, before the same forum. To `breach`: it is refused to carry the ruling out.
    Next(Step),
    /// It goes to the next level.
    Raised {
        to: Forum,
        step: Step,
        skipped: Vec<Skipped>,
    },
    /// Nobody is above: it stays, is late, and is reported to those who supervise.
    Escalated,
}

impl Event {
    /// The name of the type on the wire, in metrics and on screens.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DisputeOpened { .. } => "DisputeOpened",
            Self::PositionStated { .. } => "PositionStated",
            Self::MinutesRecorded { .. } => "MinutesRecorded",
            Self::DisputeSettled { .. } => "DisputeSettled",
            Self::ApplicationMade { .. } => "ApplicationMade",
            Self::ApplicationAccepted => "ApplicationAccepted",
            Self::ApplicationRefused { .. } => "ApplicationRefused",
            Self::ApplicationForwarded => "ApplicationForwarded",
            Self::ReplyGiven { .. } => "ReplyGiven",
            Self::RepliesComplete => "RepliesComplete",
            Self::MeetingRecorded { .. } => "MeetingRecorded",
            Self::OpinionGiven { .. } => "OpinionGiven",
            Self::OpinionAccepted { .. } => "OpinionAccepted",
            Self::OpinionDeclined { .. } => "OpinionDeclined",
            Self::DisputeDecided { .. } => "DisputeDecided",
            Self::WithdrawalAgreed { .. } => "WithdrawalAgreed",
            Self::DisputeWithdrawn => "DisputeWithdrawn",
            Self::AppealWithdrawn { .. } => "AppealWithdrawn",
            Self::RulingAppealed { .. } => "RulingAppealed",
            Self::PartyAdded { .. } => "PartyAdded",
            Self::LeadNamed { .. } => "LeadNamed",
            Self::RulingTakenUp { .. } => "RulingTakenUp",
            Self::ClueEnded { .. } => "ClueEnded",
            Self::StepLapsed { .. } => "StepLapsed",
            Self::DeadlineRevised => "DeadlineRevised",
            Self::CommandRejected { .. } => "CommandRejected",
        }
    }
}
