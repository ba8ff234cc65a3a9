//! Lifecycle and its routes over a store in a folder.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware::from_fn;
use bihuan_contracts::command::{self, ActivateRulebook, ClueCommand};
use bihuan_contracts::{feedback, partition_of, topics};
use bihuan_domain::clue::{Actor, Class, Command, Envelope, Origin, Report, Role, Text};
use bihuan_domain::code::SourceId;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Files, Library, compile, remember};
use bihuan_runtime::clock::Hand;
use bihuan_runtime::{Clock, problem};
use bihuan_store::Store;
use bihuan_stream::local::{self, LocalLog};
use bihuan_stream::{Answers, Context, Limits, Log, Status, run};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::super::{Api, Commands, LookUp, routes};
use crate::{Lifecycle, MIGRATIONS};

pub(super) const PARTITIONS: u32 = 3;
pub(super) const NUMBER: &str = "330602-20260105-000001";

pub(super) fn now() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

pub(super) fn clue(source_id: &str) -> ClueId {
    ClueId::derive(&source(), source_id)
}

fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

pub(super) struct Harness {
    _directory: tempfile::TempDir,
    pub(super) store: Store,
    log: Log,
    routes: Router,
    pub(super) commands: Commands,
    /// Of the loop.
    pub(super) status: Status,
    clock: Clock,
    /// Moves the clock of routes and loop.
    pub(super) hand: Hand,
    shutdown: CancellationToken,
}

/// What was answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(super) fn command_id(&self) -> String {
        self.body["command_id"].as_str().expect("a command id").to_owned()
    }
}

impl Harness {
    /// With clue `1` reported.
    pub(super) async fn start() -> Self {
        let harness = Self::without_lifecycle().await;
        harness.run();
        harness.report("1").await;
        harness
    }

    pub(super) async fn without_lifecycle() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        store
            .migrate(&[local::MIGRATIONS, MIGRATIONS])
            .await
            .expect("migrated");
        let log = Log::Local(LocalLog::new(store.clone(), PARTITIONS));
        let (clock, hand) = Clock::fixed(now());
        let answers = Answers::follow(log.clone(), &[topics::CLUE_EVENTS]);
        let commands = Commands::new(store.clone(), log.clone(), clock.clone(), answers);
        let look_up: LookUp =
            Arc::new(|number| Box::pin(async move { Ok((number == NUMBER).then(|| clue("1"))) }));
        let routes = routes(Api {
            commands: commands.clone(),
            look_up,
        })
        .layer(from_fn(problem::localize));
        Self {
            _directory: directory,
            store,
            log,
            routes,
            commands,
            status: Status::default(),
            clock,
            hand,
            shutdown: CancellationToken::new(),
        }
    }

    pub(super) fn run(&self) -> JoinHandle<bihuan_stream::Result<()>> {
        let clock = self.clock.clone();
        let context = Context {
            store: self.store.clone(),
            log: self.log.clone(),
            clock: Arc::new(move || clock.now()),
            shutdown: self.shutdown.clone(),
            limits: Limits::default(),
            status: self.status.clone(),
        };
        let library = Library::new(self.store.clone());
        tokio::spawn(run(
            Lifecycle::new(self.store.clone(), library, PARTITIONS, self.log.cluster()),
            context,
        ))
    }

    pub(super) fn library(&self) -> Library {
        Library::new(self.store.clone())
    }

    /// Activates a rulebook of these files, besides the few that every one needs, in all partitions.
    pub(super) async fn activate(&self, number: u32, more: &[(&str, &str)]) {
        self.activate_from(number, None, more).await;
    }

    /// The same from a time on.
    pub(super) async fn activate_from(&self, number: u32, from: Option<Timestamp>, more: &[(&str, &str)]) {
        let mut files = Files::default();
        let head = format!("label = \"{number}\"\ntime_zone = \"Asia/Shanghai\"\n");
        files.insert("rulebook.toml", head);
        files.insert("areas.csv", "code,name,level\n330602,a,county\n".to_owned());
        files.insert(
            "agencies.csv",
            "id,name,level,area\nnorth,n,county,330602\n".to_owned(),
        );
        files.insert("matters.csv", "code,name\nm,m\n".to_owned());
        files.insert("duties.csv", "matter,area,agency\nm,330602,north\n".to_owned());
        for (name, text) in more {
            files.insert(name, (*text).to_owned());
        }
        let (rulebook, findings) = compile(&files);
        let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:?}"));
        let mut tx = self.store.begin().await.expect("begins");
        remember(tx.conn(), &files, &rulebook).await.expect("remembered");
        tx.commit().await.expect("commits");
        for partition in 0..PARTITIONS {
            let asked = ActivateRulebook {
                id: CommandId::derive(&number.to_be_bytes(), "test", partition),
                version: rulebook.version.clone(),
                from,
                activation: Some(number),
                why: None,
                backtest: None,
                actor: Actor::service(Role::Operator),
                received_at: self.clock.now(),
            };
            let message = command::message(&ClueCommand::ActivateRulebook(asked), partition, "test");
            self.log.publish(vec![message]).await.expect("published");
        }
    }

    /// Ends the loops that run, in order.
    pub(super) fn stop(&self) {
        self.shutdown.cancel();
    }

    /// Reports the clue and waits until lifecycle has it.
    pub(super) async fn report(&self, source_id: &str) {
        let envelope = Envelope {
            id: CommandId::derive(source_id.as_bytes(), "test", 0),
            clue: clue(source_id),
            causation: None,
            actor: Actor::service(Role::Source),
            expected_version: None,
            occurred_at: None,
            received_at: now(),
            command: Command::ReportClue(report(source_id)),
            text: Some(Text {
                title: Some("占道".to_owned()),
                ..Text::default()
            }),
        };
        let partition = partition_of(envelope.clue, PARTITIONS);
        let message = command::message(&ClueCommand::Clue(envelope), partition, "test");
        self.log.publish(vec![message]).await.expect("published");
        while self.commands.history(clue(source_id)).await.expect("read").len() < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Publishes what an agency's platform says of the clue; `number` tells one message from another.
    pub(super) async fn feed_back(&self, source_id: &str, number: u32, command: Command) {
        let platform = SourceId::new("agency-platform").expect("valid");
        let envelope = Envelope {
            id: CommandId::derive(source_id.as_bytes(), "feedback", number),
            clue: clue(source_id),
            causation: Some(feedback::causation(
                &platform,
                &format!("clue.inbound.v1/0/{number}"),
            )),
            actor: Actor::agency("north".parse().expect("valid")),
            expected_version: None,
            occurred_at: None,
            received_at: now(),
            command,
            text: Some(Text::remark("已到场")),
        };
        let partition = partition_of(envelope.clue, PARTITIONS);
        let message = command::message(&ClueCommand::Feedback(envelope), partition, "test");
        self.log.publish(vec![message]).await.expect("published");
    }

    pub(super) async fn post(&self, clue: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::post(format!("/api/v1/clues/{clue}/commands"));
        if headers.iter().all(|(name, _)| *name != "content-type") {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.ask(request.body(body.into()).expect("a request")).await
    }

    pub(super) async fn post_to(&self, path: &str, body: &'static str) -> Answer {
        let request = Request::post(path).header("content-type", "application/json");
        self.ask(request.body(Body::from(body)).expect("a request")).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(
            Request::get(path)
                .header("accept-language", "en")
                .body(Body::empty())
                .expect("a request"),
        )
        .await
    }

    /// Asks until the command is no longer pending.
    pub(super) async fn settled(&self, command_id: &str) -> Answer {
        loop {
            let answer = self.get(&format!("/api/v1/commands/{command_id}")).await;
            if answer.status != StatusCode::ACCEPTED {
                return answer;
            }
            assert_eq!(
                (answer.header("retry-after"), &answer.body["status"]),
                ("1", &"pending".into())
            );
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self
            .routes
            .clone()
            .oneshot(request)
            .await
            .expect("infallible")
            .into_parts();
        let bytes = to_bytes(body, 1 << 20).await.expect("a body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub(super) fn report(source_id: &str) -> Report {
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
        reported_at: now(),
        matter: Some("330217B00000".parse().expect("valid")),
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
