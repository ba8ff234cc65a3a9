//! The batch loop: take a batch, let the handler decide, commit effects and position together, publish.
//!
//! ```text
//! handle (memory) → publish commands, await → BEGIN · move the leases, fenced · events · rows · COMMIT → publish events
//! ```
//!
//! When anything fails, every lane is taken again from the database and the same records are offered again: those that were
//! committed after all are recognised by the position. A batch that fails for no passing reason is halved until the one record
//! at fault is alone; that one is quarantined.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bihuan_domain::time::Timestamp;
use bihuan_store::{Store, journal, lease, quarantine};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::lane::{Admission, Lane};
use crate::local::LocalLog;
use crate::outbox::Outbox;
use crate::{Batch, Consumer, Delivery, Effects, Error, Handler, LaneBatch, Log, Phase, Record, Result, Resume, Status};

/// What a loop runs in.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub log: Log,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub shutdown: CancellationToken,
    pub limits: Limits,
    pub status: Status,
}

/// How large a batch may grow.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub records: usize,
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { records: 2_000, bytes: 16 << 20 }
    }
}

/// How often positions that only skipped are written down.
const PERSIST_SKIPS: Duration = Duration::from_secs(1);

/// Runs `handler` until shutdown.
pub async fn run<H: Handler>(handler: H, context: Context) -> Result<()> {
    let consumer = join(&handler, &context).await?;
    let outbox = handler.journal().map(|journal| Outbox::new(journal, handler.group(), context.log.clone(), context.store.clone()));
    let mut worker = Worker {
        handler,
        context,
        consumer,
        outbox,
        lanes: BTreeMap::new(),
        backoff: Duration::ZERO,
        persisted: Instant::now(),
        left_over: None,
    };
    worker.run().await
}

async fn join<H: Handler>(handler: &H, context: &Context) -> Result<Consumer> {
    loop {
        match context.log.consume(handler.group(), &handler.inputs()) {
            Ok(consumer) => return Ok(consumer),
            Err(error) if error.is_transient() => {
                context.status.set(Phase::Waiting(error.to_string()));
                tokio::select! {
                    () = context.shutdown.cancelled() => return Err(Error::Closed),
                    () = tokio::time::sleep(Duration::from_secs(1)) => {}
                }
            }
            Err(error) => return Err(error),
        }
    }
}

struct Worker<H> {
    handler: H,
    context: Context,
    consumer: Consumer,
    outbox: Option<Outbox>,
    lanes: BTreeMap<u32, Slot>,
    backoff: Duration,
    persisted: Instant,
    /// Something other than records that came while a batch was being filled.
    left_over: Option<Delivery>,
}

enum Slot {
    Held(Lane),
    /// Stopped: needs a person.
    Halted,
}

impl<H: Handler> Worker<H> {
    async fn run(&mut self) -> Result<()> {
        let shutdown = self.context.shutdown.clone();
        loop {
            let delivery = match self.left_over.take() {
                Some(delivery) => Some(delivery),
                None => tokio::select! {
                    biased;
                    () = shutdown.cancelled() => break,
                    delivery = self.consumer.deliveries.recv() => Some(delivery.ok_or(Error::Closed)?),
                    () = tokio::time::sleep(PERSIST_SKIPS) => None,
                },
            };
            match delivery {
                Some(Delivery::Assigned { lanes, resume }) => self.assigned(lanes, resume).await,
                Some(Delivery::Revoked { lanes }) => self.revoked(&lanes),
                Some(Delivery::Records(records)) => {
                    let records = self.fill(records);
                    self.process(records).await;
                }
                Some(Delivery::Away(reason)) => self.context.status.set(Phase::Waiting(reason)),
                Some(Delivery::Lost { topic, partition, detail }) => {
                    self.context.status.set(Phase::Halted(format!("{topic}/{partition}: {detail}")));
                }
                None => {}
            }
            if self.persisted.elapsed() >= PERSIST_SKIPS {
                self.persist_skips().await;
            }
        }
        self.persist_skips().await;
        Ok(())
    }

    /// Takes what is there already, up to the limits.
    fn fill(&mut self, mut records: Vec<Record>) -> Vec<Record> {
        let limits = self.context.limits;
        let mut bytes: usize = records.iter().map(|record| record.payload.len()).sum();
        while records.len() < limits.records && bytes < limits.bytes {
            match self.consumer.deliveries.try_recv() {
                Ok(Delivery::Records(more)) => {
                    bytes += more.iter().map(|record| record.payload.len()).sum::<usize>();
                    records.extend(more);
                }
                Ok(other) => {
                    self.left_over = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        records
    }

    async fn assigned(&mut self, lanes: Vec<u32>, resume: oneshot::Sender<Vec<Resume>>) {
        for partition in &lanes {
            self.handler.forget(*partition);
        }
        self.acquire(&lanes).await;
        let mut positions = Vec::new();
        for slot in self.lanes.values() {
            if let Slot::Held(lane) = slot {
                positions.extend(lane.lease.positions.iter().map(|(topic, partition, position)| Resume {
                    topic: topic.to_owned(),
                    partition,
                    next: Some(position.next),
                }));
            }
        }
        // the log may be gone meanwhile: then there is nothing to resume
        let _ = resume.send(positions);
        self.publish_positions();
    }

    fn revoked(&mut self, lanes: &[u32]) {
        for partition in lanes {
            self.lanes.remove(partition);
            self.handler.forget(*partition);
            if let Some(outbox) = &mut self.outbox {
                outbox.release(*partition);
            }
        }
        self.publish_positions();
    }

    /// Takes the lanes over, waiting for the database and the log as long as it takes.
    async fn acquire(&mut self, lanes: &[u32]) {
        let mut open: VecDeque<u32> = lanes.iter().copied().collect();
        while let Some(partition) = open.front().copied() {
            if self.context.shutdown.is_cancelled() {
                return;
            }
            match self.acquire_one(partition).await {
                Ok(lane) => {
                    self.lanes.insert(partition, Slot::Held(lane));
                    open.pop_front();
                }
                Err(error) if error.halts() => {
                    self.halt(partition, &error);
                    open.pop_front();
                }
                Err(error) => self.wait(&error).await,
            }
        }
        self.running();
    }

    async fn acquire_one(&mut self, partition: u32) -> Result<Lane> {
        let mut lease = lease::acquire(&self.context.store, self.handler.group(), partition).await?;
        if let Some(outbox) = &mut self.outbox {
            lease.published_sequence = outbox.restart(partition, lease.out_sequence).await?;
        }
        Ok(Lane::new(lease))
    }

    /// Works through the records, whatever it takes, until each is committed or its lane is lost.
    async fn process(&mut self, records: Vec<Record>) {
        let mut parts = VecDeque::from([records]);
        while let Some(records) = parts.pop_front() {
            if self.context.shutdown.is_cancelled() {
                return;
            }
            let Err(error) = self.attempt(&records, false).await else {
                self.backoff = Duration::ZERO;
                self.running();
                continue;
            };
            if let Some(lane) = self.lane_at_fault(&error) {
                self.halt(lane, &error);
                self.recover().await;
                parts.push_front(records);
            } else if error.is_transient() {
                self.wait(&error).await;
                self.recover().await;
                parts.push_front(records);
            } else if records.len() > 1 {
                self.recover().await;
                let mut first = records;
                let second = first.split_off(first.len() / 2);
                parts.push_front(second);
                parts.push_front(first);
            } else {
                tracing::error!(group = self.handler.group(), error = %error, "a record cannot be processed and goes to quarantine");
                self.recover().await;
                if let Err(error) = self.attempt(&records, true).await {
                    self.wait(&error).await;
                    self.recover().await;
                    parts.push_front(records);
                }
            }
        }
    }

    fn lane_at_fault(&self, error: &Error) -> Option<u32> {
        match error {
            Error::Gap { partition, .. } | Error::Unknown { partition, .. } | Error::BehindLog { partition, .. } => {
                Some(partition % self.context.log.partitions())
            }
            _ => None,
        }
    }

    /// One transaction. `poison`: the records are put away instead of handled.
    async fn attempt(&mut self, records: &[Record], poison: bool) -> Result<()> {
        let started = Instant::now();
        if self.outbox.as_ref().is_some_and(Outbox::has_failed) {
            return Err(Error::Closed);
        }
        let (mut lanes, batch) = self.admit(records)?;
        if lanes.is_empty() {
            return Ok(());
        }
        let count: usize = batch.lanes.iter().map(|lane| lane.records.len()).sum();
        let mut effects = Effects::starting(lanes.iter().map(|(partition, lane)| (*partition, lane.lease.out_sequence + 1)));
        if poison {
            self.put_away(&batch, &mut effects);
        } else if count > 0 {
            self.handler.handle(&batch, &mut effects).await?;
        }
        for (partition, topic, topic_partition) in &effects.uncounted {
            if let Some(lane) = lanes.get_mut(partition) {
                lane.uncount(topic, *topic_partition);
            }
        }
        if !effects.is_empty() {
            self.commit(&mut lanes, effects).await?;
        }
        for (partition, lane) in lanes {
            self.lanes.insert(partition, Slot::Held(lane));
        }
        self.publish_positions();
        metrics::histogram!("bihuan_batch_seconds", "group" => self.handler.group()).record(started.elapsed().as_secs_f64());
        metrics::counter!("bihuan_records_total", "group" => self.handler.group()).increment(count as u64);
        Ok(())
    }

    /// Sorts the records by lane, drops repeats and records of lanes that are not held, and moves positions on copies.
    fn admit(&self, records: &[Record]) -> Result<(BTreeMap<u32, Lane>, Batch)> {
        let mut lanes: BTreeMap<u32, Lane> = BTreeMap::new();
        let mut by_lane: BTreeMap<u32, Vec<Record>> = BTreeMap::new();
        for record in records {
            let partition = record.partition % self.context.log.partitions();
            let Some(Slot::Held(held)) = self.lanes.get(&partition) else { continue };
            let lane = lanes.entry(partition).or_insert_with(|| held.clone());
            match lane.admit(record) {
                Admission::Accept if self.handler.wants(&record.topic, &record.type_name) => {
                    by_lane.entry(partition).or_default().push(record.clone());
                }
                Admission::Accept | Admission::Repeat => {}
                Admission::Gap { expected, found } => {
                    return Err(Error::Gap { topic: record.topic.to_string(), partition: record.partition, expected, found });
                }
            }
        }
        let batch = Batch {
            lanes: by_lane.into_iter().map(|(partition, records)| LaneBatch { partition, records }).collect(),
            now: (self.context.clock)(),
        };
        Ok((lanes, batch))
    }

    async fn commit(&mut self, lanes: &mut BTreeMap<u32, Lane>, mut effects: Effects) -> Result<()> {
        let local = matches!(self.context.log, Log::Local(_));
        if !local {
            self.context.log.publish(std::mem::take(&mut effects.commands)).await?;
        }
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
        if local {
            LocalLog::append(tx.conn(), &effects.commands).await?;
        }
        tx.commit().await?;
        for lane in lanes.values_mut() {
            lane.lease.commits += 1;
            lane.moved = false;
        }
        self.handler.committed();
        if let Some(outbox) = &self.outbox {
            outbox.publish(&effects.events).await?;
        }
        Ok(())
    }

    fn put_away(&mut self, batch: &Batch, effects: &mut Effects) {
        for lane in &batch.lanes {
            for record in &lane.records {
                let quarantined = quarantined(self.handler.group(), self.context.log.cluster(), lane.partition, record, batch.now);
                self.handler.poisoned(lane.partition, &quarantined, effects);
                effects.quarantine(quarantined);
            }
        }
    }

    /// After a failure nothing in memory counts: every lane is taken again from the database.
    async fn recover(&mut self) {
        let held: Vec<u32> =
            self.lanes.iter().filter(|(_, slot)| matches!(slot, Slot::Held(_))).map(|(partition, _)| *partition).collect();
        for partition in &held {
            self.lanes.remove(partition);
            self.handler.forget(*partition);
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.reset_if_failed();
        }
        let ours: Vec<u32> = held.into_iter().filter(|partition| self.consumer.is_assigned(*partition)).collect();
        self.acquire(&ours).await;
    }

    async fn persist_skips(&mut self) {
        self.persisted = Instant::now();
        let moved: Vec<u32> = self
            .lanes
            .iter()
            .filter(|(_, slot)| matches!(slot, Slot::Held(lane) if lane.moved))
            .map(|(partition, _)| *partition)
            .collect();
        if moved.is_empty() {
            return;
        }
        if let Err(error) = self.write_skips(&moved).await {
            if error.is_transient() {
                self.wait(&error).await;
            }
            self.recover().await;
        }
    }

    async fn write_skips(&mut self, moved: &[u32]) -> Result<()> {
        let mut tx = self.context.store.begin().await?;
        let leases: Vec<_> = moved
            .iter()
            .filter_map(|partition| match self.lanes.get(partition) {
                Some(Slot::Held(lane)) => Some(&lane.lease),
                _ => None,
            })
            .collect();
        if !lease::advance(tx.conn(), &leases).await? {
            return Err(Error::Fenced);
        }
        tx.commit().await?;
        for partition in moved {
            if let Some(Slot::Held(lane)) = self.lanes.get_mut(partition) {
                lane.lease.commits += 1;
                lane.moved = false;
            }
        }
        Ok(())
    }

    fn halt(&mut self, partition: u32, error: &Error) {
        tracing::error!(group = self.handler.group(), lane = partition, error = %error, "lane halted: it needs a person");
        self.lanes.insert(partition, Slot::Halted);
        self.handler.forget(partition);
        self.context.status.set(Phase::Halted(error.to_string()));
    }

    /// Back-off with the phase shown; the same phase is not logged again.
    async fn wait(&mut self, error: &Error) {
        if !matches!(error, Error::Fenced) {
            self.context.status.set(Phase::Waiting(error.to_string()));
        }
        self.backoff = (self.backoff * 2).clamp(Duration::from_millis(50), Duration::from_secs(5));
        // jitter from the lease's own entropy: processes that were fenced together do not return together
        let jitter = u64::from(std::process::id()).wrapping_mul(2_654_435_761) % 50;
        tokio::select! {
            () = tokio::time::sleep(self.backoff + Duration::from_millis(jitter)) => {}
            () = self.context.shutdown.cancelled() => {}
        }
    }

    fn running(&self) {
        if !self.lanes.values().any(|slot| matches!(slot, Slot::Halted)) {
            self.context.status.set(Phase::Running);
        }
    }

    fn publish_positions(&self) {
        self.context.status.set_positions(
            self.lanes
                .iter()
                .filter_map(|(partition, slot)| match slot {
                    Slot::Held(lane) => Some((*partition, lane.lease.positions.clone())),
                    Slot::Halted => None,
                })
                .collect(),
        );
    }
}

fn quarantined(group: &str, cluster: &str, partition: u32, record: &Record, now: Timestamp) -> quarantine::Quarantined {
    quarantine::Quarantined {
        partition,
        id: bihuan_domain::id::RecordId::of_position(cluster, &record.topic, record.partition, record.offset),
        group: group.to_owned(),
        topic: record.topic.to_string(),
        topic_partition: record.partition,
        offset: record.offset,
        source: None,
        file: None,
        line: None,
        reason: "processing_failed".to_owned(),
        field: None,
        mapping: None,
        headers: "{}".to_owned(),
        bytes: record.payload.clone(),
        received_at: now,
        fate: quarantine::Fate::Waiting,
    }
}
