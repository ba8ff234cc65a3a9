//! From an admitted clue to `AssignClue` or `HoldForTriage`.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{partition_of, topics};
use bihuan_domain::clue::{Actor, Command, Envelope, Event, Occurrence, Role};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::routing::{Answer, CompiledRulebook};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError, Schedule};
use bihuan_store::Store;
use bihuan_store::journal::{self, Journal};
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs, LaneBatch, Record};

use crate::GROUP;
use crate::facts::{Facts, Reported};

/// The routing service.
pub struct Routing {
    store: Store,
    library: Library,
    partitions: u32,
    /// Of each lane, as it was when an activation was read last.
    schedules: BTreeMap<u32, Schedule>,
}

impl Routing {
    pub const fn new(store: Store, library: Library, partitions: u32) -> Self {
        Self {
            store,
            library,
            partitions,
            schedules: BTreeMap::new(),
        }
    }

    /// By what a question that was asked at `sequence` is answered: by the rulebook that was offered, else by the one that holds for
    /// the time of the clue's report.
    async fn rulebook(
        &mut self,
        partition: u32,
        sequence: i64,
        (event, facts): (&Event, &Facts),
    ) -> Result<Arc<CompiledRulebook>, Error> {
        if let Event::ClueOffered { rulebook } = event {
            return self.library.get(rulebook.as_str()).await.map_err(unavailable);
        }
        if !self.schedules.contains_key(&partition) {
            let schedule = self.library.schedule(partition).await.map_err(unavailable)?;
            self.schedules.insert(partition, schedule);
        }
        let schedule = &self.schedules[&partition];
        let reported_at = facts.subject.reported_at;
        let rulebook = self.library.at(schedule, sequence, reported_at).await;
        rulebook.map_err(unavailable)
    }

    async fn lane(&mut self, lane: &LaneBatch, now: Timestamp, effects: &mut Effects) -> Result<(), Error> {
        let mut reported = Reported::default();
        for record in &lane.records {
            match decode(record)? {
                // what lifecycle wrote with the event is read again
                ClueEvent::RulebookActivated { .. } | ClueEvent::RulebookWithdrawn { .. } => {
                    self.schedules.remove(&lane.partition);
                }
                ClueEvent::Clue(Occurrence {
                    clue,
                    version,
                    event: Event::ClueReported { report, .. },
                    ..
                }) => reported.add(clue, version, &report),
                ClueEvent::Clue(Occurrence {
                    clue,
                    version,
                    event:
                        event @ (Event::ClueAdmitted
                        | Event::ClueCorrected(_)
                        | Event::ClueReopened { .. }
                        | Event::ClueOffered { .. }),
                    ..
                }) => {
                    let known = match event {
                        Event::ClueAdmitted => reported.admitted(clue, version),
                        _ => None,
                    };
                    let sequence = record.journal_sequence();
                    let facts = match known {
                        Some(facts) => facts,
                        None => self.look_up(lane.partition, sequence).await?,
                    };
                    if !facts.settled {
                        let rulebook = self.rulebook(lane.partition, sequence, (&event, &facts)).await?;
                        effects.command(self.decide(&rulebook, (clue, version), &facts, record, now));
                    }
                }
                ClueEvent::Clue(_)
                | ClueEvent::CommandQuarantined { .. }
                | ClueEvent::CommandParked { .. }
                | ClueEvent::ParkedDiscarded { .. } => {}
            }
        }
        Ok(())
    }

    /// Walks the clue's own events back from `sequence`.
    async fn look_up(&self, partition: u32, sequence: i64) -> Result<Facts, Error> {
        let mut reader = self.store.read().await?;
        let mut facts: Option<Facts> = None;
        for entry in journal::chain(reader.conn(), Journal::Clue, partition, sequence).await? {
            let event = event::decode(&entry.payload).map_err(|error| Error::Handler(error.to_string()))?;
            match (event, &mut facts) {
                (
                    ClueEvent::Clue(Occurrence {
                        event: Event::ClueReported { report, .. },
                        ..
                    }),
                    _,
                ) => {
                    facts = Some(Facts::of(&report));
                }
                (ClueEvent::Clue(Occurrence { event, .. }), Some(facts)) => facts.follow(&event),
                _ => {}
            }
        }
        facts.ok_or_else(|| {
            Error::Handler(format!(
                "clue.events.v1/{partition} at {sequence}: a clue without its report"
            ))
        })
    }

    fn decide(
        &self,
        rulebook: &CompiledRulebook,
        (clue, version): (ClueId, u32),
        facts: &Facts,
        cause: &Record,
        now: Timestamp,
    ) -> bihuan_contracts::Message {
        let question = facts.subject.question(&rulebook.rulebook().zone);
        let answer = rulebook.decide(&question);
        let decision = answer.decision(rulebook.rulebook());
        metrics::counter!("bihuan_routing_decisions_total", "reason" => answer.reason()).increment(1);
        let causation = format!("{}/{}/{}", cause.topic, cause.partition, cause.journal_sequence());
        let envelope = Envelope {
            id: CommandId::derive(causation.as_bytes(), GROUP, 0),
            clue,
            causation: Some(causation),
            actor: Actor::service(Role::Routing),
            expected_version: Some(version),
            occurred_at: None,
            received_at: now,
            command: match answer {
                Answer::Assigned { assignment, .. } => Command::AssignClue {
                    agency: assignment.agency,
                    penalty: assignment.penalty,
                    assisting: assignment.assisting,
                    decision,
                },
                Answer::Triage { .. } => Command::HoldForTriage { decision },
            },
            text: None,
        };
        command::message(
            &ClueCommand::Clue(envelope),
            partition_of(clue, self.partitions),
            GROUP,
        )
    }
}

fn decode(record: &Record) -> Result<ClueEvent, Error> {
    event::decode(&record.payload).map_err(|error| Error::Unknown {
        topic: record.topic.to_string(),
        partition: record.partition,
        offset: record.offset,
        detail: error.to_string(),
    })
}

fn unavailable(error: LibraryError) -> Error {
    match error {
        LibraryError::Store(error) => Error::Store(error),
        other => Error::Unavailable(other.to_string()),
    }
}

impl Handler for Routing {
    /// It decides and keeps nothing.
    type Rows = ();

    fn group(&self) -> &'static str {
        GROUP
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: topics::CLUE_EVENTS.to_owned(),
            followers: Vec::new(),
        }
    }

    /// One event in six or seven; the others are not even decoded.
    fn wants(&self, _topic: &str, type_name: &str) -> bool {
        matches!(
            type_name,
            "bihuan.clue.v1.ClueReported"
                | "bihuan.clue.v1.ClueAdmitted"
                | "bihuan.clue.v1.ClueCorrected"
                | "bihuan.clue.v1.ClueReopened"
                | "bihuan.clue.v1.ClueOffered"
                | "bihuan.clue.v1.RulebookActivated"
                | "bihuan.clue.v1.RulebookWithdrawn"
        )
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<()>, Error> {
        for lane in &batch.lanes {
            self.lane(lane, batch.now, effects).await?;
        }
        Ok(None)
    }

    fn forget(&mut self, partition: u32) {
        self.schedules.remove(&partition);
    }
}
