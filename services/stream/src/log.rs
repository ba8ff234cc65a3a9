//! The log: Apache Kafka, or the local one in the SQLite file. Topics, partitions and offsets mean the same on both.

use std::collections::BTreeMap;

use bihuan_contracts::Message;
use tokio::sync::{mpsc, oneshot};

use crate::kafka::KafkaLog;
use crate::local::LocalLog;
use crate::{Inputs, Record, Result};

/// Where records come from and go to.
#[derive(Clone)]
pub enum Log {
    Kafka(KafkaLog),
    Local(LocalLog),
}

/// What a consumer hears, in order, on one channel: so that one task can own all state.
#[derive(Debug)]
pub enum Delivery {
    /// Lanes are now ours; the log waits for the answer before it delivers from them.
    Assigned { lanes: Vec<u32>, resume: oneshot::Sender<Vec<Resume>> },
    /// Lanes are no longer ours.
    Revoked { lanes: Vec<u32> },
    Records(Vec<Record>),
    /// The log is away; it goes on by itself.
    Away(String),
    /// A partition cannot be read on: the log lost data.
    Lost { topic: String, partition: u32, detail: String },
}

/// From where to read a partition; `None` = as [`Inputs`] says for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    pub topic: String,
    pub partition: u32,
    pub next: Option<i64>,
}

/// A member of a consumer group. Dropping it leaves the group.
pub struct Consumer {
    pub(crate) deliveries: mpsc::Receiver<Delivery>,
    pub(crate) assigned: std::sync::Arc<std::sync::Mutex<std::collections::BTreeSet<u32>>>,
}

/// Follows topics from their ends, without a group and without positions.
pub struct Tail {
    pub(crate) records: mpsc::Receiver<Record>,
}

impl Tail {
    pub async fn next(&mut self) -> Option<Record> {
        self.records.recv().await
    }
}

impl Consumer {
    /// Whether the log still counts this lane as ours, even if its revocation is not delivered yet.
    pub(crate) fn is_assigned(&self, lane: u32) -> bool {
        self.assigned.lock().is_ok_and(|assigned| assigned.contains(&lane))
    }
}

impl Log {
    /// How many partitions every internal topic has.
    pub fn partitions(&self) -> u32 {
        match self {
            Self::Kafka(log) => log.partitions(),
            Self::Local(log) => log.partitions(),
        }
    }

    /// Names this log in the identity of its records.
    pub fn cluster(&self) -> &str {
        match self {
            Self::Kafka(log) => log.cluster(),
            Self::Local(_) => "local",
        }
    }

    /// Joins the consumer group.
    pub fn consume(&self, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
        match self {
            Self::Kafka(log) => log.consume(group, inputs),
            Self::Local(log) => Ok(log.consume(group, inputs)),
        }
    }

    /// Publishes and waits until the log has all of them.
    pub async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        match self {
            Self::Kafka(log) => log.publish(messages).await,
            Self::Local(log) => log.publish(messages).await,
        }
    }

    /// Follows `topics` from their ends. Registered when this returns: what is published afterwards is seen.
    pub async fn tail(&self, topics: &[&'static str]) -> Result<Tail> {
        match self {
            Self::Kafka(log) => log.tail(topics).await,
            Self::Local(log) => log.tail(topics).await,
        }
    }

    /// The offset after the newest record, by partition.
    pub async fn ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        match self {
            Self::Kafka(log) => log.ends(topic).await,
            Self::Local(log) => log.ends(topic).await,
        }
    }
}
