//! The batch: fold what happened into the facts, tell who has to know, take in what agencies send.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::delivery::{self, DeliveryEvent};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{DecodeError, Reference, partition_of, topics};
use bihuan_domain::clue::{Actor, Event, Occurrence, Role};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;
use bihuan_store::{Store, Tx, text};
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs, LaneBatch, NewEvent, Record, Start};

use crate::facts::{Facts, concerns};
use crate::feedback::{self, Feedback};
use crate::notice::Due;
use crate::{Config, GROUP, rows};

/// Clues that each lane keeps in memory, at most, between batches.
const CACHED: usize = 20_000;

/// What happens to clues without concerning any agency. Whatever is in neither list is of a newer program: it is decoded, and
/// stops the lane.
const UNWANTED: &[&str] = &[
    "bihuan.clue.v1.ClueAdmitted",
    "bihuan.clue.v1.ClueRejected",
    "bihuan.clue.v1.ClueAcknowledged",
    "bihuan.clue.v1.ReturnRequested",
    "bihuan.clue.v1.ReturnApproved",
    "bihuan.clue.v1.ReturnRefused",
    "bihuan.clue.v1.HandlingStarted",
    "bihuan.clue.v1.ClueSuspended",
    "bihuan.clue.v1.ClueResumed",
    "bihuan.clue.v1.ClueResolved",
    "bihuan.clue.v1.CheckPassed",
    "bihuan.clue.v1.ClueClosed",
    "bihuan.clue.v1.ClueVoided",
    "bihuan.clue.v1.CommandRejected",
    "bihuan.clue.v1.RulebookActivated",
    "bihuan.clue.v1.CommandQuarantined",
    "bihuan.clue.v1.CommandParked",
];

/// The delivery service.
pub struct Delivery {
    store: Store,
    config: Config,
    partitions: u32,
    /// Names the log in the identity of records.
    cluster: String,
    lanes: BTreeMap<u32, Lane>,
}

/// What is known of one lane while it is ours.
#[derive(Default)]
struct Lane {
    clues: HashMap<ClueId, Facts>,
    /// By this batch.
    changed: BTreeSet<ClueId>,
}

/// The facts that a batch changed.
pub struct Rows(Vec<rows::Row>);

impl Delivery {
    pub fn new(store: Store, config: Config, partitions: u32, cluster: &str) -> Self {
        Self {
            store,
            config,
            partitions,
            cluster: cluster.to_owned(),
            lanes: BTreeMap::new(),
        }
    }

    /// Reads the facts that the events need and the lane does not have.
    async fn load(&self, partition: u32, lane: &mut Lane, events: &[Occurrence]) -> Result<(), Error> {
        let reported = |it: &&Occurrence| !matches!(it.event, Event::ClueReported { .. });
        let clues: BTreeSet<ClueId> = events.iter().filter(reported).map(|it| it.clue).collect();
        let missing: Vec<ClueId> = clues
            .into_iter()
            .filter(|clue| !lane.clues.contains_key(clue))
            .collect();
        if !missing.is_empty() {
            lane.clues
                .extend(rows::load(self.store.read().await?.conn(), partition, &missing).await?);
        }
        Ok(())
    }

    /// Folds what happened, and returns the notices that are due.
    fn fold(&self, lane: &mut Lane, events: Vec<Occurrence>) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        for Occurrence {
            clue,
            version,
            at,
            event,
            ..
        } in events
        {
            if let Event::ClueReported { number, report } = &event {
                lane.clues.insert(clue, Facts::of(number, report));
                lane.changed.insert(clue);
                continue;
            }
            let Some(facts) = lane.clues.get_mut(&clue) else {
                return Err(Error::Handler(format!(
                    "{} of clue {clue}, which was never reported",
                    event.name()
                )));
            };
            let before = facts.clone();
            let told = facts.apply(&event);
            for (agency, role) in told {
                if let Some(topic) = self.config.notices_for(&agency) {
                    due.push(Due {
                        clue,
                        version,
                        at,
                        role,
                        topic: topic.to_owned(),
                        agency,
                        facts: facts.clone(),
                    });
                }
            }
            if *facts != before {
                lane.changed.insert(clue);
            }
        }
        Ok(due)
    }

    async fn tell(
        &self,
        partition: u32,
        due: &[Due],
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        if due.is_empty() {
            return Ok(());
        }
        let clues: BTreeSet<ClueId> = due.iter().map(|due| due.clue).collect();
        let clues: Vec<ClueId> = clues.into_iter().collect();
        let texts = text::of_clues(self.store.read().await?.conn(), partition, &clues).await?;
        for due in due {
            effects.command(due.message(&texts, partition));
            let published = DeliveryEvent::AssignmentPublished {
                clue: due.clue,
                version: due.version,
                agency: due.agency.clone(),
                topic: due.topic.clone(),
                at: now,
            };
            effects.event(partition, journalled(Some(due.clue), &published));
        }
        Ok(())
    }

    /// An agency's message becomes a command, or is put away with the reason.
    async fn take_in(
        &self,
        partition: u32,
        record: &Record,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let read = match feedback::read(record, &self.cluster, &self.config) {
            Ok(feedback) => self.found(feedback).await?,
            Err(error) => Err(error),
        };
        match read {
            Ok(feedback) => self.accept(partition, record, feedback, now, effects),
            Err(error) => self.put_away(partition, record, &error, now, effects),
        }
        Ok(())
    }

    /// The feedback with the id of the clue that it is about.
    async fn found(&self, mut feedback: Feedback) -> Result<Result<Feedback, DecodeError>, Error> {
        if let Reference::Number(number) = &feedback.clue {
            match rows::by_number(self.store.read().await?.conn(), number).await? {
                Some(clue) => feedback.request.clue = clue,
                None => {
                    return Ok(Err(feedback::refused(
                        "clue_unknown",
                        "clue",
                        "no clue has this number",
                    )));
                }
            }
        }
        Ok(Ok(feedback))
    }

    fn accept(
        &self,
        partition: u32,
        record: &Record,
        feedback: Feedback,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let (id, clue) = (feedback.command, feedback.request.clue);
        let causation = format!("{}/{}/{}", record.topic, record.partition, record.offset);
        let nobody = Actor::service(Role::Agency);
        let envelope = feedback.request.into_envelope(id, Some(causation), nobody, now);
        let to = partition_of(clue, self.partitions);
        effects.command(command::message(&ClueCommand::Clue(envelope), to, GROUP));
        let accepted = DeliveryEvent::FeedbackAccepted {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            clue,
            command: id,
            at: now,
        };
        effects.event(partition, journalled(Some(clue), &accepted));
    }

    fn put_away(
        &self,
        partition: u32,
        record: &Record,
        error: &DecodeError,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        let mut row = record.quarantined(GROUP, &self.cluster, partition, error.code, now);
        row.field.clone_from(&error.field);
        self.journal(&row, effects);
        effects.quarantine(row);
    }

    fn journal(&self, row: &Quarantined, effects: &mut Effects) {
        // an event of a clue that cannot be handled is no feedback; it is in quarantine all the same
        if !self.config.command_topics().contains(row.topic.as_str()) {
            return;
        }
        let event = DeliveryEvent::FeedbackQuarantined {
            id: row.id,
            topic: row.topic.clone(),
            partition: row.topic_partition,
            offset: row.offset,
            reason: row.reason.clone(),
            field: row.field.clone(),
            at: row.received_at,
        };
        effects.event(row.partition, journalled(None, &event));
    }
}

fn journalled(clue: Option<ClueId>, event: &DeliveryEvent) -> NewEvent {
    let (at, type_name) = (event.at(), delivery::type_name(event));
    NewEvent {
        clue,
        previous: None,
        at,
        type_name,
        payload: delivery::encode(event),
    }
}

/// The event of a clue in the record; `None` for one of the partition.
fn occurrence(record: &Record) -> Result<Option<Occurrence>, Error> {
    match event::decode(&record.payload) {
        Ok(ClueEvent::Clue(occurrence)) => Ok(Some(occurrence)),
        Ok(
            ClueEvent::RulebookActivated { .. }
            | ClueEvent::CommandQuarantined { .. }
            | ClueEvent::CommandParked { .. },
        ) => Ok(None),
        Err(error) => Err(Error::Unknown {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            detail: error.to_string(),
        }),
    }
}

impl Handler for Delivery {
    type Rows = Rows;

    fn group(&self) -> &'static str {
        GROUP
    }

    fn inputs(&self) -> Inputs {
        let followers = self.config.command_topics().into_iter();
        Inputs {
            lead: topics::CLUE_EVENTS.to_owned(),
            followers: followers
                .map(|topic| (topic.to_owned(), Start::Beginning))
                .collect(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        Some(Journal::Delivery)
    }

    fn wants(&self, topic: &str, type_name: &str) -> bool {
        topic != topics::CLUE_EVENTS || !UNWANTED.contains(&type_name)
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Rows>, Error> {
        let mut rows = Vec::new();
        for LaneBatch { partition, records } in &batch.lanes {
            let (happened, sent): (Vec<_>, Vec<_>) =
                records.iter().partition(|it| &*it.topic == topics::CLUE_EVENTS);
            let events: Vec<Option<Occurrence>> =
                happened.into_iter().map(occurrence).collect::<Result<_, _>>()?;
            let events: Vec<Occurrence> = events
                .into_iter()
                .flatten()
                .filter(|it| concerns(&it.event))
                .collect();
            let mut lane = self.lanes.remove(partition).unwrap_or_default();
            if lane.clues.len() > CACHED {
                lane.clues.clear();
            }
            self.load(*partition, &mut lane, &events).await?;
            let due = self.fold(&mut lane, events)?;
            self.tell(*partition, &due, batch.now, effects).await?;
            for record in sent {
                self.take_in(*partition, record, batch.now, effects).await?;
            }
            for clue in std::mem::take(&mut lane.changed) {
                if let Some(facts) = lane.clues.get(&clue) {
                    rows.push(rows::Row::of(*partition, clue, facts)?);
                }
            }
            self.lanes.insert(*partition, lane);
        }
        Ok((!rows.is_empty()).then_some(Rows(rows)))
    }

    async fn persist(Rows(rows): Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows::upsert(tx.conn(), &rows).await
    }

    fn forget(&mut self, partition: u32) {
        self.lanes.remove(&partition);
    }

    async fn poisoned(
        &mut self,
        _: &Record,
        row: Quarantined,
        effects: &mut Effects,
    ) -> Result<Quarantined, Error> {
        self.journal(&row, effects);
        Ok(row)
    }
}
