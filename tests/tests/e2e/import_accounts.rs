//! Real data come in, and every count is the one that somebody else counted: a script beside the fixtures, and this file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use e2e::accounts::{assert_identities, assert_journals, assert_verified, number};
use e2e::installation::Installation;
use e2e::process::Process;
use e2e::random::Random;
use e2e::{fixture, root, table};
use serde_json::{Value, json};

#[test]
fn on_a_laptop_counts_are_those_of_the_files() {
    counts_are_those_of_the_files(|rulebook| (Installation::embedded(rulebook), Vec::new()));
}

#[test]
fn on_kafka_and_postgresql_counts_are_those_of_the_files() {
    counts_are_those_of_the_files(|rulebook| {
        let installation = Installation::cluster(rulebook);
        let processes = installation.serve_all();
        (installation, processes)
    });
}

fn shipped(name: &str) -> PathBuf {
    root().join("deploy/rulebooks").join(name)
}

/// The words of an import of a fixture.
fn import(file: &str, mapping: &str) -> [String; 4] {
    let text = |path: PathBuf| path.to_str().expect("UTF-8").to_owned();
    let mapping = root()
        .join("deploy/mappings")
        .join(mapping)
        .with_extension("toml");
    [
        "import".to_owned(),
        text(fixture(file)),
        "--mapping".to_owned(),
        text(mapping),
    ]
}

fn words(import: &[String; 4]) -> [&str; 4] {
    [&import[0], &import[1], &import[2], &import[3]]
}

/// Each city by itself: what was reported before a rulebook was activated is none of its clues.
fn counts_are_those_of_the_files(new: impl Fn(&Path) -> (Installation, Vec<Process>)) {
    let mut random = Random::for_test("import_accounts");
    let mut city = |rulebook: &str, import: &dyn Fn(&Installation, &mut Random)| {
        let (installation, _processes) = new(&shipped(rulebook));
        import(&installation, &mut random);
        assert_verified(&installation);
        assert_journals(&installation);
    };
    city("nyc311", &new_york);
    city("baltimore311", &baltimore);
    city("shaoxing", &|installation, _| shaoxing(installation));
}

/// Imports the file: killed again and again, then to its end, then once more. What the import that came to its end said.
fn import_against_odds(installation: &Installation, import: &[String; 4], random: &mut Random) {
    let words = words(import);
    let (mut kills, mut longest) = (0, 80);
    loop {
        let mut attempt = installation.start("import", &words);
        std::thread::sleep(random.millis(longest / 2, longest));
        if attempt.is_over() {
            break;
        }
        attempt.kill();
        kills += 1;
        // each lives longer than the one before
        longest = longest * 3 / 2;
    }
    eprintln!("{}: {kills} kills", import[1]);
    assert!(kills > 0, "{}: no attempt was killed half-way", import[1]);
    let last = installation.ask(&words);
    assert_eq!(last["dispositions"]["in_flight"], 0, "{last}");
    let read = number(&last["read"]);
    let events = installation.tables().number("SELECT count(*) FROM clue_event");
    let again = installation.ask(&words);
    assert_eq!(
        (number(&again["read"]), number(&again["received"])),
        (read, 0),
        "{again}"
    );
    assert_eq!(number(&again["repeated"]), read, "{again}");
    let after = installation.tables().number("SELECT count(*) FROM clue_event");
    assert_eq!(after, events, "an import that is repeated changes nothing");
}

fn new_york(installation: &Installation, random: &mut Random) {
    import_against_odds(installation, &import("nyc311.csv", "nyc311"), random);
    let text = fs::read_to_string(fixture("nyc311.expected.json")).expect("a fixture");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        count("nyc311.csv", "unique_key", "closed_date", |row| row["agency"]
            .clone()),
        of(&expected["by_agency"])
    );
    let report = installation.ask(&["report", "closure"]);
    assert_identities(&report);
    let (records, counts) = (&report["records"], &report["counts"]);
    assert_eq!(records["received"], expected["records"], "{records}");
    assert_eq!(records["new"], expected["clues"], "{records}");
    for key in ["clues", "closed", "open"] {
        assert_eq!(counts[key], expected[key], "{key} in {counts}");
    }
    assert_eq!(counts["flagged"], expected["unknown_borough"], "{counts}");
    let groups = [
        ("agency", "by_agency"),
        ("area", "by_area"),
        ("matter", "by_complaint_type"),
        ("month", "by_month"),
    ];
    for (by, key) in groups {
        assert_eq!(by_rows(installation, by), of(&expected[key]), "by {by}");
    }
}

fn baltimore(installation: &Installation, random: &mut Random) {
    import_against_odds(installation, &import("baltimore311.csv", "baltimore311"), random);
    let after = installation.ask(&["report", "closure"]);
    assert_identities(&after);
    let rows = table::rows(&fixture("baltimore311.csv"));
    let closed: Vec<_> = rows.iter().filter(|row| !row["CloseDate"].is_empty()).collect();
    let with_deadline: Vec<_> = closed.iter().filter(|row| !row["DueDate"].is_empty()).collect();
    let on_time = with_deadline
        .iter()
        .filter(|row| sortable(&row["CloseDate"]) <= sortable(&row["DueDate"]))
        .count();
    let counted = |key: &str| number(&after["counts"][key]) as usize;
    assert_eq!(counted("clues"), rows.len());
    assert_eq!(counted("closed"), closed.len());
    assert_eq!(counted("open"), rows.len() - closed.len());
    assert_eq!(counted("closed_with_deadline"), with_deadline.len());
    assert_eq!(counted("closed_on_time"), on_time);
    let mut agencies = by_rows(installation, "agency");
    let counted = count("baltimore311.csv", "SRRecordID", "CloseDate", |row| {
        row["Agency"].to_lowercase().replace(" & ", "-").replace(' ', "-")
    });
    agencies.retain(|agency, _| counted.contains_key(agency));
    assert_eq!(agencies, counted);
}

/// `01/31/2015 11:05:56 PM` as text that sorts by time.
fn sortable(text: &str) -> String {
    let part = |range: std::ops::Range<usize>| &text[range];
    let hour: u32 = part(11..13).parse().expect("an hour");
    let hour = hour % 12 + if part(20..22) == "PM" { 12 } else { 0 };
    format!(
        "{}{}{}{hour:02}{}",
        part(6..10),
        part(0..2),
        part(3..5),
        part(13..19)
    )
}

fn shaoxing(installation: &Installation) {
    let text = fs::read_to_string(fixture("shaoxing-grid.expected.json")).expect("a fixture");
    let expected: Value = serde_json::from_str(&text).expect("JSON");
    let done = installation.ask(&words(&import("shaoxing-grid.jsonl", "shaoxing-grid")));
    let after = installation.ask(&["report", "closure"]);
    assert_eq!(done["received"], expected["records"], "{done}");
    assert_eq!(done["dispositions"]["new"], expected["clues"], "{done}");
    assert_eq!(
        done["dispositions"]["quarantined"], expected["quarantined"],
        "{done}"
    );
    assert_eq!(done["dispositions"]["unchanged"], expected["repeated"], "{done}");
    assert_eq!(
        done["quarantined_by_reason"],
        json!({"id_missing": 2, "json": 1}),
        "{done}"
    );
    assert_eq!(after["counts"]["flagged"], expected["flagged"]);
    // placeholders of the reporter's name and phone get nowhere
    let shown = [
        installation
            .run(&["quarantine", "list", "--format", "json"])
            .ok()
            .stdout,
        installation
            .run(&["report", "closure", "--by", "source"])
            .ok()
            .stdout,
    ];
    for secret in expected["never_shown"].as_array().expect("a list") {
        let secret = secret.as_str().expect("text");
        assert!(shown.iter().all(|text| !text.contains(secret)), "{secret}");
    }
}

/// Clues, closed and open ones.
type Groups = BTreeMap<String, [u64; 3]>;

fn of(expected: &Value) -> Groups {
    let groups = expected.as_object().expect("an object").iter();
    groups
        .map(|(key, counts)| {
            (
                key.clone(),
                ["clues", "closed", "open"].map(|name| number(&counts[name])),
            )
        })
        .collect()
}

fn by_rows(installation: &Installation, by: &str) -> Groups {
    let report = installation.ask(&["report", "closure", "--by", by]);
    let rows = report["rows"].as_array().expect("rows");
    rows.iter()
        .map(|row| {
            let key = row["key"].as_str().expect("a key").to_owned();
            (
                key,
                ["clues", "closed", "open"].map(|name| number(&row["counts"][name])),
            )
        })
        .collect()
}

fn count(file: &str, id: &str, closed: &str, key: impl Fn(&BTreeMap<String, String>) -> String) -> Groups {
    let mut clues: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in table::rows(&fixture(file)) {
        clues.entry(row[id].clone()).or_insert(row);
    }
    let mut groups = Groups::new();
    for row in clues.values() {
        let group = groups.entry(key(row)).or_default();
        let is_closed = u64::from(!row[closed].is_empty());
        *group = [group[0] + 1, group[1] + is_closed, group[2] + 1 - is_closed];
    }
    groups
}
