//! From an inbound record to closed: generator, agencies and every service in this process, on Kafka and PostgreSQL or embedded.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bihuan_contracts::topics;
use bihuan_domain::id::ClueId;
use bihuan_runtime::config::Config;
use bihuan_stream::{Log, Tail};
use clap::Args;

use super::installed::Installed;
use super::work::{Step, Work};
use super::{Figure, Goal, Result as Measured};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Lifecycles
    #[arg(long, default_value_t = 100_000)]
    clues: u64,
    /// Clues that are on their way at once
    #[arg(long, default_value_t = 20_000)]
    open: u64,
}

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        let installed = Installed::start(config).await?;
        let goal = if config.is_embedded() { 1_000.0 } else { 1_500.0 };
        let took = carry(&installed, self.clues, self.open).await?.as_secs_f64();
        let memory = crate::memory::peak_memory().unwrap_or(0);
        installed.remove().await?;
        Ok(Measured {
            bench: "pipeline",
            figures: vec![
                Figure::new(
                    "inbound record → closed",
                    self.clues as f64 / took,
                    "lifecycles/s",
                )
                .with(Goal::AtLeast(goal)),
                Figure::new("lifecycles", self.clues as f64, ""),
                Figure::new("seconds", took, "s"),
                Figure::new(
                    "peak memory, generator and agencies included",
                    memory as f64 / f64::from(1 << 20),
                    "MiB",
                ),
            ],
        })
    }
}

/// Takes so many clues from their report to their closing, so many at once; how long that took.
pub(super) async fn carry(installed: &Installed, clues: u64, open: u64) -> Result<Duration, Failure> {
    let log = installed.installation.log.clone();
    let agencies = Agencies::start(&log, clues).await?;
    let work = Work::new(log.partitions())?;
    let started = Instant::now();
    let mut sent = 0;
    while sent < clues {
        let closed = agencies.closed.load(Ordering::Relaxed);
        let room = (closed + open).saturating_sub(sent).min(1_000).min(clues - sent);
        if room == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
            continue;
        }
        let now = installed.installation.now();
        log.publish((sent..sent + room).map(|i| work.record(i, now)).collect())
            .await?;
        sent += room;
    }
    while agencies.closed.load(Ordering::Relaxed) < clues {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(started.elapsed())
}

/// Plays the agencies, the checkers and the coordinators: answers each event with the next command.
pub(super) struct Agencies {
    pub(super) closed: Arc<AtomicU64>,
}

impl Agencies {
    pub(super) async fn start(log: &Log, clues: u64) -> Result<Self, Failure> {
        let tail = log.tail(&[topics::CLUE_EVENTS]).await?;
        let closed = Arc::new(AtomicU64::new(0));
        let work = Work::new(log.partitions())?;
        let ordinals: HashMap<ClueId, u64> = (0..clues).map(|i| (work.clue(i), i)).collect();
        tokio::spawn(answer(tail, log.clone(), work, ordinals, closed.clone()));
        Ok(Self { closed })
    }
}

/// The command that follows an event.
pub(super) fn next_step(type_name: &str) -> Option<Step> {
    match type_name {
        "bihuan.clue.v1.ClueAssigned" => Some(Step::Acknowledge),
        "bihuan.clue.v1.ClueAcknowledged" => Some(Step::Resolve),
        "bihuan.clue.v1.ClueResolved" => Some(Step::Check),
        "bihuan.clue.v1.CheckPassed" => Some(Step::Close),
        _ => None,
    }
}

/// The clue that a record is about.
pub(super) fn clue_of(key: &[u8]) -> Option<ClueId> {
    std::str::from_utf8(key).ok()?.parse().ok()
}

async fn answer(
    mut tail: Tail,
    log: Log,
    work: Work,
    ordinals: HashMap<ClueId, u64>,
    closed: Arc<AtomicU64>,
) {
    let mut answers = Vec::new();
    while let Some(record) = tail.next().await {
        let mut next = Some(record);
        while let Some(record) = next.take() {
            if &*record.type_name == "bihuan.clue.v1.ClueClosed" {
                closed.fetch_add(1, Ordering::Relaxed);
            }
            if let (Some(step), Some(i)) = (
                next_step(&record.type_name),
                clue_of(&record.key).and_then(|clue| ordinals.get(&clue)),
            ) {
                let now = bihuan_runtime::Clock::wall().now();
                answers.push(work.message(*i, &work.step(*i, step, now)));
            }
            if answers.len() < 1_000 {
                next = tail.try_next();
            }
        }
        if !answers.is_empty() && log.publish(std::mem::take(&mut answers)).await.is_err() {
            return;
        }
    }
}
