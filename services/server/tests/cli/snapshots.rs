//! A platform that sends the whole record again whenever something of it changes.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Data, file};

const MAPPING: &str = r#"
source = "platform"
mode = "snapshot"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
title = "/title"
[snapshot]
version = "/updated"
status = { from = "/status", values = { file = "statuses.csv" } }
deleted = { from = "/deleted", values = { true = true } }
"#;

/// A platform's feed, in files of our choice.
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

    /// Imports the versions as one file; the dispositions.
    fn send(&self, name: &str, versions: &[Value]) -> Value {
        let lines: Vec<_> = versions.iter().map(|it| it.to_string() + "\n").collect();
        let (records, mapping) = (
            self.write(&format!("{name}.jsonl"), &lines.concat()),
            self.write("platform.toml", MAPPING),
        );
        self.write(
            "statuses.csv",
            "theirs,ours\n待办,open\n撤回,withdrawn\n办结,closed\n重办,reopened\n催办,urged\n",
        );
        let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
        self.data
            .json(&["import", &records, "--mapping", &mapping, "--rulebook", &rulebook])
    }

    fn show(&self, id: &str) -> Value {
        self.data.json(&["clue", "show", &format!("platform/{id}")])
    }
}

/// A version of record `id`; `changes` over what it always says.
fn version(id: &str, number: u32, changes: &Value) -> Value {
    let mut version = json!({
        "id": id,
        "reported": "2026-01-05T08:00:00+08:00",
        "updated": format!("2026-01-05T{number:02}:00:00+08:00"),
        "matter": "06001",
        "area": "330603",
        "title": "占道经营",
        "status": "待办",
    });
    for (name, value) in changes.as_object().expect("changes") {
        version[name] = value.clone();
    }
    version
}

fn dispositions(summary: &Value) -> Value {
    let mut all = summary["dispositions"].clone();
    if let Some(all) = all.as_object_mut() {
        all.retain(|_, count| *count != 0);
    }
    all
}

#[test]
fn versions_are_applied_and_every_one_has_its_disposition() {
    let feed = Feed::new();
    let summary = feed.send(
        "first",
        &[
            version("a", 9, &json!({})),
            version("a", 10, &json!({})),
            version("b", 9, &json!({"status": "办结"})),
            version("a", 8, &json!({"title": "旧"})),
            version("c", 9, &json!({})),
            version("c", 10, &json!({"deleted": true})),
        ],
    );
    assert_eq!(
        dispositions(&summary),
        json!({"new": 3, "unchanged": 1, "stale": 1, "updated": 1}),
        "{summary}"
    );
    let a = feed.show("a");
    assert_eq!(
        (&a["stage"], &a["agency"], &a["title"]),
        (&"dispatched".into(), &"330603-zhzf".into(), &"占道经营".into())
    );
    assert_eq!(feed.show("b")["stage"], "closed");
    assert_eq!(feed.show("c")["stage"], "voided");

    // the clock goes on, the holder stays, and a person is asked
    let summary = feed.send(
        "second",
        &[version(
            "a",
            12,
            &json!({"title": "占道经营，有油烟", "area": "330602", "status": "催办"}),
        )],
    );
    assert_eq!(dispositions(&summary), json!({"updated": 1}));
    let a = feed.show("a");
    assert_eq!(
        (&a["agency"], &a["area"], &a["title"]),
        (
            &"330603-zhzf".into(),
            &"330603".into(),
            &"占道经营，有油烟".into()
        )
    );
    assert_eq!(
        (&a["discrepancies"], &a["urged"], &a["source_status"]),
        (&json!(["source_corrected"]), &1.into(), &"urged".into())
    );
    feed.data
        .run(&["explain", "platform/a", "--lang", "zh"])
        .exits(0)
        .says("来源更新：区域、标题、状态；来源状态 催办，2026-01-05 12:00:00 +08:00（按版本）")
        .says("来源已更正事项、区域或等级，待人工决定");
    feed.data
        .run(&["explain", "platform/a", "--lang", "en"])
        .exits(0)
        .says("updated by the source: area, title, status; there it is urged");
    let report = feed.data.json(&["report", "closure"]);
    assert_eq!(
        (
            &report["counts"]["discrepancies"],
            &report["counts"]["urged"],
            &report["counts"]["closed_at_source"],
            &report["counts"]["dispatched"],
        ),
        (&1.into(), &1.into(), &1.into(), &1.into())
    );
    let settle = [
        "clue",
        "act",
        "platform/a",
        "settle",
        "source_corrected",
        "--accept",
        "--reason",
        "以平台为准",
    ];
    feed.data.run(&settle).exits(0);
    let a = feed.show("a");
    assert_eq!(
        (&a["agency"], &a["area"], &a["discrepancies"]),
        (&"330603-zhzf".into(), &"330602".into(), &json!([]))
    );
    feed.data.run(&settle).exits(1).says("no_discrepancy");
    feed.data.run(&["verify"]).exits(0);
}

/// What a clue is, without what depends on when it was read.
fn essence(feed: &Feed, id: &str) -> Value {
    let mut shown = feed.show(id);
    let fields = shown.as_object_mut().expect("a clue");
    for name in ["version", "held_since"] {
        fields.remove(name);
    }
    shown
}

/// Where versions are numbered, neither repeats nor order of what was missed change where a clue ends up.
#[test]
fn repeated_and_shuffled_versions_come_to_the_same_clues() {
    // nobody's duty, so that no version comes after a dispatch in one order and before it in another
    let version = |id: &str, number, mut changes: Value| {
        changes["matter"] = "不明".into();
        version(id, number, &changes)
    };
    let lives = |id: &str| {
        vec![
            version(id, 1, json!({})),
            version(id, 2, json!({"title": "占道经营二"})),
            version(id, 3, json!({"title": "占道经营"})),
            version(id, 4, json!({"area": "330604"})),
            version(id, 5, json!({"area": "330604", "status": "催办"})),
        ]
    };
    let (a, b) = (lives("a"), lives("b"));
    let in_order: Vec<_> = a.iter().chain(&b).cloned().collect();
    let interleaved: Vec<_> = a
        .iter()
        .zip(&b)
        .flat_map(|(a, b)| [a.clone(), b.clone()])
        .collect();
    let repeated: Vec<_> = interleaved
        .iter()
        .flat_map(|it| [it.clone(), it.clone()])
        .collect();
    let shuffled: Vec<_> = [2, 0, 3, 1, 4]
        .into_iter()
        .flat_map(|at| [b[at].clone(), a[at].clone()])
        .collect();
    let mut known: Option<[Value; 2]> = None;
    for (name, versions) in [
        ("in-order", in_order),
        ("interleaved", interleaved),
        ("repeated", repeated),
        ("shuffled", shuffled),
    ] {
        let feed = Feed::new();
        let summary = feed.send(name, &versions);
        let total: u64 = dispositions(&summary)
            .as_object()
            .expect("dispositions")
            .values()
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(total, versions.len() as u64, "{name}: {summary}");
        let mut clues = ["a", "b"].map(|id| essence(&feed, id));
        for clue in &mut clues {
            // numbered by the order in which they came
            clue.as_object_mut().expect("a clue").remove("number");
        }
        match &known {
            None => known = Some(clues),
            Some(known) => assert_eq!(&clues, known, "{name}"),
        }
        feed.data.run(&["verify"]).exits(0);
    }
}
