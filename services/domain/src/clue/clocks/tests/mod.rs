//! How the clocks of a clue run, in the lives of single clues. A working day is 08:00–12:00 and 14:00–18:00 in Shaoxing.

mod disputed;
mod extensions;
mod ladder;
mod laws;
mod revised;
mod year;

use super::super::testing::{
    CITY, COUNTY, COUNTY_WATER, Case, LIMITS, TOWN, agency, assign, calendar, checker, coordinator, decision,
    history, limits, of, report, request_return, resolve, role, shaoxing, suspend, transfer,
};
use super::super::{Binding, Command, Role};
use crate::calendar::Step;
use crate::code::RulebookVersion;
use crate::time::Timestamp;

/// In Shaoxing, of 2026.
pub(super) fn at(text: &str) -> Timestamp {
    let (day, time) = text.split_once(' ').unwrap_or((text, "00:00"));
    format!("2026-{day}T{time}:00+08:00").parse().expect("a time")
}

/// The last moment of a day.
pub(super) fn end(day: &str) -> Timestamp {
    at(day).plus_days(1).plus_micros(-1)
}

/// Nothing has happened yet to a clue whose source sets no due time; the next command comes at `now`.
pub(super) fn case(now: &str) -> Case {
    let mut case = Case::new();
    case.rulebook.calendar = calendar();
    case.rulebook.limits = limits(LIMITS);
    let mut report = report();
    report.source_due_at = None;
    report.reported_at = at(now);
    next(&mut case, now);
    case.given(role(Role::Source), Command::ReportClue(report))
}

/// The next command comes at `now`.
pub(super) fn next(case: &mut Case, now: &str) {
    case.now = at(now).plus_minutes(-60);
}

pub(super) fn then(mut case: Case, now: &str, actor: crate::clue::Actor, command: Command) -> Case {
    next(&mut case, now);
    case.given(actor, command)
}

/// Dispatched to [`COUNTY`] on Monday, 5 January 2026 at 09:00.
pub(super) fn dispatched() -> Case {
    then(
        case("01-05 09:00"),
        "01-05 09:00",
        role(Role::Routing),
        assign(COUNTY),
    )
}

pub(super) fn due(case: &Case, step: Step) -> Option<Timestamp> {
    case.clue().clock(step).map(|clock| clock.due_at)
}

fn steps(case: &Case) -> Vec<Step> {
    let clocks = case.clue().timing.clocks.as_ref();
    clocks.map_or(Vec::new(), |it| {
        it.running.iter().map(|clock| clock.step).collect()
    })
}

#[test]
fn somebody_answers_for_every_minute_of_an_open_clue() {
    let mut clue = case("01-05 09:00");
    assert_eq!(
        (steps(&clue), due(&clue, Step::Dispatch)),
        (vec![Step::Dispatch], Some(at("01-05 09:15")))
    );
    clue = then(
        clue,
        "01-05 11:00",
        role(Role::Routing),
        Command::HoldForTriage {
            decision: decision("no_duty"),
        },
    );
    assert_eq!(
        (steps(&clue), due(&clue, Step::Triage)),
        (vec![Step::Triage], Some(at("01-05 15:00")))
    );
    clue = then(clue, "01-05 16:40", coordinator(), assign(COUNTY));
    assert_eq!(steps(&clue), [Step::Acknowledge, Step::Handle, Step::Overall]);
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-06 08:40")));
    assert_eq!(due(&clue, Step::Handle), Some(end("01-08")));
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    clue = then(clue, "01-06 08:30", of(COUNTY), Command::AcknowledgeClue);
    assert_eq!(steps(&clue), [Step::Handle, Step::Overall]);
    clue = then(clue, "01-07 10:00", of(COUNTY), resolve());
    assert_eq!(
        (steps(&clue), due(&clue, Step::Check)),
        (vec![Step::Check, Step::Overall], Some(at("01-07 10:30")))
    );
    clue = then(clue, "01-07 11:00", checker(), Command::FailCheck);
    assert_eq!(
        (steps(&clue), due(&clue, Step::Handle)),
        (vec![Step::Handle, Step::Overall], Some(end("01-12")))
    );
    clue = then(clue, "01-08 10:00", of(COUNTY), resolve());
    clue = then(clue, "01-08 10:10", checker(), Command::PassCheck);
    clue = then(clue, "01-08 10:20", checker(), Command::CloseClue);
    assert_eq!((steps(&clue), clue.state.wakes_at()), (vec![], None));
    assert_eq!(clue.clue().deadline, Some(end("01-12")), "it is judged by it");
}

#[test]
fn nobody_gains_time_by_passing_a_clue_on() {
    let overall = end("01-12");
    let mut clue = dispatched().with(|policy| policy.returns.limit = 3);
    clue = then(clue, "01-06 09:00", of(COUNTY), request_return(COUNTY_WATER));
    assert_eq!(steps(&clue), [Step::Handle, Step::Overall], "it answered");
    clue = then(
        clue,
        "01-06 17:00",
        coordinator(),
        Command::ApproveReturn {
            to: Some(agency(COUNTY_WATER)),
        },
    );
    assert_eq!(
        (due(&clue, Step::Overall), due(&clue, Step::Handle)),
        (Some(overall), Some(end("01-09")))
    );
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-07 09:00")));
    clue = then(
        clue,
        "01-07 09:30",
        of(COUNTY_WATER),
        Command::DelegateClue { to: agency(TOWN) },
    );
    assert_eq!(
        due(&clue, Step::Handle),
        Some(end("01-09")),
        "handed down within a line"
    );
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-07 11:30")));
    clue = then(clue, "01-08 09:00", coordinator(), transfer(CITY));
    assert_eq!(
        (due(&clue, Step::Overall), clue.clue().deadline),
        (Some(overall), Some(overall))
    );
    clue = then(clue, "01-09 09:00", of(CITY), request_return(COUNTY));
    clue = then(
        clue,
        "01-09 10:00",
        coordinator(),
        Command::ApproveReturn { to: None },
    );
    assert_eq!(
        steps(&clue),
        [Step::Triage, Step::Overall],
        "at a desk it runs on"
    );
    assert_eq!(due(&clue, Step::Overall), Some(overall));
}

#[test]
fn a_suspension_is_a_pause_of_every_clock_of_the_agency() {
    let mut clue = then(
        dispatched(),
        "01-05 10:00",
        of(COUNTY),
        suspend(at("01-20 10:00")),
    );
    // eleven working days later: those after the 5th up to the 20th
    assert_eq!(due(&clue, Step::Handle), Some(end("01-23")));
    assert_eq!(due(&clue, Step::Overall), Some(end("01-27")));
    // one of two working hours was used
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-20 11:00")));
    clue = then(clue, "01-07 10:00", of(COUNTY), Command::ResumeClue);
    assert_eq!(due(&clue, Step::Handle), Some(end("01-12")), "two working days");
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-07 11:00")));
    // a transfer ends it too
    clue = then(clue, "01-07 10:30", of(COUNTY), suspend(at("01-20 10:00")));
    let before = clue.clue().timing.pauses.len();
    clue = then(clue, "01-20 10:00", role(Role::Clock), Command::ResumeClue);
    assert_eq!(clue.clue().timing.pauses.len(), before + 1);
}

#[test]
fn nobody_gains_time_because_the_end_of_a_suspension_was_noticed_late() {
    let suspended = || {
        then(
            dispatched(),
            "01-05 10:00",
            of(COUNTY),
            suspend(at("01-06 10:00")),
        )
    };
    let expected = (Some(end("01-09")), Some(end("01-13")), Some(at("01-06 11:00")));
    let dues = |clue: &Case| {
        let due = |step| due(clue, step);
        (due(Step::Handle), due(Step::Overall), due(Step::Acknowledge))
    };
    assert_eq!(dues(&suspended()), expected);
    // by hand, before the clock did it
    let by_hand = then(suspended(), "01-08 10:00", of(COUNTY), Command::ResumeClue);
    assert_eq!(dues(&by_hand), expected);
    // by the clock, after something else was refused
    let mut refused = suspended();
    next(&mut refused, "01-08 10:00");
    assert_eq!(
        refused.refusal(of(COUNTY), Command::AcknowledgeClue),
        "wrong_stage"
    );
    assert_eq!(refused.wake(at("01-08 10:01")).events()[0], "ClueResumed");
    assert_eq!(dues(&refused), expected);
}

#[test]
fn the_policy_says_whose_due_time_binds() {
    let table = [
        (
            Binding::Earliest,
            "01-08 12:00",
            at("01-08 12:00"),
            Some(end("01-12")),
        ),
        (Binding::Earliest, "01-20 12:00", end("01-12"), None),
        (
            Binding::Source,
            "01-20 12:00",
            at("01-20 12:00"),
            Some(end("01-12")),
        ),
        (Binding::Own, "01-08 12:00", end("01-12"), None),
    ];
    for (binds, source, expected, own) in table {
        let mut clue = Case::new().with(|policy| policy.clocks.binds = binds);
        clue.rulebook.calendar = calendar();
        clue.rulebook.limits = limits(LIMITS);
        let mut report = report();
        report.source_due_at = Some(at(source));
        clue = then(
            clue,
            "01-05 09:00",
            role(Role::Source),
            Command::ReportClue(report),
        );
        clue = then(clue, "01-05 09:00", role(Role::Routing), assign(COUNTY));
        let clock = clue.clue().clock(Step::Overall).expect("runs");
        assert_eq!(
            (clock.due_at, clock.own_due_at),
            (expected, own),
            "{binds:?} {source}"
        );
        assert_eq!(clue.clue().deadline, Some(expected));
    }
}

#[test]
fn the_most_specific_limit_of_matter_severity_source_and_area_holds() {
    let mut rows = limits(&[(Step::Overall, "5wd"), (Step::Overall, "3h")])
        .rows()
        .to_vec();
    rows[1].area = Some("330602001".parse().expect("valid"));
    let mut clue = case("01-05 09:00");
    clue.rulebook.limits = crate::calendar::Limits::new(rows);
    clue = then(clue, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    let clock = clue.clue().clock(Step::Overall).expect("runs");
    assert_eq!((clock.due_at, clock.row), (at("01-05 12:00"), Some(3)));
}

#[test]
fn a_clock_keeps_its_limit_whatever_the_codes_are_corrected_to() {
    let mut rows = limits(&[
        (Step::Overall, "5wd"),
        (Step::Overall, "3h"),
        (Step::Triage, "2wh"),
    ])
    .rows()
    .to_vec();
    rows[1].area = Some("330602001".parse().expect("valid"));
    let mut clue = case("01-05 09:00");
    clue.rulebook.limits = crate::calendar::Limits::new(rows);
    clue.state.clue.as_mut().expect("reported").area = Some("330602".parse().expect("valid"));
    clue = then(clue, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    clue = then(clue, "01-05 10:00", of(COUNTY), request_return(COUNTY_WATER));
    let approve = Command::ApproveReturn { to: None };
    clue = then(clue, "01-05 11:00", coordinator(), approve);
    let correct = Command::CorrectClue {
        matter: None,
        area: Some("330602001".parse().expect("valid")),
        category: None,
    };
    clue = then(clue, "01-05 11:30", coordinator(), correct);
    clue = then(clue, "01-05 11:40", role(Role::Routing), assign(COUNTY_WATER));
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    // a pause moves it by the pause
    let until = at("01-06 11:50");
    clue = then(clue, "01-05 11:50", of(COUNTY_WATER), suspend(until));
    assert_eq!(due(&clue, Step::Overall), Some(end("01-13")));
}

#[test]
fn a_clue_without_limits_has_no_clock_and_no_deadline() {
    let mut clue = case("01-05 09:00");
    clue.rulebook.limits = crate::calendar::Limits::default();
    clue = then(clue, "01-05 09:30", role(Role::Routing), assign(COUNTY));
    assert_eq!(
        (steps(&clue), clue.clue().deadline, clue.state.wakes_at()),
        (vec![], None, None)
    );
}

#[test]
fn a_deadline_beyond_the_published_calendar_is_provisional_until_that_is_published() {
    let mut clue = case("12-29 09:00");
    clue = then(clue, "12-29 10:00", role(Role::Routing), assign(COUNTY));
    clue = then(clue, "12-29 11:00", of(COUNTY), Command::AcknowledgeClue);
    let clock = clue.clue().clock(Step::Overall).expect("runs");
    assert!(clock.provisional && clue.state.is_provisional());
    assert_eq!(
        clock.due_at,
        at("12-29").plus_days(8).plus_micros(-1),
        "1 January 2027 counts"
    );
    assert_eq!(
        clue.wake(at("12-30 09:00")).events(),
        Vec::<&str>::new(),
        "nothing new is known"
    );
    let mut newer = clue.rulebook.clone();
    newer.version = RulebookVersion::new("def456").expect("valid");
    newer.calendar = shaoxing(&["2026", "2027"]);
    clue.current = Some(newer);
    let woken = clue.wake(at("12-30 10:00"));
    assert_eq!(woken.events(), ["DeadlineRevised"]);
    let clocks = woken.0[0].clocks.as_ref().expect("moved");
    assert_eq!(clocks.calendar_by.as_str(), "def456");
    assert_eq!(
        clocks.limits_by.as_str(),
        "abc123",
        "the clue goes by the limits of its report"
    );
    let clock = clue.clue().clock(Step::Overall).expect("runs");
    assert_eq!(
        (clock.due_at, clock.provisional),
        (at("12-29").plus_days(9).plus_micros(-1), false)
    );
    assert_eq!(clue.wake(at("12-30 11:00")).events(), Vec::<&str>::new(), "once");
}

#[test]
fn what_is_recorded_gets_the_deadline_that_it_would_have_had() {
    let mut clue = case("01-05 09:00");
    clue.state = crate::clue::State::default();
    clue.journal.clear();
    let mut past = report();
    past.source_due_at = None;
    past.history = Some(history(Some(COUNTY), Some(at("01-20 10:00")), false));
    next(&mut clue, "06-01 09:00");
    clue = clue.given(role(Role::Source), Command::ReportClue(past));
    assert_eq!(
        (clue.stage(), clue.clue().deadline),
        ("closed", Some(end("01-12")))
    );
    assert_eq!(clue.state.wakes_at(), None);
}
