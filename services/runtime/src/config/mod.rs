//! What an installation decides: where its data are, what it reads, how it talks. One struct per section of the file.
//!
//! Secrets may come from the environment instead ([`STORE_URL`], [`LOG_BROKERS`]) and are never printed.

mod error;
mod file;
mod locate;
mod sections;
mod silence;

use std::path::{Path, PathBuf};

use crate::Course;
pub use error::Error;
pub use sections::{
    Agency, Batch, CallbackMapping, Delivery, EVERY_AGENCY, Intake, Log, LogFormat, Reconcile, Retry, Server,
    Source, Start, Store, Telemetry,
};

/// Overrides `store.url`.
pub const STORE_URL: &str = "BIHUAN_STORE_URL";
/// Overrides `log.brokers`.
pub const LOG_BROKERS: &str = "BIHUAN_LOG_BROKERS";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub mode: Mode,
    /// Partitions of every topic of ours; fixed at the first start.
    pub partitions: u32,
    /// The rulebook directory of the first use.
    pub rulebook: Option<PathBuf>,
    pub server: Server,
    pub intake: Intake,
    pub delivery: Delivery,
    pub reconcile: Vec<Reconcile>,
    pub batch: Batch,
    pub telemetry: Telemetry,
    /// Run beside people's own work and send nothing to anybody; decided by the first start.
    pub shadow: bool,
    /// Time is to be simulated; decided by the first start, and by no file.
    pub simulated: Option<Course>,
}

/// Where the data are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Store and log in one directory, one process.
    Embedded { data: PathBuf },
    /// PostgreSQL and Kafka, any number of processes.
    Cluster { store: Store, log: Log },
}

impl Config {
    /// The defaults, on the embedded store and log in `data`.
    pub fn embedded(data: PathBuf) -> Self {
        Self {
            mode: Mode::Embedded { data },
            partitions: file::EMBEDDED_PARTITIONS,
            rulebook: None,
            server: Server::default(),
            intake: Intake::default(),
            delivery: Delivery::default(),
            reconcile: Vec::new(),
            batch: Batch::default(),
            telemetry: Telemetry::default(),
            shadow: false,
            simulated: None,
        }
    }

    /// What the file says, with the environment's overrides. Relative paths are relative to the file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::load(Some(path), None)
    }

    /// From what the command line gave: `--config`, `--data`, or both. `data` wins over the file's own `data` and over the
    /// environment; together with the file's `[store]` or the log's brokers it is a contradiction and refused.
    pub fn load(path: Option<&Path>, data: Option<PathBuf>) -> Result<Self, Error> {
        let environment = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (path, data) {
            (Some(path), data) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Error::Unreadable(path.to_owned(), error))?;
                Self::parse(path, &text, data, &environment)
            }
            (None, Some(data)) => Ok(Self::embedded(data)),
            (None, None) => Err(Error::Nowhere),
        }
    }

    /// `path` is for messages and for relative paths.
    pub fn parse(
        path: &Path,
        text: &str,
        data: Option<PathBuf>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let directory = path.parent().unwrap_or(Path::new(""));
        let parsed: file::File = toml::from_str(text).map_err(|error| locate::syntax(path, text, &error))?;
        let checked = parsed.relative_to(directory).check(data, environment);
        checked.map_err(|problem| locate::problem(path, text, problem))
    }

    pub const fn is_embedded(&self) -> bool {
        matches!(self.mode, Mode::Embedded { .. })
    }
}

#[cfg(test)]
mod tests;
