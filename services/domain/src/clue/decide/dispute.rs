//! It comes into dispute whose duty a clue is (争议): an agency or a coordinator says so, or it was returned too often. At once it is in
//! the hands of whoever holds it meanwhile, so that it is never left lying; the service that settles disputes goes on from there.

use super::super::{Assignment, Clue, Event, Role, Stage};
use super::asked::{Asked, in_the_way, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, one};
use crate::code::AgencyId;
use crate::dispute::{Cause, Claim, MOST_PARTIES, Opening, Position, interim_holder, jurisdiction};
use crate::id::DisputeId;

const DESK: &[Role] = &[Role::Coordinator, Role::Operator];

/// While a dispute is open, it and nobody else says whose duty the clue is.
pub(super) fn undisputed(clue: &Clue) -> Result<(), Rejection> {
    match clue.dispute {
        Some(_) => Err(in_the_way(Code::InDispute, clue)),
        None => Ok(()),
    }
}

/// By an agency, of itself; or by a coordinator, who says of each party what it said. Not where the source says who has the clue: its
/// next row would undo what the dispute comes to.
pub(super) fn raise(clue: &Clue, asked: &Asked<'_>, cause: Cause, named: &[Claim]) -> Answer {
    let holder = match &clue.stage {
        Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } => Some(by),
        Stage::Triage { .. } | Stage::Coordination { .. } => None,
        _ => return Err(wrong_stage(clue)),
    };
    entitled(asked, holder, cause)?;
    undisputed(clue)?;
    if clue.is_logged() {
        return Err(Code::HolderOfSource.into());
    }
    asked.reason_in_words()?;
    if named.len() > MOST_PARTIES {
        return Err(Rejection::of_field(Code::TooManyParties, "parties"));
    }
    said_by_itself(asked, named)?;
    let mut parties = named.to_vec();
    match cause {
        Cause::RefusedReturn => refused(clue, holder, &mut parties)?,
        Cause::ByAgency => add(
            &mut parties,
            holder.map(|by| claim(&by.agency, Some(Position::Denies), None)),
        ),
        Cause::Claims => add(
            &mut parties,
            holder.map(|by| claim(&by.agency, Some(Position::Claims), None)),
        ),
        Cause::ByCoordinator => add(&mut parties, holder.map(|by| claim(&by.agency, None, None))),
        Cause::ReturnLimit { .. } => {}
    }
    quarrel(asked, cause, named, &parties)?;
    Ok(one(disputed(clue, asked, cause, parties)))
}

/// The return with this number: all that returned it and the agency that the last one proposes quarrel.
pub(super) fn returned_too_often(
    clue: &Clue,
    asked: &Asked<'_>,
    by: &AgencyId,
    (duty, proposed): (&str, &AgencyId),
    returns: u32,
) -> Step {
    let denies = claim(by, Some(Position::Denies), Some(duty));
    let mut parties = Vec::new();
    for agency in clue.returned_by.iter().chain([by, proposed]) {
        let party = if agency == by {
            denies.clone()
        } else {
            claim(agency, None, None)
        };
        add(&mut parties, Some(party));
    }
    disputed(clue, asked, Cause::ReturnLimit { returns }, parties).into()
}

fn entitled(asked: &Asked<'_>, holder: Option<&Assignment>, cause: Cause) -> Result<(), Rejection> {
    match cause {
        Cause::ReturnLimit { .. } => Err(Rejection::of_field(Code::CauseByItself, "cause")),
        Cause::RefusedReturn | Cause::ByAgency => match holder {
            Some(by) => asked.holder(by),
            None => Err(Code::NotHolder.into()),
        },
        Cause::Claims => {
            asked.entitled(&[Role::Agency])?;
            match (&asked.actor().agency, holder) {
                (Some(agency), Some(by)) if *agency == by.agency => Err(Code::HolderClaims.into()),
                (Some(_), _) => Ok(()),
                (None, _) => Err(Code::NotEntitled.into()),
            }
        }
        Cause::ByCoordinator => asked.entitled(DESK),
    }
}

/// What an agency says of another one would be hearsay.
fn said_by_itself(asked: &Asked<'_>, named: &[Claim]) -> Result<(), Rejection> {
    let actor = asked.actor();
    let of_other = |it: &&Claim| it.position.is_some() && Some(&it.agency) != actor.agency.as_ref();
    if actor.role == Role::Agency && named.iter().any(|it| of_other(&it)) {
        return Err(Rejection::of_field(Code::PositionOfOther, "parties"));
    }
    Ok(())
}

/// The return that was refused has the duty that its agency relies on, and whom it means.
fn refused(clue: &Clue, holder: Option<&Assignment>, parties: &mut Vec<Claim>) -> Result<(), Rejection> {
    let (Some(request), Some(by)) = (&clue.refused_return, holder) else {
        return Err(in_the_way(Code::ReturnNotRefused, clue));
    };
    add(
        parties,
        Some(claim(&by.agency, Some(Position::Denies), Some(&request.duty))),
    );
    add(parties, Some(claim(&request.proposed, None, None)));
    Ok(())
}

/// It takes two to quarrel, each once; the rulebook must know them, and who says something of the duty cites what it relies on.
fn quarrel(asked: &Asked<'_>, cause: Cause, named: &[Claim], parties: &[Claim]) -> Result<(), Rejection> {
    let of_parties = |code| Rejection::of_field(code, "parties");
    let is_repeated =
        |(place, party): (usize, &Claim)| named[..place].iter().any(|it| it.agency == party.agency);
    if named.iter().enumerate().any(is_repeated) {
        return Err(of_parties(Code::PartyRepeated));
    }
    if parties.len() < 2 || (cause == Cause::ByCoordinator && named.len() < 2) {
        return Err(of_parties(Code::PartiesMissing));
    }
    for party in parties {
        asked.known(&party.agency, Code::AgencyUnknown, "parties")?;
    }
    for party in named.iter().filter(|it| it.position.is_some()) {
        required(
            party.duty.as_deref().unwrap_or_default(),
            Code::DutyMissing,
            "parties",
        )?;
    }
    let claims = |party: &Claim| party.position == Some(Position::Claims);
    let actor = asked.actor().agency.as_ref();
    let claimed = named.iter().any(|it| Some(&it.agency) == actor && claims(it));
    if cause == Cause::Claims && !(claimed && parties.iter().filter(|it| claims(it)).count() >= 2) {
        return Err(of_parties(Code::ClaimsMissing));
    }
    Ok(())
}

/// Before whom it belongs and who holds it meanwhile follow from who quarrels.
fn disputed(clue: &Clue, asked: &Asked<'_>, cause: Cause, parties: Vec<Claim>) -> Event {
    let agencies = parties.iter().map(|party| &party.agency);
    let level = jurisdiction(asked.env.rulebook, agencies).forum.administration();
    // its source may have called it by a name of its own
    let is_known = |it: &AgencyId| asked.knows(|rulebook| rulebook.agencies.contains_key(it));
    let opening = Opening {
        clue: clue.id,
        matter: clue.matter.clone(),
        area: clue.area.clone(),
        severity: clue.severity.clone(),
        cause,
        parties,
        first_receiver: clue.first_agency.clone().filter(is_known),
    };
    Event::ClueDisputed {
        dispute: DisputeId::derive(clue.id, asked.envelope.id),
        interim: interim_holder(&opening, None, &asked.policy().disputes),
        opening,
        level,
    }
}

fn claim(agency: &AgencyId, position: Option<Position>, duty: Option<&str>) -> Claim {
    Claim {
        agency: agency.clone(),
        position,
        duty: duty.map(str::to_owned),
    }
}

/// Unless it is among them: then it says this where it says nothing itself.
fn add(parties: &mut Vec<Claim>, party: Option<Claim>) {
    let Some(party) = party else { return };
    match parties.iter_mut().find(|it| it.agency == party.agency) {
        None => parties.push(party),
        Some(named) if named.position.is_none() => {
            named.position = party.position;
            named.duty = named.duty.take().or(party.duty);
        }
        Some(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        CITY, COUNTY, COUNTY_WATER, Case, OTHER_COUNTY, TOWN, checker, coordinator, decision, history, of,
        party, raise, reported_with, request_return, resolve, role, transfer,
    };
    use super::super::super::{Actor, Command};
    use super::*;
    use crate::code::Level;
    use crate::dispute::{Interim, InterimRule};
    use Position::{Claims, Denies};

    /// Why, the clue, who asks, what, and the parties that result.
    type Raised = (&'static str, Case, Actor, Cause, Vec<Claim>, Vec<Claim>);
    /// The clue, who asks, what, and why it is refused.
    type Refused = (
        Case,
        Actor,
        Cause,
        Vec<Claim>,
        (&'static str, Option<&'static str>),
    );

    fn refused() -> Case {
        Case::return_requested().given(coordinator(), Command::RefuseReturn)
    }

    #[test]
    fn each_cause_is_given_by_whoever_may_and_names_whom_it_takes() {
        let (denies, claims) = (|it| party(it, Some(Denies)), |it| party(it, Some(Claims)));
        let none = |it| party(it, None);
        let table: Vec<Raised> = vec![
            (
                "the refused return says whom it means",
                refused(),
                of(COUNTY),
                Cause::RefusedReturn,
                vec![],
                vec![denies(COUNTY), none(COUNTY_WATER)],
            ),
            (
                "somebody else may be meant besides",
                refused(),
                of(COUNTY),
                Cause::RefusedReturn,
                vec![none(CITY)],
                vec![none(CITY), denies(COUNTY), none(COUNTY_WATER)],
            ),
            (
                "住房和城乡建设部令 55: the agency asks",
                Case::dispatched(),
                of(COUNTY),
                Cause::ByAgency,
                vec![denies(COUNTY), none(TOWN)],
                vec![denies(COUNTY), none(TOWN)],
            ),
            (
                "while its return waits for an answer",
                Case::return_requested(),
                of(COUNTY),
                Cause::ByAgency,
                vec![denies(COUNTY), none(TOWN)],
                vec![denies(COUNTY), none(TOWN)],
            ),
            (
                "争管: whoever has it claims it too",
                Case::dispatched(),
                of(TOWN),
                Cause::Claims,
                vec![claims(TOWN)],
                vec![claims(TOWN), party_without_duty(COUNTY)],
            ),
            (
                "a coordinator says of each what it said",
                Case::dispatched(),
                coordinator(),
                Cause::ByCoordinator,
                vec![claims(TOWN), denies(CITY)],
                vec![claims(TOWN), denies(CITY), none(COUNTY)],
            ),
            (
                "the holder is named already",
                Case::dispatched(),
                role(Role::Operator),
                Cause::ByCoordinator,
                vec![none(TOWN), denies(COUNTY)],
                vec![none(TOWN), denies(COUNTY)],
            ),
            (
                "nobody has it yet",
                Case::in_triage(),
                coordinator(),
                Cause::ByCoordinator,
                vec![none(TOWN), none(COUNTY)],
                vec![none(TOWN), none(COUNTY)],
            ),
            (
                "held for a coordinator when there were no disputes",
                Case::in_old_coordination(),
                coordinator(),
                Cause::ByCoordinator,
                vec![none(COUNTY_WATER), none(COUNTY)],
                vec![none(COUNTY_WATER), none(COUNTY)],
            ),
        ];
        each_names(table);
    }

    fn each_names(table: Vec<Raised>) {
        for (why, mut case, actor, cause, named, parties) in table {
            let outcome = case.when(actor, raise(cause, &named));
            let [it] = outcome.0.as_slice() else {
                panic!("{why}: {outcome:?}");
            };
            let Event::ClueDisputed { dispute, opening, .. } = &it.event else {
                panic!("{why}: {:?}", it.event);
            };
            assert_eq!((opening.cause, &opening.parties), (cause, &parties), "{why}");
            assert_eq!(*dispute, DisputeId::derive(it.clue, it.command), "{why}");
            assert_eq!(case.clue().dispute, Some(*dispute), "{why}");
        }
    }

    #[test]
    fn whoever_is_named_without_a_position_says_what_the_cause_implies() {
        let (none, claims) = (|it| party(it, None), |it| party(it, Some(Claims)));
        each_names(vec![
            (
                "whoever was refused denies it, by the duty of its return",
                refused(),
                of(COUNTY),
                Cause::RefusedReturn,
                vec![none(COUNTY)],
                vec![party(COUNTY, Some(Denies)), none(COUNTY_WATER)],
            ),
            (
                "what it says itself counts",
                refused(),
                of(COUNTY),
                Cause::RefusedReturn,
                vec![claims(COUNTY)],
                vec![claims(COUNTY), none(COUNTY_WATER)],
            ),
            (
                "whoever has it claims it too",
                Case::dispatched(),
                of(TOWN),
                Cause::Claims,
                vec![none(COUNTY), claims(TOWN)],
                vec![party_without_duty(COUNTY), claims(TOWN)],
            ),
        ]);
    }

    fn party_without_duty(name: &str) -> Claim {
        Claim {
            duty: None,
            ..party(name, Some(Claims))
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn what_is_wrong_with_it_is_said() {
        let (denies, claims) = (|it| party(it, Some(Denies)), |it| party(it, Some(Claims)));
        let none = |it| party(it, None);
        let ours = || vec![denies(COUNTY), none(TOWN)];
        let without_duty = |mut it: Claim| {
            it.duty = Some(" ".to_owned());
            it
        };
        let (by_agency, by_desk) = (Cause::ByAgency, Cause::ByCoordinator);
        let limit = Cause::ReturnLimit { returns: 2 };
        let table: Vec<Refused> = vec![
            (
                Case::dispatched(),
                of(COUNTY),
                limit,
                ours(),
                ("cause_by_itself", Some("cause")),
            ),
            (
                Case::dispatched(),
                of(TOWN),
                by_agency,
                ours(),
                ("not_holder", None),
            ),
            (
                Case::dispatched(),
                coordinator(),
                by_agency,
                ours(),
                ("not_holder", None),
            ),
            (
                Case::in_triage(),
                of(COUNTY),
                by_agency,
                ours(),
                ("not_holder", None),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                Cause::RefusedReturn,
                ours(),
                ("return_not_refused", None),
            ),
            (
                refused().given(coordinator(), transfer(TOWN)),
                of(TOWN),
                Cause::RefusedReturn,
                vec![],
                ("return_not_refused", None),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                Cause::Claims,
                vec![claims(COUNTY)],
                ("holder_claims", None),
            ),
            (
                Case::dispatched(),
                coordinator(),
                Cause::Claims,
                vec![claims(TOWN)],
                ("not_entitled", None),
            ),
            (
                Case::dispatched(),
                role(Role::Agency),
                Cause::Claims,
                vec![],
                ("not_entitled", None),
            ),
            (
                Case::dispatched(),
                of(TOWN),
                Cause::Claims,
                vec![none(TOWN)],
                ("claims_missing", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(TOWN),
                Cause::Claims,
                vec![none(CITY)],
                ("claims_missing", Some("parties")),
            ),
            (
                Case::in_triage(),
                of(TOWN),
                Cause::Claims,
                vec![claims(TOWN), none(CITY)],
                ("claims_missing", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                by_agency,
                vec![denies(COUNTY), claims(TOWN)],
                ("position_of_other", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                by_agency,
                vec![denies(COUNTY)],
                ("parties_missing", Some("parties")),
            ),
            (
                Case::dispatched(),
                coordinator(),
                by_desk,
                vec![none(TOWN)],
                ("parties_missing", Some("parties")),
            ),
            (
                Case::dispatched(),
                coordinator(),
                by_desk,
                vec![none(TOWN), none(TOWN)],
                ("party_repeated", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                by_agency,
                vec![denies(COUNTY), none("x")],
                ("agency_unknown", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                by_agency,
                vec![without_duty(denies(COUNTY)), none(TOWN)],
                ("duty_missing", Some("parties")),
            ),
            (
                Case::dispatched(),
                of(COUNTY),
                by_desk,
                ours(),
                ("not_entitled", None),
            ),
            (
                Case::disputed(),
                of(COUNTY),
                by_agency,
                ours(),
                ("in_dispute", None),
            ),
            (
                Case::in_coordination(),
                coordinator(),
                by_desk,
                ours(),
                ("in_dispute", None),
            ),
        ];
        for (mut case, actor, cause, named, expected) in table {
            let outcome = case.when(actor, raise(cause, &named));
            assert_eq!(outcome.refused(), expected, "{cause:?} {named:?}");
        }
        let crowd = |many| (0..many).map(|_| none(TOWN)).collect::<Vec<_>>();
        for (many, code) in [(20, "party_repeated"), (21, "too_many_parties")] {
            let outcome = Case::dispatched().when(coordinator(), raise(by_desk, &crowd(many)));
            assert_eq!(outcome.refused(), (code, Some("parties")), "{many}");
        }
        let mut silent = Case::dispatched();
        silent.remark = None;
        let outcome = silent.when(of(COUNTY), raise(by_agency, &ours()));
        assert_eq!(outcome.refused(), ("reason_missing", Some("reason")));
        for mut case in [
            Case::reported(),
            Case::admitted(),
            Case::suspended(),
            Case::resolved(),
            Case::closed(),
        ] {
            assert_eq!(
                case.refusal(coordinator(), raise(by_desk, &ours())),
                "wrong_stage"
            );
        }
    }

    #[test]
    fn whoever_holds_it_meanwhile_has_it_at_once() {
        use InterimRule::{FirstReceiver, UrgentOnly};
        let moved = || Case::dispatched().given(coordinator(), transfer(COUNTY_WATER));
        let started = || Case::dispatched().given(of(COUNTY), Command::StartHandling);
        let returning = || started().given(of(COUNTY), request_return(CITY));
        let table = [
            // whoever has it goes on as far as it was
            (Case::dispatched(), FirstReceiver, "dispatched", Some(COUNTY), 0),
            (started(), FirstReceiver, "handling", Some(COUNTY), 0),
            (returning(), FirstReceiver, "handling", Some(COUNTY), 0),
            // 首接负责: another one has to take it back
            (moved(), FirstReceiver, "dispatched", Some(COUNTY), 2),
            (Case::in_triage(), FirstReceiver, "coordination", None, 0),
            (started(), UrgentOnly, "coordination", None, 0),
        ];
        for (case, rule, stage, holder, transfers) in table {
            let mut case = case.with(|policy| policy.disputes.interim_holder = rule);
            let before = case.stage();
            let command = raise(Cause::ByCoordinator, &[party(CITY, None), party(TOWN, None)]);
            assert_eq!(case.when(coordinator(), command).events(), ["ClueDisputed"]);
            assert_eq!(
                (case.stage(), case.holder()),
                (stage, holder),
                "{before} {rule:?}"
            );
            assert_eq!(case.clue().tally.transfers, transfers, "{before} {rule:?}");
        }
    }

    #[test]
    fn it_is_before_the_coordinator_of_the_parties() {
        let table = [
            ([TOWN, COUNTY], Level::County, "浙江省综合行政执法条例 art. 17"),
            (
                [COUNTY, OTHER_COUNTY],
                Level::City,
                "汕头市行政执法协调办法 2023 art. 5",
            ),
            ([COUNTY, CITY], Level::City, "汕头市行政执法协调办法 2023 art. 5"),
        ];
        for (parties, expected, source) in table {
            let mut case = Case::in_triage();
            let outcome = case.when(
                coordinator(),
                raise(Cause::ByCoordinator, &parties.map(|it| party(it, None))),
            );
            let Event::ClueDisputed { interim, level, .. } = &outcome.0[0].event else {
                panic!("{outcome:?}");
            };
            assert_eq!((interim, *level), (&Interim::Coordinator, expected), "{source}");
            assert_eq!(case.clue().stage, Stage::Coordination { level: expected });
        }
    }

    #[test]
    fn a_dispute_does_not_keep_its_holder_from_handling() {
        let mut case = Case::disputed();
        for (command, stage) in [
            (Command::AcknowledgeClue, "acknowledged"),
            (Command::StartHandling, "handling"),
            (resolve(), "resolved"),
        ] {
            assert_eq!(case.refusal(of(COUNTY), command), "");
            assert_eq!(case.stage(), stage);
            assert!(case.clue().dispute.is_some());
        }
        let case = case
            .given(checker(), Command::PassCheck)
            .given(checker(), Command::CloseClue);
        assert_eq!(
            (case.stage(), case.clue().dispute),
            ("closed", None),
            "it ends with the clue"
        );
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        assert_eq!(
            Case::in_coordination().given(coordinator(), void).clue().dispute,
            None
        );
    }

    #[test]
    fn a_late_answer_of_routing_settles_no_dispute() {
        let mut case = Case::in_triage().given(
            coordinator(),
            raise(Cause::ByCoordinator, &[party(CITY, None), party(TOWN, None)]),
        );
        let hold = Command::HoldForTriage {
            decision: decision("tie"),
        };
        assert_eq!(case.refusal(role(Role::Routing), hold), "wrong_stage");
        assert_eq!(case.clue().first_agency, None);
        assert_eq!(case.clue().stage, Stage::Coordination { level: Level::City });
    }

    #[test]
    fn a_first_receiver_that_no_rulebook_knows_holds_nothing_meanwhile() {
        let recorded = reported_with(history(Some("elsewhere"), None, false));
        let mut case = Case::new()
            .given(role(Role::Source), recorded)
            .given(coordinator(), transfer(COUNTY));
        let command = raise(Cause::ByCoordinator, &[party(CITY, None), party(TOWN, None)]);
        let outcome = case.when(coordinator(), command);
        let Event::ClueDisputed { opening, interim, .. } = &outcome.0[0].event else {
            panic!("{outcome:?}");
        };
        assert_eq!((&opening.first_receiver, interim), (&None, &Interim::Coordinator));
        assert_eq!((case.stage(), case.holder()), ("coordination", None));
    }
}
