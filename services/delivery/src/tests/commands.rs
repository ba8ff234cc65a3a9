//! What agencies send: understood, or put away with a reason.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::delivery::DeliveryEvent;
use bihuan_contracts::topics::AGENCY_COMMANDS;
use bihuan_contracts::{header, partition_of};
use bihuan_domain::clue::{Actor, Command, Envelope, Text};
use bihuan_domain::id::CommandId;
use bihuan_stream::Record;
use serde_json::json;

use super::harness::{Harness, PARTITIONS, agency, clue, now, reported};
use crate::{Config, Route};

fn envelope(record: &Record) -> Envelope {
    let ClueCommand::Clue(envelope) = command::decode(&record.payload).expect("a command") else {
        panic!("of a clue")
    };
    assert_eq!(record.partition, partition_of(envelope.clue, PARTITIONS));
    envelope
}

fn acknowledge(clue: &str) -> serde_json::Value {
    json!({"clue": clue, "type": "acknowledge_clue", "actor": {"role": "agency", "agency": "county"}})
}

#[tokio::test]
async fn another_platforms_id_names_the_clue_that_it_stands_for() {
    let mut harness = Harness::start(Config::default()).await;
    let linked = super::linked::linked("hotline", "H-1");
    let assigned = super::harness::assigned("county", None, &[]);
    harness
        .happens(clue("1"), None, vec![reported("1"), linked, assigned])
        .await;
    harness.notices(1).await;
    for (name, expected) in [("hotline/H-1", clue("1")), ("grid/1", clue("1"))] {
        harness
            .sends(AGENCY_COMMANDS, &[], acknowledge(name).to_string())
            .await;
        assert_eq!(envelope(&harness.command().await.0).clue, expected, "{name}");
    }
}

#[tokio::test]
async fn a_clue_may_be_named_in_three_ways() {
    let mut harness = Harness::start(Config::default()).await;
    harness
        .happens(
            clue("1"),
            None,
            vec![reported("1"), super::harness::assigned("county", None, &[])],
        )
        .await;
    harness.notices(1).await;
    for name in [
        clue("1").to_string(),
        "grid/1".to_owned(),
        "330602-20260105-1".to_owned(),
    ] {
        harness
            .sends(AGENCY_COMMANDS, &[], acknowledge(&name).to_string())
            .await;
        let (record, accepted) = harness.command().await;
        let envelope = envelope(&record);
        assert_eq!(
            (envelope.clue, &envelope.command),
            (clue("1"), &Command::AcknowledgeClue),
            "{name}"
        );
        assert_eq!(
            (envelope.actor, envelope.received_at),
            (Actor::agency(agency("county")), now())
        );
        let DeliveryEvent::FeedbackAccepted {
            command,
            clue: of,
            offset,
            partition,
            ..
        } = accepted
        else {
            panic!("{accepted:?}")
        };
        assert_eq!((command, of), (envelope.id, clue("1")));
        assert_eq!(
            envelope.causation,
            Some(format!("{AGENCY_COMMANDS}/{partition}/{offset}"))
        );
    }
}

#[tokio::test]
async fn the_words_of_an_agency_travel_with_its_command() {
    let mut harness = Harness::start(Config::default()).await;
    let sent = json!({"clue": "grid/1", "type": "request_return", "reason": "不是我们的", "duty": "330217B00000", "proposed": "town",
        "occurred_at": "2026-01-05T08:00:00+08:00", "expected_version": 3, "actor": {"role": "agency", "agency": "county", "person": "L-1"}});
    harness.sends(AGENCY_COMMANDS, &[], sent.to_string()).await;
    let envelope = envelope(&harness.command().await.0);
    assert_eq!(envelope.text, Some(Text::remark("不是我们的")));
    assert_eq!(
        (envelope.expected_version, envelope.occurred_at),
        (Some(3), Some(now().plus_minutes(-60)))
    );
    assert_eq!(envelope.actor.person.as_deref(), Some("L-1"));
}

#[tokio::test]
async fn a_message_sent_again_is_the_same_command() {
    let mut harness = Harness::start(Config::default()).await;
    let event = [
        (header::CE_SPECVERSION, "1.0"),
        (header::CE_ID, "7"),
        (header::CE_SOURCE, "/county"),
        (header::CE_TYPE, "x"),
        (header::CE_SUBJECT, "grid/1"),
        (header::CE_TIME, "2026-01-05T08:30:00+08:00"),
        (header::CONTENT_TYPE, header::JSON),
    ];
    let body = json!({"type": "acknowledge_clue", "actor": {"role": "agency", "agency": "county"}});
    let structured = json!({"specversion": "1.0", "id": "7", "source": "/county", "type": "x", "data": acknowledge("grid/1")});
    let mut ids = Vec::new();
    harness.sends(AGENCY_COMMANDS, &event, body.to_string()).await;
    let first = envelope(&harness.command().await.0);
    assert_eq!(
        (first.clue, first.occurred_at),
        (clue("1"), Some(now().plus_minutes(-30))),
        "subject and time are the event's"
    );
    harness
        .sends(
            AGENCY_COMMANDS,
            &[(header::CONTENT_TYPE, "application/cloudevents+json")],
            structured.to_string(),
        )
        .await;
    assert_eq!(envelope(&harness.command().await.0).id, first.id);
    // named by the agency itself, twice, and by another one; then by nobody, twice
    for (id, by) in [
        (Some("a"), "county"),
        (Some("a"), "county"),
        (Some("a"), "town"),
        (None, "county"),
        (None, "county"),
    ] {
        let mut body = acknowledge("grid/1");
        body["id"] = id.into();
        body["actor"]["agency"] = by.into();
        harness.sends(AGENCY_COMMANDS, &[], body.to_string()).await;
        ids.push(envelope(&harness.command().await.0).id);
    }
    assert_eq!(ids[0], ids[1]);
    let different: std::collections::BTreeSet<_> = ids.into_iter().chain([first.id]).collect();
    assert_eq!(different.len(), 5);
}

#[tokio::test]
async fn protobuf_is_read_too() {
    let mut harness = Harness::start(Config::default()).await;
    let sent = Envelope {
        id: CommandId::derive(b"theirs", "county", 0),
        clue: clue("1"),
        causation: None,
        actor: Actor::agency(agency("county")),
        expected_version: None,
        occurred_at: None,
        received_at: now().plus_days(-1),
        command: Command::StartHandling,
        text: None,
    };
    for headers in [&[][..], &[(header::CONTENT_TYPE, header::PROTOBUF)]] {
        harness
            .sends(
                AGENCY_COMMANDS,
                headers,
                command::encode(&ClueCommand::Clue(sent.clone())),
            )
            .await;
        let envelope = envelope(&harness.command().await.0);
        assert_eq!(
            (envelope.clue, envelope.command),
            (clue("1"), Command::StartHandling)
        );
        assert_eq!(envelope.received_at, now(), "ours, not the sender's");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_put_away_and_blocks_nothing() {
    let mut harness = Harness::start(Config::default()).await;
    let with = |name: &str, value: serde_json::Value| {
        let mut body = acknowledge("grid/1");
        body[name] = value;
        body.to_string()
    };
    let table: [(String, &str, Option<&str>); 12] = [
        ("乱码".to_owned(), "not_json", None),
        (String::new(), "not_json", None),
        ("[]".to_owned(), "not_json", None),
        (with("clue", json!(null)), "field_missing", Some("clue")),
        (
            with("clue", json!("330602-20260105-9")),
            "clue_unknown",
            Some("clue"),
        ),
        (with("clue", json!("no source/1")), "field_invalid", Some("clue")),
        (with("clue", json!("grid/")), "field_invalid", Some("clue")),
        (with("actor", json!(null)), "field_missing", Some("actor")),
        (
            with("actor", json!({"role": "operator", "agency": "county"})),
            "actor_not_agency",
            Some("actor.role"),
        ),
        (
            with("actor", json!({"role": "agency"})),
            "field_missing",
            Some("actor.agency"),
        ),
        (
            with("type", json!("close_clue")),
            "command_not_allowed",
            Some("type"),
        ),
        (with("colour", json!("red")), "field_invalid", Some("colour")),
    ];
    for (payload, code, field) in table {
        harness
            .sends(AGENCY_COMMANDS, &[("x-from", "county")], payload.as_bytes())
            .await;
        let (reason, at, row) = harness.quarantined().await;
        assert_eq!((reason.as_str(), at.as_deref()), (code, field), "{payload}");
        assert_eq!(
            (row.bytes, row.headers),
            (payload.into_bytes(), r#"{"x-from":"county"}"#.to_owned())
        );
    }
    harness
        .sends(AGENCY_COMMANDS, &[], b"\x08\x01\xff".as_slice())
        .await;
    assert_eq!(harness.quarantined().await.0, "not_protobuf");
    harness
        .sends(
            AGENCY_COMMANDS,
            &[(header::CE_SPECVERSION, "1.0")],
            acknowledge("grid/1").to_string(),
        )
        .await;
    assert_eq!(
        harness.quarantined().await.1.as_deref(),
        Some(header::CE_ID),
        "half a CloudEvent"
    );
    harness
        .sends(AGENCY_COMMANDS, &[], acknowledge("grid/1").to_string())
        .await;
    harness.command().await;
}

/// As soon as the clue has its number; twice is once, for the agency named its message.
#[tokio::test]
async fn what_was_put_away_is_published_again() {
    let mut harness = Harness::start(Config::default()).await;
    let mut body = acknowledge("330602-20260105-1");
    body["id"] = "theirs".into();
    let headers = [("x-from", "county")];
    harness.sends(AGENCY_COMMANDS, &headers, body.to_string()).await;
    let (reason, _, row) = harness.quarantined().await;
    assert_eq!(reason, "clue_unknown");
    let assigned = super::harness::assigned("county", None, &[]);
    harness
        .happens(clue("1"), None, vec![reported("1"), assigned])
        .await;
    harness.notices(1).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let again = bihuan_stream::again(&row);
        assert_eq!(again.partition, row.topic_partition);
        harness.log.publish(vec![again]).await.expect("published");
        ids.push(envelope(&harness.command().await.0).id);
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn nobody_speaks_for_an_agency_on_its_own_topic() {
    const OWN: &str = "town.commands";
    let commands = vec![Route {
        agency: agency("town"),
        topic: OWN.to_owned(),
    }];
    let mut harness = Harness::start(Config {
        commands,
        ..Config::default()
    })
    .await;
    harness.sends(OWN, &[], acknowledge("grid/1").to_string()).await;
    let (reason, field, _) = harness.quarantined().await;
    assert_eq!(
        (reason.as_str(), field.as_deref()),
        ("actor_not_sender", Some("actor.agency"))
    );
    let mut body = acknowledge("grid/1");
    body["actor"]["agency"] = "town".into();
    harness.sends(OWN, &[], body.to_string()).await;
    assert_eq!(
        envelope(&harness.command().await.0).actor,
        Actor::agency(agency("town"))
    );
}
