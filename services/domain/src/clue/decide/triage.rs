//! Nobody's duty could be found, so a person must say whose it is (待分派). Routing never guesses.

use super::super::{Clue, Event, Role, RoutingDecision, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, one};

/// From triage too: a second look replaces the reason.
pub(super) fn hold(clue: &Clue, asked: &Asked<'_>, decision: &RoutingDecision) -> Answer {
    match clue.stage {
        Stage::Admitted | Stage::Triage { .. } => {
            asked.entitled(&[Role::Routing, Role::Coordinator, Role::Operator])?;
            Ok(one(Event::ClueHeldForTriage {
                decision: decision.clone(),
            }))
        }
        _ => Err(wrong_stage(clue)),
    }
}
