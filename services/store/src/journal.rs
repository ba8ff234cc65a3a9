//! The journals: what was decided, kept for ever, one dense sequence per partition, tamper-evident by a digest chain.
//!
//! The table is the outbox: what is published is read from here, and on the embedded log it *is* the topic.

use std::collections::HashMap;

use bihuan_domain::digest::Digest;
use bihuan_domain::time::Timestamp;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::bulk;
use crate::error::check_rows;
use crate::{At, Connection, Result, sql};

/// A journal and the table that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Journal {
    Clue,
    Intake,
    Dispute,
    Delivery,
}

impl Journal {
    pub const ALL: [Self; 4] = [Self::Clue, Self::Intake, Self::Dispute, Self::Delivery];

    pub const fn table(self) -> &'static str {
        match self {
            Self::Clue => "clue_event",
            Self::Intake => "intake_event",
            Self::Dispute => "dispute_event",
            Self::Delivery => "delivery_event",
        }
    }
}

/// One event in its journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub partition: u32,
    pub sequence: i64,
    /// The clue that it is about.
    pub clue: Option<Uuid>,
    /// Sequence of the clue's event before this one.
    pub previous: Option<i64>,
    /// Effective time of what happened.
    pub at: Timestamp,
    pub type_name: String,
    pub payload: Vec<u8>,
}

impl Entry {
    /// The digest chain after this entry.
    pub fn chained(&self, head: Digest) -> Digest {
        head.extended([
            &self.sequence.to_be_bytes()[..],
            self.clue.as_ref().map_or(&[][..], |clue| &clue.as_bytes()[..]),
            &self.previous.unwrap_or(0).to_be_bytes()[..],
            &self.at.as_micros().to_be_bytes()[..],
            self.type_name.as_bytes(),
            &self.payload,
        ])
    }
}

/// Appends the entries, whose sequences the caller has numbered.
pub async fn append(connection: Connection<'_>, journal: Journal, entries: &[Entry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let written = match connection {
        Connection::Postgres(c) => unnest(c, journal, entries).await?,
        Connection::Sqlite(c) => insert(c, journal, entries).await?,
    };
    check_rows("journal", entries.len() as u64, written)
}

/// One statement and one round trip. COPY would take three, and over TCP its last one waits for a delayed acknowledgement.
async fn unnest(c: &mut sqlx::PgConnection, journal: Journal, entries: &[Entry]) -> Result<u64> {
    let text = AssertSqlSafe(format!(
        "INSERT INTO {} (partition, sequence, clue_id, previous, at, type, payload)
         SELECT * FROM unnest($1::int[], $2::bigint[], $3::uuid[], $4::bigint[], $5::timestamptz[], $6::text[], $7::bytea[])",
        journal.table()
    ));
    let done = sqlx::query(text)
        .bind(
            entries
                .iter()
                .map(|entry| entry.partition as i32)
                .collect::<Vec<_>>(),
        )
        .bind(entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| entry.clue).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| entry.previous).collect::<Vec<_>>())
        .bind(entries.iter().map(|entry| At(entry.at)).collect::<Vec<_>>())
        .bind(
            entries
                .iter()
                .map(|entry| entry.type_name.as_str())
                .collect::<Vec<_>>(),
        )
        .bind(
            entries
                .iter()
                .map(|entry| entry.payload.as_slice())
                .collect::<Vec<_>>(),
        )
        .execute(c)
        .await?;
    Ok(done.rows_affected())
}

async fn insert(c: &mut sqlx::SqliteConnection, journal: Journal, entries: &[Entry]) -> Result<u64> {
    let head = format!(
        "INSERT INTO {} (partition, sequence, clue_id, previous, at, type, payload) VALUES",
        journal.table()
    );
    let mut written = 0;
    for chunk in bulk::chunks(entries) {
        let mut query = sqlx::query(AssertSqlSafe(bulk::statement(&head, 7, chunk.len(), "")));
        for entry in chunk {
            query = query
                .bind(entry.partition as i32)
                .bind(entry.sequence)
                .bind(entry.clue)
                .bind(entry.previous)
                .bind(At(entry.at))
                .bind(entry.type_name.clone())
                .bind(entry.payload.clone());
        }
        written += query.execute(&mut *c).await?.rows_affected();
    }
    Ok(written)
}

type Row = (i32, i64, Option<Uuid>, Option<i64>, At, String, Vec<u8>);
/// With the sequence of the newest entry behind the partition.
type ChainRow = (i32, i64, i64, Option<Uuid>, Option<i64>, At, String, Vec<u8>);

fn entry((partition, sequence, clue, previous, at, type_name, payload): Row) -> Entry {
    Entry {
        partition: partition as u32,
        sequence,
        clue,
        previous,
        at: at.0,
        type_name,
        payload,
    }
}

/// Up to `limit` entries of the partition after `sequence`, in order.
pub async fn after(
    connection: Connection<'_>,
    journal: Journal,
    partition: u32,
    sequence: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    let text = AssertSqlSafe(format!(
        "SELECT partition, sequence, clue_id, previous, at, type, payload FROM {}
         WHERE partition = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
        journal.table()
    ));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).bind(sequence).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// A clue's entries, oldest first, walked backwards from its newest one.
pub async fn chain(
    connection: Connection<'_>,
    journal: Journal,
    partition: u32,
    newest: i64,
) -> Result<Vec<Entry>> {
    let text = AssertSqlSafe(format!(
        "WITH RECURSIVE chain (partition, sequence, clue_id, previous, at, type, payload) AS (
             SELECT partition, sequence, clue_id, previous, at, type, payload FROM {table} WHERE partition = $1 AND sequence = $2
             UNION ALL
             SELECT e.partition, e.sequence, e.clue_id, e.previous, e.at, e.type, e.payload
             FROM chain JOIN {table} e ON e.partition = chain.partition AND e.sequence = chain.previous)
         SELECT partition, sequence, clue_id, previous, at, type, payload FROM chain ORDER BY sequence",
        table = journal.table()
    ));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).bind(newest).fetch_all(c).await)?;
    Ok(rows.into_iter().map(entry).collect())
}

/// The chains of several clues at once, each by the partition and sequence of its newest entry.
pub async fn chains(
    mut connection: Connection<'_>,
    journal: Journal,
    newest: &[(u32, i64)],
) -> Result<HashMap<(u32, i64), Vec<Entry>>> {
    let columns = "e.partition, e.sequence, e.clue_id, e.previous, e.at, e.type, e.payload";
    let tail = format!(
        "), chain (head, partition, sequence, clue_id, previous, at, type, payload) AS (
             SELECT h.sequence, {columns} FROM heads h
             JOIN {table} e ON e.partition = h.partition AND e.sequence = h.sequence
             UNION ALL
             SELECT chain.head, {columns}
             FROM chain JOIN {table} e ON e.partition = chain.partition AND e.sequence = chain.previous)
         SELECT partition, head, sequence, clue_id, previous, at, type, payload FROM chain
         ORDER BY partition, head, sequence",
        table = journal.table()
    );
    let mut chains: HashMap<(u32, i64), Vec<Entry>> = HashMap::with_capacity(newest.len());
    for chunk in bulk::chunks(newest) {
        let head = "WITH RECURSIVE heads (partition, sequence) AS (VALUES";
        let rows: Vec<ChainRow> = match &mut connection {
            Connection::Postgres(c) => {
                let text = format!(
                    "WITH RECURSIVE heads (partition, sequence) AS (SELECT * FROM unnest($1::int[], $2::bigint[]){tail}"
                );
                let (partitions, sequences): (Vec<i32>, Vec<i64>) = chunk
                    .iter()
                    .map(|(partition, sequence)| (*partition as i32, *sequence))
                    .unzip();
                let query = sqlx::query_as(AssertSqlSafe(text))
                    .bind(partitions)
                    .bind(sequences);
                query.fetch_all(&mut **c).await?
            }
            Connection::Sqlite(c) => {
                let text = bulk::statement(head, 2, chunk.len(), &tail);
                let mut query = sqlx::query_as(AssertSqlSafe(text));
                for (partition, sequence) in chunk {
                    query = query.bind(*partition as i32).bind(*sequence);
                }
                query.fetch_all(&mut **c).await?
            }
        };
        for (partition, head, sequence, clue, previous, at, type_name, payload) in rows {
            let row = (partition, sequence, clue, previous, at, type_name, payload);
            chains
                .entry((partition as u32, head))
                .or_default()
                .push(entry(row));
        }
    }
    Ok(chains)
}

/// The newest sequence of each partition that has any. Hops from partition to partition over the primary key: a journal is
/// long and this is asked often.
pub async fn ends(connection: Connection<'_>, journal: Journal) -> Result<Vec<(u32, i64)>> {
    let text = AssertSqlSafe(format!(
        "WITH RECURSIVE hop (partition) AS (
             SELECT min(partition) FROM {table}
             UNION ALL
             SELECT (SELECT min(e.partition) FROM {table} e WHERE e.partition > hop.partition) FROM hop
             WHERE hop.partition IS NOT NULL)
         SELECT partition, (SELECT max(e.sequence) FROM {table} e WHERE e.partition = hop.partition) FROM hop
         WHERE partition IS NOT NULL ORDER BY partition",
        table = journal.table()
    ));
    let rows: Vec<(i32, i64)> = sql!(connection, c => sqlx::query_as(text).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(partition, end)| (partition as u32, end))
        .collect())
}
