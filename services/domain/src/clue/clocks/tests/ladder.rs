//! The ladder: each step once, at its time, never of a clue that was closed in time.

use super::super::super::testing::{COUNTY, TOWN, coordinator, of, role, rung, suspend};
use super::super::super::{Actor, Command, Event, Role};
use super::super::RungRule;
use super::*;
use crate::code::Level;

/// The steps that were reached: name, when, late.
fn reached(case: &crate::clue::testing::Outcome) -> Vec<(String, Timestamp, bool)> {
    let steps = case.0.iter().filter_map(|it| match &it.event {
        Event::RungReached { rung, late, .. } => Some((rung.to_string(), it.at, *late)),
        _ => None,
    });
    steps.collect()
}

fn names(case: &crate::clue::testing::Outcome) -> Vec<String> {
    reached(case).into_iter().map(|(name, ..)| name).collect()
}

/// 5 working days from Monday 09:00: 47 hours of work, Monday's seven and five days of eight.
const LIFE: &[(&str, &str)] = &[
    ("acknowledge_overdue", "01-05 11:00"),
    ("blue", "01-08 08:30"),
    ("handle_overdue", "01-08 24:00"),
    ("reminder", "01-09 14:15"),
    ("yellow", "01-09 16:36"),
    ("red", "01-12 24:00"),
    ("overdue_notice", "01-13 08:00"),
    ("escalation", "01-15 08:00"),
    ("bulletin", "01-20 08:00"),
    ("escalation_2", "01-22 08:00"),
];

fn when(text: &str) -> Timestamp {
    match text.strip_suffix(" 24:00") {
        Some(day) => end(day),
        None => at(text),
    }
}

#[test]
fn each_step_is_reached_once_at_its_time_however_often_anybody_looks() {
    let mut clue = dispatched();
    let mut seen = Vec::new();
    for minutes in 0..30 * 24 * 6 {
        let now = at("01-05 09:00").plus_minutes(10 * minutes);
        assert!(
            clue.state
                .wakes_at()
                .is_none_or(|wakes| wakes > now.plus_minutes(-10))
        );
        seen.extend(reached(&clue.wake(now)));
        assert_eq!(clue.wake(now).0, [], "nothing is left at that moment");
        // a clock that jumped back an hour
        assert_eq!(clue.wake(now.plus_minutes(-60)).0, []);
    }
    let expected: Vec<_> = LIFE
        .iter()
        .map(|(name, at)| ((*name).to_owned(), when(at), false))
        .collect();
    assert_eq!(seen, expected);
    assert_eq!(clue.state.wakes_at(), None, "nothing more will come");
}

#[test]
fn who_was_away_makes_up_for_it_and_says_that_it_is_late() {
    let mut clue = dispatched();
    let woken = clue.wake(at("01-13 08:30"));
    let expected = LIFE[..7]
        .iter()
        .map(|(name, at)| ((*name).to_owned(), when(at), *name != "overdue_notice"));
    assert_eq!(reached(&woken), expected.collect::<Vec<_>>());
    assert!(
        woken.0.iter().all(|it| it.received_at == at("01-13 08:30")),
        "known only now"
    );
}

#[test]
fn of_a_clue_that_ended_in_time_nobody_is_reminded() {
    let mut clue = then(dispatched(), "01-05 10:00", of(COUNTY), Command::AcknowledgeClue);
    clue = then(clue, "01-05 11:00", of(COUNTY), resolve());
    clue = then(clue, "01-05 11:10", checker(), Command::PassCheck);
    clue = then(clue, "01-05 11:20", checker(), Command::CloseClue);
    assert_eq!(
        (clue.state.wakes_at(), clue.wake(at("03-01")).0),
        (None, Vec::new())
    );
}

#[test]
fn nobody_is_reminded_of_imported_history() {
    for (closed, reminded) in [(true, false), (false, false)] {
        let mut clue = case("01-05 09:00");
        clue.state = crate::clue::State::default();
        let mut past = report();
        past.source_due_at = None;
        past.history = Some(history(Some(COUNTY), closed.then(|| at("01-20 10:00")), false));
        next(&mut clue, "06-01 09:00");
        clue = clue.given(role(Role::Source), Command::ReportClue(past));
        assert_eq!(clue.clue().deadline, Some(end("01-12")));
        assert_eq!(!clue.wake(at("07-01")).0.is_empty(), reminded, "closed {closed}");
    }
    // imported while there was time left: what is still to come comes
    let mut clue = case("01-05 09:00");
    clue.state = crate::clue::State::default();
    let mut past = report();
    past.source_due_at = None;
    past.history = Some(history(Some(COUNTY), None, false));
    next(&mut clue, "01-09 15:00");
    clue = clue.given(role(Role::Source), Command::ReportClue(past));
    assert_eq!(
        names(&clue.wake(at("01-13 09:00"))),
        ["yellow", "red", "overdue_notice"]
    );
}

#[test]
fn a_suspended_clue_is_left_alone_and_a_moved_deadline_has_a_ladder_of_its_own() {
    let mut clue = then(dispatched(), "01-05 09:30", of(COUNTY), Command::AcknowledgeClue);
    assert_eq!(names(&clue.wake(at("01-08 09:00"))), ["blue"]);
    clue = then(clue, "01-08 10:00", of(COUNTY), suspend(at("01-22 10:00")));
    assert_eq!(clue.wake(at("01-22 09:59")).0, []);
    let woken = clue.wake(at("01-23 09:00"));
    assert_eq!(woken.events()[0], "ClueResumed");
    // ten working days later; what was used up before counts, and the pause does not
    assert_eq!(due(&clue, Step::Overall), Some(end("01-26")));
    assert_eq!(names(&woken), ["handle_overdue"]);
    assert_eq!(
        reached(&clue.wake(at("01-23 15:00"))),
        [("reminder".to_owned(), at("01-23 14:15"), false)]
    );
    assert_eq!(
        names(&clue.wake(at("01-27 09:00"))),
        ["yellow", "red", "overdue_notice"]
    );
}

#[test]
fn a_reopened_clue_whose_time_is_over_is_overdue_from_then_on() {
    let mut clue = then(dispatched(), "01-05 10:00", of(COUNTY), resolve());
    clue = then(clue, "01-05 10:10", checker(), Command::PassCheck);
    clue = then(clue, "01-05 10:20", checker(), Command::CloseClue);
    clue = then(clue, "01-14 09:00", coordinator(), Command::ReopenClue);
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    let woken = clue.wake(at("01-16 09:00"));
    assert_eq!(
        reached(&woken),
        [
            ("red".to_owned(), at("01-14 09:00"), true),
            ("overdue_notice".to_owned(), at("01-15 08:00"), true)
        ]
    );
}

#[test]
fn no_step_is_lost_because_other_hours_hold_when_it_is_looked_for() {
    let mut clue = then(dispatched(), "01-05 09:30", of(COUNTY), Command::AcknowledgeClue);
    clue.wake(at("01-13 00:00"));
    assert_eq!(clue.state.wakes_at(), Some(at("01-13 08:00")));
    let mut newer = clue.rulebook.clone();
    newer.version = RulebookVersion::new("def456").expect("valid");
    let opens_later = crate::calendar::HoursRow {
        area: None,
        season: None,
        sessions: crate::calendar::parse_sessions("08:30-12:00 14:00-18:00").expect("sessions"),
    };
    let (zone, days) = (newer.calendar.zone().clone(), newer.calendar.days().clone());
    newer.calendar =
        crate::calendar::Calendar::new(zone, days, vec![opens_later], crate::calendar::Weekend::default());
    clue.current = Some(newer);
    assert_eq!(clue.wake(at("01-13 08:00")).events(), ["DeadlineRevised"]);
    assert_eq!(clue.state.wakes_at(), Some(at("01-13 08:30")));
    assert_eq!(
        names(&clue.wake(at("01-13 08:30"))),
        ["overdue_notice"],
        "it comes when work begins"
    );
}

#[test]
fn an_overdue_clue_goes_up_one_level_at_a_time() {
    let mut clue = then(
        dispatched(),
        "01-05 09:30",
        of(COUNTY),
        Command::DelegateClue { to: agency(TOWN) },
    );
    let woken = clue.wake(at("03-01"));
    let to: Vec<_> = woken
        .0
        .iter()
        .filter_map(|it| match &it.event {
            Event::RungReached { rung, to, .. } if rung.as_str().starts_with("escalation") => Some((
                to.agency.clone(),
                to.level,
                to.area.as_ref().map(ToString::to_string),
            )),
            _ => None,
        })
        .collect();
    let below = Some(agency(TOWN));
    assert_eq!(
        to,
        [
            (below.clone(), Some(Level::County), Some("330602".to_owned())),
            (below, Some(Level::City), Some("3306".to_owned()))
        ]
    );
}

#[test]
fn a_named_person_issues_what_the_ladder_drafted_once() {
    let issue = |name: &str| Command::IssueNotice {
        rung: rung(name),
        ended: false,
    };
    let nameless = Actor {
        person: None,
        ..coordinator()
    };
    let overdue = || {
        let mut clue = dispatched();
        clue.wake(at("01-13 09:00"));
        clue
    };
    let table: [(Actor, &str, &str); 5] = [
        (coordinator(), "overdue_notice", ""),
        (of(COUNTY), "overdue_notice", "not_entitled"),
        (nameless, "overdue_notice", "issuer_missing"),
        (coordinator(), "red", "notice_unknown"),
        (coordinator(), "bulletin", "notice_unknown"),
    ];
    for (actor, name, code) in table {
        assert_eq!(overdue().refusal(actor, issue(name)), code, "{name}");
    }
    let mut clue = overdue().given(coordinator(), issue("overdue_notice"));
    assert_eq!(
        clue.refusal(coordinator(), issue("overdue_notice")),
        "notice_issued"
    );
}

#[test]
fn a_ladder_is_written_in_the_rulebook() {
    let read = |rungs: &str| serde_json::from_str::<Vec<RungRule>>(rungs);
    let ladder = read(r#"[{"rung": "soon", "kind": "reminder", "before": "4wh"}, {"rung": "named", "kind": "bulletin", "clock": "handle", "after": "2wd"}]"#)
        .expect("a ladder");
    let mut clue = dispatched();
    clue.rulebook.policy.ladder.rungs = ladder;
    clue = then(clue, "01-05 09:10", of(COUNTY), Command::AcknowledgeClue);
    let woken = clue.wake(at("02-01"));
    assert_eq!(
        reached(&woken),
        [
            ("named".to_owned(), at("01-12 08:00"), true),
            ("soon".to_owned(), at("01-12 14:00"), true)
        ]
    );
    for (wrong, says) in [
        (r#"[{"rung": "x", "kind": "colour"}]"#, "exactly one"),
        (r#"[{"rung": "x", "kind": "colour", "used": 0}]"#, "from 1 to 100"),
        (
            r#"[{"rung": "x", "kind": "colour", "after": "0wd"}]"#,
            "no time at all",
        ),
        (r#"[{"rung": "X", "kind": "colour", "used": 1}]"#, "small letters"),
        (
            r#"[{"rung": "x", "kind": "colour", "used": 1, "until": 1}]"#,
            "unknown field",
        ),
    ] {
        let error = read(wrong).expect_err(wrong);
        assert!(error.to_string().contains(says), "{error}");
    }
}
