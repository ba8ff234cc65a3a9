//! Activating a rulebook at a time, taking that back, and what becomes of clues that nobody could be found for.

use serde_json::Value;

use crate::serving::Server;
use crate::usage::rulebook;
use crate::{Data, bihuan, file};

fn shipped() -> String {
    file("deploy/rulebooks/nyc311").display().to_string()
}

const BY: [&str; 4] = ["--by", "P1", "--why", "a decree"];

fn activate<'a>(directory: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["rulebook", "activate", directory][..], more].concat()
}

/// Label and state of each activation.
fn listed(data: &Data) -> Vec<(String, String)> {
    let listed = data.json(&["rulebook", "list"]);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let all = listed.as_array().expect("a list").iter();
    all.map(|it| (text(&it["label"]), text(&it["state"]))).collect()
}

#[test]
fn an_activation_says_who_and_why_and_is_not_in_the_past() {
    let data = Data::nyc();
    let changed = rulebook(&[("rulebook.toml", "nyc311-2026", "nyc311-2027")]);
    let directory = changed.path().display().to_string();
    for (more, says) in [
        (vec!["--why", "a decree"], "--by"),
        (vec!["--by", "P1"], "--why"),
        (vec!["--by", "P1", "--why", "  "], "may not be empty"),
        ([&BY[..], &["--at", "soon"]].concat(), "is no time"),
        ([&BY[..], &["--at", "2026-02-30"]].concat(), "is no time"),
        ([&BY[..], &["--at", "2020-01-01"]].concat(), "in the past"),
        (
            [&BY[..], &["--at", "2020-01-01T00:00:00Z"]].concat(),
            "in the past",
        ),
    ] {
        data.run(&activate(&directory, &[&more[..], &["--lang", "en"]].concat()))
            .exits(2)
            .says(says);
    }
    data.run(&activate(
        &directory,
        &[&BY[..], &["--at", "2020-01-01", "--lang", "zh"]].concat(),
    ))
    .exits(2)
    .says("已过");
    let first = data.json(&["rulebook", "list"]);
    assert_eq!(first.as_array().map(Vec::len), Some(1), "{first}");
    let first = &first[0];
    assert_eq!(
        (&first["activation"], &first["by"], &first["why"], &first["from"]),
        (&1.into(), &"operator".into(), &"first use".into(), &Value::Null)
    );
}

#[test]
fn one_waits_for_its_time_and_is_withdrawn() {
    let data = Data::nyc();
    let [next, other] =
        ["nyc311-2027", "nyc311-2028"].map(|label| rulebook(&[("rulebook.toml", "nyc311-2026", label)]));
    let [next, other] = [next, other].map(|it| (it.path().display().to_string(), it));
    let later = [&BY[..], &["--at", "2999-01-01T08:00"]].concat();
    let waits = data.json(&activate(&next.0, &later));
    assert_eq!(
        (&waits["label"], &waits["active_since"]),
        (&"nyc311-2027".into(), &Value::Null)
    );
    let request = &waits["request"];
    assert_eq!(
        (&request["activation"], &request["state"], &request["from"]),
        (&2.into(), &"waits".into(), &"2999-01-01T13:00:00Z".into())
    );
    assert!(request["backtest"]["clues"].is_u64(), "{waits}");
    assert_eq!(data.json(&["rulebook", "show"])["label"], "nyc311-2026");
    // 08:00 in New York
    assert_eq!(
        data.json(&["rulebook", "list"])[1]["from"],
        "2999-01-01T13:00:00Z"
    );
    data.run(&activate(&other.0, &[&BY[..], &["--lang", "en"]].concat()))
        .exits(2)
        .says("asked by P1")
        .says("a decree")
        .says("2999-01-01 08:00:00 -05:00")
        .says("rulebook withdraw");
    let withdraw = [
        "rulebook", "withdraw", "--by", "P2", "--why", "delayed", "--lang", "en",
    ];
    data.run(&[&withdraw[..], &["abc"]].concat())
        .exits(2)
        .says("no such activation can be withdrawn");
    data.run(&withdraw).exits(0).says("withdrawn (P2: delayed)");
    data.run(&withdraw).exits(2);
    let listed_withdrawn = data.json(&["rulebook", "list"])[1].clone();
    assert!(
        listed_withdrawn["withdrawn_at"].is_string() && listed_withdrawn["asked_at"].is_string(),
        "{listed_withdrawn}"
    );
    data.run(&activate(&other.0, &BY)).exits(0);
    data.run(&withdraw).exits(2).says("activate the former one again");
    let expected = [
        ("nyc311-2026", "replaced"),
        ("nyc311-2027", "withdrawn"),
        ("nyc311-2028", "holds"),
    ];
    let listed = listed(&data);
    assert_eq!(
        listed.iter().map(|it| (&*it.0, &*it.1)).collect::<Vec<_>>(),
        expected
    );
    data.run(&["rulebook", "list", "--lang", "zh"])
        .exits(0)
        .says("已撤销（P2：delayed）");
    data.run(&["verify"]).exits(0);
}

#[test]
fn what_waits_in_triage_is_offered_to_the_new_rulebook_and_nothing_else_is_decided_again() {
    let noise = "Noise - Residential,36,first_handler,NYPD,2026-01-01,,city,\"derived from NYC Open Data 311 sample, 2026\",\n";
    let lacking = rulebook(&[("duties.csv", noise, "")]);
    let lacking = lacking.path().display().to_string();
    let data = Data::empty();
    let [records, mapping] = ["tests/fixtures/nyc311.csv", "deploy/mappings/nyc311.toml"]
        .map(|path| file(path).display().to_string());
    data.run(&[
        "import",
        &records,
        "--mapping",
        &mapping,
        "--rulebook",
        &lacking,
        "--route",
    ])
    .exits(0);
    let clue = ["explain", "nyc311/68647387", "--lang", "en"];
    data.run(&clue).exits(0).says("held for triage");
    let old = data.json(&["rulebook", "show"])["version"].clone();
    let new = data.json(&activate(&shipped(), &BY))["version"].clone();
    let (old, new) = (old.as_str().expect("text"), new.as_str().expect("text"));
    data.run(&clue)
        .exits(0)
        .says(&format!("offered to a newer rulebook ({new})"))
        .says("NYPD")
        .says(old);
    // another one, of 2026 too: the old rulebook decided, and nobody asks again
    let told = data.run(&["explain", "nyc311/68646799", "--lang", "en"]).exits(0);
    let told = told.says(old).stdout();
    assert!(!told.contains("offered"), "{told}");
    data.run(&["verify"]).exits(0);
}

/// The rows as a command leaves them that is killed before it has told anybody.
#[test]
fn what_was_broken_off_is_finished_by_whoever_runs_the_services() {
    let data = Data::nyc();
    let other = rulebook(&[("rulebook.toml", "nyc311-2026", "nyc311-2028")]);
    let other = other.path().display().to_string();
    let asked = data.tamper(
        "INSERT INTO activation_request (activation, version, effective_from, asked_at, asked_by, why)
         SELECT 2, version, 32000000000000000, asked_at, 'P1', 'a decree' FROM activation_request",
    );
    assert_eq!(asked, 1);
    assert_eq!(listed(&data)[1].1, "under_way");
    data.run(&activate(&other, &[&BY[..], &["--lang", "en"]].concat()))
        .exits(2)
        .says("bihuan serve finishes that");
    again(&data);
    assert_eq!(listed(&data)[1].1, "waits");
    let withdrawn = data.tamper(
        "UPDATE activation_request SET withdrawn_at = asked_at, withdrawn_by = 'P2', withdrawn_why = 'delayed'
         WHERE activation = 2",
    );
    assert_eq!(withdrawn, 1);
    assert_eq!(listed(&data)[1].1, "being_withdrawn");
    // the second of two is told who was first
    data.run(&[
        "rulebook", "withdraw", "--by", "P3", "--why", "no", "--lang", "en",
    ])
    .exits(2)
    .says("withdrawn by P2")
    .says("delayed");
    assert_eq!(listed(&data)[1].1, "withdrawn");
    let asked = data.tamper(
        "INSERT INTO activation_request (activation, version, effective_from, asked_at, asked_by, why, withdrawn_at, withdrawn_by,
           withdrawn_why)
         SELECT 3, version, 32000000000000000, asked_at, 'P1', 'a decree', asked_at, 'P2', 'delayed'
         FROM activation_request WHERE activation = 1",
    );
    assert_eq!(asked, 1);
    let server = Server::start(&data, &["all"]);
    server.until("withdrawn", || listed(&data)[2].1 == "withdrawn");
    drop(server);
    data.run(&activate(&other, &BY)).exits(0);
    data.run(&["verify"]).exits(0);
}

/// The same import again.
fn again(data: &Data) {
    let [records, mapping] = ["tests/fixtures/nyc311.csv", "deploy/mappings/nyc311.toml"]
        .map(|path| file(path).display().to_string());
    data.run(&["import", &records, "--mapping", &mapping]).exits(0);
}

#[test]
fn what_cannot_be_used_is_withdrawn_and_blocks_nothing() {
    let data = Data::nyc();
    let other = rulebook(&[("rulebook.toml", "nyc311-2026", "nyc311-2028")]);
    let other = other.path().display().to_string();
    let asked = data.tamper(
        "INSERT INTO activation_request (activation, version, effective_from, asked_at, asked_by, why)
         SELECT 2, 'abc', asked_at + 1, asked_at, 'P1', 'a decree' FROM activation_request",
    );
    assert_eq!(asked, 1);
    again(&data);
    let states = || listed(&data).into_iter().map(|it| it.1).collect::<Vec<_>>();
    assert_eq!(states(), ["holds", "under_way"]);
    data.run(&["rulebook", "withdraw", "--by", "P2", "--why", "unusable"])
        .exits(0);
    assert_eq!(states(), ["holds", "withdrawn"]);
    data.run(&activate(&other, &BY)).exits(0);
    assert_eq!(states(), ["replaced", "withdrawn", "holds"]);
    data.run(&["verify"]).exits(0);
}

#[test]
fn a_withdrawal_needs_time_and_one_that_came_too_late_blocks_nothing() {
    let data = Data::nyc();
    let [next, other] =
        ["nyc311-2027", "nyc311-2028"].map(|label| rulebook(&[("rulebook.toml", "nyc311-2026", label)]));
    let [next, other] = [&next, &other].map(|it| it.path().display().to_string());
    let soon = bihuan_runtime::Clock::wall().now().plus_micros(50_000_000);
    data.run(&activate(
        &next,
        &[&BY[..], &["--at", &soon.to_string()]].concat(),
    ))
    .exits(0);
    data.run(&[
        "rulebook", "withdraw", "--by", "P2", "--why", "delayed", "--lang", "en",
    ])
    .exits(2)
    .says("in less than 60 s");
    // as if somebody else had asked for it in time, and nobody had carried it out
    for statement in [
        "UPDATE activation_request SET effective_from = asked_at + 1, withdrawn_at = asked_at, withdrawn_by = 'P2',
           withdrawn_why = 'delayed' WHERE activation = 2",
        "UPDATE rulebook_activation SET effective_from = (SELECT effective_from FROM activation_request WHERE activation = 2)
         WHERE activation = 2",
    ] {
        assert!(data.tamper(statement) > 0);
    }
    data.run(&["rulebook", "list", "--lang", "en"])
        .exits(0)
        .says("holds; the withdrawal came too late (P2: delayed)");
    data.run(&activate(&other, &BY)).exits(0);
    let states: Vec<_> = listed(&data).into_iter().map(|it| it.1).collect();
    assert_eq!(states, ["replaced", "replaced", "holds"]);
}

#[test]
fn a_wrong_directory_is_not_made_an_installation() {
    let data = Data::empty();
    let arguments = [&BY[..], &["--lang", "en"]].concat();
    data.run(&activate(&shipped(), &arguments))
        .exits(2)
        .says("there are no data");
    data.run(&[&["rulebook", "withdraw"][..], &arguments].concat())
        .exits(2)
        .says("there are no data");
    let left = std::fs::read_dir(data.path()).expect("a folder").count();
    assert_eq!(left, 0);
}

#[test]
fn what_is_refused_is_not_tested_first() {
    let data = Data::nyc();
    let next = rulebook(&[("rulebook.toml", "nyc311-2026", "nyc311-2027")]);
    let next = next.path().display().to_string();
    let later = [&BY[..], &["--at", "2999-01-01"]].concat();
    let first = data.json(&activate(&next, &later));
    // whoever tests now reads what cannot be read
    assert!(data.tamper("UPDATE clue_event SET payload = x'ff' WHERE clue_id IS NOT NULL") > 0);
    assert_eq!(data.json(&activate(&next, &later)), first);
    data.run(&activate(&shipped(), &[&BY[..], &["--lang", "en"]].concat()))
        .exits(2)
        .says("takes effect at");
}

#[test]
fn the_configured_rulebook_of_the_first_use_may_be_gone_afterwards() {
    let data = Data::nyc();
    let gone = data.path().join("gone").display().to_string();
    let settings = format!("data = {:?}\nrulebook = {gone:?}\n", data.path());
    let config = data.path().join("bihuan.toml");
    std::fs::write(&config, settings).expect("written");
    let [records, mapping] = ["tests/fixtures/nyc311.csv", "deploy/mappings/nyc311.toml"]
        .map(|path| file(path).display().to_string());
    let config = config.display().to_string();
    let import = ["import", &records, "--mapping", &mapping, "--config", &config];
    bihuan(&import).exits(0);
    // whoever names it now is told
    bihuan(&[&import[..], &["--rulebook", &gone]].concat())
        .exits(2)
        .says("gone");
}
