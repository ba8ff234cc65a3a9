//! Deadlines, on records of a city that says when each was due: what was overdue when, why, and what nobody has issued.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::serving::Server;
use crate::{Data, file};

/// Reported, due and closed, as the platform's own columns say.
type Times = (Timestamp, Option<Timestamp>, Option<Timestamp>);

/// With Baltimore's records imported.
pub(crate) fn baltimore() -> Data {
    static IMPORTED: OnceLock<Data> = OnceLock::new();
    let import = || Data::imported("baltimore311.csv", "baltimore311", "baltimore311");
    IMPORTED.get_or_init(import).copy()
}

fn zone() -> TimeZone {
    TimeZone::get("America/New_York").expect("bundled")
}

/// Read without Bihuan, with the id of each.
fn columns() -> Vec<(String, Times)> {
    let mut reader = csv::Reader::from_path(file("tests/fixtures/baltimore311.csv")).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|it| it == name).expect("a column");
    let (id, others) = (
        column("SRRecordID"),
        ["CreatedDate", "DueDate", "CloseDate"].map(column),
    );
    let time = |text: &str| {
        let at = DateTime::strptime("%m/%d/%Y %I:%M:%S %p", text).ok()?;
        Some(zone().to_ambiguous_timestamp(at).compatible().expect("in range"))
    };
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let [created, due, closed] = others.map(|at| time(&row[at]));
        (row[id].to_owned(), (created.expect("a time"), due, closed))
    });
    rows.collect()
}

/// By how many days they were overdue at the end of the day, in bands.
fn overdue(rows: &[(String, Times)], day: Date) -> [u64; 5] {
    let end = day
        .tomorrow()
        .expect("in range")
        .to_zoned_datetime(zone())
        .expect("in range");
    let end = end.timestamp();
    let mut bands = [0; 5];
    for (_, (created, due, closed)) in rows {
        let is_open = *created < end && closed.is_none_or(|closed| closed >= end);
        let Some(due) = due.filter(|due| is_open && *due < end) else {
            continue;
        };
        let seconds = end.as_second() - due.as_second();
        let days = [1, 3, 10, 30].iter().filter(|days| seconds > *days * 86_400);
        bands[days.count()] += 1;
    }
    bands
}

const BANDS: [&str; 5] = [
    "overdue_within_1_day",
    "overdue_within_3_days",
    "overdue_within_10_days",
    "overdue_within_30_days",
    "overdue_beyond_30_days",
];

#[test]
fn what_was_overdue_at_any_past_day_is_that_of_an_independent_count() {
    let (data, rows) = (baltimore(), columns());
    let first: Date = "2015-01-15".parse().expect("a date");
    let mut seen = [0; 5];
    for week in 0..50 {
        let day = first + jiff::Span::new().days(week * 7);
        let report = data.json(&["report", "closure", "--as-of", &day.to_string()]);
        let counted = BANDS.map(|band| report["counts"][band].as_u64().expect(band));
        assert_eq!(counted, overdue(&rows, day), "{day}");
        assert_eq!(report["counts"]["open_overdue"], counted.iter().sum::<u64>());
        seen = std::array::from_fn(|band| seen[band] + counted[band]);
    }
    assert!(
        seen.iter().all(|clues| *clues > 0),
        "each band held some clue: {seen:?}"
    );
}

#[test]
fn the_report_shows_how_times_were_kept_to_scripts_and_people() {
    let data = baltimore();
    let report = data.json(&["report", "closure"]);
    let figures = report["figures"].as_array().expect("figures");
    let figure = |id: &str| -> &Value { figures.iter().find(|it| it["id"] == id).expect(id) };
    let on_time = |id| figure(id)["numerator"].clone();
    assert_eq!(
        on_time("on_time_closure"),
        on_time("on_time_closure_raw"),
        "nobody was granted more time"
    );
    let (used, limit) = ("used_seconds_late", "limit_seconds_late");
    let seconds = |key: &str| report["counts"][key].as_u64().expect(key);
    assert_eq!(figure("overdue_factor")["denominator"], seconds(limit));
    assert_eq!(
        figure("overdue_factor")["numerator"],
        seconds(used) - seconds(limit)
    );
    assert_eq!(
        figure("on_time_handling")["value"],
        Value::Null,
        "it has no clock there"
    );
    data.run(&["report", "closure", "--lang", "zh"])
        .exits(0)
        .says("各环节按时率（次）")
        .says("handle_in_time / (handle_ended + handle_overdue)")
        .says("30 天以上")
        .says("积存（累计挂账过久）");
    let markdown = ["report", "closure", "--lang", "en", "--format", "markdown"];
    data.run(&markdown)
        .exits(0)
        .says("## How long overdue")
        .says("| more than 30 days |");
}

#[test]
fn a_clue_explains_its_deadline() {
    let data = baltimore();
    let rows = columns();
    let (id, (_, due, _)) = rows
        .iter()
        .find(|(_, (_, due, closed))| due.is_some() && closed.is_none())
        .expect("one is overdue");
    let name = format!("baltimore311/{id}");
    let explained = data.json(&["explain", &name]);
    let clock = &explained["clocks"]["running"][0];
    assert_eq!(
        (&clock["step"], &clock["limit"], &clock["overdue"]),
        (&"overall".into(), &Value::Null, &true.into())
    );
    let due = due.expect("it has one").to_string();
    assert_eq!(clock["due_at"], due);
    assert_eq!(explained["clocks"]["first_deadline"], due);
    data.run(&["explain", &name, "--lang", "zh"])
        .exits(0)
        .says("正在计时")
        .says("期限由来源平台给出")
        .says("已超期");
    data.run(&["explain", &name, "--lang", "en"])
        .exits(0)
        .says("Clocks that run")
        .says("the due time is the source's");
}

#[test]
fn what_nobody_drafted_cannot_be_issued() {
    let data = baltimore();
    let none = data.json(&["notice", "list"]);
    assert_eq!(none, serde_json::json!({"notices": [], "left_out": 0}));
    let issue = [
        "notice",
        "issue",
        "--rung",
        "overdue_notice",
        "--day",
        "2026-01-07",
    ];
    let by = |about: &[&'static str]| [&issue[..], &["--person", "P1"], about].concat();
    data.run(&by(&["--agency", "health", "--lang", "en"]))
        .exits(1)
        .says("no such notice waits");
    data.run(&by(&[])).exits(2).says("--agency");
    data.run(&issue).exits(2).says("--person");
    // a draft of which the journal knows nothing: lifecycle has the last word
    data.tamper(
        "INSERT INTO monitor_notice (partition, clue_id, rung, due_at, kind, agency, drafted_at, waits)
         SELECT partition, clue_id, 'overdue_notice', deadline, 'notice', 'health', 1767780000000000, true
         FROM monitor_clue WHERE holder IS NOT NULL AND deadline IS NOT NULL LIMIT 2",
    );
    let listed = data.json(&["notice", "list", "--agency", "health"]);
    let bundle = &listed["notices"][0];
    assert_eq!(
        (
            &bundle["day"],
            &bundle["rung"],
            &bundle["clues"].as_array().map(Vec::len)
        ),
        (&"2026-01-07".into(), &"overdue_notice".into(), &Some(2))
    );
    data.run(&by(&["--agency", "health", "--lang", "zh"]))
        .exits(1)
        .says("签发 0，拒绝 2")
        .says("notice_unknown");
    let discard = [
        "notice",
        "discard",
        "--rung",
        "overdue_notice",
        "--day",
        "2026-01-07",
        "--agency",
        "health",
    ];
    let because = [&discard[..], &["--person", "P1", "--reason", "重复"]].concat();
    data.run(&[&because[..], &["--lang", "zh"]].concat())
        .exits(1)
        .says("弃用 0，拒绝 2")
        .says("notice_unknown");
    data.run(&[&discard[..], &["--person", "P1"]].concat())
        .exits(2)
        .says("--reason");
    data.run(&[&discard[..], &["--reason", "x"]].concat())
        .exits(2)
        .says("--person");
    data.run(&["verify"]).exits(1).says("notice_is_fold");
}

#[test]
fn the_gauges_tell_how_late_clues_are() {
    let data = baltimore();
    let server = Server::start(&data, &["all"]);
    let late = columns()
        .iter()
        .filter(|(_, (_, due, closed))| due.is_some() && closed.is_none())
        .count();
    let band = format!("bihuan_clues_overdue_by_age{{days=\"30+\"}} {late}\n");
    server.until("counted", || server.page("/metrics").1.contains(&band));
    let metrics = server.page("/metrics").1;
    for line in [
        "bihuan_clues_overdue_by_age{days=\"0-1\"} 0\n",
        "bihuan_clocks_overdue{step=\"triage\"} 0\n",
        "bihuan_clocks_overdue{step=\"coordination\"} 0\n",
        "bihuan_clues_backlog 0\n",
        "bihuan_clues_provisional 0\n",
        "bihuan_notices_waiting 0\n",
        "bihuan_notices_oldest_seconds 0\n",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
}

#[test]
fn the_clock_is_shown_as_the_place_has_it() {
    let data = baltimore();
    let shown = data.json(&["clock", "show"]);
    let text = shown["now"].as_str().expect("a time");
    let now: Timestamp = text.parse().expect("RFC 3339");
    let wall = bihuan_runtime::Clock::wall().now().as_micros();
    assert!((wall - now.as_microsecond()).abs() < 60_000_000, "{text}");
    let offset = zone().to_offset(now).seconds() / 3600;
    assert!(
        text.ends_with(&format!("-0{}:00", -offset)),
        "{text}: New York's clock"
    );
    data.run(&["clock", "show", "--lang", "zh"])
        .exits(0)
        .says(&text[19..][text[19..].find('-').expect("an offset")..])
        .says("本机时间");
    let installed = data.run(&["clock", "advance", "5x", "--lang", "en"]).exits(2);
    installed.says("limit_unit_unknown").says("write 30min");
}
