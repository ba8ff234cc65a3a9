//! What happened to a clue. Journalled for ever, so: codes, times, decisions and digests, never free text.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    Actor, Assignment, Clocks, ClosureClass, Codes, Deletion, Designation, Discrepancy, Field, History,
    LogRow, Recipient, Rejection, Report, Resolution, RungKind, Suspension, TaskEvent, Text,
};
use crate::calendar::{Limit, Step};
use crate::code::{AgencyId, CampaignCode, Level, RulebookVersion, Rung, SourceId};
use crate::digest::Digest;
use crate::dispute::{Interim, Opening};
use crate::id::{ClueId, CommandId, DisputeId};
use crate::time::Timestamp;

/// An event with everything that stands around it in the journal. Partition and sequence are the journal's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    pub clue: ClueId,
    /// Counts the clue's events from 1, without gaps.
    pub version: u32,
    /// Effective time: what clocks and figures use. Never decreases within a clue, from its report on.
    pub at: Timestamp,
    /// When Bihuan learned of it.
    pub received_at: Timestamp,
    pub command: CommandId,
    pub causation: Option<String>,
    pub actor: Actor,
    /// Digest of the free text that came with the command; the text itself is stored under (clue, version).
    pub text: Option<Digest>,
    /// How the clue's clocks stand since, where they stood otherwise before.
    pub clocks: Option<Clocks>,
    pub event: Event,
}

/// Past tense; the imperative is in [`super::Command`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    ClueReported {
        number: String,
        report: Report,
    },
    /// The same (source, id) was read again.
    ReportRepeated {
        repeat: Repeat,
        digest: Digest,
        /// What became of it at the source, where it goes on waiting for the dispatch; otherwise the events that follow say it.
        history: Option<History>,
        /// Of the record, where its source numbers versions.
        version: Option<i64>,
        /// The row of the source's hand-over log that it is; the events that follow say what it changed.
        log: Option<LogRow>,
    },
    /// The source sent another version of the record, and it was applied.
    SourceUpdated {
        report: Report,
        /// In what it differs from the version before.
        changed: Vec<Field>,
        /// It carries the version that was applied before: the order of the log counts.
        same_version: bool,
        /// Of matter, area and severity, what a person must decide about: the clue was dispatched before they changed.
        corrected: Vec<Field>,
    },
    /// Another record stands for the same clue, of another platform or under another id, or a newer version of one. The record
    /// that was read first speaks for the clue: nothing else of it changes.
    ClueLinked {
        report: Report,
    },
    /// Such a record was read again, to no effect; `Updated`: nothing is known of it but that its source removed it.
    LinkRepeated {
        source: SourceId,
        source_id: String,
        repeat: Repeat,
        /// Of the record, where its source numbers versions.
        version: Option<i64>,
    },
    /// The source removed the record and says nothing but its id: nothing else of the clue changes.
    SourceDeleted(Deletion),
    /// The source removed a record that was never reported: there is no clue, and none is made of it.
    UnknownDeleted(Deletion),
    /// The complete file with this digest does not list the clue.
    SourceMissing {
        file: Digest,
    },
    ClueAdmitted,
    ClueRejected {
        reason: String,
    },
    /// What routing goes by; it is routed again.
    ClueCorrected(Codes),
    /// The codes alone; holder and clocks stay.
    ClueRecoded(Codes),
    /// One of two has confirmed that the clue, which its source took back, is to be given up.
    WithdrawalConfirmed,
    /// A person has decided; `accepted`: the source is right.
    DiscrepancySettled {
        discrepancy: Discrepancy,
        accepted: bool,
    },
    ClueHeldForTriage {
        decision: RoutingDecision,
    },
    /// It waits in triage, and this rulebook, which holds meanwhile, is asked whose duty it is.
    ClueOffered {
        rulebook: RulebookVersion,
    },
    /// The N-th return: a coordinator of `level` must say who (no more bouncing). Written no more: it is a [`ClueDisputed`].
    ///
    /// [`ClueDisputed`]: Self::ClueDisputed
    ClueHeldForCoordination {
        level: Level,
        returns: u32,
    },
    ClueAssigned {
        assignment: Assignment,
        decision: RoutingDecision,
        /// The overall deadline, as the clocks have it.
        deadline: Option<Timestamp>,
        /// Imported history, not an assignment that Bihuan made.
        recorded: bool,
    },
    ClueDelegated {
        from: AgencyId,
        to: AgencyId,
    },
    ClueAcknowledged,
    ReturnRequested {
        duty: String,
        proposed: AgencyId,
        returns: u32,
    },
    ReturnApproved,
    ReturnRefused,
    ClueTransferred {
        from: Option<AgencyId>,
        to: AgencyId,
        basis: Option<String>,
        recorded: bool,
    },
    HandlingStarted,
    ClueSuspended {
        suspension: Suspension,
    },
    ClueResumed,
    /// The agency asks for so much more time.
    ExtensionRequested {
        limit: Limit,
    },
    ExtensionGranted {
        limit: Limit,
    },
    ExtensionRefused,
    /// A calendar was published that a provisional deadline lacked; or the next step of the ladder comes later by the calendar of
    /// today.
    DeadlineRevised,
    /// A step of the ladder was reached; it is not dated back, should anybody have looked late.
    RungReached {
        /// Whose clock.
        step: Step,
        rung: Rung,
        kind: RungKind,
        due_at: Timestamp,
        late: bool,
        to: Recipient,
    },
    /// A person issued what the ladder had drafted for this due time.
    NoticeIssued {
        rung: Rung,
        kind: RungKind,
        due_at: Timestamp,
        /// Whom it is about: whoever held the clue when it was drafted.
        to: Recipient,
    },
    /// A person decided that what the ladder had drafted for this due time is not issued.
    NoticeDiscarded {
        rung: Rung,
        kind: RungKind,
        due_at: Timestamp,
        /// Whom it was about.
        to: Recipient,
    },
    ClueResolved {
        resolution: Resolution,
    },
    CheckPassed,
    CheckFailed,
    CallBackRecorded {
        result: CallBack,
        attempt: u32,
    },
    ClueClosed {
        resolution: Resolution,
        class: ClosureClass,
        recorded: bool,
    },
    ClueReopened {
        /// By the source's hand-over log.
        recorded: bool,
    },
    ClueVoided {
        reason: String,
    },
    /// A dispute over whose duty it is began. From here on it is in the hands of `interim`, a coordinator of `level` or an agency.
    ClueDisputed {
        dispute: DisputeId,
        opening: Opening,
        interim: Interim,
        level: Level,
    },
    /// Somebody else, or a coordinator of another level, holds it until the dispute is settled.
    ClueHeldForDispute {
        dispute: DisputeId,
        interim: Interim,
        level: Level,
    },
    /// The dispute says whose duty it is.
    ClueDesignated {
        dispute: DisputeId,
        assignment: Assignment,
        basis: String,
        by: Designation,
    },
    /// The dispute is over, and named nobody.
    ClueReleasedFromDispute {
        dispute: DisputeId,
    },
    /// Of an agency beside the responsible one.
    Task(TaskEvent),
    CampaignTagged {
        campaign: CampaignCode,
    },
    CampaignUntagged,
    /// The command was understood and refused; nothing else changed.
    CommandRejected {
        command: String,
        rejection: Rejection,
    },
}

impl Event {
    /// The name of the type on the wire, in metrics and on screens.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ClueReported { .. } => "ClueReported",
            Self::ReportRepeated { .. } => "ReportRepeated",
            Self::ClueLinked { .. } => "ClueLinked",
            Self::LinkRepeated { .. } => "LinkRepeated",
            Self::SourceDeleted(_) => "SourceDeleted",
            Self::UnknownDeleted(_) => "UnknownDeleted",
            Self::SourceMissing { .. } => "SourceMissing",
            Self::ClueAdmitted => "ClueAdmitted",
            Self::ClueRejected { .. } => "ClueRejected",
            Self::SourceUpdated { .. } => "SourceUpdated",
            Self::ClueCorrected(_) => "ClueCorrected",
            Self::ClueRecoded(_) => "ClueRecoded",
            Self::WithdrawalConfirmed => "WithdrawalConfirmed",
            Self::DiscrepancySettled { .. } => "DiscrepancySettled",
            Self::ClueHeldForTriage { .. } => "ClueHeldForTriage",
            Self::ClueOffered { .. } => "ClueOffered",
            Self::ClueHeldForCoordination { .. } => "ClueHeldForCoordination",
            Self::ClueAssigned { .. } => "ClueAssigned",
            Self::ClueDelegated { .. } => "ClueDelegated",
            Self::ClueAcknowledged => "ClueAcknowledged",
            Self::ReturnRequested { .. } => "ReturnRequested",
            Self::ReturnApproved => "ReturnApproved",
            Self::ReturnRefused => "ReturnRefused",
            Self::ClueTransferred { .. } => "ClueTransferred",
            Self::HandlingStarted => "HandlingStarted",
            Self::ClueSuspended { .. } => "ClueSuspended",
            Self::ClueResumed => "ClueResumed",
            Self::ExtensionRequested { .. } => "ExtensionRequested",
            Self::ExtensionGranted { .. } => "ExtensionGranted",
            Self::ExtensionRefused => "ExtensionRefused",
            Self::DeadlineRevised => "DeadlineRevised",
            Self::RungReached { .. } => "RungReached",
            Self::NoticeIssued { .. } => "NoticeIssued",
            Self::NoticeDiscarded { .. } => "NoticeDiscarded",
            Self::ClueResolved { .. } => "ClueResolved",
            Self::CheckPassed => "CheckPassed",
            Self::CheckFailed => "CheckFailed",
            Self::CallBackRecorded { .. } => "CallBackRecorded",
            Self::ClueClosed { .. } => "ClueClosed",
            Self::ClueReopened { .. } => "ClueReopened",
            Self::ClueVoided { .. } => "ClueVoided",
            Self::ClueDisputed { .. } => "ClueDisputed",
            Self::ClueHeldForDispute { .. } => "ClueHeldForDispute",
            Self::ClueDesignated { .. } => "ClueDesignated",
            Self::ClueReleasedFromDispute { .. } => "ClueReleasedFromDispute",
            Self::Task(event) => event.name(),
            Self::CampaignTagged { .. } => "CampaignTagged",
            Self::CampaignUntagged => "CampaignUntagged",
            Self::CommandRejected { .. } => "CommandRejected",
        }
    }
}

impl Event {
    /// A report whose text is not the clue's, or is so already.
    fn has_no_text(&self) -> bool {
        match self {
            Self::ReportRepeated { repeat, .. } => matches!(repeat, Repeat::Unchanged | Repeat::Stale),
            Self::SourceUpdated { changed, .. } => {
                let texts = [Field::Title, Field::Description, Field::Place];
                !changed.is_empty() && !texts.iter().any(|field| changed.contains(field))
            }
            Self::LinkRepeated { .. } => true,
            _ => false,
        }
    }

    /// The text that is kept with the event, of what came with its command. Another platform's words for a clue stand beside
    /// those of the clue.
    pub fn text<'t>(&self, told: &'t Text) -> Option<Cow<'t, Text>> {
        let kept = match self {
            _ if self.has_no_text() => return None,
            Self::ClueLinked { .. } => Cow::Owned(told.beside()),
            _ => Cow::Borrowed(told),
        };
        (!kept.is_empty()).then_some(kept)
    }

    /// The codes that count from now on.
    pub const fn codes(&self) -> Option<&Codes> {
        match self {
            Self::ClueCorrected(codes) | Self::ClueRecoded(codes) => Some(codes),
            _ => None,
        }
    }
}

/// What a second report of the same (source, id) meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// The same content.
    Unchanged,
    /// Other content that adds what became of the clue: applied by the events that follow.
    Updated,
    /// Other content in a mode that knows no versions: on record, without effect.
    Stale,
}

/// Why a clue went where it went. Words are recomputed from this and the rulebook version, not stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutingDecision {
    pub rulebook: RulebookVersion,
    /// Line of the winning row in `duties.csv`.
    pub row: Option<u32>,
    /// `matched`, `no_duty`, `tie`, `matter_missing`, `area_missing`, `recorded`, `by_person`, …
    pub reason: String,
}

/// What the reporter said when asked (回访).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallBack {
    Satisfied,
    /// → rework
    NotDone,
    /// Anonymous, or not to be asked.
    NotApplicable,
    /// Counts as done after the attempts that the policy asks for (default 3).
    Unreachable,
}

impl CallBack {
    pub const ALL: [Self; 4] = [
        Self::Satisfied,
        Self::NotDone,
        Self::NotApplicable,
        Self::Unreachable,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::NotDone => "not_done",
            Self::NotApplicable => "not_applicable",
            Self::Unreachable => "unreachable",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == word)
    }
}
