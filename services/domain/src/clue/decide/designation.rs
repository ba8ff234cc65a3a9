//! What the service that settles disputes asks of a clue: that somebody else hold it meanwhile, that the agency whose duty it is get it,
//! or that the dispute be over.

use super::super::{Assignment, Clue, Designation, Event, Role, RoutingDecision, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, Code, Rejection, Step, history, one, task};
use crate::code::{AgencyId, Level};
use crate::dispute::Interim;
use crate::id::DisputeId;

/// What is resolved waits for its check, and nobody needs to hold it. What its source recorded of the end waits until an agency has it.
pub(super) fn hold(
    clue: &Clue,
    asked: &Asked<'_>,
    dispute: DisputeId,
    interim: &Interim,
    level: Level,
) -> Answer {
    open(clue, asked, dispute)?;
    if matches!(clue.stage, Stage::Resolved { .. }) {
        return Err(wrong_stage(clue));
    }
    let mut steps = one(Event::ClueHeldForDispute {
        dispute,
        interim: interim.clone(),
        level,
    });
    if let (Interim::Agency(agency), Some(past)) = (interim, &clue.pending_history) {
        steps.extend(history::closed(past, Some(agency)));
    }
    Ok(steps)
}

/// Whoever files the penalty case stays where the agency does. A later ruling replaces an earlier one.
pub(super) fn designate(
    clue: &Clue,
    asked: &Asked<'_>,
    dispute: DisputeId,
    agency: &AgencyId,
    assisting: &[AgencyId],
    basis: &str,
    by: Designation,
) -> Answer {
    open(clue, asked, dispute)?;
    let had = clue.assignment().filter(|it| it.agency == *agency);
    let assignment = Assignment {
        agency: agency.clone(),
        penalty: had.and_then(|it| it.penalty.clone()),
        assisting: assisting.to_vec(),
    };
    let mut steps = vec![Step::from(Event::ClueDesignated {
        dispute,
        assignment,
        basis: basis.to_owned(),
        by,
    })];
    steps.extend(task::beside(clue, asked, agency, assisting));
    Ok(steps)
}

/// Whoever holds the clue keeps it; what a coordinator holds waits in triage.
pub(super) fn release(clue: &Clue, asked: &Asked<'_>, dispute: DisputeId) -> Answer {
    open(clue, asked, dispute)?;
    let mut steps = vec![Step::from(Event::ClueReleasedFromDispute { dispute })];
    if matches!(clue.stage, Stage::Coordination { .. }) {
        let rulebook = asked.env.rulebook.version.clone();
        let decision = RoutingDecision {
            rulebook,
            row: None,
            reason: "dispute_over".to_owned(),
        };
        steps.push(Event::ClueHeldForTriage { decision }.into());
    }
    Ok(steps)
}

/// The service alone may, of the dispute that is open. A clue that ended has none. Whom it names the service has looked up: where the
/// rulebook of today forgot an agency since, its ruling binds all the same.
fn open(clue: &Clue, asked: &Asked<'_>, dispute: DisputeId) -> Result<(), Rejection> {
    asked.entitled(&[Role::Dispute])?;
    if clue.dispute == Some(dispute) {
        Ok(())
    } else {
        Err(Rejection::of_field(Code::DisputeUnknown, "dispute"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, Case, LIMITS, TOWN, agency, assign, calendar, checker, coordinator,
        decision, designate, history, hold, limits, monday, of, party, raise, release, reported_with,
        request_return, resolve, role, suspend,
    };
    use super::super::super::{Actor, Command};
    use super::*;
    use crate::calendar::Step as Clock;
    use crate::dispute::Cause;
    use crate::id::CommandId;
    use Designation::{Agreement, Ruling};

    fn service() -> Actor {
        role(Role::Dispute)
    }

    #[test]
    fn only_the_service_settles_and_only_the_open_dispute() {
        let another = |case: &Case| DisputeId::derive(case.clue().id, CommandId::derive(b"x", "test", 0));
        let commands = |dispute| {
            [
                hold(dispute, Some(COUNTY), Level::County),
                designate(dispute, TOWN, Ruling),
                release(dispute),
            ]
        };
        let case = Case::disputed();
        for command in commands(case.dispute()) {
            for actor in [
                coordinator(),
                of(COUNTY),
                role(Role::Operator),
                role(Role::Routing),
            ] {
                assert_eq!(Case::disputed().refusal(actor, command.clone()), "not_entitled");
            }
        }
        for mut case in [Case::disputed(), Case::dispatched(), Case::closed()] {
            for command in commands(another(&case)) {
                let outcome = case.when(service(), command);
                assert_eq!(outcome.refused(), ("dispute_unknown", Some("dispute")));
            }
        }
    }

    #[test]
    fn whom_the_service_looked_up_is_not_looked_up_again() {
        let dispute = Case::disputed().dispute();
        for command in [
            hold(dispute, Some("x"), Level::County),
            designate(dispute, "x", Ruling),
        ] {
            let mut case = Case::disputed();
            assert_eq!(case.when(service(), command).refused(), ("", None));
            assert_eq!(case.holder(), Some("x"));
        }
    }

    #[test]
    fn the_designated_agency_gets_it_and_whoever_has_it_goes_on() {
        let started = || Case::disputed().given(of(COUNTY), Command::StartHandling);
        let suspended = || started().given(of(COUNTY), suspend(monday().plus_days(20)));
        let resolved = || started().given(of(COUNTY), resolve());
        let table = [
            (Case::disputed(), TOWN, "dispatched", 3),
            (Case::disputed(), COUNTY, "dispatched", 2),
            (started(), TOWN, "dispatched", 3),
            (started(), COUNTY, "handling", 2),
            (suspended(), TOWN, "dispatched", 3),
            (suspended(), COUNTY, "suspended", 2),
            (resolved(), TOWN, "dispatched", 3),
            (resolved(), COUNTY, "resolved", 2),
            // out of a coordinator's hands it is no transfer: the return was counted
            (Case::in_coordination(), TOWN, "dispatched", 1),
        ];
        for (mut case, to, stage, transfers) in table {
            let (before, dispute) = (case.stage(), case.dispute());
            let outcome = case.when(service(), designate(dispute, to, Ruling));
            assert_eq!(outcome.events(), ["ClueDesignated"]);
            assert_eq!(
                (case.stage(), case.holder()),
                (stage, Some(to)),
                "{before} → {to}"
            );
            let clue = case.clue();
            assert_eq!(clue.tally.transfers, transfers, "{before} → {to}");
            assert!(clue.designated && clue.timing.suspended_at.is_some() == (stage == "suspended"));
        }
    }

    #[test]
    fn a_ruling_leaves_the_dispute_open_for_an_appeal_and_an_agreement_ends_it() {
        let case = Case::disputed();
        let dispute = case.dispute();
        let case = case.given(service(), designate(dispute, COUNTY_WATER, Ruling));
        assert_eq!(case.clue().dispute, Some(dispute));
        // the ruling of the higher forum replaces it
        let mut case = case.given(service(), designate(dispute, CITY, Ruling));
        assert_eq!(case.holder(), Some(CITY));
        assert_eq!(
            case.when(service(), release(dispute)).events(),
            ["ClueReleasedFromDispute"]
        );
        assert_eq!(
            (case.clue().dispute, case.clue().designated, case.stage()),
            (None, true, "dispatched"),
            "it stays designated"
        );
        let case = Case::disputed();
        let dispute = case.dispute();
        let mut case = case.given(service(), designate(dispute, TOWN, Agreement));
        assert_eq!((case.clue().dispute, case.clue().designated), (None, true));
        assert_eq!(case.refusal(service(), release(dispute)), "dispute_unknown");
    }

    #[test]
    fn the_dispute_says_who_stands_beside_and_the_penalty_stays_with_the_agency() {
        let assign = Command::AssignClue {
            agency: agency(COUNTY),
            penalty: Some(agency(CITY)),
            assisting: vec![agency(TOWN)],
            decision: decision("matched"),
        };
        let disputed = || {
            Case::admitted().given(role(Role::Routing), assign.clone()).given(
                coordinator(),
                raise(
                    Cause::ByCoordinator,
                    &[party(COUNTY, None), party(COUNTY_WATER, None)],
                ),
            )
        };
        let beside = |case: &Case| {
            let by = case.clue().assignment().cloned().expect("assigned");
            let names = by.assisting.iter().map(ToString::to_string).collect::<Vec<_>>();
            (by.penalty.map(|it| it.to_string()), names)
        };
        let case = disputed();
        assert_eq!(
            beside(&case),
            (Some(CITY.to_owned()), vec![TOWN.to_owned()]),
            "whoever holds it meanwhile keeps those beside it"
        );
        for (to, penalty) in [(COUNTY, Some(CITY)), (COUNTY_WATER, None)] {
            let case = disputed();
            let command = Command::DesignateAgency {
                dispute: case.dispute(),
                agency: agency(to),
                assisting: vec![agency(TOWN), agency(CITY)],
                basis: "裁定 7".to_owned(),
                by: Ruling,
            };
            let case = case.given(service(), command);
            let names = vec![TOWN.to_owned(), CITY.to_owned()];
            assert_eq!(beside(&case), (penalty.map(str::to_owned), names), "{to}");
        }
    }

    #[test]
    fn somebody_else_may_have_to_hold_it_meanwhile() {
        let started = || Case::disputed().given(of(COUNTY), Command::StartHandling);
        let table = [
            (started(), Some(COUNTY), "handling", Some(COUNTY)),
            (started(), Some(TOWN), "dispatched", Some(TOWN)),
            (started(), None, "coordination", None),
            (Case::in_coordination(), Some(TOWN), "dispatched", Some(TOWN)),
            (Case::in_coordination(), None, "coordination", None),
        ];
        for (mut case, interim, stage, holder) in table {
            let dispute = case.dispute();
            let outcome = case.when(service(), hold(dispute, interim, Level::City));
            assert_eq!(outcome.events(), ["ClueHeldForDispute"]);
            assert_eq!((case.stage(), case.holder()), (stage, holder), "{interim:?}");
            assert_eq!(case.clue().dispute, Some(dispute));
        }
        let mut resolved = started().given(of(COUNTY), resolve());
        let dispute = resolved.dispute();
        let outcome = resolved.when(service(), hold(dispute, Some(TOWN), Level::City));
        assert_eq!(outcome.refused(), ("wrong_stage", None), "it waits for its check");
        let resolved = resolved.given(checker(), Command::FailCheck);
        assert_eq!((resolved.stage(), resolved.holder()), ("handling", Some(COUNTY)));
    }

    #[test]
    fn what_is_released_stays_where_it_is_or_waits_in_triage() {
        let table: [(Case, &[&str], &str, Option<&str>); 2] = [
            (
                Case::disputed(),
                &["ClueReleasedFromDispute"],
                "dispatched",
                Some(COUNTY),
            ),
            (
                Case::in_coordination(),
                &["ClueReleasedFromDispute", "ClueHeldForTriage"],
                "triage",
                None,
            ),
        ];
        for (mut case, events, stage, holder) in table {
            let dispute = case.dispute();
            assert_eq!(case.when(service(), release(dispute)).events(), events);
            assert_eq!((case.stage(), case.holder()), (stage, holder));
            assert_eq!((case.clue().dispute, case.clue().designated), (None, false));
        }
        let case = Case::disputed();
        let dispute = case.dispute();
        let mut case = case.given(service(), release(dispute));
        assert_eq!(
            case.refusal(of(COUNTY), request_return(CITY)),
            "",
            "it may be returned again"
        );
    }

    #[test]
    fn a_dispute_resets_the_clocks_of_the_agency_and_never_the_overall_one() {
        let mut case = Case::admitted();
        case.rulebook.calendar = calendar();
        case.rulebook.limits = limits(LIMITS);
        let mut case = case.given(role(Role::Routing), assign(COUNTY));
        let overall = case.clue().clock(Clock::Overall).expect("runs").clone();
        case.when(of(COUNTY), Command::AcknowledgeClue);
        let parties = [party(CITY, None), party(TOWN, None)];
        let case = case.given(coordinator(), raise(Cause::ByCoordinator, &parties));
        let since = |case: &Case, step| case.clue().clock(step).map(|it| it.since);
        assert_eq!(since(&case, Clock::Acknowledge), None, "it goes on");
        let dispute = case.dispute();
        let case = case.given(service(), designate(dispute, TOWN, Ruling));
        let at = Some(case.now);
        assert_eq!(
            (since(&case, Clock::Acknowledge), since(&case, Clock::Handle)),
            (at, at)
        );
        let now = case.clue().clock(Clock::Overall).expect("runs");
        assert_eq!((now.since, now.due_at), (overall.since, overall.due_at));
        assert_eq!(case.clue().deadline, Some(overall.due_at));
    }

    /// Closed by [`COUNTY`] at its source, and in dispute before anybody was given it here.
    fn closed_at_its_source() -> Case {
        let closed = monday().plus_days(1);
        let case = Case::new()
            .given(
                role(Role::Source),
                reported_with(history(Some(COUNTY), Some(closed), true)),
            )
            .given(
                role(Role::Routing),
                Command::HoldForTriage {
                    decision: decision("tie"),
                },
            )
            .given(
                coordinator(),
                raise(Cause::ByCoordinator, &[party(COUNTY, None), party(TOWN, None)]),
            );
        assert_eq!(case.stage(), "coordination");
        case
    }

    #[test]
    fn history_that_waits_for_the_dispatch_follows_whoever_holds_it_meanwhile() {
        let table: [(Option<&str>, &[&str], &str); 3] = [
            (
                Some(TOWN),
                &["ClueHeldForDispute", "ClueTransferred", "ClueClosed"],
                "closed",
            ),
            (Some(COUNTY), &["ClueHeldForDispute", "ClueClosed"], "closed"),
            (None, &["ClueHeldForDispute"], "coordination"),
        ];
        for (interim, events, stage) in table {
            let mut case = closed_at_its_source();
            let dispute = case.dispute();
            let outcome = case.when(service(), hold(dispute, interim, Level::County));
            assert_eq!(outcome.events(), events, "{interim:?}");
            assert_eq!(case.stage(), stage, "{interim:?}");
            let waits = case.clue().pending_history.is_some();
            assert_eq!(waits, interim.is_none(), "{interim:?}");
            assert_eq!(case.clue().dispute.is_some(), waits, "{interim:?}");
        }
    }

    #[test]
    fn history_that_waits_for_the_dispatch_follows_the_designation() {
        let mut case = closed_at_its_source();
        let dispute = case.dispute();
        let outcome = case.when(service(), designate(dispute, TOWN, Agreement));
        assert_eq!(
            outcome.events(),
            ["ClueDesignated", "ClueTransferred", "ClueClosed"],
            "as its source recorded it"
        );
        assert!(case.clue().pending_history.is_none() && case.clue().dispute.is_none());
        assert_eq!((case.stage(), case.holder()), ("closed", Some(COUNTY)));
    }
}
