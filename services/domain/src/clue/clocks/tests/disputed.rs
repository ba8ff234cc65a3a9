//! Clocks of a clue in dispute, where the policy lets them stand still.

use super::super::super::testing::{designate, hold, party, raise, release, request_extension};
use super::*;
use crate::clue::{Designation, State, evolve};
use crate::code::Level;
use crate::dispute::{Cause, Position};
use crate::figures::{Facts, Task};

/// In dispute since 6 January at 10:00; due by the end of the 12th.
fn disputed(pauses: bool) -> Case {
    let case = dispatched().with(|policy| policy.disputes.pauses_clock = pauses);
    let parties = [party(COUNTY, Some(Position::Denies)), party(COUNTY_WATER, None)];
    then(case, "01-06 10:00", of(COUNTY), raise(Cause::ByAgency, &parties))
}

fn stands(case: &Case, step: Step) -> Option<Timestamp> {
    case.clue().clock(step).expect("runs").stands_since
}

#[test]
fn clocks_stand_still_in_dispute_if_the_policy_says_so() {
    let case = disputed(true);
    for step in [Step::Handle, Step::Overall] {
        assert_eq!(stands(&case, step), Some(at("01-06 10:00")), "{step:?}");
    }
    let overall = case.clue().clock(Step::Overall).expect("runs");
    assert_eq!(overall.due_at, end("01-12"), "nobody knows for how long");
    assert!(!overall.is_over(at("03-01")));
    assert_eq!(case.state.wakes_at(), None, "the ladder stands still too");

    let running = disputed(false);
    assert_eq!(stands(&running, Step::Overall), None);
    assert!(
        running
            .clue()
            .clock(Step::Overall)
            .expect("runs")
            .is_over(at("01-13"))
    );
    assert!(running.state.wakes_at().is_some());
}

#[test]
fn what_was_overdue_before_the_dispute_stays_so() {
    let case = dispatched().with(|policy| policy.disputes.pauses_clock = true);
    let parties = [party(COUNTY, Some(Position::Denies)), party(COUNTY_WATER, None)];
    let case = then(case, "01-14 10:00", of(COUNTY), raise(Cause::ByAgency, &parties));
    assert!(
        case.clue()
            .clock(Step::Overall)
            .expect("runs")
            .is_over(at("01-20"))
    );
    let dispute = case.dispute();
    let case = then(case, "01-20 10:00", role(Role::Dispute), release(dispute));
    assert_eq!(due(&case, Step::Overall), Some(end("01-12")));
}

#[test]
fn they_go_on_when_it_is_known_whose_duty_it_is() {
    let released = |pauses| {
        let case = disputed(pauses);
        let dispute = case.dispute();
        then(case, "01-08 10:00", role(Role::Dispute), release(dispute))
    };
    let case = released(true);
    // the 7th and the 8th do not count
    assert_eq!(due(&case, Step::Overall), Some(end("01-14")));
    assert_eq!(
        (stands(&case, Step::Overall), stands(&case, Step::Handle)),
        (None, None)
    );
    assert!(case.state.wakes_at().is_some());
    assert_eq!(due(&released(false), Step::Overall), Some(end("01-12")));

    // a ruling that binds is known; one that is appealed is not
    let case = disputed(true);
    let dispute = case.dispute();
    let ruled = designate(dispute, COUNTY, Designation::Ruling);
    let case = then(case, "01-08 10:00", role(Role::Dispute), ruled);
    assert_eq!(due(&case, Step::Overall), Some(end("01-14")));
    let held = hold(dispute, Some(COUNTY), Level::City);
    let case = then(case, "01-09 10:00", role(Role::Dispute), held);
    assert_eq!(stands(&case, Step::Overall), Some(at("01-09 10:00")));
    let ruled = designate(dispute, COUNTY_WATER, Designation::Ruling);
    let case = then(case, "01-13 10:00", role(Role::Dispute), ruled);
    assert_eq!(
        due(&case, Step::Overall),
        Some(end("01-16")),
        "the 12th and the 13th"
    );
    assert_eq!(
        due(&case, Step::Handle),
        Some(end("01-16")),
        "its own time begins with the dispatch to it"
    );
}

#[test]
fn time_is_granted_and_a_suspension_counts_once_while_they_stand_still() {
    let case = disputed(true);
    let dispute = case.dispute();
    let case = then(case, "01-07 10:00", of(COUNTY), request_extension("1wd"));
    let case = then(case, "01-20 10:00", coordinator(), Command::GrantExtension);
    assert_eq!(due(&case, Step::Overall), Some(end("01-13")), "it is not overdue");
    let case = then(case, "01-20 11:00", of(COUNTY), suspend(at("01-22 09:00")));
    let mut case = case;
    case.wake(at("01-22 10:00"));
    assert_eq!(case.stage(), "dispatched");
    let case = then(case, "01-23 10:00", role(Role::Dispute), release(dispute));
    // 13 working days, the 7th to the 23rd, of which the suspension is a part
    assert_eq!(due(&case, Step::Overall), Some(end("01-30")));
}

#[test]
fn what_the_source_set_and_what_is_said_of_the_past_win_no_time() {
    let mut case = case("01-05 09:00").with(|policy| {
        policy.disputes.pauses_clock = true;
        policy.clocks.binds = Binding::Source;
    });
    case.state.clue.as_mut().expect("reported").source_due_at = Some(at("01-09 12:00"));
    let case = then(case, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    let parties = [party(COUNTY, Some(Position::Denies)), party(COUNTY_WATER, None)];
    let mut case = case;
    case.occurred_at = Some(at("01-05 10:00"));
    let case = then(case, "01-06 10:00", of(COUNTY), raise(Cause::ByAgency, &parties));
    assert_eq!(stands(&case, Step::Handle), Some(at("01-06 10:00")));
    assert_eq!(stands(&case, Step::Overall), None, "the source alone moves it");
    assert!(
        case.clue()
            .clock(Step::Overall)
            .expect("runs")
            .is_over(at("01-10"))
    );
    assert!(case.state.wakes_at().is_some(), "and is reminded of");
}

#[test]
fn both_figures_are_known() {
    let facts = |case: &Case| {
        let (mut facts, mut state) = (None, State::default());
        for it in &case.journal {
            evolve(&mut state, it);
            Facts::fold(&mut facts, it);
        }
        facts.expect("reported")
    };
    let case = disputed(true);
    let standing = facts(&case);
    let now = at("01-20 10:00");
    assert!(!standing.latest().is_overdue(now));
    assert_eq!(standing.latest().overdue_for(now), 0);
    assert_eq!(standing.latest().raw_deadline(), Some(end("01-12")));

    // closed while its clocks stood still: in time, and late by the wall
    let case = then(case, "01-20 10:00", of(COUNTY), resolve());
    let case = then(case, "01-20 10:10", checker(), Command::PassCheck);
    let case = then(case, "01-20 10:20", checker(), Command::CloseClue);
    let closed = facts(&case);
    let condition = closed.latest();
    assert_eq!(
        (condition.closed_on_time(), condition.closed_on_time_raw()),
        (Some(true), Some(false))
    );
    let late = condition.punctuality.ended.iter().filter(|it| !it.in_time);
    let late: Vec<_> = late.map(|it| it.task).collect();
    assert_eq!(late, [Task::Acknowledge], "before the dispute");
}
