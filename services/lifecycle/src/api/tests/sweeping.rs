//! The sweep of provisional deadlines, step by step: the test says what is committed when, and how many are asked for.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Command, Envelope, Role};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_stream::Handler as _;

use super::harness::{Harness, PARTITIONS, clue, now, report};
use super::provisional::{ONE_YEAR, TWO_YEARS};
use super::steps::Steps;
use crate::Aggregate;
use crate::lane::Rows;

/// A clue is to be dispatched next year.
const LIMITS: (&str, &str) = ("limits.csv", "step,limit\ndispatch,260wd\n");

/// All in this one.
const LANE: u32 = 0;

/// The `number`-th clue of the lane, by its source id.
fn source_id(number: usize) -> String {
    let mut ids = (0..).map(|id: u32| id.to_string());
    let of_lane = |id: &String| partition_of(clue(id), PARTITIONS) == LANE;
    ids.by_ref().filter(of_lane).nth(number).expect("endless")
}

fn ids(numbers: Range<usize>) -> BTreeSet<ClueId> {
    numbers.map(|number| clue(&source_id(number))).collect()
}

/// Before and after the calendar of two years is in force.
fn before() -> Timestamp {
    now().plus_micros(30_000_000)
}

fn after() -> Timestamp {
    now().plus_minutes(10)
}

/// By a calendar of one year first, and a minute later by one of two.
async fn steps() -> Steps {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    let minute = now().plus_minutes(1);
    for (number, from, year) in [(1, None, ONE_YEAR), (2, Some(minute), TWO_YEARS)] {
        harness.activate_from(number, from, &[LIMITS, year]).await;
        while harness
            .library()
            .schedule(LANE)
            .await
            .expect("reads")
            .find(number)
            .is_none()
        {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    running.abort();
    let _ = running.await;
    Steps::after(harness)
}

/// The clue is reported, and that received at `received_at`.
fn reported(number: usize, received_at: Timestamp) -> Envelope {
    let source_id = source_id(number);
    Envelope {
        id: CommandId::derive(source_id.as_bytes(), "report", 0),
        clue: clue(&source_id),
        causation: None,
        actor: Actor::service(Role::Source),
        expected_version: None,
        occurred_at: None,
        received_at,
        command: Command::ReportClue(report(&source_id)),
        text: None,
    }
}

impl Steps {
    async fn report(&mut self, numbers: Range<usize>, received_at: Timestamp) -> Rows {
        let commands = numbers.map(|number| reported(number, received_at)).collect();
        self.decide(LANE, received_at, commands, Vec::new()).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_whose_rows_are_behind_wait_until_there_is_room_for_them() {
    let mut steps = steps().await;
    let rows = steps.report(0..20, before()).await;
    steps.write(Some(rows)).await;
    let due = steps.lifecycle.due(&[(LANE, after())], 0).await.expect("looks");
    assert!(due.clues.is_empty() && due.more, "there is no room");
    assert_eq!(steps.due(LANE, after(), 3).await, ids(0..20));
    assert_eq!(steps.due(LANE, after(), 3).await, ids(0..0), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_whose_rows_are_being_written_are_not_missed() {
    let mut steps = steps().await;
    let first = steps.report(0..5, before()).await;
    steps.write(Some(first)).await;
    assert_eq!(
        steps.due(LANE, before(), 100).await,
        ids(0..0),
        "it is the calendar of the day"
    );
    let on_its_way = steps.lifecycle.rest(false);
    assert!(on_its_way.is_some());
    assert_eq!(steps.due(LANE, after(), 100).await, ids(0..5));
    steps.write(on_its_way).await;
    assert_eq!(steps.due(LANE, after(), 100).await, ids(0..0), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_decided_by_an_older_calendar_after_the_sweep_is_found() {
    let mut steps = steps().await;
    assert_eq!(
        steps.due(LANE, after(), 100).await,
        ids(0..0),
        "there is none yet"
    );
    // the command lay on the log since before the calendar changed
    let rows = steps.report(0..3, before()).await;
    steps.write(Some(rows)).await;
    let found = steps.due(LANE, after(), 100).await;
    assert_eq!(found, ids(0..3));
    let rows = steps
        .decide(LANE, after(), Vec::new(), found.into_iter().collect())
        .await;
    steps.write(Some(rows)).await;
    steps.rest().await;
    assert_eq!(
        steps.due(LANE, after(), 100).await,
        ids(0..0),
        "they go by today's now"
    );
}

/// Such a clue may not be computed again as long as it is suspended, and whoever takes the lane over sees to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_the_lane_over_finds_those_that_still_go_by_another_calendar() {
    let mut steps = steps().await;
    let rows = steps.report(0..7, before()).await;
    steps.write(Some(rows)).await;
    steps.rest().await;
    let by_today = steps.report(7..9, after()).await;
    steps.write(Some(by_today)).await;
    steps.rest().await;
    for most in [100, 3] {
        // handed out, and nothing came of it
        assert_eq!(steps.due(LANE, after(), most).await, ids(0..7));
        steps.lifecycle.forget(LANE);
    }
}

/// Whatever the rulebook is that decides about the clue: an older calendar may lack what is known by now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_and_a_repeat_of_it_go_by_the_calendar_of_the_day_they_came() {
    let mut steps = steps().await;
    let rows = steps.report(0..1, before()).await;
    steps.write(Some(rows)).await;
    let lane = &steps.lifecycle.lanes[&LANE];
    let known = lane.aggregates.get(&clue(&source_id(0))).expect("reported");
    for aggregate in [known, &Aggregate::default()] {
        let by = |rulebooks: &crate::handler::Rulebooks| {
            [&rulebooks.of_clue, &rulebooks.current].map(|it| it.rulebook().label.clone())
        };
        for (came, expected) in [(before(), ["1", "1"]), (after(), ["1", "2"])] {
            let rulebooks = steps
                .lifecycle
                .rulebooks(lane, aggregate, &reported(0, came))
                .await;
            assert_eq!(by(&rulebooks.expect("there")), expected);
        }
    }
}

/// Feedback that waited for its clue is decided after what happened to that, by no older calendar.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_earlier_and_waited_goes_by_no_older_calendar_than_its_clue() {
    let mut steps = steps().await;
    let rows = steps.report(0..1, before()).await;
    steps.write(Some(rows)).await;
    let lane = &steps.lifecycle.lanes[&LANE];
    let known = lane.aggregates.get(&clue(&source_id(0))).expect("reported");
    let mut dispatched = known.clone();
    dispatched.state.last_at = after();
    let rulebooks = steps
        .lifecycle
        .rulebooks(lane, &dispatched, &reported(0, before()))
        .await
        .expect("there");
    assert_eq!(rulebooks.of_clue.rulebook().label, "1");
    assert_eq!(rulebooks.current.rulebook().label, "2");
}
