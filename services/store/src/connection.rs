//! Opening a store, reading from it, and writing to it in transactions.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{
    ConnectOptions as _, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
};
use tokio::sync::Notify;

use crate::sqlite::{self, Writer};
use crate::{Error, Result};

/// A PostgreSQL database or a SQLite file.
#[derive(Clone)]
pub struct Store {
    backend: Backend,
    /// Rings after each commit of this process on SQLite, so that the local log need not poll.
    committed: Arc<Notify>,
}

#[derive(Clone)]
enum Backend {
    Postgres(PgPool),
    Sqlite { writer: Writer, readers: SqlitePool },
}

/// What every session asks of the server: a holder that vanished without a word must not keep its rows locked, and no statement is
/// compiled because of how many rows it might have: ours take less time than that.
const SESSION: [(&str, &str); 7] = [
    ("timezone", "UTC"),
    ("jit", "off"),
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("idle_in_transaction_session_timeout", "60s"),
    ("lock_timeout", "30s"),
];

/// A borrowed connection of either kind; [`sql!`] expands a body for both.
pub enum Connection<'c> {
    Postgres(&'c mut PgConnection),
    Sqlite(&'c mut SqliteConnection),
}

impl Connection<'_> {
    /// The same connection for a shorter time.
    pub fn reborrow(&mut self) -> Connection<'_> {
        match self {
            Self::Postgres(c) => Connection::Postgres(c),
            Self::Sqlite(c) => Connection::Sqlite(c),
        }
    }
}

/// Runs `body` with `$c` bound to the concrete connection, once per driver.
#[macro_export]
macro_rules! sql {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            $crate::Connection::Postgres($c) => $body,
            $crate::Connection::Sqlite($c) => $body,
        }
    };
}

/// A transaction. Dropping it rolls it back.
pub enum Tx {
    Postgres(Transaction<'static, Postgres>),
    Sqlite {
        lock: sqlite::WriteLock,
        committed: Arc<Notify>,
    },
}

/// A connection for reading.
pub enum Reader {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
    PostgresSnapshot(Transaction<'static, Postgres>),
    SqliteSnapshot(Transaction<'static, Sqlite>),
}

impl Store {
    /// Connects to PostgreSQL; does not wait for it to come up.
    pub async fn postgres(url: &str, connections: u32) -> Result<Self> {
        // sqlx takes any scheme
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(Error::Address(redacted(url)));
        }
        let options: PgConnectOptions = url.parse().map_err(|_| Error::Address(redacted(url)))?;
        let options = options.disable_statement_logging().options(SESSION);
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        Ok(Self::of(Backend::Postgres(pool)))
    }

    /// Opens or creates the SQLite file in `directory`.
    pub async fn sqlite(directory: &Path) -> Result<Self> {
        let (writer, readers) = sqlite::open(directory).await?;
        Ok(Self::of(Backend::Sqlite { writer, readers }))
    }

    fn of(backend: Backend) -> Self {
        Self {
            backend,
            committed: Arc::new(Notify::new()),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self.backend, Backend::Sqlite { .. })
    }

    /// Rings after each local commit; for the local log.
    pub fn committed(&self) -> &Notify {
        &self.committed
    }

    /// Begins a transaction. On SQLite it waits for the one writer, in order of arrival.
    pub async fn begin(&self) -> Result<Tx> {
        Ok(match &self.backend {
            Backend::Postgres(pool) => Tx::Postgres(pool.begin().await?),
            Backend::Sqlite { writer, .. } => Tx::Sqlite {
                lock: sqlite::WriteLock::begin(writer).await?,
                committed: self.committed.clone(),
            },
        })
    }

    /// A connection for reading, each statement by itself.
    pub async fn read(&self) -> Result<Reader> {
        Ok(match &self.backend {
            Backend::Postgres(pool) => Reader::Postgres(pool.acquire().await?),
            Backend::Sqlite { readers, .. } => Reader::Sqlite(readers.acquire().await?),
        })
    }

    /// A connection on which every statement sees the same state of the database.
    pub async fn snapshot(&self) -> Result<Reader> {
        Ok(match &self.backend {
            Backend::Postgres(pool) => Reader::PostgresSnapshot(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
            Backend::Sqlite { readers, .. } => Reader::SqliteSnapshot(readers.begin().await?),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        let mut reader = self.read().await?;
        sql!(reader.conn(), c => sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(c).await)?;
        Ok(())
    }

    pub async fn close(&self) {
        match &self.backend {
            Backend::Postgres(pool) => pool.close().await,
            Backend::Sqlite { readers, .. } => readers.close().await,
        }
    }
}

impl Tx {
    pub fn conn(&mut self) -> Connection<'_> {
        match self {
            Self::Postgres(tx) => Connection::Postgres(tx),
            Self::Sqlite { lock, .. } => Connection::Sqlite(lock.connection()),
        }
    }

    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Postgres(tx) => tx.commit().await?,
            Self::Sqlite { lock, committed } => {
                lock.commit().await?;
                committed.notify_waiters();
            }
        }
        Ok(())
    }
}

impl Reader {
    pub fn conn(&mut self) -> Connection<'_> {
        match self {
            Self::Postgres(connection) => Connection::Postgres(connection),
            Self::Sqlite(connection) => Connection::Sqlite(connection),
            Self::PostgresSnapshot(tx) => Connection::Postgres(tx),
            Self::SqliteSnapshot(tx) => Connection::Sqlite(tx),
        }
    }
}

/// The address without its password.
fn redacted(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 < at => format!("{}***{}", &url[..scheme + 3], &url[at..]),
        _ => url.to_owned(),
    }
}
