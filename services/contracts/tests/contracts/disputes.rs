//! The bytes, refusals and JSON of disputes.

use bihuan_contracts::dispute::{DisputeCommand, DisputeEvent, command, event, from_json};
use bihuan_contracts::{DecodeError, header, topics};
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Command, Position};
use serde_json::json;

use crate::samples;

fn first(name: &str) -> DisputeCommand {
    let mut all = samples::disputed_commands().into_iter();
    all.find(|it| it.envelope.command.name() == name)
        .expect("a sample")
}

/// Written once, read for ever: never change these for a field that exists.
#[test]
fn the_bytes_of_disputes_stay_as_they_are() {
    let digest = |all: Vec<Vec<u8>>| Digest::of(all.iter().map(Vec::as_slice)).to_string();
    let commands = samples::disputed_commands();
    let events = samples::disputed_events();
    assert_eq!(
        (
            digest(commands.iter().map(command::encode).collect()),
            digest(events.iter().map(event::encode).collect())
        ),
        (
            "31ec04a1882aa44ec85859fcefcc51b85209e6760447d0b4d4e7e96d4006a481".to_owned(),
            "28230b7bc5598a5a16cdabf5207514b65261f768075c292fdcfdf833e4e51d35".to_owned()
        )
    );
}

#[test]
fn a_command_travels_to_the_partition_of_its_clue() {
    let sample = first("GiveOpinion");
    let message = command::message(&sample, 5, "api");
    assert_eq!(
        (message.topic.as_ref(), message.partition),
        (topics::DISPUTE_COMMANDS, 5)
    );
    assert_eq!(message.key, samples::clue().to_string().into_bytes());
    assert_eq!(
        message.header(header::CE_TYPE),
        Some(b"bihuan.dispute.v1.GiveOpinion".as_slice())
    );
    assert_eq!(command::decode(&message.payload), Ok(sample));
}

#[test]
fn an_event_carries_its_sequence_and_the_clue() {
    let sample = samples::disputed_events().remove(0);
    let message = event::message(&sample, 5, 41, "dispute");
    assert_eq!(message.topic, topics::DISPUTE_EVENTS);
    assert_eq!(message.header(header::SEQUENCE), Some(b"41".as_slice()));
    assert_eq!(message.header(header::CE_ID), Some(b"5-41".as_slice()));
    assert_eq!(event::key(&sample), Some(samples::clue()));
}

fn refused(bytes: &[u8]) -> (&'static str, Option<String>) {
    let DecodeError { code, field, .. } = command::decode(bytes).expect_err("is refused");
    (code, field)
}

#[test]
fn a_refusal_names_the_field() {
    let field = |name: &str| Some(name.to_owned());
    let whole = command::encode(&first("AcceptOpinion"));
    let with = |more: &[u8]| refused(&[whole.as_slice(), more].concat());
    assert_eq!(refused(b"\xff"), ("not_protobuf", None));
    assert_eq!(refused(b""), ("field_missing", field("schema")));
    assert_eq!(refused(b"\x08\x02"), ("version_unknown", field("schema")));
    assert_eq!(refused(b"\x08\x01"), ("type_unknown", field("body")));
    // the last body wins: a position that is none, an opinion of nobody, a ruling without its paper
    assert_eq!(with(b"\x8a\x01\x00"), ("field_missing", field("position")));
    assert_eq!(
        with(b"\x8a\x01\x02\x08\x63"),
        ("field_invalid", field("position"))
    );
    assert_eq!(with(b"\xca\x01\x00"), ("field_missing", field("agency")));
    assert_eq!(
        with(b"\xe2\x01\x05\x0a\x03\x0a\x01A"),
        ("field_missing", field("ruling.decision"))
    );
}

#[test]
fn a_body_of_the_future_is_refused_and_a_field_of_the_future_is_ignored() {
    let sample = first("AcceptOpinion");
    let mut bytes = command::encode(&sample);
    let body = bytes
        .windows(2)
        .rposition(|pair| pair == [0xd2, 0x01])
        .expect("the body");
    // field 99 instead of 26
    bytes[body..body + 2].copy_from_slice(&[0x9a, 0x06]);
    assert_eq!(refused(&bytes), ("type_unknown", Some("body".to_owned())));
    let with_more = [command::encode(&sample).as_slice(), b"\xf8\x07\x01"].concat();
    assert_eq!(command::decode(&with_more), Ok(sample));
}

#[test]
fn an_event_of_a_dispute_names_it_and_one_of_the_future_is_told_apart() {
    let code = |bytes: &[u8]| {
        let error = event::decode(bytes).expect_err("is refused");
        (error.code, error.field)
    };
    let field = |name: &str| Some(name.to_owned());
    let head = b"\x08\x01\x39\x00\x00\x00\x00\x00\x00\x00\x00".as_slice();
    assert_eq!(code(head), ("type_unknown", field("body")));
    // field 99
    let body = [head, b"\x9a\x06\x00".as_slice()].concat();
    assert_eq!(code(&body), ("type_unknown", field("body")));
    let settled = [head, b"\x8a\x02\x00".as_slice()].concat();
    assert_eq!(code(&settled), ("field_missing", field("clue")));
}

#[test]
fn a_journal_carries_no_free_text() {
    let remark = "不是我们的".as_bytes();
    let holds = |bytes: &[u8]| bytes.windows(remark.len()).any(|part| part == remark);
    assert!(holds(&command::encode(&first("Apply"))));
    let events = samples::disputed_events();
    assert!(events.iter().map(event::encode).all(|bytes| !holds(&bytes)));
    assert!(matches!(events[0], DisputeEvent::Dispute { .. }));
}

#[test]
fn people_ask_in_json_and_are_told_what_is_wrong() {
    let ask = |value| from_json(samples::dispute(), &value);
    let digest = "ab".repeat(32);
    let asked = json!({
        "type": "state_position", "position": "claims", "duty": "7",
        "papers": [{"reference": "1", "digest": digest}], "remark": "x",
    });
    let request = ask(asked).expect("read");
    let Command::StatePosition { position, papers, .. } = &request.command else {
        panic!("{request:?}");
    };
    assert_eq!((*position, papers.len()), (Position::Claims, 1));
    assert_eq!(request.text.and_then(|it| it.remark).as_deref(), Some("x"));
    let refusal = |value| {
        let error = ask(value).expect_err("is refused");
        (error.code, error.field.unwrap_or_default())
    };
    let table = [
        (json!({"type": "open_dispute"}), ("type_unknown", "type")),
        (
            json!({"type": "note_clue_ended", "how": "closed"}),
            ("type_unknown", "type"),
        ),
        (json!({"type": "reply"}), ("field_missing", "reply")),
        (
            json!({"type": "reply", "reply": {"reference": "1", "digest": "no"}}),
            ("field_invalid", "reply.digest"),
        ),
        (
            json!({"type": "refuse_application", "ground": "other", "reason": "x"}),
            ("field_invalid", "ground"),
        ),
        (
            json!({"type": "refuse_application", "ground": "internal_matter"}),
            ("field_missing", "reason"),
        ),
        (
            json!({"type": "apply", "aplication": 1}),
            ("field_missing", "application"),
        ),
        (
            json!({"type": "accept_opinion", "agency": "x"}),
            ("field_invalid", "agency"),
        ),
        (
            json!({"type": "add_party", "agency": "x", "position": "perhaps"}),
            ("field_invalid", "position"),
        ),
    ];
    for (value, (code, field)) in table {
        assert_eq!(refusal(value.clone()), (code, field.to_owned()), "{value}");
    }
}
