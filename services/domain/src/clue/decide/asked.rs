//! What every rule asks about a command before it looks at its content: who asks, of which stage, with which reason.

use super::super::{Actor, Assignment, Clue, Env, Envelope, Policy, Role, Verification};
use super::{Code, Rejection};
use crate::code::AgencyId;
use crate::routing::Rulebook;
use crate::time::Timestamp;

/// A command under decision.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) envelope: &'a Envelope,
    pub(super) env: &'a Env<'a>,
    /// Effective time.
    pub(super) at: Timestamp,
}

impl Asked<'_> {
    pub(super) fn actor(&self) -> &Actor {
        &self.envelope.actor
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.env.rulebook.policy
    }

    /// When it was asked, whatever whoever asks says of that: what must come before a deadline goes by it.
    pub(super) fn received(&self) -> Timestamp {
        self.at.max(self.envelope.received_at)
    }

    pub(super) fn needs(&self, clue: &Clue) -> Verification {
        self.policy().verification(&clue.source)
    }

    /// Only these roles may.
    pub(super) fn entitled(&self, roles: &[Role]) -> Result<(), Rejection> {
        if roles.contains(&self.actor().role) {
            Ok(())
        } else {
            Err(Code::NotEntitled.into())
        }
    }

    /// Only the responsible agency itself may.
    pub(super) fn holder(&self, by: &Assignment) -> Result<(), Rejection> {
        let actor = self.actor();
        if actor.role == Role::Agency && actor.agency.as_ref() == Some(&by.agency) {
            Ok(())
        } else {
            Err(Code::NotHolder.into())
        }
    }

    /// Only the responsible agency, or one of these roles, may.
    pub(super) fn holder_or(&self, by: &Assignment, roles: &[Role]) -> Result<(), Rejection> {
        if roles.contains(&self.actor().role) {
            Ok(())
        } else {
            self.holder(by)
        }
    }

    /// The reason in words, which the journal does not carry, must have come along.
    pub(super) fn reason_in_words(&self) -> Result<(), Rejection> {
        let remark = self
            .envelope
            .text
            .as_ref()
            .and_then(|text| text.remark.as_deref());
        required(remark.unwrap_or_default(), Code::ReasonMissing, "reason")
    }

    /// The rulebook knows the agency. Before any rulebook is active, every agency passes.
    pub(super) fn known(&self, agency: &AgencyId, code: Code, field: &str) -> Result<(), Rejection> {
        if self.knows(|rulebook| rulebook.agencies.contains_key(agency)) {
            Ok(())
        } else {
            Err(Rejection::of_field(code, field))
        }
    }

    /// The clue's rulebook has it, or the one of today; or the clue is from before there was any.
    pub(super) fn knows(&self, has: impl Fn(&Rulebook) -> bool) -> bool {
        let Env {
            rulebook, current, ..
        } = self.env;
        rulebook.is_none() || has(rulebook) || has(current)
    }
}

/// The field must say something.
pub(super) fn required(value: &str, code: Code, field: &str) -> Result<(), Rejection> {
    if value.trim().is_empty() {
        Err(Rejection::of_field(code, field))
    } else {
        Ok(())
    }
}

pub(super) fn wrong_stage(clue: &Clue) -> Rejection {
    in_the_way(Code::WrongStage, clue)
}

/// A refusal that names the clue's stage.
pub(super) fn in_the_way(code: Code, clue: &Clue) -> Rejection {
    Rejection {
        stage: Some(clue.stage.name().to_owned()),
        ..Rejection::from(code)
    }
}
