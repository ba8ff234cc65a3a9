//! In whatever order the platforms tell of each other's records: nothing is merged by a guess, nothing is left behind.

use super::*;
use crate::serving::Server;

/// Every record may name one of any platform.
fn naming(source: &str, more: &str) -> String {
    let same_as =
        format!("same_as = {{ source = {{ from = \"/who\" }}, from = \"/origin\"{more} }}\n[snapshot]");
    HOTLINE
        .replace("\"hotline\"", &format!("\"{source}\""))
        .replace("gone = \"withdrawn\"", "gone = \"withdrawn\", urged = \"urged\"")
        .replace("[snapshot]", &same_as)
}

fn linking(more: &str) -> World {
    let world = World::new();
    for source in ["hotline", "grid", "town"] {
        world.write(&format!("{source}.toml"), &naming(source, more));
    }
    world
}

/// `of` names `named`, both as source/id; where that is empty nobody.
fn says(world: &World, of: &str, version: u32, named: &str, changes: &Value) -> Value {
    let (source, no) = of.split_once('/').expect("a name");
    let (who, origin) = named.split_once('/').unwrap_or_default();
    let mut record = record(no, version, changes);
    (record["who"], record["origin"]) = (json!(who), json!(origin));
    let name = format!("{source}-{no}-{version}-{origin}.jsonl");
    world.send(source, &name, &[record])
}

const NEW: [i32; 4] = [1, 0, 0, 0];
const UPDATED: [i32; 4] = [0, 1, 0, 0];

/// What is read, what it comes to, which names are one clue, and whether that one is flagged.
type Told<'a> = (
    &'a str,
    &'a [(&'a str, u32, &'a str, [i32; 4])],
    &'a [&'a str],
    bool,
);

#[test]
fn a_record_keeps_the_clue_that_it_was_first_led_to() {
    let table: &[Told<'_>] = &[
        (
            "mutual",
            &[
                ("hotline/H1", 1, "", NEW),
                ("grid/G1", 1, "hotline/H1", UPDATED),
                ("hotline/H1", 2, "grid/G1", UPDATED),
            ],
            &["hotline/H1", "grid/G1"],
            false,
        ),
        (
            "chain",
            &[
                ("hotline/H1", 1, "", NEW),
                ("grid/G1", 1, "hotline/H1", UPDATED),
                ("town/T1", 1, "grid/G1", UPDATED),
            ],
            &["hotline/H1", "grid/G1", "town/T1"],
            false,
        ),
        (
            "chain from its end",
            &[
                ("town/T1", 1, "grid/G1", NEW),
                ("grid/G1", 1, "hotline/H1", UPDATED),
                ("hotline/H1", 1, "", NEW),
            ],
            &["grid/G1", "town/T1"],
            true,
        ),
        (
            "late",
            &[
                ("hotline/H1", 1, "", NEW),
                ("grid/G1", 1, "", NEW),
                ("grid/G1", 2, "hotline/H1", UPDATED),
            ],
            &["grid/G1"],
            true,
        ),
        (
            "changed",
            &[
                ("hotline/H1", 1, "", NEW),
                ("grid/G1", 1, "hotline/H1", UPDATED),
                ("grid/G1", 2, "hotline/H2", UPDATED),
                ("hotline/H2", 1, "", NEW),
            ],
            &["hotline/H1", "grid/G1"],
            true,
        ),
        (
            "dropped",
            &[
                ("hotline/H1", 1, "", NEW),
                ("grid/G1", 1, "hotline/H1", UPDATED),
                ("grid/G1", 2, "", UPDATED),
            ],
            &["hotline/H1", "grid/G1"],
            false,
        ),
    ];
    for (order, feed, one, flagged) in table {
        let world = linking("");
        for (of, version, named, expected) in *feed {
            let read = says(&world, of, *version, named, &json!({}));
            assert_eq!(
                dispositions(&read),
                expected.map(|it| json!(it)).each_ref(),
                "{order}: {of} {read}"
            );
        }
        let shown = world.show(one[0]);
        for name in *one {
            assert_eq!(world.show(name)["id"], shown["id"], "{order}: {name}");
        }
        let flags: &[&str] = if *flagged { &["same_as_disagrees"] } else { &[] };
        assert_eq!(shown["flags"], json!(flags), "{order}");
        let others = if *order == "late" || *order == "changed" || *order == "chain from its end" {
            2
        } else {
            1
        };
        let report = world.data.json(&["report", "closure"]);
        assert_eq!(report["counts"]["clues"], json!(others), "{order}");
        world.data.run(&["verify"]).exits(0);
    }
}

#[test]
fn a_deletion_that_says_nothing_but_the_id_is_of_the_records_clue() {
    let world = linking("");
    let grid = naming("grid", "").replace("format = \"json\"", "format = \"json\"\nenvelope = \"debezium\"");
    world.write("grid.toml", &grid);
    let mut row = record("G-1", 1, &json!({}));
    (row["who"], row["origin"]) = (json!("hotline"), json!("H-1"));
    let change = |op: &str, before: Value, after: Value| json!({"op": op, "ts_ms": 1_767_600_000_000_i64, "before": before, "after": after, "source": {}});
    let read = world.send("grid", "1.jsonl", &[change("c", json!(null), row)]);
    assert_eq!(dispositions(&read), [1, 0, 0, 0], "{read}");
    let read = world.send(
        "grid",
        "2.jsonl",
        &[change("d", json!({"no": "G-1"}), json!(null))],
    );
    assert_eq!(dispositions(&read), [0, 1, 0, 0], "{read}");
    let shown = world.show("hotline/H-1");
    assert_eq!(
        (&shown["source_status"], &shown["discrepancies"]),
        (&json!("deleted"), &json!(["source_withdrawn"])),
        "{shown}"
    );
}

#[test]
fn feedback_by_the_other_id_reaches_the_agencys_clue() {
    let world = linking("");
    world.write(
        "desk.toml",
        "source = \"desk\"\nkind = \"feedback\"\nformat = \"json\"\n[feedback]\nclue = { source = \"hotline\", id = \"/no\" }\n\
         agency = { value = \"330603-zhzf\" }\naction = { from = \"/status\", values = { \"签收\" = \"acknowledge\" } }\n",
    );
    says(&world, "grid/A1", 1, "", &json!({}));
    let read = says(&world, "hotline/H1", 1, "grid/A1", &json!({}));
    assert_eq!(dispositions(&read), [0, 1, 0, 0]);
    let read = world.send("desk", "desk.jsonl", &[json!({"no": "H1", "status": "签收"})]);
    assert_eq!(read["feedback"], json!(1), "{read}");
    assert_eq!(world.show("grid/A1")["stage"], "acknowledged");
}

#[test]
fn a_placeholder_merges_nothing_unless_the_mapping_says_that_many_may() {
    let records = ["G-1", "G-2", "G-3"].map(|no| {
        let mut record = record(no, 1, &json!({}));
        (record["who"], record["origin"]) = (json!("hotline"), json!("0"));
        record
    });
    for (more, expected) in [("", [3, 0, 0, 0]), (", many = true", [1, 2, 0, 0])] {
        let world = linking(more);
        let lines: Vec<_> = records.iter().map(|it| it.to_string() + "\n").collect();
        let file_name = world.write("all.jsonl", &lines.concat());
        let mapping = world.folder.path().join("grid.toml").display().to_string();
        let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
        let check = ["mapping", "check", &mapping, &file_name, "--rulebook", &rulebook];
        let check = bihuan(&check).exits(0).stdout();
        let trial = [
            "import",
            &file_name,
            "--mapping",
            &mapping,
            "--rulebook",
            &rulebook,
            "--dry-run",
        ];
        let foreseen = world.data.json(&trial);
        let read = world.send("grid", "all.jsonl", &records);
        let expected = expected.map(|it| json!(it));
        assert_eq!(dispositions(&read), expected.each_ref(), "{more} {read}");
        assert_eq!(
            dispositions(&foreseen["dispositions"]),
            expected.each_ref(),
            "{more} {foreseen}"
        );
        assert_eq!(check.contains("many = true"), more.is_empty(), "{check}");
        let flags: &[&str] = if more.is_empty() {
            &["same_as_disagrees"]
        } else {
            &[]
        };
        assert_eq!(world.show("grid/G-2")["flags"], json!(flags), "{more}");
        world.data.run(&["verify"]).exits(0);
    }
}

#[test]
fn what_another_platform_says_is_shown_with_its_name() {
    let world = linking("");
    says(&world, "grid/G1", 1, "", &json!({}));
    says(&world, "hotline/H1", 1, "grid/G1", &json!({"status": "urged"}));
    says(&world, "hotline/H1", 2, "grid/G1", &json!({"status": "gone"}));
    let shown = world.show("grid/G1");
    assert_eq!(
        (&shown["stage"], &shown["urged"], &shown["discrepancies"]),
        (&json!("dispatched"), &json!(1), &json!(["source_withdrawn"])),
        "{shown}"
    );
    assert_eq!(
        shown["links"],
        json!([{"source": "hotline", "source_id": "H1", "source_status": "withdrawn", "discrepancies": ["source_withdrawn"]}])
    );
    let report = world.data.json(&["report", "closure"]);
    assert_eq!(report["counts"]["urged"], json!(1), "{report}");
    world.data.run(&["verify"]).exits(0);
}

/// A mapping that got `same_as` only later: what it had reported is a clue of its own.
#[test]
fn of_two_clues_with_one_name_a_person_gives_one_up_and_the_lists_agree() {
    let world = World::new();
    world.write("grid.toml", &HOTLINE.replace("hotline", "grid"));
    world.send("hotline", "1.jsonl", &[record("H-1", 1, &json!({}))]);
    world.send("grid", "2.jsonl", &[record("G-1", 1, &json!({}))]);
    let early = world.show("grid/G-1")["id"].as_str().expect("an id").to_owned();
    world.write("grid.toml", &grid());
    world.send("grid", "3.jsonl", &[record("G-1", 2, &json!({"origin": "H-1"}))]);
    let list = world.write("list.jsonl", "{\"no\":\"G-1\",\"status\":\"open\"}\n");
    let reconcile = ["reconcile", "--source", "grid", &list, "--format", "json"];
    let differs: Value = serde_json::from_str(&world.data.run(&reconcile).exits(1).stdout()).expect("JSON");
    let (row, counts) = (&differs["rows"][0], &differs["counts"]);
    assert_eq!(
        (&row["cause"], &row["ask"], &counts["differences"]),
        (&json!("two_clues"), &json!("triage"), &json!(1)),
        "{differs}"
    );
    let void = ["clue", "act", &early, "void", "--reason", "duplicate"];
    world.data.run(&void).exits(0);
    let agrees: Value = serde_json::from_str(&world.data.run(&reconcile).exits(0).stdout()).expect("JSON");
    assert_eq!(
        (&agrees["counts"]["agree"], &agrees["counts"]["settled"]),
        (&json!(1), &json!(1)),
        "{agrees}"
    );
    world.data.run(&["verify"]).exits(0);
}

/// Over HTTP the answer names the clue, and each platform is told under its own id.
#[test]
fn two_platforms_are_told_of_one_clue_and_our_own_records_name_it_too() {
    let world = linking("");
    let steps =
        "[callback]\nfile = \"steps.jsonl\"\n[callback.body]\nname = \"source_id\"\n[callback.dispatched]\n";
    let mut config = String::from("[delivery]\ncallback_files = \"told\"\n");
    for source in ["hotline", "grid"] {
        let text = naming(source, "") + steps;
        let path = world.write(&format!("{source}.toml"), &text);
        config.extend(["[[intake.source]]\nmapping = \"", &path, "\"\n"]);
    }
    let config = world.write("bihuan.toml", &config);
    std::fs::create_dir_all(world.folder.path().join("told")).expect("made");
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let server = Server::start(
        &world.data,
        &["all", "--config", &config, "--rulebook", &rulebook],
    );
    let post = |path: &str, body: &Value| {
        let (status, answer) = server.post(path, &[("Prefer", "wait=20")], body);
        assert_eq!(status, 200, "{answer}");
        answer
    };
    let first = post("/api/v1/sources/hotline/records", &record("H-1", 1, &json!({})));
    let clue = first["records"][0]["clue_id"].clone();
    let mut linked = record("G-1", 1, &json!({}));
    (linked["who"], linked["origin"]) = (json!("hotline"), json!("H-1"));
    let second = post("/api/v1/sources/grid/records", &linked);
    assert_eq!(second["records"][0]["clue_id"], clue, "{second}");
    // by way of the grid's record
    let own = json!({"source": "town", "id": "T-1", "same_as": "grid/G-1"});
    assert_eq!(post("/api/v1/clues", &own)["clue_id"], clue);
    let told = world.folder.path().join("told/steps.jsonl");
    server.until("told", || {
        let text = std::fs::read_to_string(&told).unwrap_or_default();
        text.contains("\"H-1\"") && text.contains("\"G-1\"")
    });
    // monitor reads by itself
    server.until("listed", || {
        let (_, listed) = server.get("/api/v1/clues?source=grid");
        listed["clues"][0]["id"] == clue
    });
    drop(server);
    world.data.run(&["verify", "--config", &config]).exits(0);
}

#[test]
fn a_complete_list_of_either_platform_lists_the_clue() {
    let world = linking("");
    says(&world, "hotline/H1", 1, "", &json!({}));
    says(&world, "grid/G1", 1, "hotline/H1", &json!({}));
    says(&world, "grid/G2", 1, "hotline/H2", &json!({}));
    let mut listed = record("G1", 2, &json!({}));
    (listed["who"], listed["origin"]) = (json!("hotline"), json!("H1"));
    let path = world.write("complete.jsonl", &(listed.to_string() + "\n"));
    let mapping = world.folder.path().join("grid.toml").display().to_string();
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let command = [
        "import",
        &path,
        "--mapping",
        &mapping,
        "--rulebook",
        &rulebook,
        "--complete",
    ];
    let read = world.data.json(&command);
    assert_eq!(
        read["complete"],
        json!({"listed": 1, "unreadable": 0, "missing": 1}),
        "{read}"
    );
}
