//! What could not be read: its bytes, where it came from, why, and what became of it. Nothing is ever dropped.

use bihuan_domain::id::RecordId;
use bihuan_domain::time::Timestamp;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::bulk;
use crate::{At, Connection, Result, sql};

/// A record that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The lane that holds it.
    pub partition: u32,
    pub id: RecordId,
    pub group: String,
    pub topic: String,
    pub topic_partition: u32,
    pub offset: i64,
    pub source: Option<String>,
    pub file: Option<String>,
    pub line: Option<i64>,
    /// Stable code.
    pub reason: String,
    pub field: Option<String>,
    /// The mapping that could not read it, by digest.
    pub mapping: Option<String>,
    /// JSON object of the record's headers.
    pub headers: String,
    pub bytes: Vec<u8>,
    pub received_at: Timestamp,
    pub fate: Fate,
}

/// What became of a quarantined record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Waiting,
    Replayed {
        at: Timestamp,
        by: String,
    },
    Discarded {
        at: Timestamp,
        by: String,
        reason: String,
    },
}

impl Fate {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replayed { .. } => "replayed",
            Self::Discarded { .. } => "discarded",
        }
    }
}

/// Puts the records away. A record that is there already stays as it is.
pub async fn put(mut connection: Connection<'_>, records: &[Quarantined]) -> Result<()> {
    let head = "INSERT INTO quarantine (partition, id, consumer_group, topic, topic_partition, record_offset, source, file, line,
        reason, field, mapping, headers, bytes, received_at, fate) VALUES";
    for chunk in bulk::chunks(records) {
        let text = AssertSqlSafe(bulk::numbered(
            head,
            16,
            chunk.len(),
            "ON CONFLICT (partition, id) DO NOTHING",
        ));
        sql!(&mut connection, c => {
            let mut query = sqlx::query(text);
            for record in chunk {
                query = query
                    .bind(record.partition as i32).bind(record.id.0).bind(record.group.clone()).bind(record.topic.clone())
                    .bind(record.topic_partition as i32).bind(record.offset).bind(record.source.clone())
                    .bind(record.file.clone()).bind(record.line).bind(record.reason.clone()).bind(record.field.clone())
                    .bind(record.mapping.clone()).bind(record.headers.clone()).bind(record.bytes.clone())
                    .bind(At(record.received_at)).bind(Fate::Waiting.name());
            }
            query.execute(&mut **c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Records what became of a record, if it still waits; whether it did.
pub async fn settle(connection: Connection<'_>, partition: u32, id: RecordId, fate: &Fate) -> Result<bool> {
    let (at, by, reason) = match fate {
        Fate::Waiting => (None, None, None),
        Fate::Replayed { at, by } => (Some(At(*at)), Some(by.as_str()), None),
        Fate::Discarded { at, by, reason } => (Some(At(*at)), Some(by.as_str()), Some(reason.as_str())),
    };
    let written = sql!(connection, c => sqlx::query(
        "UPDATE quarantine SET fate = $3, fate_at = $4, fate_by = $5, fate_reason = $6
         WHERE partition = $1 AND id = $2 AND fate = 'waiting'"
    ).bind(partition as i32).bind(id.0).bind(fate.name()).bind(at).bind(by).bind(reason)
    .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(written == 1)
}

const COLUMNS: &str =
    "partition, id, consumer_group, topic, topic_partition, record_offset, source, file, line,
    reason, field, mapping, headers, bytes, received_at, fate, fate_at, fate_by, fate_reason";

#[derive(sqlx::FromRow)]
struct Row {
    partition: i32,
    id: Uuid,
    consumer_group: String,
    topic: String,
    topic_partition: i32,
    record_offset: i64,
    source: Option<String>,
    file: Option<String>,
    line: Option<i64>,
    reason: String,
    field: Option<String>,
    mapping: Option<String>,
    headers: String,
    bytes: Vec<u8>,
    received_at: At,
    fate: String,
    fate_at: Option<At>,
    fate_by: Option<String>,
    fate_reason: Option<String>,
}

impl From<Row> for Quarantined {
    fn from(row: Row) -> Self {
        let at = row.fate_at.map_or(Timestamp::EPOCH, |at| at.0);
        let by = row.fate_by.unwrap_or_default();
        Self {
            partition: row.partition as u32,
            id: RecordId(row.id),
            group: row.consumer_group,
            topic: row.topic,
            topic_partition: row.topic_partition as u32,
            offset: row.record_offset,
            source: row.source,
            file: row.file,
            line: row.line,
            reason: row.reason,
            field: row.field,
            mapping: row.mapping,
            headers: row.headers,
            bytes: row.bytes,
            received_at: row.received_at.0,
            fate: match row.fate.as_str() {
                "replayed" => Fate::Replayed { at, by },
                "discarded" => Fate::Discarded {
                    at,
                    by,
                    reason: row.fate_reason.unwrap_or_default(),
                },
                _ => Fate::Waiting,
            },
        }
    }
}

/// The record that one lane holds.
pub async fn get(connection: Connection<'_>, partition: u32, id: RecordId) -> Result<Option<Quarantined>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine WHERE partition = $1 AND id = $2"
    ));
    let row: Option<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).bind(id.0).fetch_optional(c).await)?;
    Ok(row.map(Quarantined::from))
}

/// The record wherever it lies: what its sender put on two partitions, two lanes may hold.
pub async fn find(connection: Connection<'_>, id: RecordId) -> Result<Vec<Quarantined>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine WHERE id = $1 ORDER BY partition"
    ));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text).bind(id.0).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Quarantined::from).collect())
}

/// What one group put away of a partition from `offset` on, oldest first.
pub async fn since(
    connection: Connection<'_>,
    group: &str,
    (topic, partition, offset): (&str, u32, i64),
) -> Result<Vec<Quarantined>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine
         WHERE consumer_group = $1 AND topic = $2 AND topic_partition = $3 AND record_offset >= $4 ORDER BY record_offset"
    ));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(group).bind(topic).bind(partition as i32).bind(offset).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Quarantined::from).collect())
}

/// Up to `limit` records of a source that were not read again, those after `after` (partition, id).
pub async fn of_source(
    connection: Connection<'_>,
    source: &str,
    after: Option<(u32, RecordId)>,
    limit: i64,
) -> Result<Vec<Quarantined>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine WHERE (partition, id) > ($1, $2) AND source = $3 AND fate <> 'replayed'
         ORDER BY partition, id LIMIT $4"
    ));
    let (partition, id) = after.map_or((-1, Uuid::nil()), |(partition, id)| (partition as i32, id.0));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition).bind(id).bind(source).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Quarantined::from).collect())
}

/// Up to `limit` records, newest first, of one fate and reason if given.
pub async fn list(
    connection: Connection<'_>,
    fate: Option<&str>,
    reason: Option<&str>,
    limit: i64,
) -> Result<Vec<Quarantined>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM quarantine WHERE ($1 = '' OR fate = $1) AND ($2 = '' OR reason = $2)
         ORDER BY received_at DESC, topic, topic_partition, record_offset DESC LIMIT $3"
    ));
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(text)
        .bind(fate.unwrap_or("")).bind(reason.unwrap_or("")).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Quarantined::from).collect())
}
