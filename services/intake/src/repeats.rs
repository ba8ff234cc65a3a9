//! Which records were read before. A record of a file is known by its ordinal, for a file's records come in order; a CloudEvent
//! by its source and id; anything else by its position, which the lease already knows.

use std::collections::{HashMap, HashSet};

use bihuan_domain::id::RecordId;
use bihuan_store::{Connection, Result, Store, Tx, bulk, sql};
use sqlx::AssertSqlSafe;
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

    /// Those of the ids that were read before.
    pub(crate) async fn known(store: &Store, partition: u32, ids: &[RecordId]) -> Result<HashSet<RecordId>> {
        let mut reader = store.read().await?;
        let mut known = HashSet::new();
        for chunk in bulk::chunks(ids) {
            let list = (0..chunk.len())
                .map(|i| format!("${}", i + 2))
                .collect::<Vec<_>>()
                .join(",");
            let text = AssertSqlSafe(format!(
                "SELECT record_id FROM intake_record WHERE partition = $1 AND record_id IN ({list})"
            ));
            let rows: Vec<Uuid> = sql!(reader.conn(), c => {
                let mut query = sqlx::query_scalar(text).bind(partition as i32);
                for id in chunk {
                    query = query.bind(id.0);
                }
                query.fetch_all(c).await
            })?;
            known.extend(rows.into_iter().map(RecordId));
        }
        Ok(known)
    }

    /// Remembers a record that has an identity of its own.
    pub(crate) fn remember(&mut self, id: RecordId) {
        self.records.push(id);
    }

    pub(crate) async fn persist(&self, tx: &mut Tx, partition: u32) -> Result<()> {
        for key in &self.changed {
            let next = self.next.get(key).copied().unwrap_or(0);
            sql!(tx.conn(), c => sqlx::query(
                "INSERT INTO intake_file (partition, file, source, next_ordinal) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (partition, file, source) DO UPDATE SET next_ordinal = excluded.next_ordinal"
            ).bind(partition as i32).bind(&key.0).bind(&key.1).bind(next).execute(c).await.map(|_| ()))?;
        }
        insert(tx.conn(), partition, &self.records).await
    }

    pub(crate) fn committed(&mut self) {
        self.changed.clear();
        self.records.clear();
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

async fn insert(mut connection: Connection<'_>, partition: u32, ids: &[RecordId]) -> Result<()> {
    for chunk in bulk::chunks(ids) {
        let text = AssertSqlSafe(bulk::numbered(
            "INSERT INTO intake_record (partition, record_id) VALUES",
            2,
            chunk.len(),
            "",
        ));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for id in chunk {
                query = query.bind(partition as i32).bind(id.0);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}
