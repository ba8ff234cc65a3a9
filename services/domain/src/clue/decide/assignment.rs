//! One agency gets the clue (派遣), hands it down its line (下派), signs for it (签收).

use super::super::{Assignment, Clue, Event, Progress, Role, RoutingDecision, Stage};
use super::asked::{Asked, in_the_way, wrong_stage};
use super::dispute::undisputed;
use super::{Answer, Code, Rejection, Step, one, task};
use crate::code::AgencyId;

/// Speak for an agency that has no terminal.
const ON_BEHALF: &[Role] = &[Role::Coordinator, Role::Operator];

/// Out of coordination only a person may, and not while it is in dispute: a late answer of routing must not settle one.
pub(super) fn assign(
    clue: &Clue,
    asked: &Asked<'_>,
    agency: &AgencyId,
    penalty: Option<&AgencyId>,
    assisting: &[AgencyId],
    decision: &RoutingDecision,
) -> Answer {
    match clue.stage {
        Stage::Admitted | Stage::Triage { .. } => {
            asked.entitled(&[Role::Routing, Role::Coordinator, Role::Operator])?;
        }
        Stage::Coordination { .. } => asked.entitled(ON_BEHALF)?,
        _ => return Err(wrong_stage(clue)),
    }
    undisputed(clue)?;
    task::not_too_many(assisting)?;
    asked.known(agency, Code::AgencyUnknown, "agency")?;
    penalty.map_or(Ok(()), |penalty| {
        asked.known(penalty, Code::AgencyUnknown, "penalty")
    })?;
    assisting
        .iter()
        .try_for_each(|it| asked.known(it, Code::AgencyUnknown, "assisting"))?;
    let assignment = Assignment {
        agency: agency.clone(),
        penalty: penalty.cloned(),
        assisting: assisting.to_vec(),
    };
    let decision = decision.clone();
    let mut steps = vec![Step::from(Event::ClueAssigned {
        assignment,
        decision,
        deadline: None,
        recorded: false,
    })];
    steps.extend(task::beside(clue, asked, agency, assisting));
    Ok(steps)
}

pub(super) fn delegate(clue: &Clue, asked: &Asked<'_>, to: &AgencyId) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, ON_BEHALF)?;
    undisputed(clue)?;
    asked.known(to, Code::AgencyUnknown, "to")?;
    if *to == by.agency {
        return Err(Rejection::of_field(Code::SameAgency, "to"));
    }
    let area_of = |id| {
        let mut known = [asked.env.rulebook, asked.env.current].into_iter();
        let agency = known.find_map(|rulebook| rulebook.agencies.get(id));
        agency.and_then(|agency| agency.area.as_ref())
    };
    match (area_of(to), area_of(&by.agency)) {
        (Some(below), Some(above)) if !below.is_within(above) => {
            Err(Rejection::of_field(Code::NotInLine, "to"))
        }
        _ => Ok(one(Event::ClueDelegated {
            from: by.agency.clone(),
            to: to.clone(),
        })),
    }
}

pub(super) fn acknowledge(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Held { by, progress } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, ON_BEHALF)?;
    match progress {
        Progress::Dispatched => Ok(one(Event::ClueAcknowledged)),
        Progress::Acknowledged | Progress::Handling => Err(in_the_way(Code::AlreadyAcknowledged, clue)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, Case, NOWHERE, OTHER_COUNTY, TOWN, agency, assign, coordinator, decision,
        history, monday, of, report, reported_with, role, transfer,
    };
    use super::super::super::{Actor, Command};
    use super::*;
    use crate::routing::Rulebook;
    use crate::time::Timestamp;

    #[test]
    fn a_clue_is_dispatched_from_where_it_waits() {
        let table: [(Case, Actor, &str); 10] = [
            (Case::admitted(), role(Role::Routing), ""),
            (Case::in_triage(), coordinator(), ""),
            (Case::in_triage(), role(Role::Routing), ""),
            (Case::in_old_coordination(), coordinator(), ""),
            (Case::in_old_coordination(), role(Role::Routing), "not_entitled"),
            (Case::in_coordination(), coordinator(), "in_dispute"),
            (Case::admitted(), of(TOWN), "not_entitled"),
            (Case::reported(), role(Role::Routing), "wrong_stage"),
            (Case::dispatched(), role(Role::Routing), "wrong_stage"),
            (Case::closed(), coordinator(), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            let before = case.stage();
            assert_eq!(case.refusal(actor, assign(TOWN)), code, "{before}");
            if code.is_empty() {
                assert_eq!((case.stage(), case.holder()), ("dispatched", Some(TOWN)));
            }
        }
    }

    #[test]
    fn everybody_assigned_must_be_known() {
        let command = |to: &str, penalty: Option<&str>, assisting: &[&str]| Command::AssignClue {
            agency: agency(to),
            penalty: penalty.map(agency),
            assisting: assisting.iter().copied().map(agency).collect(),
            decision: decision("matched"),
        };
        let table = [
            (command(TOWN, Some(COUNTY), &[COUNTY_WATER]), ("", None)),
            (command("x", None, &[]), ("agency_unknown", Some("agency"))),
            (command(TOWN, Some("x"), &[]), ("agency_unknown", Some("penalty"))),
            (
                command(TOWN, None, &[COUNTY, "x"]),
                ("agency_unknown", Some("assisting")),
            ),
        ];
        for (command, refused) in table {
            assert_eq!(
                Case::admitted()
                    .when(role(Role::Routing), command.clone())
                    .refused(),
                refused
            );
            let mut case = Case::admitted();
            *case.rulebook = Rulebook::none();
            assert_eq!(
                case.refusal(role(Role::Routing), command),
                "",
                "no rulebook, nobody to know"
            );
        }
    }

    #[test]
    fn whoever_assists_is_asked_unless_its_source_recorded_the_end() {
        let closed = Some(monday().plus_days(1));
        let table: [(Option<Timestamp>, &[&str]); 2] = [
            (None, &["ClueAssigned", "AssistanceAsked"]),
            (closed, &["ClueAssigned", "ClueTransferred", "ClueClosed"]),
        ];
        for (closed_at, events) in table {
            let past = history(Some(COUNTY), closed_at, true);
            let mut case = Case::new().given(role(Role::Source), reported_with(past));
            let command = Command::AssignClue {
                agency: agency(TOWN),
                penalty: None,
                assisting: vec![agency(COUNTY_WATER)],
                decision: decision("matched"),
            };
            assert_eq!(
                case.when(role(Role::Routing), command).events(),
                events,
                "{closed_at:?}"
            );
        }
    }

    #[test]
    fn the_deadline_and_the_first_agency_are_those_of_the_first_dispatch() {
        assert_eq!(Case::dispatched().clue().deadline, report().source_due_at);
        let first = Some(monday().plus_days(1));
        let mut case = Case::in_old_coordination();
        case.state.clue.as_mut().expect("reported").deadline = first;
        let outcome = case.when(coordinator(), assign(TOWN));
        assert!(matches!(outcome.0[0].event, Event::ClueAssigned { deadline, .. } if deadline == first));
        case.when(coordinator(), transfer(COUNTY_WATER));
        assert_eq!(
            (case.clue().deadline, &case.clue().first_agency),
            (first, &Some(agency(COUNTY)))
        );
    }

    #[test]
    fn a_clue_is_handed_down_within_the_holders_area() {
        type Row = (
            fn() -> Case,
            Actor,
            &'static str,
            (&'static str, Option<&'static str>),
        );
        let table: [Row; 10] = [
            (Case::dispatched, of(COUNTY), TOWN, ("", None)),
            (Case::dispatched, coordinator(), TOWN, ("", None)),
            (Case::dispatched, of(COUNTY), NOWHERE, ("", None)),
            (
                Case::dispatched,
                of(COUNTY),
                OTHER_COUNTY,
                ("not_in_line", Some("to")),
            ),
            (Case::dispatched, of(COUNTY), CITY, ("not_in_line", Some("to"))),
            (Case::dispatched, of(COUNTY), COUNTY, ("same_agency", Some("to"))),
            (Case::dispatched, of(COUNTY), "x", ("agency_unknown", Some("to"))),
            (Case::dispatched, of(TOWN), TOWN, ("not_holder", None)),
            (Case::admitted, coordinator(), TOWN, ("wrong_stage", None)),
            (Case::disputed, of(COUNTY), TOWN, ("in_dispute", None)),
        ];
        for (case, actor, to, refused) in table {
            let command = Command::DelegateClue { to: agency(to) };
            assert_eq!(case().when(actor, command).refused(), refused, "{to}");
        }
    }

    #[test]
    fn handing_down_is_neither_a_transfer_nor_a_return() {
        let mut case = Case::dispatched().given(of(COUNTY), Command::AcknowledgeClue);
        case.when(of(COUNTY), Command::DelegateClue { to: agency(TOWN) });
        assert_eq!((case.stage(), case.holder()), ("dispatched", Some(TOWN)));
        assert_eq!((case.clue().tally.transfers, case.clue().tally.returns), (0, 0));
    }

    #[test]
    fn the_holder_signs_once() {
        let table = [
            (Case::dispatched(), of(COUNTY), ""),
            (Case::dispatched(), coordinator(), ""),
            (Case::dispatched(), role(Role::Operator), ""),
            (Case::dispatched(), of(TOWN), "not_holder"),
            (Case::dispatched(), role(Role::Agency), "not_holder"),
            (
                Case::dispatched(),
                Actor {
                    role: Role::Checker,
                    ..of(COUNTY)
                },
                "not_holder",
            ),
            (
                Case::dispatched().given(of(COUNTY), Command::AcknowledgeClue),
                of(COUNTY),
                "already_acknowledged",
            ),
            (
                Case::dispatched().given(of(COUNTY), Command::StartHandling),
                of(COUNTY),
                "already_acknowledged",
            ),
            (Case::admitted(), of(COUNTY), "wrong_stage"),
            (Case::suspended(), of(COUNTY), "wrong_stage"),
        ];
        for (mut case, actor, code) in table {
            assert_eq!(case.refusal(actor, Command::AcknowledgeClue), code);
        }
    }
}
