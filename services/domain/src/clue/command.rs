//! What can be asked of a clue, by whom.

use serde::{Deserialize, Serialize};

use super::{CallBack, Deletion, Designation, Discrepancy, Report, Resolution, RoutingDecision, TaskCommand};
use crate::calendar::Limit;
use crate::code::{AgencyId, AreaCode, CampaignCode, CategoryCode, Level, MatterCode, RulebookVersion, Rung};
use crate::digest::Digest;
use crate::dispute::{Cause, Claim, Interim};
use crate::id::{ClueId, CommandId, DisputeId};
use crate::time::Timestamp;

/// A command with everything that travels around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Envelope {
    pub id: CommandId,
    pub clue: ClueId,
    /// The message that led to this command, as `topic/partition/offset`, an HTTP request id, or a command id.
    pub causation: Option<String>,
    pub actor: Actor,
    /// Refuse unless the clue is at this version (HTTP `If-Match`); from routing: if what it goes by has changed since.
    pub expected_version: Option<u32>,
    /// When the sender says it happened.
    pub occurred_at: Option<Timestamp>,
    /// When the first Bihuan process saw it.
    pub received_at: Timestamp,
    pub command: Command,
    /// Free text that belongs to the command. It is stored apart from the journal, which carries its digest.
    pub text: Option<Text>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub role: Role,
    /// The acting agency, when it is one.
    pub agency: Option<AgencyId>,
    /// Staff reference (工号), never a reporter and never a name.
    pub person: Option<String>,
}

impl Actor {
    /// A Bihuan service acting by itself.
    pub const fn service(role: Role) -> Self {
        Self {
            role,
            agency: None,
            person: None,
        }
    }

    pub const fn agency(agency: AgencyId) -> Self {
        Self {
            role: Role::Agency,
            agency: Some(agency),
            person: None,
        }
    }

    /// The person's reference, else the capacity.
    pub fn name(&self) -> &str {
        self.person.as_deref().unwrap_or(self.role.as_str())
    }
}

/// In what capacity somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The platform that reported the clue.
    Source,
    /// Bihuan's own routing.
    Routing,
    /// Bihuan's own clocks.
    Clock,
    /// The agency that holds the clue, or another one.
    Agency,
    /// Coordination of the level: triage, returns, transfers, suspensions.
    Coordinator,
    /// Confirms on site (核查).
    Checker,
    /// Asks the reporter (回访).
    CallBack,
    /// Operates Bihuan.
    Operator,
    /// Bihuan's own settling of disputes.
    Dispute,
}

impl Role {
    pub const ALL: [Self; 9] = [
        Self::Source,
        Self::Routing,
        Self::Clock,
        Self::Agency,
        Self::Coordinator,
        Self::Checker,
        Self::CallBack,
        Self::Operator,
        Self::Dispute,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Routing => "routing",
            Self::Clock => "clock",
            Self::Agency => "agency",
            Self::Coordinator => "coordinator",
            Self::Checker => "checker",
            Self::CallBack => "call_back",
            Self::Operator => "operator",
            Self::Dispute => "dispute",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// The free text of a clue or of a step in its life. Lives in the text table and in queues that forget, never in a journal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The place in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Why, or what was done, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

impl Text {
    pub fn remark(remark: impl Into<String>) -> Self {
        Self {
            remark: Some(remark.into()),
            ..Self::default()
        }
    }

    pub fn is_empty(&self) -> bool {
        [&self.title, &self.description, &self.place, &self.remark]
            .into_iter()
            .all(|part| part.as_deref().is_none_or(|text| text.trim().is_empty()))
    }

    /// What is known of the clue once `newer` came: each part as it was said last.
    #[must_use]
    pub fn then(self, newer: &Self) -> Self {
        // a part that was emptied is gone
        let last = |newer: &Option<String>, older| match newer {
            Some(text) => Some(text.clone()).filter(|text| !text.is_empty()),
            None => older,
        };
        Self {
            title: last(&newer.title, self.title),
            description: last(&newer.description, self.description),
            place: last(&newer.place, self.place),
            remark: last(&newer.remark, self.remark),
        }
    }

    /// The same as a remark: said of the clue, and not what it says.
    #[must_use]
    pub fn beside(&self) -> Self {
        let parts = [&self.title, &self.description, &self.place, &self.remark];
        let said = parts.into_iter().flatten().map(|part| part.trim());
        let said: Vec<_> = said.filter(|part| !part.is_empty()).collect();
        Self {
            remark: (!said.is_empty()).then(|| said.join("\n")),
            ..Self::default()
        }
    }

    pub fn digest(&self) -> Digest {
        let part = |text: &Option<String>| text.clone().unwrap_or_default().into_bytes();
        let parts = [
            part(&self.title),
            part(&self.description),
            part(&self.place),
            part(&self.remark),
        ];
        Digest::of(parts.iter().map(Vec::as_slice))
    }
}

/// What is asked. Imperative; the past tense is in [`super::Event`].
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a command is made once and moved once; reports dominate the stream"
)]
pub enum Command {
    /// A source platform reports a clue (上报), or reports it again.
    ReportClue(Report),
    /// The source removed its record and says nothing but the id.
    NoteDeleted(Deletion),
    /// The complete file with this digest does not list the clue.
    NoteMissing {
        file: Digest,
    },
    /// Takes a clue into scope (受理); only where the policy does not admit by itself.
    AdmitClue,
    /// Out of scope (不予受理): litigation, arbitration, petition in progress, discipline …
    RejectClue {
        reason: String,
    },
    /// A person must say whose duty it is.
    HoldForTriage {
        decision: RoutingDecision,
    },
    /// Dispatches to the one responsible agency (派遣).
    AssignClue {
        agency: AgencyId,
        penalty: Option<AgencyId>,
        assisting: Vec<AgencyId>,
        decision: RoutingDecision,
    },
    /// Hands down within a line (下派): neither a transfer nor a return.
    DelegateClue {
        to: AgencyId,
    },
    /// Signs for it (签收).
    AcknowledgeClue,
    /// "Not my duty" (退单申请). The reason in words is mandatory and travels as the text's remark.
    RequestReturn {
        duty: String,
        proposed: AgencyId,
    },
    /// Lets the agency go; to `to` at once, or to triage.
    ApproveReturn {
        to: Option<AgencyId>,
    },
    RefuseReturn,
    /// To another agency by approval, ruling or coordinator (转办/改派).
    TransferClue {
        to: AgencyId,
        basis: Option<String>,
    },
    /// On site, correction ordered, reporter contacted … (处置)
    StartHandling,
    /// Stops the clock until `until` (挂账/缓办). `approver` is a staff reference; the reason travels as the remark.
    SuspendClue {
        reason: String,
        approver: String,
        until: Timestamp,
    },
    ResumeClue,
    /// Asks for more time (延期). The reason in words is mandatory and travels as the text's remark.
    RequestExtension {
        limit: Limit,
    },
    GrantExtension,
    RefuseExtension,
    /// Issues a notice or bulletin that the ladder drafted. `ended`: although the clue is over meanwhile.
    IssueNotice {
        rung: Rung,
        ended: bool,
    },
    /// Decides that a draft of the ladder is not issued. The reason in words is mandatory and travels as the text's remark.
    DiscardNotice {
        rung: Rung,
    },
    /// Reports conclusion, measures and evidence (处置反馈).
    ResolveClue(Resolution),
    /// Confirms on site (核查通过).
    PassCheck,
    /// Sends back for rework (返工).
    FailCheck,
    /// Asks the reporter (回访).
    RecordCallBack {
        result: CallBack,
    },
    CloseClue,
    ReopenClue,
    /// Takes a clue out of the accounts, with a reason code (作废).
    VoidClue {
        reason: String,
    },
    /// Corrects matter or area of a clue that waits for routing or triage, so that it is routed again.
    CorrectClue {
        matter: Option<MatterCode>,
        area: Option<AreaCode>,
        category: Option<CategoryCode>,
    },
    /// Decides about what the source says otherwise. `accept`: the source is right. The reason travels as the remark.
    SettleDiscrepancy {
        discrepancy: Discrepancy,
        accept: bool,
    },
    /// It waits in triage: has a rulebook that holds meanwhile say whose duty it is.
    OfferClue {
        rulebook: RulebookVersion,
    },
    /// Whose duty it is, is in dispute (提出争议). The reason in words is mandatory and travels as the text's remark.
    RaiseDispute {
        cause: Cause,
        parties: Vec<Claim>,
    },
    /// Somebody else holds it until its dispute is settled: a lead was named, or it came before another coordinator.
    HoldForDispute {
        dispute: DisputeId,
        interim: Interim,
        level: Level,
    },
    /// Its dispute says whose duty it is (指定承办).
    DesignateAgency {
        dispute: DisputeId,
        agency: AgencyId,
        assisting: Vec<AgencyId>,
        basis: String,
        by: Designation,
    },
    /// Its dispute is over, and named nobody: whoever holds the clue keeps it.
    ReleaseFromDispute {
        dispute: DisputeId,
    },
    /// Of an agency beside the responsible one.
    Task(TaskCommand),
    /// Puts it into a campaign (专项行动).
    TagCampaign {
        campaign: CampaignCode,
    },
    UntagCampaign,
}

impl Command {
    /// The name of the type on the wire, in metrics and on screens.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ReportClue(_) => "ReportClue",
            Self::NoteDeleted(_) => "NoteDeleted",
            Self::NoteMissing { .. } => "NoteMissing",
            Self::AdmitClue => "AdmitClue",
            Self::RejectClue { .. } => "RejectClue",
            Self::HoldForTriage { .. } => "HoldForTriage",
            Self::AssignClue { .. } => "AssignClue",
            Self::DelegateClue { .. } => "DelegateClue",
            Self::AcknowledgeClue => "AcknowledgeClue",
            Self::RequestReturn { .. } => "RequestReturn",
            Self::ApproveReturn { .. } => "ApproveReturn",
            Self::RefuseReturn => "RefuseReturn",
            Self::TransferClue { .. } => "TransferClue",
            Self::StartHandling => "StartHandling",
            Self::SuspendClue { .. } => "SuspendClue",
            Self::ResumeClue => "ResumeClue",
            Self::RequestExtension { .. } => "RequestExtension",
            Self::GrantExtension => "GrantExtension",
            Self::RefuseExtension => "RefuseExtension",
            Self::IssueNotice { .. } => "IssueNotice",
            Self::DiscardNotice { .. } => "DiscardNotice",
            Self::ResolveClue(_) => "ResolveClue",
            Self::PassCheck => "PassCheck",
            Self::FailCheck => "FailCheck",
            Self::RecordCallBack { .. } => "RecordCallBack",
            Self::CloseClue => "CloseClue",
            Self::ReopenClue => "ReopenClue",
            Self::VoidClue { .. } => "VoidClue",
            Self::CorrectClue { .. } => "CorrectClue",
            Self::SettleDiscrepancy { .. } => "SettleDiscrepancy",
            Self::OfferClue { .. } => "OfferClue",
            Self::RaiseDispute { .. } => "RaiseDispute",
            Self::HoldForDispute { .. } => "HoldForDispute",
            Self::DesignateAgency { .. } => "DesignateAgency",
            Self::ReleaseFromDispute { .. } => "ReleaseFromDispute",
            Self::Task(command) => command.name(),
            Self::TagCampaign { .. } => "TagCampaign",
            Self::UntagCampaign => "UntagCampaign",
        }
    }
}
