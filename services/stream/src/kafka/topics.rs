//! Internal topics: created at first start, checked at every start.

use std::time::Duration;

use bihuan_contracts::topics::{JOURNALS, QUEUES};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::{Settings, TIMEOUT, blocking, client};
use crate::{Error, Result};

const SEVEN_DAYS_MS: &str = "604800000";

/// Makes sure that every internal topic is there as it must be, and returns the cluster's id.
pub(super) async fn prepare(settings: &Settings) -> Result<String> {
    let for_metadata = settings.clone();
    let (cluster, brokers) = blocking(move || {
        let consumer: BaseConsumer = client(&for_metadata).create()?;
        let metadata = consumer.fetch_metadata(None, TIMEOUT)?;
        let cluster = consumer
            .client()
            .fetch_cluster_id(TIMEOUT)
            .unwrap_or_else(|| "kafka".to_owned());
        Ok((cluster, metadata.brokers().len()))
    })
    .await?;
    create(settings, brokers).await?;
    check_partitions(settings).await?;
    check_retention(settings).await?;
    Ok(cluster)
}

/// Creates those of the topics that are missing, as queues with as many partitions as ours.
pub(super) async fn provide(settings: &Settings, names: &[&str]) -> Result<()> {
    let topics: Vec<_> = names
        .iter()
        .map(|name| ((*name).to_owned(), SEVEN_DAYS_MS))
        .collect();
    create_all(settings, brokers(settings).await?, &topics).await
}

async fn brokers(settings: &Settings) -> Result<usize> {
    let settings = settings.clone();
    blocking(move || {
        let consumer: BaseConsumer = client(&settings).create()?;
        Ok(consumer.fetch_metadata(None, TIMEOUT)?.brokers().len())
    })
    .await
}

async fn create(settings: &Settings, brokers: usize) -> Result<()> {
    let ours = |name: &&str, retention| (settings.wire(name).into_owned(), retention);
    let journals = JOURNALS.iter().map(|name| ours(name, "-1"));
    let queues = QUEUES.iter().map(|name| ours(name, SEVEN_DAYS_MS));
    create_all(settings, brokers, &journals.chain(queues).collect::<Vec<_>>()).await
}

/// (name on the cluster, retention.ms)
async fn create_all(settings: &Settings, brokers: usize, names: &[(String, &str)]) -> Result<()> {
    let topics: Vec<NewTopic<'_>> = names
        .iter()
        .map(|(name, retention)| {
            let replication = TopicReplication::Fixed(brokers.min(3) as i32);
            NewTopic::new(name, settings.partitions as i32, replication)
                .set("retention.ms", retention)
                .set("retention.bytes", "-1")
                .set("cleanup.policy", "delete")
                .set("max.message.bytes", "11534336")
        })
        .collect();
    let admin: AdminClient<DefaultClientContext> = client(settings).create()?;
    let options = AdminOptions::new().operation_timeout(Some(Duration::from_secs(20)));
    for outcome in admin.create_topics(&topics, &options).await? {
        match outcome {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            // as many replicas as there were brokers a moment ago: one of them is away now
            Err((_, code @ RDKafkaErrorCode::InvalidReplicationFactor)) => {
                return Err(KafkaError::AdminOp(code).into());
            }
            Err((name, code)) => {
                return Err(Error::KafkaSettings(format!(
                    "topic {name} cannot be created: {code}"
                )));
            }
        }
    }
    Ok(())
}

async fn check_partitions(settings: &Settings) -> Result<()> {
    let settings = settings.clone();
    blocking(move || {
        let consumer: BaseConsumer = client(&settings).create()?;
        for name in JOURNALS.iter().chain(QUEUES) {
            // a topic that was created a moment ago may not be known to the broker yet
            let mut found = 0;
            for _ in 0..50 {
                let metadata = consumer.fetch_metadata(Some(&settings.wire(name)), TIMEOUT)?;
                found = metadata
                    .topics()
                    .first()
                    .map_or(0, |topic| topic.partitions().len());
                if found == settings.partitions as usize {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            if found != settings.partitions as usize {
                return Err(Error::Partitions {
                    topic: (*name).to_owned(),
                    found,
                    expected: settings.partitions,
                });
            }
        }
        Ok(())
    })
    .await
}

/// A journal that forgets would falsify every figure.
async fn check_retention(settings: &Settings) -> Result<()> {
    let admin: AdminClient<DefaultClientContext> = client(settings).create()?;
    let journals: Vec<_> = JOURNALS.iter().map(|name| settings.wire(name)).collect();
    let resources: Vec<ResourceSpecifier<'_>> = journals
        .iter()
        .map(|name| ResourceSpecifier::Topic(name))
        .collect();
    for resource in admin.describe_configs(&resources, &AdminOptions::new()).await? {
        let resource = resource
            .map_err(|code| Error::KafkaSettings(format!("topic settings cannot be read: {code}")))?;
        for (key, wanted) in [
            ("retention.ms", "-1"),
            ("retention.bytes", "-1"),
            ("cleanup.policy", "delete"),
        ] {
            let found = resource.get(key).and_then(|entry| entry.value.as_deref());
            if found.is_some_and(|found| found != wanted) {
                return Err(Error::KafkaSettings(format!(
                    "{:?}: {key} is {}, but a journal is kept for ever: set it to {wanted}",
                    resource.specifier,
                    found.unwrap_or_default()
                )));
            }
        }
    }
    Ok(())
}
