//! Records that are wrong, each in its own way: each has a named outcome, and the good ones between them arrive.

use std::collections::BTreeMap;

use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::installation::Installation;
use e2e::kafka::{Sender, Sent};
use e2e::records::{Expected, protobuf};
use e2e::rulebook::{EAST, NOWHERE};
use e2e::{http, records, wait_for};
use serde_json::{Value, json};

use crate::storm::REST;

/// What must become of a record.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    /// Reason code, and the field if one is at fault.
    Quarantined(&'static str, Option<&'static str>),
    /// A clue that is handled all the same.
    Flagged(&'static str),
    /// A clue for which nobody can be found.
    Triage(&'static str),
}
use Outcome::{Flagged, Quarantined, Triage};

struct Bad {
    name: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    payload: Vec<u8>,
    outcome: Outcome,
}

fn good(id: &str) -> Value {
    json!({"source": "grid", "id": id, "matter": "noise", "area": EAST, "reported_at": "2026-01-05T08:00:00+08:00"})
}

fn but(id: &str, field: &str, value: impl Into<Value>) -> Value {
    let mut record = good(id);
    record[field] = value.into();
    record
}

const JSON: (&str, &str) = ("content-type", "application/json");

fn bad(name: &'static str, payload: impl Into<Vec<u8>>, outcome: Outcome) -> Bad {
    let (headers, payload) = (Vec::new(), payload.into());
    Bad {
        name,
        headers,
        payload,
        outcome,
    }
}

fn json(name: &'static str, record: &Value, outcome: Outcome) -> Bad {
    bad(name, record.to_string(), outcome).with(&[JSON])
}

impl Bad {
    fn with(self, headers: &[(&'static str, &'static str)]) -> Self {
        let headers = headers.to_vec();
        Self { headers, ..self }
    }
}

fn without(field: &str) -> Value {
    let mut record = good("without");
    record.as_object_mut().expect("an object").remove(field);
    record
}

fn megabytes() -> String {
    "长".repeat(10 * 1024 * 1024 / 3)
}

/// On Bihuan's own topic: not to be read.
fn unreadable_messages() -> Vec<Bad> {
    let event = [
        ("ce_specversion", "1.0"),
        ("ce_source", "/x"),
        ("ce_type", "x"),
        JSON,
    ];
    let structured = [("content-type", "application/cloudevents+json")];
    vec![
        bad(
            "binary garbage",
            [0xff, 0x00, 0xfe, 0x80, 0x13],
            Quarantined("not_protobuf", None),
        ),
        bad("nothing at all", [], Quarantined("field_missing", Some("source"))),
        bad(
            "wrong JSON",
            "{\"source\": \"grid\", \"id\": ",
            Quarantined("not_json", None),
        )
        .with(&[JSON]),
        bad("JSON that is no object", "[1, 2]", Quarantined("not_json", None)).with(&[JSON]),
        json(
            "unknown field",
            &but("colour", "colour", "red"),
            Quarantined("field_invalid", Some("colour")),
        ),
        json(
            "unknown field that no database can name",
            &but("colour", "col\0our", "red"),
            Quarantined("field_invalid", Some("col\u{fffd}our")),
        ),
        bad(
            "a file that no database can name",
            "x",
            Quarantined("field_invalid", Some("bihuan_file")),
        )
        .with(&[("bihuan_file", "a\0b"), ("bihuan_ordinal", "1")]),
        json("no id", &without("id"), Quarantined("field_missing", Some("id"))),
        json(
            "blank id",
            &but(" ", "title", "t"),
            Quarantined("field_missing", Some("id")),
        ),
        json(
            "no source",
            &without("source"),
            Quarantined("field_missing", Some("source")),
        ),
        bad(
            "CloudEvent without id",
            good("ce").to_string(),
            Quarantined("field_missing", Some("ce_id")),
        )
        .with(&event),
        bad(
            "structured CloudEvent that is none",
            "{}",
            Quarantined("field_missing", Some("specversion")),
        )
        .with(&structured),
        json(
            "10 MB of text",
            &but("long", "description", megabytes()),
            Quarantined("text_too_long", Some("description")),
        ),
        bad(
            "10 MB of garbage",
            vec![0xff; 10 << 20],
            Quarantined("not_protobuf", None),
        ),
    ]
}

/// Records with an id are clues, whatever else is wrong with them.
fn doubtful_records() -> Vec<Bad> {
    let late = but("closed-before", "closed_at", "2026-01-04T08:00:00+08:00");
    vec![
        json(
            "unreadable time",
            &but("time", "reported_at", "yesterday"),
            Flagged("reported_at_unreadable"),
        ),
        json(
            "far future",
            &but("future", "reported_at", "2999-01-01T00:00:00Z"),
            Flagged("reported_in_future"),
        ),
        json("closed before reported", &late, Flagged("closed_before_reported")),
        json(
            "unknown area",
            &but("area", "area", NOWHERE),
            Triage("area_unknown"),
        ),
        json(
            "unknown matter",
            &but("matter", "matter", "ufo"),
            Triage("matter_unknown"),
        ),
        json(
            "no matter",
            &but("no-matter", "matter", Value::Null),
            Triage("matter_missing"),
        ),
    ]
}

fn bad_messages() -> Vec<Bad> {
    let mut all = unreadable_messages();
    all.extend(doubtful_records());
    all
}

#[test]
fn on_kafka_every_bad_message_has_its_outcome_and_delays_nobody() {
    let installation = Installation::small_cluster();
    let _processes = installation.serve_all();
    let sender = Sender::new(installation.brokers());
    let send = |headers: &[(&str, &str)], payload: Vec<u8>| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        sender.send(&Sent {
            topic: "clue.inbound.v1".to_owned(),
            // one partition: whatever a bad one stopped, the good ones after it would not come
            partition: 2,
            key: String::new(),
            headers: headers.iter().map(owned).collect(),
            payload,
        });
    };
    let bad = bad_messages();
    for (number, it) in bad.iter().enumerate() {
        send(&it.headers, it.payload.clone());
        send(&[], protobuf(&good(&format!("good-{number}"))));
    }
    sender.flush();
    assert_outcomes(&installation, &bad);
}

/// Every bad record has its outcome, and there is one good one for each.
fn assert_outcomes(installation: &Installation, bad: &[Bad]) {
    let quarantined = bad.iter().filter(|it| matches!(it.outcome, Quarantined(..)));
    let mut reasons: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
    for it in quarantined {
        if let Quarantined(reason, field) = it.outcome {
            *reasons.entry((reason, field)).or_default() += 1;
        }
    }
    let clues = |wanted: fn(Outcome) -> bool| bad.iter().filter(|it| wanted(it.outcome)).count() as u64;
    let triage = clues(|outcome| matches!(outcome, Triage(_)));
    let late = bad
        .iter()
        .filter(|it| it.name == "closed before reported")
        .count() as u64;
    let expected = Expected {
        received: 2 * bad.len() as u64,
        clues: bad.len() as u64 + triage + clues(|outcome| matches!(outcome, Flagged(_))),
        quarantined: clues(|outcome| matches!(outcome, Quarantined(..))),
        triage,
        // history: it was closed when it came
        closed: late,
        ..Expected::default()
    };
    assert_report(&settle(installation, &expected, REST), &expected);
    let list = installation.ask(&["quarantine", "list", "--limit", "500"]);
    let mut found: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    for record in list["records"].as_array().expect("records") {
        let text = |name: &str| record[name].as_str().map(str::to_owned);
        *found
            .entry((text("reason").expect("a reason"), text("field")))
            .or_default() += 1;
    }
    let owned = |((reason, field), count): (&(&str, Option<&str>), &usize)| {
        (((*reason).to_owned(), field.map(str::to_owned)), *count)
    };
    assert_eq!(found, reasons.iter().map(owned).collect());
    for it in bad {
        let (Flagged(flag) | Triage(flag)) = it.outcome else {
            continue;
        };
        let record: Value = serde_json::from_slice(&it.payload).expect("JSON");
        let shown = installation.ask(&[
            "clue",
            "show",
            &format!("grid/{}", record["id"].as_str().expect("an id")),
        ]);
        assert!(shown.to_string().contains(flag), "{}: {flag} in {shown}", it.name);
    }
    assert_verified(installation);
    assert_journals(installation);
}

#[test]
fn on_a_laptop_every_bad_line_has_its_outcome_and_delays_nobody() {
    let installation = Installation::small();
    let mapping = records::mapping("grid");
    let mapping = installation.file(
        "mapping.toml",
        format!("{mapping}[history]\nclosed_at = \"/closed_at\"\n").replace("\"event\"", "\"history\""),
    );
    let lines = |bad: &[Bad]| -> Vec<u8> {
        let both = bad.iter().enumerate().flat_map(|(number, it)| {
            let good = good(&format!("good-{number}")).to_string().into_bytes();
            [it.payload.clone(), good]
        });
        both.flat_map(|line| [line, b"\n".to_vec()].concat()).collect()
    };
    let bad = bad_lines();
    let file = installation.file("records.jsonl", lines(&bad));
    let (file, mapping) = (file.to_str().expect("UTF-8"), mapping.to_str().expect("UTF-8"));
    let done = installation.ask(&["import", file, "--mapping", mapping]);
    assert_eq!(done["received"], 2 * bad.len(), "{done}");
    assert_outcomes(&installation, &bad);
}

/// In a file, read by a mapping.
fn bad_lines() -> Vec<Bad> {
    let mut all = vec![
        bad(
            "binary garbage",
            [0xff, 0x00, 0xfe, 0x80, 0x13],
            Quarantined("json", None),
        ),
        bad("wrong JSON", "{\"id\": ", Quarantined("json", None)),
        json(
            "no id",
            &but("", "title", "t"),
            Quarantined("id_missing", Some("id")),
        ),
        json(
            "control character in the id",
            &but("a\u{7}b", "title", "t"),
            Quarantined("id_invalid", Some("id")),
        ),
        json(
            "10 MB",
            &but("long", "description", megabytes()),
            Quarantined("record_too_long", None),
        ),
    ];
    all.extend(doubtful_records());
    all
}

/// A request that is wrong is answered, and counts as nothing.
#[test]
fn over_http_every_bad_request_is_answered() {
    let installation = Installation::small();
    let mut processes = installation.serve_all();
    let url = format!("{}/api/v1/clues", processes[0].base());
    let table: [(&str, &str, Vec<u8>, u16, &str); 7] = [
        ("binary garbage", "application/json", vec![0xff, 0xfe], 400, ""),
        (
            "wrong JSON",
            "application/json",
            b"{\"source\":".to_vec(),
            400,
            "",
        ),
        (
            "no content type of ours",
            "text/plain",
            b"hello".to_vec(),
            415,
            "",
        ),
        (
            "unknown field",
            "application/json",
            but("a", "colour", "red").to_string().into_bytes(),
            400,
            "field_invalid",
        ),
        (
            "no id",
            "application/json",
            b"{\"source\": \"grid\"}".to_vec(),
            400,
            "field_missing",
        ),
        (
            "10 MB",
            "application/json",
            but("b", "title", "x".repeat(10 << 20)).to_string().into_bytes(),
            413,
            "",
        ),
        (
            "one of several",
            "application/json",
            json!([good("c"), {"source": "grid"}]).to_string().into_bytes(),
            400,
            "field_missing",
        ),
    ];
    for (name, kind, body, status, code) in table {
        let (found, answer) =
            http::post_bytes(&url, &[], kind, &body).unwrap_or_else(|| panic!("{name}: no answer"));
        assert_eq!(found, status, "{name}: {answer}");
        assert!(
            answer["code"].is_string(),
            "{name}: a problem has a code: {answer}"
        );
        assert!(code.is_empty() || answer["code"] == code, "{name}: {answer}");
    }
    let unknown = format!("{}/api/v1/clues/grid%2Fnobody", processes[0].base());
    assert_eq!(http::get(&unknown).expect("an answer").0, 404);
    assert_eq!(http::post(&url, &[], &good("d")).expect("an answer").0, 202);
    let expected = Expected {
        received: 1,
        clues: 1,
        ..Expected::default()
    };
    assert_report(&settle(&installation, &expected, REST), &expected);
    assert_eq!(processes[0].terminate(), Some(0));
}

/// Agencies' messages that cannot be read are kept, and the clue goes on.
#[test]
fn on_kafka_what_agencies_send_wrongly_is_quarantined() {
    let installation = Installation::small_cluster();
    let _processes = installation.serve_all();
    let sender = Sender::new(installation.brokers());
    let send = |topic: &str, payload: &Value| {
        sender.send(&Sent {
            topic: topic.to_owned(),
            headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
            payload: payload.to_string().into_bytes(),
            ..Sent::default()
        });
    };
    send("clue.inbound.v1", &good("one"));
    let east = json!({"role": "agency", "agency": "east"});
    let table = [
        (
            json!({"clue": "grid/one", "type": "dance", "actor": east}),
            "type_unknown",
        ),
        (
            json!({"clue": "grid/one", "type": "acknowledge_clue"}),
            "field_missing",
        ),
        (
            json!({"clue": "grid/one", "type": "close_clue", "actor": east}),
            "command_not_allowed",
        ),
        (
            json!({"clue": "grid/one", "type": "acknowledge_clue", "actor": {"role": "operator"}}),
            "actor_not_agency",
        ),
        (json!("no object"), "not_json"),
    ];
    for (command, _) in &table {
        send("agency.commands.v1", command);
    }
    sender.flush();
    // the good one comes after the clue was assigned
    wait_for("the clue is assigned", REST, || {
        let assigned = "SELECT count(*) FROM clue_event WHERE type LIKE '%ClueAssigned'";
        (installation.tables().number(assigned) == 1).then_some(())
    });
    send(
        "agency.commands.v1",
        &json!({"clue": "grid/one", "type": "acknowledge_clue", "actor": east}),
    );
    sender.flush();
    wait_for("the clue is signed for", REST, || {
        let signed = "SELECT count(*) FROM clue_event WHERE type LIKE '%ClueAcknowledged'";
        (installation.tables().number(signed) == 1).then_some(())
    });
    let mut reasons = installation
        .tables()
        .words("SELECT reason FROM quarantine WHERE consumer_group = 'delivery' ORDER BY reason");
    let mut wanted: Vec<_> = table.iter().map(|(_, reason)| (*reason).to_owned()).collect();
    wanted.sort();
    reasons.sort();
    assert_eq!(reasons, wanted);
    again_and_given_up(&installation, table.len());
    wait_for("everything is counted", REST, || {
        (installation.run(&["verify"]).code == Some(0)).then_some(())
    });
}

/// Nothing was mended, so each is put away again; then one is given up.
fn again_and_given_up(installation: &Installation, count: usize) {
    let answer = installation.run(&["quarantine", "replay", "--all", "--format", "json"]);
    assert_eq!(answer.code, Some(1), "{answer:?}");
    let asked = answer.json();
    assert_eq!(
        (&asked["asked"], &asked["done"]),
        (&json!(count), &json!(0)),
        "{asked}"
    );
    let again = asked["records"].as_array().expect("records");
    let again: Vec<&str> = again.iter().filter_map(|it| it["again"].as_str()).collect();
    assert_eq!(again.len(), count, "{asked}");
    let given_up = ["quarantine", "discard", again[0], "--reason", "noise"];
    assert_eq!(installation.run(&given_up).code, Some(0));
    for (fate, records) in [("replayed", count), ("waiting", count - 1), ("discarded", 1)] {
        let page = installation.ask(&["quarantine", "list", "--fate", fate]);
        assert_eq!(
            page["records"].as_array().map(Vec::len),
            Some(records),
            "{fate}: {page}"
        );
    }
}
