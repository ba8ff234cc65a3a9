//! A rulebook before it is activated: checked, compared, tested against clues of the past; and what waits for a better one.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::serving::Server;
use crate::{Data, bihuan, file, text};

/// A rulebook like one of the samples, but for some text of its duties.
fn like(sample: &str, changed: impl Fn(String) -> String) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let sample: PathBuf = file(&format!("deploy/rulebooks/{sample}"));
    for entry in fs::read_dir(sample).expect("the sample") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("copied");
    }
    let duties = folder.path().join("duties.csv");
    fs::write(&duties, changed(text(&duties))).expect("written");
    let path = folder.path().display().to_string();
    (folder, path)
}

/// Camps of homeless people are no longer the police's.
fn camps() -> (TempDir, String) {
    like("nyc311", |duties| {
        let changed = duties.replace(
            "Encampment,36,first_handler,NYPD",
            "Encampment,36,first_handler,DHS",
        );
        assert_ne!(changed, duties);
        changed
    })
}

fn count(value: &Value, name: &str) -> u64 {
    value[name]
        .as_u64()
        .unwrap_or_else(|| panic!("no {name} in {value}"))
}

#[test]
fn the_active_rulebook_tested_over_its_own_clues_changes_nothing() {
    let data = Data::routed();
    let shown = data.json(&["rulebook", "show"]);
    assert_eq!(data.json(&["rulebook", "show", "active"]), shown);
    assert!(shown["version"].is_string(), "{shown}");
    let found = data.json(&["rulebook", "backtest", "active"]);
    assert_eq!((count(&found, "clues"), count(&found, "changed")), (3_997, 0));
    assert_eq!(found["right_before"], found["right_after"]);
    assert_eq!(found["triage_before"], found["triage_after"]);
    assert_eq!((count(&found, "spoiled"), count(&found, "moves_avoided")), (0, 0));
}

#[test]
fn a_candidate_is_tested_clue_by_clue() {
    let data = Data::routed();
    let (_folder, candidate) = camps();
    let list = data.path().join("shifts.csv").display().to_string();
    let found = data.json(&["rulebook", "backtest", &candidate, "--shifts", &list]);
    let changed = count(&found, "changed");
    assert!(
        changed > 0 && found["shifts"].as_array().is_some_and(|it| it.len() == 1),
        "{found}"
    );
    let shift = &found["shifts"][0];
    assert_eq!((&shift["from"], &shift["to"]), (&"NYPD".into(), &"DHS".into()));
    assert_eq!(count(shift, "clues"), changed);
    let load = &found["load"]["DHS"];
    assert_eq!(count(load, "after") - count(load, "before"), changed);
    // what the two dates leave out is not tested
    let rows = text(&list);
    assert_eq!(rows.lines().count() as u64, changed + 1);
    assert!(
        rows.starts_with("clue,number,from,to,row,reason,right\n"),
        "{rows}"
    );
    let week = data.json(&[
        "rulebook",
        "backtest",
        &candidate,
        "--from",
        "2026-05-01",
        "--to",
        "2026-05-10",
    ]);
    assert!(
        count(&week, "clues") < 3_997 && count(&week, "changed") < changed,
        "{week}"
    );
    for (lang, words) in [("zh", "首派正确"), ("en", "right first time")] {
        data.run(&["rulebook", "backtest", &candidate, "--lang", lang])
            .exits(0)
            .says(words);
    }
    data.run(&[
        "rulebook",
        "backtest",
        &candidate,
        "--from",
        "2026-05-01",
        "--to",
        "2026-05-01",
    ])
    .exits(2)
    .says("--to");
}

#[test]
fn a_diff_is_told_in_sentences() {
    let (_folder, candidate) = camps();
    let sample = file("deploy/rulebooks/nyc311").display().to_string();
    let diff = bihuan(&["rulebook", "diff", &sample, &candidate, "--format", "json"]).json();
    assert_eq!((count(&diff, "changed"), count(&diff, "compared")), (6, 780));
    let moves = diff["moves"].as_array().expect("moves");
    assert_eq!(moves.len(), 1, "{diff}");
    assert_eq!(
        moves[0]["extents"],
        serde_json::json!([{"area": "36", "alone": false}])
    );
    bihuan(&[
        "rulebook",
        "diff",
        &sample,
        &candidate,
        "--lang",
        "en",
        "--from",
        "2026-05-01",
    ])
    .exits(0)
    .says("From 2026-05-01, in New York City [36]: the first handler of Encampment changes from");
    bihuan(&["rulebook", "diff", &sample, &candidate, "--lang", "zh"])
        .exits(0)
        .says("1 个事项");
    let same = bihuan(&["rulebook", "diff", &sample, &sample, "--format", "json"]).json();
    assert_eq!(
        (count(&same, "changed"), &same["moves"]),
        (0, &serde_json::json!([]))
    );
    // a name that means nothing
    let data = Data::empty();
    let data = data.path().display().to_string();
    bihuan(&["rulebook", "diff", &sample, "nowhere", "--data", &data]).exits(2);
}

#[test]
fn a_check_tells_gaps_and_rows_that_decide_nowhere_as_from_a_day() {
    let (_folder, gap) = like("shaoxing", |duties| {
        duties.replace(
            "*,330681,first_handler,330681-zhzf,2026-01-01,,county",
            "*,330681,first_handler,330681-zhzf,2026-01-01,2026-07-01,county",
        )
    });
    let on = |day: &str| bihuan(&["rulebook", "check", &gap, "--on", day, "--format", "json"]).json();
    let before = on("2026-06-01");
    let gaps = before["gaps"]["rows"].as_array().expect("rows");
    let lapse = gaps
        .iter()
        .find(|gap| gap["from"] == "2026-07-01")
        .expect("a gap to come");
    assert_eq!(lapse["matters"].as_array().map(Vec::len), Some(97));
    assert_eq!(lapse["by_county"]["330681"], lapse["places"]);
    assert_eq!(lapse["to"], Value::Null);
    let after = on("2026-07-01");
    let expired = |verdict: &Value| {
        let findings = verdict["findings"].as_array().expect("findings");
        findings.iter().filter(|it| it["code"] == "duty_expired").count()
    };
    assert_eq!((expired(&before), expired(&after)), (0, 1));
    bihuan(&["rulebook", "check", &gap, "--on", "2026-06-01", "--lang", "zh"])
        .exits(0)
        .says("没有主管单位")
        .says("诸暨市");
}

#[test]
fn what_waits_in_triage_is_grouped_and_the_rulebook_can_be_asked() {
    let data = Data::routed();
    let server = Server::start(&data, &[]);
    let (status, waiting) = server.get("/api/v1/triage");
    assert_eq!(status, 200);
    let (_, counted) = server.get("/api/v1/clues?stage=triage&limit=500");
    let listed = counted["clues"].as_array().map_or(0, Vec::len) as u64;
    assert!(listed > 0);
    assert_eq!(count(&waiting, "clues"), listed);
    let groups = waiting["groups"].as_array().expect("groups");
    let sum: u64 = groups.iter().map(|group| count(group, "clues")).sum();
    assert_eq!(sum, listed);
    assert_eq!(groups[0]["reason"], "area_missing");
    assert_eq!(groups[0]["source_area"], "Unspecified");
    let (status, who) =
        server.get("/api/v1/rulebook/competence?matter=Encampment&area=Manhattan&on=2026-05-01");
    assert_eq!(status, 200);
    assert_eq!(
        who["answers"][0]["spans"][0]["competence"]["otherwise"][0],
        "NYPD"
    );
    assert!(who["answers"][0]["spans"][0]["lines"][0].is_u64());
    let (_, before) = server.get("/api/v1/rulebook/competence?matter=Encampment&area=36061&on=2025-12-31");
    let spans = before["answers"][0]["spans"].as_array().expect("spans");
    assert_eq!(
        (spans.len(), &spans[1]["from"]),
        (2, &"2026-01-01".into()),
        "{before}"
    );
    let (status, wrong) = server.get("/api/v1/rulebook/competence?matter=x&area=y&on=2026-02-30");
    assert_eq!((status, &wrong["parameter"]), (400, &"on".into()));
    for (path, words) in [
        ("/triage?lang=zh", "没有区域，或地址没有对上"),
        ("/triage?lang=en", "a place that leads to none"),
        (
            "/rulebook?lang=zh&matter=Encampment&area=36061",
            "依据 duties.csv 第",
        ),
        (
            "/rulebook?lang=en&matter=Encampment&area=36061",
            "By duties.csv line",
        ),
        ("/rulebook?lang=en&area=Atlantis", "knows no such matter or area"),
    ] {
        let (status, page) = server.page(path);
        assert!(status == 200 && page.contains(words), "{path}: {status} {page}");
    }
}

#[test]
fn versions_are_shown_with_who_why_and_what_they_change() {
    let data = Data::routed();
    let (_folder, candidate) = camps();
    let why = "露宿营地改由无家可归者服务局";
    data.run(&["rulebook", "activate", &candidate, "--by", "7", "--why", why])
        .exits(0);
    let listed = data.json(&["rulebook", "list"]);
    let newest = listed.as_array().and_then(|it| it.last()).expect("an activation");
    // the records are older than the year that is tested, or not: either way it is said from when on
    assert!(newest["backtest"]["from"].is_string(), "{newest}");
    assert_eq!(newest["state"], "holds");
    let server = Server::start(&data, &[]);
    let (status, page) = server.page("/rulebook/versions?lang=zh");
    assert!(
        status == 200 && page.contains(why) && page.contains("生效中") && page.contains("已被取代"),
        "{page}"
    );
    let at = page.find("/rulebook/diff?").expect("a link to what it changes");
    let href: String = page[at..].chars().take_while(|c| *c != '"').collect();
    let (status, diff) = server.page(&format!(
        "{}&lang=en",
        href.replace("&#38;", "&").replace("&amp;", "&")
    ));
    assert!(
        status == 200 && diff.contains("the first handler of Encampment changes from"),
        "{status} {href} {diff}"
    );
    assert_eq!(server.page("/rulebook/diff?old=0&new=abc").0, 404);
    assert_eq!(server.page("/rulebook/diff?old=0").0, 400);
}
