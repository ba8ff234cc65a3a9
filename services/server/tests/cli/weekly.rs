//! New York publishes its requests week after week, each whole and most of them as they were.

use serde_json::json;
use tempfile::tempdir;

use crate::{Data, file, text};

const CLOSED: usize = 2;

/// What the weeks hold, counted while they are made.
#[derive(Default)]
struct Counted {
    rows: u64,
    /// Closed when first seen.
    closed_before: u64,
    /// Open in the first week, closed in the second.
    closed_since: u64,
    /// The other way round.
    open_again: u64,
}

/// The second week: of the open requests one in five was closed, of the closed ones one in a hundred is open again.
fn second_week(first: &str) -> (String, Counted) {
    let mut counted = Counted::default();
    let mut lines = first.lines();
    let mut second = vec![lines.next().expect("a header").to_owned()];
    for line in lines {
        let mut fields: Vec<_> = line.split(',').collect();
        counted.rows += 1;
        let is_open = fields[CLOSED].is_empty();
        counted.closed_before += u64::from(!is_open);
        if is_open && counted.rows.is_multiple_of(5) {
            fields[CLOSED] = "2026-05-10T12:00:00.000";
            counted.closed_since += 1;
        } else if !is_open && counted.rows.is_multiple_of(100) {
            fields[CLOSED] = "";
            counted.open_again += 1;
        }
        second.push(fields.join(","));
    }
    (second.join("\n") + "\n", counted)
}

#[test]
fn a_week_that_comes_again_changes_what_changed_in_it() {
    let first = text(file("tests/fixtures/nyc311.csv"));
    assert!(!first.contains('"'), "fields can be cut at commas");
    let (second, counted) = second_week(&first);
    let folder = tempdir().expect("temporary folder");
    let data = Data::empty();
    let import = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        let mapping = file("deploy/mappings/nyc311-weekly.toml").display().to_string();
        let rulebook = file("deploy/rulebooks/nyc311").display().to_string();
        let path = path.display().to_string();
        data.json(&["import", &path, "--mapping", &mapping, "--rulebook", &rulebook])["dispositions"].clone()
    };
    let week = import("week-1.csv", &first);
    assert_eq!(
        (&week["new"], &week["in_flight"]),
        (&json!(counted.rows), &json!(0))
    );
    let changed = counted.closed_since + counted.open_again;
    let week = import("week-2.csv", &second);
    assert_eq!(
        [&week["updated"], &week["unchanged"], &week["new"], &week["stale"]],
        [
            &json!(changed),
            &json!(counted.rows - changed),
            &json!(0),
            &json!(0)
        ]
    );

    let report = data.json(&["report", "closure"]);
    let counts = &report["counts"];
    assert_eq!(counts["clues"], counted.rows);
    // what its source closed here was closed there when it was first seen; nothing else is, whatever the source says
    assert_eq!(counts["closed"], counted.closed_before);
    assert_eq!(counts["closed_at_source"], counted.closed_before);
    assert_eq!(
        counts["discrepancies"], changed,
        "closed there and open here, or the reverse"
    );
    data.run(&["verify"]).exits(0);
}
