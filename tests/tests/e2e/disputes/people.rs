//! Two agencies that return whatever they get to each other, and a city that decides some of what comes of it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::dispute::command as dispute_command;
use bihuan_contracts::dispute::{DisputeEvent, event as dispute_event};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{Message, dispute, partition_of};
use bihuan_domain::clue::{Actor, Event, Occurrence, Role};
use bihuan_domain::dispute as duty;
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use e2e::http;
use e2e::installation::Installation;
use e2e::kafka::{PARTITIONS, Sender, Sent};
use e2e::random::Random;
use serde_json::{Value, json};

use crate::ladder::now;

const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// How they reach the services.
pub(super) enum Desk<'a> {
    Kafka(Sender),
    Http(Box<dyn Fn() -> String + Send + 'a>),
}

/// What somebody asks for, of a clue or of its dispute.
struct Plan {
    clue: ClueId,
    dispute: Option<DisputeId>,
    id: String,
    body: Value,
}

pub(super) struct People<'a> {
    pub(super) installation: &'a Installation,
    pub(super) desk: Desk<'a>,
    pub(super) random: Random,
}

/// What becomes of the dispute over a clue: they agree, it is decided and obeyed, decided and ignored, or nobody does anything.
fn kind(clue: ClueId) -> u8 {
    clue.0.as_bytes()[3] % 8
}

fn agency(name: &str) -> Value {
    json!({"role": "agency", "agency": name, "person": "A1"})
}

fn paper(name: &str) -> Value {
    json!({"reference": name, "digest": DIGEST})
}

impl People<'_> {
    /// Works until told to stop.
    pub(super) fn work(mut self, stop: &AtomicBool) {
        let lanes = || (0..PARTITIONS as i32).map(|lane| (lane, 0)).collect();
        let (mut of_clues, mut of_disputes): (BTreeMap<i32, i64>, BTreeMap<i32, i64>) = (lanes(), lanes());
        let mut plans: Vec<Plan> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            self.read("clue_event", &mut of_clues, |payload| {
                if let ClueEvent::Clue(it) = event::decode(payload).expect("an event") {
                    plans.extend(of_clue(&it));
                }
            });
            self.read("dispute_event", &mut of_disputes, |payload| {
                if let DisputeEvent::Dispute { clue, occurrence } =
                    dispute_event::decode(payload).expect("an event")
                {
                    plans.extend(of_dispute(clue, &occurrence));
                }
            });
            let mut sent = 0;
            for plan in &plans {
                let twice = self.random.percent(20);
                if !self.desk.send(plan) || twice && !self.desk.send(plan) {
                    break;
                }
                sent += 1;
            }
            plans.drain(..sent);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn read(&self, table: &str, read: &mut BTreeMap<i32, i64>, mut each: impl FnMut(&[u8])) {
        for (lane, sequence) in read {
            // before the first start there is nothing to read
            let found = self.installation.tables().try_after(table, *lane, *sequence, 500);
            for entry in found.unwrap_or_default() {
                *sequence = entry.sequence;
                each(&entry.payload);
            }
        }
    }
}

fn of_clue(it: &Occurrence) -> Vec<Plan> {
    let returned = |by: &str, to: &str| json!({"type": "request_return", "duty": "d-1", "proposed": to, "reason": "不属于本单位职责", "actor": agency(by)});
    let bodies = match &it.event {
        Event::ClueAssigned { .. } => vec![returned("east", "west")],
        Event::ClueTransferred { .. } => vec![returned("west", "east")],
        // whoever is designated would return it again, and signs for it or not
        Event::ClueDesignated { assignment, .. } => {
            let (mine, other) = match assignment.agency.as_str() {
                "east" => ("east", "west"),
                _ => ("west", "east"),
            };
            let signs = json!({"type": "acknowledge_clue", "actor": agency(mine)});
            let mut bodies = vec![returned(mine, other)];
            if kind(it.clue) != 3 {
                bodies.push(signs);
            }
            bodies
        }
        _ => Vec::new(),
    };
    let plan = |(number, body)| Plan {
        clue: it.clue,
        dispute: None,
        id: format!("{}-{}-{number}", it.clue, it.version),
        body,
    };
    bodies.into_iter().enumerate().map(plan).collect()
}

fn of_dispute(clue: ClueId, it: &duty::Occurrence) -> Option<Plan> {
    let body = match &it.event {
        duty::Event::DisputeOpened { .. } if kind(clue) < 2 => json!({
            "type": "record_minutes", "agreed": "west", "minutes": paper("minutes-1"), "actor": agency("west"),
        }),
        duty::Event::StepLapsed {
            then: duty::Then::Next(duty::Step::Decision),
            ..
        } if (2..6).contains(&kind(clue)) => json!({
            "type": "decide_dispute", "responsible": "east", "basis": "条例第十七条", "decision": paper("ruling-1"),
            "actor": {"role": "coordinator", "agency": "city", "person": "C1"},
        }),
        _ => return None,
    };
    Some(Plan {
        clue,
        dispute: Some(it.dispute),
        id: format!("{}-{}", it.dispute, it.version),
        body,
    })
}

impl Plan {
    fn message(&self) -> Message {
        let id = CommandId::derive(self.id.as_bytes(), "e2e", 0);
        let (by, lane) = (
            Actor::service(Role::Coordinator),
            partition_of(self.clue, PARTITIONS),
        );
        match self.dispute {
            None => {
                let request = command::from_json(self.clue, &self.body).expect("a command");
                let envelope = request.into_envelope(id, None, by, now());
                command::message(&ClueCommand::Clue(envelope), lane, "e2e")
            }
            Some(dispute) => {
                let request = dispute::from_json(dispute, &self.body).expect("a command");
                dispute_command::message(&request.into_command(self.clue, id, by, now()), lane, "e2e")
            }
        }
    }
}

impl Desk<'_> {
    /// Whether somebody took it.
    fn send(&self, plan: &Plan) -> bool {
        match self {
            Self::Kafka(sender) => {
                let message = plan.message();
                let headers = message.headers.into_iter();
                sender.send(&Sent {
                    topic: message.topic.into_owned(),
                    partition: message.partition,
                    key: plan.clue.to_string(),
                    headers: headers.map(|(name, value)| (name.into_owned(), value)).collect(),
                    payload: message.payload,
                });
                sender.flush();
                true
            }
            Self::Http(base) => {
                let about = match plan.dispute {
                    None => format!("clues/{}", plan.clue),
                    Some(dispute) => format!("disputes/{dispute}"),
                };
                let url = format!("{}/api/v1/{about}/commands", base());
                match http::post(&url, &[("Idempotency-Key", &plan.id)], &plan.body) {
                    Some((200 | 202 | 409 | 422, _)) => true,
                    None | Some((503, _)) => false,
                    Some((status, body)) => panic!("{status} {body} to {}", plan.body),
                }
            }
        }
    }
}
