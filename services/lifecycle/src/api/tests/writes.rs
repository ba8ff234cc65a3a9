//! Commands over HTTP: accepted, waited for, sent again, refused.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::json;

use super::harness::{Harness, NUMBER, clue};

const VOID: &str = r#"{"type": "void_clue", "reason": "test_data", "remark": "误报"}"#;
const WAIT: (&str, &str) = ("prefer", "wait=20");
const ENGLISH: (&str, &str) = ("accept-language", "en");

#[tokio::test]
async fn a_command_is_accepted_and_its_outcome_found_later() {
    let harness = Harness::start().await;
    let accepted = harness.post(&clue("1").to_string(), &[], VOID).await;
    assert_eq!(
        (accepted.status, &accepted.body["status"]),
        (StatusCode::ACCEPTED, &"accepted".into())
    );
    assert_eq!(accepted.body["clue_id"], json!(clue("1")));
    let location = accepted.header("location").to_owned();
    assert_eq!(
        (location.as_str(), &accepted.body["location"]),
        (accepted.header("location"), &json!(location))
    );
    assert_eq!(location, format!("/api/v1/commands/{}", accepted.command_id()));
    let done = harness.settled(&accepted.command_id()).await;
    assert_eq!(
        (done.status, &done.body["status"]),
        (StatusCode::OK, &"done".into())
    );
    assert_eq!(
        (&done.body["version"], &done.body["events"][0]["type"]),
        (&json!(3), &"ClueVoided".into())
    );
    let event = &done.body["events"][0];
    assert_eq!(event["actor"]["role"], "operator", "who names nobody");
    assert!(
        event["causation"]
            .as_str()
            .is_some_and(|it| it.starts_with("http/")),
        "{event}"
    );
    assert!(!done.body.to_string().contains("误报"), "free text is elsewhere");
}

#[tokio::test]
async fn whoever_waits_gets_the_outcome() {
    let harness = Harness::start().await;
    let body =
        json!({"type": "hold_for_triage", "actor": {"role": "coordinator", "person": "L-1"}}).to_string();
    let asked = Instant::now();
    for (name, version) in [("grid%2F1", 3), (NUMBER, 4)] {
        let answer = harness.post(name, &[WAIT], body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["version"]),
            (StatusCode::OK, &json!(version)),
            "{}",
            answer.body
        );
        assert_eq!(answer.body["events"][0]["actor"]["person"], "L-1");
        assert_eq!(answer.header("etag"), format!("\"{version}\""));
        assert_eq!(answer.header("preference-applied"), "wait=20");
    }
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "as soon as it is there"
    );
}

#[tokio::test]
async fn each_of_those_who_wait_gets_its_own_answer() {
    let harness = Harness::start().await;
    let clue = clue("1").to_string();
    let ask = || harness.post(&clue, &[WAIT], VOID);
    let (a, b, c) = tokio::join!(ask(), ask(), ask());
    let mut statuses = [a.status, b.status, c.status];
    statuses.sort();
    assert_eq!(
        statuses,
        [StatusCode::OK, StatusCode::CONFLICT, StatusCode::CONFLICT]
    );
}

#[tokio::test]
async fn the_same_key_is_the_same_command() {
    let harness = Harness::start().await;
    let clue = clue("1").to_string();
    let first = harness.post(&clue, &[WAIT, ("idempotency-key", "a")], VOID).await;
    assert_eq!(first.status, StatusCode::OK);
    let asked = Instant::now();
    let again = harness
        .post(&clue, &[WAIT, ("idempotency-key", "\"a\"")], VOID)
        .await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "nothing will happen that is worth waiting for"
    );
    let not_waiting = harness.post(&clue, &[("idempotency-key", "a")], VOID).await;
    assert_eq!(not_waiting.command_id(), first.command_id());
    assert_eq!(
        harness.settled(&not_waiting.command_id()).await.body["version"],
        first.body["version"]
    );
    let other = harness.post(&clue, &[WAIT, ("idempotency-key", "b")], VOID).await;
    assert_eq!(
        (other.status, &other.body["code"]),
        (StatusCode::CONFLICT, &"not_open".into())
    );
    let [one, two] = [
        harness.post(&clue, &[], VOID).await,
        harness.post(&clue, &[], VOID).await,
    ];
    assert_ne!(
        one.command_id(),
        two.command_id(),
        "without a key every request is its own"
    );
}

#[tokio::test]
async fn another_request_under_a_used_key_is_refused_and_does_nothing() {
    let harness = Harness::start().await;
    let clue = clue("1").to_string();
    let key = ("idempotency-key", "a");
    let other = r#"{"type": "void_clue", "reason": "duplicate", "remark": "误报"}"#;
    let first = harness.post(&clue, &[WAIT, key], VOID).await;
    assert_eq!(first.status, StatusCode::OK);
    for (language, word) in [("en", "another request"), ("zh", "另一请求")] {
        for wait in [WAIT, ("prefer", "respond-async")] {
            let reused = harness
                .post(&clue, &[wait, key, ("accept-language", language)], other)
                .await;
            assert_eq!(
                (reused.status, &reused.body["code"]),
                (StatusCode::UNPROCESSABLE_ENTITY, &"idempotency_key_reused".into())
            );
            assert!(
                reused.body["title"]
                    .as_str()
                    .is_some_and(|title| title.contains(word))
            );
        }
    }
    let version = harness
        .post(&clue, &[WAIT, key, ("if-match", "\"3\"")], VOID)
        .await;
    assert_eq!(
        version.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another precondition"
    );
    let spaced = VOID.replace(": ", ":  ");
    let again = harness.post(&clue, &[WAIT, key], spaced).await;
    assert_eq!(
        (again.status, &again.body),
        (first.status, &first.body),
        "in other bytes"
    );
    let elsewhere = harness.post("grid%2F2", &[WAIT, key], other).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "a key is for one clue");
    let history = harness.commands.history(clue.parse().expect("an id")).await;
    assert_eq!(history.expect("read").len(), 3);
}

/// Both are on the log before the first of them is decided.
#[tokio::test]
async fn of_two_requests_under_one_key_at_once_one_is_carried_out() {
    let harness = Harness::without_lifecycle().await;
    let clue = clue("1").to_string();
    let key = ("idempotency-key", "a");
    let first = harness.post(&clue, &[key], VOID).await;
    let second = harness.post(&clue, &[key], r#"{"type": "close_clue"}"#).await;
    assert_eq!(
        [first.status, second.status],
        [StatusCode::ACCEPTED, StatusCode::ACCEPTED]
    );
    harness.run();
    let done = harness.settled(&first.command_id()).await;
    assert_eq!(done.body["code"], "clue_unknown");
    let reused = harness.settled(&second.command_id()).await;
    assert_eq!(
        (reused.status, &reused.body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &"idempotency_key_reused".into())
    );
}

#[tokio::test]
async fn the_version_must_be_the_one_that_was_seen() {
    let harness = Harness::start().await;
    let clue = clue("1").to_string();
    let stale = harness
        .post(&clue, &[WAIT, ENGLISH, ("if-match", "\"1\"")], VOID)
        .await;
    assert_eq!(
        (stale.status, &stale.body["code"]),
        (StatusCode::PRECONDITION_FAILED, &"version_conflict".into())
    );
    assert_eq!(stale.body["version"], 3, "the refusal is an event too");
    let differ = json!({"type": "void_clue", "reason": "x", "expected_version": 2}).to_string();
    let differ = harness.post(&clue, &[("if-match", "\"3\"")], differ).await;
    assert_eq!(
        (differ.status, &differ.body["code"]),
        (StatusCode::BAD_REQUEST, &"invalid_header".into())
    );
    let fresh = harness.post(&clue, &[WAIT, ("if-match", "\"3\"")], VOID).await;
    assert_eq!(
        (fresh.status, &fresh.body["version"]),
        (StatusCode::OK, &json!(4))
    );
}

#[tokio::test]
async fn a_refusal_says_why_in_the_words_of_the_reader() {
    let harness = Harness::start().await;
    let clue = clue("1").to_string();
    let assign = json!({"type": "assign_clue", "agency": "county"}).to_string();
    assert_eq!(harness.post(&clue, &[WAIT], assign).await.status, StatusCode::OK);
    let body = json!({"type": "request_return", "reason": "x", "duty": "y", "proposed": "county",
        "actor": {"role": "agency", "agency": "county"}});
    for (language, words) in [("en", "The proposed agency"), ("zh-CN", "建议的承办单位")] {
        let refused = harness
            .post(&clue, &[WAIT, ("accept-language", language)], body.to_string())
            .await;
        let code = &refused.body["code"];
        assert_eq!(
            (refused.status, code),
            (StatusCode::CONFLICT, &"proposed_agency_is_holder".into())
        );
        assert_eq!(
            (&refused.body["field"], &refused.body["clue_id"]),
            (&"proposed".into(), &json!(clue))
        );
        let title = refused.body["title"].as_str().expect("a title");
        assert!(title.starts_with(words), "{title}");
        assert_eq!(refused.header("content-type"), "application/problem+json");
        let later = harness.settled(&refused.command_id()).await;
        assert_eq!(
            (&later.body["status"], &later.body["code"]),
            (&"rejected".into(), code)
        );
        assert_eq!(later.body["field"], "proposed");
    }
    let check = harness
        .post(
            &clue,
            &[WAIT],
            r#"{"type": "pass_check", "actor": {"role": "checker"}}"#,
        )
        .await;
    assert_eq!(
        (&check.body["code"], &check.body["stage"]),
        (&"wrong_stage".into(), &"dispatched".into())
    );
}

#[tokio::test]
async fn a_clue_that_nobody_reported_is_not_found() {
    let harness = Harness::start().await;
    let unreported = harness.post("grid%2F2", &[WAIT], VOID).await;
    assert_eq!(
        (unreported.status, &unreported.body["code"]),
        (StatusCode::NOT_FOUND, &"clue_unknown".into())
    );
    for name in ["330602-20260105-000009", "grid%2F", "no%20source%2F1", "%20"] {
        let unknown = harness.post(name, &[], VOID).await;
        assert_eq!(
            (unknown.status, &unknown.body["code"]),
            (StatusCode::NOT_FOUND, &"clue_unknown".into()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_is_no_command_is_refused_at_the_door() {
    let harness = Harness::start().await;
    let table: [(&str, &str, serde_json::Value); 8] = [
        ("{", "invalid_body", json!(null)),
        ("[]", "not_json", json!(null)),
        ("{}", "field_missing", json!("type")),
        (r#"{"type": "fly"}"#, "type_unknown", json!("type")),
        (r#"{"type": "report_clue"}"#, "type_unknown", json!("type")),
        (
            r#"{"type": "close_clue", "colour": 1}"#,
            "field_invalid",
            json!("colour"),
        ),
        (r#"{"type": "void_clue"}"#, "field_missing", json!("reason")),
        (
            r#"{"type": "close_clue", "actor": {"role": "king"}}"#,
            "field_invalid",
            json!("actor.role"),
        ),
    ];
    for (body, code, field) in table {
        let answer = harness.post("grid%2F1", &[ENGLISH], body).await;
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (StatusCode::BAD_REQUEST, &json!(code)),
            "{body}"
        );
        assert_eq!(answer.body["field"], field, "{body}");
    }
    let plain = harness
        .post("grid%2F1", &[("content-type", "text/plain")], VOID)
        .await;
    assert_eq!(
        (plain.status, &plain.body["code"]),
        (StatusCode::UNSUPPORTED_MEDIA_TYPE, &"invalid_body".into())
    );
    let long = json!({"type": "void_clue", "reason": "x".repeat(70_000)}).to_string();
    let long = harness.post("grid%2F1", &[], long).await;
    assert_eq!(
        (long.status, &long.body["code"]),
        (StatusCode::PAYLOAD_TOO_LARGE, &"invalid_body".into())
    );
    assert_eq!(
        harness.commands.history(clue("1")).await.expect("read").len(),
        2,
        "nothing reached the clue"
    );
}

#[tokio::test]
async fn nobody_is_kept_waiting_for_ever() {
    let harness = Harness::without_lifecycle().await;
    let clue = clue("1").to_string();
    let accepted = harness
        .post(&clue, &[("prefer", "wait=1"), ("idempotency-key", "a")], VOID)
        .await;
    assert_eq!(
        (accepted.status, accepted.header("preference-applied")),
        (StatusCode::ACCEPTED, "wait=1")
    );
    harness.run();
    let later = harness.settled(&accepted.command_id()).await;
    assert_eq!(
        later.body["code"], "clue_unknown",
        "it was on the log all the time"
    );
}
