//! Rulebooks change while clues flow: what was reported before the time keeps the old one, what is reported from then on has the new
//! one, and what waits in triage is offered to it. Processes are killed meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Event;
use bihuan_domain::time::Timestamp;
use e2e::accounts::{assert_journals, assert_verified};
use e2e::installation::Installation;
use e2e::kafka::{self, Sender, Sent};
use e2e::process::Process;
use e2e::rulebook::{DUTIES, EAST, ORPHAN, TOML};
use e2e::wait_for;
use serde_json::{Value, json};

use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

#[expect(
    clippy::disallowed_methods,
    reason = "a rulebook holds from a time of the clock on"
)]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_micros(since.as_micros() as i64)
}

fn seconds(at: Timestamp, seconds: i64) -> Timestamp {
    at.plus_micros(seconds * 1_000_000)
}

/// Noise in the east goes to the city, and somebody has the matter that was nobody's.
fn newer(installation: &Installation, label: &str) -> PathBuf {
    let path = installation.folder().join(label);
    fs::create_dir_all(&path).expect("a folder");
    for entry in fs::read_dir(installation.rulebook()).expect("a rulebook") {
        let entry = entry.expect("a file");
        fs::copy(entry.path(), path.join(entry.file_name())).expect("copied");
    }
    let duties = DUTIES.replace(
        "noise,990101,first_handler,east",
        "noise,990101,first_handler,city",
    );
    let duties = format!("{duties}orphan,9901,first_handler,city,2020-01-01,,city,test\n");
    fs::write(path.join("duties.csv"), duties).expect("written");
    let toml = TOML.replace("label = \"e2e\"", &format!("label = \"{label}\""));
    fs::write(path.join("rulebook.toml"), toml).expect("written");
    path
}

fn words(rulebook: &Path) -> [&str; 7] {
    let rulebook = rulebook.to_str().expect("UTF-8");
    [
        "rulebook",
        "activate",
        rulebook,
        "--by",
        "P1",
        "--why",
        "new duties",
    ]
}

fn version(installation: &Installation, rulebook: &Path) -> String {
    let shown = installation.ask(&["rulebook", "show", rulebook.to_str().expect("UTF-8")]);
    shown["version"].as_str().expect("a version").to_owned()
}

fn listed(installation: &Installation) -> Vec<(String, String)> {
    let listed = installation.ask(&["rulebook", "list"]);
    let text = |it: &Value| it.as_str().expect("text").to_owned();
    let of = |it: &Value| (text(&it["label"]), text(&it["state"]));
    listed.as_array().expect("a list").iter().map(of).collect()
}

fn record(number: u64, matter: &str, reported_at: Timestamp) -> Value {
    json!({"source": "grid", "id": format!("N{number}"), "matter": matter, "area": EAST,
        "reported_at": reported_at.to_string(), "title": "夜间施工"})
}

fn sent(number: u64, record: &Value) -> Sent {
    Sent {
        topic: "clue.inbound.v1".to_owned(),
        partition: (number % u64::from(kafka::PARTITIONS)) as u32,
        headers: vec![("content-type".to_owned(), "application/json".into())],
        payload: record.to_string().into_bytes(),
        key: String::new(),
    }
}

/// What the journal says of a clue.
#[derive(Debug, Default)]
struct Life {
    reported_at: Timestamp,
    /// (partition, sequence) of the admission, after which routing is asked.
    admitted: (i32, i64),
    /// By which version, to whom or why to nobody.
    decisions: Vec<(String, Result<String, String>)>,
    offers: Vec<String>,
    refused: usize,
}

/// Every clue, and where each version was activated.
fn lives(installation: &Installation) -> (Vec<Life>, BTreeMap<String, BTreeMap<i32, i64>>) {
    let mut lives: BTreeMap<_, Life> = BTreeMap::new();
    let mut activated: BTreeMap<String, BTreeMap<i32, i64>> = BTreeMap::new();
    for entry in installation.tables().journal("clue_event") {
        let place = (entry.partition, entry.sequence);
        match event::decode(&entry.payload).expect("decodes") {
            ClueEvent::RulebookActivated { version, .. } => {
                let of = activated.entry(version.to_string()).or_default();
                assert_eq!(
                    of.insert(place.0, place.1),
                    None,
                    "each partition activates it once"
                );
            }
            ClueEvent::Clue(occurrence) => {
                let life = lives.entry(occurrence.clue).or_default();
                match occurrence.event {
                    Event::ClueReported { report, .. } => life.reported_at = report.reported_at,
                    Event::ClueAdmitted => life.admitted = place,
                    Event::ClueHeldForTriage { decision } => {
                        let reason = Err(decision.reason);
                        life.decisions.push((decision.rulebook.to_string(), reason));
                    }
                    Event::ClueAssigned {
                        assignment, decision, ..
                    } => {
                        let agency = Ok(assignment.agency.to_string());
                        life.decisions.push((decision.rulebook.to_string(), agency));
                    }
                    Event::ClueOffered { rulebook } => life.offers.push(rulebook.to_string()),
                    Event::CommandRejected { .. } => life.refused += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    (lives.into_values().collect(), activated)
}

/// Each clue was decided once, by the version of its report, but for what waited in triage: that the new one was asked for, once.
fn assert_decided(installation: &Installation, (old, new): (&str, &str), time: Timestamp) {
    let (lives, activated) = lives(installation);
    let mut seen = BTreeSet::new();
    for life in &lives {
        assert_eq!(life.refused, 0, "{life:?}");
        let (partition, sequence) = life.admitted;
        let by_new = life.reported_at >= time && activated[new][&partition] < sequence;
        let first = &life.decisions[0];
        assert_eq!(first.0, if by_new { new } else { old }, "{life:?} from {time}");
        if life.offers.is_empty() {
            assert_eq!(life.decisions.len(), 1, "{life:?}");
            let agency = if by_new { "city" } else { "east" };
            let orphan = first.1 == Ok("city".to_owned()) && by_new;
            assert!(first.1 == Ok(agency.to_owned()) || orphan, "{life:?}");
            seen.insert(if by_new { "new" } else { "old" });
        } else {
            assert_eq!(life.offers, [new], "once, and to that version: {life:?}");
            let expected = [
                (old.to_owned(), Err("no_duty".to_owned())),
                (new.to_owned(), Ok("city".to_owned())),
            ];
            assert_eq!(life.decisions, expected, "{life:?}");
            seen.insert("offered");
        }
    }
    assert_eq!(seen, BTreeSet::from(["new", "offered", "old"]));
}

fn triage(installation: &Installation) -> i64 {
    let waiting = "SELECT count(*) FROM monitor_clue WHERE holder = 'triage'";
    installation.tables().try_number(waiting).unwrap_or(-1)
}

const CAST: [(&str, &str); 8] = [
    ("intake", "intake"),
    ("delivery", "delivery"),
    ("monitor", "monitor"),
    ("lifecycle-1", "lifecycle"),
    ("lifecycle-2", "lifecycle"),
    ("routing-1", "routing"),
    ("routing-2", "routing"),
    ("dispute", "dispute"),
];

#[test]
fn on_kafka_and_postgresql_a_rulebook_is_activated_under_load_while_processes_are_killed() {
    let installation = Installation::small_cluster();
    let old = version(&installation, &installation.rulebook());
    let serve = |it: &(&str, &str)| installation.serve(it.0, &[it.1]);
    let mut cast: Vec<Process> = CAST.iter().map(serve).collect();
    cast.iter_mut().for_each(Process::ready);
    let next = newer(&installation, "next");
    let new = version(&installation, &next);

    let (stop, sent_so_far) = (AtomicBool::new(false), AtomicU64::new(0));
    // records are dated a little ahead of their receipt, within what the policy allows
    let time = seconds(now(), 20);
    let (total, journalled) = std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        let feeder = scope.spawn(|| {
            let sender = Sender::new(installation.brokers());
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                for _ in 0..20 {
                    let reported_at = match number % 4 {
                        0 => seconds(time, -3_600),
                        1 => seconds(time, -1),
                        2 => time,
                        _ => seconds(time, 30),
                    };
                    let matter = if number % 40 < 4 { ORPHAN } else { "noise" };
                    sender.send(&sent(number, &record(number, matter, reported_at)));
                    number += 1;
                }
                sender.flush();
                sent_so_far.store(number, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(50));
            }
            number
        });
        let before = |count: u64| {
            wait_for("load", REST, || {
                (sent_so_far.load(Ordering::Relaxed) > count).then_some(())
            });
        };
        before(200);
        let at = time.to_string();
        let mut activation = installation.start("activate", &[&words(&next)[..], &["--at", &at]].concat());
        // a routing and a lifecycle die while the activation is under way
        for (victim, name) in [(5, "routing-3"), (3, "lifecycle-3")] {
            cast[victim].kill();
            std::thread::sleep(Duration::from_millis(300));
            cast[victim] = installation.serve(name, &[CAST[victim].1]);
        }
        let answer = activation.wait(REST);
        assert_eq!(answer.code, Some(0), "{answer:?}");
        let journalled = now();
        assert_eq!(listed(&installation).last().expect("two").0, "next");
        // and again when its time has come
        while now() < time {
            std::thread::sleep(Duration::from_millis(20));
        }
        for (victim, name) in [(6, "routing-4"), (4, "lifecycle-4"), (2, "monitor-2")] {
            cast[victim].kill();
            std::thread::sleep(Duration::from_millis(300));
            cast[victim] = installation.serve(name, &[CAST[victim].1]);
        }
        before(sent_so_far.load(Ordering::Relaxed) + 400);
        stop.store(true, Ordering::Relaxed);
        (feeder.join().expect("sends"), journalled)
    });
    assert!(journalled < time, "it was journalled before its time");
    cast.iter_mut().for_each(Process::ready);
    wait_for(
        "all clues are decided and nothing waits",
        Duration::from_mins(3),
        || {
            let clues = installation
                .tables()
                .try_number("SELECT count(*) FROM monitor_clue");
            (clues.ok() == Some(total as i64) && triage(&installation) == 0).then_some(())
        },
    );
    let routing = "SELECT count(*) FROM monitor_clue WHERE holder = 'routing'";
    wait_for("nothing is with routing", REST, || {
        (installation.tables().try_number(routing).ok() == Some(0)).then_some(())
    });
    // whoever looks again finds nothing to offer
    std::thread::sleep(Duration::from_secs(6));
    assert_decided(&installation, (&old, &new), time);
    let expected = [("e2e", "replaced"), ("next", "holds")];
    let listed = listed(&installation);
    assert_eq!(
        listed.iter().map(|it| (&*it.0, &*it.1)).collect::<Vec<_>>(),
        expected
    );
    assert_journals(&installation);
    assert_verified(&installation);
    for process in &mut cast {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
}

#[test]
fn an_activation_that_waits_is_withdrawn_and_one_that_holds_is_not() {
    let installation = Installation::small();
    let mut process = installation.serve("all", &["all"]);
    process.ready();
    let next = newer(&installation, "next");
    let later = [&words(&next)[..], &["--at", "2999-01-01"]].concat();
    let _ = installation.run(&later).ok();
    // whoever asks for the same again is answered alike
    let _ = installation.run(&later).ok();
    let other = newer(&installation, "other");
    let second = installation.run(&words(&other));
    assert_eq!(second.code, Some(2), "{second:?}");
    for says in ["P1", "new duties", "2999-01-01", "withdraw"] {
        assert!(second.stderr.contains(says), "{second:?}");
    }
    let withdraw = ["rulebook", "withdraw", "--by", "P2", "--why", "not ready"];
    let _ = installation.run(&withdraw).ok();
    let again = installation.run(&withdraw);
    assert_eq!(again.code, Some(2), "{again:?}");
    let _ = installation.run(&words(&other)).ok();
    let held = installation.run(&withdraw);
    assert!(
        held.code == Some(2) && held.stderr.contains("activate the former one again"),
        "{held:?}"
    );
    let expected = [("e2e", "replaced"), ("next", "withdrawn"), ("other", "holds")];
    let listed = listed(&installation);
    assert_eq!(
        listed.iter().map(|it| (&*it.0, &*it.1)).collect::<Vec<_>>(),
        expected
    );
    // the store keeps what was activated
    fs::remove_dir_all(&other).expect("removed");
    assert_eq!(process.terminate(), Some(0));
    let mut process = installation.serve("all-2", &["all"]);
    process.ready();
    assert_eq!(installation.ask(&["rulebook", "show"])["label"], "other");
    assert_eq!(process.terminate(), Some(0));
    assert_journals(&installation);
    assert_verified(&installation);
}

/// Asked with nobody to journal it, it is broken off; asked again it comes to its end.
#[test]
fn an_activation_that_was_broken_off_blocks_nobody_for_ever() {
    let installation = Installation::small_cluster();
    let mut cast: Vec<Process> = ["intake", "routing", "delivery", "monitor", "lifecycle", "dispute"]
        .iter()
        .map(|role| installation.serve(role, &[role]))
        .collect();
    cast.iter_mut().for_each(Process::ready);
    cast[4].kill();
    let next = newer(&installation, "next");
    let other = newer(&installation, "other");
    let short = |words: [&str; 7]| installation.run(&[&words[..], &["--wait", "1"]].concat());
    assert_eq!(short(words(&next)).code, Some(3), "nobody journals it");
    let told = short(words(&other));
    assert!(
        told.code == Some(2) && told.stderr.contains("bihuan serve finishes that"),
        "{told:?}"
    );
    assert_eq!(
        listed(&installation)[1],
        ("next".to_owned(), "under_way".to_owned())
    );
    cast[4] = installation.serve("lifecycle-2", &["lifecycle"]);
    cast[4].ready();
    let _ = installation.run(&words(&next)).ok();
    let _ = installation.run(&words(&other)).ok();
    let (_, activated) = lives(&installation);
    assert_eq!(activated.len(), 3, "{activated:?}");
    for of in activated.values() {
        assert_eq!(of.len(), kafka::PARTITIONS as usize);
    }
    for process in &mut cast {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
    assert_journals(&installation);
}
