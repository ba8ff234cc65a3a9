//! Files, folders and settings that are wrong: a clear error and an exit code, and nothing is changed by it.

use std::fs;
use std::path::PathBuf;

use e2e::installation::Installation;
use e2e::process::Answer;
use e2e::rulebook::{AREAS, DUTIES, EAST};
use serde_json::json;

const CSV_MAPPING: &str = r#"source = "files"
kind = "clue"
mode = "event"
format = "csv"
time_zone = "Asia/Shanghai"
[clue]
id = "id"
reported_at = "at"
matter = "matter"
area = "area"
title = "title"
"#;

const HEADER: &str = "id,at,matter,area,title\n";

fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().expect("UTF-8")
}

fn import(installation: &Installation, name: &str, content: impl AsRef<[u8]>) -> Answer {
    let file = text(installation.file(name, content));
    let mapping = text(installation.file("mapping.toml", CSV_MAPPING));
    installation.run(&["import", &file, "--mapping", &mapping, "--format", "json"])
}

#[track_caller]
fn assert_refused(answer: &Answer, says: &str) {
    assert_eq!(answer.code, Some(2), "{answer:?}");
    assert!(answer.stderr.contains(says), "{says:?} in {answer:?}");
    assert!(!answer.stderr.contains("panicked"), "{answer:?}");
}

#[test]
fn files_that_are_wrong() {
    let installation = Installation::small();
    assert_refused(&import(&installation, "empty.csv", ""), "empty.csv");
    assert_refused(
        &import(&installation, "columns.csv", "id,at,matter,title\n1,2,3,4\n"),
        "area",
    );
    let gone = text(installation.folder().join("gone.csv"));
    let mapping = text(installation.folder().join("mapping.toml"));
    assert_refused(
        &installation.run(&["import", &gone, "--mapping", &mapping]),
        "gone.csv",
    );
    let header = import(&installation, "header.csv", HEADER).ok().json();
    assert_eq!(
        (&header["read"], &header["received"]),
        (&json!(0), &json!(0)),
        "{header}"
    );
    let line = |id: &str| format!("{id},2026-01-05T08:00:00+08:00,noise,{EAST},标题\n");
    let quotes = format!(
        "{HEADER}{}2,2026-01-05T08:00:00+08:00,noise,{EAST},\"broken\n{}{}short,row\n{}",
        line("1"),
        line("3"),
        line("4"),
        line("5")
    );
    let done = import(&installation, "quotes.csv", quotes).ok().json();
    assert_eq!(done["dispositions"]["new"], 4, "{done}");
    assert_eq!(
        done["quarantined_by_reason"],
        json!({"csv_quote": 1, "csv_fields": 1}),
        "{done}"
    );
    let all = installation.ask(&["report", "closure"]);
    assert_eq!(
        all["records"]["received"], 6,
        "only what was in readable files: {}",
        all["records"]
    );
    assert_eq!(installation.run(&["verify"]).code, Some(0));
}

#[test]
fn mappings_that_are_wrong() {
    let installation = Installation::small();
    let records = text(installation.file(
        "records.csv",
        format!("{HEADER}1,2026-01-05T08:00:00+08:00,noise,{EAST},x\n"),
    ));
    let table = [
        (
            "a column that is not there",
            CSV_MAPPING.replace("\"title\"", "\"headline\""),
            "headline",
        ),
        (
            "a key that nobody knows",
            format!("{CSV_MAPPING}colour = \"red\"\n"),
            "colour",
        ),
        ("no TOML", "source = ".to_owned(), "wrong.toml"),
        ("no id", CSV_MAPPING.replace("id = \"id\"\n", ""), "id"),
        (
            "a zone that does not exist",
            CSV_MAPPING.replace("Asia/Shanghai", "Asia/Atlantis"),
            "Atlantis",
        ),
        ("binary", "\u{0}\u{1}".to_owned(), "wrong.toml"),
    ];
    for (name, mapping, says) in table {
        let mapping = text(installation.file("wrong.toml", mapping));
        let answer = installation.run(&["import", &records, "--mapping", &mapping]);
        assert_eq!(answer.code, Some(2), "{name}: {answer:?}");
        assert!(answer.stderr.contains(says), "{name}: {says:?} in {answer:?}");
    }
    // nothing of it came to anything
    let good = text(installation.file("mapping.toml", CSV_MAPPING));
    let done = installation.ask(&["import", &records, "--mapping", &good]);
    assert_eq!(
        (&done["received"], &done["repeated"]),
        (&json!(1), &json!(0)),
        "{done}"
    );
}

#[test]
fn rulebooks_that_are_wrong() {
    let installation = Installation::small();
    let table = [
        // two agencies have the same duty in the same place at the same time
        (
            "a contradiction",
            "duties.csv",
            format!("{DUTIES}noise,990101,first_handler,west,2020-01-01,,county,test\n"),
            "duties.csv",
        ),
        (
            "an agency that is not there",
            "duties.csv",
            format!("{DUTIES}waste,9901,first_handler,nobody,2020-01-01,,city,test\n"),
            "duties.csv",
        ),
        (
            "a code twice",
            "areas.csv",
            format!("{AREAS}990101,又一个东区,East again,county\n"),
            "areas.csv",
        ),
        (
            "an unknown column",
            "areas.csv",
            AREAS.replace("level", "colour"),
            "areas.csv",
        ),
        (
            "a broken quote",
            "areas.csv",
            format!("{AREAS}\"990103,x\n"),
            "areas.csv",
        ),
        (
            "no policy that is known",
            "rulebook.toml",
            format!("{}\n[policy.magic]\nwand = 1\n", e2e::rulebook::TOML),
            "rulebook.toml",
        ),
        ("nothing", "rulebook.toml", String::new(), "rulebook.toml"),
    ];
    for (name, file, content, says) in table {
        let path = installation.rulebook().join(file);
        let kept = fs::read(&path).expect("a rulebook");
        fs::write(&path, content).expect("written");
        let directory = text(installation.rulebook());
        let check = installation.run(&["rulebook", "check", &directory]);
        assert_eq!(check.code, Some(1), "{name}: {check:?}");
        assert!(check.stdout.contains(says), "{name}: {check:?}");
        // neither at the first use nor later
        let serve = installation.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(serve.code, Some(2), "{name}: {serve:?}");
        assert!(serve.stderr.contains(says), "{name}: {serve:?}");
        let activate = installation.run(&["rulebook", "activate", &directory, "--by", "P1", "--why", "new"]);
        assert!(matches!(activate.code, Some(1 | 2)), "{name}: {activate:?}");
        fs::write(&path, kept).expect("written");
    }
    let mut process = installation.serve("all", &["all"]);
    process.ready();
    assert_eq!(process.terminate(), Some(0));
}

#[test]
fn settings_that_are_wrong() {
    let installation = Installation::small();
    assert_refused(&installation.run(&["report", "closure"]), "no data");
    let rulebook = installation.rulebook();
    for (more, says) in [
        ("colour = 'red'", "colour"),
        ("[server]\nlisten = '0.0.0.0:0'", "loopback"),
        ("[log]\nbrokers = '127.0.0.1:9'", "log"),
        ("[batch]\nmax_records = 0", "max_records"),
    ] {
        installation.configure(&rulebook, more);
        assert_refused(&installation.run(&["serve"]), says);
    }
    installation.configure(&rulebook, "");
    assert_refused(&installation.run(&["serve", "cook"]), "cook");
    assert_refused(
        &installation.run(&["serve", "--rulebook", "/nowhere/at/all"]),
        "/nowhere/at/all",
    );
    assert_refused(&installation.run(&["explain"]), "Usage");
}

#[test]
fn a_data_directory_in_use_and_one_of_a_newer_version() {
    let installation = Installation::small();
    let mut process = installation.serve("all", &["all"]);
    process.ready();
    assert_refused(
        &installation.run(&["serve", "--listen", "127.0.0.1:0"]),
        "in use by another bihuan process",
    );
    assert_eq!(process.readyz().expect("still there").0, 200);
    // reading and submitting go beside it
    installation.ask(&["report", "closure"]);
    let records = text(installation.file(
        "records.csv",
        format!("{HEADER}1,2026-01-05T08:00:00+08:00,noise,{EAST},x\n"),
    ));
    let mapping = text(installation.file("mapping.toml", CSV_MAPPING));
    assert_eq!(
        installation.ask(&["import", &records, "--mapping", &mapping])["received"],
        1
    );
    assert_eq!(process.terminate(), Some(0));
    newer(&installation);
}

#[test]
fn a_database_of_a_newer_version() {
    let installation = Installation::small_cluster();
    let mut process = installation.serve("monitor", &["monitor"]);
    process.kill();
    e2e::wait_for("the schema", std::time::Duration::from_secs(30), || {
        let mut process = installation.serve("all", &["all"]);
        process.ready();
        process.terminate()
    });
    newer(&installation);
}

/// Every command refuses, and says what to do; afterwards nothing has changed.
fn newer(installation: &Installation) {
    let tables = installation.tables();
    tables.execute("INSERT INTO schema_migration (service, number) VALUES ('monitor', 9999)");
    for words in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["report", "closure"],
        &["verify"],
        &["quarantine", "list"],
    ] {
        assert_refused(&installation.run(words), "newer version");
    }
    tables.execute("DELETE FROM schema_migration WHERE number = 9999");
    assert_eq!(installation.run(&["verify"]).code, Some(0));
}
