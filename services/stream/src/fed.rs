//! A log in memory that its maker feeds: for measuring one loop by itself, and nothing else. It publishes to nowhere.

use std::collections::BTreeSet;
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
}

impl FedLog {
    /// The sender delivers as long as the loop keeps up; `waiting` deliveries may wait.
    pub fn new(partitions: u32, waiting: usize) -> (Self, mpsc::Sender<Vec<Record>>) {
        let (sender, receiver) = mpsc::channel(waiting);
        (
            Self {
                partitions,
                records: Arc::new(Mutex::new(Some(receiver))),
            },
            sender,
        )
    }

    pub(crate) const fn partitions(&self) -> u32 {
        self.partitions
    }

    pub(crate) fn consume(&self) -> Result<Consumer> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut records = records.ok_or_else(|| Error::Handler("a fed log has one consumer".to_owned()))?;
        let (sender, deliveries) = mpsc::channel(WAITING);
        let (ended, reader) = oneshot::channel();
        let shared = Arc::new(Shared::default());
        let lanes: BTreeSet<u32> = (0..self.partitions).collect();
        shared.assign(lanes.clone());
        tokio::spawn(async move {
            let (resume, positions) = oneshot::channel();
            let assigned = Delivery::Assigned {
                lanes: lanes.into_iter().collect(),
                resume,
            };
            if sender.send(assigned).await.is_ok() && positions.await.is_ok() {
                while let Some(records) = records.recv().await {
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
