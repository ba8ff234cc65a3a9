//! One idempotent producer per process. Events are published in order; what was acknowledged is known per partition.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bihuan_contracts::Message;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, PurgeConfig, ThreadedProducer};
use rdkafka::ClientConfig;
use tokio::sync::Notify;

use crate::{Error, Result};

/// Publishes.
pub(crate) struct Producer(ThreadedProducer<Acknowledge>);

struct Acknowledge;

impl ClientContext for Acknowledge {
    fn error(&self, _: KafkaError, _: &str) {
        // an outage shows as waiting in the loop that needs the log
    }
}

/// What a delivery report is told to.
enum Receipt {
    /// Commands of one batch: all of them, then go on.
    Batch(Arc<Pending>),
    /// An event: the lane's ledger counts it.
    Event(Arc<Ledger>, i64),
}

/// Messages of one batch that the log has not acknowledged yet.
struct Pending {
    open: AtomicUsize,
    failed: Mutex<Option<KafkaError>>,
    done: Notify,
}

/// How far a lane's journal is on the log.
#[derive(Debug)]
pub(crate) struct Ledger {
    acknowledged: AtomicI64,
    failed: AtomicBool,
}

impl Ledger {
    pub(crate) fn starting_at(sequence: i64) -> Arc<Self> {
        Arc::new(Self { acknowledged: AtomicI64::new(sequence), failed: AtomicBool::new(false) })
    }

    /// Newest sequence that the log has.
    pub(crate) fn acknowledged(&self) -> i64 {
        self.acknowledged.load(Ordering::Acquire)
    }

    /// A message was given up: everything after [`Self::acknowledged`] must be published again.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }
}

impl ProducerContext for Acknowledge {
    type DeliveryOpaque = Box<Receipt>;

    fn delivery(&self, result: &DeliveryResult<'_>, receipt: Box<Receipt>) {
        match (*receipt, result) {
            (Receipt::Event(ledger, sequence), Ok(_)) => {
                if !ledger.has_failed() {
                    ledger.acknowledged.fetch_max(sequence, Ordering::AcqRel);
                }
            }
            (Receipt::Event(ledger, _), Err(_)) => ledger.failed.store(true, Ordering::Release),
            (Receipt::Batch(pending), result) => {
                if let Err((error, _)) = result
                    && let Ok(mut failed) = pending.failed.lock()
                {
                    *failed = Some(error.clone());
                }
                if pending.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                    pending.done.notify_one();
                }
            }
        }
    }
}

impl Producer {
    pub(super) fn new(client: &ClientConfig) -> Result<Self> {
        let mut config = client.clone();
        config
            .set("enable.idempotence", "true")
            // a message that timed out would leave a gap that librdkafka's order promise does not cover
            .set("message.timeout.ms", "0")
            .set("linger.ms", "2")
            .set("compression.type", "lz4")
            .set("message.max.bytes", "11534336")
            .set("queue.buffering.max.messages", "200000")
            .set("queue.buffering.max.kbytes", "65536");
        Ok(Self(config.create_with_context(Acknowledge)?))
    }

    /// Publishes and waits for every acknowledgement.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let pending = Arc::new(Pending { open: AtomicUsize::new(messages.len()), failed: Mutex::new(None), done: Notify::new() });
        for message in messages {
            self.send(&message, Receipt::Batch(pending.clone())).await?;
        }
        while pending.open.load(Ordering::Acquire) > 0 {
            pending.done.notified().await;
        }
        let failed = pending.failed.lock().map_err(|_| Error::Closed)?.take();
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Publishes a journal event; its ledger tells when the log has it.
    pub(crate) async fn publish_event(&self, message: &Message, ledger: &Arc<Ledger>, sequence: i64) -> Result<()> {
        self.send(message, Receipt::Event(ledger.clone(), sequence)).await
    }

    /// Gives up whatever is queued, so that publishing can start again from a known sequence.
    pub(crate) fn purge(&self) {
        self.0.purge(PurgeConfig::default().queue().inflight());
    }

    async fn send(&self, message: &Message, receipt: Receipt) -> Result<()> {
        let headers = message.headers.iter().fold(OwnedHeaders::new_with_capacity(message.headers.len()), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value) })
        });
        let mut record = BaseRecord::with_opaque_to(&message.topic, Box::new(receipt))
            .partition(message.partition as i32)
            .key(&message.key)
            .payload(&message.payload)
            .headers(headers);
        loop {
            match self.0.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err((error, _)) => return Err(error.into()),
            }
        }
    }
}

