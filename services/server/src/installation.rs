//! An opened installation: store and log of a data directory or of a cluster, schema up to date.

use std::path::Path;
use std::time::Duration;

use bihuan_domain::time::Timestamp;
use bihuan_runtime::config::{Config, Mode};
use bihuan_runtime::{Clock, Dial, Part, State};
use bihuan_store::{DirectoryLock, Migration, Store, installation};
use bihuan_stream::kafka::{KafkaLog, Settings};
use bihuan_stream::local::LocalLog;
use bihuan_stream::{Log, local};
use tokio_util::sync::CancellationToken;

use crate::failure::Failure;
use crate::simulation;

/// Every service's tables.
pub(crate) const MIGRATIONS: &[&[Migration]] = &[
    local::MIGRATIONS,
    bihuan_intake::MIGRATIONS,
    bihuan_lifecycle::MIGRATIONS,
    bihuan_dispute::MIGRATIONS,
    bihuan_delivery::MIGRATIONS,
    bihuan_monitor::MIGRATIONS,
];

/// Store and log, and what every command needs besides.
pub(crate) struct Installation {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) log: Log,
    pub(crate) library: bihuan_rulebook::Library,
    pub(crate) clock: Clock,
    /// Of a clock that is simulated.
    pub(crate) dial: Option<Dial>,
    /// Of the data directory, if this process holds it: then it runs the loops.
    pub(crate) lock: Option<DirectoryLock>,
    /// It runs beside people's own work and sends nothing to anybody.
    pub(crate) shadow: bool,
}

impl Installation {
    /// Opens it now or fails.
    pub(crate) async fn open(config: Config) -> Result<Self, Failure> {
        let (store, lock) = match &config.mode {
            Mode::Embedded { data } => open_directory(data).await?,
            Mode::Cluster { store, .. } => (Store::postgres(&store.url, store.connections).await?, None),
        };
        store.migrate(MIGRATIONS).await?;
        let (clock, dial) = simulation::clock(&store, config.simulated).await?;
        installation::fix(&store, "partitions", &config.partitions.to_string()).await?;
        let shadow = installation::shadow(&store, config.shadow).await?;
        let log = open_log(&config, &store, shadow).await?;
        let library = bihuan_rulebook::Library::new(store.clone());
        Ok(Self {
            config,
            store,
            log,
            library,
            clock,
            dial,
            lock,
            shadow,
        })
    }

    /// Opens it as soon as its parts answer; `part` says meanwhile what is waited for.
    pub(crate) async fn wait(
        config: Config,
        part: &Part,
        shutdown: &CancellationToken,
    ) -> Result<Self, Failure> {
        loop {
            match Self::open(config.clone()).await {
                Err(failure) if failure.is_outage() => {
                    part.set(State::waiting(failure.to_string()));
                    tokio::select! {
                        () = shutdown.cancelled() => return Err(failure),
                        () = tokio::time::sleep(Duration::from_secs(1)) => {}
                    }
                }
                done => return done,
            }
        }
    }

    /// Whoever serves an installation must know that it sends nothing.
    pub(crate) fn check_shadow(&self, meant: bool) -> Result<(), Failure> {
        if self.shadow && !meant {
            return Err(Failure::usage(
                "这是影子运行的数据：其线索从未通知任何单位。请加 --shadow；正式运行请用新的数据目录或数据库",
                "these data are of a shadow run: nobody was ever told of their clues. Say --shadow; for the real thing begin with \
                 fresh data",
            ));
        }
        Ok(())
    }

    /// Whoever serves an installation must know whose time it goes by.
    pub(crate) fn check_clock(&self, simulated: bool) -> Result<(), Failure> {
        if self.clock.is_simulated() && !simulated {
            return Err(Failure::usage(
                "这些数据按模拟时间运行。请加 --clock simulated；正式运行请用新的数据目录",
                "time is simulated in these data. Say --clock simulated; for the real thing begin with fresh data",
            ));
        }
        Ok(())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

async fn open_directory(data: &Path) -> Result<(Store, Option<DirectoryLock>), Failure> {
    let lock = match DirectoryLock::acquire(data) {
        Ok(lock) => Some(lock),
        // another process runs the loops; this one appends and reads
        Err(bihuan_store::Error::InUse(_)) => None,
        Err(error) => return Err(error.into()),
    };
    Ok((Store::sqlite(data).await?, lock))
}

async fn open_log(config: &Config, store: &Store, shadow: bool) -> Result<Log, Failure> {
    match &config.mode {
        Mode::Embedded { .. } => Ok(Log::Local(LocalLog::new(store.clone(), config.partitions))),
        Mode::Cluster { log, .. } => {
            let settings = Settings {
                brokers: log.brokers.clone(),
                partitions: config.partitions,
                prefix: log.prefix.clone(),
                properties: log.properties.clone(),
            };
            let log = KafkaLog::connect(settings).await?;
            let delivery = crate::services::delivery(&config.delivery, shadow);
            // what is wrong with mappings is for those to say who use them: here they need not even lie
            let callbacks = crate::callbacks::of(config, shadow).unwrap_or_default();
            let topics = delivery.topics().into_iter().chain(callbacks.topics());
            log.provide(&topics.collect::<Vec<_>>()).await?;
            Ok(Log::Kafka(log))
        }
    }
}
