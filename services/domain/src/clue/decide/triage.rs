//! Nobody's duty could be found, so a person must say whose it is (待分派). Routing never guesses.

use super::super::{Clue, Event, Role, RoutingDecision, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, one};
use crate::code::RulebookVersion;

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

/// A clue that some agency had before is left to people: a rulebook would send it back to whoever returned it.
pub(super) fn offer(clue: &Clue, asked: &Asked<'_>, rulebook: &RulebookVersion) -> Answer {
    match clue.stage {
        Stage::Triage { .. } if clue.first_agency.is_none() => {
            asked.entitled(&[Role::Routing, Role::Operator])?;
            Ok(one(Event::ClueOffered {
                rulebook: rulebook.clone(),
            }))
        }
        _ => Err(wrong_stage(clue)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::Command;
    use super::super::super::testing::{
        CITY, COUNTY, Case, assign, coordinator, decision, of, request_return, role,
    };
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

    fn offer() -> Command {
        Command::OfferClue {
            rulebook: decision("tie").rulebook,
        }
    }

    #[test]
    fn only_what_waits_in_triage_and_nobody_had_is_offered() {
        let returned = || {
            Case::in_triage()
                .given(coordinator(), assign(COUNTY))
                .given(of(COUNTY), request_return(CITY))
                .given(coordinator(), Command::ApproveReturn { to: None })
        };
        assert_eq!(returned().stage(), "triage");
        let table = [
            (Case::in_triage(), role(Role::Routing), ""),
            (Case::in_triage(), role(Role::Operator), ""),
            (Case::in_triage(), of(COUNTY), "not_entitled"),
            (Case::admitted(), role(Role::Routing), "wrong_stage"),
            (Case::dispatched(), role(Role::Routing), "wrong_stage"),
            (Case::closed(), role(Role::Routing), "wrong_stage"),
            (returned(), role(Role::Routing), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            let before = case.stage();
            assert_eq!(case.refusal(actor, offer()), code, "{before}");
            assert_eq!(case.stage(), before, "it waits where it was");
        }
    }

    #[test]
    fn an_answer_from_before_the_offer_counts_no_more() {
        let case = Case::in_triage();
        let before = case.state.version;
        let mut case = case.given(role(Role::Routing), offer());
        case.expected_version = Some(before);
        assert_eq!(
            case.refusal(role(Role::Routing), assign(COUNTY)),
            "version_conflict"
        );
        case.expected_version = Some(before + 1);
        assert_eq!(case.refusal(role(Role::Routing), assign(COUNTY)), "");
    }
}
