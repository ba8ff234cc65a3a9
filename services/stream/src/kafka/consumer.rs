//! One thread polls Kafka; messages and rebalances go down one bounded channel, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tokio::sync::{mpsc, oneshot};

use super::read::Reading;
use super::rebalance::Rebalances;
use super::{Settings, client, deserted, is_ours, probe};
use crate::faults::{self, Point};
use crate::log::{Quiet, Shared};
use crate::{Consumer, Delivery, Error, Inputs, Record, Result};

/// Deliveries of records that may wait in the channel.
const CHANNEL: usize = 8;
/// Records per delivery, and bytes after which it is full.
const CHUNK: usize = 1000;
const CHUNK_BYTES: usize = 2 << 20;
/// How long the channel may stay full before fetching is paused (pausing throws prefetched data away).
const PATIENCE: Duration = Duration::from_secs(if cfg!(feature = "faults") { 2 } else { 30 });
/// How often the group's offsets are committed. Only lag dashboards read them.
const TELL: Duration = Duration::from_secs(5);
/// While the cluster is away, how often to look whether it is back.
const LOOK: Duration = Duration::from_secs(1);

pub(super) fn join(settings: Settings, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
    let (sender, deliveries) = mpsc::channel(CHANNEL);
    let shared = Arc::new(Shared::default());
    let counts = foreign_counts(&settings, inputs)?;
    let context = Rebalances::new(
        settings.clone(),
        inputs.clone(),
        counts,
        sender.clone(),
        shared.clone(),
    );
    let consumer = subscribed(context, group)?;
    let (left, reader) = oneshot::channel();
    let poller = Poller {
        reading: Reading::new(settings.clone()),
        settings,
        group,
        consumer,
        deliveries: sender,
        shared: shared.clone(),
        quiet: Quiet::default(),
        stash: Vec::new(),
        away: false,
        looked: Instant::now(),
        told: Instant::now(),
    };
    std::thread::Builder::new()
        .name(format!("kafka-{group}"))
        .spawn(move || {
            poller.run();
            let _ = left.send(());
        })
        .map_err(|error| Error::KafkaSettings(error.to_string()))?;
    Ok(Consumer {
        deliveries,
        shared,
        reader,
    })
}

/// A client that asks to be given lanes.
fn subscribed(context: Rebalances, group: &str) -> KafkaResult<BaseConsumer<Rebalances>> {
    let lead = context.settings.wire(&context.inputs.lead).into_owned();
    let consumer: BaseConsumer<Rebalances> = config(&context.settings, group).create_with_context(context)?;
    consumer.subscribe(&[&lead])?;
    Ok(consumer)
}

fn config(settings: &Settings, group: &str) -> ClientConfig {
    let mut config = client(settings);
    deserted::watch(&mut config);
    config
        .set("group.id", settings.group(group))
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("auto.offset.reset", "error")
        .set("session.timeout.ms", "6000")
        .set("fetch.queue.backoff.ms", "10")
        .set("fetch.wait.max.ms", "100")
        .set("queued.min.messages", "5000")
        .set("queued.max.messages.kbytes", "8192")
        .set("fetch.message.max.bytes", "11534336")
        .set("partition.assignment.strategy", "range");
    for (key, value) in &settings.properties {
        config.set(key, value);
    }
    config
}

/// How many partitions the followers have that are not ours.
fn foreign_counts(settings: &Settings, inputs: &Inputs) -> Result<BTreeMap<String, u32>> {
    let foreign = inputs
        .followers
        .iter()
        .map(|(topic, _)| topic)
        .filter(|topic| !is_ours(topic));
    foreign
        .map(|topic| Ok((topic.clone(), probe::partition_count(settings, topic)?)))
        .collect()
}

struct Poller {
    settings: Settings,
    group: &'static str,
    consumer: BaseConsumer<Rebalances>,
    deliveries: mpsc::Sender<Delivery>,
    shared: Arc<Shared>,
    reading: Reading,
    /// What is paused already.
    quiet: Quiet,
    /// Read while a delivery waited: the first of the next one.
    stash: Vec<Record>,
    away: bool,
    looked: Instant,
    told: Instant,
}

impl Poller {
    fn run(mut self) {
        while !self.deliveries.is_closed() {
            self.obey();
            self.tell();
            let generation = self.generation();
            let (records, trouble) = self.chunk();
            if !records.is_empty() {
                self.away = false;
                faults::block(Point::Fetch, self.group);
                // what was read before a rebalance would come after it: it is read again from where the loop says
                if generation == self.generation() && !self.deliver(Delivery::Records(records)) {
                    break;
                }
            }
            if let Some(error) = trouble
                && !self.report(&error)
            {
                break;
            }
            self.look();
            if self.consumer.context().deserted.is_so() && !self.start_again() {
                break;
            }
        }
        // dropping the consumer here leaves the group
    }

    fn generation(&self) -> u64 {
        self.consumer.context().generation.load(Ordering::Acquire)
    }

    /// What is there already, up to the limits.
    fn chunk(&mut self) -> (Vec<Record>, Option<KafkaError>) {
        let mut records = std::mem::take(&mut self.stash);
        let mut bytes = 0;
        let mut wait = Duration::from_millis(100);
        while records.len() < CHUNK && bytes < CHUNK_BYTES {
            match self.consumer.poll(wait) {
                Some(Ok(message)) => {
                    let record = self.reading.record(&message);
                    bytes += record.payload.len();
                    records.push(record);
                }
                Some(Err(error)) => return (records, Some(error)),
                // nothing there, or a rebalance
                None => break,
            }
            wait = Duration::ZERO;
        }
        (records, None)
    }

    /// `false`: the loop is gone.
    fn report(&mut self, error: &KafkaError) -> bool {
        if let Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) =
            error.rdkafka_error_code()
        {
            let lost = self.lost().unwrap_or_default();
            if !lost.is_empty() {
                return lost.into_iter().all(|delivery| self.deliver(delivery));
            }
        }
        self.away = true;
        self.looked = Instant::now();
        self.deliver(Delivery::Away(error.to_string()))
    }

    /// The partitions whose next offset the log does not hold: librdkafka does not say which one it gave up on.
    fn lost(&self) -> KafkaResult<Vec<Delivery>> {
        let starts = self
            .consumer
            .context()
            .starts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let read = self.consumer.position()?;
        let mut lost = Vec::new();
        for element in starts.elements() {
            let (topic, partition) = (element.topic(), element.partition());
            let position = read
                .find_partition(topic, partition)
                .map(|element| element.offset());
            let ((Some(Offset::Offset(next)), _) | (_, Offset::Offset(next))) = (position, element.offset())
            else {
                continue;
            };
            let (low, high) = probe::watermarks(&self.consumer, topic, partition)?;
            if next < low || next > high {
                let detail =
                    format!("the log lost data: offset {next} is to be read, it holds {low} to {high}");
                let topic = self.settings.plain(topic).to_owned();
                lost.push(Delivery::Lost {
                    topic,
                    partition: partition as u32,
                    detail,
                });
            }
        }
        Ok(lost)
    }

    /// Says when the cluster is back: librdkafka does not.
    fn look(&mut self) {
        if self.away && self.looked.elapsed() > LOOK {
            self.looked = Instant::now();
            let lead = self
                .settings
                .wire(&self.consumer.context().inputs.lead)
                .into_owned();
            if self.consumer.fetch_metadata(Some(&lead), LOOK).is_ok() {
                self.away = false;
                let _ = self.deliver(Delivery::Back);
            }
        }
    }

    /// A new client takes the place of one that knows no broker any more. `false`: the loop is gone.
    fn start_again(&mut self) -> bool {
        let Ok(consumer) = subscribed(self.consumer.context().successor(), self.group) else {
            return true;
        };
        tracing::warn!(
            group = self.group,
            "the consumer knows no broker any more; a new one takes its place"
        );
        let old = std::mem::replace(&mut self.consumer, consumer);
        old.context().replace();
        // nobody can be told that it leaves, so this may take for ever
        std::thread::spawn(move || drop(old));
        self.stash.clear();
        self.quiet = Quiet::default();
        self.away = true;
        let lanes = self.shared.assign(BTreeSet::new()).into_iter().collect();
        let reason = "the log had no broker for a while".to_owned();
        self.deliver(Delivery::Revoked { lanes }) && self.deliver(Delivery::Away(reason))
    }

    /// Pauses what was halted or stopped since.
    fn obey(&mut self) {
        let quiet = self.shared.quiet();
        if quiet != self.quiet && self.consumer.context().obey(&self.consumer).is_ok() {
            self.quiet = quiet;
        }
    }

    fn tell(&mut self) {
        if self.told.elapsed() < TELL {
            return;
        }
        self.told = Instant::now();
        let mut list = TopicPartitionList::new();
        for positions in self.shared.take_read().values() {
            for (topic, partition, position) in positions.iter() {
                let offset = Offset::Offset(position.next);
                let _ = list.add_partition_offset(&self.settings.wire(topic), partition as i32, offset);
            }
        }
        if list.count() > 0 {
            let _ = self.consumer.commit(&list, CommitMode::Async);
        }
    }

    /// Waits for room in the channel; pauses fetching when that takes long. `false`: the loop is gone.
    fn deliver(&mut self, mut delivery: Delivery) -> bool {
        let (since, generation) = (Instant::now(), self.generation());
        let mut paused = false;
        loop {
            match self.deliveries.try_send(delivery) {
                Ok(()) => break,
                Err(mpsc::error::TrySendError::Closed(_)) => return false,
                Err(mpsc::error::TrySendError::Full(back)) => delivery = back,
            }
            if since.elapsed() <= PATIENCE {
                std::thread::sleep(Duration::from_millis(1));
                continue;
            }
            if !paused {
                paused = self.pause().is_ok();
            }
            self.serve(generation);
            if generation != self.generation() {
                // stale after a rebalance, see `run`
                break;
            }
        }
        if paused {
            self.resume();
        }
        true
    }

    /// Serves rebalances and heartbeats while paused.
    fn serve(&mut self, generation: u64) {
        if let Some(Ok(message)) = self.consumer.poll(Duration::from_millis(50)) {
            let record = self.reading.record(&message);
            self.stash.push(record);
        } else if generation != self.generation() {
            self.stash.clear();
        }
    }

    fn pause(&self) -> KafkaResult<()> {
        self.consumer.pause(&self.consumer.assignment()?)
    }

    fn resume(&mut self) {
        if let Ok(assignment) = self.consumer.assignment() {
            let _ = self.consumer.resume(&assignment);
        }
        // all of it again, less what is halted or stopped
        self.quiet = Quiet::default();
        self.obey();
    }
}
