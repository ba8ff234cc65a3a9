//! What makes a record the one that was read before, and whose headers are believed: over the local log, as the loop runs it.

use std::collections::BTreeSet;
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::{Message, header};
use bihuan_domain::clue::{Command, Envelope, Report};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::ClueId;
use bihuan_store::{lease, sql};
use bihuan_stream::local::{self, LocalLog};
use bihuan_stream::{Context, Limits, Log, Status, Tail, run};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::import::Import;
use crate::reading::MAX_NAME;
use crate::{MIGRATIONS, remember};

mod feedback;
mod records;

const PARTITIONS: u32 = 2;
const PLATFORM: &str = "grid.out";
/// Of an agency's platform.
const AGENCIES: &str = "agencies.out";

fn now() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

fn mapping(source: &str) -> Mapping {
    let text = format!(
        "source = \"{source}\"\nkind = \"clue\"\nmode = \"history\"\nformat = \"json\"\ntime_zone = \"UTC\"\n\
         [clue]\nid = \"id\"\nreported_at = \"at\"\n[history]\nclosed_at = \"closed\"\nconclusion = {{ from = \"c\", default = \"unstated\" }}\n"
    );
    Mapping::parse(&text).expect("a good mapping")
}

/// Intake at work, reading a platform's topic besides its own.
struct World {
    directory: tempfile::TempDir,
    store: Store,
    log: Log,
    commands: Tail,
    running: Option<tokio::task::JoinHandle<bihuan_stream::Result<()>>>,
    shutdown: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

impl World {
    async fn start() -> Self {
        let mut world = Self::embedded().await;
        let agencies = Source {
            topic: AGENCIES.to_owned(),
            ..platform(Arc::new(feedback::platform("\"签收\" = \"acknowledge\"")))
        };
        world.go(vec![platform(Arc::new(mapping("grid"))), agencies]);
        world
    }

    /// Reads the platform's topic by this mapping.
    async fn reading(mapping: Arc<Mapping>) -> Self {
        let mut world = Self::embedded().await;
        world.go(vec![platform(mapping)]);
        world
    }

    async fn embedded() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        let log = Log::Local(LocalLog::new(store.clone(), PARTITIONS));
        Self::over(directory, store, log).await
    }

    async fn over(directory: tempfile::TempDir, store: Store, log: Log) -> Self {
        store
            .migrate(&[local::MIGRATIONS, MIGRATIONS])
            .await
            .expect("migrated");
        let commands = log.tail(&[topics::CLUE_COMMANDS]).await.expect("followed");
        Self {
            directory,
            store,
            log,
            commands,
            shutdown: CancellationToken::new(),
            running: None,
        }
    }

    fn go(&mut self, sources: Vec<Source>) {
        let (store, log) = (self.store.clone(), self.log.clone());
        let library = Library::new(store.clone());
        let intake = Intake::new(store.clone(), library, sources, PARTITIONS, log.cluster());
        self.shutdown = CancellationToken::new();
        let context = Context {
            store,
            log,
            clock: Arc::new(now),
            shutdown: self.shutdown.clone(),
            limits: Limits::default(),
            status: Status::default(),
        };
        self.running = Some(tokio::spawn(run(intake, context)));
    }

    /// Ends after what it is at, and begins anew.
    async fn restart(&mut self, sources: Vec<Source>) {
        self.shutdown.cancel();
        if let Some(running) = self.running.take() {
            running.await.expect("ended").expect("well");
        }
        self.go(sources);
    }

    /// Stores a mapping, so that messages may name it.
    async fn knows(&self, mapping: &Mapping) {
        let mut tx = self.store.begin().await.expect("begins");
        remember(tx.conn(), mapping).await.expect("stored");
        tx.commit().await.expect("commits");
    }

    /// Publishes, and waits until all of it was read; how many records were counted as read since the beginning.
    async fn read(&self, messages: Vec<Message>) -> i64 {
        let topics: BTreeSet<_> = messages.iter().map(|it| it.topic.to_string()).collect();
        self.log.publish(messages).await.expect("published");
        let mut ends = BTreeSet::new();
        for topic in topics {
            let of_topic = self.log.ends(&topic).await.expect("ends");
            ends.extend(
                of_topic
                    .into_iter()
                    .map(|(partition, end)| (topic.clone(), partition, end)),
            );
        }
        loop {
            let mut reader = self.store.read().await.expect("a reader");
            let leases = lease::list(reader.conn(), GROUP).await.expect("leases");
            drop(reader);
            let position = |topic: &str, partition| {
                leases
                    .iter()
                    .find_map(|lease| lease.positions.get(topic, partition))
            };
            let is_read = |(topic, partition, end): &(String, u32, i64)| {
                *end <= position(topic, *partition).unwrap_or_default().next
            };
            if ends.iter().all(is_read) {
                let read = leases.iter().flat_map(|lease| lease.positions.iter());
                return read.map(|(_, _, position)| position.read).sum();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Cuts the file as `import` does.
    async fn import(&self, content: &str, mapping: &Mapping) -> i64 {
        let path = self.directory.path().join("records.jsonl");
        std::fs::write(&path, content).expect("written");
        let mut file = Import::open(&path, mapping).expect("opened");
        file.remember(&self.store).await.expect("remembered");
        let lane = file.lane(PARTITIONS);
        let mut messages = Vec::new();
        while let Some(cut) = file.next() {
            messages.push(file.message(&cut.expect("a record"), lane, false, now()));
        }
        self.read(messages).await
    }

    /// The next command, whoever speaks by it, and its partition.
    async fn sent(&mut self) -> (u32, ClueCommand) {
        let record = tokio::time::timeout(Duration::from_secs(20), self.commands.next())
            .await
            .expect("in time")
            .expect("a record");
        let command = command::decode(&record.payload).expect("a command");
        (record.partition, command)
    }

    /// The next command, which must be a source's.
    async fn command(&mut self) -> Envelope {
        match self.sent().await.1 {
            ClueCommand::Clue(envelope) => envelope,
            other => panic!("{other:?}"),
        }
    }

    /// The next command, which must be a report.
    async fn report(&mut self) -> (Envelope, Report) {
        let envelope = self.command().await;
        match envelope.command.clone() {
            Command::ReportClue(report) => (envelope, report),
            other => panic!("{other:?}"),
        }
    }

    async fn quarantined(&self) -> Vec<(String, Vec<u8>)> {
        let mut reader = self.store.read().await.expect("a reader");
        sql!(reader.conn(), c => sqlx::query_as("SELECT source, id FROM quarantine ORDER BY source").fetch_all(c).await)
            .expect("rows")
    }
}

/// The platform's topic, read by this mapping.
fn platform(mapping: Arc<Mapping>) -> Source {
    Source {
        topic: PLATFORM.to_owned(),
        mapping,
        start: Start::Beginning,
        route: false,
    }
}

fn clue(source: &str, id: &str) -> ClueId {
    ClueId::derive(&source.parse().expect("valid"), id)
}

fn message(topic: &'static str, partition: u32, headers: &[(&'static str, &str)], payload: &str) -> Message {
    Message {
        topic: topic.into(),
        partition,
        key: Vec::new(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).into(), value.as_bytes().to_vec()))
            .collect(),
        payload: payload.as_bytes().to_vec(),
    }
}

#[tokio::test]
async fn a_file_of_another_source_is_other_records_and_of_the_same_source_the_same() {
    let mut world = World::start().await;
    let file = "{\"id\": \"1\", \"at\": \"2026-01-05T00:00:00\"}\nno record\n";
    let (grid, hotline) = (mapping("grid"), mapping("hotline"));
    assert_eq!(world.import(file, &grid).await, 2);
    assert_eq!(world.import(file, &hotline).await, 4, "other records");
    assert_eq!(world.import(file, &grid).await, 4, "repeats");
    assert_eq!(world.import(file, &hotline).await, 4, "repeats");
    let (one, other) = (world.report().await.0, world.report().await.0);
    assert_eq!(
        BTreeSet::from([one.clue, other.clue]),
        BTreeSet::from([clue("grid", "1"), clue("hotline", "1")])
    );
    assert_ne!(one.id, other.id);
    let quarantined = world.quarantined().await;
    let sources: Vec<_> = quarantined.iter().map(|(source, _)| source.as_str()).collect();
    assert_eq!(sources, ["grid", "hotline"]);
    assert_ne!(
        quarantined[0].1, quarantined[1].1,
        "each can be replayed by itself"
    );
}

#[tokio::test]
async fn headers_of_ours_count_on_the_topic_of_ours_alone() {
    let mut world = World::start().await;
    let other = mapping("hotline");
    let mut tx = world.store.begin().await.expect("begins");
    remember(tx.conn(), &other).await.expect("stored");
    tx.commit().await.expect("commits");
    let received = now().plus_days(-3);
    let micros = received.as_micros().to_string();
    let headers = [
        (header::MAPPING, other.digest()),
        (header::FILE, "f"),
        (header::ORDINAL, "0"),
        (header::LINE, "7"),
        (header::ROUTE, "1"),
        (header::RECEIVED_AT, micros.as_str()),
    ];
    let record = |id: &str| {
        format!("{{\"id\": \"{id}\", \"at\": \"2026-01-05T00:00:00\", \"closed\": \"2026-01-05T00:30:00\"}}")
    };
    let known = |report: &Report| {
        let history = report.history.as_ref().expect("history");
        (report.source.to_string(), report.origin.line, history.route)
    };

    let ours = message(topics::CLUE_INBOUND, 0, &headers, &record("1"));
    assert_eq!(world.read(vec![ours]).await, 1);
    let (envelope, report) = world.report().await;
    assert_eq!(known(&report), ("hotline".to_owned(), Some(7), true));
    assert_eq!(envelope.received_at, received);

    let broken = [&headers[..], &[(header::BROKEN, "json"), (header::COLUMNS, "c")]].concat();
    let theirs = ["2", "3"].map(|id| message(PLATFORM, 0, &broken, &record(id)));
    assert_eq!(
        world.read(theirs.to_vec()).await,
        3,
        "one ordinal twice, and no repeat"
    );
    let mut clues = BTreeSet::new();
    for _ in 0..2 {
        let (envelope, report) = world.report().await;
        assert_eq!(known(&report), ("grid".to_owned(), None, false));
        assert_ne!(envelope.received_at, received);
        clues.insert(envelope.clue);
    }
    assert_eq!(clues, BTreeSet::from(["2", "3"].map(|id| clue("grid", id))));
    assert_eq!(world.quarantined().await, [], "not broken because they say so");
}

/// They would go into keys and columns of the database, which refuses them for ever.
#[tokio::test]
async fn names_that_nobody_can_store_are_quarantined_without_them() {
    let world = World::start().await;
    let long = "x".repeat(MAX_NAME + 1);
    let record = "{\"source\": \"grid\", \"id\": \"1\"}";
    let hostile = [
        vec![(header::FILE, "a\0b"), (header::ORDINAL, "0")],
        vec![(header::FILE, long.as_str()), (header::ORDINAL, "0")],
        vec![(header::MAPPING, "a\0b")],
        vec![(header::COLUMNS, "a\nb")],
    ];
    let messages = hostile.map(|headers| message(topics::CLUE_INBOUND, 0, &headers, record));
    assert_eq!(world.read(messages.to_vec()).await, 4);
    let mut reader = world.store.read().await.expect("a reader");
    let rows: Vec<(String, String, Option<String>, Option<String>)> =
        sql!(reader.conn(), c => sqlx::query_as(
        "SELECT reason, field, file, mapping FROM quarantine ORDER BY record_offset"
    ).fetch_all(c).await)
        .expect("rows");
    let expected = [header::FILE, header::FILE, header::MAPPING, header::COLUMNS];
    let expected = expected.map(|field| ("field_invalid".to_owned(), field.to_owned(), None, None));
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn an_event_on_two_partitions_is_two_records_and_on_one_a_repeat() {
    let mut world = World::start().await;
    let headers = [
        (header::CE_SPECVERSION, header::SPECVERSION),
        (header::CE_ID, "e1"),
        (header::CE_SOURCE, "/grid"),
        (header::CE_TYPE, "report"),
        (header::CONTENT_TYPE, header::JSON),
    ];
    let payload = "{\"source\": \"grid\", \"id\": \"1\"}";
    let on = |partition| message(topics::CLUE_INBOUND, partition, &headers, payload);
    assert_eq!(world.read(vec![on(0), on(1), on(0)]).await, 2);
    assert_eq!(world.read(vec![on(1)]).await, 2, "also in a later batch");
    let ids = BTreeSet::from([world.report().await.0.id, world.report().await.0.id]);
    let event = RecordId::of_cloud_event("/grid", "e1");
    let asked = Digest::of([payload.as_bytes()]);
    assert_eq!(
        ids,
        BTreeSet::from([0, 1].map(|on| report_command(event, on).asking(asked)))
    );
    assert_eq!(ids.len(), 2);
}
