//! A platform that sends the whole record again: in order, repeated, interleaved or shuffled, the same clues come of it, and every
//! record has the disposition that the rule gives it. The rule is written down once more here.

use std::collections::BTreeMap;

use e2e::accounts::{assert_identities, assert_journals, assert_verified, number};
use e2e::installation::Installation;
use e2e::kafka::{self, Sender, Sent};
use e2e::random::Random;
use e2e::rulebook::{EAST, ORPHAN, WEST};
use e2e::wait_for;
use serde_json::{Value, json};

use crate::storm::REST;

const CLUES: usize = 14;

/// How the versions of all clues are sent. As events only the last one of each is.
const FEEDS: [&str; 5] = ["in-order", "interleaved", "repeated", "shuffled", "events"];

#[test]
fn on_a_laptop_the_order_of_versions_does_not_matter_where_they_are_numbered() {
    the_order_of_versions_does_not_matter(&Installation::small());
}

#[test]
fn on_kafka_and_postgresql_the_order_of_versions_does_not_matter_where_they_are_numbered() {
    the_order_of_versions_does_not_matter(&Installation::small_cluster());
}

/// One version of the record of a clue.
#[derive(Clone, Debug, PartialEq)]
struct Version {
    clue: usize,
    number: i64,
    content: Content,
}

#[derive(Clone, Debug, PartialEq)]
struct Content {
    title: usize,
    matter: &'static str,
    area: &'static str,
    status: &'static str,
}

impl Version {
    fn record(&self) -> Value {
        let Content {
            title,
            matter,
            area,
            status,
        } = &self.content;
        json!({"id": format!("S{:03}", self.clue), "reported": "2026-01-05T08:00:00+08:00", "updated": self.number,
            "title": format!("第 {title} 次核实"), "matter": matter, "area": area, "status": status})
    }
}

fn mapping(source: &str) -> String {
    let (mode, section) = if source == "events" {
        ("event", "")
    } else {
        let section = r#"[snapshot]
version = "/updated"
status = { from = "/status", values = { "待办" = "open", "催办" = "urged", "撤回" = "withdrawn", "办结" = "closed" } }
"#;
        ("snapshot", section)
    };
    format!(
        r#"source = {source:?}
mode = {mode:?}
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
reported_at = "/reported"
matter = "/matter"
area = "/area"
title = "/title"
{section}"#
    )
}

/// Of every second clue somebody has the duty: nothing changes there that would come before a dispatch in one order and after it
/// in another. The others wait in triage, and anything may change.
fn lives(random: &mut Random) -> Vec<Vec<Version>> {
    (0..CLUES)
        .map(|clue| {
            let numbers = 3 + random.below(4) as i64;
            let version = |number| {
                let last = number == numbers;
                let content = if clue % 2 == 0 {
                    Content {
                        title: random.below(3),
                        matter: "noise",
                        area: EAST,
                        status: ["待办", "催办", if last { "办结" } else { "待办" }][random.below(3)],
                    }
                } else {
                    Content {
                        title: random.below(3),
                        matter: [ORPHAN, "没有人知道的类别"][random.below(2)],
                        area: [EAST, WEST, "没有人知道的地方"][random.below(3)],
                        status: if number == 1 {
                            "待办"
                        } else {
                            ["待办", "催办", "撤回"][random.below(3)]
                        },
                    }
                };
                Version {
                    clue,
                    number,
                    content,
                }
            };
            (1..=numbers).map(version).collect()
        })
        .collect()
}

fn fed(feed: &str, lives: &[Vec<Version>], random: &mut Random) -> Vec<Version> {
    let longest = lives.iter().map(Vec::len).max().unwrap_or(0);
    let interleaved =
        || (0..longest).flat_map(|at| lives.iter().filter_map(move |life| life.get(at).cloned()));
    match feed {
        "in-order" => lives.concat(),
        "interleaved" => interleaved().collect(),
        "repeated" => interleaved()
            .flat_map(|version| [version.clone(), version])
            .collect(),
        "events" => lives.iter().filter_map(|life| life.last().cloned()).collect(),
        _ => {
            // what is first seen is first seen
            let mut shuffled: Vec<_> = lives.iter().map(|life| life[0].clone()).collect();
            let mut rest: Vec<_> = lives.iter().flat_map(|life| life[1..].to_vec()).collect();
            while !rest.is_empty() {
                shuffled.push(rest.swap_remove(random.below(rest.len())));
            }
            shuffled
        }
    }
}

/// The same as the one applied last is unchanged, whatever its version; else a lower version is stale; else it is an update.
fn expected(sent: &[Version]) -> BTreeMap<&'static str, u64> {
    let mut known: BTreeMap<usize, (Content, i64)> = BTreeMap::new();
    let mut counts = BTreeMap::from([("new", 0), ("updated", 0), ("unchanged", 0), ("stale", 0)]);
    for version in sent {
        let disposition = match known.get_mut(&version.clue) {
            None => {
                known.insert(version.clue, (version.content.clone(), version.number));
                "new"
            }
            Some((content, highest)) if *content == version.content => {
                *highest = version.number.max(*highest);
                "unchanged"
            }
            Some((_, highest)) if version.number < *highest => "stale",
            Some(last) => {
                *last = (version.content.clone(), version.number);
                "updated"
            }
        };
        *counts.entry(disposition).or_default() += 1;
    }
    counts
}

fn send(installation: &Installation, feed: &str, versions: &[Version]) {
    if !installation.is_cluster() {
        let lines: Vec<_> = versions.iter().map(|it| it.record().to_string()).collect();
        let file = installation.file(&format!("{feed}.jsonl"), lines.join("\n"));
        let mapping = installation.folder().join(format!("{feed}.toml.txt"));
        let path = |path: &std::path::Path| path.to_str().expect("UTF-8").to_owned();
        let words = ["import", &path(&file), "--mapping", &path(&mapping), "--route"];
        installation.ask(&words);
        return;
    }
    let sender = Sender::new(installation.brokers());
    for version in versions {
        sender.send(&Sent {
            topic: feed.to_owned(),
            partition: version.clue as u32 % kafka::PARTITIONS,
            payload: version.record().to_string().into_bytes(),
            ..Sent::default()
        });
    }
    sender.flush();
}

fn the_order_of_versions_does_not_matter(installation: &Installation) {
    let mut random = Random::for_test("snapshots");
    let source = |feed: &str| {
        installation.file(&format!("{feed}.toml.txt"), mapping(feed));
        format!("[[intake.source]]\nmapping = \"{feed}.toml.txt\"\ntopic = {feed:?}\n")
    };
    let mut sources = FEEDS.map(source).concat();
    if installation.is_cluster() {
        kafka::provide(installation.brokers(), &FEEDS);
    } else {
        sources.clear();
    }
    installation.configure(&installation.rulebook(), &sources);
    let processes = installation.serve_all();
    let lives = lives(&mut random);
    let feeds = FEEDS.map(|feed| (feed, fed(feed, &lives, &mut random)));
    for (feed, versions) in &feeds {
        send(installation, feed, versions);
    }
    let sent: usize = feeds.iter().map(|(_, versions)| versions.len()).sum();
    let report = wait_for("every version is accounted for, and routed", REST, || {
        let report = installation.ask(&["report", "closure", "--by", "source"]);
        let waits = FEEDS.len() as u64 * CLUES as u64 / 2;
        let is_done = report["records"]["in_flight"] == 0
            && report["records"]["received"] == sent
            && report["counts"]["dispatched"] == waits;
        is_done.then_some(report)
    });
    assert_identities(&report);
    for (feed, versions) in &feeds {
        assert_dispositions(&report, feed, versions);
    }
    assert_same_clues(installation, &lives);
    assert_verified(installation);
    assert_journals(installation);
    drop(processes);
}

fn assert_dispositions(report: &Value, feed: &str, versions: &[Version]) {
    let rows = report["rows"].as_array().expect("rows");
    let row = rows
        .iter()
        .find(|row| row["key"] == feed)
        .expect("a row of its own");
    let found = ["new", "updated", "unchanged", "stale"].map(|it| (it, number(&row["records"][it])));
    assert_eq!(BTreeMap::from(found), expected(versions), "{feed}");
    assert_eq!(
        number(&row["records"]["received"]),
        versions.len() as u64,
        "{feed}"
    );
}

/// What is known of a clue in the end, whatever the order in which its versions came.
const ALWAYS: [&str; 7] = [
    "stage",
    "matter",
    "area",
    "agency",
    "source_status",
    "discrepancies",
    "flags",
];
/// What is known besides where no version was missed.
const IN_ORDER: [&str; 4] = ["urged", "reopened", "class", "transfers"];

fn assert_same_clues(installation: &Installation, lives: &[Vec<Version>]) {
    for life in lives {
        let last = life.last().expect("a version");
        let shown = FEEDS.map(|feed| {
            let name = format!("{feed}/S{:03}", last.clue);
            (feed, installation.ask(&["clue", "show", &name]))
        });
        let (_, first) = &shown[0];
        assert!(
            first["stage"].is_string() && first["source_status"].is_string(),
            "{first}"
        );
        let same = |feed: &str, other: &Value, fields: &[&str]| {
            for field in fields {
                assert_eq!(other[*field], first[*field], "{feed}: {field} of {last:?}");
            }
        };
        for (feed, other) in &shown[1..4] {
            same(feed, other, &ALWAYS);
        }
        for (feed, other) in &shown[1..3] {
            same(feed, other, &IN_ORDER);
        }
        let (feed, event) = &shown[4];
        if last.content.status != "撤回" {
            same(feed, event, &["stage", "matter", "area", "agency"]);
        }
    }
}
