//! Publishes a lane's journal after its commit. The event table is the outbox: whatever the log lacks is read from there.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_contracts::{Message, header};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::Store;

use crate::kafka::Ledger;
use crate::local::topic_of;
use crate::{Error, Log, Result};

/// Entries read at once when publishing again.
const PAGE: i64 = 2_000;

pub(crate) struct Outbox {
    journal: Journal,
    group: &'static str,
    log: Log,
    store: Store,
    ledgers: BTreeMap<u32, Arc<Ledger>>,
}

impl Outbox {
    pub(crate) const fn new(journal: Journal, group: &'static str, log: Log, store: Store) -> Self {
        Self { journal, group, log, store, ledgers: BTreeMap::new() }
    }

    pub(crate) const fn journal(&self) -> Journal {
        self.journal
    }

    /// Publishes what the log does not have yet of the lane, and returns the newest sequence on the log before that.
    pub(crate) async fn restart(&mut self, partition: u32, out_sequence: i64) -> Result<i64> {
        let Log::Kafka(kafka) = &self.log else { return Ok(out_sequence) };
        let topic = topic_of(self.journal);
        let newest = kafka.newest_sequences(topic, &[partition]).await?;
        let on_log = newest.get(&partition).copied().unwrap_or(0);
        if on_log > out_sequence {
            return Err(Error::BehindLog { topic: topic.to_owned(), partition, on_log, in_database: out_sequence });
        }
        self.ledgers.insert(partition, Ledger::starting_at(on_log));
        let mut after = on_log;
        while after < out_sequence {
            let mut reader = self.store.read().await?;
            let entries = journal::after(reader.conn(), self.journal, partition, after, PAGE).await?;
            drop(reader);
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            self.publish(&entries).await?;
        }
        Ok(on_log)
    }

    pub(crate) fn release(&mut self, partition: u32) {
        self.ledgers.remove(&partition);
    }

    /// Newest sequence that the log has acknowledged; on the local log everything that is committed.
    pub(crate) fn acknowledged(&self, partition: u32, out_sequence: i64) -> i64 {
        match &self.log {
            Log::Local(_) => out_sequence,
            Log::Kafka(_) => self.ledgers.get(&partition).map_or(0, |ledger| ledger.acknowledged()),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.ledgers.values().any(|ledger| ledger.has_failed())
    }

    /// After a failed delivery: nothing that is still queued may overtake what is published again.
    pub(crate) fn reset_if_failed(&mut self) {
        if let (true, Log::Kafka(kafka)) = (self.has_failed(), &self.log) {
            kafka.producer().purge();
        }
        self.ledgers.clear();
    }

    /// Hands the entries to the producer, in order, and does not wait.
    pub(crate) async fn publish(&self, entries: &[Entry]) -> Result<()> {
        let Log::Kafka(kafka) = &self.log else { return Ok(()) };
        for entry in entries {
            let Some(ledger) = self.ledgers.get(&entry.partition) else { continue };
            kafka.producer().publish_event(&self.message(entry), ledger, entry.sequence).await?;
        }
        Ok(())
    }

    fn message(&self, entry: &Entry) -> Message {
        let key = entry.clue.map(|clue| clue.hyphenated().to_string().into_bytes()).unwrap_or_default();
        let headers = vec![
            (header::CE_SPECVERSION.into(), header::SPECVERSION.into()),
            (header::CE_ID.into(), format!("{}-{}", entry.partition, entry.sequence).into_bytes()),
            (header::CE_SOURCE.into(), format!("/bihuan/{}", self.group).into_bytes()),
            (header::CE_TYPE.into(), entry.type_name.clone().into_bytes()),
            (header::CE_TIME.into(), entry.at.to_string().into_bytes()),
            (header::CE_SUBJECT.into(), key.clone()),
            (header::CONTENT_TYPE.into(), header::PROTOBUF.into()),
            (header::SEQUENCE.into(), entry.sequence.to_string().into_bytes()),
        ];
        Message { topic: topic_of(self.journal).into(), partition: entry.partition, key, headers, payload: entry.payload.clone() }
    }
}
