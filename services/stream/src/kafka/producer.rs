//! One idempotent producer per process. Events are published in order; what was acknowledged is known per partition.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, Weak};
use std::time::Duration;

use bihuan_contracts::{Message, header, traceparent};
use bihuan_store::journal::Entry;
use rdkafka::client::ClientContext;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Header, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, PurgeConfig, ThreadedProducer};
use tokio::sync::Notify;

use super::{Settings, client, deserted};
use crate::{Error, Result};

type Client = ThreadedProducer<Acknowledge>;

/// Publishes.
pub(crate) struct Producer(Arc<Clients>);

/// One client after another.
struct Clients {
    settings: Settings,
    /// Whoever sends holds the lock meanwhile, so that nothing enters a client after it was replaced.
    current: RwLock<Current>,
    itself: Itself,
}

/// Known as soon as there is one.
type Itself = Arc<OnceLock<Weak<Clients>>>;

struct Current {
    client: Client,
    /// Counts the clients that there were. A lane's journal goes through one of them only: what the next one takes could
    /// otherwise overtake what the last one lost.
    generation: u64,
}

/// Of the client of a generation.
struct Acknowledge {
    clients: Itself,
    generation: u64,
}

impl ClientContext for Acknowledge {
    fn error(&self, _: KafkaError, _: &str) {
        // an outage shows as waiting in the loop that needs the log
    }

    fn stats_raw(&self, statistics: &[u8]) {
        if !deserted::is_deserted(statistics) {
            return;
        }
        let (clients, generation) = (self.clients.clone(), self.generation);
        // this thread is the client's own, and ends with it
        std::thread::spawn(move || {
            if let Some(clients) = clients.get().and_then(Weak::upgrade) {
                tracing::warn!("the producer knows no broker any more; a new one takes its place");
                clients.start_again(generation);
            }
        });
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

/// How far a lane's journal is on the log, through one client.
#[derive(Debug)]
pub(crate) struct Ledger {
    generation: u64,
    acknowledged: AtomicI64,
    failed: AtomicBool,
}

impl Ledger {
    pub(crate) fn starting_at(sequence: i64, generation: u64) -> Arc<Self> {
        Arc::new(Self {
            generation,
            acknowledged: AtomicI64::new(sequence),
            failed: AtomicBool::new(false),
        })
    }

    pub(crate) const fn generation(&self) -> u64 {
        self.generation
    }

    /// Newest sequence that the log has.
    pub(crate) fn acknowledged(&self) -> i64 {
        self.acknowledged.load(Ordering::Acquire)
    }

    /// A message was given up: everything after [`Self::acknowledged`] must be published again.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Acquire)
    }

    pub(crate) fn fail(&self) {
        self.failed.store(true, Ordering::Release);
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
            (Receipt::Event(ledger, _), Err(_)) => ledger.fail(),
            (Receipt::Batch(pending), result) => {
                if let Err((error, _)) = result {
                    *pending.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                }
                if pending.open.fetch_sub(1, Ordering::AcqRel) == 1 {
                    pending.done.notify_one();
                }
            }
        }
    }
}

impl Producer {
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let itself = Itself::default();
        let clients = Arc::new(Clients {
            settings: settings.clone(),
            current: RwLock::new(Current {
                client: create(settings, &itself, 0)?,
                generation: 0,
            }),
            itself: itself.clone(),
        });
        let _ = itself.set(Arc::downgrade(&clients));
        Ok(Self(clients))
    }

    /// Which client it is. Asked before how far a journal is on the log, for a ledger.
    pub(crate) fn generation(&self) -> u64 {
        self.0.current().generation
    }

    /// Publishes and waits for every acknowledgement.
    pub(crate) async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        if messages.is_empty() {
            return Ok(());
        }
        let pending = Arc::new(Pending {
            open: AtomicUsize::new(messages.len()),
            failed: Mutex::new(None),
            done: Notify::new(),
        });
        for message in messages {
            let mut headers = OwnedHeaders::new_with_capacity(message.headers.len());
            let sent = message.headers.iter().filter(|(key, _)| key != header::TOMBSTONE);
            for (key, value) in sent {
                headers = headers.insert(Header {
                    key,
                    value: Some(value),
                });
            }
            let topic = self.0.settings.wire(&message.topic);
            let mut record = BaseRecord::with_opaque_to(&topic, Box::new(Receipt::Batch(pending.clone())))
                .partition(message.partition as i32)
                .key(message.key.as_slice())
                .headers(headers);
            if !message.is_tombstone() {
                record = record.payload(message.payload.as_slice());
            }
            self.send(record, None).await?;
        }
        while pending.open.load(Ordering::Acquire) > 0 {
            pending.done.notified().await;
        }
        let failed = pending
            .failed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        failed.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Publishes a journal event; its ledger tells when the log has it.
    pub(crate) async fn publish_event(
        &self,
        topic: &str,
        group: &str,
        entry: &Entry,
        ledger: &Arc<Ledger>,
    ) -> Result<()> {
        let key = entry.clue.map(|clue| clue.hyphenated().to_string());
        let topic = self.0.settings.wire(topic);
        let receipt = Receipt::Event(ledger.clone(), entry.sequence);
        let record = BaseRecord::with_opaque_to(&topic, Box::new(receipt))
            .partition(entry.partition as i32)
            .key(key.as_deref().unwrap_or_default().as_bytes())
            .payload(entry.payload.as_slice())
            .headers(headers(group, entry, key.as_deref()));
        let sent = self.send(record, Some(ledger.generation)).await;
        if sent.is_err() {
            // nothing may follow it
            ledger.fail();
        }
        sent
    }

    /// After a delivery failed: gives up whatever is queued, so that publishing can go on from a known sequence, with a new
    /// client, because the old one may have declared itself dead. Once for each generation, whoever asks first.
    pub(crate) fn start_again(&self, generation: u64) {
        self.0.start_again(generation);
    }

    /// `only`: refuse if another client took the place of the one of this generation.
    async fn send(
        &self,
        mut record: BaseRecord<'_, [u8], [u8], Box<Receipt>>,
        only: Option<u64>,
    ) -> Result<()> {
        loop {
            match self.try_send(record, only) {
                Ok(()) => return Ok(()),
                Err(Unsent::Full(back)) => {
                    record = *back;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                Err(Unsent::Dead(generation)) => {
                    self.start_again(generation);
                    return Err(Error::Undelivered);
                }
                Err(Unsent::Replaced) => return Err(Error::Undelivered),
                Err(Unsent::Failed(error)) => return Err(error.into()),
            }
        }
    }

    fn try_send<'m>(
        &self,
        record: BaseRecord<'m, [u8], [u8], Box<Receipt>>,
        only: Option<u64>,
    ) -> std::result::Result<(), Unsent<'m>> {
        let current = self.0.current();
        if only.is_some_and(|generation| generation != current.generation) {
            return Err(Unsent::Replaced);
        }
        current.client.send(record).map_err(|(error, back)| match error {
            KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) => Unsent::Full(Box::new(back)),
            KafkaError::MessageProduction(RDKafkaErrorCode::Fatal) => Unsent::Dead(current.generation),
            error => Unsent::Failed(error),
        })
    }
}

impl Clients {
    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_again(&self, generation: u64) {
        let Ok(client) = create(&self.settings, &self.itself, generation + 1) else {
            return;
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if current.generation != generation {
            return;
        }
        let old = std::mem::replace(&mut current.client, client);
        current.generation += 1;
        old.purge(PurgeConfig::default().queue().inflight());
        drop(current);
        // dropping it joins a thread
        std::thread::spawn(move || drop(old));
    }
}

/// Why a message was not taken.
enum Unsent<'m> {
    /// Here it is again.
    Full(Box<BaseRecord<'m, [u8], [u8], Box<Receipt>>>),
    /// The client of this generation takes nothing any more.
    Dead(u64),
    Replaced,
    Failed(KafkaError),
}

fn create(settings: &Settings, clients: &Itself, generation: u64) -> Result<Client> {
    let mut config = client(settings);
    deserted::watch(&mut config);
    config
        .set("enable.idempotence", "true")
        // a journal must have no gap: rather no message than one after another that failed
        .set("enable.gapless.guarantee", "true")
        // which does not cover messages that timed out
        .set("message.timeout.ms", "0")
        .set("linger.ms", "2")
        .set("compression.type", "lz4")
        .set("message.max.bytes", "11534336")
        .set("queue.buffering.max.messages", "200000")
        .set("queue.buffering.max.kbytes", "65536");
    let clients = clients.clone();
    Ok(config.create_with_context(Acknowledge { clients, generation })?)
}

/// CloudEvents 1.0 in binary mode, and the sequence.
fn headers(group: &str, entry: &Entry, subject: Option<&str>) -> OwnedHeaders {
    let text = |headers: OwnedHeaders, key, value: &str| {
        headers.insert(Header {
            key,
            value: Some(value),
        })
    };
    let id = format!("{}-{}", entry.partition, entry.sequence);
    let mut headers = OwnedHeaders::new_with_capacity(9);
    headers = text(headers, header::CE_SPECVERSION, header::SPECVERSION);
    headers = text(headers, header::CE_ID, &id);
    headers = text(headers, header::CE_SOURCE, &format!("/bihuan/{group}"));
    headers = text(headers, header::CE_TYPE, &entry.type_name);
    headers = text(headers, header::CE_TIME, &entry.at.to_string());
    if let Some(subject) = subject {
        headers = text(headers, header::CE_SUBJECT, subject);
        if let Some(trace) = traceparent(subject, &id) {
            headers = text(headers, header::TRACEPARENT, &trace);
        }
    }
    headers = text(headers, header::CONTENT_TYPE, header::PROTOBUF);
    text(headers, header::SEQUENCE, &entry.sequence.to_string())
}
