//! Clues whose deadlines pass while the processes that watch over them are killed: each step of the ladder that had to be reached was
//! reached once, and a suspension ended by itself once.

mod expected;
mod people;

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Occurrence;
use bihuan_domain::time::Timestamp;
use e2e::accounts::{assert_journals, assert_verified};
use e2e::http;
use e2e::installation::{Installation, ROLES};
use e2e::kafka::{PARTITIONS, Sender, Sent};
use e2e::process::Process;
use e2e::random::Random;
use e2e::rulebook::{EAST, MATTERS, ORPHAN, TOML, WEST};
use e2e::wait_for;
use serde_json::{Value, json};

use self::expected::{Counted, Rules, compare};
use self::people::{Desk, People};
use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

const CLUES: usize = 240;

#[expect(
    clippy::disallowed_methods,
    reason = "deadlines pass by the clock of the machine"
)]
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_micros(since.as_micros() as i64)
}

/// Every limit is so long.
fn limited(installation: &Installation, minutes: i64) {
    let path = installation.rulebook();
    let row = |step: &str| format!("*,,,,{step},{minutes}min\n");
    let limits = ["overall", "acknowledge", "triage"].map(row).concat();
    let limits = format!("matter,severity,source,area,step,limit\n{limits}");
    fs::write(path.join("limits.csv"), limits).expect("written");
    let rung = |name: &str, kind: &str, clock: &str, when: &str| {
        format!(
            "[[policy.ladder.rungs]]\nrung = \"{name}\"\nkind = \"{kind}\"\nclock = \"{clock}\"\n{when}\n"
        )
    };
    let rungs = [
        rung("half", "reminder", "overall", "used = 50"),
        rung("red", "colour", "overall", "used = 100"),
        rung("later", "notice", "overall", &format!("after = \"{minutes}min\"")),
        rung("unsigned", "reminder", "acknowledge", "used = 100"),
        rung("waits", "escalation", "triage", "used = 100"),
    ];
    let toml = format!("{TOML}\n{}", rungs.concat());
    fs::write(path.join("rulebook.toml"), toml).expect("written");
}

fn record(number: usize, reported_at: &str) -> Value {
    let matter = if number % 12 == 5 {
        ORPHAN
    } else {
        MATTERS[number % 3]
    };
    let area = [EAST, WEST][number % 2];
    json!({"source": "grid", "id": format!("L{number}"), "matter": matter, "area": area,
        "reported_at": reported_at, "title": "夜间施工"})
}

/// The lives of all clues, each in order.
fn lives(installation: &Installation) -> Vec<Vec<Occurrence>> {
    let mut lives: BTreeMap<_, Vec<Occurrence>> = BTreeMap::new();
    for entry in installation.tables().journal("clue_event") {
        if let ClueEvent::Clue(it) = event::decode(&entry.payload).expect("an event") {
            lives.entry(it.clue).or_default().push(it);
        }
    }
    lives.into_values().collect()
}

/// Every clue was treated as the rest of the journal says, by `until` at least.
fn assert_lives(installation: &Installation, rules: Rules, until: Timestamp) {
    let lives = lives(installation);
    assert_eq!(lives.len(), CLUES);
    let mut counted = Counted::default();
    for life in &lives {
        compare(life, rules, until.as_micros(), &mut counted);
    }
    eprintln!("{counted:?}");
    // it proves little if little happened
    let Counted {
        steps,
        in_time,
        resumed,
        granted,
    } = counted;
    assert!(steps > CLUES && in_time > CLUES / 30 && resumed > CLUES / 30 && granted > CLUES / 60);
}

#[test]
fn on_kafka_and_postgresql_each_step_of_the_ladder_is_reached_once_while_processes_are_killed() {
    let installation = Installation::small_cluster();
    limited(&installation, 1);
    let mut random = Random::for_test("ladder on a cluster");
    let mut cast = ["one", "two"].map(|name| installation.serve(name, &ROLES));
    cast.iter_mut().for_each(Process::ready);
    let stop = AtomicBool::new(false);
    let begun = Instant::now();
    let limit = Duration::from_mins(1);
    let people = People {
        installation: &installation,
        desk: Desk::Kafka(Sender::new(installation.brokers())),
        random: random.split(),
        limit: 60_000_000,
        takes: limit,
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| people.work(&stop));
        scope.spawn(|| feed(installation.brokers()));
        let mut kills = 0;
        while begun.elapsed() < limit * 12 / 5 {
            std::thread::sleep(random.millis(1_000, 9_000));
            let both = random.percent(15);
            let victim = random.below(2);
            for number in [victim, 1 - victim].into_iter().take(if both { 2 } else { 1 }) {
                assert_eq!(cast[number].is_over(), None, "{}", cast[number].log());
                cast[number].kill();
                kills += 1;
            }
            std::thread::sleep(random.millis(0, 1_500));
            for number in [victim, 1 - victim].into_iter().take(if both { 2 } else { 1 }) {
                cast[number] = installation.serve(["one", "two"][number], &ROLES);
            }
        }
        eprintln!("{kills} kills");
    });
    cast.iter_mut().for_each(Process::ready);
    let until = now();
    quiet(&installation);
    for process in &mut cast {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
    let rules = Rules {
        limit: 60_000_000,
        slack: 4_000_000,
    };
    assert_lives(&installation, rules, until.plus_micros(-rules.slack));
    assert_journals(&installation);
    assert_verified(&installation);
}

/// All are reported within some seconds.
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
        if number % 20 == 0 {
            sender.flush();
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    sender.flush();
}

/// Until nothing has been written for a while, though there is somebody to write.
pub(crate) fn quiet(installation: &Installation) {
    let events = || installation.tables().number("SELECT count(*) FROM clue_event");
    let mut last = (events(), Instant::now());
    wait_for("nothing is written any more", REST, || {
        let count = events();
        if count != last.0 {
            last = (count, Instant::now());
        }
        (last.1.elapsed() > Duration::from_secs(8)).then_some(())
    });
}

/// A laptop's limits last two hours, of which each takes half a minute.
const SPEED: u32 = 240;
const FROM: &str = "2026-01-05T08:00:00+08:00";

fn serve(installation: &Installation) -> Process {
    let speed = SPEED.to_string();
    installation.serve(
        "all",
        &["all", "--clock", "simulated", "--from", FROM, "--speed", &speed],
    )
}

#[test]
fn on_a_laptop_each_step_of_the_ladder_is_reached_once_though_it_is_killed() {
    let installation = Installation::small();
    limited(&installation, 120);
    let mut random = Random::for_test("ladder on a laptop");
    let mut first = serve(&installation);
    first.ready();
    let process = Mutex::new(first);
    let base = || process.lock().unwrap_or_else(PoisonError::into_inner).base();
    let stop = AtomicBool::new(false);
    let (begun, limit) = (Instant::now(), Duration::from_secs(30));
    let rules = Rules {
        limit: 120 * 60_000_000,
        // three seconds
        slack: 12 * 60_000_000,
    };
    let people = People {
        installation: &installation,
        desk: Desk::Http(Box::new(base)),
        random: random.split(),
        limit: rules.limit,
        takes: limit,
    };
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| people.work(&stop));
        scope.spawn(|| report(&base, &stop));
        let mut kills = 0;
        while begun.elapsed() < limit * 12 / 5 {
            std::thread::sleep(random.millis(500, 4_000));
            let mut process = process.lock().unwrap_or_else(PoisonError::into_inner);
            assert_eq!(process.is_over(), None, "{}", process.log());
            process.kill();
            kills += 1;
            std::thread::sleep(random.millis(0, 1_500));
            *process = serve(&installation);
        }
        eprintln!("{kills} kills");
    });
    let mut process = process.into_inner().unwrap_or_else(PoisonError::into_inner);
    process.ready();
    // what is left of the ladders comes in one leap
    let shown = installation.ask(&["clock", "advance", "12h"]);
    let text = shown["now"].as_str().expect("a time");
    let until: Timestamp = text.parse().expect("a time");
    assert_eq!(process.terminate(), Some(0));
    assert_lives(&installation, rules, until.plus_micros(-rules.slack));
    assert_journals(&installation);
    assert_verified(&installation);
}

fn report(base: &impl Fn() -> String, stop: &AtomicBool) {
    for chunk in 0..CLUES / 20 {
        let records: Vec<Value> = (chunk * 20..chunk * 20 + 20)
            .map(|number| record(number, FROM))
            .collect();
        let accepted = || {
            matches!(
                http::post(&format!("{}/api/v1/clues", base()), &[], &json!(records)),
                Some((202, _))
            )
        };
        while !accepted() && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(200));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}
