//! The lifecycle loop by itself on PostgreSQL, without Kafka: commands from memory, everything else as in production. Wide: all
//! clues are active at once, so that nearly each message of a batch changes another one.
//!
//! Baselines in the same run: binary COPY of the same rows over one connection (the events, and a sixth as many clue states), and
//! the same loop with a transaction a message.

use std::sync::Arc;
use std::time::Instant;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::topics;
use bihuan_lifecycle::Lifecycle;
use bihuan_rulebook::Library;
use bihuan_runtime::config::Config;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Connection, Store, sql};
use bihuan_stream::{Context, FedLog, Limits, Log, Record, Status};
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::copy::Copy;
use super::work::{Step, Work};
use super::{Figure, Goal, Result as Measured, installed, median};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Clues that are active at once
    #[arg(long, default_value_t = 20_000)]
    clues: u64,
    /// Messages in a batch
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 2_000, 5_000])]
    batch: Vec<usize>,
    /// Times each measurement is repeated; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Messages of the row-by-row baseline
    #[arg(long, default_value_t = 2_000)]
    row_by_row: u64,
}

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        if config.is_embedded() {
            return Err(Failure::usage(
                "该测量需要 PostgreSQL（--config）",
                "this measurement needs PostgreSQL (--config)",
            ));
        }
        let (config, database) = installed::apart(config).await?;
        let bihuan_runtime::config::Mode::Cluster { store, .. } = &config.mode else {
            unreachable!()
        };
        let store = Store::postgres(&store.url, 4).await?;
        store.migrate(&[bihuan_lifecycle::MIGRATIONS]).await?;
        let figures = self.measure(&store).await;
        store.close().await;
        installed::remove_database(database).await?;
        Ok(Measured {
            bench: "loop",
            figures: figures?,
        })
    }

    async fn measure(&self, store: &Store) -> Result<Vec<Figure>, Failure> {
        let work = Work::new(1)?;
        let mut ratios = vec![Vec::new(); self.batch.len()];
        let mut rates = vec![Vec::new(); self.batch.len()];
        let (mut copies, mut slow) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            for (i, batch) in self.batch.iter().enumerate() {
                let rate = run_loop(store, &work, self.clues, *batch).await?;
                let copy = run_copy(store).await?;
                rates[i].push(rate);
                ratios[i].push(rate / copy);
                copies.push(copy);
            }
            slow.push(run_loop(store, &work, self.row_by_row / 6, 1).await?);
        }
        let mut figures = Vec::new();
        let slow = median(slow);
        for (i, batch) in self.batch.iter().enumerate() {
            let rate = median(rates[i].clone());
            figures.push(Figure::new(format!("loop, batches of {batch}"), rate, "events/s"));
            figures.push(
                Figure::new(
                    format!("  ÷ COPY, batches of {batch}"),
                    median(ratios[i].clone()),
                    "",
                )
                .with(Goal::AtLeast(0.40)),
            );
            figures.push(
                Figure::new(format!("  ÷ row by row, batches of {batch}"), rate / slow, "")
                    .with(Goal::AtLeast(30.0)),
            );
        }
        figures.push(Figure::new(
            "binary COPY of the same rows",
            median(copies),
            "events/s",
        ));
        figures.push(Figure::new("a transaction a message", slow, "events/s"));
        Ok(figures)
    }
}

/// Takes all clues through their whole lives, one step of all of them after the other; events per second.
async fn run_loop(store: &Store, work: &Work, clues: u64, batch: usize) -> Result<f64, Failure> {
    clear(store).await?;
    let records = commands(work, clues);
    let total = records.len() as i64;
    let (log, feed) = FedLog::new(1, 2);
    let shutdown = CancellationToken::new();
    let status = Status::default();
    let context = Context {
        store: store.clone(),
        log: Log::Fed(log),
        clock: Arc::new(|| bihuan_runtime::Clock::wall().now()),
        shutdown: shutdown.clone(),
        limits: Limits {
            records: batch,
            bytes: usize::MAX,
            ..Limits::default()
        },
        status: status.clone(),
    };
    let handler = Lifecycle::new(store.clone(), Library::new(store.clone()), 1, "bench");
    let running = tokio::spawn(bihuan_stream::run(handler, context));
    let mut deliveries: Vec<Vec<Record>> = Vec::new();
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        deliveries.push(records.by_ref().take(batch).collect());
    }
    let started = Instant::now();
    for delivery in deliveries {
        feed.send(delivery)
            .await
            .map_err(|_| Failure::usage("循环提前结束", "the loop ended early"))?;
    }
    while status
        .positions()
        .get(&0)
        .and_then(|p| p.get(topics::CLUE_COMMANDS, 0))
        .is_none_or(|p| p.next < total)
    {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
    // states are written behind: stopping writes the rest, and belongs to the work
    shutdown.cancel();
    drop(feed);
    let _ = running.await;
    let took = started.elapsed().as_secs_f64();
    let mut reader = store.read().await?;
    let events = journal::ends(reader.conn(), Journal::Clue)
        .await?
        .first()
        .map_or(0, |(_, end)| *end);
    let verified = bihuan_lifecycle::verify(&mut reader, &Library::new(store.clone())).await?;
    if let Some(difference) = verified.differences.first() {
        return Err(Failure::usage(
            format!("测量之后状态不符：{difference:?}"),
            format!("the states are not what the events say: {difference:?}"),
        ));
    }
    Ok(events as f64 / took)
}

fn commands(work: &Work, clues: u64) -> Vec<Record> {
    let now = bihuan_runtime::Clock::wall().now();
    let steps = [
        Step::Assign,
        Step::Acknowledge,
        Step::Resolve,
        Step::Check,
        Step::Close,
    ];
    let reports = (0..clues).map(|i| work.report(i, now));
    let lives = steps
        .into_iter()
        .flat_map(|step| (0..clues).map(move |i| work.step(i, step, now)));
    reports
        .chain(lives)
        .enumerate()
        .map(|(offset, command)| record(offset as i64, &command))
        .collect()
}

fn record(offset: i64, asked: &ClueCommand) -> Record {
    Record {
        topic: topics::CLUE_COMMANDS.into(),
        partition: 0,
        offset,
        type_name: asked.type_name().into(),
        sequence: None,
        key: Vec::new(),
        headers: Vec::new(),
        payload: command::encode(asked),
        tombstone: false,
        logged_at: None,
    }
}

/// Copies the rows that the loop has just written into tables of the same shape; events per second.
async fn run_copy(store: &Store) -> Result<f64, Failure> {
    let mut reader = store.read().await?;
    let entries = journal::after(reader.conn(), Journal::Clue, 0, 0, i64::MAX).await?;
    let states: Vec<(i32, sqlx::types::Uuid, i32, i64, Vec<u8>)> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT partition, clue_id, version, sequence, state FROM clue_state"
    ).fetch_all(c).await)
    .map_err(bihuan_store::Error::from)?;
    drop(reader);
    clear(store).await?;
    let started = Instant::now();
    let mut tx = store.begin().await?;
    let mut events = Copy::default();
    for entry in &entries {
        events.row(7).int(entry.partition as i32).bigint(entry.sequence);
        events
            .optional(entry.clue, |copy, clue| copy.bytes(clue.as_bytes()))
            .optional(entry.previous, Copy::bigint);
        events.time(entry.at).text(&entry.type_name).bytes(&entry.payload);
    }
    let mut copy = Copy::default();
    for (partition, clue, version, sequence, state) in states.iter().take(entries.len() / 6) {
        copy.row(5)
            .int(*partition)
            .bytes(clue.as_bytes())
            .int(*version)
            .bigint(*sequence)
            .bytes(state);
    }
    if let Connection::Postgres(c) = tx.conn() {
        events.send(c, "COPY clue_event (partition, sequence, clue_id, previous, at, type, payload) FROM STDIN (FORMAT binary)").await.map_err(bihuan_store::Error::from)?;
        copy.send(
            c,
            "COPY clue_state (partition, clue_id, version, sequence, state) FROM STDIN (FORMAT binary)",
        )
        .await
        .map_err(bihuan_store::Error::from)?;
    }
    tx.commit().await?;
    Ok(entries.len() as f64 / started.elapsed().as_secs_f64())
}

async fn clear(store: &Store) -> Result<(), Failure> {
    let mut tx = store.begin().await?;
    let text = "TRUNCATE clue_event, clue_state, clue_wakeup, clue_checkpoint, clue_text, clue_number, lease";
    sql!(tx.conn(), c => sqlx::raw_sql(text).execute(c).await.map(|_| ()))
        .map_err(bihuan_store::Error::from)?;
    tx.commit().await?;
    Ok(())
}
