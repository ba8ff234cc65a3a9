//! An installation as a command that ends needs it: only its store for reading, or store, log and, if nobody else runs them,
//! the services.

use bihuan_contracts::{Reference, partition_of};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::listing::{self, Reading as Words};
use bihuan_runtime::config::{Mode, Telemetry};
use bihuan_runtime::{Clock, telemetry};
use bihuan_store::{DATABASE_FILE, Store, installation};
use std::path::Path;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

use crate::cli::Common;
use crate::failure::Failure;
use crate::installation::{Installation, MIGRATIONS};
use crate::services::{Role, Services};
use crate::{offering, simulation};

/// The store alone. Kafka need not be there to look at something.
pub(crate) struct Reading {
    pub(crate) store: Store,
    pub(crate) library: bihuan_rulebook::Library,
    pub(crate) partitions: u32,
    pub(crate) clock: Clock,
}

impl Reading {
    pub(crate) async fn open(common: &Common) -> Result<Self, Failure> {
        let config = common.config()?;
        quiet(&config.telemetry)?;
        let store = match &config.mode {
            Mode::Embedded { data } => {
                has_data(data)?;
                Store::sqlite(data).await?
            }
            Mode::Cluster { store, .. } => Store::postgres(&store.url, store.connections).await?,
        };
        store.migrate(MIGRATIONS).await?;
        installation::fix(&store, "partitions", &config.partitions.to_string()).await?;
        let clock = simulation::read(store.read().await?.conn()).await?;
        Ok(Self::of(store, config.partitions, clock))
    }

    fn of(store: Store, partitions: u32, clock: Clock) -> Self {
        let library = bihuan_rulebook::Library::new(store.clone());
        Self {
            store,
            library,
            partitions,
            clock,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The rulebook that is active now.
    pub(crate) async fn rulebook(&self) -> Result<Arc<CompiledRulebook>, Failure> {
        Ok(self.library.active(self.now()).await?)
    }

    /// The clue that `name` means: its id, its number, or `source/source-id`.
    pub(crate) async fn clue(&self, name: &str, lang: Lang) -> Result<Named, Failure> {
        let clue = match name.parse() {
            // another record may stand for the clue that a platform means
            Ok(Reference::Id(clue)) if name.contains('/') => self.look_up(name, lang).await?.or(Some(clue)),
            Ok(Reference::Id(clue)) => Some(clue),
            Ok(Reference::Number(number)) => self.look_up(&number, lang).await?,
            Err(_) => None,
        };
        clue.map(|clue| Named {
            clue,
            partition: partition_of(clue, self.partitions),
        })
        .ok_or_else(|| unknown(name))
    }

    async fn look_up(&self, name: &str, lang: Lang) -> Result<Option<ClueId>, Failure> {
        let rulebook = self.rulebook().await?;
        let words = Words {
            rulebook: rulebook.rulebook(),
            lang,
            now: self.now(),
        };
        Ok(listing::find(&self.store, name, words)
            .await?
            .map(|found| found.facts.clue))
    }
}

/// A clue and where it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    pub(crate) clue: ClueId,
    pub(crate) partition: u32,
}

/// Nobody reported such a clue.
pub(crate) fn unknown(name: &str) -> Failure {
    Failure::usage(
        format!("没有线索的标识、编号或“来源/来源编号”为“{name}”"),
        format!("no clue has the id, number or source/source-id {name:?}"),
    )
}

/// Store and log, with the services in this process if no other one runs them.
pub(crate) struct Session {
    pub(crate) installation: Installation,
    services: Option<Services>,
}

impl Session {
    /// Of an installation that is there: a wrong directory is not made one.
    pub(crate) async fn open_existing(common: &Common) -> Result<Self, Failure> {
        if let Mode::Embedded { data } = &common.config()?.mode {
            has_data(data)?;
        }
        Self::open(common).await
    }

    pub(crate) async fn open(common: &Common) -> Result<Self, Failure> {
        let config = common.config()?;
        quiet(&config.telemetry)?;
        let installation = Installation::open(config).await?;
        let services = match &installation.lock {
            Some(_) => {
                Some(Services::start(&installation, &Role::ALL, None, &CancellationToken::new()).await?)
            }
            None => None,
        };
        Ok(Self {
            installation,
            services,
        })
    }

    /// The same installation, to look at.
    pub(crate) fn reading(&self) -> Reading {
        Reading::of(
            self.installation.store.clone(),
            self.installation.config.partitions,
            self.installation.clock.clone(),
        )
    }

    /// The services of this process.
    pub(crate) const fn services(&self) -> Option<&Services> {
        self.services.as_ref()
    }

    /// Ends with what was done. What was begun comes to its end first, where that is up to this process; after a failure nothing
    /// is waited for.
    pub(crate) async fn end<T>(mut self, done: Result<T, Failure>) -> Result<T, Failure> {
        let Some(services) = self.services.take() else {
            return done;
        };
        match done {
            Ok(done) => {
                let settled = offering::settled(&self.installation, &services).await;
                services.stop().await?;
                settled.map(|()| done)
            }
            Err(failure) => {
                let _ = services.stop().await;
                Err(failure)
            }
        }
    }
}

fn has_data(data: &Path) -> Result<(), Failure> {
    if data.join(DATABASE_FILE).is_file() {
        return Ok(());
    }
    let data = data.display();
    Err(Failure::usage(
        format!("{data} 中没有数据；请先运行 serve 或 import"),
        format!("there are no data in {data}; run serve or import first"),
    ))
}

/// Commands log only what goes wrong.
fn quiet(telemetry: &Telemetry) -> Result<(), Failure> {
    let quiet = Telemetry {
        filter: "warn".to_owned(),
        ..telemetry.clone()
    };
    telemetry::install(&quiet)
        .map(|_| ())
        .map_err(|error| Failure::usage(format!("日志或指标无法启动：{error}"), error.to_string()))
}
