//! A database's changes as a platform dumps them, and files that list everything it has.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Data, file};

const MAPPING: &str = r#"
source = "platform"
mode = "snapshot"
format = "json"
envelope = "debezium"
time_zone = "Asia/Shanghai"
personal = ["phone"]
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
title = "/title"
[snapshot]
version = { from = "/@ts", time = "unix_ms" }
status = { from = "/state", values = { "1" = "open", "3" = "closed" } }
"#;

/// A platform's files and the installation that reads them.
struct Feed {
    folder: TempDir,
    data: Data,
}

impl Feed {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("temporary folder"),
            data: Data::empty(),
        }
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    }

    fn import(&self, name: &str, lines: &[String], mapping: &str, more: &[&str]) -> Value {
        let records = self.write(name, &(lines.join("\n") + "\n"));
        let mapping = self.write("mapping.toml", mapping);
        let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
        let words = ["import", &records, "--mapping", &mapping, "--rulebook", &rulebook];
        self.data.json(&[&words, more].concat())
    }

    fn show(&self, id: &str) -> Value {
        self.data.json(&["clue", "show", &format!("platform/{id}")])
    }
}

fn dispositions(summary: &Value) -> Value {
    let mut all = summary["dispositions"].clone();
    if let Some(all) = all.as_object_mut() {
        all.retain(|_, count| *count != 0);
    }
    all
}

fn row(id: u32, state: u32, title: &str) -> Value {
    json!({
        "id": id,
        "reported": "2026-01-05T08:00:00+08:00",
        "matter": "06001",
        "area": "330603",
        "title": title,
        "phone": "13800000000",
        "state": state,
    })
}

/// As Debezium writes it, with its schema or without.
fn change(op: &str, before: &Value, after: &Value, ms: u64) -> String {
    let payload = json!({
        "before": before,
        "after": after,
        "source": {"version": "2.7.0.Final", "connector": "mysql", "db": "grid", "table": "t_case", "ts_ms": ms},
        "op": op,
        "ts_ms": ms + 7,
    });
    if ms.is_multiple_of(2) {
        json!({"schema": {"type": "struct"}, "payload": payload}).to_string()
    } else {
        payload.to_string()
    }
}

#[test]
fn a_dump_of_a_databases_changes_comes_to_clues() {
    let feed = Feed::new();
    let null = Value::Null;
    let t = 1_767_571_200_000;
    let lines = [
        change("r", &null, &row(1, 1, "占道经营"), t),
        change("c", &null, &row(2, 1, "噪声扰民"), t + 1),
        change("u", &row(2, 1, "噪声扰民"), &row(2, 1, "夜间噪声扰民"), t + 3),
        json!({"status": "END", "id": "7", "ts_ms": t, "event_count": 2}).to_string(),
        json!({"payload": {"ts_ms": t + 4}}).to_string(),
        change("d", &row(1, 1, "占道经营"), &null, t + 5),
        "null".to_owned(),
        // nothing but the key of the row is left, and nobody knows it
        change("d", &json!({"id": 9, "title": null}), &null, t + 6),
        change("x", &null, &row(3, 1, ""), t + 7),
    ];
    let summary = feed.import("changes.jsonl", &lines, MAPPING, &[]);
    assert_eq!(
        dispositions(&summary),
        json!({"new": 2, "updated": 2, "skipped": 3, "stale": 1, "quarantined": 1}),
        "{summary}"
    );
    assert_eq!(summary["quarantined_by_reason"], json!({"op_unknown": 1}));
    let (one, two) = (feed.show("1"), feed.show("2"));
    assert_eq!(
        (&one["source_status"], &one["title"]),
        (&"deleted".into(), &"占道经营".into())
    );
    assert_eq!(
        (&two["source_status"], &two["title"]),
        (&"open".into(), &"夜间噪声扰民".into())
    );
    feed.data.run(&["clue", "show", "platform/9"]).exits(2);
    feed.data.run(&["verify"]).exits(0);
    let forged = feed
        .data
        .tamper("UPDATE monitor_source SET last_heard_at = last_heard_at + 1");
    assert_eq!(forged, 1, "one source was heard");
    feed.data.run(&["verify"]).exits(1).says("heard_is_journalled");
    assert_eq!(
        feed.data
            .tamper("UPDATE monitor_source SET last_heard_at = last_heard_at - 1"),
        1
    );
    let again = feed.import("changes.jsonl", &lines, MAPPING, &[]);
    assert_eq!((&again["received"], &again["repeated"]), (&0.into(), &9.into()));
}

#[test]
fn only_what_two_complete_files_leave_out_is_asked_about() {
    let feed = Feed::new();
    let mapping = MAPPING
        .replace("envelope = \"debezium\"\n", "")
        .replace("{ from = \"/@ts\", time = \"unix_ms\" }", "\"/version\"");
    let line = |id: u32, state: u32| {
        let mut row = row(id, state, "占道经营");
        row["version"] = 1.into();
        row.to_string()
    };
    let list = |name: &str, lines: &[String]| {
        let summary = feed.import(name, lines, &mapping, &["--complete"]);
        summary["complete"].clone()
    };
    let asked = |id: &str| feed.show(id)["discrepancies"].clone();
    let all = [line(1, 1), line(2, 1), line(3, 3)];
    assert_eq!(
        list("monday.jsonl", &all),
        json!({"listed": 3, "unreadable": 0, "missing": 0})
    );
    // 3 is over: that it is not listed any more is as it should be
    let tuesday = [line(1, 1)];
    let missing = json!({"listed": 1, "unreadable": 0, "missing": 1});
    assert_eq!(list("tuesday.jsonl", &tuesday), missing);
    assert_eq!(list("tuesday.jsonl", &tuesday), missing, "the same file again");
    assert_eq!(asked("2"), json!([]), "once proves nothing");

    let broken = [line(1, 1), "{\"id\": ".to_owned()];
    assert_eq!(
        list("broken.jsonl", &broken),
        json!({"listed": 1, "unreadable": 1, "missing": 0})
    );
    assert_eq!(asked("2"), json!([]), "what cannot be read proves nothing either");

    let wednesday = [line(1, 1), String::new()];
    assert_eq!(list("wednesday.jsonl", &wednesday), missing);
    assert_eq!(asked("2"), json!(["source_missing"]));
    assert_ne!(feed.show("2")["stage"], "voided");
    let report = feed.data.json(&["report", "closure"]);
    assert_eq!(report["counts"]["discrepancies"], 1);
    feed.data
        .run(&["explain", "platform/2", "--lang", "zh"])
        .exits(0)
        .says("来源的完整清单中没有该记录")
        .says("连续两份完整清单中没有");

    let thursday = [line(2, 1), line(1, 1)];
    assert_eq!(
        list("thursday.jsonl", &thursday),
        json!({"listed": 2, "unreadable": 0, "missing": 0})
    );
    assert_eq!(asked("2"), json!([]), "it is back");
    feed.data.run(&["verify"]).exits(0);
}

#[test]
fn a_complete_file_goes_with_snapshots_alone() {
    let feed = Feed::new();
    let mapping = feed.write(
        "events.toml",
        "source = \"s\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n",
    );
    let records = feed.write("records.jsonl", "{\"id\": 1}\n");
    feed.data
        .run(&["import", &records, "--mapping", &mapping, "--complete"])
        .exits(2)
        .says("snapshot");
}
