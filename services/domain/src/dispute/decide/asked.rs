//! What every rule asks about a command before it looks at its content: who asks, at which step, with which papers.

use super::super::jurisdiction::is_seated;
use super::super::{Dispute, DisputePolicy, Env, Envelope, Forum, Paper, Party, Step};
use super::{Code, Rejection};
use crate::clue::{Actor, Role};
use crate::code::AgencyId;

/// Bihuan by itself, or whoever operates it.
const SERVICE: &[Role] = &[Role::Dispute, Role::Routing, Role::Clock, Role::Operator];

/// A command under decision.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) envelope: &'a Envelope,
    pub(super) env: &'a Env<'a>,
}

/// In what capacity a coordinator acts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Capacity {
    Coordinates,
    /// In the name of the government of the level.
    Decides,
}

impl Asked<'_> {
    pub(super) fn actor(&self) -> &Actor {
        &self.envelope.actor
    }

    pub(super) fn policy(&self) -> &DisputePolicy {
        &self.env.rulebook.policy.disputes
    }

    pub(super) fn is(&self, role: Role) -> bool {
        self.actor().role == role
    }

    pub(super) fn service(&self) -> Result<(), Rejection> {
        entitled(SERVICE.contains(&self.actor().role))
    }

    /// The agency that acts, of an actor that is one.
    pub(super) fn agency(&self) -> Result<&AgencyId, Rejection> {
        entitled(self.is(Role::Agency))?;
        self.actor()
            .agency
            .as_ref()
            .ok_or_else(|| Code::NotEntitled.into())
    }

    /// Only a party may, and for itself alone.
    pub(super) fn party<'d>(&self, dispute: &'d Dispute) -> Result<&'d Party, Rejection> {
        dispute.party(self.agency()?).ok_or_else(|| Code::NotParty.into())
    }

    /// Only the coordinator before whom the dispute is may, or who decides there.
    pub(super) fn coordinator(&self, dispute: &Dispute, capacity: Capacity) -> Result<(), Rejection> {
        self.sits(&dispute.forum, &dispute.agencies(), capacity)
    }

    /// Whether the actor is the coordinator of a forum, and none of the parties.
    pub(super) fn sits(
        &self,
        forum: &Forum,
        parties: &[&AgencyId],
        capacity: Capacity,
    ) -> Result<(), Rejection> {
        entitled(self.is(Role::Coordinator))?;
        let Some(agency) = &self.actor().agency else {
            return Err(Code::OfficeMissing.into());
        };
        if parties.contains(&agency) {
            return Err(Code::OwnCoordinator.into());
        }
        let named = self.policy().office(forum).map(|office| match capacity {
            Capacity::Coordinates => &office.agency,
            Capacity::Decides => office.deciding.as_ref().unwrap_or(&office.agency),
        });
        let is_right = match named {
            Some(named) => named == agency,
            None => [self.env.rulebook, self.env.current]
                .iter()
                .any(|rulebook| is_seated(rulebook, agency, forum)),
        };
        match (is_right, capacity) {
            (true, _) => Ok(()),
            (false, Capacity::Coordinates) => Err(Code::WrongCoordinator.into()),
            (false, Capacity::Decides) => Err(Code::NotDeciding.into()),
        }
    }

    /// The reason in words, which the journal does not carry, must have come along.
    pub(super) fn reason_in_words(&self) -> Result<(), Rejection> {
        let text = self.envelope.text.as_ref();
        let remark = text.and_then(|text| text.remark.as_deref());
        required(remark.unwrap_or_default(), Code::ReasonMissing, "reason")
    }

    /// The rulebook knows the agency, the clue's or that of today. Before any rulebook is active, every agency passes.
    pub(super) fn known(&self, agency: &AgencyId, field: &str) -> Result<(), Rejection> {
        let Env {
            rulebook, current, ..
        } = self.env;
        let knows = |book: &crate::routing::Rulebook| book.agencies.contains_key(agency);
        if rulebook.is_none() || knows(rulebook) || knows(current) {
            Ok(())
        } else {
            Err(Rejection::of_field(Code::AgencyUnknown, field))
        }
    }
}

fn entitled(is: bool) -> Result<(), Rejection> {
    if is { Ok(()) } else { Err(Code::NotEntitled.into()) }
}

/// The field must say something.
pub(super) fn required(value: &str, code: Code, field: &str) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        Err(Rejection::of_field(code, field))
    } else {
        Ok(())
    }
}

/// A paper must be found again.
pub(super) fn filed(paper: &Paper, field: &str) -> Result<(), Rejection> {
    required(&paper.reference, Code::ReferenceMissing, field)
}

/// Only at these steps.
pub(super) fn at_step(dispute: &Dispute, steps: &[Step]) -> Result<(), Rejection> {
    if dispute.step().is_some_and(|step| steps.contains(&step)) {
        Ok(())
    } else {
        Err(wrong_step(dispute))
    }
}

/// Only before anything was decided.
pub(super) fn before_ruling(dispute: &Dispute) -> Result<(), Rejection> {
    if dispute.rulings.is_empty() {
        Ok(())
    } else {
        Err(wrong_step(dispute))
    }
}

fn wrong_step(dispute: &Dispute) -> Rejection {
    Rejection::of_step(Code::WrongStep, dispute)
}
