//! Rebalances: told to the loop on the channel of the records, in order, and answered with what to read from where.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::{mpsc, oneshot};

use super::Settings;
use super::deserted::Deserted;
use crate::log::Shared;
use crate::{Delivery, Inputs, Resumption, Start};

pub(super) struct Rebalances {
    pub(super) settings: Settings,
    pub(super) inputs: Inputs,
    deliveries: mpsc::Sender<Delivery>,
    shared: Arc<Shared>,
    /// Partition counts of the followers.
    counts: BTreeMap<String, u32>,
    /// Counts rebalances: what was read before one is stale after it.
    pub(super) generation: AtomicU64,
    /// From where the current assignment was read.
    pub(super) starts: Mutex<TopicPartitionList>,
    pub(super) deserted: Deserted,
    /// Another client took its place.
    replaced: AtomicBool,
}

impl ClientContext for Rebalances {
    fn stats_raw(&self, statistics: &[u8]) {
        self.deserted.hear(statistics);
    }
}

impl ConsumerContext for Rebalances {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, list: &mut TopicPartitionList) {
        if self.replaced.load(Ordering::Acquire) {
            // what it had was taken away already
            let _ = consumer.unassign();
            return;
        }
        self.generation.fetch_add(1, Ordering::AcqRel);
        let lead = self.settings.wire(&self.inputs.lead);
        let lanes: Vec<u32> = list
            .elements_for_topic(&lead)
            .iter()
            .map(|e| e.partition() as u32)
            .collect();
        let done = if matches!(err, RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            self.shared.assign(lanes.iter().copied().collect());
            self.assign(consumer, lanes)
        } else {
            self.shared.assign(BTreeSet::new());
            let _ = self.deliveries.blocking_send(Delivery::Revoked { lanes });
            consumer.unassign()
        };
        if let Err(error) = done {
            let _ = self.deliveries.blocking_send(Delivery::Away(error.to_string()));
        }
    }
}

impl Rebalances {
    /// `counts`: how many partitions the followers have that are not ours.
    pub(super) fn new(
        settings: Settings,
        inputs: Inputs,
        counts: BTreeMap<String, u32>,
        deliveries: mpsc::Sender<Delivery>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            settings,
            inputs,
            deliveries,
            shared,
            counts,
            generation: AtomicU64::new(0),
            starts: Mutex::default(),
            deserted: Deserted::default(),
            replaced: AtomicBool::new(false),
        }
    }

    /// For a client that takes the place of this one's.
    pub(super) fn successor(&self) -> Self {
        Self::new(
            self.settings.clone(),
            self.inputs.clone(),
            self.counts.clone(),
            self.deliveries.clone(),
            self.shared.clone(),
        )
    }

    /// Its client has nothing to say any more.
    pub(super) fn replace(&self) {
        self.replaced.store(true, Ordering::Release);
    }

    fn assign(&self, consumer: &BaseConsumer<Self>, lanes: Vec<u32>) -> KafkaResult<()> {
        // no answer: the loop is gone, and this consumer is about to follow
        let Some(resumption) = self.ask(lanes) else {
            return Ok(());
        };
        let list = self.resume(resumption)?;
        consumer.assign(&list)?;
        // librdkafka keeps a partition paused that was paused when it was taken away
        consumer.resume(&list)?;
        *self.starts.lock().unwrap_or_else(PoisonError::into_inner) = list;
        self.obey(consumer)
    }

    fn ask(&self, lanes: Vec<u32>) -> Option<Resumption> {
        let (resume, answer) = oneshot::channel();
        self.deliveries
            .blocking_send(Delivery::Assigned { lanes, resume })
            .ok()?;
        answer.blocking_recv().ok()
    }

    fn resume(&self, resumption: Resumption) -> KafkaResult<TopicPartitionList> {
        let known: BTreeMap<(String, u32), i64> = resumption
            .positions
            .into_iter()
            .map(|it| ((it.topic, it.partition), it.next))
            .collect();
        let mut list = TopicPartitionList::new();
        let lead = (self.inputs.lead.clone(), Start::Beginning);
        for (topic, _) in std::iter::once(&lead).chain(&self.inputs.followers) {
            let count = self
                .counts
                .get(topic)
                .copied()
                .unwrap_or(self.settings.partitions);
            let ours = |partition: &u32| resumption.lanes.contains(&(partition % self.settings.partitions));
            for partition in (0..count).filter(ours) {
                // inputs that begin at their ends have positions already; what is left was never read
                let next = known.get(&(topic.clone(), partition));
                let offset = next.map_or(Offset::Beginning, |next| Offset::Offset(*next));
                list.add_partition_offset(&self.settings.wire(topic), partition as i32, offset)?;
            }
        }
        Ok(list)
    }

    /// Pauses what is halted or stopped.
    pub(super) fn obey(&self, consumer: &BaseConsumer<Self>) -> KafkaResult<()> {
        let quiet = self.shared.quiet();
        if quiet == crate::log::Quiet::default() {
            return Ok(());
        }
        let assignment = consumer.assignment()?;
        let mut pause = TopicPartitionList::new();
        let covered = |element: &TopicPartitionListElem<'_>| {
            quiet.covers(
                self.settings.plain(element.topic()),
                element.partition() as u32,
                self.settings.partitions,
            )
        };
        for element in assignment.elements().iter().filter(|element| covered(element)) {
            pause.add_partition(element.topic(), element.partition());
        }
        consumer.pause(&pause)
    }
}
