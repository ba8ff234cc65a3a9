//! What can be asked of a dispute, by whom.

use super::{Cause, Claim, ClueEnd, Ground, Opening, Paper, Position, Ruling};
use crate::clue::{Actor, Text};
use crate::code::AgencyId;
use crate::id::{CommandId, DisputeId};
use crate::time::Timestamp;

/// A command with everything that travels around it, as a clue's has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub id: CommandId,
    pub dispute: DisputeId,
    /// The message that led to this command.
    pub causation: Option<String>,
    pub actor: Actor,
    /// Refuse unless the dispute is at this version.
    pub expected_version: Option<u32>,
    /// When the sender says it happened.
    pub occurred_at: Option<Timestamp>,
    /// When the first Bihuan process saw it.
    pub received_at: Timestamp,
    pub command: Command,
    /// Free text that belongs to the command; the journal carries its digest.
    pub text: Option<Text>,
}

/// What is asked. Imperative; the past tense is in [`super::Event`]. What a clock does by itself is in [`super::wake`].
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    OpenDispute(Opening),
    /// A party says whether it has the duty, and by what.
    StatePosition {
        position: Position,
        duty: String,
        papers: Vec<Paper>,
    },
    /// The parties talked (协商): on whom they agree, or that they do not.
    RecordMinutes {
        agreed: Option<AgencyId>,
        minutes: Paper,
    },
    /// 申请: a party asks the coordinator.
    Apply {
        application: Paper,
    },
    /// 受理
    AcceptApplication,
    /// 不予受理
    RefuseApplication {
        ground: Ground,
    },
    /// 转送: the others get the application.
    ForwardApplication,
    /// 答辩
    Reply {
        reply: Paper,
    },
    /// A joint meeting.
    RecordMeeting {
        minutes: Paper,
    },
    /// 协调意见书
    GiveOpinion {
        agency: AgencyId,
        opinion: Paper,
    },
    AcceptOpinion,
    DeclineOpinion,
    /// 裁定
    DecideDispute(Ruling),
    /// Of an appeal: that one alone.
    WithdrawDispute,
    /// To the next level.
    AppealRuling {
        application: Paper,
    },
    AddParty(Claim),
    /// 牵头单位
    NameLead {
        agency: AgencyId,
    },
    /// The designated agency took the clue up.
    NoteTakenUp {
        agency: AgencyId,
    },
    NoteClueEnded {
        how: ClueEnd,
    },
}

impl Command {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OpenDispute(_) => "OpenDispute",
            Self::StatePosition { .. } => "StatePosition",
            Self::RecordMinutes { .. } => "RecordMinutes",
            Self::Apply { .. } => "Apply",
            Self::AcceptApplication => "AcceptApplication",
            Self::RefuseApplication { .. } => "RefuseApplication",
            Self::ForwardApplication => "ForwardApplication",
            Self::Reply { .. } => "Reply",
            Self::RecordMeeting { .. } => "RecordMeeting",
            Self::GiveOpinion { .. } => "GiveOpinion",
            Self::AcceptOpinion => "AcceptOpinion",
            Self::DeclineOpinion => "DeclineOpinion",
            Self::DecideDispute(_) => "DecideDispute",
            Self::WithdrawDispute => "WithdrawDispute",
            Self::AppealRuling { .. } => "AppealRuling",
            Self::AddParty(_) => "AddParty",
            Self::NameLead { .. } => "NameLead",
            Self::NoteTakenUp { .. } => "NoteTakenUp",
            Self::NoteClueEnded { .. } => "NoteClueEnded",
        }
    }
}

impl Opening {
    pub(super) fn is_opened_by_itself(&self) -> bool {
        matches!(self.cause, Cause::ReturnLimit { .. } | Cause::Claims)
    }
}
