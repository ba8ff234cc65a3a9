//! To another agency by a coordinator's decision (转办/改派). It never resets the overall clock.

use super::super::{Clue, Event, Role, Stage};
use super::asked::{Asked, wrong_stage};
use super::dispute::undisputed;
use super::{Answer, Code, Rejection, Step, history};
use crate::code::AgencyId;

/// Not while suspended: it must be resumed first, so that the pause has an end of its own.
pub(super) fn transfer(clue: &Clue, asked: &Asked<'_>, to: &AgencyId, basis: Option<&str>) -> Answer {
    let from = match &clue.stage {
        Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } => Some(&by.agency),
        Stage::Triage { .. } | Stage::Coordination { .. } => None,
        _ => return Err(wrong_stage(clue)),
    };
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    undisputed(clue)?;
    asked.known(to, Code::AgencyUnknown, "to")?;
    if from == Some(to) {
        return Err(Rejection::of_field(Code::SameAgency, "to"));
    }
    let basis = basis.map(str::to_owned);
    let event = Event::ClueTransferred {
        from: from.cloned(),
        to: to.clone(),
        basis,
        recorded: false,
    };
    let mut steps = vec![Step::from(event)];
    if let Some(past) = &clue.pending_history {
        steps.extend(history::closed(past, Some(to)));
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, TOWN, agency, coordinator, decision, of, report, role, transfer,
    };
    use super::super::super::{Command, Progress};
    use super::*;

    #[test]
    fn a_coordinator_transfers_what_is_in_hand_or_waits_for_a_person() {
        let table = vec![
            (Case::dispatched(), coordinator(), TOWN, ("", None)),
            (Case::return_requested(), coordinator(), TOWN, ("", None)),
            (Case::in_triage(), coordinator(), TOWN, ("", None)),
            (
                Case::in_old_coordination(),
                role(Role::Operator),
                TOWN,
                ("", None),
            ),
            (Case::in_coordination(), coordinator(), TOWN, ("in_dispute", None)),
            (Case::disputed(), coordinator(), TOWN, ("in_dispute", None)),
            (Case::dispatched(), of(COUNTY), TOWN, ("not_entitled", None)),
            (
                Case::dispatched(),
                role(Role::Routing),
                TOWN,
                ("not_entitled", None),
            ),
            (
                Case::dispatched(),
                coordinator(),
                COUNTY,
                ("same_agency", Some("to")),
            ),
            (
                Case::dispatched(),
                coordinator(),
                "x",
                ("agency_unknown", Some("to")),
            ),
            (Case::admitted(), coordinator(), TOWN, ("wrong_stage", None)),
            (Case::suspended(), coordinator(), TOWN, ("wrong_stage", None)),
            (Case::resolved(), coordinator(), TOWN, ("wrong_stage", None)),
        ];
        for (mut case, actor, to, refused) in table {
            let before = case.stage();
            assert_eq!(case.when(actor, transfer(to)).refused(), refused, "{before}");
            if refused.0.is_empty() {
                assert_eq!(
                    (case.stage(), case.holder()),
                    ("dispatched", Some(TOWN)),
                    "{before}"
                );
            }
        }
    }

    #[test]
    fn a_transfer_counts_where_an_agency_had_it_and_starts_with_nobody_beside() {
        let assign = Command::AssignClue {
            agency: agency(COUNTY),
            penalty: Some(agency(COUNTY)),
            assisting: vec![agency(TOWN)],
            decision: decision("matched"),
        };
        let mut case = Case::admitted()
            .given(role(Role::Routing), assign)
            .given(of(COUNTY), Command::StartHandling);
        case.when(coordinator(), transfer(TOWN));
        assert_eq!(case.clue().tally.transfers, 1);
        assert!(matches!(
            &case.clue().stage,
            Stage::Held { by, progress: Progress::Dispatched } if by.penalty.is_none() && by.assisting.is_empty()
        ));
        let case = Case::in_triage().given(coordinator(), transfer(TOWN));
        assert_eq!(case.clue().tally.transfers, 0);
        assert_eq!(
            (&case.clue().first_agency, case.clue().deadline),
            (&Some(agency(TOWN)), report().source_due_at)
        );
    }
}
