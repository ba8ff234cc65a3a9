//! Clues that wake by themselves, at scale: finding who is due, a mass that is due at the same moment while other commands go on,
//! and whether the table of wake-ups stays as small as it is. Real states and the real loop; the commands come from memory.

mod filling;
mod running;

use std::time::{Duration, Instant};

use bihuan_domain::time::Timestamp;
use bihuan_lifecycle::Lifecycle;
use bihuan_rulebook::Library;
use bihuan_runtime::config::{Config, Mode};
use bihuan_store::{Connection, Store, sql};
use bihuan_stream::Handler as _;
use clap::Args;

use self::running::Running;
use super::samples::Samples;
use super::work::Work;
use super::{Figure, Goal, Result as Measured, installed};
use crate::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Clues that are suspended, each with its wake-up
    #[arg(long, default_value_t = 100_000)]
    clues: u64,
    /// Of these, so many are due at the same moment; a tenth, if nothing is said
    #[arg(long)]
    due: Option<u64>,
    /// Commands a second to other clues meanwhile
    #[arg(long, default_value_t = 50.0)]
    rate: f64,
    /// Seconds at that rate before anybody is due
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often the whole population wakes and is suspended again
    #[arg(long, default_value_t = 5)]
    turns: usize,
    /// Seconds between two turns, in which autovacuum may come by
    #[arg(long, default_value_t = 65)]
    rest: u64,
    #[arg(long, default_value_t = 4)]
    partitions: u32,
    /// Messages in a batch
    #[arg(long, default_value_t = 2_000)]
    batch: usize,
}

/// Wake-ups that are found at once.
const LOOK: usize = 1_000;
const LOOKS: usize = 1_000;
/// How the events that are counted are called.
const RESUMED: &str = "bihuan.clue.v1.ClueResumed";

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        let (config, database) = installed::apart(config).await?;
        let store = match &config.mode {
            Mode::Cluster { store, .. } => Store::postgres(&store.url, 4).await?,
            Mode::Embedded { data } => Store::sqlite(data).await?,
        };
        let services = [bihuan_stream::local::MIGRATIONS, bihuan_lifecycle::MIGRATIONS];
        store.migrate(&services).await?;
        let figures = self.measure(&store).await;
        store.close().await;
        installed::remove_database(database).await?;
        if let Mode::Embedded { data } = &config.mode {
            std::fs::remove_dir_all(data)?;
        }
        Ok(Measured {
            bench: "timers",
            figures: figures?,
        })
    }

    async fn measure(&self, store: &Store) -> Result<Vec<Figure>, Failure> {
        let due = self.due.unwrap_or(self.clues / 10).min(self.clues);
        let moment = bihuan_runtime::Clock::wall().now().plus_minutes(60);
        let work = Work::new(self.partitions)?;
        eprintln!("{} clues, {due} of them due at once …", self.clues);
        let filling = Instant::now();
        filling::fill(store, &work, self, due, moment).await?;
        let mut figures = vec![
            Figure::new("suspended clues", self.clues as f64, ""),
            Figure::new("  filled in", filling.elapsed().as_secs_f64(), "s"),
        ];
        let mut looks = look(store, self.partitions, moment).await?;
        figures.extend([
            Figure::new(
                format!("finding {LOOK} that are due, p50"),
                looks.percentile(0.5),
                "ms",
            ),
            Figure::new(
                format!("finding {LOOK} that are due, p99"),
                looks.percentile(0.99),
                "ms",
            )
            .with(Goal::AtMost(40.0)),
        ]);

        let mut running = Running::start(store, work, self);
        eprintln!("commands, and nobody is due …");
        let end = Instant::now() + Duration::from_secs(self.seconds);
        let mut before = running
            .commands(self.rate, async || Ok(Instant::now() >= end))
            .await?;
        eprintln!("{due} are due …");
        let started = Instant::now();
        running.clock.jump(moment);
        let mut during = running.drain(self.rate, due).await?;
        let took = started.elapsed().as_secs_f64();
        let wrong = not_once(store, due).await?;
        let ratio = |share: f64, during: &mut Samples, before: &mut Samples| {
            during.percentile(share) / before.percentile(share)
        };
        figures.extend([
            Figure::new(format!("{due} due at once, all woken in"), took, "s")
                .with(Goal::AtMost(60.0 * due as f64 / 1e6)),
            Figure::new("  woken", due as f64 / took, "clues/s"),
            Figure::new("  clues without exactly one event", wrong as f64, "").with(Goal::AtMost(0.0)),
            Figure::new(
                format!("a command at {}/s before, p50", self.rate),
                before.percentile(0.5),
                "ms",
            ),
            Figure::new("  before, p99", before.percentile(0.99), "ms"),
            Figure::new("  meanwhile, p50", during.percentile(0.5), "ms"),
            Figure::new("  meanwhile, p99", during.percentile(0.99), "ms"),
            Figure::new(
                "  meanwhile ÷ before, p50",
                ratio(0.5, &mut during, &mut before),
                "",
            )
            .with(Goal::AtMost(2.0)),
            Figure::new(
                "  meanwhile ÷ before, p99",
                ratio(0.99, &mut during, &mut before),
                "",
            )
            .with(Goal::AtMost(2.0)),
            Figure::new("  commands meanwhile", during.len() as f64, ""),
        ]);
        let mut sizes = vec![size(store).await?];
        for turn in 1..=self.turns {
            eprintln!("turn {turn} of {} …", self.turns);
            running
                .turn(self.clues, if turn == 1 { due } else { self.clues })
                .await?;
            tokio::time::sleep(Duration::from_secs(self.rest)).await;
            sizes.push(size(store).await?);
        }
        running.stop().await;
        figures.extend(growth(&sizes));
        Ok(figures)
    }
}

/// How long finding takes, by the handler itself, from the first that is due to the last and again.
async fn look(store: &Store, partitions: u32, moment: Timestamp) -> Result<Samples, Failure> {
    let library = Library::new(store.clone());
    let mut handler = Lifecycle::new(store.clone(), library, partitions, "bench");
    let failed = |error: bihuan_stream::Error| Failure::usage(error.to_string(), error.to_string());
    let lanes: Vec<(u32, Timestamp)> = (0..partitions).map(|lane| (lane, moment)).collect();
    let mut samples = Samples::default();
    while samples.len() < LOOKS {
        for (lane, _) in &lanes {
            handler.forget(*lane);
        }
        // takes the lanes over
        handler.due(&lanes, partitions as usize).await.map_err(failed)?;
        let mut more = true;
        while more && samples.len() < LOOKS {
            let started = Instant::now();
            more = handler.due(&lanes, LOOK).await.map_err(failed)?.more;
            samples.add(started.elapsed());
        }
    }
    Ok(samples)
}

/// How many of the first `due` clues did not wake exactly once.
async fn not_once(store: &Store, due: u64) -> Result<u64, Failure> {
    let mut reader = store.read().await?;
    let text = "SELECT count(*), count(DISTINCT clue_id) FROM clue_event WHERE type = $1";
    let (events, clues): (i64, i64) =
        sql!(reader.conn(), c => sqlx::query_as(text).bind(RESUMED).fetch_one(c).await)
            .map_err(bihuan_store::Error::from)?;
    Ok((events - clues).unsigned_abs() + (clues - due as i64).unsigned_abs())
}

/// Of the table and of its indexes, in MB; PostgreSQL alone tells.
async fn size(store: &Store) -> Result<Option<[f64; 2]>, Failure> {
    let mut reader = store.read().await?;
    let Connection::Postgres(c) = reader.conn() else {
        return Ok(None);
    };
    let text = "SELECT pg_table_size('clue_wakeup'), pg_indexes_size('clue_wakeup')";
    let (table, indexes): (i64, i64) = sqlx::query_as(text)
        .fetch_one(c)
        .await
        .map_err(bihuan_store::Error::from)?;
    Ok(Some([table as f64 / 1e6, indexes as f64 / 1e6]))
}

/// After each turn, and the last against the third: until then the indexes take up what autovacuum has not come by for.
fn growth(sizes: &[Option<[f64; 2]>]) -> Vec<Figure> {
    let sizes: Vec<[f64; 2]> = sizes.iter().copied().flatten().collect();
    let mut figures = Vec::new();
    for (turn, [table, indexes]) in sizes.iter().enumerate() {
        figures.push(Figure::new(
            format!("wake-ups after {turn} turns, table"),
            *table,
            "MB",
        ));
        figures.push(Figure::new("  indexes", *indexes, "MB"));
    }
    if let [_, first, _, third, .., last] = &sizes[..] {
        let total = |it: &[f64; 2]| it.iter().sum::<f64>();
        let ratio = |before| total(last) / total(before);
        figures.extend([
            Figure::new("  last ÷ first turn", ratio(first), ""),
            Figure::new("  last ÷ third turn", ratio(third), "").with(Goal::AtMost(1.1)),
        ]);
    }
    figures
}
