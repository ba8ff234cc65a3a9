//! The log on Apache Kafka, through rdkafka. Nothing outside this folder knows it.

mod consumer;
mod deserted;
mod probe;
mod producer;
mod read;
mod rebalance;
mod topics;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::Message;
use bihuan_contracts::topics::{JOURNALS, QUEUES};
use rdkafka::ClientConfig;
use tokio::sync::mpsc;

use self::probe::Asker;
use crate::{Consumer, Error, Inputs, Result, Tail};

pub(crate) use producer::{Ledger, Producer};

/// How to reach the cluster.
#[derive(Clone, Debug)]
pub struct Settings {
    pub brokers: String,
    pub partitions: u32,
    /// Before the names of our topics and groups on the cluster, so that several installations can share one. Empty: none.
    pub prefix: String,
    /// Further librdkafka properties: security, tuning.
    pub properties: BTreeMap<String, String>,
}

impl Settings {
    /// The name of a topic on the cluster. A foreign topic has only that.
    fn wire<'a>(&self, topic: &'a str) -> Cow<'a, str> {
        if self.prefix.is_empty() || !is_ours(topic) {
            Cow::Borrowed(topic)
        } else {
            Cow::Owned(format!("{}{topic}", self.prefix))
        }
    }

    /// The name by which we know a topic of the cluster.
    fn plain<'a>(&self, wire: &'a str) -> &'a str {
        wire.strip_prefix(&self.prefix)
            .filter(|topic| is_ours(topic))
            .unwrap_or(wire)
    }

    fn group(&self, group: &str) -> String {
        format!("{}bihuan-{group}", self.prefix)
    }
}

/// Whether a topic is one of ours: as many partitions as we say, named by us.
fn is_ours(topic: &str) -> bool {
    JOURNALS.contains(&topic) || QUEUES.contains(&topic)
}

/// A Kafka cluster.
#[derive(Clone)]
pub struct KafkaLog(Arc<Inner>);

struct Inner {
    settings: Settings,
    cluster: String,
    producer: Producer,
    /// Is asked again and again.
    asker: Asker,
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl KafkaLog {
    /// Connects, creates the internal topics that are missing and checks those that are there.
    pub async fn connect(settings: Settings) -> Result<Self> {
        let cluster = topics::prepare(&settings).await?;
        let producer = Producer::new(&settings)?;
        Ok(Self(Arc::new(Inner {
            settings,
            cluster,
            producer,
            asker: Asker::default(),
        })))
    }

    /// Creates those of these foreign topics that are missing: queues with as many partitions as ours.
    pub async fn provide(&self, topics: &[&str]) -> Result<()> {
        if topics.is_empty() {
            return Ok(());
        }
        topics::provide(&self.0.settings, topics).await
    }

    pub(crate) fn partitions(&self) -> u32 {
        self.0.settings.partitions
    }

    pub(crate) fn cluster(&self) -> &str {
        &self.0.cluster
    }

    pub(crate) fn producer(&self) -> &Producer {
        &self.0.producer
    }

    pub(crate) async fn consume(&self, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
        let (settings, inputs) = (self.0.settings.clone(), inputs.clone());
        blocking(move || consumer::join(settings, group, &inputs)).await
    }

    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        self.0.producer.publish(messages).await
    }

    pub(crate) async fn ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let (settings, topic) = (self.0.settings.clone(), topic.to_owned());
        blocking(move || probe::ends(&settings, &topic)).await
    }

    pub(crate) async fn tips(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let (inner, topic) = (self.0.clone(), topic.to_owned());
        blocking(move || inner.asker.tips(&inner.settings, &topic)).await
    }

    /// The newest journal sequence on each of the partitions; 0 where there is none.
    pub(crate) async fn newest_sequences(
        &self,
        topic: &str,
        partitions: &[u32],
    ) -> Result<BTreeMap<u32, i64>> {
        let (settings, topic, partitions) = (self.0.settings.clone(), topic.to_owned(), partitions.to_vec());
        blocking(move || probe::newest_sequences(&settings, &topic, &partitions)).await
    }

    pub(crate) async fn tail(&self, topics: &[&'static str]) -> Result<Tail> {
        let (settings, topics) = (self.0.settings.clone(), topics.to_vec());
        let (sender, records) = mpsc::channel(4096);
        blocking(move || probe::tail(settings, &topics, sender)).await?;
        Ok(Tail { records })
    }

    /// Whether the cluster answers.
    pub async fn ping(&self) -> Result<()> {
        let settings = self.0.settings.clone();
        blocking(move || probe::ping(&settings)).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| Error::Closed)?
}

/// What every client of ours has in common.
fn client(settings: &Settings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", &settings.brokers)
        .set("client.id", "bihuan")
        .set("log.connection.close", "false")
        .set("reconnect.backoff.max.ms", "2000");
    for (key, value) in &settings.properties {
        config.set(key, value);
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_topics_have_the_prefix() {
        let settings = |prefix: &str| Settings {
            brokers: String::new(),
            partitions: 1,
            prefix: prefix.to_owned(),
            properties: BTreeMap::new(),
        };
        let (none, city) = (settings(""), settings("city."));
        assert_eq!(none.wire("clue.events.v1"), "clue.events.v1");
        assert_eq!(city.wire("clue.events.v1"), "city.clue.events.v1");
        assert_eq!(city.wire("hotline.v3"), "hotline.v3");
        assert_eq!(city.plain("city.clue.events.v1"), "clue.events.v1");
        assert_eq!(city.plain("city.hotline.v3"), "city.hotline.v3");
        assert_eq!(none.plain("clue.events.v1"), "clue.events.v1");
        assert_eq!(city.group("routing"), "city.bihuan-routing");
    }
}
