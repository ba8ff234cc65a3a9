//! One transaction: admit the records, let the handler decide, publish commands, commit effects and positions, publish events.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bihuan_contracts::topics::{JOURNALS, QUEUES};
use bihuan_domain::time::Timestamp;
use bihuan_store::{journal, lease, quarantine};

use super::Worker;
use super::breaker::Bad;
use super::holding::Slot;
use crate::faults::{self, Point};
use crate::lane::{Admission, Lane};
use crate::local::LocalLog;
use crate::outbox::Outbox;
use crate::{Batch, Effects, Error, Handler, LaneBatch, Log, Phase, Record, Result};

/// No message may be larger: topics take a little more, for headers.
const LARGEST: usize = 10 << 20;
/// After so long without acknowledgement the log counts as away.
const PATIENCE: Duration = Duration::from_secs(2);

/// The reason of what cannot be handled.
const PROCESSING_FAILED: &str = "processing_failed";

/// What becomes of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Handle,
    /// They cannot be handled: they go to quarantine.
    PutAway,
}

/// An attempt that failed, and the records to try again.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) records: Vec<Record>,
}

/// Records sorted by what is done with them. They are moved, never copied.
struct Admitted {
    /// Copies of the lanes with their positions moved.
    lanes: BTreeMap<u32, Lane>,
    batch: Batch,
    /// Repeats, and what the handler does not want: kept without payload, for another attempt.
    skipped: Vec<Record>,
    /// Journals that skipped a sequence, by lane.
    gaps: BTreeMap<u32, Error>,
}

impl Admitted {
    const fn at(now: Timestamp) -> Self {
        let batch = Batch {
            lanes: Vec::new(),
            now,
        };
        Self {
            lanes: BTreeMap::new(),
            batch,
            skipped: Vec::new(),
            gaps: BTreeMap::new(),
        }
    }

    fn sort(&mut self, held: &Lane, mut record: Record, wanted: bool) {
        let partition = held.lease.partition;
        let lane = self.lanes.entry(partition).or_insert_with(|| held.clone());
        // behind a gap nothing counts
        let admission = if self.gaps.contains_key(&partition) {
            Admission::Repeat
        } else {
            lane.admit(&record)
        };
        if let Admission::Gap { expected, found } = admission {
            let topic = record.topic.to_string();
            self.gaps.insert(
                partition,
                Error::Gap {
                    topic,
                    partition: record.partition,
                    expected,
                    found,
                },
            );
        }
        if admission != Admission::Accept || !wanted {
            record.payload = Vec::new();
            self.skipped.push(record);
            return;
        }
        match self
            .batch
            .lanes
            .iter_mut()
            .find(|lane| lane.partition == partition)
        {
            Some(lane) => lane.records.push(record),
            None => self.batch.lanes.push(LaneBatch {
                partition,
                records: vec![record],
            }),
        }
    }

    /// The records again, in the order of their inputs.
    fn into_records(self) -> Vec<Record> {
        let mut records = self.skipped;
        records.extend(self.batch.lanes.into_iter().flat_map(|lane| lane.records));
        records.sort_by(|a, b| (&a.topic, a.partition, a.offset).cmp(&(&b.topic, b.partition, b.offset)));
        records
    }
}

impl<H: Handler> Worker<H> {
    pub(super) async fn attempt(&mut self, records: Vec<Record>, mode: Mode) -> Result<(), Failure> {
        let started = Instant::now();
        let mut admitted = self.admit(records);
        if let Err(error) = self.work(&mut admitted.lanes, &admitted.batch, mode).await {
            let records = admitted.into_records();
            return Err(Failure { error, records });
        }
        for (partition, lane) in admitted.lanes {
            self.lanes.insert(partition, Slot::Held(lane));
        }
        for (partition, error) in admitted.gaps {
            self.halt(partition, error.to_string());
        }
        self.publish_positions();
        let count: usize = admitted.batch.lanes.iter().map(|lane| lane.records.len()).sum();
        let group = self.handler.group();
        metrics::histogram!("bihuan_batch_seconds", "group" => group).record(started.elapsed().as_secs_f64());
        metrics::counter!("bihuan_records_total", "group" => group).increment(count as u64);
        Ok(())
    }

    /// Drops records of lanes that are not held and of inputs that are stopped, sorts the others, and moves positions on copies.
    fn admit(&self, records: Vec<Record>) -> Admitted {
        let mut admitted = Admitted::at((self.context.clock)());
        for record in records {
            let partition = record.partition % self.context.log.partitions();
            if let Some(Slot::Held(held)) = self.lanes.get(&partition)
                && !self.breaker.is_stopped(&record.topic, record.partition)
            {
                let wanted = self.handler.wants(&record.topic, &record.type_name);
                admitted.sort(held, record, wanted);
            }
        }
        admitted
    }

    async fn work(&mut self, lanes: &mut BTreeMap<u32, Lane>, batch: &Batch, mode: Mode) -> Result<()> {
        if self.outbox.as_ref().is_some_and(Outbox::has_failed) {
            return Err(Error::Undelivered);
        }
        let next = lanes
            .iter()
            .map(|(partition, lane)| (*partition, lane.lease.out_sequence + 1));
        let mut effects = Effects::starting(next);
        match mode {
            Mode::PutAway => self.put_away(batch, &mut effects).await?,
            Mode::Handle if batch.lanes.is_empty() => {}
            Mode::Handle => self.handler.handle(batch, &mut effects).await?,
        }
        for (partition, topic, topic_partition) in &effects.uncounted {
            if let Some(lane) = lanes.get_mut(partition) {
                lane.uncount(topic, *topic_partition);
            }
        }
        if effects.is_empty() {
            return Ok(());
        }
        self.check(lanes, &effects)?;
        let bad = Bad::of(&effects);
        faults::at(Point::BeforePublish, self.handler.group())?;
        if !matches!(self.context.log, Log::Local(_)) {
            let commands = std::mem::take(&mut effects.commands);
            self.publish(commands).await?;
        }
        faults::at(Point::AfterPublish, self.handler.group())?;
        self.commit(lanes, &effects).await?;
        for (topic, partition) in self.breaker.count(batch, &bad) {
            tracing::error!(group = self.handler.group(), %topic, partition, "input stopped: nearly all of it is bad");
            self.consumer.quiet_input(&topic, partition);
        }
        match &self.outbox {
            Some(outbox) => outbox.publish(effects.events).await,
            None => Ok(()),
        }
    }

    /// What could be committed but never published, or not belong where it says, fails before anything is done.
    fn check(&self, lanes: &BTreeMap<u32, Lane>, effects: &Effects) -> Result<()> {
        let partitions = self.context.log.partitions();
        for command in &effects.commands {
            let internal = QUEUES.contains(&&*command.topic) || JOURNALS.contains(&&*command.topic);
            if internal && command.partition >= partitions {
                return Err(Error::Handler(format!(
                    "a message for partition {} of {}",
                    command.partition, command.topic
                )));
            }
        }
        if let Some(event) = effects
            .events
            .iter()
            .find(|event| !lanes.contains_key(&event.partition))
        {
            return Err(Error::Handler(format!(
                "an event for lane {}, which is not in the batch",
                event.partition
            )));
        }
        let payloads = effects
            .commands
            .iter()
            .map(|it| &it.payload)
            .chain(effects.events.iter().map(|it| &it.payload));
        match payloads.map(Vec::len).max() {
            Some(size) if size > LARGEST => Err(Error::Handler(format!("a message of {size} bytes"))),
            _ => Ok(()),
        }
    }

    /// Publishes and waits for the acknowledgements; says so when they do not come.
    async fn publish(&self, commands: Vec<bihuan_contracts::Message>) -> Result<()> {
        let publishing = self.context.log.publish(commands);
        tokio::pin!(publishing);
        loop {
            tokio::select! {
                done = &mut publishing => return done,
                () = tokio::time::sleep(PATIENCE) => {
                    let reason = "the log acknowledges nothing".to_owned();
                    self.context.status.set(self.handler.group(), Phase::Waiting(reason));
                }
            }
        }
    }

    /// Positions and effects together, or neither.
    async fn commit(&mut self, lanes: &mut BTreeMap<u32, Lane>, effects: &Effects) -> Result<()> {
        for entry in &effects.events {
            if let Some(lane) = lanes.get_mut(&entry.partition) {
                lane.append(entry);
            }
        }
        if let Some(outbox) = &self.outbox {
            for (partition, lane) in lanes.iter_mut() {
                lane.lease.published_sequence = outbox.acknowledged(*partition, lane.lease.out_sequence);
            }
        }
        let mut tx = self.context.store.begin().await?;
        let leases: Vec<_> = lanes.values().map(|lane| &lane.lease).collect();
        if !lease::advance(tx.conn(), &leases).await? {
            return Err(Error::Fenced);
        }
        if let Some(outbox) = &self.outbox {
            journal::append(tx.conn(), outbox.journal(), &effects.events).await?;
        }
        quarantine::put(tx.conn(), &effects.quarantined).await?;
        if effects.has_writes {
            self.handler.persist(&mut tx).await?;
        }
        // on Kafka none is left here
        LocalLog::append(tx.conn(), &effects.commands).await?;
        faults::at(Point::BeforeCommit, self.handler.group())?;
        tx.commit().await?;
        faults::at(Point::AfterCommit, self.handler.group())?;
        lanes.values_mut().for_each(Lane::committed);
        self.handler.committed();
        Ok(())
    }

    async fn put_away(&mut self, batch: &Batch, effects: &mut Effects) -> Result<()> {
        let (group, cluster) = (self.handler.group(), self.context.log.cluster());
        for lane in &batch.lanes {
            for record in &lane.records {
                let row = record.quarantined(group, cluster, lane.partition, PROCESSING_FAILED, batch.now);
                let row = self.handler.poisoned(record, row, effects).await?;
                effects.quarantine(row);
            }
        }
        Ok(())
    }
}
