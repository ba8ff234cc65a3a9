//! Until when: deadlines on the command line, and whether the calendar can give them.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::{Ran, bihuan, file, text};

/// Runs `bihuan calendar due` on these lines.
fn due(arguments: &[&str], input: impl Into<Vec<u8>>) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_bihuan"))
        .args(["calendar", "due"])
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.into();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    // who is told that the usage is wrong reads nothing
    let _ = writer.join().expect("no panic");
    Ran(output)
}

fn sample() -> String {
    file("deploy/rulebooks/shaoxing").display().to_string()
}

/// A copy of a rulebook with other files beside.
fn with(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(file("deploy/rulebooks/shaoxing")).expect("the sample") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
    }
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let path = folder.path().display().to_string();
    (folder, path)
}

#[test]
fn deadlines_come_one_a_line_in_the_order_of_the_times() {
    let times = "2026-04-30 16:40\n2026-04-30T16:40:00+08:00\r\n2026-04-30T08:40:00Z\n2026-04-30T16:40:05\n2026-12-31 17:00";
    let told = due(&["--limit", "2wh"], times).exits(0);
    assert_eq!(
        told.stdout(),
        "2026-05-06T08:40:00+08:00\n2026-05-06T08:40:00+08:00\n2026-05-06T08:40:00+08:00\n\
         2026-05-06T08:40:05+08:00\n2027-01-01T09:00:00+08:00 provisional\n"
    );
    let told = due(&["--limit", "5wd"], "2026-04-30 16:40\n").exits(0);
    assert_eq!(told.stdout(), "2026-05-11T23:59:59.999999+08:00\n");
    assert_eq!(due(&["--limit", "5wd"], "").exits(0).stdout(), "");
}

#[test]
fn a_line_that_cannot_be_read_loses_no_other() {
    let mut input = b"2026-03-02 09:00\nyesterday\n\n2026-03-02\n".to_vec();
    input.extend(b"\xff\xfe\n1999-01-01 00:00\n2026-03-02 10:00\n");
    let told = due(&["--limit", "1wh"], input.clone()).exits(2);
    assert_eq!(
        told.stdout(),
        "2026-03-02T10:00:00+08:00\nerror\nerror\nerror\nerror\nerror\n2026-03-02T11:00:00+08:00\n"
    );
    let problems = told.stderr();
    assert_eq!(problems.lines().count(), 5, "{problems}");
    assert!(
        problems.contains("第 2 行 \"yesterday\" 不是时间 / line 2: \"yesterday\" is not a time"),
        "{problems}"
    );
    assert!(
        problems.contains("line 6") && problems.contains("time_out_of_range"),
        "{problems}"
    );
    let told = due(&["--limit", "1wh", "--format", "json"], input).exits(2);
    let objects: Vec<Value> = told
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect();
    assert_eq!(
        objects[0],
        serde_json::json!({"line": 1, "due": "2026-03-02T10:00:00+08:00", "provisional": false})
    );
    assert_eq!(
        objects[1],
        serde_json::json!({"line": 2, "value": "yesterday", "error": "time_unreadable"})
    );
    assert_eq!(
        (&objects[5]["error"], &objects[6]["line"]),
        (&"time_out_of_range".into(), &7.into())
    );
}

#[test]
fn the_reasons_are_told_in_the_language_that_was_asked_for() {
    let english = due(
        &["--limit", "2wh", "--explain", "--lang", "en"],
        "2026-04-30 16:40\n",
    );
    assert_eq!(
        english.exits(0).stdout(),
        "2026-05-06T08:40:00+08:00\treceived Thu 2026-04-30 16:40; 2 working hours; 30 April 16:40–18:00 counts \
         1 h 20 min; 1–5 May are holidays (Labour Day); 6 May 08:00–08:40 counts 40 min; due Wed 2026-05-06 08:40\n"
    );
    due(
        &["--limit", "2wh", "--explain", "--lang", "zh"],
        "2026-04-30 16:40\n",
    )
    .exits(0)
    .says("5月1日至5日劳动节放假；5月6日 08:00–08:40 计40分；截止 2026-05-06（周三）08:40");
    let json = due(
        &["--limit", "6wd", "--explain", "--format", "json"],
        "2026-09-24 12:00\n",
    )
    .json();
    assert_eq!(json["due"], "2026-10-10T23:59:59.999999+08:00");
    assert_eq!(
        json["parts"][0],
        serde_json::json!({"kind": "receipt", "day": "2026-09-24"})
    );
    assert_eq!(json["parts"][1]["zh"], "中秋");
    assert!(
        json["zh"]
            .as_str()
            .is_some_and(|text| text.ends_with("截止 2026-10-10（周六）23:59:59"))
    );
}

#[test]
fn what_the_documentation_shows_is_what_is_printed() {
    let documented = text(file("docs/calendar.md"));
    let mut shown = 0;
    for (command, rest) in documented
        .split("$ echo '")
        .skip(1)
        .filter_map(|it| it.split_once('\n'))
    {
        let (time, arguments) = command.split_once("' | bihuan calendar due ").expect("a command");
        let arguments: Vec<_> = arguments.split(' ').collect();
        let printed = due(&arguments, time).exits(0).stdout();
        assert!(rest.starts_with(&printed), "{printed} is not\n{rest}");
        shown += 1;
    }
    assert_eq!(shown, 2);
}

#[test]
fn a_rulebook_brings_its_own_zone_hours_and_holidays() {
    let (_folder, path) = with(&[
        (
            "hours.csv",
            "area,from,to,hours\n,,,09:00-17:00\n330602,06-01,10-01,07:00-11:00\n",
        ),
        (
            "rulebook.toml",
            "label = \"t\"\ntime_zone = \"America/New_York\"\n",
        ),
    ]);
    let told = |area: &[&str]| {
        let arguments = [&["--limit", "1wh", "--rulebook", &path][..], area].concat();
        due(&arguments, "2026-06-02 06:00\n").exits(0).stdout()
    };
    assert_eq!(told(&[]), "2026-06-02T10:00:00-04:00\n");
    assert_eq!(told(&["--area", "330602001"]), "2026-06-02T08:00:00-04:00\n");
    let nyc = file("deploy/rulebooks/nyc311").display().to_string();
    let told = due(&["--limit", "1wd", "--rulebook", &nyc], "2026-07-02 06:00\n").exits(0);
    assert_eq!(told.stdout(), "2026-07-03T23:59:59.999999-04:00 provisional\n");
}

#[test]
fn wrong_usage_is_told_before_anything_is_read() {
    for (limit, code, en, zh) in [
        (
            "5 days",
            "limit_unit_unknown",
            "its unit is not one of",
            "单位不是",
        ),
        ("0wd", "limit_zero", "no time at all", "不能为零"),
        ("-5wd", "limit_negative", "negative", "不能为负"),
        ("five", "limit_unreadable", "whole number", "不是以整数开头"),
        ("999999d", "limit_too_large", "hundred years", "超过一百年"),
    ] {
        let mut english = due(&["--limit", limit, "--lang", "en"], "2026-03-02 09:00\n").exits(2);
        for part in [code, "--limit", en, "write 30min"] {
            english = english.says(part);
        }
        let mut chinese = due(&["--limit", limit, "--lang", "zh"], "").exits(2);
        for part in [code, "--limit", zh, "请写成 30min"] {
            chinese = chinese.says(part);
        }
    }
    due(&["--limit", "1wd", "--area", "33-06"], "")
        .exits(2)
        .says("33-06");
    due(&["--limit", "1wd", "--format", "csv"], "")
        .exits(2)
        .says("json");
    due(&["--limit", "1wd", "--rulebook", "/no/such"], "")
        .exits(2)
        .says("/no/such");
    let (_folder, path) = with(&[("holidays.json", "{")]);
    due(&["--limit", "1wd", "--rulebook", &path], "")
        .exits(2)
        .says("holidays.json:1");
}

#[test]
fn many_lines_flow_through() {
    let mut times = String::new();
    for minute in 0..60 * 24 * 70 {
        let (day, hour) = (minute / 1440 % 28 + 1, minute / 60 % 24);
        let _ = writeln!(times, "2026-03-{day:02} {hour:02}:{:02}", minute % 60);
    }
    let told = due(&["--limit", "2wh"], times).exits(0).stdout();
    assert_eq!(told.lines().count(), 100_800);
    assert!(
        told.lines()
            .all(|line| line.len() == "2026-05-06T08:40:00+08:00".len())
    );
}

#[test]
fn a_calendar_says_what_it_lacks() {
    let json = bihuan(&["calendar", "check", "--on", "2026-06-01", "--format", "json"]).json();
    assert_eq!((&json["ok"], &json["holidays"]), (&true.into(), &619.into()));
    assert_eq!(json["published"].as_array().map(Vec::len), Some(23));
    bihuan(&["calendar", "check", "--rulebook", &sample(), "--on", "2026-10-31"]).exits(0);
    for day in ["2026-11-01", "2027-03-01"] {
        bihuan(&["calendar", "check", "--rulebook", &sample(), "--on", day])
            .exits(1)
            .says("calendar_ends");
    }
    let days = "{\"holidays\":{\"2024-01-01\":\"元旦\",\"2026-01-01\":\"元旦\"},\"workdays\":{\"2026-01-01\":\"元旦\"}}";
    let (_folder, path) = with(&[("holidays.json", days)]);
    let told = bihuan(&[
        "calendar",
        "check",
        "--rulebook",
        &path,
        "--on",
        "2026-06-01",
        "--format",
        "json",
    ]);
    let told = told.exits(1);
    let json: Value = serde_json::from_str(&told.stdout()).expect("one object");
    let codes: Vec<_> = json["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["code"])
        .collect();
    assert_eq!(
        codes,
        [
            "day_both",
            "year_without_holidays",
            "year_incomplete",
            "year_incomplete"
        ]
    );
    assert_eq!((&json["ok"], &json["version"]), (&false.into(), &Value::Null));
    let nyc = file("deploy/rulebooks/nyc311").display().to_string();
    bihuan(&["calendar", "check", "--rulebook", &nyc])
        .exits(1)
        .says("holidays_missing");
    bihuan(&["calendar", "check", "--rulebook", "/no/such"]).exits(2);
}

#[test]
fn the_bench_compares_each_way_with_counting() {
    let json = bihuan(&[
        "bench",
        "calendar",
        "--deadlines",
        "2000",
        "--compared",
        "50",
        "--format",
        "json",
    ])
    .json();
    let figures = json["figures"].as_array().expect("figures");
    let value = |name: &str| {
        let figure = figures.iter().find(|it| it["name"] == name);
        figure
            .and_then(|it| it["value"].as_f64())
            .unwrap_or_else(|| panic!("no {name} in {json}"))
    };
    for unit in ["working days", "working hours"] {
        assert!(value(&format!("{unit}, a day ahead")) > 0.0);
        assert!(value(&format!("{unit}, ten years ahead, tables ÷ day by day")) > 1.0);
    }
}
