//! Lives of disputes, step by step.

use super::super::testing::{
    CITY_GOVERNMENT, COUNTY_GOVERNMENT, Case, OFFICE, appeal, apply, claim, id, meet, minutes, office, open,
    open_as, opening, opine, paper, position, refuse, reply, rule, ruling, service, sitting, take_up,
};
use super::super::{
    Agreement, Cause, Claim, ClueEnd, Command, Decision, DocumentKind, Event, Forum, Ground, Holder, Interim,
    InterimRule, Lapse, Opening, Outcome, Position, Step, Then, Wait,
};
use crate::clue::testing::{
    CITY, COUNTY, COUNTY_WATER, NOWHERE, OTHER_COUNTY, TOWN, agency, area, coordinator, of, role,
};
use crate::clue::{Actor, Role};

fn county() -> Forum {
    Forum::County(area("330602"))
}

fn ended(how: ClueEnd) -> Command {
    Command::NoteClueEnded { how }
}

#[test]
fn a_dispute_goes_from_negotiation_to_a_ruling_that_is_carried_out() {
    let case = Case::opened()
        .given(of(COUNTY), position(Position::Denies))
        .given(of(COUNTY), minutes(None))
        .given(of(COUNTY), apply())
        .given(sitting(OFFICE), Command::AcceptApplication)
        .given(sitting(OFFICE), Command::ForwardApplication)
        .given(of(TOWN), reply())
        .given(sitting(OFFICE), meet())
        .given(sitting(OFFICE), opine(TOWN))
        .given(of(COUNTY), Command::AcceptOpinion)
        .given(of(TOWN), Command::DeclineOpinion);
    assert_eq!(case.dispute().forum, county());
    assert_eq!(case.dispute().holder(), Some(Holder::Agency(&agency(COUNTY))));
    let case = case.given(sitting(COUNTY_GOVERNMENT), rule(TOWN));
    assert_eq!(
        case.dispute().holder(),
        Some(Holder::Agency(&agency(COUNTY))),
        "until it is taken up or final"
    );
    let case = case.lapsed();
    assert_eq!(case.step(), Some(Step::TakingUp));
    assert_eq!(case.dispute().holder(), Some(Holder::Agency(&agency(TOWN))));
    let case = case
        .given(of(TOWN), take_up(TOWN))
        .given(service(), ended(ClueEnd::Closed));
    assert_eq!(
        case.dispute().outcome(),
        Some(&Outcome::CarriedOut { agency: agency(TOWN) })
    );
    let kinds: Vec<_> = case.dispute().documents.iter().map(|it| it.kind).collect();
    assert_eq!(
        kinds,
        [
            DocumentKind::Minutes,
            DocumentKind::Application,
            DocumentKind::Reply,
            DocumentKind::Minutes,
            DocumentKind::Opinion,
            DocumentKind::Decision
        ]
    );
}

#[test]
fn left_alone_a_dispute_reaches_the_last_forum_and_is_escalated_again_and_again() {
    let mut case = Case::opened();
    let until = case.now.plus_days(400);
    let outcome = case.wake(until);
    let then: Vec<_> = outcome
        .0
        .iter()
        .map(|it| match &it.event {
            Event::StepLapsed { step, then, .. } => match then {
                Then::Next(next) => format!("{step} {next}"),
                Then::Raised { to, step: next, .. } => format!("{step} {to} {next}"),
                Then::Escalated => format!("{step} escalated"),
            },
            other => other.name().to_owned(),
        })
        .collect();
    assert_eq!(
        then[..12],
        [
            "negotiation application",
            "application acceptance",
            "acceptance forwarding",
            "forwarding replies",
            "replies opinion",
            "opinion decision",
            "decision city opinion",
            "opinion decision",
            "decision city_government opinion",
            "opinion decision",
            "decision escalated",
            "decision escalated",
        ]
    );
    assert!(case.dispute().is_late());
    assert_eq!(case.dispute().forum, Forum::CityGovernment);
    assert_eq!(case.wake(until).0, [], "once each");
    let case = case.given(sitting(CITY_GOVERNMENT), rule(TOWN));
    assert_eq!(
        case.step(),
        Some(Step::TakingUp),
        "nobody is above: there is no appeal"
    );
    assert!(!case.dispute().is_late());
}

#[test]
fn without_time_to_apply_it_is_applied_by_itself() {
    let case = Case::new()
        .with(|policy| policy.limits.application = Wait::AtOnce)
        .opens();
    let mut silent = case.clone();
    let due = silent.state.wakes_at().expect("negotiation");
    assert_eq!(silent.wake(due).events(), ["StepLapsed", "StepLapsed"]);
    assert_eq!(silent.step(), Some(Step::Acceptance));
    let mut failed = case.given(of(COUNTY), minutes(None));
    assert_eq!(failed.step(), Some(Step::Application));
    let outcome = failed.when(sitting(OFFICE), Command::AcceptApplication);
    assert_eq!(outcome.events(), ["StepLapsed", "ApplicationAccepted"]);
    assert_eq!(failed.dispute().applicant, None);
    let failed = failed.given(sitting(OFFICE), Command::ForwardApplication);
    let failed = failed.given(of(COUNTY), reply());
    assert_eq!(failed.step(), Some(Step::Replies), "all must reply");
    assert_eq!(failed.given(of(TOWN), reply()).step(), Some(Step::Opinion));
}

#[test]
fn the_parties_settle_by_minutes_or_by_accepting_the_opinion() {
    let settled = |case: &Case| match case.dispute().outcome() {
        Some(Outcome::Settled { agency, by }) => (agency.as_str().to_owned(), *by),
        other => panic!("{other:?}"),
    };
    let by_claim = Case::opened()
        .given(of(TOWN), position(Position::Claims))
        .given(of(COUNTY), minutes(Some(TOWN)));
    assert_eq!(settled(&by_claim), (TOWN.to_owned(), Agreement::Negotiation));
    assert_eq!(by_claim.dispute().responsible(), Some(&agency(TOWN)));
    let by_itself = Case::opened().given(of(TOWN), minutes(Some(TOWN)));
    assert_eq!(settled(&by_itself), (TOWN.to_owned(), Agreement::Negotiation));
    let by_office = Case::opened().given(sitting(OFFICE), minutes(Some(COUNTY)));
    assert_eq!(settled(&by_office), (COUNTY.to_owned(), Agreement::Negotiation));
    let half = Case::at(Step::Consent).given(of(COUNTY), Command::AcceptOpinion);
    assert_eq!(half.step(), Some(Step::Consent));
    assert_eq!(
        half.clone().refusal(of(COUNTY), Command::DeclineOpinion),
        "already_answered"
    );
    assert_eq!(half.clone().lapsed().step(), Some(Step::Decision), "silence");
    let both = half.given(of(TOWN), Command::AcceptOpinion);
    assert_eq!(settled(&both), (TOWN.to_owned(), Agreement::Opinion));
}

#[test]
fn an_application_is_refused_on_the_grounds_of_the_policy_with_a_reason() {
    let mut case = Case::at(Step::Acceptance);
    case.remark = None;
    let outcome = case.when(sitting(OFFICE), refuse());
    assert_eq!(outcome.refused(), ("reason_missing", Some("reason")));
    case.remark = Some("系统内部事务".to_owned());
    let refused = case.clone().given(sitting(OFFICE), refuse());
    assert_eq!(
        refused.dispute().outcome(),
        Some(&Outcome::Refused {
            ground: Ground::InternalMatter
        })
    );
    let mut narrow = case.with(|policy| policy.excluded = vec![Ground::NotCompetent]);
    let outcome = narrow.when(sitting(OFFICE), refuse());
    assert_eq!(outcome.refused(), ("ground_not_allowed", Some("ground")));
}

#[test]
fn a_lapse_of_the_coordinator_goes_as_the_policy_says() {
    let strict = |step| {
        let case = Case::new().with(|policy| {
            let next = Lapse::NextLevel;
            policy.on_lapse.acceptance = next;
            policy.on_lapse.forwarding = next;
            policy.on_lapse.opinion = next;
        });
        case.brought_to(step).lapsed()
    };
    for step in [Step::Acceptance, Step::Forwarding, Step::Opinion] {
        let raised = strict(step);
        assert_eq!(
            (raised.step(), &raised.dispute().forum),
            (Some(step), &Forum::City)
        );
        let top = raised.lapsed();
        assert_eq!(top.dispute().forum, Forum::CityGovernment);
        let after = top.lapsed();
        assert_ne!(after.step(), Some(step), "nobody is above: it goes on");
        assert_eq!(after.dispute().forum, Forum::CityGovernment);
    }
}

#[test]
fn a_ruling_is_appealed_once_to_the_next_level() {
    let case = Case::at(Step::AppealWindow)
        .given(of(TOWN), take_up(TOWN))
        .given(of(COUNTY), appeal());
    assert_eq!(
        (case.step(), &case.dispute().forum),
        (Some(Step::Decision), &Forum::City)
    );
    assert_eq!(case.dispute().responsible(), None, "it is under appeal");
    assert_eq!(case.dispute().holder(), Some(Holder::Agency(&agency(COUNTY))));
    let mut other = case.clone();
    assert_eq!(
        other.refusal(sitting(COUNTY_GOVERNMENT), rule(TOWN)),
        "not_deciding"
    );
    assert_eq!(other.refusal(of(TOWN), Command::WithdrawDispute), "not_appellant");
    let given_up = case.clone().given(of(COUNTY), Command::WithdrawDispute);
    assert_eq!(given_up.step(), Some(Step::TakingUp), "the ruling stands");
    assert_eq!(given_up.dispute().responsible(), Some(&agency(TOWN)));
    let higher = case.clone().lapsed();
    assert_eq!(
        (higher.step(), &higher.dispute().forum),
        (Some(Step::Decision), &Forum::CityGovernment)
    );
    let mut decided = case.given(sitting(CITY), rule(COUNTY));
    assert_eq!(decided.step(), Some(Step::TakingUp), "once");
    assert_eq!(decided.refusal(of(TOWN), appeal()), "no_appeal_left");
    assert_eq!(decided.dispute().responsible(), Some(&agency(COUNTY)));
    assert_eq!(decided.dispute().rulings.len(), 2);
    let none = Case::new()
        .with(|policy| policy.appeals = 0)
        .brought_to(Step::Decision);
    let none = none.given(sitting(COUNTY_GOVERNMENT), rule(TOWN));
    assert_eq!(none.step(), Some(Step::TakingUp));
}

#[test]
fn a_ruling_that_is_not_taken_up_is_breached_and_that_stays_on_record() {
    let case = Case::at(Step::Breach);
    let due = case.dispute().breaches[0].clone();
    assert_eq!((due.agency, due.ended), (agency(TOWN), None));
    let case = case.lapsed().lapsed();
    assert_eq!(case.step(), Some(Step::Breach), "escalated, and still breached");
    assert_eq!(case.dispute().breaches.len(), 1);
    let mut late = case.clone();
    let outcome = late.when(of(TOWN), take_up(TOWN));
    assert!(matches!(
        outcome.0[0].event,
        Event::RulingTakenUp { late: true, .. }
    ));
    assert_eq!(late.step(), Some(Step::Compliance));
    assert!(late.dispute().breaches[0].ended.is_some());
    let by_others = case.given(service(), ended(ClueEnd::Closed));
    assert_eq!(
        by_others.dispute().outcome(),
        Some(&Outcome::ClueEnded { how: ClueEnd::Closed }),
        "closed, but not by who was designated"
    );
}

#[test]
fn the_term_of_a_ruling_counts_from_taking_it_up_and_is_watched() {
    let mut it = ruling(TOWN);
    it.term = Some("3d".parse().expect("a limit"));
    let case = Case::at(Step::Decision)
        .given(sitting(COUNTY_GOVERNMENT), Command::DecideDispute(it))
        .lapsed()
        .given(of(TOWN), take_up(TOWN));
    let deadline = case.dispute().deadline().expect("compliance").clone();
    assert_eq!(deadline.at, case.state.last_at.plus_days(3));
    let late = case.lapsed();
    assert_eq!(late.step(), Some(Step::Compliance));
    let again = late.dispute().deadline().expect("again").clone();
    assert_eq!((again.since, again.limit), (deadline.at, "5wd".parse().ok()));
}

#[test]
fn taken_up_within_the_appeal_window_it_is_carried_out_when_that_is_over() {
    let case = Case::at(Step::AppealWindow).given(of(TOWN), take_up(TOWN));
    assert_eq!(case.step(), Some(Step::AppealWindow));
    assert_eq!(case.dispute().holder(), Some(Holder::Agency(&agency(TOWN))));
    assert_eq!(case.lapsed().step(), Some(Step::Compliance));
}

#[test]
fn a_dispute_is_withdrawn_by_who_wanted_it_or_by_all() {
    let withdraw = || Command::WithdrawDispute;
    let applicant = Case::at(Step::Opinion).given(of(COUNTY), withdraw());
    assert_eq!(applicant.dispute().outcome(), Some(&Outcome::Withdrawn));
    let mut one = Case::opened().given(of(COUNTY), withdraw());
    assert_eq!(one.step(), Some(Step::Negotiation), "it came up by a return");
    assert_eq!(one.refusal(of(COUNTY), withdraw()), "already_withdrawn");
    let both = one.given(of(TOWN), withdraw());
    assert_eq!(both.dispute().outcome(), Some(&Outcome::Withdrawn));
    let by_agency = open_as(|it| it.cause = Cause::ByAgency);
    let opener = Case::new()
        .given(of(COUNTY), by_agency)
        .given(of(COUNTY), withdraw());
    assert_eq!(opener.dispute().outcome(), Some(&Outcome::Withdrawn));
    let by_office = open_as(|it| it.cause = Cause::ByCoordinator);
    let office = Case::new()
        .given(sitting(OFFICE), by_office)
        .given(sitting(OFFICE), withdraw());
    assert_eq!(office.dispute().outcome(), Some(&Outcome::Withdrawn));
    assert_eq!(
        Case::at(Step::TakingUp).refusal(of(COUNTY), withdraw()),
        "wrong_step"
    );
}

#[test]
fn a_dispute_ends_with_its_clue_at_any_step() {
    for step in Step::ALL {
        for how in ClueEnd::ALL {
            let mut case = Case::at(*step).given(service(), ended(*how));
            let is_carried_out = *step == Step::Compliance && *how == ClueEnd::Closed;
            let expected = if is_carried_out {
                Outcome::CarriedOut { agency: agency(TOWN) }
            } else {
                Outcome::ClueEnded { how: *how }
            };
            assert_eq!(case.dispute().outcome(), Some(&expected), "{step} {how}");
            assert_eq!(case.state.wakes_at(), None);
            assert_eq!(case.refusal(of(COUNTY), position(Position::Claims)), "ended");
        }
    }
}

#[test]
fn whoever_comes_in_is_heard_and_may_raise_the_forum() {
    let add = |name| Command::AddParty(claim(name));
    let near = Case::at(Step::Decision).given(sitting(OFFICE), add(COUNTY_WATER));
    assert_eq!(
        (near.step(), &near.dispute().forum),
        (Some(Step::Forwarding), &county())
    );
    let near = near
        .given(sitting(OFFICE), Command::ForwardApplication)
        .given(of(COUNTY_WATER), reply());
    assert_eq!(near.step(), Some(Step::Opinion), "the others have replied");
    let far = Case::at(Step::Acceptance).given(service(), add(OTHER_COUNTY));
    assert_eq!(
        (far.step(), &far.dispute().forum),
        (Some(Step::Acceptance), &Forum::City)
    );
    assert_eq!(
        far.dispute().deadline().map(|it| it.since),
        Some(far.state.last_at),
        "the city has its own time"
    );
    let own = Case::at(Step::Opinion).given(service(), add(OFFICE));
    assert_eq!(own.dispute().forum, Forum::City, "it coordinated the county");
    assert_eq!(own.dispute().competence.skipped.len(), 1);
    let city = Case::at(Step::Opinion)
        .given(service(), add(OTHER_COUNTY))
        .given(service(), add(CITY));
    assert_eq!(city.dispute().forum, Forum::CityGovernment);
}

#[test]
fn the_named_lead_holds_the_clue_where_the_policy_says_so() {
    let lead = Command::NameLead {
        agency: agency(COUNTY_WATER),
    };
    let case = Case::new()
        .with(|policy| policy.interim_holder = InterimRule::DesignatedLead)
        .opens();
    assert_eq!(case.dispute().interim, Interim::Agency(agency(COUNTY)));
    let case = case.given(sitting(OFFICE), lead);
    assert_eq!(
        case.dispute().holder(),
        Some(Holder::Agency(&agency(COUNTY_WATER)))
    );
    let nobody = Case::new()
        .with(|policy| policy.interim_holder = InterimRule::UrgentOnly)
        .opens();
    assert_eq!(nobody.dispute().holder(), Some(Holder::Coordinator(&county())));
}

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
