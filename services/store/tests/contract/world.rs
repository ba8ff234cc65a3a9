//! A database of a test's own.

use std::hash::{BuildHasher as _, RandomState};

use bihuan_store::{Reader, Store, sql};
use sqlx::AssertSqlSafe;

pub(crate) struct World {
    pub(crate) store: Store,
    address: Address,
}

enum Address {
    Directory(tempfile::TempDir),
    Url(String),
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opens");
        Self {
            store,
            address: Address::Directory(directory),
        }
        .ready()
        .await
    }

    /// `None`: there is no PostgreSQL; says so.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(path) = std::env::var("BIHUAN_TEST_CONFIG") else {
            println!("skipped: BIHUAN_TEST_CONFIG names no PostgreSQL");
            return None;
        };
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let config: toml::Table = text.parse().expect("TOML");
        let url = config["store"]["url"].as_str().expect("a string");
        // a process number comes again, and the database of an earlier run stays
        let name = format!("s{:016x}", RandomState::new().hash_one(()));
        let admin = Store::postgres(url, 1).await.expect("connects");
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        let mut reader = admin.read().await.expect("a connection");
        sql!(reader.conn(), c => sqlx::query(create).execute(c).await.map(|_| ())).expect("creates");
        let url = format!("{}/{name}", url.rsplit_once('/').expect("a path").0);
        let store = Store::postgres(&url, 5).await.expect("connects");
        Some(
            Self {
                store,
                address: Address::Url(url),
            }
            .ready()
            .await,
        )
    }

    async fn ready(self) -> Self {
        self.store.migrate(&[]).await.expect("migrates");
        self
    }

    /// The same database as another process sees it.
    pub(crate) async fn other_process(&self) -> Store {
        match &self.address {
            Address::Directory(directory) => Store::sqlite(directory.path()).await.expect("opens"),
            Address::Url(url) => Store::postgres(url, 5).await.expect("connects"),
        }
    }

    pub(crate) async fn read(&self) -> Reader {
        self.store.read().await.expect("a connection")
    }
}
