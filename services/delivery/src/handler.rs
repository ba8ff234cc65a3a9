//! The batch: fold what happened into the facts, tell who has to know, take in what agencies send.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::delivery::{self, CallbackCommand, DeliveryEvent};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{DecodeError, Reference, partition_of, topics};
use bihuan_domain::clue::{Actor, Event, Occurrence, Role};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Step;
use bihuan_rulebook::Library;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;
use bihuan_store::{Store, Tx};
use bihuan_stream::{Batch, Due, Effects, Error, Handler, Inputs, LaneBatch, NewEvent, Record, Start};

use crate::callback::{self, Callbacks, Listed, Retry};
use crate::facts::{Facts, concerns};
use crate::feedback::{self, Feedback};
use crate::{Config, GROUP, reminder, rows};

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
    "bihuan.clue.v1.ExtensionRequested",
    "bihuan.clue.v1.ExtensionRefused",
    "bihuan.clue.v1.NoticeDiscarded",
    "bihuan.clue.v1.CheckPassed",
    "bihuan.clue.v1.ClueClosed",
    "bihuan.clue.v1.ClueVoided",
];
/// What concerns nobody outside.
const INWARD: &[&str] = &[
    "bihuan.clue.v1.CommandRejected",
    "bihuan.clue.v1.RulebookActivated",
    "bihuan.clue.v1.RulebookWithdrawn",
    "bihuan.clue.v1.ClueOffered",
    "bihuan.clue.v1.TaskAcknowledged",
    "bihuan.clue.v1.ArrivalNoted",
    "bihuan.clue.v1.TaskRated",
    "bihuan.clue.v1.CampaignTagged",
    "bihuan.clue.v1.CampaignUntagged",
    "bihuan.clue.v1.CommandQuarantined",
    "bihuan.clue.v1.CommandParked",
    "bihuan.clue.v1.ParkedDiscarded",
];

/// The delivery service.
pub struct Delivery {
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) callbacks: Callbacks,
    pub(crate) retry: Retry,
    /// Knows what agencies are called.
    pub(crate) library: Library,
    partitions: u32,
    /// Names the log in the identity of records.
    cluster: String,
    lanes: BTreeMap<u32, Lane>,
}

/// What is known of one lane while it is ours.
#[derive(Default)]
pub(crate) struct Lane {
    pub(crate) clues: HashMap<ClueId, Facts>,
    /// By this batch.
    pub(crate) changed: BTreeSet<ClueId>,
}

/// The facts, callbacks and reminders that a batch changed.
#[derive(Default)]
pub struct Rows {
    facts: Vec<rows::Row>,
    callbacks: Vec<Listed>,
    reminders: reminder::Rows,
}

impl Rows {
    fn extend(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.callbacks.extend(other.callbacks);
        self.reminders.extend(other.reminders);
    }

    const fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.callbacks.is_empty() && self.reminders.is_empty()
    }
}

impl Delivery {
    pub fn new(store: Store, config: Config, partitions: u32, cluster: &str) -> Self {
        Self {
            library: Library::new(store.clone()),
            store,
            config,
            callbacks: Callbacks::default(),
            retry: Retry::default(),
            partitions,
            cluster: cluster.to_owned(),
            lanes: BTreeMap::new(),
        }
    }

    /// Tells these sources of what becomes of their clues.
    #[must_use]
    pub fn telling(mut self, callbacks: Callbacks, retry: Retry) -> Self {
        (self.callbacks, self.retry) = (callbacks, retry);
        self
    }

    /// What came of callbacks, and what is asked of them. A message that is none is put away.
    fn commands(
        &self,
        partition: u32,
        records: &[&Record],
        now: Timestamp,
        effects: &mut Effects,
    ) -> Vec<CallbackCommand> {
        let mut commands = Vec::with_capacity(records.len());
        for record in records {
            match CallbackCommand::decode(&record.payload) {
                Ok(command) => commands.push(command),
                Err(error) => self.put_away(partition, record, &error, now, effects),
            }
        }
        commands
    }

    async fn lane(
        &self,
        lane: &mut Lane,
        LaneBatch {
            partition,
            records,
            ticks,
            watermark,
        }: &LaneBatch,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Rows, Error> {
        let (happened, sent): (Vec<_>, Vec<_>) =
            records.iter().partition(|it| &*it.topic == topics::CLUE_EVENTS);
        let (answers, sent): (Vec<_>, Vec<_>) = sent
            .into_iter()
            .partition(|it| &*it.topic == topics::CALLBACK_COMMANDS);
        let is_told = |event: &Event| !self.callbacks.is_empty() && Step::of(event).is_some();
        let mut events = Vec::with_capacity(happened.len());
        for record in happened {
            let occurrence = occurrence(record)?;
            let wanted = occurrence.filter(|it| concerns(&it.event) || is_told(&it.event));
            events.extend(wanted.map(|occurrence| (record.journal_sequence(), occurrence)));
        }
        self.load(*partition, lane, &events).await?;
        let missed = self.missed(*partition, lane, &events).await?;
        let mut news = self.fold(lane, events, missed)?;
        let made = self.tell(*partition, &mut news, now, effects).await?;
        for record in sent {
            self.take_in(*partition, record, now, effects).await?;
        }
        let commands = self.commands(*partition, &answers, now, effects);
        let all = (made, &*news.echoes, &*commands);
        let mut rows = Rows {
            callbacks: self.write_down(*partition, all, now, effects).await?,
            ..Rows::default()
        };
        rows.reminders
            .hear(*partition, std::mem::take(&mut news.reminders));
        if !ticks.is_empty() {
            let times = (*watermark, now);
            let done = reminder::work(&self.store, &self.config, *partition, times, effects).await?;
            rows.reminders.extend(done);
        }
        for clue in std::mem::take(&mut lane.changed) {
            if let Some(facts) = lane.clues.get(&clue) {
                rows.facts.push(rows::Row::of(*partition, clue, facts)?);
            }
        }
        Ok(rows)
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
        if let Some((source, id)) = &feedback.name
            && let Some(clue) = rows::by_name(self.store.read().await?.conn(), source, id).await?
        {
            // another record stands for the clue that the agency means
            feedback.request.clue = clue;
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
        let topic = row.topic.as_str();
        if topic != topics::CALLBACK_COMMANDS && !self.config.command_topics().contains(topic) {
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

pub(crate) fn journalled(clue: Option<ClueId>, event: &DeliveryEvent) -> NewEvent {
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
            | ClueEvent::RulebookWithdrawn { .. }
            | ClueEvent::CommandQuarantined { .. }
            | ClueEvent::CommandParked { .. }
            | ClueEvent::ParkedDiscarded { .. },
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
        let topics = self.config.command_topics();
        let followers = topics.into_iter().chain([topics::CALLBACK_COMMANDS]);
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
        let unwanted = self.callbacks.is_empty() && UNWANTED.contains(&type_name);
        topic != topics::CLUE_EVENTS || !unwanted && !INWARD.contains(&type_name)
    }

    /// A lane has reminders to bundle; a clue of theirs stands for it.
    fn wakes(&self) -> bool {
        true
    }

    async fn due(&mut self, lanes: &[(u32, Timestamp)], _: usize) -> Result<Due, Error> {
        reminder::due(&self.store, lanes).await
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Rows>, Error> {
        let mut rows = Rows::default();
        for batched in &batch.lanes {
            let mut lane = self.lanes.remove(&batched.partition).unwrap_or_default();
            if lane.clues.len() > CACHED {
                lane.clues.clear();
            }
            let of_lane = self.lane(&mut lane, batched, batch.now, effects).await?;
            rows.extend(of_lane);
            self.lanes.insert(batched.partition, lane);
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        if !rows.facts.is_empty() {
            rows::upsert(tx.conn(), &rows.facts).await?;
        }
        callback::rows::upsert(tx.conn(), &rows.callbacks).await?;
        reminder::persist(rows.reminders, tx).await
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
