//! Topics as a platform, an agency or an administrator sees them.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::Offset;
use rdkafka::TopicPartitionList;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Header, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ThreadedProducer};

use crate::wait_for;

pub const PARTITIONS: u32 = 6;
const TIMEOUT: Duration = Duration::from_secs(20);

/// What somebody puts on a topic.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    pub topic: String,
    pub partition: u32,
    pub key: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub payload: Vec<u8>,
}

/// What lies on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub partition: u32,
    pub offset: i64,
    pub headers: Vec<(String, Vec<u8>)>,
    pub payload: Vec<u8>,
}

impl Found {
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        std::str::from_utf8(value).ok()
    }
}

fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", brokers)
        .set("message.max.bytes", "20000000")
        .set("fetch.message.max.bytes", "20000000")
        .set("log_level", "2");
    config
}

/// Whoever sends and waits until Kafka has it.
pub struct Sender(ThreadedProducer<rdkafka::producer::DefaultProducerContext>);

impl Sender {
    pub fn new(brokers: &str) -> Self {
        let mut config = client(brokers);
        config.set("enable.idempotence", "true").set("linger.ms", "5");
        Self(config.create().expect("a producer"))
    }

    pub fn send(&self, sent: &Sent) {
        let headers = sent
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| {
                all.insert(Header {
                    key,
                    value: Some(value),
                })
            });
        let mut record = BaseRecord::to(&sent.topic)
            .partition(sent.partition as i32)
            .key(&sent.key)
            .headers(headers)
            .payload(&sent.payload);
        while let Err((error, unsent)) = self.0.send(record) {
            assert_eq!(
                error.rdkafka_error_code(),
                Some(rdkafka::types::RDKafkaErrorCode::QueueFull),
                "{error}"
            );
            record = unsent;
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until everything is acknowledged.
    pub fn flush(&self) {
        self.0.flush(Duration::from_mins(2)).expect("acknowledged");
        assert_eq!(self.0.in_flight_count(), 0);
    }
}

/// Whoever follows a topic from its beginning, in no group.
pub struct Follower {
    consumer: BaseConsumer,
    topic: String,
}

impl Follower {
    pub fn new(brokers: &str, topic: &str) -> Self {
        let mut config = client(brokers);
        config
            .set("group.id", "e2e-follower")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "50");
        let follower = Self {
            consumer: config.create().expect("a consumer"),
            topic: topic.to_owned(),
        };
        follower.rewind();
        follower
    }

    /// From the beginning again.
    pub fn rewind(&self) {
        let mut list = TopicPartitionList::new();
        for partition in 0..PARTITIONS as i32 {
            list.add_partition_offset(&self.topic, partition, Offset::Beginning)
                .expect("a partition");
        }
        self.consumer.assign(&list).expect("assigned");
    }

    /// The next message, if there is one within `limit`.
    pub fn next(&self, limit: Duration) -> Option<Found> {
        let message = self.consumer.poll(limit)?.ok()?;
        let headers = message.headers().map_or_else(Vec::new, |headers| {
            let owned = |header: Header<'_, &[u8]>| {
                (header.key.to_owned(), header.value.unwrap_or_default().to_vec())
            };
            headers.iter().map(owned).collect()
        });
        Some(Found {
            partition: message.partition() as u32,
            offset: message.offset(),
            headers,
            payload: message.payload().unwrap_or_default().to_vec(),
        })
    }
}

/// Everything on the topic now, partition by partition in order.
pub fn read_all(brokers: &str, topic: &str) -> Vec<Found> {
    let follower = Follower::new(brokers, topic);
    let mut left: usize = (0..PARTITIONS as i32)
        .map(|partition| {
            let ends = follower.consumer.fetch_watermarks(topic, partition, TIMEOUT);
            let (first, end) = ends.expect("ends of a partition");
            (end - first) as usize
        })
        .sum();
    let mut all = Vec::with_capacity(left);
    let begun = Instant::now();
    while left > 0 {
        assert!(
            begun.elapsed() < Duration::from_mins(2),
            "{topic}: {left} messages do not come"
        );
        if let Some(found) = follower.next(Duration::from_millis(200)) {
            all.push(found);
            left -= 1;
        }
    }
    all.sort_by_key(|found| (found.partition, found.offset));
    all
}

/// Deletes every topic, so that an installation can begin; those that others provide are made.
pub fn clean(brokers: &str, provided: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let admin: AdminClient<DefaultClientContext> = client(brokers).create().expect("an admin");
    let options = AdminOptions::new().operation_timeout(Some(TIMEOUT));
    let topics = || -> Vec<String> {
        let metadata = admin.inner().fetch_metadata(None, TIMEOUT).expect("metadata");
        let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
        names.filter(|name| !name.starts_with("__")).collect()
    };
    let old = topics();
    if !old.is_empty() {
        let names: Vec<&str> = old.iter().map(String::as_str).collect();
        runtime
            .block_on(admin.delete_topics(&names, &options))
            .expect("deleted");
        wait_for("old topics are gone", TIMEOUT, || {
            topics().is_empty().then_some(())
        });
    }
    make(&runtime, &admin, provided);
}

/// Makes topics that others provide, such as those of platforms.
pub fn provide(brokers: &str, names: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let admin: AdminClient<DefaultClientContext> = client(brokers).create().expect("an admin");
    make(&runtime, &admin, names);
}

fn make(runtime: &tokio::runtime::Runtime, admin: &AdminClient<DefaultClientContext>, names: &[&str]) {
    let topics: Vec<_> = names
        .iter()
        .map(|name| {
            NewTopic::new(name, PARTITIONS as i32, TopicReplication::Fixed(1))
                .set("max.message.bytes", "11534336")
        })
        .collect();
    let options = AdminOptions::new().operation_timeout(Some(TIMEOUT));
    for outcome in runtime
        .block_on(admin.create_topics(&topics, &options))
        .expect("created")
    {
        outcome.expect("a new topic");
    }
}
