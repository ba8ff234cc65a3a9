//! Messages as the three tools write them, with a platform's table of cases.

use bihuan_domain::clue::{Origin, Snapshot, SourceStatus, TimeBasis};
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_domain::routing::Rulebook;
use proptest::prelude::*;

use super::*;
use crate::{Mapping, Outcome, Receipt};

fn mapping(envelope: &str) -> Mapping {
    let text = format!(
        r#"
source = "grid"
mode = "snapshot"
format = "json"
{envelope}
time_zone = "Asia/Shanghai"
personal = ["phone"]
[clue]
id = "/id"
title = "/title"
attributes = ["/@op", "/@table"]
[snapshot]
version = {{ from = "/@ts", time = "unix_ms" }}
status = {{ from = "/state", values = {{ "1" = "open", "3" = "closed" }} }}
"#
    );
    Mapping::parse(&text).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn receipt() -> Receipt {
    Receipt {
        received_at: "2026-06-01T00:00:00Z".parse().expect("a time"),
        origin: Origin {
            record: RecordId::of_file("f", 0),
            topic: String::new(),
            partition: 0,
            offset: 0,
            line: None,
        },
        route: false,
    }
}

/// What became of each record of the message.
fn outcomes(mapping: &Mapping, message: &str) -> Result<Vec<Outcome>, &'static str> {
    let records = mapping.records(message).map_err(|bad| bad.reason)?;
    let bound = mapping.bind_json();
    let outcome = |record: &Cow<'_, str>| bound.outcome(record.as_bytes(), &Rulebook::none(), receipt());
    Ok(records.iter().map(outcome).collect())
}

/// In short: `+1 c@ms open` a record with id, operation, version and status; `-1` one of which only the id is left; `!` a reason.
fn brief(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Clue { report, .. } => {
            let snapshot: &Snapshot = report.snapshot.as_ref().expect("a snapshot");
            let op = report
                .attributes
                .iter()
                .find(|it| it.name == "@op")
                .map_or("", |it| &it.value);
            let status = snapshot.status.map_or("?", SourceStatus::as_str);
            let ms = snapshot.version.unwrap_or(-1) / 1000;
            format!("+{} {op}@{ms} {status}", report.source_id)
        }
        Outcome::Deleted { deletion, .. } => {
            let ms = deletion.snapshot.version.unwrap_or(-1000) / 1000;
            format!("-{}@{ms}", deletion.source_id)
        }
        Outcome::Feedback(said) => panic!("{said:?}"),
        Outcome::Quarantine { reason, .. } => format!("!{reason}"),
        Outcome::Skipped => "skipped".to_owned(),
    }
}

fn briefly(mapping: &Mapping, message: &str) -> Vec<String> {
    match outcomes(mapping, message) {
        Ok(outcomes) => outcomes.iter().map(brief).collect(),
        Err(reason) => vec![format!("whole message !{reason}")],
    }
}

const SOURCE: &str = r#""source":{"version":"2.7.0.Final","connector":"mysql","name":"grid","ts_ms":1767571200000,"snapshot":"false","db":"grid","table":"t_case","server_id":1,"file":"binlog.000003","pos":484,"row":0}"#;
const SCHEMA: &str = r#""schema":{"type":"struct","fields":[{"type":"struct","optional":true,"field":"before"},{"type":"struct","optional":true,"field":"after"}],"optional":false,"name":"grid.grid.t_case.Envelope","version":2}"#;

#[test]
fn debezium_with_and_without_its_schema() {
    let mapping = mapping("envelope = \"debezium\"");
    let row = r#"{"id":7,"title":"占道经营","phone":"13800000000","state":1}"#;
    let later = r#"{"id":7,"title":"占道经营","phone":"13800000000","state":3}"#;
    let change = |op: &str, before: &str, after: &str| {
        format!(
            r#"{{"before":{before},"after":{after},{SOURCE},"transaction":null,"op":"{op}","ts_ms":1767571200456}}"#
        )
    };
    let table: [(String, &str); 6] = [
        (change("r", "null", row), "+7 r@1767571200000 open"),
        (change("c", "null", row), "+7 c@1767571200000 open"),
        (change("u", row, later), "+7 u@1767571200000 closed"),
        (change("u", "null", later), "+7 u@1767571200000 closed"),
        (change("d", later, "null"), "+7 d@1767571200000 deleted"),
        // PostgreSQL with its default replica identity tells no more of a deleted row
        (
            change("d", r#"{"id":7,"title":null,"phone":null,"state":null}"#, "null"),
            "-7@1767571200000",
        ),
    ];
    for (message, expected) in table {
        assert_eq!(briefly(&mapping, &message), [expected], "{message}");
        let wrapped = format!("{{{SCHEMA},\"payload\":{message}}}");
        assert_eq!(briefly(&mapping, &wrapped), [expected], "{wrapped}");
    }
    let left_out = change(
        "u",
        "null",
        &row.replace("占道经营", "__debezium_unavailable_value"),
    );
    assert_eq!(
        briefly(&mapping, &left_out),
        ["!value_unavailable"],
        "it would overwrite the text"
    );
    let at_zero = change("c", "null", row).replace("1767571200000", "0");
    assert_eq!(
        briefly(&mapping, &at_zero),
        ["+7 c@1767571200456 open"],
        "then when Debezium saw it"
    );
}

#[test]
fn what_debezium_sends_beside_rows_is_none() {
    let mapping = mapping("envelope = \"debezium\"");
    let nothing: &[&str] = &[];
    let table: [(&str, &[&str]); 10] = [
        ("null", nothing),
        (r#"{"schema":null,"payload":null}"#, nothing),
        (r#"{"ts_ms":1767571200000}"#, nothing),
        (
            r#"{"schema":{"type":"struct"},"payload":{"ts_ms":1767571200000}}"#,
            nothing,
        ),
        (
            r#"{"status":"BEGIN","id":"571","ts_ms":1767571200000,"event_count":null,"data_collections":null}"#,
            nothing,
        ),
        (
            r#"{"status":"END","id":"571","ts_ms":1767571200000,"event_count":2,"data_collections":[{"data_collection":"grid.t_case","event_count":2}]}"#,
            nothing,
        ),
        (
            r#"{"source":{"db":"grid"},"ts_ms":1,"databaseName":"grid","ddl":"ALTER TABLE t_case ADD x int","tableChanges":[]}"#,
            nothing,
        ),
        (r#"{"id":7,"title":"x"}"#, &["whole message !envelope"]),
        (
            r#"{"before":null,"after":null,"op":"t","ts_ms":1}"#,
            &["whole message !op_unknown"],
        ),
        (r#"{"op":"c","after":"#, &["whole message !json"]),
    ];
    for (message, expected) in table {
        assert_eq!(briefly(&mapping, message), expected, "{message}");
    }
}

const CANAL: &str = r#""database":"grid","es":1767571200000,"id":12,"isDdl":false,"mysqlType":{"id":"bigint","title":"varchar(64)"},"pkNames":["id"],"sql":"","sqlType":{"id":-5,"title":12},"table":"t_case","ts":1767571200789"#;

#[test]
fn canal_holds_several_rows_and_one_that_cannot_be_read_is_alone() {
    let mapping = mapping("envelope = \"canal\"");
    let rows = r#"[{"id":"1","title":"占道","phone":"138","state":"1"},{"id":"","title":"x","phone":"139","state":"1"},{"id":"3","title":"噪声","phone":"137","state":"3"}]"#;
    let message = format!(
        r#"{{"data":{rows},{CANAL},"old":[{{"state":"0"}},{{"state":"0"}},{{"state":"1"}}],"type":"UPDATE"}}"#
    );
    assert_eq!(
        briefly(&mapping, &message),
        [
            "+1 u@1767571200000 open",
            "!id_missing",
            "+3 u@1767571200000 closed"
        ]
    );
    let records = mapping.records(&message).expect("records");
    let kept = mapping.bind_json().kept(records[1].as_bytes());
    let kept = String::from_utf8(kept.bytes).expect("text");
    assert!(
        kept.contains(r#""phone":"***""#) && !kept.contains("139"),
        "{kept}: of that row alone, and without what is personal"
    );
    assert!(!kept.contains("占道"), "{kept}");
    for record in &records {
        assert_eq!(
            briefly(&mapping, record).len(),
            1,
            "a record is taken apart no further"
        );
    }
}

#[test]
fn canal_by_type() {
    let mapping = mapping("envelope = \"canal\"");
    let message = |kind: &str, data: &str| format!(r#"{{"data":{data},{CANAL},"old":null,"type":"{kind}"}}"#);
    let row = r#"[{"id":"1","title":"占道","state":"1"}]"#;
    let ddl = message("ALTER", "null").replace("\"isDdl\":false", "\"isDdl\":true");
    let table: [(String, &[&str]); 9] = [
        (message("INSERT", row), &["+1 c@1767571200000 open"]),
        (message("UPDATE", row), &["+1 u@1767571200000 open"]),
        (message("DELETE", row), &["+1 d@1767571200000 deleted"]),
        (message("INSERT", "[]"), &[]),
        (message("INSERT", "[null,7]"), &["!json", "!json"]),
        (ddl, &[]),
        (message("CREATE", "null"), &[]),
        (message("MERGE", row), &["whole message !op_unknown"]),
        (message("INSERT", "{}"), &["whole message !envelope"]),
    ];
    for (message, expected) in table {
        assert_eq!(briefly(&mapping, &message), expected, "{message}");
    }
}

#[test]
fn maxwell_by_type() {
    let mapping = mapping("envelope = \"maxwell\"");
    let message = |kind: &str| {
        format!(
            r#"{{"database":"grid","table":"t_case","type":"{kind}","ts":1767571200,"xid":23396,"commit":true,"data":{{"id":5,"title":"占道","state":1}},"old":{{"state":0}}}}"#
        )
    };
    let table: [(&str, &[&str]); 8] = [
        ("insert", &["+5 c@1767571200000 open"]),
        ("update", &["+5 u@1767571200000 open"]),
        ("delete", &["+5 d@1767571200000 deleted"]),
        ("bootstrap-insert", &["+5 r@1767571200000 open"]),
        ("bootstrap-start", &[]),
        ("bootstrap-complete", &[]),
        ("table-alter", &[]),
        ("upsert", &["whole message !op_unknown"]),
    ];
    for (kind, expected) in table {
        assert_eq!(briefly(&mapping, &message(kind)), expected, "{kind}");
    }
}

#[test]
fn a_deleted_row_is_another_content_than_the_row_that_was_there() {
    let mapping = mapping("envelope = \"maxwell\"");
    let message = |kind: &str| {
        format!(
            r#"{{"database":"g","table":"t","type":"{kind}","ts":1,"data":{{"id":5,"title":"占道","state":1}}}}"#
        )
    };
    // the operation itself is an attribute here, so it is left out of what is compared
    let text = mapping
        .text()
        .replace("attributes = [\"/@op\", \"/@table\"]\n", "");
    let mapping = Mapping::parse(&text).expect("good");
    let digest = |kind: &str| match &outcomes(&mapping, &message(kind)).expect("records")[..] {
        [Outcome::Clue { report, .. }] => report.digest,
        other => panic!("{other:?}"),
    };
    assert_eq!(digest("insert"), digest("update"));
    assert_ne!(digest("update"), digest("delete"));
}

#[test]
fn the_key_of_a_message_without_a_value_names_the_record() {
    let table: [(&str, &str, &str); 12] = [
        ("key = \"id\"", "7", "-7@-1"),
        ("key = \"id\"", " A-7 ", "-A-7@-1"),
        ("key = \"id\"", "", "!id_missing"),
        ("key = \"id\"", "a\u{0}b", "!id_invalid"),
        ("key = \"/id\"", r#"{"id":7}"#, "-7@-1"),
        ("key = \"/id\"", r#"{"no":7}"#, "!id_missing"),
        ("key = \"/id\"", "7", "!json"),
        ("envelope = \"debezium\"\nkey = \"/id\"", r#"{"id":7}"#, "-7@-1"),
        (
            "envelope = \"debezium\"\nkey = \"/id\"",
            r#"{"schema":{"type":"struct"},"payload":{"id":7}}"#,
            "-7@-1",
        ),
        ("key = \"/payload/id\"", r#"{"payload":{"id":7}}"#, "-7@-1"),
        ("envelope = \"debezium\"", r#"{"id":7}"#, "skipped"),
        ("", "7", "!key_unmapped"),
    ];
    for (head, key, expected) in table {
        let text = mapping("envelope = \"canal\"")
            .text()
            .replace("envelope = \"canal\"", head)
            .replace("attributes = [\"/@op\", \"/@table\"]\n", "");
        let mapping = if head.contains("envelope") {
            Mapping::parse(&text)
        } else {
            Mapping::parse(&text.replace("/@ts", "/ts"))
        };
        let mapping = mapping.expect("good");
        let outcome = mapping.removed(key.as_bytes(), receipt());
        assert_eq!(brief(&outcome), expected, "{head} {key:?}");
        if let Outcome::Deleted { clue_id, deletion } = outcome {
            assert_eq!(clue_id, ClueId::derive(mapping.source(), &deletion.source_id));
            let snapshot = deletion.snapshot;
            assert_eq!(
                (snapshot.status, snapshot.basis),
                (Some(SourceStatus::Deleted), TimeBasis::Receipt)
            );
            assert_eq!(snapshot.changed_at, receipt().received_at);
        }
    }
}

#[test]
fn what_the_head_may_not_say_is_named() {
    let problems = |head: &str, version: &str| {
        let text = format!(
            "source = \"s\"\n{head}\n[clue]\nid = \"/id\"\n[snapshot]\nversion = {{ from = \"{version}\", time = \"unix_ms\" }}\n"
        );
        let problems = Mapping::parse(&text).err().unwrap_or_default();
        problems
            .into_iter()
            .map(|it| (it.code, it.key))
            .collect::<Vec<_>>()
    };
    let snapshot = |more: &str| format!("mode = \"snapshot\"\nformat = \"json\"\n{more}");
    let found = |code: &'static str, key: &str| vec![(code, key.to_owned())];
    let table = [
        (snapshot("envelope = \"debezium\""), "/@ts", vec![]),
        (
            snapshot("envelope = \"debezum\""),
            "/ts",
            found("word", "envelope"),
        ),
        (
            snapshot("envelope = \"canal\"\nrows = \"/data\""),
            "/@ts",
            found("rows", "rows"),
        ),
        (
            snapshot("envelope = \"canal\""),
            "/@when",
            found("envelope_field", "snapshot.version.from"),
        ),
        (snapshot("key = \"no\""), "/ts", found("key", "key")),
        (snapshot("complete = 7"), "/ts", found("complete", "complete")),
        (snapshot("complete = true\nkey = \"/id\""), "/@timestamp", vec![]),
        (
            snapshot("envelope = \"canal\"").replace("json", "csv"),
            "/@ts",
            found("envelope", "envelope"),
        ),
    ];
    for (head, version, expected) in table {
        assert_eq!(problems(&head, version), expected, "{head}");
    }
    for key in ["envelope = \"canal\"", "key = \"id\"", "complete = true"] {
        let text = format!("source = \"s\"\nformat = \"json\"\n{key}\n[clue]\nid = \"/id\"\n");
        let problems = Mapping::parse(&text).err().unwrap_or_default();
        let codes: Vec<_> = problems.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["mode"], "{key}");
    }
}

fn rows() -> impl Strategy<Value = Vec<(u32, String, Option<u8>)>> {
    proptest::collection::vec(
        (
            0_u32..6,
            "[a-z\"\\\\{}\\[\\],:甲]{0,6}",
            proptest::option::of(0_u8..4),
        ),
        0..6,
    )
}

fn row((id, title, state): &(u32, String, Option<u8>)) -> String {
    let id = (*id > 0).then_some(id);
    serde_json::json!({"id": id, "title": title, "state": state.map(|state| state.to_string())}).to_string()
}

proptest! {
    /// What a message of many records says is what as many messages of one record say.
    #[test]
    fn many_rows_in_a_message_are_as_many_messages(rows in rows()) {
        let canal = |rows: &[String]| format!(r#"{{"data":[{}],{CANAL},"type":"INSERT"}}"#, rows.join(","));
        let array = |rows: &[String]| format!(r#"{{"code":0,"data":[{}]}}"#, rows.join(","));
        let plain = Mapping::parse(
            &mapping("envelope = \"canal\"")
                .text()
                .replace("envelope = \"canal\"", "rows = \"/data\"")
                .replace("attributes = [\"/@op\", \"/@table\"]\n", "")
                .replace("/@ts", "/ts"),
        )
        .expect("good");
        let canal_mapping = mapping("envelope = \"canal\"");
        let rows: Vec<String> = rows.iter().map(row).collect();
        let check = |mapping: &Mapping, write: &dyn Fn(&[String]) -> String| {
            let together = outcomes(mapping, &write(&rows));
            let apart: Result<Vec<_>, _> = rows
                .iter()
                .map(|row| outcomes(mapping, &write(std::slice::from_ref(row))).map(|mut it| it.remove(0)))
                .collect();
            (together, apart)
        };
        for (together, apart) in [check(&canal_mapping, &canal), check(&plain, &array)] {
            prop_assert_eq!(together, apart);
        }
    }
}
