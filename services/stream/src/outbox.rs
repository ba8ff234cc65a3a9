//! Publishes a lane's journal after its commit. The event table is the outbox: whatever the log lacks is read from there.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_store::Store;
use bihuan_store::journal::{self, Entry, Journal};

use crate::faults::{self, Point};
use crate::kafka::{KafkaLog, Ledger};
use crate::local::topic_of;
use crate::{Error, Log, Result};

/// Entries read at once when publishing again.
const PAGE: i64 = 2_000;

/// Its copies share the ledgers.
#[derive(Clone)]
pub(crate) struct Outbox {
    journal: Journal,
    group: &'static str,
    log: Log,
    store: Store,
    ledgers: BTreeMap<u32, Arc<Ledger>>,
}

/// How far a lane's journal is on the log.
pub(crate) struct OnLog {
    topic: &'static str,
    partition: u32,
    pub(crate) sequence: i64,
}

impl OnLog {
    /// The log is ahead of the database: a number must never be used twice.
    pub(crate) fn behind(&self, out_sequence: i64) -> Error {
        Error::BehindLog {
            topic: self.topic.to_owned(),
            partition: self.partition,
            on_log: self.sequence,
            in_database: out_sequence,
        }
    }
}

impl Outbox {
    pub(crate) const fn new(journal: Journal, group: &'static str, log: Log, store: Store) -> Self {
        Self {
            journal,
            group,
            log,
            store,
            ledgers: BTreeMap::new(),
        }
    }

    pub(crate) const fn journal(&self) -> Journal {
        self.journal
    }

    /// For lanes and their newest sequences: publishes what the log does not have yet. Returns the newest sequence on the log
    /// before that, by lane; a lane of which the log knows more than the database is left alone.
    pub(crate) async fn restart(
        &mut self,
        lanes: impl Iterator<Item = (u32, i64)>,
    ) -> Result<BTreeMap<u32, OnLog>> {
        let lanes: Vec<(u32, i64)> = lanes.collect();
        let topic = topic_of(self.journal);
        let Log::Kafka(kafka) = self.log.clone() else {
            let same = |(partition, sequence)| {
                (
                    partition,
                    OnLog {
                        topic,
                        partition,
                        sequence,
                    },
                )
            };
            return Ok(lanes.into_iter().map(same).collect());
        };
        let partitions: Vec<u32> = lanes.iter().map(|(partition, _)| *partition).collect();
        let generation = kafka.producer().generation();
        let newest = kafka.newest_sequences(topic, &partitions).await?;
        let mut on_log = BTreeMap::new();
        for (partition, out_sequence) in lanes {
            let sequence = newest.get(&partition).copied().unwrap_or(0);
            on_log.insert(
                partition,
                OnLog {
                    topic,
                    partition,
                    sequence,
                },
            );
            if sequence <= out_sequence {
                self.ledgers
                    .insert(partition, Ledger::starting_at(sequence, generation));
                self.publish_again(&kafka, partition, sequence, out_sequence)
                    .await?;
            }
        }
        Ok(on_log)
    }

    async fn publish_again(
        &self,
        kafka: &KafkaLog,
        partition: u32,
        on_log: i64,
        out_sequence: i64,
    ) -> Result<()> {
        let mut after = on_log;
        while after < out_sequence {
            let mut reader = self.store.read().await?;
            let entries = journal::after(reader.conn(), self.journal, partition, after, PAGE).await?;
            drop(reader);
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            self.send(kafka, &entries).await?;
        }
        Ok(())
    }

    pub(crate) fn release(&mut self, partition: u32) {
        self.ledgers.remove(&partition);
    }

    /// Newest sequence that the log has acknowledged; on the local log everything that is committed.
    pub(crate) fn acknowledged(&self, partition: u32, out_sequence: i64) -> i64 {
        match &self.log {
            Log::Local(_) | Log::Fed(_) => out_sequence,
            Log::Kafka(_) => self
                .ledgers
                .get(&partition)
                .map_or(0, |ledger| ledger.acknowledged()),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.ledgers.values().any(|ledger| ledger.has_failed())
    }

    /// Before the lanes are taken again. After a failed delivery nothing that is still queued may overtake what is published
    /// again.
    pub(crate) fn reset(&mut self) {
        if let Log::Kafka(kafka) = &self.log {
            let failed = self.ledgers.values().filter(|ledger| ledger.has_failed());
            if let Some(generation) = failed.map(|ledger| ledger.generation()).max() {
                kafka.producer().start_again(generation);
            }
        }
        self.ledgers.clear();
    }

    /// Hands the entries to the producer, in order, and does not wait.
    pub(crate) async fn publish(&self, entries: Vec<Entry>) -> Result<()> {
        match &self.log {
            Log::Local(_) | Log::Fed(_) => Ok(()),
            Log::Kafka(kafka) => self.send(kafka, &entries).await,
        }
    }

    async fn send(&self, kafka: &KafkaLog, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            let Some(ledger) = self.ledgers.get(&entry.partition) else {
                continue;
            };
            if faults::at(Point::Delivery, self.group).is_err() {
                // as a delivery report would: later, and nothing that follows is sent
                ledger.fail();
                return Ok(());
            }
            if ledger.has_failed() {
                // nothing may follow a gap
                return Err(Error::Undelivered);
            }
            kafka
                .producer()
                .publish_event(topic_of(self.journal), self.group, entry, ledger)
                .await?;
        }
        Ok(())
    }
}
