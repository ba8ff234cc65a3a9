//! What people get wrong: told in a sentence, with an exit code that a script can rely on.

use std::fs;

use tempfile::TempDir;

use crate::{Data, bihuan, file, text};

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
    data.run(&["rulebook", "activate", &directory])
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
