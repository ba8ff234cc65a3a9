//! States are written behind their events; nobody who reads or takes over sees that.

use axum::http::StatusCode;
use bihuan_store::sql;
use bihuan_stream::Phase;

use super::harness::{Harness, clue};

/// (state rows, states that lack events)
async fn states(harness: &Harness) -> (i64, i64) {
    let mut reader = harness.store.read().await.expect("reads");
    sql!(reader.conn(), c => sqlx::query_as(
        "SELECT count(s.clue_id), count(*) - COALESCE(sum(CASE WHEN s.sequence = e.newest THEN 1 ELSE 0 END), 0)
         FROM (SELECT partition, clue_id, max(sequence) AS newest FROM clue_event
               WHERE clue_id IS NOT NULL GROUP BY partition, clue_id) e
         LEFT JOIN clue_state s ON s.partition = e.partition AND s.clue_id = e.clue_id"
    ).fetch_one(c).await)
    .expect("counts")
}

async fn differences(harness: &Harness) -> Vec<crate::Difference> {
    let mut reader = harness.store.snapshot().await.expect("reads");
    crate::verify(&mut reader, &harness.library())
        .await
        .expect("verifies")
        .differences
}

/// Lifecycle was killed before it wrote a state; and how many clues were reported.
async fn killed_behind() -> (Harness, i64) {
    let harness = Harness::without_lifecycle().await;
    let mut reported = 0;
    // the clock stands still, so that no state is due; but a lane that rests for a second writes them all the same
    while states(&harness).await.1 == 0 {
        reported += 1;
        assert!(reported < 20, "no state is ever behind");
        let running = harness.run();
        harness.report(&reported.to_string()).await;
        running.abort();
        let _ = running.await;
    }
    (harness, reported)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_process_did_not_write_is_folded_from_the_events() {
    let (harness, reported) = killed_behind().await;
    assert_eq!(differences(&harness).await, []);
    let last = clue(&reported.to_string());
    assert_eq!(harness.commands.history(last).await.expect("reads").len(), 2);

    let running = harness.run();
    let done = harness
        .post(
            &last.to_string(),
            &[("prefer", "wait=10")],
            r#"{"type": "void_clue", "reason": "x"}"#,
        )
        .await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert_eq!(done.body["version"], 3);
    assert_eq!(harness.commands.history(last).await.expect("reads").len(), 3);
    assert_eq!(differences(&harness).await, []);

    harness.stop();
    running.await.expect("no panic").expect("ends well");
    assert_eq!(states(&harness).await, (reported, 0), "stopping writes the rest");
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lane_at_rest_catches_up() {
    let harness = Harness::start().await;
    for _ in 0..1_000 {
        if states(&harness).await == (1, 0) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{:?}", states(&harness).await);
}

/// Somebody newer wrote it. No command is at fault for that: they wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_behind_the_rows_that_cannot_be_read_halts_the_lane() {
    let (harness, reported) = killed_behind().await;
    let mut tx = harness.store.begin().await.expect("begins");
    let text = "UPDATE clue_event SET payload = $1 WHERE sequence > 1";
    sql!(tx.conn(), c => sqlx::query(text).bind(&[8_u8, 9][..]).execute(c).await.map(|_| ()))
        .expect("changed");
    tx.commit().await.expect("commits");

    let running = harness.run();
    let void = r#"{"type": "void_clue", "reason": "x"}"#;
    let last = clue(&reported.to_string()).to_string();
    assert_eq!(harness.post(&last, &[], void).await.status, StatusCode::ACCEPTED);
    let mut phase = harness.status.watch();
    let halted = phase.wait_for(|phase| matches!(phase, Phase::Halted(_)));
    let halted = tokio::time::timeout(std::time::Duration::from_secs(10), halted).await;
    let Ok(Ok(phase)) = halted else {
        panic!("not halted");
    };
    let Phase::Halted(reason) = &*phase else {
        unreachable!("waited for");
    };
    assert!(reason.ends_with("upgrade bihuan"), "{reason}");
    let mut reader = harness.store.read().await.expect("reads");
    let put_away: i64 =
        sql!(reader.conn(), c => sqlx::query_scalar("SELECT count(*) FROM quarantine").fetch_one(c).await)
            .expect("counts");
    assert_eq!(put_away, 0);
    running.abort();
}
