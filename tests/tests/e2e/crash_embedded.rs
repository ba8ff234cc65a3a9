//! One process with its own store and log, and commands beside it, killed with SIGKILL while records and commands flow.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use e2e::accounts::{assert_journals, assert_report, assert_verified, settle};
use e2e::agency::{Agencies, Desk};
use e2e::installation::Installation;
use e2e::process::Process;
use e2e::random::Random;
use e2e::records::{self, Expected, Maker};

use crate::crash_cluster::StopAtEnd;
use crate::storm::REST;

const FILES: usize = 15;
const RECORDS_PER_FILE: usize = 100;
const KILLS: usize = 25;

/// The service: whichever process runs it at the moment.
struct Service<'a> {
    installation: &'a Installation,
    process: Mutex<Process>,
}

impl Service<'_> {
    fn base(&self) -> String {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).base()
    }

    fn kill(&self, random: &mut Random) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.kill();
        std::thread::sleep(random.millis(0, 500));
        *process = self.installation.serve("all", &["all"]);
    }

    /// An import that found nobody at home runs the services itself; then ours could not start and has to try again.
    fn keep_up(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(status) = process.is_over() {
            assert_eq!(status.code(), Some(2), "ended by itself:\n{}", process.log());
            assert!(
                process.log().contains("in use by another bihuan process"),
                "{}",
                process.log()
            );
            *process = self.installation.serve("all", &["all"]);
        }
    }
}

#[test]
fn a_laptop_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let installation = Installation::small();
    let mut random = Random::for_test("crash_embedded");
    let (files, expected) = files(&installation, random.split());
    let mapping = installation.file("mapping.toml", records::mapping("storm"));
    let mut first = installation.serve("all", &["all"]);
    first.ready();
    let service = Service {
        installation: &installation,
        process: Mutex::new(first),
    };
    let (stop, forget) = (AtomicBool::new(false), AtomicBool::new(false));
    let (answered, imported) = (AtomicU64::new(0), AtomicUsize::new(0));
    let desk = Desk::Http {
        tables: installation.tables(),
        base: Box::new(|| service.base()),
    };
    let agencies = Agencies::new(desk, random.split());
    std::thread::scope(|scope| {
        let _stop = StopAtEnd(&stop);
        scope.spawn(|| agencies.work(&stop, &forget, &answered));
        let chance = random.split();
        scope.spawn(|| import(&installation, &files, &mapping, chance, &imported, &stop));
        let mut kills = 0;
        while kills < KILLS || imported.load(Ordering::Relaxed) < FILES {
            std::thread::sleep(random.millis(200, 2_000));
            service.keep_up();
            if kills < KILLS {
                service.kill(&mut random);
                kills += 1;
                forget.store(kills == KILLS / 2, Ordering::Relaxed);
            }
        }
        eprintln!("{kills} kills of the service");
        settle_up(&service);
        let report = settle(&installation, &expected, REST);
        assert_report(&report, &expected);
    });
    let mut process = service
        .process
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    assert_eq!(process.terminate(), Some(0));
    assert_verified(&installation);
    assert_journals(&installation);
    // a repeated command has happened already, and nobody asked for what cannot be
    let rejected = "SELECT count(*) FROM clue_event WHERE type LIKE '%CommandRejected'";
    assert_eq!(installation.tables().number(rejected), 0);
}

fn settle_up(service: &Service<'_>) {
    e2e::wait_for("the service is up", Duration::from_secs(90), || {
        service.keep_up();
        let process = service.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.readyz().filter(|(status, _)| *status == 200)
    });
}

fn files(installation: &Installation, random: Random) -> (Vec<PathBuf>, Expected) {
    let mut maker = Maker::new("storm", random);
    let files = (0..FILES).map(|number| {
        let lines: Vec<u8> = (0..RECORDS_PER_FILE).flat_map(|_| maker.line()).collect();
        installation.file(&format!("records-{number}.jsonl"), lines)
    });
    (files.collect(), maker.expected)
}

/// Imports one file after the other, each until the command says that it is done; half of the attempts are killed.
fn import(
    installation: &Installation,
    files: &[PathBuf],
    mapping: &Path,
    mut random: Random,
    imported: &AtomicUsize,
    stop: &AtomicBool,
) {
    let mapping = mapping.to_str().expect("UTF-8");
    let mut kills = 0;
    for file in files {
        let words = ["import", file.to_str().expect("UTF-8"), "--mapping", mapping];
        while !stop.load(Ordering::Relaxed) {
            let mut command = installation.start("import", &words);
            if random.percent(50) {
                std::thread::sleep(random.millis(20, 1_500));
                kills += usize::from(!command.is_over());
                command.kill();
                continue;
            }
            let answer = command.wait(Duration::from_mins(2));
            if answer.code == Some(0) {
                break;
            }
        }
        imported.fetch_add(1, Ordering::Relaxed);
    }
    eprintln!("{kills} kills of imports");
}
