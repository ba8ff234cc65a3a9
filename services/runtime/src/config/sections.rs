//! The sections of the file, as the services see them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use bihuan_domain::code::{AgencyId, SourceId};
use ipnet::IpNet;
use jiff::civil::Time;
use serde::Deserialize;

/// PostgreSQL.
#[derive(Clone, PartialEq, Eq)]
pub struct Store {
    /// Holds a password: never printed.
    pub url: String,
    /// At most, per process.
    pub connections: u32,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// Kafka.
#[derive(Clone, PartialEq, Eq)]
pub struct Log {
    /// `host:port`, several with commas.
    pub brokers: String,
    /// Before the names of our topics and groups, so that several installations can share a cluster. Empty: none.
    pub prefix: String,
    /// Further settings of librdkafka, such as those of security. They hold passwords: never printed.
    pub properties: BTreeMap<String, String>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.properties.keys().collect();
        f.debug_struct("Log")
            .field("brokers", &self.brokers)
            .field("prefix", &self.prefix)
            .field("properties", &names)
            .finish()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Loopback only, while there is no authentication.
    pub listen: SocketAddr,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
        }
    }
}

/// What intake reads besides its own inbound topic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intake {
    pub source: Vec<Source>,
}

/// A platform that sends records in a form of its own: over HTTP, and on a topic if it names one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file that says what its records mean.
    pub mapping: PathBuf,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub start: Start,
    /// After so long without any record, heartbeats included, something is wrong: `30min`, `2h`.
    #[serde(default, deserialize_with = "super::silence::deserialize")]
    pub silent_after: Option<std::time::Duration>,
}

/// Where the first read of a topic begins; later ones go on where the last one ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    #[default]
    Beginning,
    End,
}

/// On which topic each agency is told of its assignments, and how sources are told of their clues.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    pub agency: Vec<Agency>,
    /// Of sources that have no topic of their own in [`Intake`]: the mappings of those say by themselves what is called back.
    pub callback: Vec<CallbackMapping>,
    /// Networks that are not public and may be called all the same.
    pub allow_private: Vec<IpNet>,
    /// Where callbacks to files are written.
    pub callback_files: Option<PathBuf>,
    /// Callbacks sent at the same time, per process.
    pub concurrency: usize,
    pub retry: Retry,
}

/// A mapping that says how its source is told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallbackMapping {
    pub mapping: PathBuf,
}

/// How often a callback is tried, and for how long: whichever ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retry {
    pub attempts: u32,
    pub give_up_after_hours: u32,
    /// Between attempts.
    pub shortest_ms: u64,
    pub longest_ms: u64,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 100,
            give_up_after_hours: 72,
            shortest_ms: 1_000,
            longest_ms: 3_600_000,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// As the rulebook calls it, or [`EVERY_AGENCY`].
    pub agency: AgencyId,
    pub topic: String,
}

/// Stands for every agency that has no entry of its own.
pub const EVERY_AGENCY: &str = "*";

impl Default for Delivery {
    fn default() -> Self {
        let agency = AgencyId::new(EVERY_AGENCY).into_iter();
        let topic = "agency.assignments.v1";
        Self {
            agency: agency
                .map(|agency| Agency {
                    agency,
                    topic: topic.to_owned(),
                })
                .collect(),
            callback: Vec::new(),
            allow_private: Vec::new(),
            callback_files: None,
            concurrency: 16,
            retry: Retry::default(),
        }
    }
}

impl Delivery {
    /// The topic for `agency`: its own entry, else that of every agency; `None` if it is told nothing.
    pub fn topic(&self, agency: &AgencyId) -> Option<&str> {
        let of = |name: &str| self.agency.iter().find(|entry| entry.agency.as_str() == name);
        of(agency.as_str())
            .or_else(|| of(EVERY_AGENCY))
            .map(|entry| entry.topic.as_str())
    }
}

/// A platform's own list that is held against ours every day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconcile {
    pub source: SourceId,
    /// A file, or a pattern (`*`, `?`, `[…]`) of which the newest file counts.
    pub manifest: PathBuf,
    /// From this time of day on, in the rulebook's zone.
    pub at: Time,
    /// How the list is read; without it, by the mapping that the source was last read by.
    pub mapping: Option<PathBuf>,
    /// The list holds everything that the platform has.
    #[serde(default = "yes")]
    pub complete: bool,
}

const fn yes() -> bool {
    true
}

/// How much is handled in one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Batch {
    pub max_records: usize,
    pub max_bytes: usize,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            max_records: 2_000,
            max_bytes: 8 * 1024 * 1024,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    pub format: LogFormat,
    /// Such as `info` or `info,bihuan_stream=debug`.
    pub filter: String,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

/// What a line of the log looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}
