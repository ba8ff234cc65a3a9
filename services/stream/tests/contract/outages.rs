//! Kafka and PostgreSQL stop and come back. In parts of their own, beside those that `BIHUAN_TEST_CONFIG` names, for others use
//! these meanwhile; one test at a time.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_stream::{Handler as _, Phase};
use tokio::sync::Mutex;

use crate::counting::Counting;
use crate::effects::assert_exactly_once;
use crate::world::{Parts, Worker, World, eventually, message};

/// Private parts, stopped and removed at the end.
struct Private(PathBuf);

impl Private {
    fn start() -> Option<Self> {
        let Some(config) = std::env::var_os("BIHUAN_TEST_CONFIG") else {
            println!("skipped: BIHUAN_TEST_CONFIG names no Kafka and PostgreSQL");
            return None;
        };
        let mut folder = Path::new(&config).parent()?.as_os_str().to_owned();
        folder.push("-outage");
        let private = Self(PathBuf::from(folder));
        private.local("up", &[]);
        Some(private)
    }

    fn local(&self, script: &str, arguments: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../deploy/local")
            .join(script);
        let done = Command::new(&script)
            .arg(&self.0)
            .args(arguments)
            .output()
            .expect("runs");
        assert!(
            done.status.success(),
            "{}: {}",
            script.display(),
            String::from_utf8_lossy(&done.stderr)
        );
    }

    fn part(&self, part: &str, action: &str) {
        tokio::task::block_in_place(|| self.local("part", &[part, action]));
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.local("down", &["--remove"]);
    }
}

static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Stopped in order while records flow, killed while nothing happens.
async fn outage(part: &str) {
    let _turn = ONE_AT_A_TIME.lock().await;
    let Some(private) = Private::start() else { return };
    let config = private.0.join("bihuan.toml");
    let world = World::on(&Parts::read(config.to_str().expect("text"))).await;
    let counting = Counting::new(&world);
    let group = counting.group();
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..300).await;
    world.counts(group, 30).await;
    private.part(part, "stop");
    away_and_back(&private, part, &world, &worker).await;

    world.counts(group, 300).await;
    private.part(part, "kill");
    if part == "postgres" {
        // a database is missed when there is something to write
        world.send(topics::CLUE_COMMANDS, 300..330).await;
    }
    away_and_back(&private, part, &world, &worker).await;
    let first = if part == "postgres" { 330 } else { 300 };
    world.send(topics::CLUE_COMMANDS, first..400).await;
    assert_exactly_once(&world, group, 400).await;
    worker.stop().await;
}

async fn away_and_back(private: &Private, part: &str, world: &World, worker: &Worker) {
    worker.waiting().await;
    println!("{part}: {:?}", worker.status.phase());
    tokio::time::sleep(Duration::from_secs(3)).await;
    private.part(part, "start");
    eventually(|| async {
        world.store.ping().await.map_err(|error| error.to_string())?;
        match worker.status.phase() {
            Phase::Running => Ok(()),
            phase => Err(format!("{phase:?}")),
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kafka_stops_and_dies_and_comes_back() {
    outage("kafka").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_stops_and_dies_and_comes_back() {
    outage("postgres").await;
}

/// A broker whose controller hears from it too seldom: again and again the cluster says that it has no broker at all. Clients that ask
/// just then forget theirs, see `kafka::deserted`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kafka_has_no_broker_again_and_again() {
    let _turn = ONE_AT_A_TIME.lock().await;
    let Some(private) = Private::start() else { return };
    let config = private.0.join("bihuan.toml");
    let world = World::on(&Parts::read(config.to_str().expect("text"))).await;
    let counting = Counting::new(&world);
    let group = counting.group();
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..2_000).await;
    let properties = private.0.join("kafka/server.properties");
    let as_it_was = std::fs::read_to_string(&properties).expect("reads");
    let with = |properties: &str, key: &str, value: u32| {
        let set = |line: &str| match line.split_once('=') {
            Some((known, _)) if known == key => format!("{key}={value}\n"),
            _ => format!("{line}\n"),
        };
        assert!(properties.contains(key), "{key} is not set: {properties}");
        properties.lines().map(set).collect::<String>()
    };
    let seldom = with(&as_it_was, "broker.heartbeat.interval.ms", 7_000);
    let seldom = with(&seldom, "broker.session.timeout.ms", 2_000);
    std::fs::write(&properties, seldom).expect("writes");
    private.part("kafka", "stop");
    private.part("kafka", "start");
    // who has nothing to send does not ask
    let busy = async {
        loop {
            let _ = world
                .log
                .publish(vec![message(topics::DISPUTE_COMMANDS, 0, "x")])
                .await;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(20), busy).await;
    std::fs::write(&properties, as_it_was).expect("writes");
    private.part("kafka", "stop");
    private.part("kafka", "start");
    world.send(topics::CLUE_COMMANDS, 2_000..2_300).await;
    assert_exactly_once(&world, group, 2_300).await;
    worker.stop().await;
}
