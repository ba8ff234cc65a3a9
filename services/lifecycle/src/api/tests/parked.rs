//! Feedback that comes before its clue was dispatched waits for that, whatever happens meanwhile.

use std::time::Duration;

use bihuan_domain::clue::{Command, Conclusion, Resolution};
use bihuan_store::sql;
use serde_json::Value;

use super::harness::{Harness, clue};

const ASSIGN: &str = r#"{"type": "assign_clue", "agency": "north", "actor": {"role": "routing"}}"#;
const WAIT: (&str, &str) = ("prefer", "wait=20");

fn resolve() -> Command {
    Command::ResolveClue(Resolution {
        conclusion: Conclusion::Rectified,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    })
}

/// Waits until so much is parked.
async fn parked(harness: &Harness, expected: u64) -> Value {
    for _ in 0..2_000 {
        let waiting = harness.get("/api/v1/parked").await.body;
        if waiting["total"] == expected {
            return waiting;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{}", harness.get("/api/v1/parked").await.body);
}

/// Waits until the lane is behind everything that was sent: a command that is refused comes after it.
async fn settled(harness: &Harness, source_id: &str) {
    let resume = r#"{"type": "resume_clue"}"#;
    harness.post(&clue(source_id).to_string(), &[WAIT], resume).await;
}

async fn events(harness: &Harness, source_id: &str) -> Vec<&'static str> {
    let history = harness.commands.history(clue(source_id)).await.expect("reads");
    history.iter().map(|it| it.event.name()).collect()
}

async fn differences(harness: &Harness) -> Vec<crate::Difference> {
    let mut reader = harness.store.snapshot().await.expect("reads");
    crate::verify(&mut reader, &harness.library())
        .await
        .expect("verifies")
        .differences
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn feedback_that_is_too_early_is_decided_in_order_once_the_clue_is_dispatched() {
    let harness = Harness::without_lifecycle().await;
    harness.run();
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    harness.feed_back("7", 2, Command::StartHandling).await;
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    harness.feed_back("8", 1, Command::AcknowledgeClue).await;
    let waiting = parked(&harness, 3).await;
    assert_eq!(waiting["older_than_a_day"], 0);
    let first = &waiting["oldest"][0];
    assert_eq!(
        [&first["type"], &first["agency"], &first["source"]],
        ["AcknowledgeClue", "north", "agency-platform"]
    );
    assert_eq!(differences(&harness).await, []);

    harness.report("7").await;
    harness.feed_back("7", 3, resolve()).await;
    parked(&harness, 4).await;
    assert_eq!(events(&harness, "7").await, ["ClueReported", "ClueAdmitted"]);

    let assigned = harness.post(&clue("7").to_string(), &[WAIT], ASSIGN).await;
    assert_eq!(assigned.status, 200, "{}", assigned.body);
    parked(&harness, 1).await;
    let after = [
        "ClueReported",
        "ClueAdmitted",
        "ClueAssigned",
        "ClueAcknowledged",
        "HandlingStarted",
        "ClueResolved",
    ];
    assert_eq!(events(&harness, "7").await, after);
    // a repeat of what was decided changes nothing
    harness.feed_back("7", 2, Command::StartHandling).await;
    settled(&harness, "7").await;
    assert_eq!(events(&harness, "7").await[..6], after);
    assert_eq!(events(&harness, "7").await[6..], ["CommandRejected"]);
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_parked_outlives_the_process() {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    parked(&harness, 1).await;
    running.abort();
    let _ = running.await;

    let running = harness.run();
    harness.report("7").await;
    running.abort();
    let _ = running.await;
    assert_eq!(differences(&harness).await, []);

    harness.run();
    harness.post(&clue("7").to_string(), &[WAIT], ASSIGN).await;
    parked(&harness, 0).await;
    assert_eq!(
        events(&harness, "7").await,
        ["ClueReported", "ClueAdmitted", "ClueAssigned", "ClueAcknowledged"]
    );
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clue_that_nobody_will_be_given_has_its_feedback_refused() {
    let harness = Harness::start().await;
    harness.feed_back("1", 1, Command::AcknowledgeClue).await;
    parked(&harness, 1).await;
    let void = r#"{"type": "void_clue", "reason": "test_data"}"#;
    harness.post(&clue("1").to_string(), &[WAIT], void).await;
    parked(&harness, 0).await;
    assert_eq!(
        events(&harness, "1").await[2..],
        ["ClueVoided", "CommandRejected"]
    );
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_for_a_clue_that_never_comes_is_given_up_with_a_reason() {
    let harness = Harness::without_lifecycle().await;
    harness.run();
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    harness.feed_back("7", 2, Command::StartHandling).await;
    let waiting = parked(&harness, 2).await;
    let id = waiting["oldest"][0]["command_id"].as_str().expect("an id");
    let address = format!("/api/v1/parked/{id}/discard");
    let asked = |body: &'static str| harness.post_to(&address, body);
    let refused = asked(r#"{"reason": " "}"#).await;
    assert_eq!(
        (refused.status.as_u16(), refused.body["field"].as_str()),
        (400, Some("reason"))
    );
    let accepted = asked(r#"{"reason": "not ours", "person": "7"}"#).await;
    assert_eq!(accepted.status, 202, "{}", accepted.body);
    parked(&harness, 1).await;
    let unknown = asked(r#"{"reason": "not ours"}"#).await;
    assert_eq!(
        (unknown.status.as_u16(), unknown.body["code"].as_str()),
        (404, Some("parked_unknown"))
    );
    assert_eq!(differences(&harness).await, []);
    // only the other one is decided, and the same again waits as if it had never come
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    parked(&harness, 2).await;
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_command_does_not_wait_for_a_clue() {
    let harness = Harness::without_lifecycle().await;
    harness.run();
    settled(&harness, "7").await;
    assert_eq!(events(&harness, "7").await, ["CommandRejected"]);
    parked(&harness, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parked_row_that_is_missing_changed_or_left_over_is_found() {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    harness.feed_back("7", 1, Command::AcknowledgeClue).await;
    parked(&harness, 1).await;
    harness.stop();
    running.await.expect("no panic").expect("ends well");
    for (statement, expected) in [
        ("UPDATE lifecycle_parked SET command = command || x'00'", 1),
        ("UPDATE lifecycle_parked SET sequence = sequence + 5", 2),
        ("DELETE FROM lifecycle_parked", 1),
    ] {
        let mut tx = harness.store.begin().await.expect("begins");
        sql!(tx.conn(), c => sqlx::query(statement).execute(c).await.map(|_| ())).expect("changed");
        tx.commit().await.expect("commits");
        let found = differences(&harness).await;
        assert!(
            found.len() == expected && found.iter().all(|it| it.check == "parked_is_undecided"),
            "{statement}: {found:?}"
        );
    }
}
