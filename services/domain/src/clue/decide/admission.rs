//! A clue is taken into scope (受理), refused (不予受理), or corrected so that routing looks at it again.

use super::super::{Clue, Codes, Event, Role, Stage};
use super::asked::{Asked, required, wrong_stage};
use super::dispute::undisputed;
use super::{Answer, Code, Rejection, one};
use crate::code::{AreaCode, MatterCode};

/// The platform itself, or a person at the desk.
const ENTITLED: &[Role] = &[Role::Source, Role::Coordinator, Role::Operator];

pub(super) fn admit(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match clue.stage {
        Stage::Reported => {
            asked.entitled(ENTITLED)?;
            Ok(one(Event::ClueAdmitted))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// Also from triage: that a clue is out of scope often shows only when somebody looks at it.
pub(super) fn reject(clue: &Clue, asked: &Asked<'_>, reason: &str) -> Answer {
    match clue.stage {
        Stage::Reported | Stage::Admitted | Stage::Triage { .. } => {
            asked.entitled(ENTITLED)?;
            required(reason, Code::ReasonMissing, "reason")?;
            Ok(one(Event::ClueRejected {
                reason: reason.to_owned(),
            }))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// Corrects what routing goes by; the clue is then admitted and waits for routing again.
pub(super) fn correct(
    clue: &Clue,
    asked: &Asked<'_>,
    matter: Option<&MatterCode>,
    area: Option<&AreaCode>,
) -> Answer {
    match clue.stage {
        Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. } => {}
        _ => return Err(wrong_stage(clue)),
    }
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    undisputed(clue)?;
    if matter.is_none() && area.is_none() {
        return Err(Code::NothingToCorrect.into());
    }
    if matter.is_some_and(|matter| !asked.knows(|rulebook| rulebook.matters.contains_key(matter))) {
        return Err(Rejection::of_field(Code::MatterUnknown, "matter"));
    }
    if area.is_some_and(|area| !asked.knows(|rulebook| rulebook.areas.contains_key(area))) {
        return Err(Rejection::of_field(Code::AreaUnknown, "area"));
    }
    Ok(one(Event::ClueCorrected(Codes {
        matter: matter.cloned(),
        area: area.cloned(),
        ..Codes::default()
    })))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{Case, area, coordinator, matter, of, role};
    use super::super::super::{Actor, Command};
    use super::*;
    use crate::routing::Rulebook;

    fn rejection(reason: &str) -> Command {
        Command::RejectClue {
            reason: reason.to_owned(),
        }
    }

    fn correction(matter_code: Option<&str>, area_code: Option<&str>) -> Command {
        Command::CorrectClue {
            matter: matter_code.map(matter),
            area: area_code.map(area),
            category: None,
        }
    }

    #[test]
    fn only_a_reported_clue_is_admitted_and_not_by_an_agency() {
        let table: [(Case, Actor, &str, &str); 4] = [
            (Case::reported(), coordinator(), "", "admitted"),
            (Case::reported(), role(Role::Source), "", "admitted"),
            (Case::reported(), of("fushan-town"), "not_entitled", "reported"),
            (Case::admitted(), coordinator(), "wrong_stage", "admitted"),
        ];
        for (mut case, actor, code, stage) in table {
            assert_eq!(
                (case.refusal(actor, Command::AdmitClue).as_str(), case.stage()),
                (code, stage)
            );
        }
    }

    #[test]
    fn rejecting_needs_a_reason_and_a_clue_that_nobody_has_in_hand() {
        let table = [
            (Case::reported(), coordinator(), "litigation", ""),
            (Case::admitted(), coordinator(), "litigation", ""),
            (Case::in_triage(), coordinator(), "litigation", ""),
            (Case::in_triage(), coordinator(), " ", "reason_missing"),
            (
                Case::in_triage(),
                role(Role::Routing),
                "litigation",
                "not_entitled",
            ),
            (Case::dispatched(), coordinator(), "litigation", "wrong_stage"),
            (
                Case::in_coordination(),
                coordinator(),
                "litigation",
                "wrong_stage",
            ),
        ];
        for (mut case, actor, reason, code) in table {
            let before = case.stage();
            assert_eq!(case.refusal(actor, rejection(reason)), code, "{before}");
            assert_eq!(case.stage(), if code.is_empty() { "rejected" } else { before });
        }
    }

    #[test]
    fn a_corrected_clue_waits_for_routing_again() {
        for mut case in [Case::admitted(), Case::in_triage(), Case::in_old_coordination()] {
            case.when(coordinator(), correction(None, Some("330603")));
            assert_eq!(case.stage(), "admitted");
            assert_eq!(case.clue().area, Some(area("330603")));
            assert_eq!(
                case.clue().matter,
                Some(matter("330217B00000")),
                "what is not corrected stays"
            );
        }
        let mut case = Case::in_coordination();
        assert_eq!(
            case.refusal(coordinator(), correction(None, Some("330603"))),
            "in_dispute"
        );
    }

    #[test]
    fn a_correction_must_say_something_that_the_rulebook_knows() {
        let known = Some("330217B00000");
        let table = [
            (
                Case::in_triage(),
                coordinator(),
                correction(known, None),
                ("", None),
            ),
            (
                Case::in_triage(),
                coordinator(),
                correction(None, None),
                ("nothing_to_correct", None),
            ),
            (
                Case::in_triage(),
                coordinator(),
                correction(Some("x"), None),
                ("matter_unknown", Some("matter")),
            ),
            (
                Case::in_triage(),
                coordinator(),
                correction(None, Some("9")),
                ("area_unknown", Some("area")),
            ),
            (
                Case::in_triage(),
                role(Role::Routing),
                correction(known, None),
                ("not_entitled", None),
            ),
            (
                Case::dispatched(),
                coordinator(),
                correction(known, None),
                ("wrong_stage", None),
            ),
            (
                Case::reported(),
                coordinator(),
                correction(known, None),
                ("wrong_stage", None),
            ),
        ];
        for (mut case, actor, command, refused) in table {
            assert_eq!(case.when(actor, command).refused(), refused);
        }
        let mut case = Case::in_triage();
        *case.rulebook = Rulebook::none();
        assert_eq!(
            case.refusal(coordinator(), correction(Some("x"), Some("9"))),
            "",
            "no rulebook, nothing to know"
        );
    }
}
