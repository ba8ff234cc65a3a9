//! Queues as rows: appended by offset, trimmed below the slowest group.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_contracts::Message;
use bihuan_store::{Connection, Store, bulk, sql};
use futures::TryStreamExt as _;
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{Error, Record, Result};

/// Appends; the caller holds the write lock, so the ends cannot move meanwhile.
pub(super) async fn append(c: &mut SqliteConnection, messages: &[Message]) -> Result<()> {
    let mut by_partition: BTreeMap<(&str, u32), Vec<&Message>> = BTreeMap::new();
    for message in messages {
        by_partition
            .entry((&message.topic, message.partition))
            .or_default()
            .push(message);
    }
    for ((topic, partition), messages) in by_partition {
        let (next,): (i64,) = sqlx::query_as(
            "INSERT INTO queue_end (topic, partition, next) VALUES ($1, $2, $3)
             ON CONFLICT (topic, partition) DO UPDATE SET next = next + $3 RETURNING next",
        )
        .bind(topic.to_owned())
        .bind(partition as i32)
        .bind(messages.len() as i64)
        .fetch_one(&mut *c)
        .await?;
        insert(c, topic, partition, next - messages.len() as i64, &messages).await?;
    }
    Ok(())
}

async fn insert(
    c: &mut SqliteConnection,
    topic: &str,
    partition: u32,
    first: i64,
    messages: &[&Message],
) -> Result<()> {
    let head = "INSERT INTO queue_record (topic, partition, record_offset, key, headers, payload) VALUES";
    let mut offset = first;
    for chunk in bulk::chunks(messages) {
        let mut query = sqlx::query(AssertSqlSafe(bulk::statement(head, 6, chunk.len(), "")));
        for message in chunk {
            query = query
                .bind(topic.to_owned())
                .bind(partition as i32)
                .bind(offset)
                .bind(message.key.clone())
                .bind(encode(message))
                .bind(message.payload.clone());
            offset += 1;
        }
        query.execute(&mut *c).await?;
    }
    Ok(())
}

/// Records are read until they have so many bytes.
const ENOUGH_BYTES: usize = 2 << 20;

type Row = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

/// Up to `limit` records from `next` on.
pub(super) async fn read(
    connection: Connection<'_>,
    topic: &str,
    partition: u32,
    next: i64,
    limit: i64,
) -> Result<Vec<Record>> {
    let Connection::Sqlite(c) = connection else {
        return Ok(Vec::new());
    };
    let mut rows = sqlx::query_as(
        "SELECT record_offset, key, headers, payload FROM queue_record
         WHERE topic = $1 AND partition = $2 AND record_offset >= $3 ORDER BY record_offset LIMIT $4",
    )
    .bind(topic.to_owned())
    .bind(partition as i32)
    .bind(next)
    .bind(limit)
    .fetch(c);
    let name: Arc<str> = topic.into();
    let (mut records, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let record = record(&name, partition, row)?;
        bytes += record.payload.len();
        records.push(record);
        if bytes > ENOUGH_BYTES {
            break;
        }
    }
    Ok(records)
}

fn record(topic: &Arc<str>, partition: u32, (offset, key, headers, payload): Row) -> Result<Record> {
    let mut headers = decode(&headers)?;
    let length = headers.len();
    headers.retain(|(name, _)| name != bihuan_contracts::header::TOMBSTONE);
    let tombstone = headers.len() < length;
    let type_name = headers
        .iter()
        .find(|(key, _)| key == bihuan_contracts::header::CE_TYPE)
        .map_or("", |(_, value)| std::str::from_utf8(value).unwrap_or(""))
        .into();
    let topic = topic.clone();
    Ok(Record {
        topic,
        partition,
        offset,
        type_name,
        sequence: None,
        key,
        headers,
        payload,
        tombstone,
        logged_at: None,
    })
}

pub(super) async fn ends(connection: Connection<'_>, topic: &str) -> Result<BTreeMap<u32, i64>> {
    let rows: Vec<(i32, i64)> = sql!(connection, c => sqlx::query_as("SELECT partition, next FROM queue_end WHERE topic = $1")
        .bind(topic.to_owned()).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(partition, next)| (partition as u32, next))
        .collect())
}

/// Deletes what every group that reads a queue has read.
pub(super) async fn trim(store: &Store) -> Result<u64> {
    let mut tx = store.begin().await?;
    let Connection::Sqlite(c) = tx.conn() else {
        return Ok(0);
    };
    let leases: Vec<(String,)> = sqlx::query_as("SELECT positions FROM lease")
        .fetch_all(&mut *c)
        .await?;
    let mut slowest: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for (positions,) in leases {
        let positions: bihuan_store::lease::Positions = serde_json::from_str(&positions)
            .map_err(|error| Error::Handler(format!("lease positions: {error}")))?;
        for (topic, partition, position) in positions.iter() {
            let least = slowest
                .entry((topic.to_owned(), partition))
                .or_insert(position.next);
            *least = (*least).min(position.next);
        }
    }
    let mut trimmed = 0;
    for ((topic, partition), next) in slowest {
        trimmed += sqlx::query(
            "DELETE FROM queue_record WHERE topic = $1 AND partition = $2 AND record_offset < $3",
        )
        .bind(topic)
        .bind(partition as i32)
        .bind(next)
        .execute(&mut *c)
        .await?
        .rows_affected();
    }
    tx.commit().await?;
    Ok(trimmed)
}

/// Headers as bytes: length and text of the name, length and bytes of the value.
fn encode(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.headers.iter().map(|(k, v)| k.len() + v.len() + 8).sum());
    for (key, value) in &message.headers {
        for part in [key.as_bytes(), value.as_slice()] {
            bytes.extend_from_slice(&(part.len() as u32).to_be_bytes());
            bytes.extend_from_slice(part);
        }
    }
    bytes
}

fn decode(mut bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>> {
    let mut part = || -> Option<&[u8]> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (part, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        bytes = rest;
        Some(part)
    };
    let mut headers = Vec::with_capacity(8);
    while let Some(key) = part() {
        let value = part().ok_or_else(|| Error::Handler("queue record with broken headers".to_owned()))?;
        headers.push((String::from_utf8_lossy(key).into_owned(), value.to_vec()));
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_survive() {
        let message = Message {
            topic: "t".into(),
            partition: 0,
            key: vec![],
            headers: vec![("a".into(), vec![1, 0]), ("".into(), vec![])],
            payload: vec![],
        };
        assert_eq!(
            decode(&encode(&message)).expect("whole"),
            [("a".to_owned(), vec![1, 0]), (String::new(), vec![])]
        );
        assert!(decode(&[0, 0, 0, 1, 65]).is_err(), "a name without a value");
    }
}
