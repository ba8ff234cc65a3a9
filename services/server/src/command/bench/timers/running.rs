//! The loop that is measured, and the commands that go on meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::{partition_of, topics};
use bihuan_domain::time::Timestamp;
use bihuan_lifecycle::Lifecycle;
use bihuan_rulebook::Library;
use bihuan_store::Store;
use bihuan_store::journal::{self, Journal};
use bihuan_stream::{Context, FedLog, Limits, Log, Record, Status};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::samples::Samples;
use super::super::work::Work;
use super::Options;
use super::filling::suspend;
use crate::failure::Failure;

/// The clock of the machine, and how far it was moved.
#[derive(Clone, Default)]
pub(super) struct Clock(Arc<AtomicI64>);

impl Clock {
    fn now(&self) -> Timestamp {
        let moved = self.0.load(Ordering::Acquire);
        bihuan_runtime::Clock::wall().now().plus_micros(moved)
    }

    /// To where what was due at `moment` is due without any grace.
    pub(super) fn jump(&self, moment: Timestamp) {
        let ahead = moment.plus_micros(3_000_000).since(self.now());
        self.0.fetch_add(ahead.max(0), Ordering::AcqRel);
    }
}

/// The loop, and what feeds it.
pub(super) struct Running {
    store: Store,
    work: Work,
    partitions: u32,
    batch: usize,
    pub(super) clock: Clock,
    feed: mpsc::Sender<Vec<Record>>,
    status: Status,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<bihuan_stream::Result<()>>,
    /// The next offset, by partition.
    next: Vec<i64>,
    /// The clue that is reported next.
    fresh: u64,
    /// Makes the ids of commands differ.
    turn: u32,
}

impl Running {
    pub(super) fn start(store: &Store, work: Work, options: &Options) -> Self {
        let (log, feed) = FedLog::new(options.partitions, 1_000);
        let (clock, shutdown, status) = (Clock::default(), CancellationToken::new(), Status::default());
        let of_loop = clock.clone();
        let context = Context {
            store: store.clone(),
            log: Log::Fed(log),
            clock: Arc::new(move || of_loop.now()),
            shutdown: shutdown.clone(),
            limits: Limits {
                records: options.batch,
                ..Limits::default()
            },
            status: status.clone(),
        };
        let library = Library::new(store.clone());
        let handler = Lifecycle::new(store.clone(), library, options.partitions, "bench");
        Self {
            store: store.clone(),
            work,
            partitions: options.partitions,
            batch: options.batch,
            clock,
            feed,
            status,
            shutdown,
            task: tokio::spawn(bihuan_stream::run(handler, context)),
            next: vec![0; options.partitions as usize],
            fresh: options.clues,
            turn: 0,
        }
    }

    pub(super) async fn stop(self) {
        self.shutdown.cancel();
        drop(self.feed);
        let _ = self.task.await;
    }

    async fn send(&mut self, commands: Vec<(u64, ClueCommand)>) -> Result<Option<(u32, i64)>, Failure> {
        let mut last = None;
        let logged_at = Some(self.clock.now());
        let mut records = Vec::with_capacity(commands.len());
        for (i, asked) in commands {
            let partition = partition_of(self.work.clue(i), self.partitions);
            let next = &mut self.next[partition as usize];
            last = Some((partition, *next));
            records.push(Record {
                topic: topics::CLUE_COMMANDS.into(),
                partition,
                offset: *next,
                type_name: asked.type_name().into(),
                sequence: None,
                key: Vec::new(),
                headers: Vec::new(),
                payload: command::encode(&asked),
                tombstone: false,
                logged_at,
            });
            *next += 1;
        }
        let sent = self.feed.send(records).await;
        sent.map_err(|_| Failure::usage("循环提前结束", "the loop ended early"))?;
        Ok(last)
    }

    fn is_done(&self, (partition, offset): (u32, i64)) -> bool {
        let positions = self.status.positions();
        let read = positions.get(&partition);
        read.and_then(|read| read.get(topics::CLUE_COMMANDS, partition))
            .is_some_and(|position| position.next > offset)
    }

    /// Commands at a rate, until `is_over`; how long each took until it was committed.
    pub(super) async fn commands(
        &mut self,
        rate: f64,
        mut is_over: impl AsyncFnMut() -> Result<bool, Failure>,
    ) -> Result<Samples, Failure> {
        let (started, mut asked) = (Instant::now(), Instant::now());
        let (mut sent, mut samples) = (0_u64, Samples::default());
        let mut waiting: Vec<((u32, i64), Instant)> = Vec::new();
        let mut over = false;
        while !over || !waiting.is_empty() {
            if !over && started.elapsed().as_secs_f64() * rate >= sent as f64 {
                let at = Instant::now();
                let report = self.work.report(self.fresh, self.clock.now());
                let place = self.send(vec![(self.fresh, report)]).await?;
                waiting.extend(place.map(|place| (place, at)));
                (self.fresh, sent) = (self.fresh + 1, sent + 1);
            }
            waiting.retain(|(place, at)| {
                let is_done = self.is_done(*place);
                if is_done {
                    samples.add(at.elapsed());
                }
                !is_done
            });
            if !over && asked.elapsed() >= Duration::from_millis(100) {
                over = is_over().await?;
                asked = Instant::now();
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(samples)
    }

    /// The same until so many clues woke.
    pub(super) async fn drain(&mut self, rate: f64, due: u64) -> Result<Samples, Failure> {
        let (store, status) = (self.store.clone(), self.status.clone());
        let read = move || -> i64 {
            let positions = status.positions();
            let lanes = positions.iter();
            lanes
                .filter_map(|(lane, read)| read.get(topics::CLUE_COMMANDS, *lane))
                .map(|position| position.next)
                .sum()
        };
        // every report makes two events
        self.commands(
            rate,
            async || Ok(events(&store).await? - 2 * read() >= due as i64),
        )
        .await
    }

    /// Whoever is not suspended is, and all wake at the same moment.
    pub(super) async fn turn(&mut self, clues: u64, free: u64) -> Result<(), Failure> {
        self.turn += 1;
        let moment = self.clock.now().plus_days(1);
        let mut last = None;
        let mut from = 0;
        let before = events(&self.store).await?;
        while from < free {
            let to = (from + self.batch as u64).min(free);
            let now = self.clock.now();
            let commands = (from..to).map(|i| (i, suspend(&self.work, i, self.turn, moment, now)));
            last = self.send(commands.collect()).await?.or(last);
            from = to;
        }
        wait(&self.store, before + free as i64).await?;
        while last.is_some_and(|last| !self.is_done(last)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // those that were filled in wake weeks later
        self.clock
            .jump(moment.plus_days(if free < clues { 50 } else { 0 }));
        wait(&self.store, before + (free + clues) as i64).await
    }
}

async fn wait(store: &Store, total: i64) -> Result<(), Failure> {
    while events(store).await? < total {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// How many there are.
async fn events(store: &Store) -> Result<i64, Failure> {
    let ends = journal::ends(store.read().await?.conn(), Journal::Clue).await?;
    Ok(ends.into_iter().map(|(_, end)| end).sum())
}
