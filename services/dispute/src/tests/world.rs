//! An installation with the dispute service on its loop, a clock that is moved by hand, and a lifecycle that decides by the domain's own
//! rules, in the place of the real one.

use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bihuan_contracts::command::{self as clue_command, ClueCommand};
use bihuan_contracts::dispute::{DisputeCommand, DisputeEvent, command, event};
use bihuan_contracts::event::{self as clue_event, ClueEvent};
use bihuan_contracts::{Message, partition_of, topics};
use bihuan_domain::clue::{
    self, Actor, Class, Command as ClueAsked, Conclusion, Decision, Event, Origin, Report, Resolution, Role,
    RoutingDecision, Text,
};
use bihuan_domain::code::{AgencyId, RulebookVersion, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Cause, Claim, Command, Dispute, Envelope, Occurrence, Paper, Position, Ruling};
use bihuan_domain::id::{ClueId, CommandId, DisputeId, RecordId};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Files, Library, compile, remember};
use bihuan_store::activation::{self, Activation};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Store, Tx, sql};
use bihuan_stream::kafka::{KafkaLog, Settings};
use bihuan_stream::local::{self, LocalLog};
use bihuan_stream::{Context, Limits, Log, Record, Status, Tail, run};
use sqlx::AssertSqlSafe;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{Disputes, GROUP, MIGRATIONS, show, verify};

pub(super) const PARTITIONS: u32 = 3;
pub(super) const NORTH: &str = "north";
pub(super) const TOWN: &str = "town";
pub(super) const OFFICE: &str = "office";
pub(super) const CITY_OFFICE: &str = "city_office";

const TOML: &str = r#"
label = "test"
time_zone = "Asia/Shanghai"
[policy.verification]
default = { check = false, call_back = false }
[[policy.disputes.coordinators]]
level = "county"
area = "330602"
agency = "office"
[[policy.disputes.coordinators]]
level = "city"
agency = "city_office"
"#;

/// Failures are asked for of the whole process: whoever asks for them is alone.
static FAULTS: RwLock<()> = RwLock::const_new(());

/// Whether others run beside the test: held, never read.
enum Company {
    With(#[expect(dead_code, reason = "held")] RwLockReadGuard<'static, ()>),
    Alone(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>),
}

/// Nothing here is longer than a batch and a look at who is due.
const SOON: Duration = Duration::from_secs(40);

pub(super) struct World {
    _directory: Option<tempfile::TempDir>,
    company: Option<Company>,
    pub(super) store: Store,
    pub(super) log: Log,
    tail: Tail,
    /// What the clues are asked that nobody has obeyed yet.
    asked: VecDeque<Record>,
    clock: Arc<AtomicI64>,
    running: Option<(CancellationToken, JoinHandle<bihuan_stream::Result<()>>)>,
    rulebook: Rulebook,
    current: Rulebook,
    sequences: BTreeMap<u32, i64>,
    clues: BTreeMap<ClueId, (clue::State, i64)>,
    ordinal: u32,
    /// What lifecycle has committed and not published, while it is slow.
    held_back: Option<Vec<Message>>,
}

/// What Kafka has as soon as it is not busy.
async fn once_there<T, F>(ask: impl Fn() -> F) -> T
where
    F: Future<Output = bihuan_stream::Result<T>>,
{
    loop {
        match ask().await {
            Ok(it) => break it,
            Err(error) if error.is_transient() => tokio::time::sleep(Duration::from_millis(200)).await,
            Err(error) => panic!("{error}"),
        }
    }
}

pub(super) fn start() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

pub(super) fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("valid")
}

pub(super) fn of(id: &str) -> Actor {
    Actor::agency(agency(id))
}

pub(super) fn sitting(id: &str) -> Actor {
    Actor {
        role: Role::Coordinator,
        ..of(id)
    }
}

pub(super) fn paper(reference: &str) -> Paper {
    Paper {
        reference: reference.to_owned(),
        digest: Digest::ZERO,
    }
}

pub(super) fn ruling(responsible: &str) -> Command {
    Command::DecideDispute(Ruling {
        responsible: agency(responsible),
        assisting: vec![agency(NORTH)],
        basis: "条例17".to_owned(),
        term: None,
        decision: paper("裁1"),
    })
}

pub(super) fn clue(source_id: &str) -> ClueId {
    ClueId::derive(&source(), source_id)
}

fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

fn report(source_id: &str) -> Report {
    Report {
        source: source(),
        source_id: source_id.to_owned(),
        origin: Origin {
            record: RecordId::of_position("c", "t", 0, 0),
            topic: "t".to_owned(),
            partition: 0,
            offset: 0,
            line: None,
        },
        class: Class::Ordinary,
        reported_at: start(),
        matter: Some("m".parse().expect("valid")),
        area: Some("330602001".parse().expect("valid")),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        attachments: Vec::new(),
        source_due_at: None,
        flags: Vec::new(),
        digest: Digest::ZERO,
        history: None,
        snapshot: None,
        log: None,
    }
}

pub(super) fn compiled(more: &[(&str, &str)]) -> (Files, Rulebook) {
    let mut files = Files::default();
    let of_all = [
        ("rulebook.toml", TOML),
        (
            "areas.csv",
            "code,name,level\n3306,c,city\n330602,a,county\n330602001,b,town\n",
        ),
        (
            "agencies.csv",
            "id,name,level,area\nnorth,n,county,330602\ntown,t,town,330602001\noffice,o,county,330602\ncity_office,c,city,3306\n",
        ),
        ("matters.csv", "code,name\nm,m\n"),
        ("duties.csv", "matter,area,agency\nm,330602,north\n"),
    ];
    for (name, text) in of_all.iter().chain(more) {
        files.insert(name, (*text).to_owned());
    }
    let (rulebook, findings) = compile(&files);
    (files, rulebook.unwrap_or_else(|| panic!("{findings:?}")))
}

impl World {
    pub(super) async fn local() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opens");
        let log = Log::Local(LocalLog::new(store.clone(), PARTITIONS));
        Self::ready(store, log, Some(directory)).await
    }

    /// A database and topics of its own; `None`: nobody said where.
    pub(super) async fn configured() -> Option<Self> {
        let path = std::env::var("BIHUAN_TEST_CONFIG").ok()?;
        let config: toml::Table = std::fs::read_to_string(path).ok()?.parse().expect("TOML");
        let value = |section: &str, key: &str| config[section][key].as_str().expect("a string").to_owned();
        let (database, brokers) = (value("store", "url"), value("log", "brokers"));
        let name = format!("d{:016x}", RandomState::new().hash_one(()));
        let admin = Store::postgres(&database, 1).await.expect("connects");
        let mut reader = admin.read().await.expect("a connection");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("creates");
        let url = format!("{}/{name}", database.rsplit_once('/').expect("a path").0);
        let settings = Settings {
            brokers,
            partitions: PARTITIONS,
            prefix: format!("{name}."),
            properties: BTreeMap::new(),
        };
        let store = Store::postgres(&url, 10).await.expect("connects");
        let log = once_there(|| KafkaLog::connect(settings.clone())).await;
        Some(Self::ready(store, Log::Kafka(log), None).await)
    }

    async fn ready(store: Store, log: Log, directory: Option<tempfile::TempDir>) -> Self {
        let company = Some(Company::With(FAULTS.read().await));
        store
            .migrate(&[local::MIGRATIONS, MIGRATIONS])
            .await
            .expect("migrates");
        let tail = once_there(|| log.tail(&[topics::CLUE_COMMANDS, topics::DISPUTE_EVENTS])).await;
        let (_, rulebook) = compiled(&[]);
        let mut world = Self {
            _directory: directory,
            company,
            store,
            log,
            tail,
            asked: VecDeque::new(),
            clock: Arc::new(AtomicI64::new(start().as_micros())),
            running: None,
            current: rulebook.clone(),
            rulebook,
            sequences: BTreeMap::new(),
            clues: BTreeMap::new(),
            ordinal: 0,
            held_back: None,
        };
        world.activate(1, &[]).await;
        world.run();
        world
    }

    /// No other test runs meanwhile, so that failures hit this one.
    pub(super) async fn alone(mut self) -> Self {
        // it would wait for itself
        self.company = None;
        self.company = Some(Company::Alone(FAULTS.write().await));
        self
    }

    pub(super) fn run(&mut self) {
        let shutdown = CancellationToken::new();
        let clock = self.clock.clone();
        let context = Context {
            store: self.store.clone(),
            log: self.log.clone(),
            clock: Arc::new(move || Timestamp::from_micros(clock.load(Ordering::Acquire))),
            shutdown: shutdown.clone(),
            limits: Limits::default(),
            status: Status::default(),
        };
        let library = Library::new(self.store.clone());
        let service = Disputes::new(self.store.clone(), library, PARTITIONS, self.log.cluster());
        self.running = Some((shutdown, tokio::spawn(run(service, context))));
    }

    pub(super) async fn stop(&mut self) {
        let (shutdown, task) = self.running.take().expect("running");
        shutdown.cancel();
        task.await.expect("no panic").expect("stopped");
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.clock.load(Ordering::Acquire))
    }

    pub(super) fn pass_days(&self, days: i64) {
        self.pass_minutes(days * 24 * 60);
    }

    pub(super) fn pass_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000_000, Ordering::AcqRel);
    }

    /// A rulebook of these files besides those that all have, for clues that are reported from now on.
    pub(super) async fn activate(&mut self, number: u32, more: &[(&str, &str)]) {
        let (files, rulebook) = compiled(more);
        let from = (number > 1).then(|| self.now());
        let mut tx = self.store.begin().await.expect("begins");
        remember(tx.conn(), &files, &rulebook).await.expect("remembered");
        tx.commit().await.expect("commits");
        for partition in 0..PARTITIONS {
            let activated = ClueEvent::RulebookActivated {
                version: rulebook.version.clone(),
                from,
                activation: Some(number),
                why: None,
                backtest: None,
                at: self.now(),
                command: CommandId::derive(&number.to_be_bytes(), "test", partition),
                actor: Actor::service(Role::Operator),
            };
            let sequence = self.sequences.get(&partition).copied().unwrap_or(0) + 1;
            let row = Activation {
                sequence,
                version: rulebook.version.to_string(),
                from,
                number: Some(number),
                withdrawn: None,
            };
            let mut tx = self.store.begin().await.expect("begins");
            activation::insert(tx.conn(), partition, &row)
                .await
                .expect("inserted");
            self.journal(tx, partition, None, vec![activated]).await;
        }
        self.current = rulebook;
    }

    /// Appends to the clues' journal, and brings it to the log.
    async fn journal(&mut self, mut tx: Tx, partition: u32, clue: Option<ClueId>, events: Vec<ClueEvent>) {
        let mut messages = Vec::new();
        for event in events {
            let sequence = self.sequences.entry(partition).or_insert(0);
            *sequence += 1;
            let newest = clue.and_then(|clue| self.clues.get_mut(&clue));
            let entry = Entry {
                partition,
                sequence: *sequence,
                clue: clue.map(|it| it.0),
                previous: newest.as_ref().map(|(_, newest)| *newest).filter(|it| *it > 0),
                at: event.at(),
                type_name: clue_event::type_name(&event).to_owned(),
                payload: clue_event::encode(&event),
            };
            if let Some((_, newest)) = newest {
                *newest = *sequence;
            }
            messages.push(clue_event::message(
                &event,
                partition,
                *sequence as u64,
                "lifecycle",
            ));
            journal::append(tx.conn(), Journal::Clue, &[entry])
                .await
                .expect("appended");
        }
        tx.commit().await.expect("commits");
        match (&mut self.held_back, &self.log) {
            (Some(held_back), _) => held_back.extend(messages),
            (None, Log::Kafka(_)) => self.log.publish(messages).await.expect("published"),
            // the table of the local log is the topic
            (None, _) => {}
        }
    }

    /// From here on lifecycle commits and does not publish, as when Kafka is away from it alone.
    pub(super) fn holds_back(&mut self) {
        self.held_back = Some(Vec::new());
    }

    /// It publishes what it has held back.
    pub(super) async fn brings(&mut self) {
        let messages = self.held_back.take().expect("held back");
        self.log.publish(messages).await.expect("published");
    }

    /// What lifecycle does about a command; whether it was refused.
    pub(super) async fn decide(&mut self, envelope: &clue::Envelope) -> Option<String> {
        let (state, _) = self.clues.entry(envelope.clue).or_default();
        let env = clue::Env {
            rulebook: &self.rulebook,
            current: &self.current,
            number: "1",
        };
        let Decision::Events(occurrences) = clue::decide(state, envelope, &env) else {
            return None;
        };
        for it in &occurrences {
            clue::evolve(state, it);
        }
        let refusal = occurrences.iter().find_map(|it| match &it.event {
            Event::CommandRejected { rejection, .. } => Some(rejection.code.clone()),
            _ => None,
        });
        let events = occurrences.into_iter().map(ClueEvent::Clue).collect();
        let partition = partition_of(envelope.clue, PARTITIONS);
        let tx = self.store.begin().await.expect("begins");
        self.journal(tx, partition, Some(envelope.clue), events).await;
        refusal
    }

    fn next_id(&mut self) -> CommandId {
        self.ordinal += 1;
        CommandId::derive(b"people", "test", self.ordinal)
    }

    /// Somebody asks something of a clue, which must not be refused.
    pub(super) async fn asks_clue(&mut self, clue: ClueId, actor: Actor, command: ClueAsked) -> CommandId {
        let id = self.next_id();
        let envelope = clue::Envelope {
            id,
            clue,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: self.now(),
            command,
            text: Some(Text::remark("不是我们的")),
        };
        assert_eq!(self.decide(&envelope).await, None);
        id
    }

    pub(super) async fn reported(&mut self, source_id: &str) -> ClueId {
        let clue = clue(source_id);
        let source = Actor::service(Role::Source);
        self.asks_clue(clue, source, ClueAsked::ReportClue(report(source_id)))
            .await;
        let assign = ClueAsked::AssignClue {
            agency: agency(NORTH),
            penalty: None,
            assisting: Vec::new(),
            decision: RoutingDecision {
                rulebook: RulebookVersion::none(),
                row: None,
                reason: "matched".to_owned(),
            },
        };
        self.asks_clue(clue, Actor::service(Role::Routing), assign).await;
        clue
    }

    /// A clue that north has and says is the town's.
    pub(super) async fn disputed(&mut self, source_id: &str) -> (ClueId, DisputeId) {
        let clue = self.reported(source_id).await;
        let dispute = self.raised(clue).await;
        (clue, dispute)
    }

    pub(super) async fn raised(&mut self, clue: ClueId) -> DisputeId {
        let claim = |id, position| Claim {
            agency: agency(id),
            position,
            duty: Some("7".to_owned()),
        };
        let raise = ClueAsked::RaiseDispute {
            cause: Cause::ByAgency,
            parties: vec![claim(NORTH, Some(Position::Denies)), claim(TOWN, None)],
        };
        let id = self.asks_clue(clue, of(NORTH), raise).await;
        let dispute = DisputeId::derive(clue, id);
        self.happens("DisputeOpened").await;
        dispute
    }

    pub(super) fn resolution() -> ClueAsked {
        ClueAsked::ResolveClue(Resolution {
            conclusion: Conclusion::Rectified,
            measures: Vec::new(),
            evidence: Vec::new(),
            substantiated: Some(true),
            matter: None,
            legal_basis: None,
            document_number: None,
        })
    }

    pub(super) fn envelope(&mut self, dispute: DisputeId, actor: Actor, command: Command) -> Envelope {
        Envelope {
            id: self.next_id(),
            dispute,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: self.now(),
            command,
            text: Some(Text::remark("说明")),
        }
    }

    /// Somebody asks something of a dispute.
    pub(super) async fn asks(&mut self, clue: ClueId, dispute: DisputeId, actor: Actor, command: Command) {
        let envelope = self.envelope(dispute, actor, command);
        self.sends(&DisputeCommand { clue, envelope }).await;
    }

    pub(super) async fn sends(&self, asked: &DisputeCommand) {
        let message = command::message(asked, partition_of(asked.clue, PARTITIONS), "test");
        self.publishes(message).await;
    }

    pub(super) async fn publishes(&self, message: Message) {
        self.log.publish(vec![message]).await.expect("published");
    }

    async fn next(&mut self) -> Record {
        let next = tokio::time::timeout(SOON, self.tail.next());
        next.await.expect("in time").expect("the tail lives")
    }

    /// Waits for the next event of this name.
    pub(super) async fn happens(&mut self, name: &str) -> Occurrence {
        loop {
            let record = self.next().await;
            if &*record.topic == topics::CLUE_COMMANDS {
                self.asked.push_back(record);
                continue;
            }
            let event = event::decode(&record.payload).expect("an event");
            if let DisputeEvent::Dispute { occurrence, .. } = event
                && occurrence.event.name() == name
            {
                return occurrence;
            }
        }
    }

    /// Waits until a message was put away.
    pub(super) async fn puts_away(&mut self) -> (String, Option<String>) {
        loop {
            let record = self.next().await;
            if &*record.topic == topics::CLUE_COMMANDS {
                self.asked.push_back(record);
            } else if let Ok(DisputeEvent::CommandQuarantined { reason, field, .. }) =
                event::decode(&record.payload)
            {
                return (reason, field);
            }
        }
    }

    /// The next command that the service has for a clue.
    pub(super) async fn told(&mut self) -> clue::Envelope {
        let record = loop {
            if let Some(record) = self.asked.pop_front() {
                break record;
            }
            let record = self.next().await;
            if &*record.topic == topics::CLUE_COMMANDS {
                break record;
            }
        };
        match clue_command::decode(&record.payload) {
            Ok(ClueCommand::Clue(envelope)) => envelope,
            other => panic!("{other:?}"),
        }
    }

    /// Lifecycle does what the next command asks, which must not be refused.
    pub(super) async fn obeys(&mut self) -> ClueAsked {
        let envelope = self.told().await;
        assert_eq!(self.decide(&envelope).await, None, "{:?}", envelope.command);
        envelope.command
    }

    /// What came already.
    pub(super) fn told_already(&mut self) -> Option<clue::Envelope> {
        let record = self.asked.pop_front()?;
        match clue_command::decode(&record.payload) {
            Ok(ClueCommand::Clue(envelope)) => Some(envelope),
            other => panic!("{other:?}"),
        }
    }

    /// From here on lifecycle goes by no rulebook, and takes everybody for an agency.
    pub(super) fn forgets_agencies(&mut self) {
        self.rulebook = Rulebook::none();
        self.current = Rulebook::none();
    }

    /// Nothing more is asked of any clue.
    pub(super) async fn says_nothing(&mut self) {
        let until = tokio::time::Instant::now() + Duration::from_millis(2_500);
        while let Ok(record) = tokio::time::timeout_at(until, self.tail.next()).await {
            let record = record.expect("the tail lives");
            if &*record.topic == topics::CLUE_COMMANDS {
                self.asked.push_back(record);
            }
        }
        assert!(self.asked.is_empty(), "{:?}", self.asked);
    }

    pub(super) fn clue_of(&self, clue: ClueId) -> &clue::Clue {
        self.clues[&clue].0.clue.as_ref().expect("reported")
    }

    pub(super) async fn dispute(&self, id: DisputeId) -> Dispute {
        let shown = show(&self.store, id).await.expect("read");
        shown.expect("known").dispute
    }

    /// Everything that was journalled of disputes.
    pub(super) async fn entries(&self) -> Vec<Entry> {
        let mut reader = self.store.read().await.expect("a connection");
        let mut all = Vec::new();
        for partition in 0..PARTITIONS {
            let entries = journal::after(reader.conn(), Journal::Dispute, partition, 0, 10_000).await;
            all.extend(entries.expect("read"));
        }
        all
    }

    pub(super) async fn execute(&self, text: &'static str) {
        let mut tx = self.store.begin().await.expect("begins");
        sql!(tx.conn(), c => sqlx::query(text).execute(c).await.map(|_| ())).expect("done");
        tx.commit().await.expect("commits");
    }

    /// Everything is as the events say.
    pub(super) async fn proves(&self) {
        let mut reader = self.store.snapshot().await.expect("a snapshot");
        let (compared, differences) = verify::verify(&mut reader).await.expect("read");
        assert_eq!(differences, []);
        assert!(compared > 0);
        let chain = bihuan_store::chain::verify(&mut reader, Journal::Dispute, GROUP).await;
        assert_eq!(chain.expect("read").1, []);
    }
}
