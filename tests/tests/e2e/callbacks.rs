//! Sources are told of every step, while whoever tells them is killed with SIGKILL and whoever is told fails.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Event;
use e2e::accounts::{assert_report, assert_verified, settle};
use e2e::agency::{Agencies, Desk};
use e2e::installation::Installation;
use e2e::process::{Process, Running};
use e2e::random::Random;
use e2e::records::{self, Expected, Maker};
use e2e::wait_for;
use serde_json::Value;

use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

const RECORDS: usize = 60;
const KILLS: usize = 12;
const LISTENING: Duration = Duration::from_secs(30);

/// What the receiver of the storm does wrong, and how it calls that.
const FAULTS: [(&str, &str); 8] = [
    ("500", "status(500)"),
    ("break", "break"),
    ("refuse", "refuse"),
    ("503", "status(503)"),
    ("301", "redirect"),
    ("hang", "hang"),
    ("drip", "drip"),
    ("long", "long"),
];
/// What a receiver does wrong again and again, and how that is named.
const NAMED: [(&str, &str); 9] = [
    ("500", "status_500"),
    ("429", "status_429"),
    ("break", "answer_broken"),
    ("refuse", "refused_by_receiver"),
    ("301", "redirect"),
    ("hang", "timeout"),
    ("drip", "timeout"),
    ("long", "answer_too_long"),
    ("410", "gone"),
];

/// (clue, version)
type Step = (String, u64);

#[test]
fn a_laptop_that_is_killed_tells_every_step_in_order_to_a_receiver_that_fails() {
    storm(&Installation::small(), &[&["all"]]);
}

#[test]
fn a_cluster_that_is_killed_tells_every_step_in_order_to_a_receiver_that_fails() {
    let cast: [&[&str]; 3] = [
        &["delivery"],
        &["delivery"],
        &["intake", "lifecycle", "routing", "dispute", "monitor"],
    ];
    storm(&Installation::small_cluster(), &cast);
}

#[test]
fn on_a_laptop_each_fault_of_a_receiver_has_a_name() {
    faults(&Installation::small(), &[&["all"]]);
}

#[test]
fn on_a_cluster_each_fault_of_a_receiver_has_a_name() {
    let cast: [&[&str]; 2] = [
        &["delivery"],
        &["intake", "lifecycle", "routing", "dispute", "monitor"],
    ];
    faults(&Installation::small_cluster(), &cast);
}

/// Any of them is killed.
struct Cast<'a> {
    installation: &'a Installation,
    roles: &'a [&'a [&'a str]],
    alive: Mutex<Vec<Process>>,
}

impl<'a> Cast<'a> {
    fn ready(installation: &'a Installation, roles: &'a [&'a [&'a str]]) -> Self {
        let serve = |(number, roles): (usize, &&[&str])| installation.serve(&format!("part-{number}"), roles);
        let mut alive: Vec<Process> = roles.iter().enumerate().map(serve).collect();
        alive.iter_mut().for_each(Process::ready);
        Self {
            installation,
            roles,
            alive: Mutex::new(alive),
        }
    }

    fn alive(&self) -> MutexGuard<'_, Vec<Process>> {
        self.alive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kill(&self, random: &mut Random) {
        let victim = random.below(self.roles.len());
        let mut alive = self.alive();
        alive[victim].kill();
        std::thread::sleep(random.millis(0, 300));
        alive[victim] = self
            .installation
            .serve(&format!("part-{victim}"), self.roles[victim]);
    }
}

fn storm(installation: &Installation, roles: &[&[&str]]) {
    let mut random = Random::for_test("callbacks");
    let all = FAULTS.map(|(fault, _)| fault).join(",");
    let (receiver, address) = receiver(installation, "receiver", &["--fail", &all, "--times", "2"]);
    let mapping = configure(installation, &address);
    let (file, expected) = records(installation, random.split());
    let cast = Cast::ready(installation, roles);
    let words = ["import", utf8(&file), "--mapping", utf8(&mapping)];
    let imported = installation.run(&words);
    // what cannot be read is said by the code
    assert!(matches!(imported.code, Some(0 | 1)), "{imported:?}");
    let (stop, forget, sent) = (AtomicBool::new(false), AtomicBool::new(false), AtomicU64::new(0));
    let desk = if installation.is_cluster() {
        Desk::kafka(installation.brokers())
    } else {
        Desk::Http {
            tables: installation.tables(),
            base: Box::new(|| cast.alive()[0].base()),
        }
    };
    let agencies = Agencies::new(desk, random.split());
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| agencies.work(&stop, &forget, &sent));
        for _ in 0..KILLS {
            std::thread::sleep(random.millis(300, 2_500));
            cast.kill(&mut random);
        }
        cast.alive().iter_mut().for_each(Process::ready);
        assert_report(&settle(installation, &expected, REST), &expected);
    });
    let steps = steps(installation);
    let told = format!("{} steps are acknowledged", steps.len());
    wait_for(&told, REST, || {
        (account(installation)[1] == steps.len() as u64).then_some(())
    });
    assert_eq!(
        account(installation),
        [steps.len() as u64, steps.len() as u64, 0, 0]
    );
    assert_told(&received(&receiver), &steps);
    for process in cast.alive().iter_mut() {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
    assert_verified(installation);
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// One platform for each fault, which does nothing else.
fn faults(installation: &Installation, roles: &[&[&str]]) {
    let receivers =
        NAMED.map(|(fault, _)| receiver(installation, &format!("fails-{fault}"), &["--fail", fault]));
    let platforms: Vec<_> = NAMED.iter().zip(&receivers).collect();
    let mut more = String::from("[delivery]\nallow_private = [\"127.0.0.1/32\"]\n");
    for ((fault, _), (_, address)) in &platforms {
        let mapping = format!(
            "source = \"fails-{fault}\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n[callback.admitted]\nurl = \"http://{address}/\"\n\
             timeout = 1\nsuccess = {{ from = \"/code\", values = [0] }}\n"
        );
        installation.file(&format!("fails-{fault}.toml"), mapping);
        more.extend(["[[delivery.callback]]\nmapping = \"fails-", fault, ".toml\"\n"]);
    }
    more += "[delivery.retry]\nshortest_ms = 20\nlongest_ms = 400\n";
    installation.configure(&installation.rulebook(), &more);
    let mut alive = Cast::ready(installation, roles)
        .alive
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    for (fault, _) in NAMED {
        let file = installation.file("record.jsonl", "{\"id\":\"1\"}\n");
        let mapping = file.with_file_name(format!("fails-{fault}.toml"));
        let imported = installation.run(&["import", utf8(&file), "--mapping", utf8(&mapping)]);
        assert!(matches!(imported.code, Some(0 | 1)), "{imported:?}");
    }
    for (fault, reason) in NAMED {
        let source = format!("fails-{fault}");
        let told = format!("{source} is known for {reason}");
        let state = if fault == "410" { "failed" } else { "pending" };
        wait_for(&told, REST, || {
            let page = installation.ask(&["callback", "list", "--source", &source]);
            let callback = &page["callbacks"][0];
            (callback["reason"] == reason && callback["state"] == state).then_some(())
        });
    }
    for process in &mut alive {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
    assert_verified(installation);
}

/// Checks signatures, and fails as it is told to.
fn receiver(installation: &Installation, name: &str, fails: &[&str]) -> (Running, String) {
    let secret = installation.file("secret", "of the tests\n");
    let words = [
        "receiver",
        "--listen",
        "127.0.0.1:0",
        "--secret-file",
        utf8(&secret),
    ];
    let running = installation.start(name, &[&words[..], fails].concat());
    let address = wait_for("the receiver listens", LISTENING, || {
        let first: Value = serde_json::from_str(running.said().lines().next()?).ok()?;
        Some(first["listening"].as_str()?.to_owned())
    });
    (running, address)
}

fn configure(installation: &Installation, address: &str) -> PathBuf {
    let steps = [
        "admitted",
        "triage",
        "dispatched",
        "acknowledged",
        "resolved",
        "closed",
    ];
    let sections = steps.map(|step| format!("[callback.{step}]\n")).concat();
    let mapping = format!(
        "{}[callback]\nurl = \"http://{address}/steps\"\nsign = \"standard-webhooks\"\nsecret = {{ file = \"secret\" }}\n\
         timeout = 1\nsuccess = {{ from = \"/code\", values = [0] }}\n{sections}",
        records::mapping("storm")
    );
    let path = installation.file("mapping.toml", mapping);
    let more = "[delivery]\nallow_private = [\"127.0.0.1/32\"]\n[[delivery.callback]]\nmapping = \"mapping.toml\"\n\
                [delivery.retry]\nshortest_ms = 20\nlongest_ms = 400\n";
    installation.configure(&installation.rulebook(), more);
    path
}

fn records(installation: &Installation, random: Random) -> (PathBuf, Expected) {
    let mut maker = Maker::new("storm", random);
    let lines: Vec<u8> = (0..RECORDS).flat_map(|_| maker.line()).collect();
    (installation.file("records.jsonl", lines), maker.expected)
}

/// What the journal of clues says should be told.
fn steps(installation: &Installation) -> BTreeSet<Step> {
    let mut steps = BTreeSet::new();
    for entry in installation.tables().journal("clue_event") {
        let Ok(ClueEvent::Clue(occurrence)) = event::decode(&entry.payload) else {
            continue;
        };
        let is_told = matches!(
            occurrence.event,
            Event::ClueAdmitted
                | Event::ClueHeldForTriage { .. }
                | Event::ClueAssigned { .. }
                | Event::ClueAcknowledged
                | Event::ClueResolved { .. }
                | Event::ClueClosed { .. }
        );
        if is_told {
            steps.insert((occurrence.clue.to_string(), u64::from(occurrence.version)));
        }
    }
    assert!(steps.len() > 2 * RECORDS, "{}", steps.len());
    steps
}

/// Due, acknowledged, pending and failed, as the program says.
fn account(installation: &Installation) -> [u64; 4] {
    let page = installation.ask(&["callback", "list", "--limit", "1"]);
    let of = |key: &str| page["accounts"][0][key].as_u64().unwrap_or_default();
    ["due", "acknowledged", "pending", "failed"].map(of)
}

fn received(receiver: &Running) -> Vec<Value> {
    let said = receiver.said();
    let lines = said.lines().skip(1);
    lines
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

/// None lost, the order of each clue kept, repeats alike.
fn assert_told(calls: &[Value], steps: &BTreeSet<Step>) {
    let mut taken: BTreeMap<Step, usize> = BTreeMap::new();
    let mut first: BTreeMap<Step, (usize, &Value)> = BTreeMap::new();
    for (at, call) in calls.iter().enumerate() {
        assert_eq!(call["signature"], "good", "{call}");
        let (clue, version) = (call["body"]["clue"].as_str(), call["body"]["version"].as_u64());
        let step = clue.map(str::to_owned).zip(version).expect("of a step");
        let (_, same) = first.entry(step.clone()).or_insert((at, call));
        assert_eq!(
            (&call["id"], &call["body"]),
            (&same["id"], &same["body"]),
            "a repeat"
        );
        if call["answer"] == "ok" {
            taken.entry(step).or_insert(at);
        }
    }
    assert_eq!(
        &taken.keys().cloned().collect::<BTreeSet<_>>(),
        steps,
        "none lost, none invented"
    );
    let keys: BTreeSet<&str> = first
        .values()
        .filter_map(|(_, call)| call["id"].as_str())
        .collect();
    assert_eq!(keys.len(), first.len(), "each step has a key of its own");
    let in_order: Vec<(&Step, usize)> = first.iter().map(|(step, (at, _))| (step, *at)).collect();
    for pair in in_order.windows(2) {
        let [(before, _), (after, at)] = pair else {
            continue;
        };
        if before.0 == after.0 {
            assert!(
                taken[*before] < *at,
                "{after:?} was told before {before:?} was taken"
            );
        }
    }
    let seen: BTreeSet<&str> = calls.iter().filter_map(|call| call["answer"].as_str()).collect();
    for (_, answer) in FAULTS {
        assert!(seen.contains(answer), "it never did {answer} wrong: {seen:?}");
    }
    eprintln!("{} steps told in {} calls", steps.len(), calls.len());
}
