//! A clue whose time has come wakes by itself, exactly once, whatever happens to whoever holds its lane.

use std::time::Duration;

use bihuan_domain::clue::{Actor, Occurrence, Role};
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, sql};
use sqlx::AssertSqlSafe;
use tokio::task::JoinHandle;

use super::harness::{Harness, clue, now};

type Running = JoinHandle<bihuan_stream::Result<()>>;

pub(super) const ASSIGN: &str = r#"{"type": "assign_clue", "agency": "north", "actor": {"role": "routing"}}"#;
const RESUME: &str = r#"{"type": "resume_clue"}"#;
pub(super) const WAIT: (&str, &str) = ("prefer", "wait=20");

pub(super) fn until() -> Timestamp {
    now().plus_days(10)
}

pub(super) async fn suspend(harness: &Harness, source_id: &str, until: Timestamp) {
    let body = format!(
        r#"{{"type": "suspend_clue", "reason": "litigation", "approver": "B9", "until": "{until}"}}"#
    );
    let done = harness.post(&clue(source_id).to_string(), &[WAIT], body).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

/// Lifecycle runs, and clue `1` is suspended.
async fn suspended() -> (Harness, Running) {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    harness.report("1").await;
    harness.post(&clue("1").to_string(), &[WAIT], ASSIGN).await;
    suspend(&harness, "1", until()).await;
    (harness, running)
}

pub(super) async fn kill(running: Running) {
    running.abort();
    let _ = running.await;
}

async fn resumed(harness: &Harness, source_id: &str) -> Vec<Occurrence> {
    let mut history = harness.commands.history(clue(source_id)).await.expect("reads");
    history.retain(|it| it.event.name() == "ClueResumed");
    history
}

/// Waits until the clue resumed so often.
pub(super) async fn resumes(harness: &Harness, source_id: &str, times: usize) -> Vec<Occurrence> {
    for _ in 0..2_000 {
        let found = resumed(harness, source_id).await;
        if found.len() >= times {
            assert_eq!(found.len(), times);
            return found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{source_id} did not resume");
}

async fn wakeups(harness: &Harness) -> Vec<Timestamp> {
    let mut reader = harness.store.read().await.expect("reads");
    let text = "SELECT due_at FROM clue_wakeup ORDER BY due_at";
    let rows: Vec<At> = sql!(reader.conn(), c => sqlx::query_scalar(text).fetch_all(c).await).expect("reads");
    rows.into_iter().map(|At(due)| due).collect()
}

/// Waits until the rows are these.
pub(super) async fn wakeups_become(harness: &Harness, expected: &[Timestamp]) {
    for _ in 0..2_000 {
        if wakeups(harness).await == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", wakeups(harness).await);
}

pub(super) async fn differences(harness: &Harness) -> Vec<crate::Difference> {
    let mut reader = harness.store.snapshot().await.expect("reads");
    crate::verify(&mut reader, &harness.library())
        .await
        .expect("verifies")
        .differences
}

pub(super) async fn change(harness: &Harness, statement: String) {
    let mut tx = harness.store.begin().await.expect("begins");
    sql!(tx.conn(), c => sqlx::query(AssertSqlSafe(statement)).execute(c).await.map(|_| ()))
        .expect("changed");
    tx.commit().await.expect("commits");
}

/// Long enough for several looks.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(2_500)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_ends_by_itself_at_its_end() {
    let (harness, _running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    assert_eq!(differences(&harness).await, []);
    harness.hand.set(until().plus_micros(1_999_999));
    a_while().await;
    assert_eq!(
        resumed(&harness, "1").await,
        [],
        "whoever asked before may still come"
    );
    let late = until().plus_micros(2_000_000);
    harness.hand.set(late);
    let resumed = resumes(&harness, "1", 1).await;
    let of = |it: &Occurrence| (it.at, it.received_at, it.actor.clone());
    assert_eq!(of(&resumed[0]), (until(), late, Actor::service(Role::Clock)));
    wakeups_become(&harness, &[]).await;
    a_while().await;
    resumes(&harness, "1", 1).await;
    assert_eq!(differences(&harness).await, []);
}

/// The row of the wake-up is behind the event, as the state's is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_did_not_write_wakes_all_the_same() {
    let mut caught = false;
    for round in 0..20 {
        let harness = Harness::without_lifecycle().await;
        let running = harness.run();
        harness.report("1").await;
        harness.post(&clue("1").to_string(), &[WAIT], ASSIGN).await;
        suspend(&harness, "1", until()).await;
        kill(running).await;
        caught = wakeups(&harness).await.is_empty();
        if caught || round == 19 {
            assert_eq!(differences(&harness).await, []);
            harness.hand.set(until().plus_minutes(1));
            let running = harness.run();
            resumes(&harness, "1", 1).await;
            kill(running).await;
            harness.run();
            a_while().await;
            resumes(&harness, "1", 1).await;
            assert_eq!(wakeups(&harness).await, []);
            assert_eq!(differences(&harness).await, []);
            break;
        }
    }
    assert!(caught, "no wake-up is ever behind");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wake_up_moves_and_goes_with_its_clue() {
    let (harness, _running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    harness.post(&clue("1").to_string(), &[WAIT], RESUME).await;
    suspend(&harness, "1", until().plus_days(5)).await;
    harness.hand.set(until().plus_minutes(1));
    a_while().await;
    assert_eq!(resumed(&harness, "1").await.len(), 1, "only by hand");
    wakeups_become(&harness, &[until().plus_days(5)]).await;
    harness.hand.set(until().plus_days(6));
    resumes(&harness, "1", 2).await;
    // earlier than what was read before
    suspend(&harness, "1", until().plus_days(7)).await;
    harness.hand.set(until().plus_days(8));
    resumes(&harness, "1", 3).await;
    wakeups_become(&harness, &[]).await;
    assert_eq!(differences(&harness).await, []);
}

/// A clock that was set back lets somebody suspend a clue until a time that was read past.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_set_to_a_time_that_was_read_past_wakes_too() {
    let (harness, _running) = suspended().await;
    harness.hand.set(until().plus_days(30));
    resumes(&harness, "1", 1).await;
    harness.hand.set(until().plus_days(1));
    suspend(&harness, "1", until().plus_days(2)).await;
    wakeups_become(&harness, &[until().plus_days(2)]).await;
    assert_eq!(resumed(&harness, "1").await.len(), 1);
    harness.hand.set(until().plus_days(3));
    resumes(&harness, "1", 2).await;
    wakeups_become(&harness, &[]).await;
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_asked_before_the_end_is_decided_before_it() {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    harness.report("1").await;
    harness.post(&clue("1").to_string(), &[WAIT], ASSIGN).await;
    suspend(&harness, "1", until()).await;
    wakeups_become(&harness, &[until()]).await;
    kill(running).await;
    // it is asked in time, and nobody reads it before the end
    harness.hand.set(until().plus_micros(-1));
    let asked = harness.post(&clue("1").to_string(), &[], RESUME).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    harness.hand.set(until().plus_minutes(10));
    harness.run();
    let resumed = resumes(&harness, "1", 1).await;
    assert_eq!(resumed[0].actor.role, Role::Operator, "{resumed:?}");
    a_while().await;
    resumes(&harness, "1", 1).await;
    assert_eq!(wakeups(&harness).await, []);
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_after_the_end_is_decided_after_it_however_late_anybody_looks() {
    let (harness, running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    kill(running).await;
    harness.hand.set(until().plus_minutes(5));
    let sign = r#"{"type": "acknowledge_clue", "actor": {"role": "agency", "agency": "north"}}"#;
    let asked = harness.post(&clue("1").to_string(), &[], sign).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    harness.hand.set(until().plus_minutes(10));
    harness.run();
    let resumed = resumes(&harness, "1", 1).await;
    let of = |it: &Occurrence| (it.at, it.actor.clone());
    assert_eq!(of(&resumed[0]), (until(), Actor::service(Role::Clock)));
    let history = harness.commands.history(clue("1")).await.expect("reads");
    let names: Vec<_> = history.iter().rev().take(2).map(|it| it.event.name()).collect();
    assert_eq!(names, ["ClueAcknowledged", "ClueResumed"]);
    assert_eq!(history.last().expect("signed").at, until().plus_minutes(5));
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wake_up_that_is_missing_moved_or_left_over_is_found() {
    let (harness, _running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    let partition = "(SELECT partition FROM clue_state)";
    for (statement, expected) in [
        ("UPDATE clue_wakeup SET due_at = due_at + 1".to_owned(), 1),
        ("DELETE FROM clue_wakeup".to_owned(), 1),
        (
            format!(
                "INSERT INTO clue_wakeup (partition, clue_id, due_at) VALUES ({partition}, zeroblob(16), 1)"
            ),
            2,
        ),
    ] {
        change(&harness, statement.clone()).await;
        let found = differences(&harness).await;
        assert!(
            found.len() == expected && found.iter().all(|it| it.check == "wakeup_is_of_state"),
            "{statement}: {found:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_is_wrong_is_written_again_and_wakes_nobody() {
    let (harness, running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    let early = now().plus_minutes(5);
    change(
        &harness,
        format!("UPDATE clue_wakeup SET due_at = {}", early.as_micros()),
    )
    .await;
    kill(running).await;
    harness.hand.set(now().plus_minutes(6));
    harness.run();
    wakeups_become(&harness, &[until()]).await;
    assert_eq!(resumed(&harness, "1").await, []);
    assert_eq!(differences(&harness).await, []);
    harness.hand.set(until().plus_minutes(1));
    resumes(&harness, "1", 1).await;
}

/// As after an upgrade: clues that were suspended before there were wake-ups.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wake_ups_by_other_rules_are_found_again_by_whoever_takes_the_lane_over() {
    let (harness, running) = suspended().await;
    wakeups_become(&harness, &[until()]).await;
    kill(running).await;
    change(&harness, "DELETE FROM clue_wakeup".to_owned()).await;
    change(&harness, "UPDATE clue_checkpoint SET waking = 0".to_owned()).await;
    assert_eq!(differences(&harness).await, [], "they are not there yet");
    let running = harness.run();
    wakeups_become(&harness, &[until()]).await;
    assert_eq!(differences(&harness).await, []);
    kill(running).await;
    harness.hand.set(until().plus_minutes(1));
    harness.run();
    resumes(&harness, "1", 1).await;
    wakeups_become(&harness, &[]).await;
    assert_eq!(differences(&harness).await, []);
}
