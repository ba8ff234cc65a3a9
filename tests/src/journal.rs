//! The tables as an administrator sees them, above all the event tables.

use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, SqliteConnection};
use tokio::runtime::Runtime;
use uuid::Uuid;

/// One row of an event table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub partition: i32,
    pub sequence: i64,
    pub clue: Option<Uuid>,
    pub kind: String,
    pub payload: Vec<u8>,
}

/// A journal: its topic and its table.
pub const JOURNALS: [(&str, &str); 4] = [
    ("clue.events.v1", "clue_event"),
    ("intake.events.v1", "intake_event"),
    ("dispute.events.v1", "dispute_event"),
    ("delivery.events.v1", "delivery_event"),
];

/// A database of an installation. Each question opens a connection of its own: between two of them anything may be killed.
pub struct Tables {
    place: Place,
    runtime: Runtime,
}

enum Place {
    Sqlite(PathBuf),
    Postgres(String),
}

enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

type Row = (i32, i64, Option<Uuid>, String, Vec<u8>);

/// Opens a connection, runs the body on it, whichever kind it is, and closes it.
macro_rules! ask {
    ($tables:expr, $c:ident => $body:expr) => {
        $tables.runtime.block_on(async {
            match $tables.open().await? {
                Open::Sqlite(mut connection) => {
                    let $c = &mut connection;
                    let answer = $body;
                    connection.close().await?;
                    answer
                }
                Open::Postgres(mut connection) => {
                    let $c = &mut connection;
                    let answer = $body;
                    connection.close().await?;
                    answer
                }
            }
        })
    };
}

impl Tables {
    pub(crate) fn sqlite(data: &Path) -> Self {
        Self::of(Place::Sqlite(data.join("bihuan.sqlite")))
    }

    pub(crate) fn postgres(url: &str) -> Self {
        Self::of(Place::Postgres(url.to_owned()))
    }

    fn of(place: Place) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        Self { place, runtime }
    }

    pub(crate) fn url(&self) -> &str {
        match &self.place {
            Place::Postgres(url) => url,
            Place::Sqlite(path) => path.to_str().expect("UTF-8"),
        }
    }

    async fn open(&self) -> sqlx::Result<Open> {
        Ok(match &self.place {
            Place::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path);
                let options = options.busy_timeout(std::time::Duration::from_secs(30));
                Open::Sqlite(options.disable_statement_logging().connect().await?)
            }
            Place::Postgres(url) => {
                let options: PgConnectOptions = url.parse()?;
                Open::Postgres(options.disable_statement_logging().connect().await?)
            }
        })
    }

    /// A number that a statement gives; an error is an answer too.
    pub fn try_number(&self, sql: &str) -> sqlx::Result<i64> {
        ask!(self, c => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(c).await)
    }

    #[track_caller]
    pub fn number(&self, sql: &str) -> i64 {
        self.try_number(sql).expect(sql)
    }

    /// Words, one a row.
    #[track_caller]
    pub fn words(&self, sql: &str) -> Vec<String> {
        let words: sqlx::Result<_> =
            ask!(self, c => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(c).await);
        words.expect(sql)
    }

    /// Bytes, one a row.
    #[track_caller]
    pub fn bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        let bytes: sqlx::Result<_> =
            ask!(self, c => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(c).await);
        bytes.expect(sql)
    }

    /// Changes something by hand; how many rows.
    #[track_caller]
    pub fn execute(&self, sql: &str) -> u64 {
        let changed: sqlx::Result<u64> = ask!(self, c => sqlx::query(AssertSqlSafe(sql.to_owned()))
            .execute(c).await.map(|done| done.rows_affected()));
        changed.expect(sql)
    }

    /// The journal after this sequence, in order; at most `limit` events.
    pub fn try_after(
        &self,
        table: &str,
        partition: i32,
        sequence: i64,
        limit: i64,
    ) -> sqlx::Result<Vec<Entry>> {
        let sql = format!(
            "SELECT partition, sequence, clue_id, type, payload FROM {table} \
             WHERE partition = {partition} AND sequence > {sequence} ORDER BY sequence LIMIT {limit}"
        );
        let rows: sqlx::Result<Vec<Row>> =
            ask!(self, c => sqlx::query_as(AssertSqlSafe(sql.clone())).fetch_all(c).await);
        let entry = |(partition, sequence, clue, kind, payload)| Entry {
            partition,
            sequence,
            clue,
            kind,
            payload,
        };
        Ok(rows?.into_iter().map(entry).collect())
    }

    /// The whole journal, partition by partition.
    #[track_caller]
    pub fn journal(&self, table: &str) -> Vec<Entry> {
        let last = self.number(&format!(
            "SELECT CAST(coalesce(max(partition), -1) AS bigint) FROM {table}"
        ));
        (0..=last as i32)
            .flat_map(|partition| self.try_after(table, partition, 0, i64::MAX).expect(table))
            .collect()
    }
}
