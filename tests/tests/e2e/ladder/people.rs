//! People who do with a clue what its id says: sign or not, resolve in time or late, suspend, ask for more time, hand over.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bihuan_contracts::command::{self, ClueCommand, from_json};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Event, Occurrence, Role};
use bihuan_domain::id::{ClueId, CommandId};
use e2e::http;
use e2e::installation::Installation;
use e2e::kafka::{PARTITIONS, Sender, Sent};
use e2e::random::Random;
use serde_json::{Value, json};

use super::now;

/// How they reach the services.
pub(crate) enum Desk<'a> {
    Kafka(Sender),
    Http(Box<dyn Fn() -> String + Send + 'a>),
}

/// A command for later.
#[derive(Clone)]
struct Plan {
    at: Instant,
    clue: ClueId,
    id: String,
    body: Value,
}

pub(crate) struct People<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) desk: Desk<'a>,
    pub(crate) random: Random,
    /// How long a limit is on the clock, and how long one has to wait for it.
    pub(crate) limit: i64,
    pub(crate) takes: Duration,
}

impl People<'_> {
    /// Works until told to stop.
    pub(crate) fn work(mut self, stop: &AtomicBool) {
        let mut read: BTreeMap<i32, i64> = (0..PARTITIONS as i32).map(|lane| (lane, 0)).collect();
        let mut plans: Vec<Plan> = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            for (lane, sequence) in &mut read {
                // before the first start there is nothing to read
                let found = self
                    .installation
                    .tables()
                    .try_after("clue_event", *lane, *sequence, 500);
                for entry in found.unwrap_or_default() {
                    *sequence = entry.sequence;
                    if let ClueEvent::Clue(it) = event::decode(&entry.payload).expect("an event") {
                        plans.extend(self.plans(&it));
                    }
                }
            }
            plans.sort_by_key(|plan| plan.at);
            let due = plans.partition_point(|plan| plan.at <= Instant::now());
            let mut sent = 0;
            for plan in &plans[..due] {
                let twice = self.random.percent(10);
                if !self.desk.send(plan) || twice && !self.desk.send(plan) {
                    break;
                }
                sent += 1;
            }
            plans.drain(..sent);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What becomes of a clue that was just given to somebody, in hundredths of the limit from now.
    fn plans(&self, it: &Occurrence) -> Vec<Plan> {
        let kind = it.clue.0.as_bytes()[3] % 13;
        let desk = json!({"role": "coordinator", "person": "C1"});
        let checker = json!({"role": "checker", "person": "K1"});
        let steps: Vec<(u32, Value)> = match &it.event {
            Event::ClueHeldForTriage { .. } if kind < 6 => {
                vec![(
                    70,
                    json!({"type": "assign_clue", "agency": "city", "actor": desk}),
                )]
            }
            Event::ClueAssigned { assignment, .. } => {
                let holder = json!({"role": "agency", "agency": assignment.agency.as_str(), "person": "A1"});
                let sign = json!({"type": "acknowledge_clue", "actor": holder});
                let resolve = json!({"type": "resolve_clue", "conclusion": "rectified", "actor": holder, "remark": "done"});
                let pass = json!({"type": "pass_check", "actor": checker});
                let close = json!({"type": "close_clue", "actor": checker});
                let suspend = |from: u32, to: u32| {
                    let until = it.received_at.plus_micros(self.limit / 100 * i64::from(to));
                    (
                        from,
                        json!({"type": "suspend_clue", "reason": "litigation", "approver": "B9",
                        "until": until.to_string(), "actor": holder}),
                    )
                };
                let other = if assignment.agency.as_str() == "city" {
                    "east"
                } else {
                    "city"
                };
                match kind {
                    2 => vec![(5, sign)],
                    3 | 12 => vec![(3, sign), (6, resolve), (8, pass), (10, close)],
                    4 => vec![suspend(10, 35)],
                    5 => vec![
                        suspend(10, 70),
                        (30, json!({"type": "resume_clue", "actor": holder})),
                    ],
                    6 => vec![
                        (3, sign),
                        (
                            10,
                            json!({"type": "request_extension", "reason": "weather", "limit": self.limit_text(), "actor": holder}),
                        ),
                        (15, json!({"type": "grant_extension", "actor": desk})),
                        (205, resolve),
                        (207, pass),
                        (210, close),
                    ],
                    7 => vec![(115, resolve), (118, pass), (122, close)],
                    8 => vec![(40, json!({"type": "transfer_clue", "to": other, "actor": desk}))],
                    9 => vec![
                        (20, resolve),
                        (30, json!({"type": "fail_check", "actor": checker})),
                    ],
                    10 => vec![suspend(5, 25), suspend(40, 65)],
                    11 => vec![(
                        45,
                        json!({"type": "void_clue", "reason": "test_data", "actor": desk}),
                    )],
                    _ => Vec::new(),
                }
            }
            _ => Vec::new(),
        };
        let plan = |(number, (part, body)): (usize, (u32, Value))| Plan {
            at: Instant::now() + self.takes * part / 100,
            clue: it.clue,
            id: format!("{}-{}-{number}", it.clue, it.version),
            body,
        };
        steps.into_iter().enumerate().map(plan).collect()
    }

    fn limit_text(&self) -> String {
        format!("{}min", self.limit / 60_000_000)
    }
}

impl Desk<'_> {
    /// Whether somebody took it.
    fn send(&self, plan: &Plan) -> bool {
        match self {
            Self::Kafka(sender) => {
                let request = from_json(plan.clue, &plan.body).expect("a command");
                let id = CommandId::derive(plan.id.as_bytes(), "e2e", 0);
                let envelope = request.into_envelope(id, None, Actor::service(Role::Coordinator), now());
                let lane = partition_of(plan.clue, PARTITIONS);
                let message = command::message(&ClueCommand::Clue(envelope), lane, "e2e");
                let headers = message.headers.into_iter();
                sender.send(&Sent {
                    topic: message.topic.into_owned(),
                    partition: lane,
                    key: plan.clue.to_string(),
                    headers: headers.map(|(name, value)| (name.into_owned(), value)).collect(),
                    payload: message.payload,
                });
                sender.flush();
                true
            }
            Self::Http(base) => {
                let url = format!("{}/api/v1/clues/{}/commands", base(), plan.clue);
                match http::post(&url, &[("Idempotency-Key", &plan.id)], &plan.body) {
                    Some((200 | 202 | 409 | 422, _)) => true,
                    None | Some((503, _)) => false,
                    Some((status, body)) => panic!("{status} {body} to {}", plan.body),
                }
            }
        }
    }
}
