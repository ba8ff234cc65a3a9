//! The first half of a batch, in memory: admit the records and let the handler decide.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bihuan_contracts::topics::{JOURNALS, QUEUES};
use bihuan_domain::time::Timestamp;

use super::Worker;
use super::holding::Slot;
use super::ticking::Ticks;
use crate::lane::{Admission, Lane};
use crate::{Batch, Effects, Error, Handler, LaneBatch, Record, Result};

/// No message may be larger: topics take a little more, for headers.
const LARGEST: usize = 10 << 20;

/// The reason of what cannot be handled.
const PROCESSING_FAILED: &str = "processing_failed";

/// What becomes of the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Handle,
    /// They cannot be handled: they go to quarantine.
    PutAway,
}

/// Records and ticks that belong into one transaction.
pub(super) struct Part {
    pub(super) records: Vec<Record>,
    /// None of a part that is put away.
    pub(super) ticks: Vec<Ticks>,
    pub(super) mode: Mode,
}

impl Part {
    pub(super) const fn of(records: Vec<Record>, mode: Mode) -> Self {
        let ticks = Vec::new();
        Self { records, ticks, mode }
    }

    pub(super) const fn of_ticks(ticks: Vec<Ticks>) -> Self {
        Self {
            records: Vec::new(),
            ticks,
            mode: Mode::Handle,
        }
    }
}

/// A part that failed, to be tried again.
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) part: Part,
}

/// What a part leads to, decided in memory.
pub(super) struct Decided<R> {
    pub(super) admitted: Admitted,
    pub(super) effects: Effects,
    pub(super) rows: Option<R>,
    pub(super) mode: Mode,
    pub(super) started: Instant,
}

impl<R> Decided<R> {
    pub(super) fn into_part(self) -> Part {
        self.admitted.into_part(self.mode)
    }
}

/// Records sorted by what is done with them. They are moved, never copied.
pub(super) struct Admitted {
    /// Copies of the lanes with their positions moved.
    pub(super) lanes: BTreeMap<u32, Lane>,
    pub(super) batch: Batch,
    /// Repeats, and what the handler does not want: kept without payload, for another attempt.
    skipped: Vec<Record>,
    /// Journals that skipped a sequence, by lane.
    pub(super) gaps: BTreeMap<u32, Error>,
}

impl Admitted {
    const fn at(now: Timestamp, grace: Duration) -> Self {
        let batch = Batch {
            lanes: Vec::new(),
            now,
            grace,
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
        self.of_lane(partition).records.push(record);
    }

    /// Ticks come after the records of their lane, so never behind a gap.
    fn tick(&mut self, held: &Lane, ticks: Ticks) {
        let partition = held.lease.partition;
        if self.gaps.contains_key(&partition) {
            return;
        }
        self.lanes.entry(partition).or_insert_with(|| held.clone());
        let lane = self.of_lane(partition);
        lane.watermark = ticks.watermark;
        lane.ticks = ticks.clues;
    }

    fn of_lane(&mut self, partition: u32) -> &mut LaneBatch {
        let lanes = &mut self.batch.lanes;
        let known = lanes.iter().position(|lane| lane.partition == partition);
        let index = known.unwrap_or_else(|| {
            lanes.push(LaneBatch::new(partition, Vec::new()));
            lanes.len() - 1
        });
        &mut lanes[index]
    }

    /// The records again, in the order of their inputs, and the ticks.
    pub(super) fn into_part(self, mode: Mode) -> Part {
        let mut part = Part::of(self.skipped, mode);
        for lane in self.batch.lanes {
            part.records.extend(lane.records);
            if !lane.ticks.is_empty() {
                part.ticks.push(Ticks {
                    lane: lane.partition,
                    watermark: lane.watermark,
                    clues: lane.ticks,
                });
            }
        }
        part.records
            .sort_by(|a, b| (&a.topic, a.partition, a.offset).cmp(&(&b.topic, b.partition, b.offset)));
        part
    }
}

impl<H: Handler> Worker<H> {
    /// Everything that needs neither the log nor a transaction. Positions move on copies of the lanes.
    pub(super) async fn decide(&mut self, part: Part) -> Result<Decided<H::Rows>, Failure> {
        let (mode, started) = (part.mode, Instant::now());
        let mut admitted = self.admit(part);
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
        for counted in &effects.counted {
            if let Some(lane) = admitted.lanes.get_mut(&counted.lane) {
                lane.recount(counted);
            }
        }
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                let part = admitted.into_part(mode);
                return Err(Failure { error, part });
            }
        };
        // digests take a while: better now than when the commit before is awaited
        for entry in &effects.events {
            if let Some(lane) = admitted.lanes.get_mut(&entry.partition) {
                lane.append(entry);
            }
        }
        Ok(Decided {
            admitted,
            effects,
            rows,
            mode,
            started,
        })
    }

    /// What the handler put off, under the leases of all its lanes.
    pub(super) fn decide_rest(&mut self, busy: bool) -> Option<Decided<H::Rows>> {
        let rows = self.handler.rest(busy)?;
        let mut admitted = self.nothing_admitted();
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

    fn nothing_admitted(&self) -> Admitted {
        Admitted::at((self.context.clock)(), self.context.limits.tick_grace)
    }

    /// Drops records of lanes that are not held and of inputs that are stopped, sorts the others, and moves positions on copies.
    /// Ticks of lanes that are not held are for whoever holds them.
    fn admit(&self, part: Part) -> Admitted {
        let mut admitted = self.nothing_admitted();
        for record in part.records {
            let partition = record.partition % self.context.log.partitions();
            if let Some(Slot::Held(held)) = self.lanes.get(&partition)
                && !self.breaker.is_stopped(&record.topic, record.partition)
            {
                let wanted = self.handler.wants(&record.topic, &record.type_name);
                admitted.sort(held, record, wanted);
            }
        }
        for ticks in part.ticks {
            if let Some(Slot::Held(held)) = self.lanes.get(&ticks.lane) {
                admitted.tick(held, ticks);
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
