//! A fresh installation for one measurement: a database or directory of its own, topics of its own, the bench rulebook active.

use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Files;
use bihuan_runtime::config::{Config, Mode};
use bihuan_store::{Store, sql};
use tokio_util::sync::CancellationToken;

use crate::activation;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::services::{Role, Services};

/// Everything in one process, as `serve all` does.
pub(crate) struct Installed {
    pub(crate) installation: Installation,
    pub(crate) services: Services,
    database: Option<(Store, String)>,
}

/// A name that no other measurement uses.
fn fresh(now: Timestamp) -> String {
    format!(
        "bihuan_bench_{}_{}",
        std::process::id(),
        now.as_micros() % 1_000_000_007
    )
}

/// The configuration with a database or directory of its own, and the database to drop afterwards.
pub(crate) async fn apart(config: &Config) -> Result<(Config, Option<(Store, String)>), Failure> {
    let name = fresh(bihuan_runtime::Clock::wall().now());
    let mut config = config.clone();
    match &mut config.mode {
        Mode::Embedded { data } => {
            *data = data.join(&name);
            Ok((config, None))
        }
        Mode::Cluster { store, log } => {
            let admin = Store::postgres(&store.url, 1).await?;
            statement(&admin, format!("CREATE DATABASE {name}")).await?;
            let (address, parameters) = store
                .url
                .split_once('?')
                .map_or((store.url.as_str(), String::new()), |(a, p)| (a, format!("?{p}")));
            let (server, _) = address
                .rsplit_once('/')
                .ok_or_else(|| Failure::usage("数据库地址无效", "store.url names no database"))?;
            store.url = format!("{server}/{name}{parameters}");
            log.prefix = format!("{name}.");
            Ok((config, Some((admin, name))))
        }
    }
}

async fn statement(store: &Store, text: String) -> Result<(), Failure> {
    let mut reader = store.read().await?;
    sql!(reader.conn(), c => sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(c).await.map(|_| ()))
        .map_err(bihuan_store::Error::from)?;
    Ok(())
}

impl Installed {
    pub(crate) async fn start(config: &Config) -> Result<Self, Failure> {
        let (config, database) = apart(config).await?;
        let installation = Installation::open(config).await?;
        let services = Services::start(&installation, &Role::ALL, None, &CancellationToken::new()).await?;
        let (files, rulebook) = rulebook()?;
        activation::first(&installation, &files, &rulebook).await?;
        Ok(Self {
            installation,
            services,
            database,
        })
    }

    /// Stops everything and removes what was made.
    pub(crate) async fn remove(self) -> Result<(), Failure> {
        self.services.stop().await?;
        let Self {
            installation,
            database,
            ..
        } = self;
        if let Mode::Embedded { data } = &installation.config.mode {
            std::fs::remove_dir_all(data)?;
        }
        installation.store.close().await;
        remove_database(database).await
    }
}

pub(crate) async fn remove_database(database: Option<(Store, String)>) -> Result<(), Failure> {
    match database {
        Some((admin, name)) => statement(&admin, format!("DROP DATABASE {name} WITH (FORCE)")).await,
        None => Ok(()),
    }
}

/// Ten matters, ten areas, an agency each.
pub(crate) fn rulebook() -> Result<(Files, bihuan_domain::routing::Rulebook), Failure> {
    let mut files = Files::default();
    let rows = |row: &dyn Fn(u32) -> String| (0..10).map(row).collect::<String>();
    files.insert(
        "rulebook.toml",
        "label = \"bench\"\ntitle = \"测量\"\ntitle_en = \"bench\"\ntime_zone = \"Asia/Shanghai\"\n[policy.verification.default]\ncheck = true\n",
    );
    files.insert(
        "areas.csv",
        format!(
            "code,name,level\n33060,测量市,city\n{}",
            rows(&|i| format!("33060{i},县{i},county\n"))
        ),
    );
    files.insert(
        "agencies.csv",
        format!(
            "id,name,level,area\n{}",
            rows(&|i| format!("agency-{i},机关{i},county,33060{i}\n"))
        ),
    );
    files.insert(
        "matters.csv",
        format!("code,name\n{}", rows(&|i| format!("matter-{i},事项{i}\n"))),
    );
    files.insert(
        "duties.csv",
        format!(
            "matter,area,agency\n{}",
            rows(&|i| format!("*,33060{i},agency-{i}\n"))
        ),
    );
    let (rulebook, findings) = bihuan_rulebook::compile(&files);
    rulebook.map(|rulebook| (files, rulebook)).ok_or_else(|| {
        let first = findings
            .first()
            .map(|finding| finding.message_en.clone())
            .unwrap_or_default();
        Failure::usage(first.clone(), first)
    })
}
