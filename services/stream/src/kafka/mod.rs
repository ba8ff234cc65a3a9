//! The log on Apache Kafka, through rdkafka. Nothing outside this folder knows it.

mod consumer;
mod producer;
mod topics;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::Message;
use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use tokio::sync::mpsc;

use crate::{Consumer, Error, Inputs, Result, Tail};

pub(crate) use producer::{Ledger, Producer};

/// How to reach the cluster.
#[derive(Clone, Debug)]
pub struct Settings {
    pub brokers: String,
    pub partitions: u32,
    /// Further librdkafka properties: security, tuning.
    pub properties: BTreeMap<String, String>,
}

/// A Kafka cluster.
#[derive(Clone)]
pub struct KafkaLog(Arc<Inner>);

struct Inner {
    settings: Settings,
    cluster: String,
    producer: Producer,
}

const TIMEOUT: Duration = Duration::from_secs(10);

impl KafkaLog {
    /// Connects, creates the internal topics that are missing and checks those that are there.
    pub async fn connect(settings: Settings) -> Result<Self> {
        let cluster = topics::prepare(&settings).await?;
        let producer = Producer::new(&client(&settings))?;
        Ok(Self(Arc::new(Inner { settings, cluster, producer })))
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

    pub(crate) fn consume(&self, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
        consumer::join(&self.0.settings, group, inputs)
    }

    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        self.0.producer.publish(messages).await
    }

    pub(crate) async fn ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let (settings, topic) = (self.0.settings.clone(), topic.to_owned());
        blocking(move || consumer::ends(&settings, &topic)).await
    }

    /// The newest journal sequence on each of the partitions; 0 where there is none.
    pub(crate) async fn newest_sequences(&self, topic: &str, partitions: &[u32]) -> Result<BTreeMap<u32, i64>> {
        let (settings, topic, partitions) = (self.0.settings.clone(), topic.to_owned(), partitions.to_vec());
        blocking(move || consumer::newest_sequences(&settings, &topic, &partitions)).await
    }

    pub(crate) async fn tail(&self, topics: &[&'static str]) -> Result<Tail> {
        let (settings, topics) = (self.0.settings.clone(), topics.to_vec());
        let (sender, records) = mpsc::channel(4096);
        blocking(move || consumer::tail(&settings, &topics, sender)).await?;
        Ok(Tail { records })
    }

    /// Whether the cluster answers.
    pub async fn ping(&self) -> Result<()> {
        let settings = self.0.settings.clone();
        blocking(move || {
            let consumer: BaseConsumer = client(&settings).create()?;
            consumer.fetch_metadata(Some(bihuan_contracts::topics::CLUE_EVENTS), Duration::from_secs(3))?;
            Ok(())
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?
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
