//! A clue's events and a command's outcome.

use axum::http::StatusCode;
use bihuan_domain::id::CommandId;
use serde_json::json;

use super::super::Ticket;
use super::harness::{Harness, NUMBER, clue};

#[tokio::test]
async fn the_events_of_a_clue_are_listed_under_each_of_its_names() {
    let harness = Harness::start().await;
    for name in [clue("1").to_string(), "grid%2F1".to_owned(), NUMBER.to_owned()] {
        let answer = harness.get(&format!("/api/v1/clues/{name}/events")).await;
        assert_eq!(
            (answer.status, answer.header("etag")),
            (StatusCode::OK, "\"2\""),
            "{name}"
        );
        let types: Vec<_> = answer.body["events"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| &it["type"])
            .collect();
        assert_eq!(types, ["ClueReported", "ClueAdmitted"]);
        assert_eq!(
            (&answer.body["clue_id"], &answer.body["version"]),
            (&json!(clue("1")), &json!(2))
        );
    }
}

#[tokio::test]
async fn a_clue_of_which_only_refusals_are_known_is_not_found() {
    let harness = Harness::start().await;
    let refused = harness
        .post("grid%2F2", &[("prefer", "wait=20")], r#"{"type": "close_clue"}"#)
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let answer = harness.get("/api/v1/clues/grid%2F2/events").await;
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (StatusCode::NOT_FOUND, &"clue_unknown".into())
    );
}

#[tokio::test]
async fn a_command_that_is_not_answered_is_pending_and_one_without_a_clue_unknown() {
    let harness = Harness::start().await;
    let ticket = Ticket {
        clue: clue("1"),
        command: CommandId::derive(b"never sent", "test", 0),
    };
    let pending = harness.get(&format!("/api/v1/commands/{ticket}")).await;
    assert_eq!(
        (pending.status, &pending.body["status"]),
        (StatusCode::ACCEPTED, &"pending".into())
    );
    for name in ["1".to_owned(), clue("1").to_string(), format!("{}~1", clue("1"))] {
        let unknown = harness.get(&format!("/api/v1/commands/{name}")).await;
        assert_eq!(
            (unknown.status, &unknown.body["code"]),
            (StatusCode::NOT_FOUND, &"command_unknown".into())
        );
    }
}
