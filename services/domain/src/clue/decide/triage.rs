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

#[cfg(test)]
mod tests {
    use super::super::super::Command;
    use super::super::super::testing::{COUNTY, Case, coordinator, decision, of, role};
    use super::*;

    #[test]
    fn a_clue_without_dispatch_is_held_and_held_again_with_the_newer_reason() {
        let hold = || Command::HoldForTriage {
            decision: decision("tie"),
        };
        let table = [
            (Case::admitted(), role(Role::Routing), ""),
            (Case::in_triage(), coordinator(), ""),
            (Case::in_triage(), of(COUNTY), "not_entitled"),
            (Case::reported(), role(Role::Routing), "wrong_stage"),
            (Case::dispatched(), role(Role::Routing), "wrong_stage"),
            (Case::closed(), role(Role::Routing), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            let before = case.stage();
            assert_eq!(case.refusal(actor, hold()), code, "{before}");
            let newer = matches!(&case.clue().stage, Stage::Triage { reason } if reason == "tie");
            assert_eq!(newer, code.is_empty(), "{before}");
        }
    }
}
