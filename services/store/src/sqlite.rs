//! SQLite: one file, WAL, full sync, one writer behind a fair queue, readers beside it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{Error, Result};

/// The file in the data directory.
pub const DATABASE_FILE: &str = "bihuan.sqlite";

/// The one connection that writes; the mutex is first come, first served.
pub(crate) type Writer = Arc<Mutex<Slot>>;

pub(crate) struct Slot {
    connection: SqliteConnection,
    /// A transaction was begun and neither committed nor rolled back: its task was dropped.
    abandoned: bool,
}

/// The right to write, within `BEGIN IMMEDIATE`.
pub struct WriteLock {
    slot: Option<OwnedMutexGuard<Slot>>,
}

impl Slot {
    async fn roll_back(&mut self) {
        // fails when SQLite rolled it back by itself, which is as good
        let _ = sqlx::raw_sql("ROLLBACK").execute(&mut self.connection).await;
        self.abandoned = false;
    }
}

pub(crate) async fn open(directory: &Path) -> Result<(Writer, SqlitePool)> {
    std::fs::create_dir_all(directory).map_err(|error| Error::Directory(directory.to_owned(), error))?;
    let options = SqliteConnectOptions::new()
        .filename(directory.join(DATABASE_FILE))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(30))
        .foreign_keys(true)
        .statement_cache_capacity(256)
        .pragma("cache_size", "-16384")
        .pragma("wal_autocheckpoint", "4000")
        .disable_statement_logging();
    let connection = options.connect().await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(6)
        .acquire_timeout(Duration::from_secs(30))
        .connect_with(options.pragma("query_only", "on").pragma("cache_size", "-2048"))
        .await?;
    Ok((
        Arc::new(Mutex::new(Slot {
            connection,
            abandoned: false,
        })),
        readers,
    ))
}

impl WriteLock {
    pub(crate) async fn begin(writer: &Writer) -> Result<Self> {
        let mut slot = writer.clone().lock_owned().await;
        if slot.abandoned {
            slot.roll_back().await;
        }
        // a task that is dropped while it waits may have begun all the same: dropping the lock rolls that back
        slot.abandoned = true;
        let mut lock = Self { slot: Some(slot) };
        let begun = sqlx::raw_sql("BEGIN IMMEDIATE").execute(lock.connection()).await;
        if let Err(error) = begun {
            lock.slot().abandoned = false;
            return Err(error.into());
        }
        Ok(lock)
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.slot().connection
    }

    pub(crate) async fn commit(mut self) -> Result<()> {
        let slot = self.slot();
        sqlx::raw_sql("COMMIT").execute(&mut slot.connection).await?;
        slot.abandoned = false;
        Ok(())
    }

    fn slot(&mut self) -> &mut Slot {
        self.slot.as_mut().expect("taken only when dropped")
    }
}

impl Drop for WriteLock {
    /// Rolls back at once: a transaction left open would lock other processes out of the file until this one writes again.
    fn drop(&mut self) {
        let Some(mut slot) = self.slot.take().filter(|slot| slot.abandoned) else {
            return;
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { slot.roll_back().await });
        }
    }
}

/// Held by the process that runs the loops on a data directory; released when dropped or killed.
pub struct DirectoryLock(#[expect(dead_code, reason = "holds the lock until it is dropped")] File);

impl DirectoryLock {
    pub fn acquire(directory: &Path) -> Result<Self> {
        let fail = |error| Error::Directory(directory.to_owned(), error);
        std::fs::create_dir_all(directory).map_err(fail)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("lock"))
            .map_err(fail)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(std::fs::TryLockError::WouldBlock) => Err(Error::InUse(directory.to_owned())),
            Err(std::fs::TryLockError::Error(error)) => Err(fail(error)),
        }
    }
}
