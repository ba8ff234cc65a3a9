//! Each role apart on Kafka and PostgreSQL, killed with SIGKILL while records and commands flow.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::agency::{Agencies, Desk};
use e2e::installation::Installation;
use e2e::kafka::Sender;
use e2e::random::Random;
use e2e::records::{Expected, Maker};
use e2e::wait_for;

use crate::storm::{REST, Storm};

const RECORDS: u64 = 3_000;
const KILLS: usize = 15;

#[test]
fn a_cluster_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let installation = Installation::small_cluster();
    let mut random = Random::for_test("crash_cluster");
    let cast: [(&str, &[&str]); 7] = [
        ("intake", &["intake"]),
        ("lifecycle-1", &["lifecycle"]),
        ("lifecycle-2", &["lifecycle"]),
        ("routing", &["routing"]),
        ("dispute", &["dispute"]),
        ("delivery", &["delivery"]),
        ("monitor", &["monitor"]),
    ];
    let mut storm = Storm::calm(&installation, &cast, random.split());
    let (stop, forget) = (AtomicBool::new(false), AtomicBool::new(false));
    let (answered, killed) = (AtomicU64::new(0), AtomicUsize::new(0));
    let agencies = Agencies::new(Desk::kafka(installation.brokers()), random.split());
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| agencies.work(&stop, &forget, &answered));
        let feeder = scope.spawn(|| feed(installation.brokers(), random.split(), &killed));
        while storm.kills < KILLS {
            storm.round(|kills| killed.store(kills, Ordering::Relaxed));
            // everybody begins again, as after a loss of their own
            forget.store(storm.kills > KILLS / 2, Ordering::Relaxed);
        }
        killed.store(usize::MAX, Ordering::Relaxed);
        let expected = feeder.join().expect("all records are sent");
        storm.settle();
        let report = settle(&installation, &expected, REST);
        assert_report(&report, &expected);
        assert_journals(&installation);
        repeats_change_nothing(&installation, &forget, &answered);
        assert_report(&settle(&installation, &expected, REST), &expected);
    });
    storm.end();
    assert_verified(&installation);
    assert_journals(&installation);
}

/// Sends records for as long as the storm lasts, so that there is always something under way.
fn feed(brokers: &str, random: Random, killed: &AtomicUsize) -> Expected {
    let sender = Sender::new(brokers);
    let mut maker = Maker::new("storm", random);
    while maker.expected.received < RECORDS {
        // a share of the records for each kill, and the rest at the end
        let due =
            (killed.load(Ordering::Relaxed).saturating_add(1) as u64).saturating_mul(RECORDS / KILLS as u64);
        while maker.expected.received < due.min(RECORDS) {
            maker.messages().iter().for_each(|sent| sender.send(sent));
        }
        sender.flush();
        std::thread::sleep(Duration::from_millis(20));
    }
    maker.expected
}

/// Every command that was ever sent is sent again; nothing happens to any clue.
fn repeats_change_nothing(installation: &Installation, forget: &AtomicBool, answered: &AtomicU64) {
    let events = || installation.tables().number("SELECT count(*) FROM clue_event");
    let rejected = "SELECT count(*) FROM clue_event WHERE type LIKE '%CommandRejected'";
    assert_eq!(
        installation.tables().number(rejected),
        0,
        "nobody asked for what cannot be"
    );
    let before = (events(), answered.load(Ordering::Relaxed));
    let closed = installation
        .tables()
        .number("SELECT count(*) FROM clue_event WHERE type LIKE '%ClueClosed'");
    forget.store(true, Ordering::Relaxed);
    wait_for("everything is sent again", REST, || {
        (answered.load(Ordering::Relaxed) >= before.1 + 4 * closed as u64).then_some(())
    });
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(events(), before.0, "a repeated command has happened already");
}

/// Lets the threads of a scope end when an assertion fails.
pub(crate) struct StopAtEnd<'a>(pub(crate) &'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
