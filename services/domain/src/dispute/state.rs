//! Where a dispute stands, folded from events by [`super::evolve`].

use serde::{Deserialize, Serialize};

use super::{
    Breach, Deadline, Document, Forum, Interim, Jurisdiction, Opening, Opinion, Outcome, Party, Ruled, Ruling,
};
use crate::clue::{Actor, words};
use crate::code::AgencyId;
use crate::id::{CommandId, DisputeId};
use crate::time::Timestamp;

/// Everything that [`super::decide`] needs to know about one dispute id; also of one that was never opened.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Events so far.
    pub version: u32,
    /// Effective time of the newest event.
    pub last_at: Timestamp,
    /// Short digests of the commands that were handled, rejections included.
    pub handled: Vec<u64>,
    pub dispute: Option<Dispute>,
}

/// A dispute over whose duty a clue is (争议).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dispute {
    pub id: DisputeId,
    /// What it is about and how it came up. The parties as they were then.
    pub opening: Opening,
    pub opened_by: Actor,
    pub opened_at: Timestamp,
    pub parties: Vec<Party>,
    /// As it was found last.
    pub jurisdiction: Jurisdiction,
    /// Before whom it is now: never lower than who is competent.
    pub forum: Forum,
    /// Who holds the clue until it is settled whose duty it is.
    pub interim: Interim,
    /// Whom the coordinator named to take the lead (牵头单位).
    pub lead: Option<AgencyId>,
    /// Who applied; `None`: nobody yet, or it was applied by itself.
    pub applicant: Option<AgencyId>,
    pub opinion: Option<Opinion>,
    /// The last one is in force, unless it is under appeal.
    pub rulings: Vec<Ruled>,
    /// So many appeals were made.
    pub appeals: u32,
    /// Who appeals the last ruling.
    pub appellant: Option<AgencyId>,
    /// When the designated agency took the clue up by the last ruling.
    pub taken_up_at: Option<Timestamp>,
    pub breaches: Vec<Breach>,
    pub documents: Vec<Document>,
    pub standing: Standing,
}

/// Exactly one open step, or an end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Open {
        step: Step,
        since: Timestamp,
        /// So often its time passed and nobody above could take it over.
        escalations: u32,
        /// Until when; set with the event that opened the step.
        deadline: Option<Deadline>,
    },
    Ended {
        outcome: Outcome,
        at: Timestamp,
    },
}

words!(
    /// What a dispute waits for.
    Step {
        /// 协商: the parties talk, with minutes.
        Negotiation = "negotiation",
        /// 申请
        Application = "application",
        /// 受理
        Acceptance = "acceptance",
        /// 转送: of the application to the others.
        Forwarding = "forwarding",
        /// 答辩
        Replies = "replies",
        /// 协调: an opinion is due, perhaps after a joint meeting.
        Opinion = "opinion",
        /// 意见反馈: the parties say whether they accept the opinion.
        Consent = "consent",
        /// 裁定
        Decision = "decision",
        /// 复核期: the ruling may be appealed.
        AppealWindow = "appeal_window",
        /// 待执行: the designated agency must take the clue up.
        TakingUp = "taking_up",
        /// 拒不执行: it did not, in time.
        Breach = "breach",
        /// 执行中: it handles the clue, until that ends.
        Compliance = "compliance",
    }
);

impl Step {
    /// Whether a ruling is made and not under appeal.
    pub const fn is_ruled(self) -> bool {
        matches!(
            self,
            Self::AppealWindow | Self::TakingUp | Self::Breach | Self::Compliance
        )
    }
}

/// Who answers for a clue in dispute: never nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder<'a> {
    Agency(&'a AgencyId),
    Coordinator(&'a Forum),
}

impl State {
    pub fn has_handled(&self, command: CommandId) -> bool {
        self.handled.contains(&command.short())
    }

    pub(super) fn handle(&mut self, command: CommandId) {
        if !self.has_handled(command) {
            self.handled.push(command.short());
        }
    }
}

impl Dispute {
    /// The open step.
    pub const fn step(&self) -> Option<Step> {
        match &self.standing {
            Standing::Open { step, .. } => Some(*step),
            Standing::Ended { .. } => None,
        }
    }

    pub const fn is_open(&self) -> bool {
        self.step().is_some()
    }

    pub const fn deadline(&self) -> Option<&Deadline> {
        match &self.standing {
            Standing::Open { deadline, .. } => deadline.as_ref(),
            Standing::Ended { .. } => None,
        }
    }

    pub const fn outcome(&self) -> Option<&Outcome> {
        match &self.standing {
            Standing::Open { .. } => None,
            Standing::Ended { outcome, .. } => Some(outcome),
        }
    }

    /// So often its time passed at the open step and nobody above could take it over.
    pub const fn escalations(&self) -> u32 {
        match &self.standing {
            Standing::Open { escalations, .. } => *escalations,
            Standing::Ended { .. } => 0,
        }
    }

    /// Whether the last forum let its time pass.
    pub const fn is_late(&self) -> bool {
        matches!(
            &self.standing,
            Standing::Open {
                step: Step::Decision,
                escalations: 1..,
                ..
            }
        )
    }

    /// The word for where it stands: a step, or an outcome.
    pub const fn name(&self) -> &'static str {
        match &self.standing {
            Standing::Open { step, .. } => step.as_str(),
            Standing::Ended { outcome, .. } => outcome.name(),
        }
    }

    pub fn party(&self, agency: &AgencyId) -> Option<&Party> {
        self.parties.iter().find(|party| party.agency == *agency)
    }

    pub(super) fn party_mut(&mut self, agency: &AgencyId) -> Option<&mut Party> {
        self.parties.iter_mut().find(|party| party.agency == *agency)
    }

    pub(super) fn agencies(&self) -> Vec<&AgencyId> {
        self.parties.iter().map(|party| &party.agency).collect()
    }

    /// The ruling that was made last.
    pub fn ruling(&self) -> Option<&Ruling> {
        self.rulings.last().map(|it| &it.ruling)
    }

    /// Whose duty it is, once that is settled or decided and not under appeal.
    pub fn responsible(&self) -> Option<&AgencyId> {
        match &self.standing {
            Standing::Ended {
                outcome: Outcome::Settled { agency, .. },
                ..
            } => Some(agency),
            _ if self.appellant.is_some() => None,
            _ => self.ruling().map(|ruling| &ruling.responsible),
        }
    }

    /// Whether a ruling says who must act on the clue: it cannot be appealed any more, or was taken up before.
    pub fn is_bound(&self) -> bool {
        let is_final = |step| step != Step::AppealWindow || self.taken_up_at.is_some();
        self.step().is_some_and(|step| step.is_ruled() && is_final(step))
    }

    /// Who must act on the clue while the dispute is open: whoever a ruling in force names, until then the interim holder.
    pub fn holder(&self) -> Option<Holder<'_>> {
        self.step()?;
        if let Some(agency) = self.responsible().filter(|_| self.is_bound()) {
            return Some(Holder::Agency(agency));
        }
        Some(match &self.interim {
            Interim::Agency(agency) => Holder::Agency(agency),
            Interim::Coordinator => Holder::Coordinator(&self.forum),
        })
    }
}
