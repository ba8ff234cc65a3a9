//! An agency's platform is faster than the clue that it speaks of, and lifecycle is killed meanwhile.

use e2e::accounts::{assert_identities, assert_journals, assert_verified};
use e2e::installation::Installation;
use e2e::kafka::{self, Sender, Sent};
use e2e::rulebook::EAST;
use e2e::wait_for;
use serde_json::{Value, json};

use crate::storm::REST;

const TOPIC: &str = "agency.status.v1";
const CLUES: u64 = 40;

const MAPPING: &str = r#"
source = "agency-platform"
kind = "feedback"
format = "json"
[feedback]
clue = { source = "grid", id = "/order" }
agency = "/dept"
action = { from = "/status", values = { "签收" = "acknowledge", "处置" = "start" } }
"#;

fn sent(topic: &str, number: u64, record: &Value) -> Sent {
    Sent {
        topic: topic.to_owned(),
        partition: (number % u64::from(kafka::PARTITIONS)) as u32,
        headers: vec![("content-type".to_owned(), "application/json".into())],
        payload: record.to_string().into_bytes(),
        key: String::new(),
    }
}

#[test]
fn on_kafka_and_postgresql_feedback_waits_for_its_clue_and_is_applied_once_whoever_is_killed() {
    let installation = Installation::small_cluster();
    let mapping = installation.file("agencies.toml.txt", MAPPING);
    let source = format!("[[intake.source]]\nmapping = {mapping:?}\ntopic = {TOPIC:?}\n");
    kafka::provide(installation.brokers(), &[TOPIC]);
    installation.configure(&installation.rulebook(), &source);
    let mut others: Vec<_> = ["intake", "routing", "dispute", "delivery", "monitor"]
        .into_iter()
        .map(|role| installation.serve(role, &[role]))
        .collect();
    let mut lifecycle = installation.serve("lifecycle-1", &["lifecycle"]);
    others
        .iter_mut()
        .chain([&mut lifecycle])
        .for_each(|it| it.ready());
    let parked = || {
        installation
            .tables()
            .number("SELECT count(*) FROM lifecycle_parked")
    };
    let wait = |what: &str, test: &dyn Fn(i64) -> bool| {
        wait_for(what, REST, || test(parked()).then_some(()));
    };

    let sender = Sender::new(installation.brokers());
    for number in 0..CLUES {
        for status in ["签收", "处置"] {
            let said = json!({"order": format!("O{number}"), "dept": "east", "status": status});
            sender.send(&sent(TOPIC, number, &said));
        }
    }
    sender.flush();
    wait("all parked", &|waiting| waiting == 2 * CLUES as i64);
    lifecycle.kill();
    for number in 0..CLUES {
        let clue = json!({"source": "grid", "id": format!("O{number}"), "matter": "noise", "area": EAST,
            "reported_at": "2026-01-05T08:00:00+08:00", "title": "夜间施工"});
        sender.send(&sent("clue.inbound.v1", number, &clue));
    }
    sender.flush();
    let mut lifecycle = installation.serve("lifecycle-2", &["lifecycle"]);
    wait("some applied", &|waiting| waiting < 2 * CLUES as i64);
    lifecycle.kill();
    let mut lifecycle = installation.serve("lifecycle-3", &["lifecycle"]);
    lifecycle.ready();
    wait("all applied", &|waiting| waiting == 0);

    let report = wait_for("counted", REST, || {
        let report = installation.ask(&["report", "closure"]);
        let records = &report["records"];
        let is_done = records["in_flight"] == 0 && records["received"] == 3 * CLUES;
        is_done.then_some(report)
    });
    assert_identities(&report);
    assert_eq!(
        (&report["records"]["new"], &report["records"]["feedback"]),
        (&json!(CLUES), &json!(2 * CLUES))
    );
    let happened = |kind: &str| {
        let kind = format!("SELECT count(*) FROM clue_event WHERE type = 'bihuan.clue.v1.{kind}'");
        installation.tables().number(&kind)
    };
    let once = [
        "ClueAcknowledged",
        "HandlingStarted",
        "CommandParked",
        "CommandRejected",
    ]
    .map(happened);
    let clues = CLUES as i64;
    assert_eq!(once, [clues, clues, 2 * clues, 0]);
    assert_journals(&installation);
    assert_verified(&installation);
    for process in others.iter_mut().chain([&mut lifecycle]) {
        assert_eq!(process.terminate(), Some(0), "{}", process.name());
    }
}
