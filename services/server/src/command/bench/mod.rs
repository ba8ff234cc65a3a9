//! `bihuan bench`: measures itself against limits and baselines, interleaved in one run on the same machine.

mod backtest;
mod calendar;
mod city;
mod copy;
mod feed;
mod import;
mod installed;
mod latency;
mod lifecycle_loop;
mod pipeline;
mod random;
mod routing;
mod samples;
mod timers;
mod work;
mod year;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Bench {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    #[command(flatten)]
    Measure(Measure),
    /// A simulated city's year: bouncing and days to closing, with return window, count and precedents on and off
    City(year::Options),
}

#[derive(Debug, Subcommand)]
enum Measure {
    /// The lifecycle loop on PostgreSQL against binary COPY of the same rows, and against a transaction a message
    Loop(lifecycle_loop::Options),
    /// Lifecycles per second from an inbound record to closed, everything on this machine
    Pipeline(pipeline::Options),
    /// Import of the shipped records
    Import(import::Options),
    /// A platform that sends every record again and again, one in ten of them changed
    Feed(feed::Options),
    /// How long a hop, and inbound to assigned, take at a given load
    Latency(latency::Options),
    /// Routing all clues of an installation again by another rulebook
    Backtest(backtest::Options),
    /// Clues that wake by themselves: finding them, a mass of them at once, and the size of their table
    Timers(timers::Options),
    /// Routing decisions on one core against looking at every duty
    Routing(routing::Options),
    /// Deadlines on one core against counting day by day
    Calendar(calendar::Options),
}

/// What was measured, one line each.
#[derive(Debug, Serialize)]
pub(crate) struct Result {
    bench: &'static str,
    figures: Vec<Figure>,
}

/// A measured value and what it should be.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    goal: Option<Goal>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Goal {
    AtLeast(f64),
    AtMost(f64),
}

impl Figure {
    pub(crate) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            name: name.into(),
            value,
            unit,
            goal: None,
        }
    }

    pub(crate) fn with(mut self, goal: Goal) -> Self {
        self.goal = Some(goal);
        self
    }

    fn row(&self) -> [String; 3] {
        let value = if self.value >= 100.0 {
            format!("{:.0}", self.value)
        } else {
            format!("{:.3}", self.value)
        };
        let goal = match self.goal {
            None => String::new(),
            Some(Goal::AtLeast(goal)) => format!("≥ {goal} {}", if self.value >= goal { "✓" } else { "✗" }),
            Some(Goal::AtMost(goal)) => format!("≤ {goal} {}", if self.value <= goal { "✓" } else { "✗" }),
        };
        [self.name.clone(), format!("{value} {}", self.unit), goal]
    }
}

impl Bench {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let measure = match self.what {
            What::Measure(measure) => measure,
            What::City(options) => return options.run(common).map(|()| ExitCode::SUCCESS),
        };
        let result = match measure {
            // needs no installation
            Measure::Routing(options) => options.run()?,
            Measure::Calendar(options) => options.run()?,
            measure => Box::pin(measure.run(common)).await?,
        };
        if common.is_json() {
            output::json(&result)?;
        } else {
            output::line(&output::table(
                [result.bench, "value", "goal"],
                result.figures.iter().map(Figure::row),
            ))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Measure {
    async fn run(self, common: &Common) -> std::result::Result<Result, Failure> {
        let config = common.config()?;
        bihuan_runtime::telemetry::install(&bihuan_runtime::config::Telemetry {
            filter: "warn".to_owned(),
            ..config.telemetry.clone()
        })
        .map_err(|error| Failure::usage(error.to_string(), error.to_string()))?;
        match self {
            Self::Loop(options) => options.run(&config).await,
            Self::Pipeline(options) => options.run(&config).await,
            Self::Import(options) => options.run(&config).await,
            Self::Feed(options) => options.run(&config).await,
            Self::Latency(options) => options.run(&config).await,
            Self::Backtest(options) => options.run(&config).await,
            Self::Timers(options) => options.run(&config).await,
            Self::Routing(options) => options.run(),
            Self::Calendar(options) => options.run(),
        }
    }
}

/// The middle value.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
