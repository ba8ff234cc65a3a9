//! Routing the clues of a whole installation again by another rulebook.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bihuan_domain::routing::CompiledRulebook;
use bihuan_runtime::Config;
use clap::Args;

use super::installed::{self, Installed};
use super::pipeline::carry;
use super::{Figure, Goal, Result as Measured, median};
use crate::command::rulebook::backtest;
use crate::failure::Failure;
use crate::memory::{peak_memory, resident_memory};

/// Clues that are on their way at once while the installation is filled.
const OPEN: u64 = 20_000;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Clues, all of them closed
    #[arg(long, default_value_t = 200_000)]
    clues: u64,
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

impl Options {
    pub(super) async fn run(self, config: &Config) -> Result<Measured, Failure> {
        let installed = Installed::start(config).await?;
        carry(&installed, self.clues, OPEN).await?;
        let (_, rulebook) = installed::rulebook()?;
        let candidate = CompiledRulebook::new(Arc::new(rulebook));
        let test = async || {
            let (store, now) = (&installed.installation.store, installed.installation.now());
            backtest::run(store, &candidate, (None, None), now, |_| Ok(())).await
        };
        // monitor reads last
        while test().await?.judged < self.clues {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let before = resident_memory().unwrap_or(0) as f64;
        let mut speeds = Vec::with_capacity(self.rounds);
        for _ in 0..self.rounds {
            let started = Instant::now();
            let found = test().await?;
            speeds.push(found.clues as f64 / started.elapsed().as_secs_f64());
        }
        let grown = resident_memory().unwrap_or(0) as f64 - before;
        installed.remove().await?;
        Ok(Measured {
            bench: "backtest",
            figures: vec![
                Figure::new("clues routed again, the median round", median(speeds), "clues/s")
                    .with(Goal::AtLeast(50_000.0)),
                Figure::new("clues", self.clues as f64, ""),
                Figure::new("resident memory that the rounds added", grown / 1e6, "MB")
                    .with(Goal::AtMost(20.0)),
                Figure::new(
                    "peak resident memory",
                    peak_memory().unwrap_or(0) as f64 / 1e6,
                    "MB",
                ),
            ],
        })
    }
}
