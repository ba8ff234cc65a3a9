//! Until when each step may take, by the default limits and the calendar of Shaoxing.

use super::super::testing::{COUNTY_GOVERNMENT, Case, position, rule, service, sitting};
use super::super::{ClueEnd, Command, DisputePolicy, Event, Position, Step, Wait};
use crate::calendar::Calendar;
use crate::clue::testing::{TOWN, calendar, of, shaoxing};
use crate::time::Timestamp;

/// Step, working days, source.
const DEFAULTS: &[(Step, u32, &str)] = &[
    (Step::Negotiation, 7, "住房和城乡建设部令 55 art. 6"),
    (Step::Application, 0, "own default: at once"),
    (Step::Acceptance, 3, "平顶山、汕头、北京某区"),
    (Step::Forwarding, 2, "own default"),
    (Step::Replies, 5, "平顶山 art. 10"),
    (Step::Opinion, 10, "own default"),
    (Step::Consent, 5, "own default: as for replies"),
    (Step::Decision, 15, "own default"),
    (Step::AppealWindow, 5, "own default"),
    (Step::TakingUp, 1, "own default"),
    (Step::Breach, 5, "own default"),
    (Step::Compliance, 20, "own default"),
];

#[test]
fn every_step_has_the_time_that_its_source_gives_it() {
    let limits = DisputePolicy::default().limits;
    assert_eq!(DEFAULTS.len(), Step::ALL.len());
    for (step, days, source) in DEFAULTS {
        let expected = match days {
            0 => "at_once".to_owned(),
            days => format!("{days}wd"),
        };
        assert_eq!(limits.of(*step).to_string(), expected, "{step} by {source}");
    }
    assert_eq!(limits.return_window.to_string(), "2wd", "象山县 2021");
}

#[test]
fn a_step_ends_with_the_last_of_its_working_days() {
    for step in Step::ALL {
        let case = Case::at(*step);
        let deadline = case.dispute().deadline().expect("an open step");
        let Wait::For(limit) = case.rulebook.policy.disputes.limits.of(*step) else {
            panic!("{step} takes time");
        };
        let area = case.dispute().opening.area.clone();
        let due = calendar()
            .due(area.as_ref(), deadline.since, limit)
            .expect("in range");
        assert_eq!((deadline.at, deadline.limit), (due.at, Some(limit)), "{step}");
        assert_eq!(deadline.calendar, *calendar().version());
        assert_eq!(deadline.limits_by, case.rulebook.version);
    }
    let opened = Case::opened();
    let seventh: Timestamp = "2026-01-14T23:59:59.999999+08:00".parse().expect("a time");
    assert_eq!(opened.dispute().deadline().map(|it| it.at), Some(seventh));
    let next = opened.lapsed();
    let two_later: Timestamp = "2026-01-16T23:59:59.999999+08:00".parse().expect("a time");
    assert_eq!(
        next.dispute().deadline().map(|it| it.at),
        Some(two_later),
        "no working day is lost between two steps"
    );
}

#[test]
fn a_step_wakes_when_its_time_is_over_and_not_before() {
    let mut case = Case::opened();
    let last = case.dispute().deadline().expect("negotiation").at;
    assert_eq!(case.state.wakes_at(), Some(last.plus_micros(1)));
    assert_eq!(case.wake(last).0, []);
    let woken = case.wake(last.plus_days(1));
    assert_eq!(
        (woken.events().as_slice(), woken.0[0].at),
        (["StepLapsed"].as_slice(), last)
    );
    let ended = case.given(service(), Command::NoteClueEnded { how: ClueEnd::Merged });
    assert_eq!(ended.state.wakes_at(), None);
}

#[test]
fn a_deadline_of_an_unpublished_year_is_computed_anew_when_it_is_published() {
    let mut case = Case::new();
    case.now = "2026-12-30T09:00:00+08:00".parse().expect("a time");
    let mut case = case.opens();
    assert!(case.state.is_provisional());
    let before = case.dispute().deadline().expect("negotiation").clone();
    assert_eq!(case.wake(before.at).0, [], "the same calendar");
    let mut today = case.rulebook.clone();
    today.calendar = shaoxing(&["2026", "2027"]);
    case.current = Some(today);
    let revised = case.wake(case.now);
    assert_eq!(revised.events(), ["DeadlineRevised"]);
    let after = case.dispute().deadline().expect("negotiation").clone();
    assert_eq!((after.since, after.provisional), (before.since, false));
    assert!(after.at > before.at, "New Year's Day is no working day");
    assert_eq!(case.wake(before.at.plus_micros(1)).0, []);
    assert_eq!(case.wake(after.over_at()).events(), ["StepLapsed"]);
}

#[test]
fn beyond_every_calendar_a_step_has_a_deadline_all_the_same() {
    let mut case = Case::new();
    case.rulebook.calendar = Calendar::none();
    case.now = "2100-12-30T09:00:00Z".parse().expect("a time");
    let case = case.opens();
    let deadline = case.dispute().deadline().expect("negotiation");
    assert_eq!(deadline.at, deadline.since.plus_days(7));
    let lapsed = case.lapsed();
    assert!(matches!(
        lapsed.journal.last().map(|it| &it.event),
        Some(Event::StepLapsed { .. })
    ));
}

#[test]
fn whoever_has_to_take_a_ruling_up_has_its_time_from_when_it_can_be_told() {
    let window = Case::at(Step::AppealWindow);
    let over = window.dispute().deadline().expect("an appeal window").at;
    let since = |late_by| {
        let mut case = window.clone();
        case.wake(over.plus_minutes(late_by));
        assert_eq!(
            (case.step(), case.dispute().breaches.len()),
            (Some(Step::TakingUp), 0)
        );
        case.dispute().deadline().expect("an open step").since
    };
    assert_eq!(since(1), over, "nobody was late");
    let days = 20 * 24 * 60;
    assert_eq!(since(days), over.plus_minutes(days), "twenty days nobody looked");

    // nor does it lose any by what is said of when the ruling was made, or because somebody asked something meanwhile
    let mut last = Case::at(Step::Decision).with(|it| it.appeals = 0);
    last.now = last.now.plus_days(4);
    last.occurred_at = Some(last.now.plus_days(-3));
    let last = last.given(sitting(COUNTY_GOVERNMENT), rule(TOWN));
    assert_eq!(last.step(), Some(Step::TakingUp));
    assert_eq!(last.dispute().deadline().map(|it| it.since), Some(last.now));
    let mut asked = window.clone();
    let mut envelope = asked.envelope(of(TOWN), position(Position::Claims));
    envelope.received_at = over.plus_days(1);
    asked.now = over.plus_days(4);
    let _ = asked.handle(&envelope);
    assert_eq!(
        asked.dispute().deadline().map(|it| it.since),
        Some(over.plus_days(4))
    );
}
