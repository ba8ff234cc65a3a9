//! One thread polls Kafka; messages and rebalances go down one bounded channel, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bihuan_contracts::header;
use bihuan_contracts::topics::{Kind, kind};
use bihuan_domain::time::Timestamp;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::{mpsc, oneshot};

use super::{Settings, TIMEOUT, client};
use crate::{Consumer, Delivery, Error, Inputs, Record, Resume, Result, Start};

/// Batches of records that may wait in the channel.
const CHANNEL: usize = 8;
/// Records per delivery.
const CHUNK: usize = 1000;
/// How long the channel may stay full before fetching is paused (pausing throws prefetched data away).
const PATIENCE: Duration = Duration::from_secs(30);

type Assigned = Arc<Mutex<BTreeSet<u32>>>;

struct Rebalances {
    deliveries: mpsc::Sender<Delivery>,
    assigned: Assigned,
    inputs: Inputs,
    partitions: u32,
    /// Partition counts of the followers.
    counts: BTreeMap<String, u32>,
}

impl ClientContext for Rebalances {
    fn error(&self, error: KafkaError, reason: &str) {
        if matches!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::AllBrokersDown)) {
            // a full channel means that the loop has other worries
            let _ = self.deliveries.try_send(Delivery::Away(reason.to_owned()));
        }
    }
}

impl ConsumerContext for Rebalances {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let lanes: Vec<u32> = list.elements_for_topic(&self.inputs.lead).iter().map(|e| e.partition() as u32).collect();
        let done = if matches!(err, RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
            self.set_assigned(lanes.iter().copied().collect());
            self.resume(lanes).map_or(Ok(()), |list| consumer.assign(&list))
        } else {
            self.set_assigned(BTreeSet::new());
            let _ = self.deliveries.blocking_send(Delivery::Revoked { lanes });
            consumer.unassign()
        };
        if let Err(error) = done {
            let _ = self.deliveries.try_send(Delivery::Away(error.to_string()));
        }
    }
}

impl Rebalances {
    fn set_assigned(&self, lanes: BTreeSet<u32>) {
        if let Ok(mut assigned) = self.assigned.lock() {
            *assigned = lanes;
        }
    }

    /// Asks the loop from where to read; `None` if it is gone.
    fn resume(&self, lanes: Vec<u32>) -> Option<TopicPartitionList> {
        let (sender, receiver) = oneshot::channel();
        self.deliveries.blocking_send(Delivery::Assigned { lanes: lanes.clone(), resume: sender }).ok()?;
        let known: BTreeMap<(String, u32), Option<i64>> =
            receiver.blocking_recv().ok()?.into_iter().map(|r: Resume| ((r.topic, r.partition), r.next)).collect();
        let mut list = TopicPartitionList::new();
        let lead = (self.inputs.lead.clone(), Start::Beginning);
        for (topic, start) in std::iter::once(&lead).chain(&self.inputs.followers) {
            let count = self.counts.get(topic).copied().unwrap_or(self.partitions);
            for partition in (0..count).filter(|q| lanes.contains(&(q % self.partitions))) {
                let offset = match known.get(&(topic.clone(), partition)).copied().flatten() {
                    Some(next) => Offset::Offset(next),
                    None if *start == Start::End => Offset::End,
                    None => Offset::Beginning,
                };
                // fails only on an offset that cannot be
                let _ = list.add_partition_offset(topic, partition as i32, offset);
            }
        }
        Some(list)
    }
}

pub(super) fn join(settings: &Settings, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
    let (sender, deliveries) = mpsc::channel(CHANNEL);
    let assigned = Assigned::default();
    let context = Rebalances {
        deliveries: sender.clone(),
        assigned: assigned.clone(),
        inputs: inputs.clone(),
        partitions: settings.partitions,
        counts: follower_counts(settings, inputs)?,
    };
    let mut config = client(settings);
    config
        .set("group.id", format!("bihuan-{group}"))
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
    let consumer: BaseConsumer<Rebalances> = config.create_with_context(context)?;
    consumer.subscribe(&[&inputs.lead])?;
    std::thread::Builder::new()
        .name(format!("kafka-{group}"))
        .spawn(move || poll(&consumer, &sender))
        .map_err(|error| Error::KafkaSettings(error.to_string()))?;
    Ok(Consumer { deliveries, assigned })
}

fn follower_counts(settings: &Settings, inputs: &Inputs) -> Result<BTreeMap<String, u32>> {
    let probe: BaseConsumer = client(settings).create()?;
    let mut counts = BTreeMap::new();
    for (topic, _) in &inputs.followers {
        let metadata = probe.fetch_metadata(Some(topic), TIMEOUT)?;
        let count = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
        if count == 0 {
            return Err(Error::KafkaSettings(format!("topic {topic} is not there; create it or mend the configuration")));
        }
        counts.insert(topic.clone(), count as u32);
    }
    Ok(counts)
}

fn poll(consumer: &BaseConsumer<Rebalances>, deliveries: &mpsc::Sender<Delivery>) {
    let mut names = Names::default();
    while !deliveries.is_closed() {
        let mut records = Vec::new();
        let mut trouble = None;
        let mut wait = Duration::from_millis(100);
        while records.len() < CHUNK {
            match consumer.poll(wait) {
                Some(Ok(message)) => records.push(record(&message, &mut names)),
                Some(Err(error)) => {
                    trouble = trouble_of(&error);
                    break;
                }
                None => break,
            }
            wait = Duration::ZERO;
        }
        let sent = (records.is_empty() || deliver(consumer, deliveries, Delivery::Records(records)))
            && trouble.is_none_or(|trouble| deliver(consumer, deliveries, trouble));
        if !sent {
            return;
        }
    }
}

fn trouble_of(error: &KafkaError) -> Option<Delivery> {
    match error.rdkafka_error_code() {
        Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
            Some(Delivery::Lost { topic: String::new(), partition: 0, detail: error.to_string() })
        }
        Some(
            RDKafkaErrorCode::AllBrokersDown | RDKafkaErrorCode::BrokerTransportFailure | RDKafkaErrorCode::OperationTimedOut,
        ) => Some(Delivery::Away(error.to_string())),
        _ => None,
    }
}

/// Waits for room in the channel; pauses fetching when that takes long. `false`: the loop is gone.
fn deliver(consumer: &BaseConsumer<Rebalances>, deliveries: &mpsc::Sender<Delivery>, delivery: Delivery) -> bool {
    let mut delivery = delivery;
    let since = Instant::now();
    let mut paused: Option<TopicPartitionList> = None;
    loop {
        match deliveries.try_send(delivery) {
            Ok(()) => break,
            Err(mpsc::error::TrySendError::Closed(_)) => return false,
            Err(mpsc::error::TrySendError::Full(back)) => delivery = back,
        }
        if paused.is_none() && since.elapsed() > PATIENCE {
            paused = consumer.assignment().ok().filter(|list| consumer.pause(list).is_ok());
        }
        if paused.is_some() {
            // serves rebalances and heartbeats; nothing is fetched while paused
            let _ = consumer.poll(Duration::from_millis(50));
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    if let Some(list) = paused {
        let _ = consumer.resume(&list);
    }
    true
}

/// Topic and type names recur: kept once.
#[derive(Default)]
struct Names(BTreeSet<Arc<str>>);

impl Names {
    fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        if self.0.len() > 10_000 {
            // foreign senders may invent names
            self.0.clear();
        }
        let name: Arc<str> = name.into();
        self.0.insert(name.clone());
        name
    }
}

fn record(message: &BorrowedMessage<'_>, names: &mut Names) -> Record {
    let journal = kind(message.topic()) == Kind::Journal;
    let mut type_name: Option<Arc<str>> = None;
    let mut sequence = None;
    let mut headers = Vec::new();
    for found in message.headers().into_iter().flat_map(|headers| headers.iter()) {
        let value = found.value.unwrap_or_default();
        match found.key {
            header::CE_TYPE => type_name = std::str::from_utf8(value).ok().map(|name| names.get(name)),
            header::SEQUENCE if journal => sequence = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok()),
            _ => {}
        }
        if !journal {
            headers.push((found.key.to_owned(), value.to_vec()));
        }
    }
    Record {
        topic: names.get(message.topic()),
        partition: message.partition() as u32,
        offset: message.offset(),
        type_name: type_name.unwrap_or_else(|| names.get("")),
        sequence,
        key: message.key().unwrap_or_default().to_vec(),
        headers,
        payload: message.payload().unwrap_or_default().to_vec(),
        logged_at: message.timestamp().to_millis().map(|ms| Timestamp::from_micros(ms * 1000)),
    }
}

pub(super) fn ends(settings: &Settings, topic: &str) -> Result<BTreeMap<u32, i64>> {
    let probe: BaseConsumer = client(settings).create()?;
    let metadata = probe.fetch_metadata(Some(topic), TIMEOUT)?;
    let count = metadata.topics().first().map_or(0, |topic| topic.partitions().len());
    (0..count as u32)
        .map(|partition| Ok((partition, probe.fetch_watermarks(topic, partition as i32, TIMEOUT)?.1)))
        .collect()
}

/// Reads the newest record of each partition.
pub(super) fn newest_sequences(settings: &Settings, topic: &str, partitions: &[u32]) -> Result<BTreeMap<u32, i64>> {
    let mut config = client(settings);
    config.set("group.id", "bihuan-probe").set("enable.auto.commit", "false").set("auto.offset.reset", "error");
    let probe: BaseConsumer = config.create()?;
    let mut newest: BTreeMap<u32, i64> = BTreeMap::new();
    let mut list = TopicPartitionList::new();
    for partition in partitions {
        let (_, end) = probe.fetch_watermarks(topic, *partition as i32, TIMEOUT)?;
        if end > 0 {
            list.add_partition_offset(topic, *partition as i32, Offset::Offset(end - 1))?;
        } else {
            newest.insert(*partition, 0);
        }
    }
    probe.assign(&list)?;
    let mut names = Names::default();
    let deadline = Instant::now() + TIMEOUT;
    while newest.len() < partitions.len() {
        if Instant::now() > deadline {
            return Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut).into());
        }
        match probe.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                let record = record(&message, &mut names);
                newest.insert(record.partition, record.sequence.unwrap_or(0));
            }
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    Ok(newest)
}

/// Positions a consumer without a group at the ends of the topics, then hands over to a thread.
pub(super) fn tail(settings: &Settings, topics: &[&'static str], records: mpsc::Sender<Record>) -> Result<()> {
    let mut config = client(settings);
    config
        .set("group.id", "bihuan-tail")
        .set("enable.auto.commit", "false")
        .set("fetch.wait.max.ms", "50")
        .set("fetch.queue.backoff.ms", "10");
    let consumer: BaseConsumer = config.create()?;
    let mut list = TopicPartitionList::new();
    for topic in topics {
        for (partition, end) in ends(settings, topic)? {
            list.add_partition_offset(topic, partition as i32, Offset::Offset(end))?;
        }
    }
    assign(&consumer, &list)?;
    let forward = move || {
        let mut names = Names::default();
        while !records.is_closed() {
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100))
                && records.blocking_send(record(&message, &mut names)).is_err()
            {
                return;
            }
        }
    };
    std::thread::Builder::new()
        .name("kafka-tail".to_owned())
        .spawn(forward)
        .map_err(|error| Error::KafkaSettings(error.to_string()))?;
    Ok(())
}

fn assign(consumer: &BaseConsumer, list: &TopicPartitionList) -> KafkaResult<()> {
    consumer.assign(list)
}
