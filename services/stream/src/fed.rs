//! A log in memory that its maker feeds: for measuring one loop by itself, and nothing else. It publishes to nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::log::Shared;
use crate::{Consumer, Delivery, Error, Record, Result};

/// Deliveries that wait for the loop, as those of the other logs do.
const WAITING: usize = 16;

/// Feeds one consumer, which holds every lane.
#[derive(Clone)]
pub struct FedLog {
    partitions: u32,
    records: Arc<Mutex<Option<mpsc::Receiver<Vec<Record>>>>>,
    ends: Arc<Mutex<BTreeMap<u32, i64>>>,
}

impl FedLog {
    /// The sender delivers as long as the loop keeps up; `waiting` deliveries may wait.
    pub fn new(partitions: u32, waiting: usize) -> (Self, mpsc::Sender<Vec<Record>>) {
        let (sender, receiver) = mpsc::channel(waiting);
        (
            Self {
                partitions,
                records: Arc::new(Mutex::new(Some(receiver))),
                ends: Arc::default(),
            },
            sender,
        )
    }

    pub(crate) const fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Behind the newest record that was fed, by partition.
    pub(crate) fn ends(&self) -> BTreeMap<u32, i64> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn consume(&self) -> Result<Consumer> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut records = records.ok_or_else(|| Error::Handler("a fed log has one consumer".to_owned()))?;
        let (sender, deliveries) = mpsc::channel(WAITING);
        let (ended, reader) = oneshot::channel();
        let shared = Arc::new(Shared::default());
        let lanes: BTreeSet<u32> = (0..self.partitions).collect();
        shared.assign(lanes.clone());
        let ends = self.ends.clone();
        tokio::spawn(async move {
            let (resume, positions) = oneshot::channel();
            let assigned = Delivery::Assigned {
                lanes: lanes.into_iter().collect(),
                resume,
            };
            if sender.send(assigned).await.is_ok() && positions.await.is_ok() {
                while let Some(records) = records.recv().await {
                    let of_records = records.iter().map(|record| (record.partition, record.offset + 1));
                    ends.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .extend(of_records);
                    if sender.send(Delivery::Records(records)).await.is_err() {
                        break;
                    }
                }
                // an idle log stays open
                sender.closed().await;
            }
            let _ = ended.send(());
        });
        Ok(Consumer {
            deliveries,
            shared,
            reader,
        })
    }
}
