//! The hand-over log of a system that is in use: what its rows say becomes recorded life, and the figures about disputes are those
//! that a plain count of the file gives.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, Ran, file, text};

/// One case, counted from the rows alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Counted {
    holders: Vec<String>,
    reopened: u64,
    done: bool,
}

impl Counted {
    fn hand_overs(&self) -> u64 {
        self.holders.len().saturating_sub(1) as u64
    }

    fn is_ping_pong(&self) -> bool {
        (2..self.holders.len()).any(|i| self.holders[i] == self.holders[i - 2])
    }
}

/// The cases of the fixture, and its rows.
fn counted() -> (BTreeMap<String, Counted>, u64) {
    let log = text(file("tests/fixtures/bpic2013.csv"));
    let mut reader = csv::Reader::from_reader(log.as_bytes());
    let mut cases: BTreeMap<String, Counted> = BTreeMap::new();
    let mut rows = 0;
    for row in reader.records() {
        let row = row.expect("a row");
        let [case, state, group] = [0, 2, 4].map(|column| row[column].to_owned());
        let known = cases.entry(case).or_default();
        let done = state == "Completed";
        known.reopened += u64::from(known.done && !done);
        known.done = done;
        if known.holders.last() != Some(&group) {
            known.holders.push(group);
        }
        rows += 1;
    }
    (cases, rows)
}

fn import(data: &Data, log: &str, more: &[&str]) -> Ran {
    let mapping = file("deploy/mappings/bpic2013.toml").display().to_string();
    data.run(&[&["import", log, "--mapping", &mapping][..], more].concat())
}

fn fixture() -> String {
    file("tests/fixtures/bpic2013.csv").display().to_string()
}

/// What a report lists, by the id at the source: holders, and how often it was reopened.
fn listed(data: &Data, which: &str) -> BTreeMap<String, (Vec<String>, u64)> {
    let report = data.json(&["report", "disputes", "--clues", which]);
    let clues = report["clues"].as_array().expect("clues").iter();
    let clue = |clue: &Value| {
        let holders = serde_json::from_value(clue["holders"].clone()).expect("names");
        let id = clue["source_id"].as_str().expect("an id").to_owned();
        (id, (holders, clue["reopened"].as_u64().expect("a count")))
    };
    clues.map(clue).collect()
}

#[test]
fn case_by_case_the_figures_are_those_of_the_file() {
    let (cases, rows) = counted();
    let data = Data::empty();
    let came = import(&data, &fixture(), &["--format", "json"]).json()["dispositions"].clone();
    let count = |key: &str| came[key].as_u64().expect("a count");
    assert_eq!(count("new"), cases.len() as u64);
    assert_eq!(count("new") + count("updated") + count("unchanged"), rows);
    assert!(count("updated") > 0 && count("unchanged") > 0, "{came}");

    let of = |is: fn(&Counted) -> bool| -> BTreeMap<String, (Vec<String>, u64)> {
        let fit = cases.iter().filter(|(_, it)| is(it));
        fit.map(|(id, it)| (id.clone(), (it.holders.clone(), it.reopened)))
            .collect()
    };
    let (moved, to_and_fro, again) = (
        of(|it| it.hand_overs() > 0),
        of(Counted::is_ping_pong),
        of(|it| it.reopened > 0),
    );
    assert!(!moved.is_empty() && !to_and_fro.is_empty() && !again.is_empty());
    assert_eq!(listed(&data, "handover"), moved);
    assert_eq!(listed(&data, "ping_pong"), to_and_fro);
    assert_eq!(listed(&data, "reopened"), again);

    let report = data.json(&["report", "disputes"]);
    let hand_overs: u64 = cases.values().map(Counted::hand_overs).sum();
    assert_eq!(
        report["counts"],
        json!({
            "clues": cases.len(), "dispatched": cases.len(), "handed_over": moved.len(), "hand_overs": hand_overs,
            "ping_pong": to_and_fro.len(), "reopened": again.len(), "returned": 0, "returns": 0,
        })
    );
    let mut pairs: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for it in cases.values() {
        for pair in it.holders.windows(2) {
            *pairs.entry((&pair[0], &pair[1])).or_default() += 1;
        }
    }
    let said = report["pairs"].as_array().expect("pairs");
    let word = |pair: &'_ Value, key: &str| pair[key].as_str().expect("a word").to_owned();
    let found: BTreeMap<_, _> = said
        .iter()
        .map(|pair| {
            (
                (word(pair, "from"), word(pair, "to")),
                pair["hand_overs"].as_u64(),
            )
        })
        .collect();
    let expected = pairs.iter();
    let expected: BTreeMap<_, _> = expected
        .map(|((from, to), times)| (((*from).to_owned(), (*to).to_owned()), Some(*times)))
        .collect();
    assert_eq!(found, expected);
    data.run(&["verify"]).exits(0);
}

#[test]
fn the_same_log_again_changes_nothing_be_it_the_same_file_or_a_longer_one() {
    let (cases, rows) = counted();
    let data = Data::empty();
    import(&data, &fixture(), &[]).exits(0);
    let before = data.json(&["report", "disputes"])["counts"].clone();
    let again = import(&data, &fixture(), &["--format", "json"]).json();
    assert_eq!(again["dispositions"]["new"], 0);
    assert_eq!(again["dispositions"]["unchanged"], 0, "read before: {again}");

    let folder = TempDir::new().expect("temporary folder");
    let longer = folder.path().join("longer.csv");
    let newer = "case-001,2014-01-01T00:00:00+01:00,Accepted,In Progress,Z9\n";
    let older = "case-002,2001-01-01T00:00:00+01:00,Accepted,In Progress,Z9\n";
    let bad = "case-003,some day,Accepted,In Progress,Z9\n";
    let log = text(file("tests/fixtures/bpic2013.csv")) + newer + older + bad;
    std::fs::write(&longer, log).expect("written");
    let came = import(&data, &longer.display().to_string(), &["--format", "json"]).json();
    let came = &came["dispositions"];
    assert_eq!(
        [
            &came["unchanged"],
            &came["updated"],
            &came["stale"],
            &came["quarantined"]
        ],
        [&json!(rows), &json!(1), &json!(1), &json!(1)]
    );
    let after = data.json(&["report", "disputes"])["counts"].clone();
    assert_eq!(after["clues"], json!(cases.len()));
    let hand_overs = |counts: &Value| counts["hand_overs"].as_u64().expect("a count");
    assert_eq!(hand_overs(&after), hand_overs(&before) + 1);
    data.run(&["verify"]).exits(0);
}

#[test]
fn an_agency_that_nobody_knows_stays_under_its_own_name_and_is_flagged() {
    let folder = TempDir::new().expect("temporary folder");
    let (cases, _) = counted();
    let (known, unknown) = (&cases["case-001"].holders[0], "case-002");
    for (name, content) in [
        (
            "rulebook.toml",
            "label = \"t\"\ntitle = \"t\"\ntime_zone = \"Europe/Stockholm\"\n".to_owned(),
        ),
        ("areas.csv", "code,name,level\nSE,瑞典,city\n".to_owned()),
        (
            "agencies.csv",
            format!("id,name,level,area\n{known},一组,city,SE\n"),
        ),
        ("matters.csv", "code,name\nm,事项\n".to_owned()),
        ("duties.csv", format!("matter,area,agency\nm,SE,{known}\n")),
    ] {
        std::fs::write(folder.path().join(name), content).expect("written");
    }
    assert_ne!(cases[unknown].holders[0], *known);
    let data = Data::empty();
    let rulebook = folder.path().display().to_string();
    import(&data, &fixture(), &["--rulebook", &rulebook]).exits(0);
    let flags = |id: &str| data.json(&["clue", "show", &format!("bpic2013/{id}")])["flags"].to_string();
    assert!(
        !flags("case-001").contains("agency_unknown"),
        "{}",
        flags("case-001")
    );
    assert!(flags(unknown).contains("agency_unknown"), "{}", flags(unknown));
    let report = data.json(&["report", "disputes"]);
    let total: u64 = cases.values().map(Counted::hand_overs).sum();
    assert_eq!(report["counts"]["hand_overs"], total, "known or not");
    let named = report["pairs"].as_array().expect("pairs").iter();
    let mut named = named.filter(|pair| pair["from"] == known.as_str());
    assert!(named.all(|pair| pair["from_name"] == "一组"));
}

#[test]
fn the_report_is_printed_for_people_and_for_spreadsheets() {
    let data = Data::empty();
    import(&data, &fixture(), &[]).exits(0);
    let run = |more: &[&str]| data.run(&[&["report", "disputes"], more].concat());
    run(&["--lang", "zh"])
        .exits(0)
        .says("件均转手次数")
        .says("hand_overs / dispatched (v1)");
    run(&["--lang", "en", "--format", "markdown"])
        .exits(0)
        .says("to and fro");
    let csv = run(&["--format", "csv", "--lang", "en"]).exits(0).stdout();
    assert!(
        csv.starts_with("from,from agency,to,to agency,hand_overs\n"),
        "{csv}"
    );
    let ids = run(&["--clues", "ping_pong", "--format", "csv", "--lang", "en"])
        .exits(0)
        .stdout();
    assert!(ids.starts_with("id,number,source,source_id,hand_overs"), "{ids}");
    run(&["--clues", "lost"])
        .exits(2)
        .says("handover, ping_pong, reopened");
    run(&["--from", "2012-01-01", "--to", "2011-01-01"]).exits(2);
    let none = data.json(&["report", "disputes", "--from", "2020-01-01"]);
    assert_eq!(none["counts"]["clues"], 0);
    let early = data.json(&["report", "disputes", "--as-of", "2011-12-31"]);
    let all = data.json(&["report", "disputes"]);
    assert!(early["counts"]["hand_overs"].as_u64() < all["counts"]["hand_overs"].as_u64());
}

#[test]
fn a_mapping_of_a_log_is_checked() {
    let folder = TempDir::new().expect("temporary folder");
    let mapping = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let check = |mapping: &str| {
        let sample = fixture();
        crate::bihuan(&["mapping", "check", mapping, &sample, "--lang", "en"])
    };
    check(&file("deploy/mappings/bpic2013.toml").display().to_string())
        .exits(0)
        .says("log.step");
    let head = "source = \"s\"\nmode = \"log\"\nformat = \"csv\"\n[clue]\nid = \"case\"\n";
    check(&mapping("none.toml", head)).exits(1).says("log is missing");
    let short = format!("{head}[log]\nstep = \"state\"\n");
    check(&mapping("short.toml", &short))
        .exits(1)
        .says("log.at is missing")
        .says("log.agency is missing");
    let whole =
        "[log]\nat = { from = \"timestamp\", time = \"%Y-%m-%d\" }\nagency = \"group\"\nstep = \"state\"\n";
    check(&mapping("time.toml", &format!("{head}{whole}"))).says("time_zone");
    let words = "[log]\nat = \"timestamp\"\nagency = \"group\"\nstep = { from = \"state\", values = { Accepted = \"handling\" } }\n";
    check(&mapping("words.toml", &format!("{head}{words}")))
        .exits(0)
        .says("add \"Completed\"");
    let told = format!("{head}{words}[callback]\nurl = \"https://p.example/x\"\n[callback.admitted]\n");
    check(&mapping("told.toml", &told))
        .exits(1)
        .says("is told nothing");
}

const ONE_BY_ONE: &str = r#"
source = "desk"
mode = "log"
format = "json"
[clue]
id = "/no"
[log]
at = "/at"
agency = "/who"
step = { from = "/what", values = { "派单" = "dispatched", "处理" = "handling", "办结" = "closed" } }
"#;

/// Each row is a message of its own; nothing is routed, sent or reminded.
#[test]
fn rows_that_come_one_by_one_over_http_are_a_life_too() {
    let data = Data::empty();
    std::fs::write(data.path().join("desk.toml"), ONE_BY_ONE).expect("written");
    let config = data.path().join("bihuan.toml");
    std::fs::write(&config, "[[intake.source]]\nmapping = \"desk.toml\"\n").expect("written");
    let config = config.display().to_string();
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let server = Server::start(&data, &["all", "--config", &config, "--rulebook", &rulebook]);
    let rows = [
        ("08:00", "330602-zhzf", "派单"),
        ("09:00", "330603-zhzf", "处理"),
        ("10:00", "330602-zhzf", "办结"),
        ("11:00", "330602-zhzf", "处理"),
        ("10:30", "330603-zhzf", "处理"),
    ];
    for (at, who, what) in rows {
        let row = json!({"no": "1", "at": format!("2026-01-05T{at}:00+08:00"), "who": who, "what": what});
        let wait = [("Prefer", "wait=20")];
        let (status, answer) = server.post("/api/v1/sources/desk/records", &wait, &json!([row]));
        assert_eq!(status, 200, "{answer}");
    }
    let disputes = || server.get("/api/v1/reports/disputes?clues=ping_pong").1;
    server.until("counted", || disputes()["counts"]["hand_overs"] == 2);
    server.until("settled", || server.get("/api/v1/accounts").1["settled"] == true);
    let report = disputes();
    assert_eq!(report["counts"]["reopened"], 1);
    assert_eq!(
        report["clues"][0]["holders"],
        json!(["330602-zhzf", "330603-zhzf", "330602-zhzf"])
    );
    assert_eq!(server.get("/api/v1/reports/disputes?clues=lost").0, 400);
    assert_eq!(server.get("/api/v1/accounts").1["balanced"], true);

    let id = report["clues"][0]["id"].as_str().expect("an id");
    let (_, events) = server.get(&format!("/api/v1/clues/{id}/events"));
    let events = events["events"].as_array().expect("events").clone();
    let types: Vec<_> = events.iter().filter_map(|it| it["type"].as_str()).collect();
    assert_eq!(
        types,
        [
            "ClueReported",
            "ClueAdmitted",
            "ClueAssigned",
            "ReportRepeated",
            "ClueTransferred",
            "HandlingStarted",
            "ReportRepeated",
            "ClueTransferred",
            "ClueClosed",
            "ReportRepeated",
            "ClueReopened",
            "CommandRejected"
        ]
    );
    let last = &events[events.len() - 1]["data"];
    assert_eq!(
        (&last["code"], &last["field"]),
        (&json!("log_backwards"), &json!("at"))
    );
    assert_eq!(events[10]["data"], json!({"recorded": true}));
    let clue = server.get(&format!("/api/v1/clues/{id}")).1;
    assert_eq!(
        (&clue["stage"], &clue["agency"]),
        (&json!("handling"), &json!("330602-zhzf"))
    );
}
