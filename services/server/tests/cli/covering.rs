//! Codes and places: what leads nowhere, what to add, and where a clue lies after it was added.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{Data, bihuan, file, text};

const MAPPING: &str = r#"
source    = "platform"
format    = "json"
time_zone = "Asia/Shanghai"

[clue]
id          = "/id"
reported_at = "/reported"
matter      = "/kind"
area        = { from = "/address", match = "name", within = "330602" }
severity    = { from = "/level", values = { "急" = "urgent" } }
longitude   = "/lng"
latitude    = "/lat"
datum       = { value = "GCJ-02" }
"#;

/// Two clues in named places, two of a kind that only the platform knows, one whose address names nothing, one far away.
const RECORDS: &str = r#"{"id":"1","reported":"2026-09-01T08:00:00","kind":"私搭乱建","address":"塔山街道解放南路1号","level":"急"}
{"id":"2","reported":"2026-09-01T08:00:00","kind":"06002","address":"八字桥社区广宁桥"}
{"id":"3","reported":"2026-09-01T08:00:00","kind":"K7","address":"塔山街道","level":"一般"}
{"id":"4","reported":"2026-09-01T08:00:00","kind":"K7","address":"老王家对面","lng":120.5946,"lat":29.9976}
{"id":"5","reported":"2026-09-01T08:00:00","kind":"06002","address":"柯桥街道"}
"#;

/// A square around the point of the fourth record.
const BOUNDARIES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"code":"330602002"},
"geometry":{"type":"Polygon","coordinates":[[[120.585,29.995],[120.594,29.995],[120.594,30.005],[120.585,30.005],[120.585,29.995]]]}}]}"#;

/// A folder with a mapping, records, and the rulebook of Shaoxing.
struct Desk(Data);

impl Desk {
    fn new() -> Self {
        let desk = Self(Data::empty());
        let rulebook = desk.path("rulebook");
        std::fs::create_dir(&rulebook).expect("made");
        for entry in file("deploy/rulebooks/shaoxing").read_dir().expect("a folder") {
            let entry = entry.expect("a file");
            std::fs::copy(entry.path(), rulebook.join(entry.file_name())).expect("copied");
        }
        desk.write("platform.toml", MAPPING);
        desk.write("records.jsonl", RECORDS);
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), text).expect("written");
        self.path(name).display().to_string()
    }

    fn coverage(&self, format: &str) -> crate::Ran {
        let path = |name: &str| self.path(name).display().to_string();
        let (mapping, records, rulebook) = (path("platform.toml"), path("records.jsonl"), path("rulebook"));
        bihuan(&[
            "mapping",
            "coverage",
            &mapping,
            &records,
            "--rulebook",
            &rulebook,
            "--format",
            format,
        ])
    }

    /// What leads nowhere: field, code, records.
    fn uncovered(&self, exit: i32) -> Vec<(String, Value, Value)> {
        let found = self.coverage("json").exits(exit).stdout();
        let found: Value = serde_json::from_str(&found).expect("JSON");
        assert_eq!(
            (&found["clues"], &found["covered"]),
            (&json!(5), &json!(exit == 0))
        );
        let rows = found["codes"].as_array().expect("codes").iter();
        rows.map(|row| {
            let key = row["key"].as_str().expect("a field").to_owned();
            (key, row["code"].clone(), row["records"].clone())
        })
        .collect()
    }
}

fn row(key: &str, code: impl Into<Value>, records: u64) -> (String, Value, Value) {
    (key.to_owned(), code.into(), records.into())
}

#[test]
fn from_a_report_of_what_is_missing_to_a_crosswalk_that_covers_it() {
    let desk = Desk::new();
    let missing = [
        row("clue.area", Value::Null, 2),
        row("clue.matter", "K7", 2),
        row("clue.matter", "私搭乱建", 1),
        row("clue.severity", "一般", 1),
    ];
    assert_eq!(desk.uncovered(1), missing);
    desk.coverage("table")
        .exits(1)
        .says("40.0%")
        .says("5 clues (0 without a matter, 0 without an area)")
        .says("crosswalk.csv: platform,K7,MATTER,")
        .says("values of clue.severity: \"一般\"");

    let draft = desk
        .coverage("csv")
        .exits(1)
        .says("2 codes of other fields")
        .stdout();
    let lines: Vec<_> = draft.lines().collect();
    // a matter of the same name is proposed, the others are for a person to fill in
    assert_eq!(
        lines,
        [
            "source,code,matter,when",
            "platform,K7,,",
            "platform,私搭乱建,06001,"
        ]
    );
    desk.write("rulebook/crosswalk.csv", draft.replace("K7,,", "K7,06003,"));
    desk.write("rulebook/areas.geojson", BOUNDARIES);
    let covered = MAPPING.replace("{ \"急\"", "{ \"一般\" = \"normal\", \"急\"");
    desk.write("platform.toml", covered.replace(", within = \"330602\"", ""));
    assert_eq!(desk.uncovered(0), []);
}

#[test]
fn what_cannot_be_judged_is_bad_input() {
    let desk = Desk::new();
    desk.write("records.jsonl", "not JSON\n");
    desk.coverage("table")
        .exits(2)
        .says("none of its 1 records can be read");
    desk.write("platform.toml", "source = 1");
    desk.coverage("table").exits(2);
    desk.write("platform.toml", MAPPING.replace("330602", "330699"));
    desk.coverage("table")
        .exits(2)
        .says("10:61")
        .says("the rulebook knows no area 330699");
    std::fs::remove_file(desk.path("records.jsonl")).expect("removed");
    desk.write("platform.toml", MAPPING);
    desk.coverage("table").exits(2);
}

fn import(desk: &Desk, records: &Path) -> crate::Ran {
    let path = |path: &Path| path.display().to_string();
    let (mapping, rulebook) = (path(&desk.path("platform.toml")), path(&desk.path("rulebook")));
    desk.0.run(&[
        "import",
        &path(records),
        "--mapping",
        &mapping,
        "--rulebook",
        &rulebook,
    ])
}

#[test]
fn clues_lie_where_their_crosswalk_address_or_coordinates_say() {
    let desk = Desk::new();
    desk.write(
        "rulebook/crosswalk.csv",
        "source,code,matter,when\nplatform,K7,06003,\nother,K7,06004,\nplatform,私搭乱建,06001,\n",
    );
    desk.write("rulebook/areas.geojson", BOUNDARIES);
    import(&desk, &desk.path("records.jsonl")).exits(0);
    let shown = |id: &str| desk.0.json(&["clue", "show", &format!("platform/{id}")]);
    for (id, matter, area) in [
        ("1", json!("06001"), json!("330602001")),
        ("2", json!("06002"), json!("330602002050")),
        ("3", json!("06003"), json!("330602001")),
        ("4", json!("06003"), json!("330602002")),
        ("5", json!("06002"), Value::Null),
    ] {
        let clue = shown(id);
        assert_eq!((&clue["matter"], &clue["area"]), (&matter, &area), "{id}: {clue}");
    }
    let rulebook = desk.0.json(&["rulebook", "show"]);
    assert_eq!(
        (&rulebook["crosswalk"], &rulebook["boundaries"]),
        (&json!(3), &json!(1))
    );
    desk.0.run(&["verify"]).exits(0);
}

#[test]
fn a_new_code_is_told_of_once_and_counted_for_good() {
    let desk = Desk::new();
    let first = import(&desk, &desk.path("records.jsonl")).exits(0).stderr();
    assert_eq!(
        first
            .matches("neither mapping nor rulebook know this code")
            .count(),
        3,
        "{first}"
    );
    assert!(!first.contains("老王家"), "no address in the log");
    let more = RECORDS
        .replace("\"id\":\"", "\"id\":\"more-")
        .replace("06002", "K8");
    let more = desk.write("more.jsonl", more);
    let second = import(&desk, Path::new(&more)).exits(0).stderr();
    assert_eq!(
        second
            .matches("neither mapping nor rulebook know this code")
            .count(),
        1,
        "{second}"
    );
    // the same file again is nothing new
    import(&desk, Path::new(&more)).exits(0);
    let listed = desk.0.json(&["mapping", "unknown", "--source", "platform"]);
    let codes: Vec<_> = listed["codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(|it| (it["field"].clone(), it["code"].clone(), it["records"].clone()))
        .collect();
    let expected = [
        ("clue.area", "*", 4),
        ("clue.matter", "K7", 4),
        ("clue.matter", "K8", 2),
        ("clue.matter", "私搭乱建", 2),
        ("clue.severity", "一般", 2),
    ];
    assert_eq!(
        codes,
        expected.map(|(field, code, records)| (json!(field), json!(code), json!(records)))
    );
    desk.0.run(&["mapping", "unknown"]).exits(0).says("K8");
    assert_eq!(
        desk.0.json(&["mapping", "unknown", "--source", "other"]),
        json!({"codes": []})
    );
}

/// The guide's own example.
#[test]
fn the_guide_shows_what_is_true() {
    let guide = text(file("docs/integrate.md"));
    assert!(guide.contains(MAPPING.trim()), "docs/integrate.md");
}
