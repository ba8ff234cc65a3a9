//! The file as it is written, and what it must obey to become a [`Config`].

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Problem;
use super::{
    Batch, Config, Delivery, Intake, LOG_BROKERS, Log, Mode, Reconcile, STORE_URL, Server, Source, Store,
    Telemetry,
};

/// One process holds every partition, so more would only cost.
pub(super) const EMBEDDED_PARTITIONS: u32 = 1;
const CLUSTER_PARTITIONS: u32 = 6;
const CONNECTIONS: u32 = 10;

/// What the batch loop promises rests on these; nobody else may set them.
const OURS: [&str; 14] = [
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "group.id",
    "group.protocol",
    "message.timeout.ms",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "partitioner",
    "request.required.acks",
    "transactional.id",
];

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    data: Option<PathBuf>,
    rulebook: Option<PathBuf>,
    store: Option<StoreSection>,
    log: LogSection,
    server: Server,
    intake: Intake,
    delivery: Delivery,
    reconcile: Vec<Reconcile>,
    batch: Batch,
    telemetry: Telemetry,
    shadow: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StoreSection {
    url: Option<String>,
    connections: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LogSection {
    brokers: Option<String>,
    partitions: Option<u32>,
    prefix: String,
    properties: toml::Table,
}

impl File {
    /// Relative paths become relative to `directory`.
    pub(super) fn relative_to(mut self, directory: &Path) -> Self {
        let sources = self.intake.source.iter_mut().map(|source| &mut source.mapping);
        let callbacks = self.delivery.callback.iter_mut().map(|it| &mut it.mapping);
        let files = &mut self.delivery.callback_files;
        let lists = self.reconcile.iter_mut();
        let lists = lists.flat_map(|list| std::iter::once(&mut list.manifest).chain(&mut list.mapping));
        let paths = self.data.iter_mut().chain(&mut self.rulebook);
        for path in paths.chain(sources).chain(callbacks).chain(files).chain(lists) {
            // an empty path stays empty, so that it is refused rather than taken for the directory
            if !path.as_os_str().is_empty() {
                *path = directory.join(&*path);
            }
        }
        self
    }

    pub(super) fn check(
        mut self,
        data: Option<PathBuf>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, Problem> {
        self.check_sections()?;
        let (mode, partitions) = match data.or_else(|| self.data.take()) {
            Some(data) => self.embedded(data)?,
            None => self.cluster(environment)?,
        };
        if partitions == 0 {
            return Err(Problem::at("log.partitions", "must be at least 1"));
        }
        Ok(Config {
            mode,
            partitions,
            rulebook: self.rulebook,
            server: self.server,
            intake: self.intake,
            delivery: self.delivery,
            reconcile: self.reconcile,
            batch: self.batch,
            telemetry: self.telemetry,
            shadow: self.shadow,
            simulated: None,
        })
    }

    fn check_sections(&self) -> Result<(), Problem> {
        if self
            .rulebook
            .as_ref()
            .is_some_and(|path| path.as_os_str().is_empty())
        {
            return Err(Problem::at("rulebook", "is empty"));
        }
        let mut topics = BTreeSet::new();
        for (i, Source { topic, .. }) in self.intake.source.iter().enumerate() {
            let Some(topic) = topic else { continue };
            check_topic(&format!("intake.source[{i}].topic"), topic)?;
            if !topics.insert(topic) {
                let problem = format!("{topic:?} is read by another mapping already");
                return Err(Problem::at(format!("intake.source[{i}].topic"), problem));
            }
        }
        let mut agencies = BTreeSet::new();
        for (i, entry) in self.delivery.agency.iter().enumerate() {
            check_topic(&format!("delivery.agency[{i}].topic"), &entry.topic)?;
            if !agencies.insert(&entry.agency) {
                let problem = format!("{:?} has an entry already", entry.agency.as_str());
                return Err(Problem::at(format!("delivery.agency[{i}].agency"), problem));
            }
        }
        self.check_lists()?;
        for (key, value) in [
            ("batch.max_records", self.batch.max_records),
            ("batch.max_bytes", self.batch.max_bytes),
            ("delivery.concurrency", self.delivery.concurrency),
            ("delivery.retry.attempts", self.delivery.retry.attempts as usize),
        ] {
            if value == 0 {
                return Err(Problem::at(key, "must be at least 1"));
            }
        }
        Ok(())
    }

    fn check_lists(&self) -> Result<(), Problem> {
        let mut sources = BTreeSet::new();
        for (i, list) in self.reconcile.iter().enumerate() {
            if list.manifest.as_os_str().is_empty() {
                return Err(Problem::at(format!("reconcile[{i}].manifest"), "is empty"));
            }
            if !sources.insert(&list.source) {
                let problem = format!("{:?} has an entry already", list.source.as_str());
                return Err(Problem::at(format!("reconcile[{i}].source"), problem));
            }
        }
        Ok(())
    }

    fn embedded(&self, data: PathBuf) -> Result<(Mode, u32), Problem> {
        let conflict =
            "contradicts `data` or --data: the embedded store and log need neither database nor brokers";
        if self.store.is_some() {
            return Err(Problem::at("store", conflict));
        }
        if self.log.brokers.is_some() {
            return Err(Problem::at("log.brokers", conflict));
        }
        if !self.log.properties.is_empty() {
            return Err(Problem::at("log.properties", conflict));
        }
        if data.as_os_str().is_empty() {
            return Err(Problem::at("data", "is empty"));
        }
        Ok((
            Mode::Embedded { data },
            self.log.partitions.unwrap_or(EMBEDDED_PARTITIONS),
        ))
    }

    fn cluster(&mut self, environment: &dyn Fn(&str) -> Option<String>) -> Result<(Mode, u32), Problem> {
        let section = self.store.take().unwrap_or_default();
        let url = environment(STORE_URL)
            .or(section.url)
            .ok_or_else(|| missing("store.url", STORE_URL))?;
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            // the value holds a password: not repeated
            return Err(Problem::at("store.url", "must begin with postgres://"));
        }
        let connections = section.connections.unwrap_or(CONNECTIONS);
        if connections < 2 {
            return Err(Problem::at(
                "store.connections",
                "must be at least 2: one writes while another reads",
            ));
        }
        let brokers = environment(LOG_BROKERS)
            .or(self.log.brokers.take())
            .filter(|brokers| !brokers.trim().is_empty())
            .ok_or_else(|| missing("log.brokers", LOG_BROKERS))?;
        let mut properties = BTreeMap::new();
        flatten("", std::mem::take(&mut self.log.properties), &mut properties)?;
        let mode = Mode::Cluster {
            store: Store { url, connections },
            log: Log {
                brokers,
                prefix: std::mem::take(&mut self.log.prefix),
                properties,
            },
        };
        Ok((mode, self.log.partitions.unwrap_or(CLUSTER_PARTITIONS)))
    }
}

fn missing(key: &str, variable: &str) -> Problem {
    Problem::at(
        key,
        format!("is missing (or set {variable}; or `data` for the embedded store and log)"),
    )
}

/// What Kafka takes as a name.
fn check_topic(key: &str, topic: &str) -> Result<(), Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if topic.is_empty() || topic.len() > 249 || topic.chars().all(|c| c == '.') || !topic.chars().all(allowed)
    {
        let problem = format!("{topic:?} is no topic name: up to 249 letters, digits, . _ -");
        return Err(Problem::at(key, problem));
    }
    Ok(())
}

/// Both `"sasl.mechanism" = …` and `sasl.mechanism = …` mean the same.
fn flatten(
    prefix: &str,
    table: toml::Table,
    properties: &mut BTreeMap<String, String>,
) -> Result<(), Problem> {
    for (key, value) in table {
        let name = if prefix.is_empty() {
            key
        } else {
            format!("{prefix}.{key}")
        };
        let text = match value {
            toml::Value::Table(inner) => {
                flatten(&name, inner, properties)?;
                continue;
            }
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(choice) => choice.to_string(),
            _ => {
                return Err(Problem::at(
                    format!("log.properties.{name}"),
                    "must be a string, an integer or a boolean",
                ));
            }
        };
        if OURS.contains(&name.as_str()) {
            let problem = "is set by bihuan itself: delivery without loss depends on it";
            return Err(Problem::at(format!("log.properties.{name}"), problem));
        }
        properties.insert(name, text);
    }
    Ok(())
}
