//! What people get wrong: told in a sentence, with an exit code that a script can rely on.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use crate::{Data, Ran, bihuan, file, text};

/// New York's rulebook with changes: (file, what stands there, what shall stand there).
pub(crate) fn rulebook(changes: &[(&str, &str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("temporary folder");
    for entry in fs::read_dir(file("deploy/rulebooks/nyc311")).expect("a folder") {
        let entry = entry.expect("a file");
        let mut content = text(entry.path());
        for (_, old, new) in changes.iter().filter(|(name, _, _)| entry.file_name() == *name) {
            assert!(content.contains(old), "{old}");
            content = content.replacen(old, new, 1);
        }
        fs::write(directory.path().join(entry.file_name()), content).expect("written");
    }
    directory
}

fn nyc_mapping() -> String {
    file("deploy/mappings/nyc311.toml").display().to_string()
}

fn written(data: &Data, name: &str, content: &str) -> String {
    let path = data.path().join(name);
    fs::write(&path, content).expect("written");
    path.display().to_string()
}

#[test]
fn a_missing_file_or_folder_is_wrong_usage() {
    let data = Data::empty();
    data.run(&["import", "/no/such.csv", "--mapping", &nyc_mapping()])
        .exits(2)
        .says("/no/such.csv");
    data.run(&["import", "/no/such.csv", "--mapping", "/no/such.toml"])
        .exits(2)
        .says("/no/such.toml");
    data.run(&["mapping", "check", "/no/such.toml"]).exits(2);
    data.run(&["rulebook", "check", "/no/such"])
        .exits(2)
        .says("/no/such");
    let nowhere = Data::empty();
    for command in [
        &["report", "closure"][..],
        &["verify"],
        &["clue", "show", "x"],
        &["explain", "x"],
        &["quarantine", "list"],
        &["rulebook", "show"],
    ] {
        nowhere.run(command).exits(2).says("there are no data");
    }
    assert!(
        fs::read_dir(nowhere.path()).expect("a folder").next().is_none(),
        "looking creates nothing"
    );
    bihuan(&["report", "closure"]).exits(2);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let data = Data::nyc();
    for wrong in [
        &["report", "closure", "--by", "colour"][..],
        &["report", "closure", "--basis", "guess"],
        &["report", "closure", "--from", "yesterday"],
        &["report", "closure", "--as-of", "soon"],
        &["report", "closure", "--from", "2026-05-01", "--to", "2026-05-01"],
        &[
            "clue",
            "act",
            "nyc311/68647387",
            "resolve",
            "--conclusion",
            "fine",
        ],
        &["clue", "act", "nyc311/68647387", "close", "--as", "king"],
        &["quarantine", "replay"],
        &["rulebook", "show", "123456"],
    ] {
        data.run(wrong).exits(2);
    }
}

#[test]
fn a_mapping_is_checked_before_anything_is_imported() {
    let data = Data::empty();
    let broken = written(
        &data,
        "broken.toml",
        &text(nyc_mapping()).replace("mode  ", "mod  "),
    );
    let wrong = written(
        &data,
        "wrong.toml",
        &text(nyc_mapping()).replace("\"complaint_type\"", "\"complaint_typ\""),
    );
    let sample = file("tests/fixtures/nyc311.csv").display().to_string();
    data.run(&["mapping", "check", &broken, "--lang", "en"])
        .exits(1)
        .says("unknown_key");
    data.run(&["mapping", "check", &wrong]).exits(0);
    data.run(&["mapping", "check", &wrong, &sample, "--lang", "en"])
        .exits(1)
        .says("did you mean complaint_type?");
    let store = Data::empty();
    store
        .run(&["import", &sample, "--mapping", &broken])
        .exits(2)
        .says("mod");
    store
        .run(&["import", &sample, "--mapping", &wrong])
        .exits(2)
        .says("complaint_typ");
    let book = file("deploy/rulebooks/nyc311").display().to_string();
    let checked = bihuan(&[
        "mapping",
        "check",
        &nyc_mapping(),
        &sample,
        "--rulebook",
        &book,
        "--format",
        "json",
    ])
    .json();
    assert_eq!(
        (&checked["good"], checked["records"].as_array().map(Vec::len)),
        (&true.into(), Some(5))
    );
    assert_eq!(checked["records"][1]["report"]["history"]["agency"], "NYPD");
}

#[test]
fn a_rulebook_that_contradicts_itself_is_none() {
    let row =
        "APPLIANCE,36,first_handler,HPD,2026-01-01,,city,\"derived from NYC Open Data 311 sample, 2026\",\n";
    let two = format!("{row}{}", row.replace("HPD", "DOB"));
    let directory = rulebook(&[("duties.csv", row, &two)]);
    let directory = directory.path().display().to_string();
    bihuan(&["rulebook", "check", &directory, "--lang", "en"])
        .exits(1)
        .says("duties.csv:3");
    bihuan(&[
        "rulebook",
        "check",
        &file("deploy/rulebooks/nyc311").display().to_string(),
    ])
    .exits(0);
    let data = Data::nyc();
    data.run(&["rulebook", "activate", &directory, "--by", "P1", "--why", "new"])
        .exits(2)
        .says("rulebook check");
    let sample = file("tests/fixtures/nyc311.csv").display().to_string();
    data.run(&[
        "import",
        &sample,
        "--mapping",
        &nyc_mapping(),
        "--rulebook",
        &directory,
    ])
    .exits(2);
}

#[test]
fn broken_tables_are_told_from_broken_rows() {
    let data = Data::empty();
    let source = text(file("tests/fixtures/nyc311.csv"));
    let header = source.lines().next().expect("a header");
    let first = source.lines().nth(1).expect("a row");
    let empty = written(&data, "empty.csv", "");
    let only_header = written(&data, "header.csv", &format!("{header}\n"));
    let broken_header = written(&data, "broken.csv", &format!("\"{header}\n{first}\n"));
    let broken_row = written(&data, "row.csv", &format!("{header}\n\"x\"y,{first}\n{first}\n"));
    let mapping = nyc_mapping();
    for (path, code) in [(&empty, 2), (&broken_header, 2), (&only_header, 0)] {
        let store = Data::empty();
        store.run(&["import", path, "--mapping", &mapping]).exits(code);
    }
    let store = Data::empty();
    store
        .run(&["import", &broken_row, "--mapping", &mapping])
        .exits(0)
        .says("csv_quote");
    let page = store.json(&["quarantine", "list"]);
    assert_eq!(
        (&page["records"][0]["reason"], &page["records"][0]["line"]),
        (&"csv_quote".into(), &2.into())
    );
    store.run(&["verify"]).exits(0);
}

#[test]
fn data_of_a_newer_program_are_left_alone() {
    let data = Data::grid();
    assert_eq!(
        data.tamper("INSERT INTO schema_migration (service, number) VALUES ('monitor', 999)"),
        1
    );
    for command in [
        &["report", "closure"][..],
        &["verify"],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        data.run(command).exits(2).says("newer");
    }
}

#[test]
fn a_dry_run_knows_the_store_and_changes_nothing() {
    let [records, mapping, rulebook] = [
        "tests/fixtures/shaoxing-grid.jsonl",
        "deploy/mappings/shaoxing-grid.toml",
        "deploy/rulebooks/shaoxing",
    ]
    .map(|path| file(path).display().to_string());
    let import = ["import", &records, "--mapping", &mapping, "--format", "json"];
    let dry = [&import[..], &["--dry-run"]].concat();
    let keys = [
        "feedback",
        "in_flight",
        "new",
        "quarantined",
        "skipped",
        "stale",
        "unchanged",
        "updated",
    ];
    let check = |summary: &Value, read: u64, repeated: u64, new: u64| {
        assert_eq!(
            (
                &summary["read"],
                &summary["repeated"],
                &summary["dispositions"]["new"]
            ),
            (&read.into(), &repeated.into(), &new.into()),
            "{summary}"
        );
        let named = summary["dispositions"].as_object().expect("a table").keys();
        assert!(named.eq(keys), "each, zeros too: {summary}");
    };

    let alone = bihuan(&dry).json();
    let new = alone["dispositions"]["new"].as_u64().expect("a count");
    check(&alone, 60, 0, new);
    let empty = Data::empty();
    check(&empty.run(&dry).json(), 60, 0, new);
    assert!(fs::read_dir(empty.path()).expect("a folder").next().is_none());

    let data = Data::grid();
    let before = data.json(&["report", "closure"])["records"].clone();
    check(&data.run(&dry).json(), 60, 60, 0);
    // another file, named twice
    let longer = written(&empty, "longer.jsonl", &(text(&records) + "\n"));
    let other = ["import", &longer, &longer, "--mapping", &mapping, "--dry-run"];
    check(&data.json(&other), 120, 60, new);
    assert_eq!(data.json(&["report", "closure"])["records"], before);

    data.run(&[&dry[..], &["--rulebook", &rulebook]].concat())
        .exits(0);
    let nyc = file("deploy/rulebooks/nyc311").display().to_string();
    data.run(&[&dry[..], &["--rulebook", &nyc]].concat())
        .exits(2)
        .says("rulebook activate");
}

#[test]
fn a_dry_run_reads_by_the_rulebook_that_is_active() {
    let book = rulebook(&[(
        "rulebook.toml",
        "closed_before_reported   = \"flag\"",
        "closed_before_reported   = \"quarantine\"",
    )]);
    let (book, mapping) = (book.path().display().to_string(), nyc_mapping());
    let sample = text(file("tests/fixtures/nyc311.csv"));
    let lines: Vec<_> = sample.lines().take(2).collect();
    let [same, before] = [
        "2026-04-13T02:01:27.000,2026-04-13",
        "2026-04-13T02:01:27.000,2026-04-12",
    ];
    let data = Data::empty();
    let head = written(&data, "head.csv", &lines.join("\n"));
    let whole = written(&data, "whole.csv", &lines.join("\n").replace(same, before));
    let dry = [
        "import",
        &whole,
        "--mapping",
        &mapping,
        "--dry-run",
        "--format",
        "json",
    ];
    let reasons = |ran: Ran| ran.json()["quarantined_by_reason"]["closed_before_reported"].clone();
    assert_eq!(reasons(bihuan(&dry)), Value::Null, "by no rulebook");
    data.run(&["import", &head, "--mapping", &mapping, "--rulebook", &book])
        .exits(0);
    let refused = reasons(data.run(&dry));
    assert_eq!(refused, 1);
    assert_eq!(
        reasons(bihuan(&[&dry[..], &["--rulebook", &book]].concat())),
        refused
    );
}
