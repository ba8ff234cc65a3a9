//! Lives of disputes, step by step, up to the ruling.

use super::super::testing::{
    CITY_GOVERNMENT, COUNTY_GOVERNMENT, Case, OFFICE, apply, claim, meet, minutes, opine, position, refuse,
    reply, rule, service, sitting, take_up,
};
use super::super::{
    Agreement, ClueEnd, Command, DocumentKind, Event, Forum, Ground, Holder, Interim, InterimRule, Lapse,
    Outcome, Position, Step, Then, Wait,
};
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, OTHER_COUNTY, TOWN, agency, area, of};

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
    assert_eq!(own.dispute().jurisdiction.skipped.len(), 1);
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
