//! Taking lanes over, giving them up, and writing down positions that moved without effects.

use std::collections::BTreeMap;

use bihuan_store::installation;
use bihuan_store::lease::{self, Lease, Positions};
use tokio::sync::oneshot;

use super::{PERSIST_SKIPS, Worker};
use crate::faults::{self, Point};
use crate::lane::Lane;
use crate::outbox::OnLog;
use crate::{Error, Handler, Log, Result, Resume, Resumption, Start};

/// A lane that is ours.
pub(super) enum Slot {
    Held(Lane),
    /// Stopped, and why: needs a person.
    Halted(String),
}

/// Where to begin reading the inputs that begin at their ends, by topic and partition.
type Ends = BTreeMap<String, BTreeMap<u32, i64>>;

impl<H: Handler> Worker<H> {
    pub(super) async fn assigned(&mut self, lanes: Vec<u32>, resume: oneshot::Sender<Resumption>) {
        for partition in &lanes {
            self.handler.forget(*partition);
        }
        self.give_up_ticks(&lanes);
        self.rested = false;
        // a record that was on its way may have halted one of them since the log gave it to us again
        self.consumer.unquiet_lanes(&lanes);
        self.acquire(&lanes, &BTreeMap::new()).await;
        let mut resumption = Resumption::default();
        for partition in lanes {
            let Some(Slot::Held(lane)) = self.lanes.get(&partition) else {
                continue;
            };
            resumption.lanes.push(partition);
            for (topic, partition, position) in lane.lease.positions.iter() {
                let topic = topic.to_owned();
                resumption.positions.push(Resume {
                    topic,
                    partition,
                    next: position.next,
                });
            }
        }
        // the log may be gone meanwhile: then there is nothing to resume
        let _ = resume.send(resumption);
        self.publish_positions();
    }

    pub(super) fn revoked(&mut self, lanes: &[u32]) {
        for partition in lanes {
            self.lanes.remove(partition);
            self.handler.forget(*partition);
            if let Some(outbox) = &mut self.outbox {
                outbox.release(*partition);
            }
        }
        self.give_up_ticks(lanes);
        self.publish_positions();
        self.show();
    }

    /// Takes the lanes over, waiting for the database and the log as long as it takes. `held`: what is known of lanes that were
    /// ours before, among it how far they were read in memory since their last commit.
    async fn acquire(&mut self, lanes: &[u32], held: &BTreeMap<u32, Lease>) {
        while !self.context.shutdown.is_cancelled() {
            match self.acquire_all(lanes, held).await {
                Ok(outcomes) => {
                    for (partition, outcome) in outcomes {
                        match outcome {
                            Ok(lane) => {
                                self.lanes.insert(partition, Slot::Held(lane));
                            }
                            Err(error) => self.halt(partition, error.to_string()),
                        }
                    }
                    break;
                }
                Err(error) => {
                    if let Some(outbox) = &mut self.outbox {
                        outbox.reset();
                    }
                    self.wait(&error).await;
                }
            }
        }
        self.show();
    }

    /// All lanes at once, so that a rebalance asks the log once. The inner errors halt their lanes.
    async fn acquire_all(
        &mut self,
        lanes: &[u32],
        held: &BTreeMap<u32, Lease>,
    ) -> Result<Vec<(u32, Result<Lane>)>> {
        let ends = self.ends().await?;
        let mut taken = Vec::with_capacity(lanes.len());
        let mut gone_back = Vec::new();
        for partition in lanes {
            let lease = lease::acquire(&self.context.store, self.handler.group(), *partition).await?;
            let before = held.get(partition);
            if let Some(before) = before
                && lease.commits < before.commits
            {
                // what was read since its last commit is no skipping: it was committed, and is lost
                gone_back.push((*partition, Err(went_back(before, &lease))));
                continue;
            }
            let mut lane = Lane::new(lease);
            self.begin_at_ends(&mut lane, &ends);
            self.begin_at_beginnings(&mut lane);
            if let Some(before) = before {
                lane.skip_to(&before.positions);
            }
            taken.push(lane);
        }
        let Some(outbox) = &mut self.outbox else {
            let taken = taken.into_iter().map(|lane| (lane.lease.partition, Ok(lane)));
            return Ok(taken.chain(gone_back).collect());
        };
        let ours = taken
            .iter()
            .map(|lane| (lane.lease.partition, lane.lease.out_sequence));
        let epochs = taken
            .iter()
            .map(|lane| (lane.lease.partition, lane.lease.epoch))
            .collect();
        faults::wait(Point::Taken, self.handler.group()).await;
        let on_log = outbox.restart(ours).await?;
        let compared: Vec<_> = taken.into_iter().map(|lane| compared(lane, &on_log)).collect();
        for (partition, outcome) in &compared {
            if outcome.is_err() {
                self.still_holds(*partition, &epochs).await?;
            }
        }
        Ok(compared.into_iter().chain(gone_back).collect())
    }

    /// Whoever took a lane from us since we took it may have written what the log holds by now.
    async fn still_holds(&self, partition: u32, epochs: &BTreeMap<u32, i64>) -> Result<()> {
        let mut reader = self.context.store.read().await?;
        let leases = lease::list(reader.conn(), self.handler.group()).await?;
        let now = leases.iter().find(|lease| lease.partition == partition);
        match now {
            Some(lease) if epochs.get(&partition) == Some(&lease.epoch) => Ok(()),
            _ => Err(Error::Fenced),
        }
    }

    async fn ends(&self) -> Result<Ends> {
        let mut all = Ends::new();
        for (topic, start) in self.handler.inputs().followers {
            if start == Start::End {
                let ends = self.first_ends(&topic).await?;
                all.insert(topic, ends);
            }
        }
        Ok(all)
    }

    /// Where a topic ended when this group first saw it. Written down then: otherwise what arrives while the group is away
    /// before its first commit would never be read.
    async fn first_ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let key = format!("start/{}/{topic}", self.handler.group());
        let mut reader = self.context.store.read().await?;
        let mut known = installation::get(reader.conn(), &key).await?;
        drop(reader);
        if known.is_none() {
            let now = self.context.log.ends(topic).await?;
            let text = serde_json::to_string(&now).map_err(|error| Error::Handler(error.to_string()))?;
            known = Some(installation::first(&self.context.store, &key, &text).await?);
        }
        serde_json::from_str(&known.unwrap_or_default())
            .map_err(|error| Error::Handler(format!("{key}: {error}")))
    }

    fn begin_at_ends(&self, lane: &mut Lane, ends: &Ends) {
        let (own, partitions) = (lane.lease.partition, self.context.log.partitions());
        for (topic, ends) in ends {
            for (partition, end) in ends
                .iter()
                .filter(|(partition, _)| *partition % partitions == own)
            {
                lane.begin_at(topic, *partition, *end);
            }
        }
    }

    /// The local log forgets what every group has read: it must know of a group that has read nothing yet. On Kafka a topic may
    /// begin later than at 0.
    fn begin_at_beginnings(&self, lane: &mut Lane) {
        if matches!(self.context.log, Log::Local(_)) {
            let inputs = self.handler.inputs();
            let partition = lane.lease.partition;
            for topic in std::iter::once(&inputs.lead).chain(inputs.followers.iter().map(|(topic, _)| topic))
            {
                lane.begin_at(topic, partition, 0);
            }
        }
    }

    /// After a failure nothing in memory counts but the newest commit and how far was skipped since: every lane is taken again from the database.
    pub(super) async fn recover(&mut self) {
        self.forget_ready();
        let mut held = BTreeMap::new();
        let mut ours = Vec::new();
        for (partition, slot) in std::mem::take(&mut self.lanes) {
            match slot {
                Slot::Halted(reason) => {
                    self.lanes.insert(partition, Slot::Halted(reason));
                }
                Slot::Held(lane) => {
                    self.handler.forget(partition);
                    // a lane that was revoked meanwhile comes back by assignment, if at all
                    if self.consumer.is_assigned(partition) {
                        ours.push(partition);
                    }
                    held.insert(partition, lane.lease);
                }
            }
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.reset();
        }
        self.acquire(&ours, &held).await;
    }

    pub(super) async fn persist_skips(&mut self) {
        if self.unwritten().is_empty() {
            return;
        }
        self.quiesce().await;
        let unwritten = self.unwritten();
        for (partition, acknowledged) in &unwritten {
            if let Some(Slot::Held(lane)) = self.lanes.get_mut(partition) {
                lane.lease.published_sequence = *acknowledged;
            }
        }
        let moved: Vec<u32> = unwritten.into_iter().map(|(partition, _)| partition).collect();
        if moved.is_empty() {
            return;
        }
        if let Err(error) = self.write_skips(&moved).await {
            self.wait(&error).await;
            self.recover().await;
        }
    }

    /// The lanes of which something is to be written that no batch did, each with how far its journal is published. What the log
    /// acknowledged of a busy lane, its next batch says.
    fn unwritten(&self) -> Vec<(u32, i64)> {
        let unwritten = |(partition, slot): (&u32, &Slot)| {
            let Slot::Held(lane) = slot else { return None };
            let known = lane.lease.published_sequence;
            let acknowledged = self.outbox.as_ref().map_or(0, |outbox| {
                outbox.acknowledged(*partition, lane.lease.out_sequence)
            });
            let is_published = acknowledged > known && lane.committed_at.elapsed() >= PERSIST_SKIPS;
            (lane.moved || is_published).then_some((*partition, known.max(acknowledged)))
        };
        self.lanes.iter().filter_map(unwritten).collect()
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
                lane.committed();
            }
        }
        Ok(())
    }

    /// Stops the lane until it is assigned anew.
    pub(super) fn halt(&mut self, partition: u32, reason: String) {
        tracing::error!(
            group = self.handler.group(),
            lane = partition,
            reason,
            "lane halted: it needs a person"
        );
        self.lanes.insert(partition, Slot::Halted(reason));
        self.handler.forget(partition);
        self.consumer.quiet_lane(partition);
        self.show();
    }

    /// Tells the status and the log how far was read.
    pub(super) fn publish_positions(&self) {
        let held = |(partition, slot): (&u32, &Slot)| match slot {
            Slot::Held(lane) => Some((*partition, lane.lease.positions.clone())),
            Slot::Halted(_) => None,
        };
        let positions: BTreeMap<u32, Positions> = self.lanes.iter().filter_map(held).collect();
        self.consumer.report(&positions);
        self.context.status.set_positions(positions);
    }
}

fn went_back(before: &Lease, now: &Lease) -> Error {
    Error::WentBack {
        partition: now.partition,
        seen: before.commits,
        found: now.commits,
    }
}

/// The lane, unless the log knows more of its journal than the database.
fn compared(mut lane: Lane, on_log: &BTreeMap<u32, OnLog>) -> (u32, Result<Lane>) {
    let partition = lane.lease.partition;
    if let Some(on_log) = on_log.get(&partition) {
        if on_log.sequence > lane.lease.out_sequence {
            return (partition, Err(on_log.behind(lane.lease.out_sequence)));
        }
        lane.lease.published_sequence = on_log.sequence;
    }
    (partition, Ok(lane))
}
