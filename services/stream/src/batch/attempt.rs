//! One batch: admit the records, let the handler decide, publish commands, begin the commit; later see how that ended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bihuan_contracts::topics::{JOURNALS, QUEUES};
use bihuan_domain::time::Timestamp;
use tokio_util::task::AbortOnDropHandle;

use super::Worker;
use super::breaker::Bad;
use super::commit::Commit;
use super::holding::Slot;
use crate::faults::{self, Point};
use crate::lane::{Admission, Lane};
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

/// Records that belong into one transaction.
pub(super) struct Part {
    pub(super) records: Vec<Record>,
    pub(super) mode: Mode,
}

/// A part that failed, to be tried again.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) part: Part,
}

/// What a part leads to, decided in memory.
pub(super) struct Decided<R> {
    admitted: Admitted,
    effects: Effects,
    rows: Option<R>,
    mode: Mode,
    started: Instant,
}

/// A part whose commit is under way.
pub(super) struct Underway {
    commit: AbortOnDropHandle<Result<()>>,
    ended: Option<Result<()>>,
    admitted: Admitted,
    /// The lanes without it.
    before: Vec<Lane>,
    bad: Bad,
    mode: Mode,
    started: Instant,
}

impl<R> Decided<R> {
    pub(super) fn into_part(self) -> Part {
        self.admitted.into_part(self.mode)
    }
}

impl Underway {
    /// Until the commit has ended, one way or the other. May be given up and begun again.
    pub(super) async fn wait(&mut self) {
        if self.ended.is_none() {
            let ended = (&mut self.commit).await;
            self.ended = Some(ended.unwrap_or_else(|error| match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Closed),
            }));
        }
    }
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
    fn into_part(self, mode: Mode) -> Part {
        let mut records = self.skipped;
        records.extend(self.batch.lanes.into_iter().flat_map(|lane| lane.records));
        records.sort_by(|a, b| (&a.topic, a.partition, a.offset).cmp(&(&b.topic, b.partition, b.offset)));
        Part { records, mode }
    }
}

impl<H: Handler> Worker<H> {
    /// Everything that needs neither the log nor a transaction. Positions move on copies of the lanes.
    pub(super) async fn decide(&mut self, part: Part) -> Result<Decided<H::Rows>, Failure> {
        let (mode, started) = (part.mode, Instant::now());
        let mut admitted = self.admit(part.records);
        let next = admitted
            .lanes
            .iter()
            .map(|(partition, lane)| (*partition, lane.lease.out_sequence + 1));
        let mut effects = Effects::starting(next);
        let rows = match mode {
            Mode::PutAway => self.put_away(&admitted.batch, &mut effects).await.map(|()| None),
            Mode::Handle if admitted.batch.lanes.is_empty() => Ok(None),
            Mode::Handle => self.handler.handle(&admitted.batch, &mut effects).await,
        };
        let rows = rows.and_then(|rows| self.check(&admitted.lanes, &effects).map(|()| rows));
        for (partition, topic, topic_partition) in &effects.uncounted {
            if let Some(lane) = admitted.lanes.get_mut(partition) {
                lane.uncount(topic, *topic_partition);
            }
        }
        match rows {
            Ok(rows) => Ok(Decided {
                admitted,
                effects,
                rows,
                mode,
                started,
            }),
            Err(error) => {
                let part = admitted.into_part(mode);
                Err(Failure { error, part })
            }
        }
    }

    /// What the handler put off, under the leases of all its lanes.
    pub(super) fn decide_rest(&mut self) -> Option<Decided<H::Rows>> {
        let rows = self.handler.rest()?;
        let mut admitted = Admitted::at((self.context.clock)());
        for (partition, slot) in &self.lanes {
            if let Slot::Held(lane) = slot {
                admitted.lanes.insert(*partition, lane.clone());
            }
        }
        Some(Decided {
            admitted,
            effects: Effects::default(),
            rows: Some(rows),
            mode: Mode::Handle,
            started: Instant::now(),
        })
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

    /// Publishes the commands, then begins the commit and goes on as if it had succeeded.
    pub(super) async fn begin(&mut self, mut decided: Decided<H::Rows>) -> Result<(), Failure> {
        let has_effects = !decided.effects.is_empty() || decided.rows.is_some();
        if let Err(error) = self.announce(&mut decided.effects).await {
            let part = decided.into_part();
            return Err(Failure { error, part });
        }
        let Decided {
            mut admitted,
            effects,
            rows,
            mode,
            started,
        } = decided;
        let bad = Bad::of(&effects);
        let commit = has_effects.then(|| {
            let commit = self.commit(&mut admitted.lanes, effects, rows);
            AbortOnDropHandle::new(tokio::spawn(commit.run::<H>()))
        });
        let mut before = Vec::new();
        for (partition, lane) in std::mem::take(&mut admitted.lanes) {
            if let Some(Slot::Held(lane)) = self.lanes.insert(partition, Slot::Held(lane)) {
                before.push(lane);
            }
        }
        let Some(commit) = commit else {
            self.finish(admitted, started);
            return Ok(());
        };
        let gaps = !admitted.gaps.is_empty();
        self.underway = Some(Underway {
            commit,
            ended: None,
            admitted,
            before,
            bad,
            mode,
            started,
        });
        // a task that was just made waits for this one to pause, however long it decides
        tokio::task::yield_now().await;
        // nothing is read beyond a gap
        if gaps { self.settle().await } else { Ok(()) }
    }

    /// The commands reach the log before anything is committed.
    async fn announce(&mut self, effects: &mut Effects) -> Result<()> {
        if self.outbox.as_ref().is_some_and(Outbox::has_failed) {
            return Err(Error::Undelivered);
        }
        faults::at(Point::BeforePublish, self.handler.group())?;
        if !matches!(self.context.log, Log::Local(_)) {
            let commands = std::mem::take(&mut effects.commands);
            self.publish(commands).await?;
        }
        faults::at(Point::AfterPublish, self.handler.group())
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

    fn commit(
        &self,
        lanes: &mut BTreeMap<u32, Lane>,
        effects: Effects,
        rows: Option<H::Rows>,
    ) -> Commit<H::Rows> {
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
        let leases = lanes.values().map(|lane| lane.lease.clone()).collect();
        lanes.values_mut().for_each(Lane::committed);
        Commit {
            group: self.handler.group(),
            store: self.context.store.clone(),
            outbox: self.outbox.clone(),
            leases,
            effects,
            rows,
        }
    }

    /// Waits for the commit that is under way, if one is. When it failed, the lanes are as they were before it, and whatever
    /// was decided since counts no more.
    pub(super) async fn settle(&mut self) -> Result<(), Failure> {
        let Some(mut underway) = self.underway.take() else {
            return Ok(());
        };
        underway.wait().await;
        let Underway {
            ended,
            admitted,
            before,
            bad,
            mode,
            started,
            ..
        } = underway;
        if let Some(Err(error)) = ended {
            for lane in before {
                self.lanes.insert(lane.lease.partition, Slot::Held(lane));
            }
            let part = admitted.into_part(mode);
            return Err(Failure { error, part });
        }
        for (topic, partition) in self.breaker.count(&admitted.batch, &bad) {
            tracing::error!(group = self.handler.group(), %topic, partition, "input stopped: nearly all of it is bad");
            self.consumer.quiet_input(&topic, partition);
        }
        self.finish(admitted, started);
        Ok(())
    }

    /// It counts now.
    fn finish(&mut self, admitted: Admitted, started: Instant) {
        for (partition, error) in admitted.gaps {
            self.halt(partition, error.to_string());
        }
        self.publish_positions();
        self.backoff.reset();
        self.show();
        let count: usize = admitted.batch.lanes.iter().map(|lane| lane.records.len()).sum();
        let group = self.handler.group();
        metrics::histogram!("bihuan_batch_seconds", "group" => group).record(started.elapsed().as_secs_f64());
        metrics::counter!("bihuan_records_total", "group" => group).increment(count as u64);
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
