//! A part goes away: the process waits, says so, logs it once, and goes on by itself; nothing is lost.

use std::time::Duration;

use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::installation::{Installation, Way};
use e2e::kafka::{Sender, Sent};
use e2e::parts::{Part, Parts};
use e2e::process::Process;
use e2e::random::Random;
use e2e::records::{Expected, Maker};
use e2e::wait_for;
use serde_json::Value;

use crate::storm::REST;

/// In order, or without warning.
type How = fn(&Parts, Part);

const PATIENCE: Duration = Duration::from_mins(1);

fn part(installation: &Installation, what: impl FnOnce(&Parts)) {
    match &installation.way {
        Way::Cluster(held) => what(held),
        Way::Embedded => unreachable!("only a cluster has parts"),
    }
}

/// Waits until `/readyz` says which part waits, and why.
fn waits(process: &Process) -> Value {
    wait_for("/readyz says that something waits", PATIENCE, || {
        let (status, report) = process.readyz()?;
        let parts = report["parts"].as_array()?;
        let waiting = parts.iter().find(|part| part["state"] == "waiting")?;
        assert_eq!(status, 503, "{report}");
        assert!(
            waiting["reason"]
                .as_str()
                .is_some_and(|reason| !reason.is_empty()),
            "{report}"
        );
        Some(report)
    })
}

/// How often the log says that a part waits, and how long it is.
fn said(process: &Process) -> (usize, usize) {
    let log = process.log();
    (log.matches("part waiting").count(), log.lines().count())
}

struct Feed {
    maker: Maker,
    sender: Sender,
}

impl Feed {
    fn send(&mut self, records: usize) {
        for _ in 0..records {
            self.maker
                .messages()
                .iter()
                .for_each(|sent: &Sent| self.sender.send(sent));
        }
    }

    /// What must be there when all were read; nobody handles them.
    fn expected(&self) -> Expected {
        Expected {
            closed: 0,
            ..self.maker.expected.clone()
        }
    }
}

#[test]
fn kafka_or_the_database_goes_away_and_comes_back() {
    let installation = Installation::small_cluster();
    let mut process = installation.serve("all", &["all"]);
    process.ready();
    let mut feed = Feed {
        maker: Maker::new("outage", Random::for_test("outage")),
        sender: Sender::new(installation.brokers()),
    };
    let outages: [(Part, How); 4] = [
        (Part::Postgres, Parts::stop),
        (Part::Kafka, Parts::stop),
        (Part::Postgres, Parts::kill),
        (Part::Kafka, Parts::kill),
    ];
    for (gone, how) in outages {
        feed.send(100);
        feed.sender.flush();
        let before = said(&process);
        part(&installation, |parts| how(parts, gone));
        // these wait in the sender while Kafka is away, and on the topic while the database is
        feed.send(100);
        let report = waits(&process);
        // long enough for several attempts
        std::thread::sleep(Duration::from_secs(4));
        let during = said(&process);
        part(&installation, |parts| parts.start(gone));
        feed.sender.flush();
        process.ready();
        let waiting = during.0 - before.0;
        eprintln!(
            "{gone:?}: {waiting} × part waiting, {} lines: {report}",
            during.1 - before.1
        );
        // six services, each says it once
        assert!(
            (1..=7).contains(&waiting),
            "{gone:?}: {waiting} times\n{}",
            process.log()
        );
        assert!(
            during.1 - before.1 <= 30,
            "{gone:?}: logs without end\n{}",
            process.log()
        );
        let expected = feed.expected();
        assert_report(&settle(&installation, &expected, REST), &expected);
    }
    assert!(process.is_over().is_none(), "the process went on by itself");
    assert_eq!(process.terminate(), Some(0));
    assert_verified(&installation);
    assert_journals(&installation);
}

#[test]
fn a_process_that_starts_while_a_part_is_away_waits_for_it() {
    let installation = Installation::small_cluster();
    let mut first = installation.serve("all", &["all"]);
    first.ready();
    assert_eq!(first.terminate(), Some(0));
    for gone in [Part::Postgres, Part::Kafka] {
        part(&installation, |parts| parts.stop(gone));
        let mut process = installation.serve("late", &["all"]);
        waits(&process);
        assert_eq!(
            e2e::http::get(&format!("{}/healthz", process.base())).map(|(status, _)| status),
            Some(200)
        );
        // a command does not wait: it says what is wrong
        let words = [
            "quarantine",
            "discard",
            "00000000-0000-0000-0000-000000000000",
            "--reason",
            "x",
        ];
        let answer = installation.run(&words);
        assert_eq!(answer.code, Some(3), "{gone:?}: {answer:?}");
        part(&installation, |parts| parts.start(gone));
        process.ready();
        assert_eq!(process.terminate(), Some(0));
    }
}
