//! Somebody changes a row in the database: `bihuan verify` finds it, whichever it is.

use std::sync::atomic::{AtomicBool, AtomicU64};

use e2e::accounts::{assert_verified, settle};
use e2e::agency::{Agencies, Desk};
use e2e::http;
use e2e::installation::{Installation, Way};
use e2e::process::Process;
use e2e::random::Random;
use e2e::records::{self, Expected, Maker};

use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

/// What was changed, how, and how it is put right.
type Change = (&'static str, &'static str, &'static str);

/// The same on both databases.
const CHANGES: &[Change] = &[
    (
        "a monitor's clue says another stage",
        "UPDATE monitor_clue SET stage = 'x' || stage WHERE number = (SELECT min(number) FROM monitor_clue)",
        "UPDATE monitor_clue SET stage = substr(stage, 2) WHERE stage LIKE 'x%'",
    ),
    (
        "a monitor's clue has another agency",
        "UPDATE monitor_clue SET agency = agency || '!' WHERE number = (SELECT min(number) FROM monitor_clue WHERE agency IS NOT NULL)",
        "UPDATE monitor_clue SET agency = replace(agency, '!', '') WHERE agency LIKE '%!'",
    ),
    (
        "a count is one more",
        "UPDATE monitor_record SET records = records + 1 WHERE disposition = 'new'",
        "UPDATE monitor_record SET records = records - 1 WHERE disposition = 'new'",
    ),
    (
        "an agency was told once more",
        "UPDATE monitor_delivery SET records = records + 1",
        "UPDATE monitor_delivery SET records = records - 1",
    ),
    (
        "a clue is at another version",
        "UPDATE clue_state SET version = version + 1 WHERE clue_id = (SELECT clue_id FROM clue_state ORDER BY clue_id LIMIT 1)",
        "UPDATE clue_state SET version = version - 1 WHERE clue_id = (SELECT clue_id FROM clue_state ORDER BY clue_id LIMIT 1)",
    ),
    (
        "states are said to lack nothing, whatever comes",
        "UPDATE clue_checkpoint SET sequence = sequence + 1000000000",
        "UPDATE clue_checkpoint SET sequence = sequence - 1000000000",
    ),
    (
        "an event has another type",
        "UPDATE clue_event SET type = type || '!' WHERE sequence = 3 AND partition = (SELECT min(partition) FROM clue_event WHERE sequence = 3)",
        "UPDATE clue_event SET type = replace(type, '!', '') WHERE type LIKE '%!'",
    ),
    (
        "an event of intake is of another sequence",
        "UPDATE intake_event SET sequence = sequence + 1000000 WHERE sequence = 1",
        "UPDATE intake_event SET sequence = sequence - 1000000 WHERE sequence > 1000000",
    ),
    (
        "a title was mended",
        "UPDATE clue_text SET title = title || '!' WHERE title IS NOT NULL AND clue_id = (SELECT min(clue_id) FROM clue_text)",
        "UPDATE clue_text SET title = replace(title, '!', '') WHERE title LIKE '%!'",
    ),
    (
        "a position was moved back",
        "UPDATE lease SET out_sequence = out_sequence - 1 WHERE consumer_group = 'lifecycle' AND out_sequence > 0",
        "UPDATE lease SET out_sequence = out_sequence + 1 WHERE consumer_group = 'lifecycle' AND out_sequence > 0",
    ),
];

/// What is changed beyond putting right is kept before.
const KEPT: [(&str, &str); 2] = [("kept_event", "clue_event"), ("kept_state", "clue_state")];

/// Put right from what was kept.
const BYTES: &[Change] = &[
    (
        "an event is garbage",
        "UPDATE clue_event SET payload = {garbage} WHERE sequence = 3",
        "UPDATE clue_event SET payload = (SELECT payload FROM kept_event k
         WHERE k.partition = clue_event.partition AND k.sequence = clue_event.sequence) WHERE sequence = 3",
    ),
    (
        "an event is another one",
        "UPDATE clue_event SET payload = (SELECT payload FROM kept_event k
         WHERE k.partition = clue_event.partition AND k.sequence = 4) WHERE sequence = 3",
        "UPDATE clue_event SET payload = (SELECT payload FROM kept_event k
         WHERE k.partition = clue_event.partition AND k.sequence = clue_event.sequence) WHERE sequence = 3",
    ),
    (
        "a state is another clue's",
        "UPDATE clue_state SET state = (SELECT state FROM kept_state ORDER BY clue_id DESC LIMIT 1)
         WHERE clue_id = (SELECT clue_id FROM kept_state ORDER BY clue_id LIMIT 1)",
        "UPDATE clue_state SET state = (SELECT state FROM kept_state ORDER BY clue_id LIMIT 1)
         WHERE clue_id = (SELECT clue_id FROM kept_state ORDER BY clue_id LIMIT 1)",
    ),
    (
        "an event is gone",
        "DELETE FROM clue_event WHERE sequence = 5",
        "INSERT INTO clue_event SELECT * FROM kept_event WHERE sequence = 5",
    ),
    (
        "a state is gone",
        "DELETE FROM clue_state WHERE clue_id = (SELECT clue_id FROM kept_state ORDER BY clue_id LIMIT 1)",
        "INSERT INTO clue_state SELECT * FROM kept_state WHERE clue_id = (SELECT clue_id FROM kept_state ORDER BY clue_id LIMIT 1)",
    ),
    (
        "a quarantined record was discarded, and nobody said so",
        "UPDATE quarantine SET fate = 'discarded' WHERE fate = 'waiting'",
        "UPDATE quarantine SET fate = 'waiting' WHERE fate = 'discarded'",
    ),
];

#[test]
fn on_a_laptop_verify_finds_what_was_changed_by_hand() {
    changed_by_hand(&Installation::small());
}

#[test]
fn on_postgresql_verify_finds_what_was_changed_by_hand() {
    changed_by_hand(&Installation::small_cluster());
}

fn changed_by_hand(installation: &Installation) {
    some_history(installation);
    assert_verified(installation);
    for (kept, table) in KEPT {
        let sql = format!("CREATE TABLE {kept} AS SELECT * FROM {table}");
        installation.tables().execute(&sql);
    }
    for (name, change, back) in CHANGES.iter().chain(BYTES) {
        // min() of a uuid is not for every PostgreSQL
        let sql = |text: &str| match installation.way {
            Way::Embedded => text.replace("{garbage}", "x'ff00'"),
            Way::Cluster(_) => text
                .replace("{garbage}", "'\\xff00'::bytea")
                .replace("min(clue_id)", "min(clue_id::text)::uuid"),
        };
        let rows = installation.tables().execute(&sql(change));
        assert!(rows > 0, "{name}: nothing was changed");
        let answer = installation.run(&["verify"]);
        assert_eq!(answer.code, Some(1), "{name}: {answer:?}");
        assert!(!answer.stdout.is_empty(), "{name}: says nothing");
        assert_eq!(
            installation.tables().execute(&sql(back)),
            rows,
            "{name}: not put right"
        );
        let answer = installation.run(&["verify"]);
        assert_eq!(answer.code, Some(0), "{name}: put right: {answer:?}");
    }
}

/// Forty records, and everybody does their part.
fn some_history(installation: &Installation) {
    let mut random = Random::for_test("by_hand");
    let mut processes = installation.serve_all();
    let base = processes[0].base();
    let mapping = installation.file("mapping.toml", records::mapping("hand"));
    let broken = installation.file("broken.jsonl", "{\n");
    let [mapping, broken] = [&mapping, &broken].map(|path| path.to_str().expect("UTF-8"));
    installation.ask(&["import", broken, "--mapping", mapping]);
    let mut maker = Maker::new("hand", random.split());
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        let desk = match &installation.way {
            Way::Embedded => Desk::Http {
                tables: installation.tables(),
                base: Box::new({
                    let base = base.clone();
                    move || base.clone()
                }),
            },
            Way::Cluster(_) => Desk::kafka(installation.brokers()),
        };
        let agencies = Agencies::new(desk, random.split());
        scope.spawn(|| agencies.work(&stop, &AtomicBool::new(false), &AtomicU64::new(0)));
        let url = format!("{base}/api/v1/clues");
        let mut sent = Expected::default();
        while sent.received < 40 {
            let line = maker.line();
            let Ok(record) = serde_json::from_slice(&line) else {
                continue;
            };
            // what is refused counts as nothing
            if http::post(&url, &[], &record).expect("an answer").0 == 202 {
                sent.received += 1;
            }
        }
        let mut expected = maker.expected.clone();
        expected.received = sent.received;
        settle(installation, &expected, REST);
    });
    for process in &mut processes {
        assert_eq!(Process::terminate(process), Some(0));
    }
}
