//! A store in a folder, the loop over its log, and a clue journal that tests write in lifecycle's place.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bihuan_contracts::delivery::{self, AssignmentNotice, DeliveryEvent, ReminderNotice};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{Message, header, partition_of, topics};
use bihuan_domain::clue::{
    Actor, Assignment, Class, Clocks, Event, Occurrence, Origin, Report, Role, RoutingDecision, TaskEvent,
    TaskKind, Text,
};
use bihuan_domain::code::{AgencyId, RulebookVersion, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_runtime::Clock;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Store, quarantine, text};
use bihuan_stream::local::{self, LocalLog};
use bihuan_stream::{Context, Limits, Log, Record, Status, Tail, run};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::callback::{Callbacks, Retry, Sender, Settings};
use crate::{Config, Delivery, MIGRATIONS};

pub(super) const PARTITIONS: u32 = 3;
pub(super) const NOTICES: &str = "agency.assignments.v1";

pub(super) fn now() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

fn later(seconds: i64) -> Timestamp {
    now().plus_micros(seconds * 1_000_000)
}

pub(super) fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("valid")
}

pub(super) fn clue(source_id: &str) -> ClueId {
    ClueId::derive(&SourceId::new("grid").expect("valid"), source_id)
}

pub(super) fn report(source_id: &str) -> Report {
    Report {
        source: SourceId::new("grid").expect("valid"),
        source_id: source_id.to_owned(),
        origin: Origin {
            record: RecordId::of_position("c", "t", 0, 0),
            topic: "t".to_owned(),
            partition: 0,
            offset: 0,
            line: None,
        },
        class: Class::Ordinary,
        reported_at: now(),
        matter: Some("330217B00000".parse().expect("valid")),
        area: Some("330602001".parse().expect("valid")),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        source_due_at: Some(now().plus_days(7)),
        flags: Vec::new(),
        digest: Digest::ZERO,
        history: None,
        snapshot: None,
        log: None,
    }
}

pub(super) fn reported(source_id: &str) -> Event {
    Event::ClueReported {
        number: format!("330602-20260105-{source_id}"),
        report: report(source_id),
    }
}

/// An agency is asked to assist; as lifecycle has it follow an assignment that names it.
pub(super) fn asked(task: u32, whom: &str) -> Event {
    Event::Task(TaskEvent::Asked {
        task,
        agency: agency(whom),
        kind: TaskKind::Assist,
        due: None,
        arrival: None,
    })
}

pub(super) fn assigned(to: &str, penalty: Option<&str>, assisting: &[&str]) -> Event {
    Event::ClueAssigned {
        assignment: Assignment {
            agency: agency(to),
            penalty: penalty.map(agency),
            assisting: assisting.iter().copied().map(agency).collect(),
        },
        decision: RoutingDecision {
            rulebook: RulebookVersion::none(),
            row: None,
            reason: "matched".to_owned(),
        },
        deadline: Some(now().plus_days(3)),
        recorded: false,
    }
}

/// How sources are told.
pub(super) struct Telling {
    pub(super) callbacks: Callbacks,
    pub(super) retry: Retry,
    pub(super) settings: Settings,
}

pub(super) struct Harness {
    _directory: tempfile::TempDir,
    pub(super) store: Store,
    pub(super) log: Log,
    tail: Tail,
    /// What was read before it was asked for.
    ahead: VecDeque<Record>,
    config: Config,
    telling: Option<Telling>,
    running: Option<(CancellationToken, JoinHandle<bihuan_stream::Result<()>>)>,
    sequences: BTreeMap<u32, i64>,
    versions: BTreeMap<ClueId, u32>,
    /// Of each clue's newest event.
    newest: BTreeMap<ClueId, i64>,
    /// How many seconds have passed.
    passed: Arc<AtomicI64>,
}

impl Harness {
    pub(super) async fn start(config: Config) -> Self {
        Self::with(config, None).await
    }

    /// Sources are told as `telling` says, by a clock that goes.
    pub(super) async fn telling(telling: Telling) -> Self {
        Self::with(Config::default(), Some(telling)).await
    }

    async fn with(config: Config, telling: Option<Telling>) -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        store
            .migrate(&[local::MIGRATIONS, MIGRATIONS])
            .await
            .expect("migrated");
        let log = Log::Local(LocalLog::new(store.clone(), PARTITIONS));
        let tail = log
            .tail(&[NOTICES, topics::CLUE_COMMANDS, topics::DELIVERY_EVENTS])
            .await
            .expect("tail");
        let (sequences, versions) = (BTreeMap::new(), BTreeMap::new());
        let mut harness = Self {
            _directory: directory,
            store,
            log,
            tail,
            ahead: VecDeque::new(),
            config,
            telling,
            running: None,
            sequences,
            versions,
            newest: BTreeMap::new(),
            passed: Arc::default(),
        };
        harness.run();
        harness
    }

    pub(super) fn run(&mut self) {
        let shutdown = CancellationToken::new();
        let passed = self.passed.clone();
        let context = Context {
            store: self.store.clone(),
            log: self.log.clone(),
            clock: match self.telling {
                None => Arc::new(move || later(passed.load(Ordering::Relaxed))),
                Some(_) => Arc::new(|| Clock::wall().now()),
            },
            shutdown: shutdown.clone(),
            limits: Limits::default(),
            status: Status::default(),
        };
        let service = Delivery::new(
            self.store.clone(),
            self.config.clone(),
            PARTITIONS,
            self.log.cluster(),
        );
        let service = match &self.telling {
            None => service,
            Some(telling) => {
                let callbacks = telling.callbacks.clone();
                let sender = Sender::new(
                    context.clone(),
                    Arc::new(callbacks.clone()),
                    telling.settings.clone(),
                );
                tokio::spawn(sender.expect("TLS").run());
                service.telling(callbacks, telling.retry)
            }
        };
        self.running = Some((shutdown, tokio::spawn(run(service, context))));
    }

    /// Another process takes over: nothing that was only in memory is left.
    pub(super) async fn restart(&mut self) {
        self.stop().await;
        self.run();
    }

    pub(super) async fn stop(&mut self) {
        let (shutdown, task) = self.running.take().expect("running");
        shutdown.cancel();
        task.await.expect("no panic").expect("stopped");
    }

    /// Time passes.
    pub(super) fn pass(&self, seconds: i64) {
        self.passed.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Nothing comes for a while.
    pub(super) async fn silent(&mut self) {
        assert!(self.ahead.is_empty(), "something came: {:?}", self.ahead);
        let next = tokio::time::timeout(Duration::from_secs(2), self.tail.next());
        let next = next.await;
        assert!(next.is_err(), "something came: {next:?}");
    }

    /// The next reminder and the journal event about it.
    pub(super) async fn reminder(&mut self) -> (ReminderNotice, DeliveryEvent) {
        let (record, published) = self.accounted(NOTICES).await;
        assert_eq!(&*record.type_name, ReminderNotice::TYPE);
        let notice = ReminderNotice::decode(&record.payload).expect("a reminder");
        (notice, published)
    }

    /// What lifecycle would commit for one command.
    pub(super) async fn happens(&mut self, clue: ClueId, text: Option<Text>, events: Vec<Event>) {
        self.commits(clue, text, events, None).await;
    }

    /// By the event the clue's clocks come to stand so.
    pub(super) async fn winds(&mut self, clue: ClueId, event: Event, clocks: Clocks) {
        self.commits(clue, None, vec![event], Some(clocks)).await;
    }

    async fn commits(
        &mut self,
        clue: ClueId,
        text: Option<Text>,
        events: Vec<Event>,
        clocks: Option<Clocks>,
    ) {
        let partition = partition_of(clue, PARTITIONS);
        let mut tx = self.store.begin().await.expect("begun");
        let (mut entries, mut texts) = (Vec::new(), Vec::new());
        for event in events {
            let version = self.versions.entry(clue).or_insert(0);
            *version += 1;
            let sequence = self.sequences.entry(partition).or_insert(0);
            *sequence += 1;
            if let (Some(text), true) = (&text, entries.is_empty()) {
                texts.push(text::Stored {
                    partition,
                    clue,
                    version: *version,
                    text: text.clone(),
                });
            }
            let event = ClueEvent::Clue(Occurrence {
                clue,
                version: *version,
                at: now(),
                received_at: later(self.passed.load(Ordering::Relaxed)),
                command: CommandId::derive(&version.to_be_bytes(), "test", 0),
                causation: None,
                actor: Actor::service(Role::Routing),
                text: None,
                clocks: clocks.clone(),
                event,
            });
            entries.push(Entry {
                partition,
                sequence: *sequence,
                clue: Some(clue.0),
                previous: self.newest.insert(clue, *sequence),
                at: now(),
                type_name: event::type_name(&event).to_owned(),
                payload: event::encode(&event),
            });
        }
        journal::append(tx.conn(), Journal::Clue, &entries)
            .await
            .expect("appended");
        text::append(tx.conn(), &texts).await.expect("appended");
        tx.commit().await.expect("committed");
    }

    /// What an agency's system sends, on a partition of its choice.
    pub(super) async fn sends(
        &self,
        topic: &'static str,
        headers: &[(&'static str, &str)],
        payload: impl Into<Vec<u8>>,
    ) {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).into(), value.as_bytes().to_vec()))
            .collect();
        let message = Message {
            topic: topic.into(),
            partition: 2,
            key: Vec::new(),
            headers,
            payload: payload.into(),
        };
        self.log.publish(vec![message]).await.expect("published");
    }

    async fn next(&mut self) -> Record {
        if let Some(record) = self.ahead.pop_front() {
            return record;
        }
        let next = tokio::time::timeout(Duration::from_secs(20), self.tail.next());
        next.await.expect("in time").expect("the tail lives")
    }

    /// The next `count` notices and as many journal events about them.
    pub(super) async fn notices(&mut self, count: usize) -> Vec<(AssignmentNotice, Record)> {
        let (mut notices, mut published) = (Vec::new(), 0);
        while notices.len() < count || published < count {
            let record = self.next().await;
            if &*record.topic == NOTICES {
                let notice = AssignmentNotice::decode(&record.payload).expect("a notice");
                assert_eq!(&*record.type_name, AssignmentNotice::TYPE);
                assert_eq!(
                    (record.partition, &record.key),
                    (
                        partition_of(notice.clue, PARTITIONS),
                        &notice.clue.to_string().into_bytes()
                    )
                );
                assert_eq!(
                    record.header(header::CE_SUBJECT),
                    Some(notice.clue.to_string().as_str())
                );
                notices.push((notice, record));
            } else {
                let event = delivery::decode(&record.payload).expect("an event");
                assert!(
                    matches!(event, DeliveryEvent::AssignmentPublished { .. }),
                    "{event:?}"
                );
                published += 1;
            }
        }
        notices
    }

    /// The next command for lifecycle and the event that accounts for it.
    pub(super) async fn command(&mut self) -> (Record, DeliveryEvent) {
        self.accounted(topics::CLUE_COMMANDS).await
    }

    /// The next message of the topic and the next event of delivery's journal. One of the two can be read further ahead.
    async fn accounted(&mut self, topic: &str) -> (Record, DeliveryEvent) {
        let (mut message, mut event, mut ahead) = (None, None, VecDeque::new());
        while message.is_none() || event.is_none() {
            let record = self.next().await;
            if message.is_none() && &*record.topic == topic {
                message = Some(record);
            } else if event.is_none() && &*record.topic == topics::DELIVERY_EVENTS {
                event = Some(delivery::decode(&record.payload).expect("an event"));
            } else {
                ahead.push_back(record);
            }
        }
        ahead.append(&mut self.ahead);
        self.ahead = ahead;
        message.zip(event).expect("both")
    }

    /// The next message that was put away: reason, field, and its row.
    pub(super) async fn quarantined(&mut self) -> (String, Option<String>, quarantine::Quarantined) {
        let record = self.next().await;
        let event = delivery::decode(&record.payload).expect("an event");
        let DeliveryEvent::FeedbackQuarantined {
            id, reason, field, ..
        } = event
        else {
            panic!("{event:?}")
        };
        let mut reader = self.store.read().await.expect("a reader");
        let row = quarantine::get(reader.conn(), record.partition, id)
            .await
            .expect("read")
            .expect("there");
        (reason, field, row)
    }
}
