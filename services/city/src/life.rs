//! One clue in one setting: its state, its dispute, and what is counted of it.

use std::sync::Arc;

use bihuan_domain::clue;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{self, Agreement, Dispute, Outcome, Standing, Step};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;

use crate::handing::Hands;
use crate::quarrel::Case;

pub(crate) struct Life {
    pub(crate) id: ClueId,
    pub(crate) case: Case,
    pub(crate) reported_at: Timestamp,
    /// By what it is decided for life.
    pub(crate) book: Arc<CompiledRulebook>,
    pub(crate) clue: clue::State,
    pub(crate) dispute: Option<(DisputeId, dispute::State)>,
    /// Commands so far.
    pub(crate) commands: u32,
    /// Counts whose hands it came into; a new one makes what the one before planned void.
    pub(crate) hand: u32,
    /// The same of the steps of its disputes.
    pub(crate) round: u32,
    pub(crate) step: Option<(Step, Timestamp)>,
    /// A precedent was drafted of the open dispute.
    pub(crate) is_drafted: bool,
    pub(crate) hands: Hands,
    pub(crate) tally: Tally,
}

/// What is counted of a clue besides whose hands it came into.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) by_precedent: bool,
    pub(crate) barred: u32,
    pub(crate) disputes: Vec<Settled>,
}

/// What came of a dispute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Settled {
    pub(crate) end: End,
    pub(crate) appeals: u32,
    pub(crate) breaches: u32,
    pub(crate) opened_at: Timestamp,
    /// When it was clear whose duty it is.
    pub(crate) clear_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum End {
    Open,
    Negotiation,
    Opinion,
    Ruling,
    /// The clue ended before anything was settled, or nobody wanted it any more.
    Otherwise,
}

impl Settled {
    pub(crate) fn of(dispute: &Dispute) -> Self {
        let end = match &dispute.standing {
            Standing::Open { .. } => End::Open,
            Standing::Ended { outcome, .. } => match outcome {
                Outcome::Settled {
                    by: Agreement::Negotiation,
                    ..
                } => End::Negotiation,
                Outcome::Settled {
                    by: Agreement::Opinion,
                    ..
                } => End::Opinion,
                Outcome::CarriedOut { .. } => End::Ruling,
                Outcome::Refused { .. } | Outcome::Withdrawn | Outcome::ClueEnded { .. } => End::Otherwise,
            },
        };
        let agreed_at = match &dispute.standing {
            Standing::Ended {
                outcome: Outcome::Settled { .. },
                at,
            } => Some(*at),
            _ => None,
        };
        Self {
            end,
            appeals: dispute.appeals,
            breaches: dispute.breaches.len() as u32,
            opened_at: dispute.opened_at,
            clear_at: agreed_at.or_else(|| dispute.rulings.last().map(|it| it.at)),
        }
    }
}

impl Life {
    pub(crate) fn open_dispute(&self) -> Option<&Dispute> {
        let state = self.dispute.as_ref().map(|(_, state)| state)?;
        state.dispute.as_ref().filter(|it| it.is_open())
    }

    pub(crate) fn holder(&self) -> Option<&AgencyId> {
        self.clue.clue.as_ref()?.assignment().map(|by| &by.agency)
    }

    /// The other one of the two.
    pub(crate) fn other(&self, agency: &AgencyId) -> &AgencyId {
        if *agency == self.case.right {
            &self.case.wrong
        } else {
            &self.case.right
        }
    }
}
