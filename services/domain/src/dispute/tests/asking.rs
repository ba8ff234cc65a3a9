//! What is asked of whoever opens a dispute or acts in it.

use super::super::testing::{
    COUNTY_GOVERNMENT, Case, OFFICE, apply, claim, id, minutes, office, open, open_as, opening, paper, reply,
    rule, ruling, service, sitting,
};
use super::super::{Cause, Claim, Command, Decision, Forum, Opening, Position, Step};
use crate::clue::testing::{
    CITY, COUNTY, COUNTY_WATER, NOWHERE, OTHER_COUNTY, TOWN, agency, coordinator, of, role,
};
use crate::clue::{Actor, Role};
use crate::routing::Agency;

#[test]
fn a_dispute_is_opened_by_whoever_its_cause_entitles() {
    let returns = || Cause::ReturnLimit { returns: 2 };
    let table: [(Cause, Actor, &str, &str); 13] = [
        (returns(), service(), "", "policy.returns.limit"),
        (returns(), of(COUNTY), "not_entitled", "policy.returns.limit"),
        (returns(), sitting(OFFICE), "not_entitled", "policy.returns.limit"),
        (Cause::RefusedReturn, of(COUNTY), "", "own default"),
        (Cause::RefusedReturn, of(COUNTY_WATER), "not_party", "own default"),
        (Cause::RefusedReturn, service(), "not_entitled", "own default"),
        (Cause::Claims, service(), "", "own default"),
        (Cause::Claims, sitting(OFFICE), "", "own default"),
        (Cause::ByAgency, of(TOWN), "", "own default"),
        (Cause::ByCoordinator, sitting(OFFICE), "", "own default"),
        (
            Cause::ByCoordinator,
            sitting(CITY),
            "wrong_coordinator",
            "own default",
        ),
        (
            Cause::ByCoordinator,
            coordinator(),
            "office_missing",
            "own default",
        ),
        (
            Cause::ByCoordinator,
            role(Role::Checker),
            "not_entitled",
            "own default",
        ),
    ];
    for (cause, actor, code, source) in table {
        let command = open_as(|it| {
            it.cause = cause;
            it.parties
                .iter_mut()
                .for_each(|party| party.position = Some(Position::Claims));
        });
        let mut case = Case::new();
        assert_eq!(case.refusal(actor, command), code, "{cause:?} by {source}");
        assert_eq!(case.state.dispute.is_some(), code.is_empty());
    }
}

/// Lifecycle has judged whoever raised it; the service opens it in that one's place.
#[test]
fn what_was_raised_at_its_clue_is_opened_whoever_raised_it_and_that_one_may_withdraw_it() {
    let raised_by = |agency: Actor| Actor {
        role: Role::Dispute,
        ..agency
    };
    let causes = [
        Cause::ReturnLimit { returns: 2 },
        Cause::RefusedReturn,
        Cause::Claims,
        Cause::ByAgency,
        Cause::ByCoordinator,
    ];
    for cause in causes {
        let command = open_as(|it| {
            it.cause = cause;
            it.parties
                .iter_mut()
                .for_each(|party| party.position = Some(Position::Claims));
        });
        let mut case = Case::new().given(raised_by(of(COUNTY)), command);
        assert_eq!(
            case.refusal(of(COUNTY), Command::WithdrawDispute),
            "",
            "{cause:?}"
        );
        assert!(!case.dispute().is_open(), "{cause:?}");
    }
}

#[test]
fn a_dispute_has_two_parties_that_the_rulebook_knows() {
    type Row = (
        &'static [&'static str],
        Cause,
        (&'static str, Option<&'static str>),
    );
    let table: [Row; 5] = [
        (&[COUNTY], Cause::ByAgency, ("parties_missing", Some("parties"))),
        (
            &[COUNTY, TOWN, COUNTY],
            Cause::ByAgency,
            ("party_repeated", Some("parties")),
        ),
        (
            &[COUNTY, "unheard of"],
            Cause::ByAgency,
            ("agency_unknown", Some("parties")),
        ),
        (&[COUNTY, NOWHERE], Cause::ByAgency, ("", None)),
        (
            &[COUNTY, TOWN],
            Cause::Claims,
            ("claims_missing", Some("parties")),
        ),
    ];
    for (parties, cause, refused) in table {
        let actor = if cause == Cause::Claims {
            service()
        } else {
            of(COUNTY)
        };
        let command = Command::OpenDispute(Opening {
            cause,
            ..opening(parties)
        });
        assert_eq!(Case::new().when(actor, command).refused(), refused, "{parties:?}");
    }
    let mut case = Case::opened();
    assert_eq!(case.refusal(service(), open()), "already_opened");
    assert_eq!(Case::new().refusal(of(COUNTY), apply()), "dispute_unknown");
}

#[test]
fn what_a_command_needs_is_asked_for_by_field() {
    let mut bad = ruling(TOWN);
    bad.assisting = vec![agency(TOWN)];
    let mut baseless = ruling(TOWN);
    baseless.basis = " ".to_owned();
    let table = [
        (
            Step::Negotiation,
            of(COUNTY),
            Command::StatePosition {
                position: Position::Denies,
                duty: String::new(),
                papers: Vec::new(),
            },
            ("duty_missing", Some("duty")),
        ),
        (
            Step::Negotiation,
            of(COUNTY),
            Command::RecordMinutes {
                agreed: None,
                minutes: paper(" "),
            },
            ("reference_missing", Some("minutes")),
        ),
        (
            Step::Decision,
            sitting(COUNTY_GOVERNMENT),
            Command::DecideDispute(bad),
            ("assisting_is_responsible", Some("assisting")),
        ),
        (
            Step::Decision,
            sitting(COUNTY_GOVERNMENT),
            Command::DecideDispute(baseless),
            ("basis_missing", Some("basis")),
        ),
        (
            Step::Decision,
            sitting(COUNTY_GOVERNMENT),
            rule("unheard of"),
            ("agency_unknown", Some("responsible")),
        ),
        (
            Step::Negotiation,
            sitting(OFFICE),
            Command::AddParty(Claim {
                position: Some(Position::Claims),
                ..claim("unheard of")
            }),
            ("agency_unknown", Some("agency")),
        ),
    ];
    for (step, actor, command, refused) in table {
        let name = command.name();
        assert_eq!(Case::at(step).when(actor, command).refused(), refused, "{name}");
    }
}

#[test]
fn a_repeated_command_changes_nothing_and_another_version_is_refused() {
    let mut case = Case::opened();
    let envelope = case.envelope(of(COUNTY), minutes(None));
    assert_eq!(case.handle(&envelope).events(), ["MinutesRecorded"]);
    let state = case.state.clone();
    assert_eq!(case.decide(&envelope), Decision::Repeated);
    assert_eq!(case.state, state);
    case.expected_version = Some(case.state.version - 1);
    assert_eq!(case.refusal(of(COUNTY), apply()), "version_conflict");
    case.expected_version = Some(case.state.version);
    assert_eq!(case.refusal(of(COUNTY), apply()), "");
}

#[test]
fn no_command_overtakes_what_was_due_before_it_was_asked() {
    let mut case = Case::at(Step::Replies);
    let due = case.dispute().deadline().expect("replies").at;
    let mut in_time = case.clone();
    let mut envelope = in_time.envelope(of(TOWN), reply());
    envelope.received_at = due;
    assert_eq!(
        in_time.handle(&envelope).events(),
        ["ReplyGiven", "RepliesComplete"]
    );
    let mut envelope = case.envelope(of(TOWN), reply());
    envelope.received_at = due.plus_micros(1);
    // whatever whoever asks says of that
    envelope.occurred_at = Some(due.plus_minutes(-60));
    let outcome = case.handle(&envelope);
    assert_eq!(outcome.events(), ["StepLapsed", "CommandRejected"]);
    assert_eq!(outcome.refused().0, "wrong_step");
    assert_eq!((outcome.0[0].at, outcome.0[0].actor.role), (due, Role::Clock));
    assert_ne!(outcome.0[0].command, envelope.id);
    assert_eq!(outcome.0[1].command, envelope.id);
}

#[test]
fn without_offices_in_the_policy_a_coordinator_of_the_level_acts_who_is_no_party() {
    let bare = || {
        let case = Case::new().with(|policy| policy.coordinators.clear());
        case.opens()
            .given(of(COUNTY), minutes(None))
            .given(of(COUNTY), apply())
    };
    let table = [
        (sitting(COUNTY_WATER), ""),
        (sitting(OFFICE), ""),
        (sitting(COUNTY), "own_coordinator"),
        (sitting(OTHER_COUNTY), "wrong_coordinator"),
        (sitting(CITY), "wrong_coordinator"),
        (coordinator(), "office_missing"),
    ];
    for (actor, code) in table {
        let mut case = bare();
        let who = actor.agency.clone();
        assert_eq!(case.refusal(actor, Command::AcceptApplication), code, "{who:?}");
    }
    let mut party = Case::new()
        .with(|policy| policy.coordinators = vec![office("county", None, TOWN)])
        .opens();
    assert_eq!(party.dispute().forum, Forum::City);
    assert_eq!(party.refusal(sitting(TOWN), minutes(None)), "own_coordinator");
}

#[test]
fn the_text_belongs_to_the_first_event_of_its_command() {
    let mut case = Case::opened();
    let outcome = case.when(of(TOWN), minutes(Some(TOWN)));
    let has_text: Vec<_> = outcome.0.iter().map(|it| it.text.is_some()).collect();
    assert_eq!(has_text, [true, false]);
    assert_eq!(outcome.0[0].dispute, id());
}

#[test]
fn a_dispute_has_at_most_twenty_parties_unless_it_came_up_with_more() {
    let mut case = Case::opened();
    let like = case.rulebook.agencies[&agency(TOWN)].clone();
    for number in 3..=21 {
        let id = agency(&format!("town-{number}"));
        case.rulebook.agencies.insert(
            id.clone(),
            Agency {
                id: id.clone(),
                ..like.clone()
            },
        );
        let command = Command::AddParty(Claim {
            agency: id,
            ..claim(TOWN)
        });
        let code = if number > 20 { "too_many_parties" } else { "" };
        assert_eq!(case.refusal(sitting(OFFICE), command), code, "{number}");
    }
    assert_eq!(case.dispute().parties.len(), 20);
}
