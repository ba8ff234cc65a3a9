//! Where a test runs: SQLite and the local log in a folder of its own, or a database and topics of its own on PostgreSQL and
//! Kafka, when `BIHUAN_TEST_CONFIG` names them.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bihuan_contracts::{Message, header};
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Store, sql};
use bihuan_stream::kafka::{KafkaLog, Settings};
use bihuan_stream::local::LocalLog;
use bihuan_stream::{Context, Handler, Limits, Log, Phase, Record, Result, Status, run};
use sqlx::AssertSqlSafe;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::topics::patiently;

pub(crate) const PARTITIONS: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    SqliteAndLocalLog,
    PostgresAndKafka,
}

/// The addresses of the parts that a test uses.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) database: String,
    pub(crate) brokers: String,
}

impl Parts {
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let config: toml::Table = text.parse().expect("TOML");
        let value = |section: &str, key: &str| config[section][key].as_str().expect("a string").to_owned();
        Self {
            database: value("store", "url"),
            brokers: value("log", "brokers"),
        }
    }

    fn configured() -> Option<Self> {
        Some(Self::read(&std::env::var("BIHUAN_TEST_CONFIG").ok()?))
    }
}

/// One installation.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) log: Log,
    kind: Kind,
}

enum Kind {
    Local(Arc<tempfile::TempDir>),
    Parts { url: String, settings: Settings },
}

impl World {
    /// `None`: the parts are not there; says so.
    pub(crate) async fn new(backend: Backend) -> Option<Self> {
        match backend {
            Backend::SqliteAndLocalLog => Some(Self::local().await),
            Backend::PostgresAndKafka => {
                let parts = Parts::configured();
                if parts.is_none() {
                    println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL and Kafka");
                }
                Some(Self::on(&parts?).await)
            }
        }
    }

    async fn local() -> Self {
        let directory = Arc::new(tempfile::tempdir().expect("a folder"));
        let store = Store::sqlite(directory.path()).await.expect("opens");
        let kind = Kind::Local(directory);
        Self {
            log: Log::Local(LocalLog::new(store.clone(), PARTITIONS)),
            store,
            kind,
        }
        .ready()
        .await
    }

    pub(crate) async fn on(parts: &Parts) -> Self {
        // a process number comes again, and the database of an earlier run stays
        let name = format!("t{:016x}", RandomState::new().hash_one(()));
        let admin = Store::postgres(&parts.database, 1).await.expect("connects");
        let mut reader = admin.read().await.expect("a connection");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("creates");
        let url = format!("{}/{name}", parts.database.rsplit_once('/').expect("a path").0);
        let settings = Settings {
            brokers: parts.brokers.clone(),
            partitions: PARTITIONS,
            prefix: format!("{name}."),
            properties: BTreeMap::new(),
        };
        let store = Store::postgres(&url, 10).await.expect("connects");
        let log = kafka(&settings).await;
        Self {
            store,
            log,
            kind: Kind::Parts { url, settings },
        }
        .ready()
        .await
    }

    async fn ready(self) -> Self {
        let services = [
            bihuan_stream::local::MIGRATIONS,
            crate::counting::MIGRATIONS,
            crate::waking::MIGRATIONS,
        ];
        self.store.migrate(&services).await.expect("migrates");
        self
    }

    /// The same installation as another process sees it.
    pub(crate) async fn other_process(&self) -> Self {
        match &self.kind {
            Kind::Local(directory) => {
                let store = Store::sqlite(directory.path()).await.expect("opens");
                let log = Log::Local(LocalLog::new(store.clone(), PARTITIONS));
                Self {
                    store,
                    log,
                    kind: Kind::Local(directory.clone()),
                }
            }
            Kind::Parts { url, settings } => Self {
                store: Store::postgres(url, 10).await.expect("connects"),
                log: kafka(settings).await,
                kind: Kind::Parts {
                    url: url.clone(),
                    settings: settings.clone(),
                },
            },
        }
    }

    /// Another process that holds every lane at the same time, as one does that was cut off and has not noticed.
    pub(crate) async fn rival(&self) -> Self {
        let mut rival = self.other_process().await;
        if let Kind::Parts { settings, .. } = &mut rival.kind {
            settings
                .properties
                .insert("group.id".to_owned(), format!("{}rival", settings.prefix));
            rival.log = kafka(settings).await;
        }
        rival
    }

    pub(crate) fn settings(&self) -> &Settings {
        match &self.kind {
            Kind::Parts { settings, .. } => settings,
            Kind::Local(_) => panic!("no Kafka here"),
        }
    }

    /// Runs the handler until the worker is stopped.
    pub(crate) fn start(&self, handler: impl Handler) -> Worker {
        self.start_with(
            handler,
            Limits {
                records: 40,
                bytes: 1 << 20,
                ..Limits::default()
            },
        )
    }

    pub(crate) fn start_with(&self, handler: impl Handler, limits: Limits) -> Worker {
        self.start_at(
            handler,
            limits,
            &Hand::at(Timestamp::from_micros(1_700_000_000_000_000)),
        )
    }

    /// By a clock that the hand moves.
    pub(crate) fn start_at(&self, handler: impl Handler, limits: Limits, hand: &Hand) -> Worker {
        let hand = hand.clone();
        let shutdown = CancellationToken::new();
        let status = Status::default();
        let context = Context {
            store: self.store.clone(),
            log: self.log.clone(),
            clock: Arc::new(move || hand.get()),
            shutdown: shutdown.clone(),
            limits,
            status: status.clone(),
        };
        Worker {
            status,
            shutdown,
            task: tokio::spawn(run(handler, context)),
        }
    }

    /// Publishes one message per id to `topic`, by turns to each partition.
    pub(crate) async fn send(&self, topic: &'static str, ids: impl IntoIterator<Item = u32>) {
        self.send_messages(
            ids.into_iter()
                .map(|id| message(topic, id % PARTITIONS, &id.to_string()))
                .collect(),
        )
        .await;
    }

    pub(crate) async fn send_messages(&self, messages: Vec<Message>) {
        self.log.publish(messages).await.expect("publishes");
    }

    /// What is in the journal, by partition.
    pub(crate) async fn journal(&self, journal: Journal) -> BTreeMap<u32, Vec<Entry>> {
        let mut reader = self.store.read().await.expect("a connection");
        let mut entries = BTreeMap::new();
        for partition in 0..PARTITIONS {
            entries.insert(
                partition,
                journal::after(reader.conn(), journal, partition, 0, 100_000)
                    .await
                    .expect("reads"),
            );
        }
        entries
    }

    /// Everything on a topic, by partition.
    pub(crate) async fn read_topic(&self, topic: &'static str) -> BTreeMap<u32, Vec<Record>> {
        crate::topics::read_all(
            &self.log,
            topic,
            match &self.kind {
                Kind::Parts { settings, .. } => Some(settings),
                Kind::Local(_) => None,
            },
            &self.store,
        )
        .await
    }
}

/// The cluster, once it answers.
pub(crate) async fn kafka(settings: &Settings) -> Log {
    Log::Kafka(patiently(async || KafkaLog::connect(settings.clone()).await).await)
}

/// Of a clock that stands still until it is moved.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Hand {
    pub(crate) fn at(at: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(at.as_micros())))
    }

    pub(crate) fn set(&self, at: Timestamp) {
        self.0.store(at.as_micros(), Ordering::Release);
    }

    fn get(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Acquire))
    }
}

pub(crate) fn message(topic: &'static str, partition: u32, id: &str) -> Message {
    typed(topic, partition, id, "test.counted")
}

pub(crate) fn typed(topic: &'static str, partition: u32, id: &str, type_name: &str) -> Message {
    Message {
        topic: topic.into(),
        partition,
        key: id.as_bytes().to_vec(),
        headers: vec![(header::CE_TYPE.into(), type_name.into())],
        payload: id.as_bytes().to_vec(),
    }
}

/// A journal's event as it is on the topic.
pub(crate) fn event(topic: &'static str, partition: u32, sequence: i64, type_name: &str) -> Message {
    typed(topic, partition, &format!("{partition}-{sequence}"), type_name)
        .with_header(header::SEQUENCE, sequence.to_string())
}

pub(crate) struct Worker {
    pub(crate) status: Status,
    shutdown: CancellationToken,
    task: JoinHandle<Result<()>>,
}

impl Worker {
    /// In order.
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.expect("no panic").expect("ends well");
    }

    /// Without a word, wherever it stands.
    pub(crate) async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    pub(crate) async fn halted(&self) -> String {
        let mut phase = self.status.watch();
        let found = tokio::time::timeout(
            Duration::from_secs(30),
            phase.wait_for(|phase| matches!(phase, Phase::Halted(_))),
        )
        .await;
        match found
            .unwrap_or_else(|_| panic!("not halted but {:?}", self.status.phase()))
            .expect("watched")
            .clone()
        {
            Phase::Halted(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn waiting(&self) {
        let mut phase = self.status.watch();
        let found = phase.wait_for(|phase| matches!(phase, Phase::Waiting(_)));
        tokio::time::timeout(Duration::from_secs(30), found)
            .await
            .expect("waits")
            .expect("watched");
    }
}

/// How long nothing may change while a test waits. However slow the machine is, what goes on is waited for.
const PATIENCE: Duration = Duration::from_mins(2);

/// Waits until `check` gives nothing more to complain about.
pub(crate) async fn eventually<F: Future<Output = Result<(), String>>>(check: impl Fn() -> F) {
    let (mut last, mut changed) = (String::new(), Instant::now());
    while let Err(complaint) = check().await {
        if complaint != last {
            (last, changed) = (complaint, Instant::now());
        }
        assert!(
            changed.elapsed() < PATIENCE,
            "nothing changes for {PATIENCE:?}: {last}"
        );
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
