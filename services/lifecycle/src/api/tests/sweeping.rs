//! The sweep of provisional deadlines, step by step: the test says what is committed when, and how many are asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Command, Envelope, Role};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Batch, Effects, Handler as _, LaneBatch, Record};

use super::harness::{Harness, PARTITIONS, clue, now, report};
use super::provisional::{LIMITS, ONE_YEAR, TWO_YEARS};
use crate::handler::Lifecycle;
use crate::lane::Rows;

/// All in this one.
const LANE: u32 = 0;

struct Steps {
    harness: Harness,
    lifecycle: Lifecycle,
    effects: Effects,
    batches: u32,
}

/// The `number`-th clue of the lane, by its source id.
fn source_id(number: usize) -> String {
    let mut ids = (0..).map(|id: u32| id.to_string());
    let of_lane = |id: &String| partition_of(clue(id), PARTITIONS) == LANE;
    ids.by_ref().filter(of_lane).nth(number).expect("endless")
}

fn ids(numbers: std::ops::Range<usize>) -> BTreeSet<ClueId> {
    numbers.map(|number| clue(&source_id(number))).collect()
}

/// Before and after the calendar of two years is in force.
fn before() -> Timestamp {
    now().plus_micros(30_000_000)
}

fn after() -> Timestamp {
    now().plus_minutes(10)
}

impl Steps {
    /// By a calendar of one year first, and a minute later by one of two.
    async fn new() -> Self {
        let harness = Harness::without_lifecycle().await;
        let running = harness.run();
        for (number, year) in [(1, ONE_YEAR), (2, TWO_YEARS)] {
            harness.activate(number, &[LIMITS, year]).await;
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
            harness.hand.set(now().plus_minutes(1));
        }
        running.abort();
        let _ = running.await;
        let lifecycle = Lifecycle::new(harness.store.clone(), harness.library(), PARTITIONS, "local");
        Self {
            harness,
            lifecycle,
            effects: Effects::default(),
            batches: 0,
        }
    }

    /// A batch in which these clues are reported and assigned, received at `received_at`: decided, and not written yet.
    async fn decide(
        &mut self,
        numbers: std::ops::Range<usize>,
        received_at: Timestamp,
        ticks: Vec<ClueId>,
    ) -> Rows {
        self.batches += 1;
        let mut records = Vec::new();
        for number in numbers {
            let source_id = source_id(number);
            let id = |kind| CommandId::derive(source_id.as_bytes(), kind, self.batches);
            let of = |id, role, command| Envelope {
                id,
                clue: clue(&source_id),
                causation: None,
                actor: Actor::service(role),
                expected_version: None,
                occurred_at: None,
                received_at,
                command,
                text: None,
            };
            let reported = Command::ReportClue(report(&source_id));
            records.push(record(of(id("report"), Role::Source, reported)));
        }
        let mut lane = LaneBatch::new(LANE, records);
        lane.watermark = received_at;
        lane.ticks = ticks;
        let batch = Batch {
            lanes: vec![lane],
            now: received_at,
            grace: Duration::from_secs(2),
        };
        let rows = self.lifecycle.handle(&batch, &mut self.effects).await;
        rows.expect("handled").expect("rows")
    }

    async fn write(&mut self, rows: Option<Rows>) {
        let mut tx = self.harness.store.begin().await.expect("begins");
        if let Some(rows) = rows {
            Lifecycle::persist(rows, &mut tx).await.expect("written");
        }
        tx.commit().await.expect("commits");
    }

    /// Writes whatever is behind.
    async fn rest(&mut self) {
        let rows = self.lifecycle.rest(false);
        self.write(rows).await;
    }

    /// Who is handed out at `until`, at most `most` at once, until there are no more.
    async fn due(&mut self, until: Timestamp, most: usize) -> BTreeSet<ClueId> {
        let mut found = BTreeSet::new();
        for _ in 0..1_000 {
            let due = self.lifecycle.due(&[(LANE, until)], most).await.expect("looks");
            assert!(due.count() <= most, "{} of {most}", due.count());
            found.extend(due.clues.into_iter().flat_map(|(_, clues)| clues));
            if !due.more {
                return found;
            }
        }
        panic!("there are always more");
    }
}

fn record(envelope: Envelope) -> Record {
    let message = command::message(&ClueCommand::Clue(envelope), LANE, "test");
    Record {
        topic: message.topic.to_string().into(),
        partition: LANE,
        offset: 0,
        type_name: "".into(),
        sequence: None,
        key: message.key,
        headers: Vec::new(),
        payload: message.payload,
        tombstone: false,
        logged_at: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_whose_rows_are_behind_wait_until_there_is_room_for_them() {
    let mut steps = Steps::new().await;
    let rows = steps.decide(0..20, before(), Vec::new()).await;
    steps.write(Some(rows)).await;
    let due = steps.lifecycle.due(&[(LANE, after())], 0).await.expect("looks");
    assert!(due.clues.is_empty() && due.more, "there is no room");
    assert_eq!(steps.due(after(), 3).await, ids(0..20));
    assert_eq!(steps.due(after(), 3).await, ids(0..0), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_whose_rows_are_being_written_are_not_missed() {
    let mut steps = Steps::new().await;
    let first = steps.decide(0..5, before(), Vec::new()).await;
    steps.write(Some(first)).await;
    assert_eq!(
        steps.due(before(), 100).await,
        ids(0..0),
        "it is the calendar of the day"
    );
    let on_its_way = steps.lifecycle.rest(false);
    assert!(on_its_way.is_some());
    assert_eq!(steps.due(after(), 100).await, ids(0..5));
    steps.write(on_its_way).await;
    assert_eq!(steps.due(after(), 100).await, ids(0..0), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_is_decided_by_an_older_calendar_after_the_sweep_is_found() {
    let mut steps = Steps::new().await;
    assert_eq!(steps.due(after(), 100).await, ids(0..0), "there is none yet");
    // the command lay on the log since before the calendar changed
    let rows = steps.decide(0..3, before(), Vec::new()).await;
    steps.write(Some(rows)).await;
    let found = steps.due(after(), 100).await;
    assert_eq!(found, ids(0..3));
    let rows = steps.decide(0..0, after(), found.into_iter().collect()).await;
    steps.write(Some(rows)).await;
    steps.rest().await;
    assert_eq!(steps.due(after(), 100).await, ids(0..0), "they go by today's now");
}

/// Such a clue may not be computed again as long as it is suspended, and whoever takes the lane over sees to it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_takes_the_lane_over_finds_those_that_still_go_by_another_calendar() {
    let mut steps = Steps::new().await;
    let rows = steps.decide(0..7, before(), Vec::new()).await;
    steps.write(Some(rows)).await;
    steps.rest().await;
    let by_today = steps.decide(7..9, after(), Vec::new()).await;
    steps.write(Some(by_today)).await;
    steps.rest().await;
    for most in [100, 3] {
        // handed out, and nothing came of it
        assert_eq!(steps.due(after(), most).await, ids(0..7));
        steps.lifecycle.forget(LANE);
    }
}
