//! Where a clue stands: data-carrying states, folded from events by [`super::evolve`].

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Deletion, History, Resolution, Role, Said, SourceRecord, Task, Timing};
use crate::code::{AgencyId, AreaCode, CampaignCode, Level, MatterCode, Severity, SourceId};
use crate::digest::Digest;
use crate::id::{ClueId, CommandId, DisputeId};
use crate::time::Timestamp;

/// Everything that [`super::decide`] needs to know about one clue id; also of an id that was never reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Events so far.
    pub version: u32,
    /// Effective time of the newest event.
    pub last_at: Timestamp,
    /// Short digests of the commands that were handled, rejections included.
    pub handled: Vec<u64>,
    /// The same of what sources said, the newest at the end: a source may go on for years, and repeats come soon or never.
    pub heard: VecDeque<u64>,
    /// What its source removed before it was reported; an older version of it may still come.
    pub removed: Option<Box<Deletion>>,
    pub clue: Option<Clue>,
}

/// So many of what sources said are remembered. A repeat comes within what a service handles at once, or republishes after a crash;
/// that is a few batches, of which a single clue can make up the whole.
const HEARD: usize = 10_000;

impl State {
    pub fn has_handled(&self, command: CommandId) -> bool {
        let id = command.short();
        self.handled.contains(&id) || self.heard.contains(&id)
    }

    pub(super) fn handle(&mut self, command: CommandId, by: Role) {
        if self.has_handled(command) {
            return;
        }
        if by != Role::Source {
            self.handled.push(command.short());
            return;
        }
        if self.heard.len() >= HEARD {
            self.heard.pop_front();
        }
        self.heard.push_back(command.short());
    }
}

/// A reported clue. Holds what decisions need; everything else is in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clue {
    pub id: ClueId,
    /// With `source_id` the record that was read first: it speaks for the clue.
    pub source: SourceId,
    pub source_id: String,
    /// Other records that stand for the clue.
    pub links: Vec<LinkedRecord>,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub reported_at: Timestamp,
    pub source_due_at: Option<Timestamp>,
    /// Of the record that was last applied.
    pub digest: Digest,
    /// Short digests of the attachments that its source sent so far.
    pub attachments: Vec<u64>,
    /// Short digests of the rows of its source's hand-over log that were read, the newest at the end; none: its source keeps no
    /// such log.
    pub log: VecDeque<u64>,
    /// What the source says now, where it sends the whole record again at every change.
    pub source_record: Option<SourceRecord>,
    /// Version of the event since which routing is asked; an answer to an earlier question counts no more.
    pub routed_since: u32,
    /// What became of it at the source; waits here until the clue is assigned (`--route`).
    pub pending_history: Option<History>,
    /// The agency of the first dispatch.
    pub first_agency: Option<AgencyId>,
    /// Agencies that asked to return it, in order.
    pub returned_by: Vec<AgencyId>,
    /// When the agency that has it got it.
    pub held_since: Timestamp,
    /// The agency that has it was designated by a dispute. Handing down its line changes nothing about that.
    pub designated: bool,
    /// What the agency that has it asked for, and was refused.
    pub refused_return: Option<ReturnRequest>,
    /// The open dispute over whose duty it is.
    pub dispute: Option<DisputeId>,
    /// Of agencies beside the responsible one, by number.
    pub tasks: Vec<Task>,
    /// The campaign that it belongs to.
    pub campaign: Option<CampaignCode>,
    /// The overall deadline.
    pub deadline: Option<Timestamp>,
    pub timing: Timing,
    pub tally: Tally,
    pub stage: Stage,
}

/// A record that stands for a clue beside the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedRecord {
    pub source: SourceId,
    pub source_id: String,
    /// The highest that was seen.
    pub version: Option<i64>,
    /// Of what it said last; zero: its source removed it.
    pub digest: Digest,
    /// What its source says of it, where that sends the whole record again at every change.
    pub said: Option<Said>,
}

impl LinkedRecord {
    pub fn is(&self, source: &SourceId, id: &str) -> bool {
        self.source == *source && self.source_id == id
    }
}

/// What is counted over a clue's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub returns: u32,
    pub transfers: u32,
    pub reworks: u32,
    pub reopened: u32,
    /// Unanswered attempts since the last resolution.
    pub call_back_attempts: u32,
}

/// The stage of a clue's life (domain glossary: 阶段).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Stage {
    /// Waits for somebody to admit or reject it.
    Reported,
    Rejected {
        reason: String,
    },
    /// In scope; routing has it.
    Admitted,
    /// A person must say whose duty it is (待分派).
    Triage {
        reason: String,
    },
    /// Whose duty it is, is in dispute, and it is in the hands of the coordinator of the level.
    Coordination {
        level: Level,
    },
    /// One agency has it.
    Held {
        by: Assignment,
        progress: Progress,
    },
    /// The agency asks to return it, and holds it until somebody entitled answers.
    ReturnRequested {
        by: Assignment,
        progress: Progress,
        request: ReturnRequest,
    },
    /// The clock stands still until `suspension.until`.
    Suspended {
        by: Assignment,
        progress: Progress,
        suspension: Suspension,
    },
    /// The agency has reported; check and call-back follow as the source needs them.
    Resolved {
        by: Assignment,
        resolution: Resolution,
        /// Staff reference of the person who reported it: must not check it.
        handler: Option<String>,
        verified: Verified,
    },
    Closed {
        by: Option<Assignment>,
        resolution: Resolution,
        at: Timestamp,
    },
    Voided {
        reason: String,
    },
}

impl Stage {
    /// The word for this stage on the wire, in metrics and on screens.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Rejected { .. } => "rejected",
            Self::Admitted => "admitted",
            Self::Triage { .. } => "triage",
            Self::Coordination { .. } => "coordination",
            Self::Held {
                progress: Progress::Dispatched,
                ..
            } => "dispatched",
            Self::Held {
                progress: Progress::Acknowledged,
                ..
            } => "acknowledged",
            Self::Held {
                progress: Progress::Handling,
                ..
            } => "handling",
            Self::ReturnRequested { .. } => "return_requested",
            Self::Suspended { .. } => "suspended",
            Self::Resolved { .. } => "resolved",
            Self::Closed { .. } => "closed",
            Self::Voided { .. } => "voided",
        }
    }
}

/// Who is assigned: exactly one responsible agency, perhaps others beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The responsible agency (主办).
    pub agency: AgencyId,
    /// Files the penalty case where that is another agency (综合行政执法).
    pub penalty: Option<AgencyId>,
    /// 协办
    pub assisting: Vec<AgencyId>,
}

/// How far the agency is with a clue that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    Dispatched,
    Acknowledged,
    Handling,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnRequest {
    /// The duty that the agency relies on.
    pub duty: String,
    pub proposed: AgencyId,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Reason code.
    pub reason: String,
    /// Staff reference.
    pub approver: String,
    pub until: Timestamp,
}

/// What has been confirmed since the last resolution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    pub checked: bool,
    pub called_back: bool,
}

/// Who answers for an open clue: never nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    /// Awaits admission or routing: Bihuan itself.
    Routing,
    /// The triage desk.
    Triage,
    /// The coordinator of the level.
    Coordinator(Level),
    Agency(&'a AgencyId),
    /// Whoever checks or calls back.
    Verification,
}

impl State {
    /// Whether nobody reported the clue yet, or no agency ever had it and one may still get it: what an agency says of it comes
    /// too early.
    pub fn awaits_dispatch(&self) -> bool {
        let Some(clue) = &self.clue else { return true };
        let may_be_dispatched = matches!(
            clue.stage,
            Stage::Reported | Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. }
        );
        clue.first_agency.is_none() && may_be_dispatched
    }
}

impl Clue {
    /// The one holder of an open clue; `None` once it is closed, rejected or voided.
    pub fn holder(&self) -> Option<Holder<'_>> {
        match &self.stage {
            Stage::Reported | Stage::Admitted => Some(Holder::Routing),
            Stage::Triage { .. } => Some(Holder::Triage),
            Stage::Coordination { level } => Some(Holder::Coordinator(*level)),
            Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } | Stage::Suspended { by, .. } => {
                Some(Holder::Agency(&by.agency))
            }
            Stage::Resolved { .. } => Some(Holder::Verification),
            Stage::Closed { .. } | Stage::Rejected { .. } | Stage::Voided { .. } => None,
        }
    }

    pub fn is_open(&self) -> bool {
        self.holder().is_some()
    }

    /// Whether its source hands over what happens to it row by row: what becomes of it is recorded there, so that nobody is
    /// reminded here.
    pub fn is_logged(&self) -> bool {
        !self.log.is_empty()
    }

    /// Whether this row of the log was read before.
    pub fn knows_row(&self, row: Digest) -> bool {
        self.log.contains(&row.short())
    }

    pub(super) fn heed_row(&mut self, row: Digest) {
        if self.knows_row(row) {
            return;
        }
        if self.log.len() >= HEARD {
            self.log.pop_front();
        }
        self.log.push_back(row.short());
    }

    /// The responsible agency, also while it is suspended, verified or closed.
    pub fn assignment(&self) -> Option<&Assignment> {
        match &self.stage {
            Stage::Held { by, .. }
            | Stage::ReturnRequested { by, .. }
            | Stage::Suspended { by, .. }
            | Stage::Resolved { by, .. } => Some(by),
            Stage::Closed { by, .. } => by.as_ref(),
            Stage::Reported
            | Stage::Rejected { .. }
            | Stage::Admitted
            | Stage::Triage { .. }
            | Stage::Coordination { .. }
            | Stage::Voided { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::super::testing::{COUNTY, Case, coordinator, of};
    use super::*;

    #[test]
    fn what_sources_said_is_remembered_within_bounds() {
        let id = |n: u32| CommandId::derive(b"cause", "test", n);
        let mut state = State::default();
        let total = HEARD as u32 + 500;
        state.handle(id(0), Role::Agency);
        for n in 1..=total {
            state.handle(id(n), Role::Source);
            state.handle(id(n), Role::Source);
        }
        assert_eq!((state.handled.len(), state.heard.len()), (1, HEARD));
        assert!(state.has_handled(id(0)), "of people nothing is forgotten");
        assert!(state.has_handled(id(501)) && !state.has_handled(id(500)));
    }

    #[test]
    fn an_agency_may_speak_once_a_clue_was_dispatched() {
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        let table = [
            (Case::new(), true),
            (Case::reported(), true),
            (Case::admitted(), true),
            (Case::in_triage(), true),
            (Case::admitted().given(coordinator(), void), false),
            (Case::dispatched(), false),
            (Case::in_coordination(), false),
            (Case::resolved(), false),
            (Case::closed(), false),
        ];
        for (case, awaits) in table {
            assert_eq!(case.state.awaits_dispatch(), awaits, "{:?}", case.state.clue);
        }
        let mut refused = Case::new();
        refused.when(of(COUNTY), Command::AcknowledgeClue);
        assert!(refused.state.awaits_dispatch(), "a refusal reports no clue");
    }
}
