//! What follows a ruling, and how disputes end otherwise.

use super::super::testing::{
    COUNTY_GOVERNMENT, Case, OFFICE, appeal, open_as, position, rule, ruling, service, sitting, take_up,
};
use super::super::{Cause, ClueEnd, Command, Event, Forum, Holder, Outcome, Position, Step};
use crate::clue::testing::{CITY, COUNTY, TOWN, agency, of};

fn ended(how: ClueEnd) -> Command {
    Command::NoteClueEnded { how }
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
