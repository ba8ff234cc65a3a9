//! The durable log in the SQLite file: topics, partitions and offsets like Kafka's. A journal's topic is its event table.

mod consumer;
mod queue;

use std::collections::BTreeMap;

use bihuan_contracts::{Message, topics};
use bihuan_store::journal::Journal;
use bihuan_store::{Connection, Migration, Store, journal};
use tokio::sync::mpsc;

use crate::{Consumer, Inputs, Result, Tail};

pub const MIGRATIONS: &[Migration] = &[Migration {
    service: "local_log",
    number: 1,
    sql: include_str!("../../migrations/0001_local_log.sql"),
}];

/// The log of one data directory.
#[derive(Clone)]
pub struct LocalLog {
    store: Store,
    partitions: u32,
}

impl LocalLog {
    /// Over a SQLite store whose schema is up to date.
    pub const fn new(store: Store, partitions: u32) -> Self {
        Self { store, partitions }
    }

    pub(crate) const fn partitions(&self) -> u32 {
        self.partitions
    }

    pub(crate) fn consume(&self, group: &'static str, inputs: &Inputs) -> Consumer {
        consumer::join(self.store.clone(), self.partitions, group, inputs.clone())
    }

    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        let mut tx = self.store.begin().await?;
        Self::append(tx.conn(), &messages).await?;
        Ok(tx.commit().await?)
    }

    /// Appends within a transaction that has other things to commit as well.
    pub(crate) async fn append(connection: Connection<'_>, messages: &[Message]) -> Result<()> {
        match connection {
            Connection::Sqlite(c) => queue::append(c, messages).await,
            Connection::Postgres(_) => Ok(()),
        }
    }

    pub(crate) async fn ends(&self, topic: &str) -> Result<BTreeMap<u32, i64>> {
        let mut reader = self.store.read().await?;
        let mut ends: BTreeMap<u32, i64> = (0..self.partitions).map(|partition| (partition, 0)).collect();
        match journal_of(topic) {
            // the offset of an event is its sequence; sequences begin with 1
            Some(journal) => ends.extend(
                journal::ends(reader.conn(), journal)
                    .await?
                    .into_iter()
                    .map(|(p, end)| (p, end + 1)),
            ),
            None => ends.extend(queue::ends(reader.conn(), topic).await?),
        }
        Ok(ends)
    }

    pub(crate) async fn tail(&self, topics: &[&'static str]) -> Result<Tail> {
        let mut from = BTreeMap::new();
        for topic in topics {
            for (partition, end) in self.ends(topic).await? {
                from.insert(((*topic).to_owned(), partition), end);
            }
        }
        let (sender, records) = mpsc::channel(4096);
        tokio::spawn(consumer::follow(
            self.store.clone(),
            self.partitions,
            from,
            sender,
        ));
        Ok(Tail { records })
    }

    /// Forgets queue records that every consumer group has read.
    pub async fn trim(&self) -> Result<u64> {
        queue::trim(&self.store).await
    }
}

pub(crate) fn journal_of(topic: &str) -> Option<Journal> {
    Journal::ALL
        .into_iter()
        .find(|journal| topic_of(*journal) == topic)
}

pub(crate) const fn topic_of(journal: Journal) -> &'static str {
    match journal {
        Journal::Clue => topics::CLUE_EVENTS,
        Journal::Intake => topics::INTAKE_EVENTS,
        Journal::Dispute => topics::DISPUTE_EVENTS,
        Journal::Delivery => topics::DELIVERY_EVENTS,
    }
}
