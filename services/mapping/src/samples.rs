//! The mappings that are shipped, on the records that are shipped.

use std::path::{Path, PathBuf};

use bihuan_domain::clue::{Flag, Origin};
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

use super::{Mapping, Outcome, Receipt};
use crate::format::csv::Table;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn shipped() -> Vec<PathBuf> {
    let folder = root().join("deploy/mappings");
    let mut files: Vec<_> = folder
        .read_dir()
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn load(path: &Path) -> Mapping {
    let text = std::fs::read_to_string(path).expect("a mapping");
    Mapping::parse(&text).unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()))
}

#[test]
fn every_shipped_mapping_is_good() {
    let files = shipped();
    assert!(files.len() >= 3, "{files:?}");
    for path in files {
        load(&path);
    }
}

/// Blocks of TOML in the guide that have a section of a clue are mappings.
#[test]
fn every_mapping_in_the_guide_is_good() {
    let guide = std::fs::read_to_string(root().join("docs/integrate.md")).expect("the guide");
    let blocks = guide.split("```toml\n").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next());
    let mappings: Vec<_> = blocks.filter(|block| block.contains("[clue]")).collect();
    assert!(mappings.len() >= 2, "{mappings:?}");
    for text in mappings {
        Mapping::parse(text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"));
    }
}

fn outcomes(name: &str) -> Vec<Outcome> {
    let mapping = load(&root().join(format!("deploy/mappings/{name}.toml")));
    let file = std::fs::File::open(root().join(format!("tests/fixtures/{name}.csv"))).expect("the records");
    let table = Table::open(file, mapping.encoding()).expect("a header");
    let columns = table.columns().to_vec();
    let bound = mapping.bind_columns(&columns).expect("the columns are there");
    let received_at: Timestamp = "2026-06-01T00:00:00Z".parse().expect("a time");
    table
        .map(|frame| {
            let frame = frame.expect("readable");
            assert_eq!(frame.broken, None);
            let record = RecordId::of_file("sample", frame.ordinal);
            let origin = Origin {
                record,
                topic: String::new(),
                partition: 0,
                offset: 0,
                line: Some(frame.line),
            };
            bound.outcome(
                &frame.raw,
                &Rulebook::none(),
                Receipt {
                    received_at,
                    origin,
                    route: false,
                },
            )
        })
        .collect()
}

#[test]
fn new_york_is_read_to_the_last_record() {
    let expected =
        std::fs::read_to_string(root().join("tests/fixtures/nyc311.expected.json")).expect("the counts");
    let expected: serde_json::Value = serde_json::from_str(&expected).expect("JSON");
    let outcomes = outcomes("nyc311");
    let reports: Vec<_> = outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Clue { report, .. } => report,
            other => panic!("{other:?}"),
        })
        .collect();
    let count =
        |test: &dyn Fn(&bihuan_domain::clue::Report) -> bool| reports.iter().filter(|it| test(it)).count();
    let closed_at =
        |it: &bihuan_domain::clue::Report| it.history.as_ref().and_then(|history| history.closed_at);
    assert_eq!(reports.len(), expected["records"]);
    assert_eq!(count(&|it| closed_at(it).is_some()), expected["closed"]);
    assert_eq!(
        count(&|it| closed_at(it) == Some(it.reported_at)),
        expected["closed_when_created"]
    );
    assert_eq!(
        count(&|it| it.flags == [Flag::AreaUnknown]),
        expected["unknown_borough"]
    );
    assert_eq!(count(&|it| it.location.is_none()), expected["without_position"]);
    assert_eq!(
        reports
            .iter()
            .map(|it| it.reported_at)
            .min()
            .map(|at| at.to_string())
            .as_deref(),
        expected["first_reported_at"].as_str()
    );
    assert_eq!(
        reports
            .iter()
            .filter_map(|it| closed_at(it))
            .max()
            .map(|at| at.to_string())
            .as_deref(),
        expected["last_closed_at"].as_str()
    );
    assert_eq!(
        count(&|it| it.source_area.as_deref() == Some("Unspecified")),
        expected["unknown_borough"]
    );
    let flagged = count(&|it| !it.flags.is_empty());
    assert_eq!(
        flagged, expected["unknown_borough"],
        "nothing else is wrong with them"
    );
}

#[test]
fn baltimore_is_read_with_its_due_times() {
    let outcomes = outcomes("baltimore311");
    assert!(!outcomes.is_empty());
    for outcome in &outcomes {
        let Outcome::Clue { report, .. } = outcome else {
            panic!("{outcome:?}")
        };
        let unreadable = [
            Flag::ReportedAtUnreadable,
            Flag::ClosedAtUnreadable,
            Flag::DueAtUnreadable,
        ];
        assert!(
            !report.flags.iter().any(|flag| unreadable.contains(flag)),
            "{report:?}"
        );
    }
    let due = |outcome: &&Outcome| matches!(outcome, Outcome::Clue { report, .. } if report.source_due_at.is_some());
    assert!(outcomes.iter().filter(due).count() > outcomes.len() / 2);
}

/// `cargo test --release -p bihuan-intake --lib -- --ignored --nocapture rows_per_second`
#[test]
#[ignore = "a measurement"]
fn rows_per_second() {
    let start = std::time::Instant::now();
    let rows: usize = (0..20).map(|_| outcomes("nyc311").len()).sum();
    println!("{:.0} rows a second", rows as f64 / start.elapsed().as_secs_f64());
}
