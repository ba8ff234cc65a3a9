//! The SQL of lifecycle's tables.

use bihuan_domain::clue::State;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, bulk, sql};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::Aggregate;
use crate::provisional;
use crate::wakeups::RULES;
use crate::wakeups::rows::{self as wakeup_rows, WakeupRow};

/// A row of `clue_state`, encoded.
pub(crate) struct StateRow {
    pub(crate) partition: u32,
    pub(crate) clue: ClueId,
    pub(crate) version: u32,
    pub(crate) sequence: i64,
    pub(crate) state: Vec<u8>,
}

type Row = (i32, Uuid, i32, i64, Vec<u8>, Option<At>);

/// The aggregates of the given ids that are there.
pub(crate) async fn load(
    mut connection: Connection<'_>,
    keys: &[(u32, ClueId)],
) -> Result<Vec<(ClueId, Aggregate)>> {
    let rows = match &mut connection {
        Connection::Postgres(c) => load_postgres(c, keys).await?,
        Connection::Sqlite(c) => load_sqlite(c, keys).await?,
    };
    let mut aggregates = Vec::with_capacity(rows.len());
    // states of another format, with where their clues' newest events lie
    let mut foreign = Vec::new();
    for (partition, clue, _, sequence, state, wakeup) in rows {
        let state = Aggregate::state_from_bytes(&state).unwrap_or_else(|| {
            foreign.push(((partition as u32, sequence), aggregates.len()));
            State::default()
        });
        let aggregate = Aggregate {
            provisional: provisional::calendar_of(&state),
            state,
            sequence,
            wakeup: wakeup.map(|At(due)| due),
        };
        aggregates.push((ClueId(clue), aggregate));
    }
    if !foreign.is_empty() {
        let newest: Vec<(u32, i64)> = foreign.iter().map(|(newest, _)| *newest).collect();
        let mut folded = Aggregate::refold_all(connection, &newest).await?;
        for (newest, index) in foreign {
            let again = folded.remove(&newest).unwrap_or_default();
            let aggregate: &mut Aggregate = &mut aggregates[index].1;
            aggregate.provisional = provisional::calendar_of(&again.state);
            (aggregate.state, aggregate.sequence) = (again.state, again.sequence);
        }
    }
    Ok(aggregates)
}

async fn load_postgres(c: &mut PgConnection, keys: &[(u32, ClueId)]) -> Result<Vec<Row>> {
    let (partitions, ids): (Vec<i32>, Vec<Uuid>) = keys.iter().map(|(p, id)| (*p as i32, id.0)).unzip();
    Ok(sqlx::query_as(
        "SELECT s.partition, s.clue_id, s.version, s.sequence, s.state, w.due_at
         FROM unnest($1::int[], $2::uuid[]) AS k (partition, clue_id)
         JOIN clue_state s USING (partition, clue_id) LEFT JOIN clue_wakeup w USING (partition, clue_id)",
    )
    .bind(partitions)
    .bind(ids)
    .fetch_all(c)
    .await?)
}

async fn load_sqlite(c: &mut SqliteConnection, keys: &[(u32, ClueId)]) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    for chunk in bulk::chunks(keys) {
        let text = bulk::statement(
            "SELECT partition, clue_id, version, sequence, state, due_at
             FROM clue_state LEFT JOIN clue_wakeup USING (partition, clue_id) WHERE (partition, clue_id) IN (VALUES",
            2,
            chunk.len(),
            ")",
        );
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for (partition, clue) in chunk {
            query = query.bind(*partition as i32).bind(clue.0);
        }
        rows.extend::<Vec<Row>>(query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

/// Writes where the clues stand now, and when they wake where that is not as it was: in one statement, if the database can.
pub(crate) async fn upsert(
    connection: Connection<'_>,
    rows: &[StateRow],
    wakeups: &[WakeupRow],
) -> Result<()> {
    if rows.is_empty() && wakeups.is_empty() {
        return Ok(());
    }
    let written = match connection {
        Connection::Postgres(c) => upsert_postgres(c, rows, wakeups).await?,
        Connection::Sqlite(c) => {
            wakeup_rows::write_sqlite(c, wakeups).await?;
            upsert_sqlite(c, rows).await?
        }
    };
    if written == rows.len() as u64 {
        Ok(())
    } else {
        Err(bihuan_store::Error::RowCount {
            what: "clue state",
            expected: rows.len() as u64,
            written,
        })
    }
}

/// Of the parts of a statement, the last one tells how many rows it wrote.
const STATES: &str = "INSERT INTO clue_state (partition, clue_id, version, sequence, state)
    SELECT * FROM unnest($1::int[], $2::uuid[], $3::int[], $4::bigint[], $5::bytea[])
    ON CONFLICT (partition, clue_id) DO UPDATE
    SET version = excluded.version, sequence = excluded.sequence, state = excluded.state";
const WAKEUPS: &str = "WITH set AS (
        INSERT INTO clue_wakeup (partition, clue_id, due_at)
        SELECT * FROM unnest($6::int[], $7::uuid[], $8::timestamptz[])
        ON CONFLICT (partition, clue_id) DO UPDATE SET due_at = excluded.due_at),
    gone AS (
        DELETE FROM clue_wakeup w USING unnest($9::int[], $10::uuid[]) AS k (partition, clue_id)
        WHERE w.partition = k.partition AND w.clue_id = k.clue_id)";

async fn upsert_postgres(c: &mut PgConnection, rows: &[StateRow], wakeups: &[WakeupRow]) -> Result<u64> {
    let text = if wakeups.is_empty() {
        STATES.to_owned()
    } else {
        format!("{WAKEUPS} {STATES}")
    };
    let query = sqlx::query(AssertSqlSafe(text))
        .bind(rows.iter().map(|row| row.partition as i32).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.clue.0).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.version as i32).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.sequence).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.state.as_slice()).collect::<Vec<_>>());
    if wakeups.is_empty() {
        return Ok(query.execute(c).await?.rows_affected());
    }
    let (set, gone) = wakeup_rows::sorted(wakeups);
    let done = query
        .bind(
            set.iter()
                .map(|(partition, ..)| *partition as i32)
                .collect::<Vec<_>>(),
        )
        .bind(set.iter().map(|(_, clue, _)| clue.0).collect::<Vec<_>>())
        .bind(set.iter().map(|(.., due)| At(*due)).collect::<Vec<_>>())
        .bind(
            gone.iter()
                .map(|(partition, _)| *partition as i32)
                .collect::<Vec<_>>(),
        )
        .bind(gone.iter().map(|(_, clue)| clue.0).collect::<Vec<_>>())
        .execute(c)
        .await?;
    Ok(done.rows_affected())
}

async fn upsert_sqlite(c: &mut SqliteConnection, rows: &[StateRow]) -> Result<u64> {
    let mut written = 0;
    for chunk in bulk::chunks(rows) {
        let text = bulk::statement(
            "INSERT INTO clue_state (partition, clue_id, version, sequence, state) VALUES",
            5,
            chunk.len(),
            "ON CONFLICT (partition, clue_id) DO UPDATE
             SET version = excluded.version, sequence = excluded.sequence, state = excluded.state",
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for row in chunk {
            query = query
                .bind(row.partition as i32)
                .bind(row.clue.0)
                .bind(row.version as i32)
                .bind(row.sequence)
                .bind(row.state.clone());
        }
        written += query.execute(&mut *c).await?.rows_affected();
    }
    Ok(written)
}

/// Up to which event of the partition no row lacks any.
pub(crate) async fn checkpoint(connection: Connection<'_>, partition: u32) -> Result<i64> {
    let sequence: Option<i64> = sql!(connection, c => sqlx::query_scalar("SELECT sequence FROM clue_checkpoint WHERE partition = $1")
        .bind(partition as i32).fetch_optional(c).await)?;
    Ok(sequence.unwrap_or(0))
}

/// (partition, sequence)
pub(crate) async fn set_checkpoints(connection: Connection<'_>, rows: &[(u32, i64)]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let text = AssertSqlSafe(bulk::numbered(
        "INSERT INTO clue_checkpoint (partition, sequence, waking) VALUES",
        3,
        rows.len(),
        "ON CONFLICT (partition) DO UPDATE SET sequence = excluded.sequence",
    ));
    sql!(connection, c => {
        let mut query = sqlx::query(text);
        for (partition, sequence) in rows {
            query = query.bind(*partition as i32).bind(*sequence).bind(RULES);
        }
        query.execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// How many numbers with this prefix were used.
pub(crate) async fn used_numbers(connection: Connection<'_>, partition: u32, prefix: &str) -> Result<i64> {
    let used: Option<i64> = sql!(connection, c => sqlx::query_scalar("SELECT used FROM clue_number WHERE partition = $1 AND prefix = $2")
        .bind(partition as i32).bind(prefix.to_owned()).fetch_optional(c).await)?;
    Ok(used.unwrap_or(0))
}

pub(crate) async fn set_used_numbers(
    connection: Connection<'_>,
    partition: u32,
    prefix: &str,
    used: i64,
) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO clue_number (partition, prefix, used) VALUES ($1, $2, $3)
         ON CONFLICT (partition, prefix) DO UPDATE SET used = excluded.used"
    ).bind(partition as i32).bind(prefix.to_owned()).bind(used).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Every row of the partition after `after`, by clue id, and when its clue wakes by the row of `clue_wakeup`.
pub(crate) async fn page(
    connection: Connection<'_>,
    partition: u32,
    after: Uuid,
    limit: i64,
) -> Result<Vec<(StateRow, Option<Timestamp>)>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, clue_id, version, sequence, state, due_at
         FROM clue_state LEFT JOIN clue_wakeup USING (partition, clue_id)
         WHERE partition = $1 AND clue_id > $2 ORDER BY clue_id LIMIT $3"
    ).bind(partition as i32).bind(after).bind(limit).fetch_all(c).await)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(partition, clue, version, sequence, state, wakeup)| {
            let row = StateRow {
                partition: partition as u32,
                clue: ClueId(clue),
                version: version as u32,
                sequence,
                state,
            };
            (row, wakeup.map(|At(due)| due))
        })
        .collect())
}

/// The partitions that have rows.
pub(crate) async fn partitions(connection: Connection<'_>) -> Result<Vec<u32>> {
    let partitions: Vec<i32> = sql!(connection, c => sqlx::query_scalar(
        "SELECT DISTINCT partition FROM clue_state UNION SELECT DISTINCT partition FROM clue_wakeup"
    ).fetch_all(c).await)?;
    Ok(partitions.into_iter().map(|partition| partition as u32).collect())
}

/// The clue's newest event, if it has any: in its row, or behind the checkpoint.
pub(crate) async fn newest(connection: Connection<'_>, partition: u32, clue: ClueId) -> Result<Option<i64>> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT max(sequence) FROM (
             SELECT sequence FROM clue_state WHERE partition = $1 AND clue_id = $2
             UNION ALL
             SELECT sequence FROM clue_event WHERE partition = $1 AND clue_id = $2
                 AND sequence > COALESCE((SELECT sequence FROM clue_checkpoint WHERE partition = $1), 0)
         ) AS known"
    ).bind(partition as i32).bind(clue.0).fetch_one(c).await)?)
}
