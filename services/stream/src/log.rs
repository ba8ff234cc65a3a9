//! The log: Apache Kafka, or the local one in the SQLite file. Topics, partitions and offsets mean the same on both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bihuan_contracts::Message;
use bihuan_store::Tx;
use bihuan_store::lease::Positions;
use tokio::sync::{mpsc, oneshot};

use crate::fed::FedLog;
use crate::kafka::KafkaLog;
use crate::local::LocalLog;
use crate::{Inputs, Record, Result};

/// Where records come from and go to.
#[derive(Clone)]
pub enum Log {
    Kafka(KafkaLog),
    Local(LocalLog),
    /// In memory, for measuring.
    Fed(FedLog),
}

/// What a consumer hears, in order, on one channel: so that one task can own all state.
#[derive(Debug)]
pub enum Delivery {
    /// Lanes are now ours; the log waits for the answer before it delivers from them.
    Assigned {
        lanes: Vec<u32>,
        resume: oneshot::Sender<Resumption>,
    },
    /// Lanes are no longer ours.
    Revoked {
        lanes: Vec<u32>,
    },
    Records(Vec<Record>),
    /// The log is away; it goes on by itself.
    Away(String),
    /// The log answers again.
    Back,
    /// A partition cannot be read on: the log lost data.
    Lost {
        topic: String,
        partition: u32,
        detail: String,
    },
}

/// The answer to an assignment: what to deliver, from where.
#[derive(Debug, Default)]
pub struct Resumption {
    /// The lanes that could be taken over; the others are halted.
    pub lanes: Vec<u32>,
    /// An input that is not named is read as [`Inputs`] says for the first time.
    pub positions: Vec<Resume>,
}

/// From where to read a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resume {
    pub topic: String,
    pub partition: u32,
    pub next: i64,
}

/// A member of a consumer group. Dropping it leaves the group.
pub struct Consumer {
    pub(crate) deliveries: mpsc::Receiver<Delivery>,
    pub(crate) shared: Arc<Shared>,
    /// Ends when the reader has left the group.
    pub(crate) reader: oneshot::Receiver<()>,
}

/// What the loop and the reader of its log tell each other beside the channel.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    /// The lanes that the log counts as ours, even if a revocation is not delivered yet.
    assigned: Mutex<BTreeSet<u32>>,
    quiet: Mutex<Quiet>,
    read: Mutex<BTreeMap<u32, Positions>>,
}

/// What nobody wants to hear of any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quiet {
    lanes: BTreeSet<u32>,
    inputs: BTreeSet<(String, u32)>,
}

impl Quiet {
    pub(crate) fn covers(&self, topic: &str, partition: u32, partitions: u32) -> bool {
        self.lanes.contains(&(partition % partitions)) || self.inputs.contains(&(topic.to_owned(), partition))
    }
}

impl Shared {
    /// From now on these are. Returns those that were.
    pub(crate) fn assign(&self, lanes: BTreeSet<u32>) -> BTreeSet<u32> {
        lock(&self.quiet).lanes.clear();
        std::mem::replace(&mut *lock(&self.assigned), lanes)
    }

    pub(crate) fn quiet(&self) -> Quiet {
        lock(&self.quiet).clone()
    }

    /// How far each lane was read, once.
    pub(crate) fn take_read(&self) -> BTreeMap<u32, Positions> {
        std::mem::take(&mut *lock(&self.read))
    }
}

/// No code panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Follows topics from their ends, without a group and without positions.
pub struct Tail {
    pub(crate) records: mpsc::Receiver<Record>,
}

impl Tail {
    pub async fn next(&mut self) -> Option<Record> {
        self.records.recv().await
    }

    /// What has arrived already.
    pub fn try_next(&mut self) -> Option<Record> {
        self.records.try_recv().ok()
    }
}

impl Consumer {
    pub(crate) fn is_assigned(&self, lane: u32) -> bool {
        lock(&self.shared.assigned).contains(&lane)
    }

    /// The lane is halted: do not deliver from it until it is assigned anew.
    pub(crate) fn quiet_lane(&self, lane: u32) {
        lock(&self.shared.quiet).lanes.insert(lane);
    }

    /// The lanes are taken anew: what halted them before counts no more.
    pub(crate) fn unquiet_lanes(&self, lanes: &[u32]) {
        lock(&self.shared.quiet)
            .lanes
            .retain(|lane| !lanes.contains(lane));
    }

    /// The input is stopped: do not deliver from it as long as this consumer lives.
    pub(crate) fn quiet_input(&self, topic: &str, partition: u32) {
        lock(&self.shared.quiet)
            .inputs
            .insert((topic.to_owned(), partition));
    }

    /// How far was read, for the log's own tools: nothing depends on it.
    pub(crate) fn report(&self, positions: &BTreeMap<u32, Positions>) {
        lock(&self.shared.read).clone_from(positions);
    }

    /// Leaves the group, so that others need not wait until it is missed.
    pub(crate) async fn leave(self) {
        drop(self.deliveries);
        let _ = tokio::time::timeout(Duration::from_secs(3), self.reader).await;
    }
}

impl Log {
    /// How many partitions every internal topic has.
    pub fn partitions(&self) -> u32 {
        match self {
            Self::Kafka(log) => log.partitions(),
            Self::Local(log) => log.partitions(),
            Self::Fed(log) => log.partitions(),
        }
    }

    /// Names this log in the identity of its records.
    pub fn cluster(&self) -> &str {
        match self {
            Self::Kafka(log) => log.cluster(),
            Self::Local(_) => "local",
            Self::Fed(_) => "fed",
        }
    }

    /// Joins the consumer group.
    pub async fn consume(&self, group: &'static str, inputs: &Inputs) -> Result<Consumer> {
        match self {
            Self::Kafka(log) => log.consume(group, inputs).await,
            Self::Local(log) => Ok(log.consume(group, inputs)),
            Self::Fed(log) => log.consume(),
        }
    }

    /// Publishes and waits until the log has all of them.
    pub async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        match self {
            Self::Kafka(log) => log.publish(messages).await,
            Self::Local(log) => log.publish(messages).await,
            Self::Fed(_) => Ok(()),
        }
    }

    /// Publishes what a transaction decides: on the local log with it; on Kafka before it commits, so that after a failure it is
    /// published again, and never missing.
    pub async fn publish_within(&self, tx: &mut Tx, messages: Vec<Message>) -> Result<()> {
        match self {
            Self::Local(_) => LocalLog::append(tx.conn(), &messages).await,
            Self::Kafka(_) | Self::Fed(_) => self.publish(messages).await,
        }
    }

    /// Follows `topics` from their ends. Registered when this returns: what is published afterwards is seen.
    pub async fn tail(&self, topics: &[&'static str]) -> Result<Tail> {
        match self {
            Self::Kafka(log) => log.tail(topics).await,
            Self::Local(log) => log.tail(topics).await,
            Self::Fed(_) => Err(crate::Error::Closed),
        }
    }

    /// How far there is to read, by partition: the offset after the newest record that is there, 0 where none is.
    pub(crate) async fn tips(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        match self {
            Self::Kafka(log) => log.tips(topic).await,
            Self::Local(log) => log.ends(topic).await,
            Self::Fed(log) => Ok(log.ends()),
        }
    }

    /// The offset after the newest record, by partition.
    pub async fn ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        match self {
            Self::Kafka(log) => log.ends(topic).await,
            Self::Local(log) => log.ends(topic).await,
            Self::Fed(_) => Ok(BTreeMap::new()),
        }
    }
}
