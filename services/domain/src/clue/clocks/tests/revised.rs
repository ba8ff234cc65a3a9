//! Clocks that are counted again, stop early, or go on although somebody asks again.

use super::super::super::testing::{Outcome, report, snapshot};
use super::super::super::{Event, SourceStatus};
use super::*;
use crate::calendar::{Calendar, Days, Weekend};
use crate::figures::Facts;

/// The steps that were reached, with when.
fn reached(outcome: &Outcome) -> Vec<(String, Timestamp)> {
    let steps = outcome.0.iter().filter_map(|it| match &it.event {
        Event::RungReached { rung, .. } => Some((rung.to_string(), it.at)),
        _ => None,
    });
    steps.collect()
}

fn named(expected: &[(&str, &str)]) -> Vec<(String, Timestamp)> {
    let named = expected.iter().map(|(name, when)| ((*name).to_owned(), at(when)));
    named.collect()
}

/// Another rulebook takes effect, with this calendar.
fn takes_effect(clue: &mut Case, calendar: Calendar) {
    let mut newer = clue.rulebook.clone();
    newer.version = RulebookVersion::new("def456").expect("valid");
    newer.calendar = calendar;
    clue.current = Some(newer);
}

/// No day but the weekend is free.
fn without_holidays() -> Calendar {
    let zone = calendar().zone().clone();
    Calendar::new(zone, Days::default(), Vec::new(), Weekend::default())
}

#[test]
fn each_clock_keeps_the_calendar_that_it_was_counted_by_until_it_is_moved() {
    // the Spring Festival lies between
    let mut clue = then(
        case("02-12 09:00"),
        "02-12 09:00",
        role(Role::Routing),
        assign(COUNTY),
    );
    let overall = due(&clue, Step::Overall).expect("runs");
    takes_effect(&mut clue, without_holidays());
    clue = then(clue, "02-12 10:00", coordinator(), transfer(COUNTY_WATER));
    let by = |clue: &Case, step| clue.clue().clock(step).expect("runs").calendar_by.to_string();
    assert_eq!(by(&clue, Step::Handle), "def456");
    assert_eq!(by(&clue, Step::Overall), "abc123");
    assert_eq!(due(&clue, Step::Overall), Some(overall));
    assert!(due(&clue, Step::Handle).expect("runs") < overall);
    clue = then(clue, "02-12 11:00", of(COUNTY_WATER), suspend(at("02-12 11:30")));
    assert_eq!(by(&clue, Step::Overall), "def456");
    assert!(due(&clue, Step::Overall).expect("runs") < overall);
}

#[test]
fn what_is_due_earlier_than_anybody_thought_is_overdue_from_when_that_is_known() {
    let mut clue = case("01-05 09:00");
    let record = |number, due_at: &str| {
        snapshot(number, SourceStatus::Open, |report| {
            report.source_due_at = Some(at(due_at));
        })
    };
    clue.state = crate::clue::State::default();
    clue = then(clue, "01-05 09:00", role(Role::Source), record(1, "01-20 12:00"));
    clue = then(clue, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    clue = then(clue, "01-05 09:30", of(COUNTY), Command::AcknowledgeClue);
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    clue.wake(at("01-08 09:00"));
    clue = then(clue, "01-08 10:00", role(Role::Source), record(2, "01-06 12:00"));
    assert_eq!(due(&clue, Step::Overall), Some(at("01-06 12:00")));
    let woken = clue.wake(at("01-12 09:00"));
    let mut expected = named(&[("red", "01-08 10:00"), ("overdue_notice", "01-09 08:00")]);
    expected.insert(1, ("handle_overdue".to_owned(), end("01-08")));
    assert_eq!(reached(&woken), expected);
    // and if that was over too, it is the same overdue clue
    clue = then(clue, "01-12 10:00", role(Role::Source), record(3, "01-07 12:00"));
    let mut facts = None;
    for it in &clue.journal {
        Facts::fold(&mut facts, it);
    }
    let facts = facts.expect("reported");
    assert_eq!(
        facts.latest().colour().map(ToString::to_string).as_deref(),
        Some("red")
    );
    let woken = clue.wake(at("01-16 09:00"));
    assert_eq!(reached(&woken), named(&[("escalation", "01-15 08:00")]));
}

#[test]
fn an_open_clue_of_the_time_before_there_were_clocks_gets_them_when_it_is_looked_at() {
    let mut clue = dispatched();
    for it in &mut clue.journal {
        it.clocks = None;
    }
    clue.state = crate::clue::State::default();
    for it in &clue.journal {
        crate::clue::evolve(&mut clue.state, it);
    }
    assert_eq!(clue.state.wakes_at(), Some(clue.state.last_at));
    let woken = clue.wake(at("01-13 09:00"));
    assert_eq!(woken.events()[0], "DeadlineRevised");
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    let expected = ["red", "acknowledge_overdue", "handle_overdue"].map(|name| (name, "01-13 09:00"));
    assert_eq!(reached(&woken), named(&expected));
    assert_eq!(clue.state.wakes_at(), Some(at("01-14 08:00")));
}

#[test]
fn a_clue_without_limits_is_looked_at_once() {
    let mut clue = case("01-05 09:00");
    clue.state = crate::clue::State::default();
    clue.rulebook.limits = crate::calendar::Limits::default();
    clue.rulebook.policy.admission.automatic = false;
    let mut report = report();
    report.source_due_at = None;
    clue = then(
        clue,
        "01-05 09:00",
        role(Role::Source),
        Command::ReportClue(report),
    );
    assert_eq!((steps(&clue), clue.state.wakes_at()), (vec![], None));
    assert_eq!(clue.wake(at("03-01")).0, []);
}

#[test]
fn a_suspended_clue_learns_of_a_published_year_too() {
    let mut clue = then(
        case("12-29 09:00"),
        "12-29 10:00",
        role(Role::Routing),
        assign(COUNTY),
    );
    let until = at("12-29").plus_days(20);
    clue = then(clue, "12-29 11:00", of(COUNTY), suspend(until));
    assert!(clue.state.is_provisional());
    takes_effect(&mut clue, shaoxing(&["2026", "2027"]));
    assert_eq!(clue.wake(at("12-30 10:00")).events(), ["DeadlineRevised"]);
    assert!(!clue.state.is_provisional());
    assert_eq!(clue.state.wakes_at(), Some(until));
    assert_eq!(clue.wake(at("12-30 11:00")).0, []);
}

#[test]
fn steps_after_the_due_time_wait_while_the_clue_is_suspended() {
    let mut clue = then(dispatched(), "01-05 09:30", of(COUNTY), Command::AcknowledgeClue);
    clue.wake(at("01-13 09:00"));
    clue = then(clue, "01-13 10:00", of(COUNTY), suspend(at("01-27 10:00")));
    let woken = clue.wake(at("01-27 11:00"));
    assert_eq!((woken.events(), reached(&woken)), (vec!["ClueResumed"], vec![]));
    assert_eq!(
        reached(&clue.wake(at("02-03 09:00"))),
        named(&[("escalation", "01-29 08:00"), ("bulletin", "02-03 08:00")])
    );
}

#[test]
fn nobody_has_to_check_what_was_checked_or_what_its_source_does_not_want_checked() {
    let resolved = |check| {
        let mut clue = dispatched();
        let needs = clue.rulebook.policy.verification.entry("grid".to_owned());
        let needs = needs.or_default();
        (needs.check, needs.call_back, needs.auto_close) = (check, true, false);
        then(clue, "01-06 10:00", of(COUNTY), resolve())
    };
    assert_eq!(steps(&resolved(false)), [Step::Overall]);
    let clue = resolved(true);
    assert_eq!(steps(&clue), [Step::Check, Step::Overall]);
    let clue = then(clue, "01-06 10:10", checker(), Command::PassCheck);
    assert_eq!(
        steps(&clue),
        [Step::Overall],
        "the call-back is not the checker's"
    );
}

#[test]
fn asking_again_does_not_give_the_triage_desk_more_time() {
    let hold = || Command::HoldForTriage {
        decision: decision("no_duty"),
    };
    let mut clue = then(case("01-05 09:00"), "01-05 09:10", role(Role::Routing), hold());
    let first = due(&clue, Step::Triage);
    let offer = Command::OfferClue {
        rulebook: decision("tie").rulebook,
    };
    clue = then(clue, "01-05 10:00", role(Role::Routing), offer);
    clue = then(clue, "01-05 10:10", role(Role::Routing), hold());
    assert_eq!((clue.stage(), due(&clue, Step::Triage)), ("triage", first));
}
