//! Reads the local log: one task per consumer group, woken by commits of this process, looking for those of others.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bihuan_store::{Store, journal};
use tokio::sync::{mpsc, oneshot};

use super::{journal_of, queue};
use crate::{Consumer, Delivery, Inputs, Record, Result, Resume, Start};

const CHANNEL: usize = 4;
const CHUNK: i64 = 1000;
/// Another process may have appended.
const LOOK: Duration = Duration::from_millis(25);

type Offsets = BTreeMap<(String, u32), i64>;

pub(super) fn join(store: Store, partitions: u32, inputs: Inputs) -> Consumer {
    let (sender, deliveries) = mpsc::channel(CHANNEL);
    let lanes: BTreeSet<u32> = (0..partitions).collect();
    let assigned = Arc::new(Mutex::new(lanes.clone()));
    tokio::spawn(async move {
        let (resume, positions) = oneshot::channel();
        let lanes = lanes.into_iter().collect();
        if sender.send(Delivery::Assigned { lanes, resume }).await.is_err() {
            return;
        }
        let Ok(positions) = positions.await else { return };
        let mut offsets = loop {
            match first_offsets(&store, partitions, &inputs, &positions).await {
                Ok(offsets) => break offsets,
                Err(error) => away(&sender, &error).await,
            }
        };
        while !sender.is_closed() {
            if let Err(error) = deliver(&store, &mut offsets, &sender).await {
                away(&sender, &error).await;
            }
        }
    });
    Consumer { deliveries, assigned }
}

async fn away(sender: &mpsc::Sender<Delivery>, error: &crate::Error) {
    let _ = sender.send(Delivery::Away(error.to_string())).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
}

async fn first_offsets(store: &Store, partitions: u32, inputs: &Inputs, known: &[Resume]) -> Result<Offsets> {
    let mut offsets = Offsets::new();
    let lead = (inputs.lead.clone(), Start::Beginning);
    for (topic, start) in std::iter::once(&lead).chain(&inputs.followers) {
        let ends = match start {
            Start::Beginning => BTreeMap::new(),
            Start::End => super::LocalLog::new(store.clone(), partitions).ends(topic).await?,
        };
        for partition in 0..partitions {
            let known = known.iter().find(|r| r.topic == *topic && r.partition == partition).and_then(|r| r.next);
            offsets.insert((topic.clone(), partition), known.unwrap_or_else(|| ends.get(&partition).copied().unwrap_or(0)));
        }
    }
    Ok(offsets)
}

/// Reads each partition once; waits when none had anything.
async fn deliver(store: &Store, offsets: &mut Offsets, sender: &mpsc::Sender<Delivery>) -> Result<()> {
    let mut committed = pin!(store.committed().notified());
    committed.as_mut().enable();
    let mut idle = true;
    for ((topic, partition), next) in offsets.iter_mut() {
        let records = read(store, topic, *partition, *next).await?;
        let Some(last) = records.last() else { continue };
        idle = false;
        let after = last.offset + 1;
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
            key: entry.clue.map(|clue| clue.hyphenated().to_string().into_bytes()).unwrap_or_default(),
            headers: Vec::new(),
            payload: entry.payload,
            logged_at: None,
        })
        .collect())
}

/// Feeds a tail until nobody listens.
pub(super) async fn follow(store: Store, mut offsets: Offsets, sender: mpsc::Sender<Record>) {
    let (deliveries, mut received) = mpsc::channel(1);
    let reading = async {
        while !deliveries.is_closed() {
            if deliver(&store, &mut offsets, &deliveries).await.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    let forwarding = async {
        while let Some(delivery) = received.recv().await {
            let Delivery::Records(records) = delivery else { continue };
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
