//! One matter that a hotline and a grid platform both know, each under its own id.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{Data, bihuan, file};

mod orders;

const HOTLINE: &str = r#"
source = "hotline"
mode = "snapshot"
format = "json"
[clue]
id = "/no"
reported_at = "/at"
matter = "/matter"
area = "/area"
title = "/title"
[snapshot]
version = "/version"
status = { from = "/status", values = { open = "open", closed = "closed", gone = "withdrawn" } }
"#;

/// The same, and the record of the hotline that it came from.
fn grid() -> String {
    HOTLINE.replace("hotline", "grid").replace(
        "[snapshot]",
        "same_as = { source = \"hotline\", from = \"/origin\" }\n[snapshot]",
    )
}

struct World {
    folder: TempDir,
    data: Data,
}

impl World {
    fn new() -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("temporary folder"),
            data: Data::empty(),
        };
        world.write("hotline.toml", HOTLINE);
        world.write("grid.toml", &grid());
        world
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.display().to_string()
    }

    /// Imports records of the platform; what became of them.
    fn send(&self, source: &str, name: &str, records: &[Value]) -> Value {
        let lines: Vec<_> = records.iter().map(|it| it.to_string() + "\n").collect();
        let file_name = self.write(name, &lines.concat());
        let mapping = self.folder.path().join(format!("{source}.toml"));
        let (mapping, rulebook) = (
            mapping.display().to_string(),
            file("deploy/rulebooks/shaoxing").display().to_string(),
        );
        let imported = self.data.json(&[
            "import",
            &file_name,
            "--mapping",
            &mapping,
            "--rulebook",
            &rulebook,
        ]);
        imported["dispositions"].clone()
    }

    fn show(&self, name: &str) -> Value {
        self.data.json(&["clue", "show", name])
    }
}

fn record(no: &str, version: u32, changes: &Value) -> Value {
    let mut record = json!({
        "no": no, "version": version, "at": "2026-01-05T08:00:00+08:00", "matter": "06001",
        "area": "330603", "title": "占道", "status": "open", "origin": "",
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        record[key] = value.clone();
    }
    record
}

fn dispositions(records: &Value) -> [&Value; 4] {
    ["new", "updated", "unchanged", "stale"].map(|it| &records[it])
}

#[test]
fn one_clue_has_the_records_of_two_platforms_whichever_comes_first() {
    for hotline_first in [true, false] {
        let world = World::new();
        let of_hotline = [record("H-1", 1, &json!({"title": "来电"}))];
        let of_grid = [record("G-1", 1, &json!({"origin": "H-1", "title": "巡查"}))];
        let mut feeds = [("hotline", of_hotline), ("grid", of_grid)];
        if !hotline_first {
            feeds.reverse();
        }
        let [(first, records), (second, others)] = &feeds;
        let read = world.send(first, "1.jsonl", records);
        assert_eq!(dispositions(&read), [1, 0, 0, 0], "{read}");
        let read = world.send(second, "2.jsonl", others);
        assert_eq!(dispositions(&read), [0, 1, 0, 0], "{read}");
        let (ours, theirs) = (&records[0], &others[0]);
        // by either name it is the same clue, and the first speaks for it
        let names = [(first, ours), (second, theirs)]
            .map(|(source, it)| format!("{source}/{}", it["no"].as_str().expect("an id")));
        let shown = names.clone().map(|name| world.show(&name));
        assert_eq!(shown[0]["id"], shown[1]["id"]);
        assert_eq!(shown[0]["title"], ours["title"]);
        assert_eq!(
            shown[0]["links"],
            json!([{"source": second, "source_id": theirs["no"], "source_status": "open", "discrepancies": []}])
        );
        let said = theirs["title"].as_str().expect("a title");
        world.data.run(&["explain", &names[1]]).exits(0).says(said);
        // what the other one says later is on record and changes nothing; the first may take its word back
        let mut gone = theirs.clone();
        (gone["status"], gone["version"]) = (json!("gone"), json!(2));
        let read = world.send(second, "3.jsonl", &[gone.clone(), gone]);
        assert_eq!(dispositions(&read), [0, 1, 1, 0], "{read}");
        assert_eq!(world.show(&names[1])["stage"], "dispatched");
        let report = world.data.json(&["report", "closure"]);
        assert_eq!(
            (&report["counts"]["clues"], &report["records"]["received"]),
            (&json!(1), &json!(4)),
            "{report}"
        );
        // a person names it as they know it
        let act = [
            "clue",
            "act",
            &names[1],
            "acknowledge",
            "--as",
            "agency",
            "--actor-agency",
            "330603-zhzf",
            "--person",
            "P7",
        ];
        world.data.run(&act).exits(0);
        assert_eq!(world.show(&names[0])["stage"], "acknowledged");
        world.data.run(&["verify"]).exits(0);
    }
}

#[test]
fn both_platforms_lists_are_held_against_the_one_clue() {
    let world = World::new();
    world.send("hotline", "1.jsonl", &[record("H-1", 1, &json!({}))]);
    world.send("grid", "2.jsonl", &[record("G-1", 1, &json!({"origin": "H-1"}))]);
    for (source, no) in [("hotline", "H-1"), ("grid", "G-1")] {
        let list = world.write(
            "list.jsonl",
            &format!("{{\"no\":\"{no}\",\"status\":\"open\"}}\n"),
        );
        let reconcile = ["reconcile", "--source", source, &list, "--format", "json"];
        let agreed: Value =
            serde_json::from_str(&world.data.run(&reconcile).exits(0).stdout()).expect("JSON");
        assert_eq!(
            (&agreed["counts"]["agree"], &agreed["counts"]["here"]),
            (&json!(1), &json!(1)),
            "{source}: {agreed}"
        );
    }
}

#[test]
fn another_record_that_is_not_named_for_certain_is_put_away_and_read_once_it_is() {
    let world = World::new();
    world.write(
        "grid.toml",
        &grid().replace("source = \"hotline\", from", "source = { from = \"/who\" }, from"),
    );
    let doubtful = record("G-1", 1, &json!({"origin": "H-1", "who": "12345热线"}));
    let read = world.send("grid", "1.jsonl", &[doubtful]);
    assert_eq!(
        (&read["quarantined"], &read["new"]),
        (&json!(1), &json!(0)),
        "{read}"
    );
    world
        .data
        .run(&["quarantine", "list"])
        .exits(0)
        .says("same_as_invalid");
    let known = "source = { from = \"/who\", values = { \"12345热线\" = \"hotline\" } }, from";
    let mended = world.write("grid.toml", &grid().replace("source = \"hotline\", from", known));
    let replay = [
        "quarantine",
        "replay",
        "--reason",
        "same_as_invalid",
        "--mapping",
        &mended,
    ];
    world.data.run(&replay).exits(0);
    world.send("hotline", "2.jsonl", &[record("H-1", 1, &json!({}))]);
    assert_eq!(world.show("grid/G-1")["id"], world.show("hotline/H-1")["id"]);
    world.data.run(&["verify"]).exits(0);
}
