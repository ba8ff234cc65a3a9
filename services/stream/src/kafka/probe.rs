//! Questions to the cluster outside any group: ends, newest sequences, and following topics from their ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bihuan_contracts::topics::CLUE_EVENTS;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::topic_partition_list::TopicPartitionListElem;
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::mpsc;

use super::deserted::{self, Deserted};
use super::read::Reading;
use super::{Settings, TIMEOUT, client};
use crate::{Error, Record, Result};

pub(super) fn ping(settings: &Settings) -> Result<()> {
    let probe: BaseConsumer = client(settings).create()?;
    probe.fetch_metadata(Some(&settings.wire(CLUE_EVENTS)), Duration::from_secs(3))?;
    Ok(())
}

pub(super) fn partition_count(settings: &Settings, topic: &str) -> Result<u32> {
    let probe: BaseConsumer = client(settings).create()?;
    let metadata = probe.fetch_metadata(Some(&settings.wire(topic)), TIMEOUT)?;
    match metadata
        .topics()
        .first()
        .map_or(0, |topic| topic.partitions().len())
    {
        0 => Err(Error::KafkaSettings(format!(
            "topic {topic} is not there; create it or mend the configuration"
        ))),
        count => Ok(count as u32),
    }
}

/// The first and the next offset of a partition. One whose leader is being chosen, as right after it was made or a broker left, is
/// asked again.
pub(super) fn watermarks<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    wire: &str,
    partition: i32,
) -> KafkaResult<(i64, i64)> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        match consumer.fetch_watermarks(wire, partition, TIMEOUT) {
            Err(error) if has_no_leader(&error) && Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(100));
            }
            answer => return answer,
        }
    }
}

fn has_no_leader(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(RDKafkaErrorCode::NotLeaderForPartition | RDKafkaErrorCode::LeaderNotAvailable)
    )
}

pub(super) fn ends(settings: &Settings, topic: &str) -> Result<BTreeMap<u32, i64>> {
    let count = partition_count(settings, topic)?;
    let probe: BaseConsumer = client(settings).create()?;
    let wire = settings.wire(topic);
    let end = |partition| Ok((partition, watermarks(&probe, &wire, partition as i32)?.1));
    (0..count).map(end).collect()
}

/// Asks again and again by the same connections.
#[derive(Default)]
pub(super) struct Asker(Mutex<Option<Arc<BaseConsumer>>>);

impl Asker {
    /// How far there is to read of each partition; 0 where nothing is there, though there may have been.
    pub(super) fn tips(&self, settings: &Settings, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let known = lock(&self.0).clone();
        let asker = match known {
            Some(asker) => asker,
            None => Arc::new(client(settings).create::<BaseConsumer>()?),
        };
        let wire = settings.wire(topic);
        let found = offsets(&asker, &wire, settings.partitions, Offset::Beginning)
            .and_then(|first| Ok((first, offsets(&asker, &wire, settings.partitions, Offset::End)?)));
        // whatever is wrong, it is not to last
        *lock(&self.0) = found.is_ok().then_some(asker);
        let (first, mut ends) = found?;
        for (partition, end) in &mut ends {
            if first.get(partition) == Some(end) {
                *end = 0;
            }
        }
        Ok(ends)
    }
}

fn lock(known: &Mutex<Option<Arc<BaseConsumer>>>) -> MutexGuard<'_, Option<Arc<BaseConsumer>>> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The offsets of all partitions at once.
fn offsets(consumer: &BaseConsumer, wire: &str, partitions: u32, at: Offset) -> Result<BTreeMap<u32, i64>> {
    let mut list = TopicPartitionList::new();
    for partition in 0..partitions {
        list.add_partition_offset(wire, partition as i32, at)?;
    }
    let answer = consumer.offsets_for_times(list, TIMEOUT)?;
    let offset = |element: &TopicPartitionListElem<'_>| {
        element.error()?;
        match element.offset() {
            Offset::Offset(offset) => Ok((element.partition() as u32, offset)),
            _ => Err(KafkaError::OffsetFetch(RDKafkaErrorCode::UnknownPartition)),
        }
    };
    let offsets: KafkaResult<BTreeMap<u32, i64>> = answer.elements().iter().map(offset).collect();
    Ok(offsets?)
}

/// Reads the newest record of each partition, all of them at once.
pub(super) fn newest_sequences(
    settings: &Settings,
    topic: &str,
    partitions: &[u32],
) -> Result<BTreeMap<u32, i64>> {
    let mut config = client(settings);
    config
        .set("group.id", settings.group("probe"))
        .set("enable.auto.commit", "false")
        .set("auto.offset.reset", "error")
        .set("fetch.wait.max.ms", "10")
        .set("fetch.error.backoff.ms", "50");
    let probe: BaseConsumer = config.create()?;
    let (list, mut newest) = last_records(&probe, &settings.wire(topic), partitions)?;
    if newest.len() < partitions.len() {
        probe.assign(&list)?;
    }
    let mut reading = Reading::new(settings.clone());
    let deadline = Instant::now() + TIMEOUT;
    while newest.len() < partitions.len() {
        if Instant::now() > deadline {
            return Err(KafkaError::MessageConsumption(RDKafkaErrorCode::OperationTimedOut).into());
        }
        match probe.poll(Duration::from_millis(200)) {
            Some(Ok(message)) => {
                let record = reading.record(&message);
                newest.insert(record.partition, record.sequence.unwrap_or(0));
            }
            Some(Err(error)) => return Err(error.into()),
            None => {}
        }
    }
    Ok(newest)
}

/// The newest record of each partition, and 0 for the partitions that have none.
fn last_records(
    probe: &BaseConsumer,
    wire: &str,
    partitions: &[u32],
) -> Result<(TopicPartitionList, BTreeMap<u32, i64>)> {
    let (mut list, mut empty) = (TopicPartitionList::new(), BTreeMap::new());
    for partition in partitions {
        let (_, end) = watermarks(probe, wire, *partition as i32)?;
        if end > 0 {
            list.add_partition_offset(wire, *partition as i32, Offset::Offset(end - 1))?;
        } else {
            empty.insert(*partition, 0);
        }
    }
    Ok((list, empty))
}

/// Of a consumer that follows topics.
#[derive(Default)]
struct Following {
    deserted: Deserted,
}

impl ClientContext for Following {
    fn stats_raw(&self, statistics: &[u8]) {
        self.deserted.hear(statistics);
    }
}

impl ConsumerContext for Following {}

/// Positions a consumer without a group at the ends of the topics, then hands over to a thread.
pub(super) fn tail(settings: Settings, topics: &[&'static str], records: mpsc::Sender<Record>) -> Result<()> {
    let mut config = client(&settings);
    config
        .set("group.id", settings.group("tail"))
        .set("enable.auto.commit", "false")
        .set("fetch.wait.max.ms", "50")
        .set("fetch.queue.backoff.ms", "10");
    deserted::watch(&mut config);
    let consumer: BaseConsumer<Following> = config.create_with_context(Following::default())?;
    let mut list = TopicPartitionList::new();
    for topic in topics {
        for (partition, end) in ends(&settings, topic)? {
            list.add_partition_offset(&settings.wire(topic), partition as i32, Offset::Offset(end))?;
        }
    }
    consumer.assign(&list)?;
    let forward = move || {
        let mut reading = Reading::new(settings);
        // whoever follows begins again when this one has ended
        while !records.is_closed() && !consumer.context().deserted.is_so() {
            if let Some(Ok(message)) = consumer.poll(Duration::from_millis(100))
                && records.blocking_send(reading.record(&message)).is_err()
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
