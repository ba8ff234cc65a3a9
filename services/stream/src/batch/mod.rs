//! The batch loop: take a batch, let the handler decide, commit effects and position together, publish.
//!
//! ```text
//! handle (memory) → publish commands, await → BEGIN · move the leases, fenced · events · rows · COMMIT → publish events
//!                   handle the next, if the handler allows it ──────────────────────────────────────→ publish commands …
//! ```
//!
//! One task owns all state; the transaction (`commit`) runs beside it, one at a time. `deciding` and `underway` are the halves
//! of a batch; `retry` says what follows a failure; `holding` takes lanes over and gives them up; `breaker` stops an input
//! that is nearly all bad; `ticking` puts clues whose time has come into batches, up to the `watermark` of their lanes.

mod backoff;
mod breaker;
mod commit;
mod deciding;
mod holding;
mod retry;
mod ticking;
mod underway;
mod watermark;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use tokio::sync::mpsc::error::TryRecvError;
use tokio_util::sync::CancellationToken;

pub(crate) use self::backoff::Backoff;
use self::breaker::Breaker;
use self::holding::Slot;
use self::ticking::Ticking;
use self::underway::Underway;
use crate::outbox::Outbox;
use crate::{Consumer, Delivery, Error, Handler, Log, Phase, Record, Result, Status};

/// What a loop runs in.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub log: Log,
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub shutdown: CancellationToken,
    pub limits: Limits,
    pub status: Status,
}

/// How large a batch may grow.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub records: usize,
    /// Of payloads; one delivery of the log may exceed it.
    pub bytes: usize,
    /// Ticks wait for so long after the time that they are due, by the clock that they are due by: what was asked before it may still
    /// be on its way to the log.
    pub tick_grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records: 2_000,
            bytes: 16 << 20,
            tick_grace: Duration::from_secs(2),
        }
    }
}

/// How often positions that only skipped are written down.
const PERSIST_SKIPS: Duration = Duration::from_secs(1);
/// What a handler put off is written this often, however busy it is.
const REST: Duration = Duration::from_secs(10);
/// How long a batch may go on after shutdown was asked for. Dropping it half-way is safe, finishing it is kinder.
const GRACE: Duration = Duration::from_secs(5);

/// Runs `handler` until shutdown.
pub async fn run<H: Handler>(handler: H, context: Context) -> Result<()> {
    let Some(consumer) = join(&handler, &context).await? else {
        return Ok(());
    };
    let outbox = handler.journal().map(|journal| {
        Outbox::new(
            journal,
            handler.group(),
            context.log.clone(),
            context.store.clone(),
        )
    });
    let shutdown = context.shutdown.clone();
    let mut worker = Worker {
        handler,
        context,
        consumer,
        outbox,
        lanes: BTreeMap::new(),
        breaker: Breaker::default(),
        backoff: Backoff::default(),
        away: None,
        persisted: Instant::now(),
        taken: Instant::now(),
        rested: true,
        rested_at: Instant::now(),
        left_over: None,
        underway: None,
        ticking: Ticking::default(),
    };
    let done = tokio::select! {
        done = worker.run() => done,
        () = late(&shutdown) => Ok(()),
    };
    worker.consumer.leave().await;
    done
}

async fn late(shutdown: &CancellationToken) {
    shutdown.cancelled().await;
    tokio::time::sleep(GRACE).await;
}

/// Joins the group, however long the log is away. `None`: shut down meanwhile.
async fn join<H: Handler>(handler: &H, context: &Context) -> Result<Option<Consumer>> {
    let mut backoff = Backoff::default();
    loop {
        match context.log.consume(handler.group(), &handler.inputs()).await {
            Ok(consumer) => return Ok(Some(consumer)),
            Err(error) if error.is_transient() => {
                context
                    .status
                    .set(handler.group(), Phase::Waiting(error.to_string()));
                tokio::select! {
                    () = context.shutdown.cancelled() => return Ok(None),
                    () = tokio::time::sleep(backoff.delay()) => {}
                }
            }
            Err(error) => return Err(error),
        }
    }
}

struct Worker<H> {
    handler: H,
    context: Context,
    consumer: Consumer,
    outbox: Option<Outbox>,
    lanes: BTreeMap<u32, Slot>,
    breaker: Breaker,
    backoff: Backoff,
    /// The log said that it is away.
    away: Option<String>,
    persisted: Instant,
    /// When the newest batch was taken up.
    taken: Instant,
    /// Nothing was taken up since the handler wrote what it put off.
    rested: bool,
    /// When that was.
    rested_at: Instant,
    /// What came while a batch was being filled and did not fit into it.
    left_over: Option<Delivery>,
    /// The batch whose commit nobody has waited for yet. The lanes are as if it had succeeded.
    underway: Option<Underway>,
    ticking: Ticking,
}

impl<H: Handler> Worker<H> {
    async fn run(&mut self) -> Result<()> {
        while !self.context.shutdown.is_cancelled() {
            self.look_ahead().await;
            match self.next().await? {
                Some(delivery) => self.take(delivery).await,
                None => self.take_ticks().await,
            }
            if self.persisted.elapsed() >= PERSIST_SKIPS {
                self.tick().await;
            }
        }
        self.rest(false).await;
        self.tick().await;
        Ok(())
    }

    /// `None`: nothing came for a while, or while ticks wait, or the end.
    async fn next(&mut self) -> Result<Option<Delivery>> {
        if let Some(delivery) = self.left_over.take() {
            return Ok(Some(delivery));
        }
        if self.hurries() {
            return match self.consumer.deliveries.try_recv() {
                Ok(delivery) => Ok(Some(delivery)),
                Err(TryRecvError::Empty) => Ok(None),
                Err(TryRecvError::Disconnected) => Err(Error::Closed),
            };
        }
        let committed = async {
            match &mut self.underway {
                Some(underway) => underway.wait().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.context.shutdown.cancelled() => Ok(None),
            delivery = self.consumer.deliveries.recv() => Ok(Some(delivery.ok_or(Error::Closed)?)),
            () = committed => {
                self.quiesce().await;
                Ok(None)
            }
            () = self.ticking.answered() => Ok(None),
            () = tokio::time::sleep(PERSIST_SKIPS) => Ok(None),
        }
    }

    async fn take(&mut self, delivery: Delivery) {
        if !matches!(delivery, Delivery::Records(_)) {
            self.quiesce().await;
        }
        match delivery {
            Delivery::Assigned { lanes, resume } => self.assigned(lanes, resume).await,
            Delivery::Revoked { lanes } => self.revoked(&lanes),
            Delivery::Records(records) => {
                self.away = None;
                let records = self.fill(records).await;
                self.taken = Instant::now();
                self.rested = false;
                self.keep_company();
                let ticks = self.look().await;
                self.process(records, ticks).await;
            }
            Delivery::Away(reason) => {
                self.away = Some(reason);
                self.show();
            }
            Delivery::Back => {
                self.away = None;
                self.show();
            }
            Delivery::Lost {
                topic,
                partition,
                detail,
            } => {
                let lane = partition % self.context.log.partitions();
                self.halt(lane, format!("{topic}/{partition}: {detail}"));
            }
        }
    }

    /// Takes what is there already, up to the limits, and what comes before the handler's pace allows another batch.
    async fn fill(&mut self, mut records: Vec<Record>) -> Vec<Record> {
        let limits = self.context.limits;
        // a batch of ticks is none that a record must keep a distance from
        let pace = if self.are_due() {
            Duration::ZERO
        } else {
            self.handler.pace()
        };
        let due = tokio::time::Instant::from_std(self.taken + pace);
        let most = self.most_records();
        let mut bytes: usize = records.iter().map(|record| record.payload.len()).sum();
        while records.len() < most && bytes < limits.bytes {
            // what is there already is taken even when it is due
            match tokio::time::timeout_at(due, self.consumer.deliveries.recv()).await {
                Ok(Some(Delivery::Records(more))) => {
                    bytes += more.iter().map(|record| record.payload.len()).sum::<usize>();
                    records.extend(more);
                }
                Ok(Some(other)) => {
                    self.left_over = Some(other);
                    break;
                }
                Ok(None) | Err(_) => break,
            }
        }
        if records.len() > most {
            // the loop above ended because of the records, so nothing else is left over
            self.left_over = Some(Delivery::Records(records.split_off(most)));
        }
        records
    }

    /// Once a second: what no batch did.
    async fn tick(&mut self) {
        self.persisted = Instant::now();
        if self.outbox.as_ref().is_some_and(Outbox::has_failed) {
            self.quiesce().await;
            // committed events that the log did not take: nobody else will bring them
            self.recover().await;
        }
        // some lanes rest while others are busy
        if self.taken.elapsed() >= PERSIST_SKIPS {
            self.rest(false).await;
        } else if self.rested_at.elapsed() >= REST {
            self.rest(true).await;
        }
        self.persist_skips().await;
    }

    /// Writes what the handler put off.
    async fn rest(&mut self, busy: bool) {
        self.quiesce().await;
        self.rested_at = Instant::now();
        if !std::mem::replace(&mut self.rested, !busy) {
            self.write_rest(busy).await;
            self.quiesce().await;
        }
    }

    /// Shows how the loop is doing, the worst first.
    fn show(&self) {
        let halted = self.lanes.values().find_map(|slot| match slot {
            Slot::Halted(reason) => Some(reason),
            Slot::Held(_) => None,
        });
        let phase = match (halted.or_else(|| self.breaker.stopped()), &self.away) {
            (Some(reason), _) => Phase::Halted(reason.clone()),
            (None, Some(reason)) => Phase::Waiting(reason.clone()),
            (None, None) => Phase::Running,
        };
        self.context.status.set(self.handler.group(), phase);
    }

    /// Waits before the next attempt, and shows what for.
    async fn wait(&mut self, error: &Error) {
        // being fenced is part of every rebalance
        if !matches!(error, Error::Fenced) {
            self.context
                .status
                .set(self.handler.group(), Phase::Waiting(error.to_string()));
        }
        tokio::select! {
            () = tokio::time::sleep(self.backoff.delay()) => {}
            () = self.context.shutdown.cancelled() => {}
        }
    }
}
