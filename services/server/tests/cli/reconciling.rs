//! A platform's own list against what is here: each cause with its row, exit codes, and what is kept.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, Ran, file, text};

const MAPPING: &str = r#"
source = "platform"
mode = "snapshot"
format = "json"
time_zone = "Asia/Shanghai"
personal = ["/caller"]
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
title = "/title"
[snapshot]
version = "/version"
status = { from = "/status", values = { "待办" = "open", "办结" = "closed", "撤回" = "withdrawn" } }
"#;
/// All that a list of two columns needs, as the guide shows it.
fn two_columns() -> String {
    let guide = text(file("docs/integrate.md"));
    let (_, section) = guide.split_once("## Reconcile").expect("the section");
    let (_, block) = section.split_once("```toml\n").expect("a mapping");
    block.split_once("```").expect("its end").0.to_owned()
}

/// A platform, in files of our choice, and what was read of it.
struct Platform {
    folder: TempDir,
    data: Data,
}

impl Platform {
    /// `open`, `told` (closed there, open here), `over` (closed when first seen) and `long`, which lies in quarantine.
    fn new() -> Self {
        let platform = Self {
            folder: tempfile::tempdir().expect("temporary folder"),
            data: Data::empty(),
        };
        let record = |id: &str, version: u32, status: &str, title: &str| {
            json!({
                "id": id,
                "reported": "2026-01-05T08:00:00+08:00",
                "version": version,
                "matter": "06001",
                "area": "330603",
                "title": title,
                "status": status,
            })
        };
        let records = [
            record("open", 1, "待办", "占道经营"),
            record("told", 1, "待办", "占道经营"),
            record("told", 2, "办结", "占道经营"),
            record("over", 1, "办结", "占道经营"),
            record("long", 1, "待办", &"长".repeat(400_000)),
        ];
        let lines: Vec<_> = records.iter().map(|it| it.to_string() + "\n").collect();
        let [records, mapping] = [
            platform.write("records.jsonl", &lines.concat()),
            platform.write("platform.toml", MAPPING),
        ];
        let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
        let import = ["import", &records, "--mapping", &mapping, "--rulebook", &rulebook];
        platform.data.run(&import).exits(0);
        platform
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    }

    /// A list in the platform's own format, by the mapping of its records.
    fn list(&self, entries: &[(&str, &str)]) -> String {
        let line = |(id, status): &(&str, &str)| json!({"id": id, "status": status}).to_string() + "\n";
        self.write("list.jsonl", &entries.iter().map(line).collect::<String>())
    }

    fn reconcile(&self, list: &str, more: &[&str]) -> Ran {
        let arguments = [&["reconcile", "--source", "platform", list][..], more].concat();
        self.data.run(&arguments)
    }

    #[track_caller]
    fn answer(&self, list: &str, more: &[&str], code: i32) -> Value {
        let ran = self.reconcile(list, &[&["--format", "json"][..], more].concat());
        let text = ran.exits(code).stdout();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// The platform's id, the line, whom to ask and why; in the order of the answer.
fn told(answer: &Value) -> Vec<[String; 4]> {
    let rows = answer["rows"].as_array().expect("rows").iter();
    let text = |row: &Value, key: &str| match &row[key] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    rows.map(|row| ["source_id", "line", "ask", "cause"].map(|key| text(row, key)))
        .collect()
}

#[test]
fn a_list_that_says_the_same_agrees() {
    let platform = Platform::new();
    // what is in quarantine is no clue yet, and the platform knows of it
    let list = platform.list(&[("open", "待办"), ("over", "办结")]);
    let answer = platform.answer(&list, &["--complete", "no"], 0);
    assert_eq!(
        (
            &answer["counts"]["agree"],
            &answer["counts"]["differences"],
            &answer["rows"]
        ),
        (&2.into(), &0.into(), &json!([]))
    );
    assert_eq!(
        (&answer["source"], &answer["manifest"], &answer["complete"]),
        (&"platform".into(), &"list.jsonl".into(), &false.into())
    );
    platform
        .reconcile(&list, &["--complete", "no", "--lang", "zh"])
        .exits(0)
        .says("一致");
}

#[test]
fn each_cause_has_its_row_and_whom_to_ask() {
    let platform = Platform::new();
    let list = platform.list(&[
        ("open", "办结"),
        ("told", "办结"),
        ("long", "待办"),
        ("never", "待办"),
        ("never", "归档"),
        ("", "待办"),
    ]);
    let answer = platform.answer(&list, &[], 1);
    assert_eq!(
        told(&answer),
        [
            ["never", "5", "platform", "never_received"],
            ["over", "", "platform", "not_listed"],
            ["open", "1", "platform", "update_not_received"],
            ["never", "5", "platform", "listed_twice"],
            ["", "6", "platform", "line_unreadable"],
            ["told", "2", "agency", "closed_there"],
            ["long", "3", "operator", "quarantined"],
        ]
    );
    let groups = answer["groups"].as_array().expect("groups").iter();
    let sum: u64 = groups.filter_map(|group| group["count"].as_u64()).sum();
    assert_eq!((&answer["counts"]["differences"], sum), (&7.into(), 7));
    let rows = answer["rows"].as_array().expect("rows");
    let told = rows.iter().find(|row| row["source_id"] == "told").expect("a row");
    assert_eq!(
        (&told["agency"], &told["there"], &told["here"]),
        (&"330603-zhzf".into(), &"closed".into(), &"dispatched".into())
    );
    platform
        .reconcile(&list, &["--lang", "zh"])
        .exits(1)
        .says("源已闭环、此处未闭环")
        .says("330603-zhzf");
    platform
        .reconcile(&list, &["--lang", "en"])
        .exits(1)
        .says("never received; have it sent again");
    // an older list says nothing about what came after it
    let older = platform.answer(&list, &["--made-at", "2026-01-05T07:00:00+08:00"], 1);
    assert_eq!(
        (&older["counts"]["missing_there"], &older["counts"]["later"]),
        (&0.into(), &3.into())
    );
}

#[test]
fn two_columns_and_two_lines_are_enough() {
    let platform = Platform::new();
    let mapping = platform.write("list.toml", &two_columns());
    let gbk = b"\xb1\xe0\xba\xc5,\xd7\xb4\xcc\xac\nopen,\xb4\xfd\xb0\xec\ntold,\xb0\xec\xbd\xe1\nover,\xb9\xe9\xb5\xb5\n";
    let path = platform.folder.path().join("list.csv");
    std::fs::write(&path, gbk).expect("written");
    let list = path.display().to_string();
    let answer = platform.answer(&list, &["--mapping", &mapping], 1);
    assert_eq!(
        told(&answer),
        [
            ["told", "3", "agency", "closed_there"],
            ["over", "4", "operator", "status_unknown"],
        ]
    );
    // ids alone: what is there, and nothing about its state
    let ids = platform.write("ids.csv", "编号\nopen\ntold\nover\n");
    let answer = platform.answer(&ids, &["--mapping", &mapping], 0);
    assert_eq!(answer["counts"]["not_compared"], 3);
}

#[test]
fn all_of_it_is_written_for_a_spreadsheet() {
    let platform = Platform::new();
    let long = "3306022026010500001";
    let list = platform.list(&[
        ("open", "待办"),
        ("told", "待办"),
        ("=1+1", "待办"),
        (long, "待办"),
    ]);
    let output = platform.folder.path().join("out.csv");
    let named = output.display().to_string();
    platform
        .reconcile(&list, &["--output", &named, "--lang", "zh"])
        .exits(1);
    let written = text(&output);
    assert!(written.starts_with("\u{feff}问谁,"), "{written}");
    for cells in [",'=1+1,", ",not_listed,over,", ",3306022026010500001,"] {
        assert!(written.contains(cells), "{cells} in {written}");
    }
    let output = platform.folder.path().join("out.json");
    let named = output.display().to_string();
    platform.reconcile(&list, &["--output", &named]).exits(1);
    let written: Value = serde_json::from_str(&text(&output)).expect("JSON");
    assert_eq!(written["counts"]["missing_here"], 2);
    assert!(
        written["rows"].to_string().contains(&format!("\"{long}\"")),
        "a script gets it as it is"
    );
    for wrong in ["out.xls", "out", "out.csv.txt"] {
        let wrong = platform.folder.path().join(wrong).display().to_string();
        platform
            .reconcile(&list, &["--output", &wrong])
            .exits(2)
            .says(".xlsx, .csv or .json");
        assert!(!std::path::Path::new(&wrong).exists());
    }
}

/// A workbook, in which ids are text: read back as a list of ids of a platform.
#[test]
fn a_workbook_keeps_every_digit_of_an_id_and_no_cell_is_a_formula() {
    let platform = Platform::new();
    let long = "3306022026010500001";
    let list = platform.list(&[
        ("open", "待办"),
        ("told", "待办"),
        ("=1+1", "待办"),
        (long, "待办"),
    ]);
    let book = platform.folder.path().join("out.xlsx").display().to_string();
    platform
        .reconcile(&list, &["--output", &book, "--lang", "zh"])
        .exits(1);
    let mapping = platform.write(
        "book.toml",
        "source = \"platform\"\nformat = \"xlsx\"\nsheet = \"差异\"\n[clue]\nid = \"来源编号\"\n",
    );
    let answer = platform.answer(&book, &["--mapping", &mapping], 1);
    let ids: Vec<_> = told(&answer).into_iter().map(|[id, ..]| id).collect();
    for id in [long, "=1+1"] {
        assert!(ids.iter().any(|it| it == id), "{id} in {ids:?}");
    }
}

#[test]
fn a_list_that_cannot_be_read_is_wrong_input() {
    let platform = Platform::new();
    let good = platform.list(&[("open", "待办")]);
    let reconcile = |list: &str, more: &[&str]| platform.reconcile(list, more);
    reconcile("/no/such.csv", &[]).exits(2).says("/no/such.csv");
    let mapping = platform.write("list.toml", &two_columns());
    let headless = platform.write("headless.csv", "状态\n待办\n");
    reconcile(&headless, &["--mapping", &mapping])
        .exits(2)
        .says("there is no column 编号");
    for empty in ["", "编号,状态\n", "编号,状态\n,待办\n"] {
        let empty = platform.write("empty.csv", empty);
        reconcile(&empty, &["--mapping", &mapping])
            .exits(2)
            .says("empty.csv");
    }
    reconcile(&good, &["--mapping", "/no/such.toml"])
        .exits(2)
        .says("/no/such.toml");
    reconcile(&good, &["--made-at", "soon"]).exits(2);
    let other = platform.write(
        "other.toml",
        "source = \"other\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n",
    );
    reconcile(&good, &["--mapping", &other])
        .exits(2)
        .says("is of the source other, not of platform");
    let stranger = ["reconcile", "--source", "stranger", &good];
    platform
        .data
        .run(&stranger)
        .exits(2)
        .says("name one with --mapping");
}

#[test]
fn the_configuration_has_it_done_every_day_and_what_became_of_it_is_shown() {
    let platform = Platform::new();
    platform.write("list-1.jsonl", "{\"id\":\"open\",\"status\":\"待办\"}\n");
    let config = platform.write(
        "bihuan.toml",
        "[[reconcile]]\nsource = \"platform\"\nmanifest = \"list-*.jsonl\"\nat = \"00:00\"\n\
         [[reconcile]]\nsource = \"silent\"\nmanifest = \"nothing-*.csv\"\nat = \"00:00\"\n",
    );
    let server = Server::start(&platform.data, &["--config", &config]);
    let found = || server.get("/api/v1/reconciliations").1["reconciliations"].clone();
    server.until("both reconciled", || found().as_array().map(Vec::len) == Some(2));
    let runs = found();
    assert_eq!(
        (
            &runs[0]["source"],
            &runs[0]["outcome"],
            &runs[0]["summary"]["manifest"]
        ),
        (&"platform".into(), &"differs".into(), &"list-1.jsonl".into())
    );
    assert_eq!(
        (&runs[1]["outcome"], &runs[1]["problem"]["code"]),
        (&"failed".into(), &"mapping_missing".into())
    );
    let openapi = server.get("/api/openapi.json").1;
    assert!(openapi["paths"]["/api/v1/reconciliations"].is_object());
}
