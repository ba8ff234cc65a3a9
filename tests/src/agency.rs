//! Everybody who handles clues, as one machine: agencies sign for what they are given and resolve it, somebody else checks, and a
//! coordinator closes. It follows the journal and answers each event with commands whose ids derive from the event, so it may
//! send anything twice, and does.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand, from_json};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Event, Occurrence, Role};
use bihuan_domain::id::CommandId;
use serde_json::{Value, json};

use crate::http;
use crate::journal::Tables;
use crate::kafka::{Follower, PARTITIONS, Sender, Sent};
use crate::random::Random;

/// How they hear of clues and where they answer.
pub enum Desk<'a> {
    /// From the journal's topic; agencies answer on theirs, the others as lifecycle reads it.
    Kafka { follower: Follower, sender: Sender },
    /// From the journal's table; everybody answers over HTTP.
    Http {
        tables: &'a Tables,
        base: Box<dyn Fn() -> String + Send + 'a>,
    },
}

impl Desk<'_> {
    pub fn kafka(brokers: &str) -> Self {
        Self::Kafka {
            follower: Follower::new(brokers, "clue.events.v1"),
            sender: Sender::new(brokers),
        }
    }
}

/// A command on its way.
#[derive(Clone, Debug)]
struct Asked {
    clue: bihuan_domain::id::ClueId,
    /// Derives from the event that it answers.
    id: String,
    body: Value,
    by_agency: bool,
}

pub struct Agencies<'a> {
    desk: Desk<'a>,
    random: Random,
    read: BTreeMap<i32, i64>,
    waiting: VecDeque<Asked>,
    /// Percent of the commands that are sent twice.
    twice: usize,
}

impl<'a> Agencies<'a> {
    pub const fn new(desk: Desk<'a>, random: Random) -> Self {
        Self {
            desk,
            random,
            read: BTreeMap::new(),
            waiting: VecDeque::new(),
            twice: 10,
        }
    }

    /// Works until told to stop. Whenever `forget` is raised, all that was read and sent is forgotten and begun again.
    pub fn work(mut self, stop: &AtomicBool, forget: &AtomicBool, sent: &AtomicU64) {
        while !stop.load(Ordering::Relaxed) {
            if forget.swap(false, Ordering::Relaxed) {
                self.read.clear();
                if let Desk::Kafka { follower, .. } = &self.desk {
                    follower.rewind();
                }
            }
            self.read();
            let done = self.send();
            sent.fetch_add(done, Ordering::Relaxed);
            if done == 0 && matches!(self.desk, Desk::Http { .. }) {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn read(&mut self) {
        let payloads: Vec<Vec<u8>> = match &self.desk {
            Desk::Kafka { follower, .. } => {
                let first = follower.next(Duration::from_millis(100));
                let more = std::iter::from_fn(|| follower.next(Duration::ZERO)).take(499);
                first.into_iter().chain(more).map(|found| found.payload).collect()
            }
            Desk::Http { tables, .. } => {
                let read = self.read.entry(0).or_default();
                // before its first start and while it is killed there is nothing to read
                let entries = tables.try_after("clue_event", 0, *read, 200).unwrap_or_default();
                *read = entries.last().map_or(*read, |entry| entry.sequence);
                entries.into_iter().map(|entry| entry.payload).collect()
            }
        };
        for payload in payloads {
            if let ClueEvent::Clue(occurrence) = event::decode(&payload).expect("an event") {
                self.waiting.extend(answers(&occurrence));
            }
        }
    }

    /// Sends what waits, as far as somebody takes it.
    fn send(&mut self) -> u64 {
        let mut sent = 0;
        while let Some(asked) = self.waiting.pop_front() {
            let times = if self.random.percent(self.twice) { 2 } else { 1 };
            for _ in 0..times {
                if !self.desk.send(&asked) {
                    self.waiting.push_front(asked);
                    return sent;
                }
            }
            sent += 1;
        }
        if let Desk::Kafka { sender, .. } = &self.desk {
            sender.flush();
        }
        sent
    }
}

impl Desk<'_> {
    fn send(&self, asked: &Asked) -> bool {
        match self {
            Self::Kafka { sender, .. } => {
                sender.send(&asked.message());
                true
            }
            Self::Http { base, .. } => {
                let url = format!("{}/api/v1/clues/{}/commands", base(), asked.clue);
                let answer = http::post(&url, &[("Idempotency-Key", &asked.id)], &asked.body);
                match answer {
                    Some((202 | 200, _)) => true,
                    None | Some((503, _)) => false,
                    Some((status, body)) => panic!("{status} {body} to {asked:?}"),
                }
            }
        }
    }
}

impl Asked {
    fn message(&self) -> Sent {
        let partition = partition_of(self.clue, PARTITIONS);
        let key = self.clue.to_string();
        if self.by_agency {
            let mut body = self.body.clone();
            body["id"] = self.id.clone().into();
            body["clue"] = key.clone().into();
            return Sent {
                topic: "agency.commands.v1".to_owned(),
                partition,
                key,
                headers: vec![("content-type".to_owned(), b"application/json".to_vec())],
                payload: body.to_string().into_bytes(),
            };
        }
        let request = from_json(self.clue, &self.body).expect("a command");
        let id = CommandId::derive(self.id.as_bytes(), "e2e", 0);
        let received_at = "2026-01-05T00:00:00Z".parse().expect("a time");
        let envelope = request.into_envelope(id, None, Actor::service(Role::Coordinator), received_at);
        let message = command::message(&ClueCommand::Clue(envelope), partition, "e2e");
        Sent {
            topic: message.topic.into_owned(),
            partition,
            key,
            headers: message
                .headers
                .into_iter()
                .map(|(name, value)| (name.into_owned(), value))
                .collect(),
            payload: message.payload,
        }
    }
}

/// What people do about an event.
fn answers(occurrence: &Occurrence) -> Vec<Asked> {
    let asked = |body: Value, by_agency| Asked {
        clue: occurrence.clue,
        id: format!(
            "{}-{}-{}",
            occurrence.clue,
            occurrence.version,
            body["type"].as_str().unwrap_or_default()
        ),
        body,
        by_agency,
    };
    match &occurrence.event {
        Event::ClueAssigned {
            assignment,
            recorded: false,
            ..
        } => {
            let actor = json!({"role": "agency", "agency": assignment.agency.as_str(), "person": "handler"});
            vec![
                asked(json!({"type": "acknowledge_clue", "actor": actor}), true),
                asked(
                    json!({"type": "resolve_clue", "conclusion": "rectified", "actor": actor, "remark": "done"}),
                    true,
                ),
            ]
        }
        Event::ClueResolved { .. } => {
            let actor = json!({"role": "checker", "person": "checker"});
            vec![asked(json!({"type": "pass_check", "actor": actor}), false)]
        }
        Event::CheckPassed => {
            let actor = json!({"role": "coordinator", "person": "coordinator"});
            vec![asked(json!({"type": "close_clue", "actor": actor}), false)]
        }
        _ => Vec::new(),
    }
}
