//! Reads the local log: one task per consumer group, woken by commits of this process, looking for those of others.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bihuan_store::{Store, journal};
use tokio::sync::{mpsc, oneshot};

use super::{LocalLog, journal_of, queue};
use crate::faults::{self, Point};
use crate::log::Shared;
use crate::{Consumer, Delivery, Inputs, Record, Result, Resume};

const CHANNEL: usize = 4;
const CHUNK: i64 = 1000;
/// Another process may have appended.
const LOOK: Duration = Duration::from_millis(100);

pub(super) type Offsets = BTreeMap<(String, u32), i64>;

pub(super) fn join(store: Store, partitions: u32, group: &'static str, inputs: Inputs) -> Consumer {
    let (sender, deliveries) = mpsc::channel(CHANNEL);
    let shared = Arc::new(Shared::default());
    shared.assign((0..partitions).collect());
    let (left, reader) = oneshot::channel();
    let reading = Reading {
        store,
        partitions,
        group,
        shared: shared.clone(),
        offsets: Offsets::new(),
    };
    tokio::spawn(async move {
        reading.run(inputs, sender).await;
        let _ = left.send(());
    });
    Consumer {
        deliveries,
        shared,
        reader,
    }
}

struct Reading {
    store: Store,
    partitions: u32,
    /// Of a tail none.
    group: &'static str,
    shared: Arc<Shared>,
    /// What to read next.
    offsets: Offsets,
}

impl Reading {
    async fn run(mut self, inputs: Inputs, sender: mpsc::Sender<Delivery>) {
        let (resume, resumption) = oneshot::channel();
        let lanes = (0..self.partitions).collect();
        if sender.send(Delivery::Assigned { lanes, resume }).await.is_err() {
            return;
        }
        let Ok(resumption) = resumption.await else { return };
        for topic in std::iter::once(&inputs.lead).chain(inputs.followers.iter().map(|(topic, _)| topic)) {
            for partition in &resumption.lanes {
                self.offsets.insert((topic.clone(), *partition), 0);
            }
        }
        for Resume {
            topic,
            partition,
            next,
        } in resumption.positions
        {
            self.offsets.insert((topic, partition), next);
        }
        let mut away = false;
        while !sender.is_closed() {
            match self.deliver(&sender).await {
                Ok(()) if away => {
                    away = false;
                    let _ = sender.send(Delivery::Back).await;
                }
                Ok(()) => {}
                Err(error) => {
                    away = true;
                    let _ = sender.send(Delivery::Away(error.to_string())).await;
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Reads once from each partition that has something; waits when none has.
    async fn deliver(&mut self, sender: &mpsc::Sender<Delivery>) -> Result<()> {
        let store = self.store.clone();
        let mut committed = pin!(store.committed().notified());
        committed.as_mut().enable();
        let mut idle = true;
        for (topic, partition) in self.behind().await? {
            let Some(next) = self.offsets.get_mut(&(topic.clone(), partition)) else {
                continue;
            };
            let records = read(&store, &topic, partition, *next).await?;
            let Some(last) = records.last() else { continue };
            idle = false;
            let after = last.offset + 1;
            faults::wait(Point::Fetch, self.group).await;
            if sender.send(Delivery::Records(records)).await.is_err() {
                return Ok(());
            }
            *next = after;
        }
        if idle {
            tokio::select! {
                () = committed => {}
                () = tokio::time::sleep(LOOK) => {}
                () = sender.closed() => {}
            }
        }
        Ok(())
    }

    /// The inputs that have records to read: one question per topic, not one per partition.
    async fn behind(&self) -> Result<Vec<(String, u32)>> {
        let quiet = self.shared.quiet();
        let log = LocalLog::new(self.store.clone(), self.partitions);
        let mut behind = Vec::new();
        let mut ends: Option<(&str, BTreeMap<u32, i64>)> = None;
        for ((topic, partition), next) in &self.offsets {
            if ends.as_ref().is_none_or(|(of, _)| of != topic) {
                ends = Some((topic, log.ends(topic).await?));
            }
            let end = ends
                .as_ref()
                .and_then(|(_, ends)| ends.get(partition))
                .copied()
                .unwrap_or(0);
            if end > *next && !quiet.covers(topic, *partition, self.partitions) {
                behind.push((topic.clone(), *partition));
            }
        }
        Ok(behind)
    }
}

async fn read(store: &Store, topic: &str, partition: u32, next: i64) -> Result<Vec<Record>> {
    let mut reader = store.read().await?;
    let Some(journal) = journal_of(topic) else {
        return queue::read(reader.conn(), topic, partition, next, CHUNK).await;
    };
    let entries = journal::after(reader.conn(), journal, partition, next - 1, CHUNK).await?;
    let name: Arc<str> = topic.into();
    Ok(entries
        .into_iter()
        .map(|entry| Record {
            topic: name.clone(),
            partition,
            offset: entry.sequence,
            type_name: entry.type_name.into(),
            sequence: Some(entry.sequence),
            key: entry
                .clue
                .map(|clue| clue.hyphenated().to_string().into_bytes())
                .unwrap_or_default(),
            headers: Vec::new(),
            payload: entry.payload,
            tombstone: false,
            logged_at: None,
        })
        .collect())
}

/// Feeds a tail until nobody listens.
pub(super) async fn follow(store: Store, partitions: u32, offsets: Offsets, sender: mpsc::Sender<Record>) {
    let (deliveries, mut received) = mpsc::channel(1);
    let mut reader = Reading {
        store,
        partitions,
        group: "",
        shared: Arc::default(),
        offsets,
    };
    let reading = async {
        while !deliveries.is_closed() {
            if reader.deliver(&deliveries).await.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    let forwarding = async {
        while let Some(delivery) = received.recv().await {
            let Delivery::Records(records) = delivery else {
                continue;
            };
            for record in records {
                if sender.send(record).await.is_err() {
                    return;
                }
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = forwarding => {}
        () = sender.closed() => {}
    }
}
