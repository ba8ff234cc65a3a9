//! Clues that agencies return to each other until they are in dispute, while the processes that watch over them are killed: each
//! dispute was opened once, each step lapsed once, each ruling that binds came with its assignment, and no assignment without one.

mod lives;
mod people;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use e2e::accounts::{assert_journals, assert_verified};
use e2e::http;
use e2e::installation::{Installation, ROLES};
use e2e::kafka::{PARTITIONS, Sender, Sent};
use e2e::process::Process;
use e2e::random::Random;
use e2e::rulebook::{EAST, TOML};
use e2e::wait_for;
use serde_json::{Value, json};

use self::lives::{assert_lives, breaches};
use self::people::{Desk, People};
use crate::crash_cluster::StopAtEnd;
use crate::ladder::{now, quiet};

const CLUES: usize = 60;

/// A return needs nobody's approval, the second one opens a dispute, and the steps that take time take `minutes`.
fn disputing(installation: &Installation, minutes: u32) {
    let limit = |step: &str| format!("{step} = \"{minutes}min\"\n");
    let limits = ["negotiation", "decision", "taking_up"].map(limit).concat();
    let at_once = |step: &str| format!("{step} = \"at_once\"\n");
    let skipped = ["acceptance", "forwarding", "answering", "opinion"]
        .map(at_once)
        .concat();
    let toml = format!(
        "{TOML}\n[policy.returns]\napproval = false\nlimit = 2\n[policy.disputes]\nappeals = 0\n[policy.disputes.limits]\n\
         {limits}{skipped}escalation = \"60d\"\n"
    );
    std::fs::write(installation.rulebook().join("rulebook.toml"), toml).expect("written");
}

fn record(number: usize, reported_at: &str) -> Value {
    json!({"source": "grid", "id": format!("D{number}"), "matter": "noise", "area": EAST, "reported_at": reported_at,
        "title": "夜间施工"})
}

#[test]
fn on_kafka_and_postgresql_no_dispute_is_doubled_and_no_ruling_is_lost_while_processes_are_killed() {
    let installation = Installation::small_cluster();
    disputing(&installation, 1);
    let mut random = Random::for_test("disputes on a cluster");
    let mut cast = ["one", "two"].map(|name| installation.serve(name, &ROLES));
    cast.iter_mut().for_each(Process::ready);
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let people = People {
        installation: &installation,
        desk: Desk::Kafka(Sender::new(installation.brokers())),
        random: random.split(),
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| people.work(&stop));
        scope.spawn(|| feed(installation.brokers()));
        let mut kills = 0;
        while begun.elapsed() < Duration::from_secs(135) {
            std::thread::sleep(random.millis(1_000, 7_000));
            let both = random.percent(20);
            let victim = random.below(2);
            let victims = if both { 2 } else { 1 };
            for number in [victim, 1 - victim].into_iter().take(victims) {
                assert_eq!(cast[number].is_over(), None, "{}", cast[number].log());
                cast[number].kill();
                kills += 1;
            }
            std::thread::sleep(random.millis(0, 1_500));
            for number in [victim, 1 - victim].into_iter().take(victims) {
                cast[number] = installation.serve(["one", "two"][number], &ROLES);
            }
        }
        eprintln!("{kills} kills");
    });
    cast.iter_mut().for_each(Process::ready);
    // on a slow machine the rulings came late
    wait_for("rulings that nobody takes up", Duration::from_mins(2), || {
        (breaches(&installation) > 1).then_some(())
    });
    quiet(&installation);
    for process in &mut cast {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
    assert_lives(&installation, CLUES);
    assert_journals(&installation);
    assert_verified(&installation);
}

fn feed(brokers: &str) {
    let sender = Sender::new(brokers);
    for number in 0..CLUES {
        sender.send(&Sent {
            topic: "clue.inbound.v1".to_owned(),
            partition: (number % PARTITIONS as usize) as u32,
            headers: vec![("content-type".to_owned(), "application/json".into())],
            payload: record(number, &now().to_string()).to_string().into_bytes(),
            key: String::new(),
        });
    }
    sender.flush();
}

/// A laptop's limits last two hours, of which each takes half a minute.
const SPEED: &str = "240";
const FROM: &str = "2026-01-05T08:00:00+08:00";

fn serve(installation: &Installation) -> Process {
    installation.serve(
        "all",
        &["all", "--clock", "simulated", "--from", FROM, "--speed", SPEED],
    )
}

#[test]
fn on_a_laptop_no_dispute_is_doubled_and_no_ruling_is_lost_though_it_is_killed() {
    let installation = Installation::small();
    disputing(&installation, 120);
    let mut random = Random::for_test("disputes on a laptop");
    let mut first = serve(&installation);
    first.ready();
    let process = Mutex::new(first);
    let base = || process.lock().unwrap_or_else(PoisonError::into_inner).base();
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let people = People {
        installation: &installation,
        desk: Desk::Http(Box::new(base)),
        random: random.split(),
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| people.work(&stop));
        scope.spawn(|| report(&base, &stop));
        let mut kills = 0;
        while begun.elapsed() < Duration::from_secs(80) {
            std::thread::sleep(random.millis(500, 4_000));
            let mut process = process.lock().unwrap_or_else(PoisonError::into_inner);
            assert_eq!(process.is_over(), None, "{}", process.log());
            process.kill();
            kills += 1;
            std::thread::sleep(random.millis(0, 1_000));
            *process = serve(&installation);
        }
        eprintln!("{kills} kills");
    });
    let mut process = process.into_inner().unwrap_or_else(PoisonError::into_inner);
    process.ready();
    installation.ask(&["clock", "advance", "6h"]);
    assert_eq!(process.terminate(), Some(0));
    assert_lives(&installation, CLUES);
    assert_journals(&installation);
    assert_verified(&installation);
}

fn report(base: &impl Fn() -> String, stop: &AtomicBool) {
    let records: Vec<Value> = (0..CLUES).map(|number| record(number, FROM)).collect();
    let accepted = || {
        let url = format!("{}/api/v1/clues", base());
        matches!(http::post(&url, &[], &json!(records)), Some((202, _)))
    };
    while !accepted() && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(200));
    }
}
