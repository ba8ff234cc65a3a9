//! Which records were read before. A record of a file is known by its ordinal, for a file's records come in order; a CloudEvent
//! by its source and id; anything else by its position, which the lease already knows.

use std::collections::{HashMap, HashSet};

use bihuan_domain::id::RecordId;
use bihuan_store::{Connection, Result, Store, bulk, sql};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

/// (file digest, source)
type FileKey = (String, String);

/// What one lane has read before.
#[derive(Debug, Default)]
pub(crate) struct Repeats {
    next: HashMap<FileKey, i64>,
    changed: HashSet<FileKey>,
    records: Vec<RecordId>,
}

/// What a batch read for the first time.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// (partition, file, next ordinal)
    files: Vec<(u32, FileKey, i64)>,
    /// (partition, record)
    records: Vec<(u32, RecordId)>,
}

impl Repeats {
    /// Whether the record of the file was read before; if not, it is from now on.
    pub(crate) async fn file(
        &mut self,
        store: &Store,
        partition: u32,
        file: &str,
        source: &str,
        ordinal: i64,
    ) -> Result<bool> {
        let key = (file.to_owned(), source.to_owned());
        if !self.next.contains_key(&key) {
            let next = next_ordinal(store, partition, file, source).await?;
            self.next.insert(key.clone(), next);
        }
        let next = self.next.entry(key.clone()).or_insert(0);
        if ordinal < *next {
            return Ok(true);
        }
        *next = ordinal + 1;
        self.changed.insert(key);
        Ok(false)
    }

    /// Remembers a record that has an identity of its own.
    pub(crate) fn remember(&mut self, id: RecordId) {
        self.records.push(id);
    }

    /// What was read since it was last asked, to be written.
    pub(crate) fn give_out(&mut self, partition: u32, read: &mut Read) {
        for key in self.changed.drain() {
            let next = self.next.get(&key).copied().unwrap_or(0);
            read.files.push((partition, key, next));
        }
        let records = self.records.drain(..);
        read.records.extend(records.map(|id| (partition, id)));
    }
}

/// The first record of the file that was not read before. `file` is as the header names it.
pub async fn next_ordinal(store: &Store, partition: u32, file: &str, source: &str) -> Result<i64> {
    let mut reader = store.read().await?;
    let next: Option<i64> = sql!(reader.conn(), c => sqlx::query_scalar(
        "SELECT next_ordinal FROM intake_file WHERE partition = $1 AND file = $2 AND source = $3"
    ).bind(partition as i32).bind(file).bind(source).fetch_optional(c).await)?;
    Ok(next.unwrap_or(0))
}

/// Those of (partition, id) that were read before.
pub(crate) async fn known(store: &Store, ids: &[(u32, RecordId)]) -> Result<HashSet<(u32, RecordId)>> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = match store.read().await?.conn() {
        Connection::Postgres(c) => known_postgres(c, ids).await?,
        Connection::Sqlite(c) => known_sqlite(c, ids).await?,
    };
    let id = |(partition, id): (i32, Uuid)| (partition as u32, RecordId(id));
    Ok(rows.into_iter().map(id).collect())
}

async fn known_postgres(c: &mut PgConnection, ids: &[(u32, RecordId)]) -> Result<Vec<(i32, Uuid)>> {
    let (partitions, ids) = columns(ids);
    Ok(sqlx::query_as(
        "SELECT r.partition, r.record_id
         FROM unnest($1::int[], $2::uuid[]) AS k (partition, record_id) JOIN intake_record r USING (partition, record_id)",
    )
    .bind(partitions)
    .bind(ids)
    .fetch_all(c)
    .await?)
}

async fn known_sqlite(c: &mut SqliteConnection, ids: &[(u32, RecordId)]) -> Result<Vec<(i32, Uuid)>> {
    let head = "SELECT partition, record_id FROM intake_record WHERE (partition, record_id) IN (VALUES";
    let mut rows = Vec::new();
    for chunk in bulk::chunks(ids) {
        let mut query =
            sqlx::query_as::<_, (i32, Uuid)>(AssertSqlSafe(bulk::statement(head, 2, chunk.len(), ")")));
        for (partition, id) in chunk {
            query = query.bind(*partition as i32).bind(id.0);
        }
        rows.append(&mut query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

impl Read {
    pub(crate) async fn persist(&self, mut connection: Connection<'_>) -> Result<()> {
        for (partition, (file, source), next) in &self.files {
            sql!(connection.reborrow(), c => sqlx::query(
                "INSERT INTO intake_file (partition, file, source, next_ordinal) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (partition, file, source) DO UPDATE SET next_ordinal = excluded.next_ordinal"
            ).bind(*partition as i32).bind(file).bind(source).bind(*next).execute(c).await.map(|_| ()))?;
        }
        if self.records.is_empty() {
            return Ok(());
        }
        match connection {
            Connection::Postgres(c) => insert_postgres(c, &self.records).await,
            Connection::Sqlite(c) => insert_sqlite(c, &self.records).await,
        }
    }
}

async fn insert_postgres(c: &mut PgConnection, ids: &[(u32, RecordId)]) -> Result<()> {
    let (partitions, ids) = columns(ids);
    sqlx::query(
        "INSERT INTO intake_record (partition, record_id) SELECT * FROM unnest($1::int[], $2::uuid[])",
    )
    .bind(partitions)
    .bind(ids)
    .execute(c)
    .await?;
    Ok(())
}

async fn insert_sqlite(c: &mut SqliteConnection, ids: &[(u32, RecordId)]) -> Result<()> {
    let head = "INSERT INTO intake_record (partition, record_id) VALUES";
    for chunk in bulk::chunks(ids) {
        let mut query = sqlx::query(AssertSqlSafe(bulk::statement(head, 2, chunk.len(), "")));
        for (partition, id) in chunk {
            query = query.bind(*partition as i32).bind(id.0);
        }
        query.execute(&mut *c).await?;
    }
    Ok(())
}

fn columns(ids: &[(u32, RecordId)]) -> (Vec<i32>, Vec<Uuid>) {
    ids.iter()
        .map(|(partition, id)| (*partition as i32, id.0))
        .unzip()
}
