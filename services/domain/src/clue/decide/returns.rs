//! An agency returns a clue: "not my duty" (退单). It holds the clue until somebody entitled answers, its clock runs on, and the
//! N-th return brings it into dispute instead of being bounced on.

use super::super::{Assignment, Clue, Event, ReturnRequest, Role, RoutingDecision, Stage};
use super::asked::{Asked, in_the_way, required, wrong_stage};
use super::dispute::{returned_too_often, undisputed};
use super::{Answer, Code, Rejection, Step, one};
use crate::code::AgencyId;
use crate::dispute::{Barred, Returning};

const ENTITLED: &[Role] = &[Role::Coordinator, Role::Operator];

/// A return costs something: the reason in words, the duty relied on, and the agency proposed are mandatory. It comes within its
/// window, and not from whom a dispute designated.
pub(super) fn request(clue: &Clue, asked: &Asked<'_>, duty: &str, proposed: &AgencyId) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder(by)?;
    undisputed(clue)?;
    open(clue, asked)?;
    asked.reason_in_words()?;
    required(duty, Code::DutyMissing, "duty")?;
    if *proposed == by.agency {
        return Err(Rejection::of_field(Code::ProposedAgencyIsHolder, "proposed"));
    }
    asked.known(proposed, Code::ProposedAgencyUnknown, "proposed")?;
    let returns = clue.tally.returns.saturating_add(1);
    let event = Event::ReturnRequested {
        duty: duty.to_owned(),
        proposed: proposed.clone(),
        returns,
    };
    let mut steps = vec![Step::from(event)];
    if !asked.policy().returns.approval {
        steps.push(Event::ReturnApproved.into());
        let request = ReturnRequest {
            duty: duty.to_owned(),
            proposed: proposed.clone(),
        };
        let released = Released {
            clue,
            by,
            request: &request,
            returns,
        };
        steps.push(released.next(asked, Some(proposed))?);
    }
    Ok(steps)
}

/// Whether it can still be said that it is not this agency's duty.
fn open(clue: &Clue, asked: &Asked<'_>) -> Result<(), Rejection> {
    let returning = Returning {
        dispatched_at: clue.held_since,
        asked_at: asked.received(),
        area: clue.area.as_ref(),
        designated: clue.designated,
    };
    match returning.barred(&asked.policy().disputes, &asked.env.current.calendar) {
        None => Ok(()),
        Some(Barred::WindowOver) => Err(in_the_way(Code::ReturnWindowOver, clue)),
        Some(Barred::Designated) => Err(in_the_way(Code::DesignatedMayNotReturn, clue)),
    }
}

pub(super) fn approve(clue: &Clue, asked: &Asked<'_>, to: Option<&AgencyId>) -> Answer {
    let Stage::ReturnRequested { by, request, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.entitled(ENTITLED)?;
    let released = Released {
        clue,
        by,
        request,
        returns: clue.tally.returns,
    };
    let next = released.next(asked, to)?;
    Ok(vec![Event::ReturnApproved.into(), next])
}

pub(super) fn refuse(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match clue.stage {
        Stage::ReturnRequested { .. } => {
            asked.entitled(ENTITLED)?;
            Ok(one(Event::ReturnRefused))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// A clue that its agency is let go of.
struct Released<'a> {
    clue: &'a Clue,
    by: &'a Assignment,
    request: &'a ReturnRequest,
    /// This return included.
    returns: u32,
}

impl Released<'_> {
    /// Into dispute after too many returns, whatever was asked; else to the agency named, else to triage.
    fn next(&self, asked: &Asked<'_>, to: Option<&AgencyId>) -> Result<Step, Rejection> {
        let from = &self.by.agency;
        if self.returns >= asked.policy().returns.limit {
            let said = (self.request.duty.as_str(), &self.request.proposed);
            return Ok(returned_too_often(self.clue, asked, from, said, self.returns));
        }
        let Some(to) = to else {
            let rulebook = asked.env.rulebook.version.clone();
            let decision = RoutingDecision {
                rulebook,
                row: None,
                reason: "returned".to_owned(),
            };
            return Ok(Event::ClueHeldForTriage { decision }.into());
        };
        asked.known(to, Code::AgencyUnknown, "to")?;
        if to == from {
            return Err(Rejection::of_field(Code::SameAgency, "to"));
        }
        let (from, to) = (Some(from.clone()), to.clone());
        Ok(Event::ClueTransferred {
            from,
            to,
            basis: None,
            recorded: false,
        }
        .into())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, Case, OTHER_COUNTY, Outcome, TOWN, agency, calendar, coordinator,
        designate, of, party, request_return, role, transfer,
    };
    use super::super::super::{Command, Designation, Progress};
    use super::*;
    use crate::code::Level;
    use crate::dispute::{Cause, Interim, Opening, Position};
    use crate::id::DisputeId;
    use crate::time::Timestamp;

    fn approve_to(to: Option<&str>) -> Command {
        Command::ApproveReturn { to: to.map(agency) }
    }

    #[test]
    fn a_return_costs_a_reason_a_duty_and_a_proposal() {
        let command = |duty: &str, proposed: &str| Command::RequestReturn {
            duty: duty.to_owned(),
            proposed: agency(proposed),
        };
        let why = Some("不属于本单位职责");
        let table = [
            (of(COUNTY), why, command("d", COUNTY_WATER), ("", None)),
            (
                of(COUNTY),
                None,
                command("d", COUNTY_WATER),
                ("reason_missing", Some("reason")),
            ),
            (
                of(COUNTY),
                Some(" "),
                command("d", COUNTY_WATER),
                ("reason_missing", Some("reason")),
            ),
            (
                of(COUNTY),
                why,
                command(" ", COUNTY_WATER),
                ("duty_missing", Some("duty")),
            ),
            (
                of(COUNTY),
                why,
                command("d", COUNTY),
                ("proposed_agency_is_holder", Some("proposed")),
            ),
            (
                of(COUNTY),
                why,
                command("d", "x"),
                ("proposed_agency_unknown", Some("proposed")),
            ),
            (of(COUNTY_WATER), why, command("d", CITY), ("not_holder", None)),
            (coordinator(), why, command("d", CITY), ("not_holder", None)),
        ];
        for (actor, remark, command, refused) in table {
            let mut case = Case::dispatched();
            case.remark = remark.map(str::to_owned);
            assert_eq!(case.when(actor, command).refused(), refused);
        }
    }

    #[test]
    fn a_return_is_asked_for_by_whoever_has_the_clue_in_hand() {
        for (mut case, code) in [
            (Case::dispatched().given(of(COUNTY), Command::StartHandling), ""),
            (Case::admitted(), "wrong_stage"),
            (Case::return_requested(), "wrong_stage"),
            (Case::suspended(), "wrong_stage"),
            (Case::resolved(), "wrong_stage"),
        ] {
            assert_eq!(case.refusal(of(COUNTY), request_return(CITY)), code);
        }
    }

    #[test]
    fn the_agency_holds_the_clue_until_somebody_entitled_answers() {
        let mut case = Case::return_requested();
        assert_eq!((case.stage(), case.holder()), ("return_requested", Some(COUNTY)));
        assert_eq!(
            (case.clue().tally.returns, case.clue().returned_by.as_slice()),
            (1, [agency(COUNTY)].as_slice())
        );
        for command in [approve_to(None), Command::RefuseReturn] {
            assert_eq!(case.refusal(of(COUNTY), command), "not_entitled");
        }
        assert_eq!(case.stage(), "return_requested");
    }

    #[test]
    fn an_approved_return_goes_where_it_is_sent() {
        let table: [(_, &[&str], _, _); 4] = [
            (
                Some(COUNTY_WATER),
                &["ReturnApproved", "ClueTransferred"],
                "dispatched",
                Some(COUNTY_WATER),
            ),
            (None, &["ReturnApproved", "ClueHeldForTriage"], "triage", None),
            (
                Some(COUNTY),
                &["CommandRejected"],
                "return_requested",
                Some(COUNTY),
            ),
            (Some("x"), &["CommandRejected"], "return_requested", Some(COUNTY)),
        ];
        for (to, events, stage, holder) in table {
            let mut case = Case::return_requested();
            assert_eq!(
                case.when(coordinator(), approve_to(to)).events(),
                events,
                "{to:?}"
            );
            assert_eq!((case.stage(), case.holder()), (stage, holder), "{to:?}");
        }
        assert_eq!(
            Case::dispatched().refusal(coordinator(), approve_to(None)),
            "wrong_stage"
        );
    }

    #[test]
    fn a_refused_return_leaves_the_agency_as_far_as_it_was() {
        let mut case = Case::dispatched()
            .given(of(COUNTY), Command::StartHandling)
            .given(of(COUNTY), request_return(CITY));
        assert_eq!(
            case.when(role(Role::Operator), Command::RefuseReturn).events(),
            ["ReturnRefused"]
        );
        assert!(
            matches!(&case.clue().stage, Stage::Held { by, progress: Progress::Handling } if by.agency == agency(COUNTY))
        );
        assert_eq!(case.refusal(coordinator(), Command::RefuseReturn), "wrong_stage");
    }

    fn disputed(outcome: &Outcome) -> (&Opening, &Interim, Level) {
        match &outcome.0.last().expect("an event").event {
            Event::ClueDisputed {
                opening,
                interim,
                level,
                ..
            } => (opening, interim, *level),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_return_brings_it_into_dispute_whatever_is_asked() {
        let mut case = Case::return_requested()
            .given(coordinator(), approve_to(Some(COUNTY_WATER)))
            .given(of(COUNTY_WATER), request_return(COUNTY));
        let outcome = case.when(coordinator(), approve_to(Some(CITY)));
        assert_eq!(outcome.events(), ["ReturnApproved", "ClueDisputed"]);
        let (opening, interim, level) = disputed(&outcome);
        let expected = Opening {
            clue: case.clue().id,
            matter: case.clue().matter.clone(),
            area: case.clue().area.clone(),
            severity: None,
            cause: Cause::ReturnLimit { returns: 2 },
            parties: vec![party(COUNTY, None), party(COUNTY_WATER, Some(Position::Denies))],
            first_receiver: Some(agency(COUNTY)),
        };
        assert_eq!(opening, &expected);
        assert_eq!(
            (interim, level),
            (&Interim::Agency(agency(COUNTY)), Level::County),
            "the first receiver"
        );
        assert_eq!((case.stage(), case.holder()), ("dispatched", Some(COUNTY)));
        let dispute = DisputeId::derive(case.clue().id, outcome.0[1].command);
        assert_eq!(case.clue().dispute, Some(dispute));
        assert_eq!(case.clue().tally.transfers, 2);
    }

    #[test]
    fn without_approval_a_return_takes_effect_at_once() {
        let free = |case: Case| case.with(|policy| policy.returns.approval = false);
        let mut case = free(Case::dispatched());
        let outcome = case.when(of(COUNTY), request_return(OTHER_COUNTY));
        assert_eq!(
            outcome.events(),
            ["ReturnRequested", "ReturnApproved", "ClueTransferred"]
        );
        assert_eq!((case.stage(), case.holder()), ("dispatched", Some(OTHER_COUNTY)));
        let outcome = case.when(of(OTHER_COUNTY), request_return(TOWN));
        assert_eq!(
            outcome.events(),
            ["ReturnRequested", "ReturnApproved", "ClueDisputed"]
        );
        let (opening, _, level) = disputed(&outcome);
        let parties = [
            party(COUNTY, None),
            party(OTHER_COUNTY, Some(Position::Denies)),
            party(TOWN, None),
        ];
        assert_eq!(
            (opening.parties.as_slice(), level),
            (&parties[..], Level::City),
            "two counties"
        );
    }

    #[test]
    fn a_return_comes_within_its_window_which_begins_anew_for_whoever_gets_the_clue() {
        let at = |text: &str| {
            format!("2026-{text}:00+08:00")
                .parse::<Timestamp>()
                .expect("a time")
        };
        let dated = |mut case: Case| {
            case.rulebook.calendar = calendar();
            case
        };
        // got on Monday morning; 象山县 2021: two working days from then
        let table = [
            ("01-07T23:59", "", "象山县 2021"),
            ("01-08T00:00", "return_window_over", "象山县 2021"),
        ];
        for (received, code, source) in table {
            let mut case = dated(Case::dispatched());
            case.now = at(received).plus_minutes(-60);
            // whenever it claims that it asked
            case.occurred_at = Some(at("01-06T09:00"));
            assert_eq!(
                case.refusal(of(COUNTY), request_return(CITY)),
                code,
                "{received} by {source}"
            );
        }
        let mut case = dated(Case::dispatched());
        case.now = at("01-08T09:00");
        let mut case = case.given(of(COUNTY), Command::DelegateClue { to: agency(TOWN) });
        assert_eq!(case.refusal(of(TOWN), request_return(CITY)), "", "handed down");
        let mut case = dated(Case::dispatched());
        case.now = at("01-08T09:00");
        let mut case = case.given(coordinator(), transfer(COUNTY_WATER));
        assert_eq!(
            case.refusal(of(COUNTY_WATER), request_return(CITY)),
            "",
            "transferred"
        );
    }

    #[test]
    fn a_designated_agency_may_not_return_the_clue_nor_may_whoever_it_hands_it_down_to() {
        let designated = |lenient| {
            let case = Case::disputed().with(|policy| policy.disputes.designated_may_return = lenient);
            let dispute = case.dispute();
            case.given(
                role(Role::Dispute),
                designate(dispute, COUNTY_WATER, Designation::Agreement),
            )
        };
        let down = |case: Case| case.given(of(COUNTY_WATER), Command::DelegateClue { to: agency(TOWN) });
        let table = [
            (
                designated(false),
                COUNTY_WATER,
                "designated_may_not_return",
                "潍坊 12345 art. 22",
            ),
            (
                down(designated(false)),
                TOWN,
                "designated_may_not_return",
                "济南 12345 art. 22",
            ),
            (designated(true), COUNTY_WATER, "", "its own policy"),
            (
                designated(false).given(coordinator(), transfer(CITY)),
                CITY,
                "",
                "given by a coordinator since",
            ),
            (Case::disputed(), COUNTY, "in_dispute", "until it is decided"),
        ];
        for (mut case, holder, code, source) in table {
            let command = request_return(OTHER_COUNTY);
            assert_eq!(case.refusal(of(holder), command), code, "{holder}: {source}");
        }
    }
}
