use serde_json::Value;

use crate::{Data, file, text};

fn expected() -> Value {
    serde_json::from_str(&text(file("tests/fixtures/nyc311.expected.json"))).expect("json")
}

fn row<'a>(report: &'a Value, key: &str) -> &'a Value {
    let rows = report["rows"].as_array().expect("rows");
    rows.iter()
        .find(|row| row["key"] == key)
        .unwrap_or_else(|| panic!("no row {key}"))
}

#[test]
fn counts_are_those_of_an_independent_count() {
    let (data, expected) = (Data::nyc(), expected());
    for (by, table) in [
        ("agency", "by_agency"),
        ("area", "by_area"),
        ("month", "by_month"),
        ("matter", "by_complaint_type"),
    ] {
        let report = data.json(&["report", "closure", "--by", by]);
        for count in ["clues", "closed", "open"] {
            assert_eq!(report["counts"][count], expected[count], "{count}");
            for (key, counts) in expected[table].as_object().expect("a table") {
                assert_eq!(
                    row(&report, key)["counts"][count],
                    counts[count],
                    "{by} {key} {count}"
                );
            }
        }
        assert_eq!(
            report["rows"].as_array().map(Vec::len),
            expected[table].as_object().map(serde_json::Map::len),
            "{by}"
        );
    }
}

#[test]
fn every_account_balances_in_the_report() {
    let report = Data::grid().json(&["report", "closure"]);
    let sum = |part: &str, keys: &[&str]| {
        keys.iter()
            .map(|key| report[part][key].as_u64().expect(key))
            .sum::<u64>()
    };
    let records = [
        "new",
        "updated",
        "unchanged",
        "stale",
        "feedback",
        "skipped",
        "quarantined",
        "in_flight",
    ];
    assert_eq!(report["records"]["received"], sum("records", &records));
    assert_eq!(
        report["counts"]["clues"],
        sum("counts", &["rejected", "voided", "merged", "closed", "open"])
    );
    assert_eq!(
        (&report["records"]["received"], &report["records"]["quarantined"]),
        (&60.into(), &3.into())
    );
    let strict = &report["figures"][0];
    assert_eq!(
        (&strict["numerator"], &strict["denominator"]),
        (&0.into(), &59.into()),
        "what is unreadable is in the denominator"
    );
}

#[test]
fn the_past_is_as_it_was() {
    let data = Data::nyc();
    let whole = data.json(&["report", "closure", "--from", "2026-04-01", "--to", "2026-05-01"]);
    assert_eq!(
        whole["counts"]["clues"],
        expected()["by_month"]["2026-04"]["clues"]
    );
    assert_eq!(whole["records"], Value::Null, "records have no cohort");
    let early = data.json(&["report", "closure", "--as-of", "2026-04-12"]);
    assert_eq!(
        early["as_of"], "2026-04-13T03:59:59.999999Z",
        "the end of the day in New York"
    );
    assert!(early["counts"]["closed"].as_u64() < whole["counts"]["closed"].as_u64());
    let none = data.json(&["report", "closure", "--as-of", "2020-01-01T00:00:00Z"]);
    assert_eq!(
        (&none["counts"]["clues"], &none["figures"][0]["value"]),
        (&0.into(), &Value::Null)
    );
}

#[test]
fn people_get_equations_and_formulas_in_their_language() {
    let data = Data::nyc();
    data.run(&["report", "closure", "--lang", "zh"])
        .exits(0)
        .says("线索 3997 = 不予受理 0 + 作废 0 + 并案 0 + 闭环 2437 + 在办 1560")
        .says("60.97 %")
        .says("closed / (clues - rejected - voided - merged + quarantined)");
    data.run(&[
        "report", "closure", "--by", "agency", "--format", "markdown", "--lang", "en",
    ])
    .exits(0)
    .says("- received 3997 = new 3997 + updated 0")
    .says("| NYPD | Police Department | 2449 | 2170 | 279 |");
    let csv = data
        .run(&["report", "closure", "--by", "month", "--format", "csv"])
        .exits(0)
        .stdout();
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 4, "a header, all, and two months");
    assert!(
        lines[0].starts_with("key,name,clues,") && lines[1].starts_with("*,*,3997,"),
        "{csv}"
    );
}
