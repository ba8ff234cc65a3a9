//! Activating a rulebook at a time, taking that back, and what becomes of clues that nobody could be found for.

use serde_json::Value;

use crate::usage::rulebook;
use crate::{Data, file};

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
        .says("2999-01-01 08:00")
        .says("rulebook withdraw");
    let withdraw = [
        "rulebook", "withdraw", "--by", "P2", "--why", "delayed", "--lang", "en",
    ];
    data.run(&[&withdraw[..], &["abc"]].concat())
        .exits(2)
        .says("no such activation waits");
    data.run(&withdraw).exits(0).says("withdrawn (P2: delayed)");
    data.run(&withdraw).exits(2);
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
