//! The SQL of callbacks. A row is written by the holder of its lane alone.

use bihuan_contracts::delivery::{Callback, CallbackId, Link};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Error, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// Where a callback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Pending,
    Acknowledged,
    /// A dead letter.
    Failed,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Acknowledged, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Acknowledged => "acknowledged",
            Self::Failed => "failed",
        }
    }

    fn parse(word: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == word);
        found.ok_or_else(|| Error::Corrupt {
            what: "state of a callback",
            detail: word.to_owned(),
        })
    }
}

/// A row of `delivery_callback`.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub partition: u32,
    pub callback: Callback,
    pub source_id: String,
    pub step: String,
    pub state: State,
    pub attempts: u32,
    /// When it became due, or was to be sent again.
    pub since: Timestamp,
    /// Of the next attempt.
    pub due_at: Timestamp,
    /// Free text may be in it.
    pub body: Option<String>,
    /// Of the last attempt that failed; a code.
    pub reason: Option<String>,
    pub status: Option<u16>,
}

/// How many callbacks of a source stand somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    pub source: String,
    pub state: State,
    pub callbacks: i64,
    /// Since when the oldest of them does.
    pub oldest: Timestamp,
}

const COLUMNS: &str = "partition, clue_id, version, source, source_id, step, state, attempts, since, due_at, body, reason, status, link";
const COLUMN_COUNT: usize = 14;

type Row = (
    i32,
    Uuid,
    i32,
    String,
    String,
    String,
    String,
    i32,
    At,
    At,
    Option<String>,
    Option<String>,
    Option<i32>,
    String,
);

impl Listed {
    pub fn id(&self) -> CallbackId {
        self.callback.id()
    }

    fn of(row: Row) -> Result<Self> {
        let (
            partition,
            clue,
            version,
            source,
            source_id,
            step,
            state,
            attempts,
            since,
            due_at,
            body,
            reason,
            status,
            link,
        ) = row;
        let source = named(&source)?;
        Ok(Self {
            partition: partition as u32,
            callback: Callback {
                clue: ClueId(clue),
                version: version as u32,
                source,
                link: (!link.is_empty()).then(|| source_id.clone()),
            },
            source_id,
            step,
            state: State::parse(&state)?,
            attempts: attempts as u32,
            since: since.0,
            due_at: due_at.0,
            body,
            reason,
            status: status.map(|status| status as u16),
        })
    }
}

fn rows(rows: Vec<Row>) -> Result<Vec<Listed>> {
    rows.into_iter().map(Listed::of).collect()
}

/// Writes callbacks that are new, or changed.
pub(crate) async fn upsert(mut connection: Connection<'_>, callbacks: &[Listed]) -> Result<()> {
    let head = format!("INSERT INTO delivery_callback ({COLUMNS}) VALUES");
    let tail = "ON CONFLICT (partition, clue_id, version, link) DO UPDATE SET state = excluded.state,
        since = excluded.since, attempts = excluded.attempts, due_at = excluded.due_at, body = excluded.body, reason = excluded.reason,
        status = excluded.status";
    for chunk in bulk::chunks(callbacks) {
        let text = AssertSqlSafe(bulk::numbered(&head, COLUMN_COUNT, chunk.len(), tail));
        let written = sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for it in chunk {
                query = query
                    .bind(it.partition as i32)
                    .bind(it.callback.clue.0)
                    .bind(it.callback.version as i32)
                    .bind(it.callback.source.to_string())
                    .bind(it.source_id.clone())
                    .bind(it.step.clone())
                    .bind(it.state.as_str())
                    .bind(it.attempts as i32)
                    .bind(At(it.since))
                    .bind(At(it.due_at))
                    .bind(it.body.clone())
                    .bind(it.reason.clone())
                    .bind(it.status.map(i32::from))
                    .bind(link(&it.callback.id()));
            }
            query.execute(c).await.map(|done| done.rows_affected())
        })?;
        if written != chunk.len() as u64 {
            return Err(Error::RowCount {
                what: "callbacks",
                expected: chunk.len() as u64,
                written,
            });
        }
    }
    Ok(())
}

/// Those of the partition's callbacks that are there.
pub(crate) async fn load(
    mut connection: Connection<'_>,
    partition: u32,
    ids: &[CallbackId],
) -> Result<Vec<Listed>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in bulk::chunks(ids) {
        let head = format!(
            "SELECT {COLUMNS} FROM delivery_callback WHERE partition = {partition} AND (clue_id, version, link) IN (VALUES"
        );
        let text = AssertSqlSafe(bulk::numbered(&head, 3, chunk.len(), ")"));
        found.extend(rows(sql!(connection.reborrow(), c => {
            let mut query = sqlx::query_as(text);
            for id in chunk {
                query = query.bind(id.clue.0).bind(id.version as i32).bind(link(id));
            }
            query.fetch_all(c).await
        })?)?);
    }
    Ok(found)
}

pub async fn get(connection: Connection<'_>, partition: u32, id: CallbackId) -> Result<Option<Listed>> {
    Ok(load(connection, partition, &[id]).await?.pop())
}

/// Of each clue of the source in these lanes the callback that is next, if its time has come; the longest due first.
pub(crate) async fn heads(
    connection: Connection<'_>,
    lanes: &[u32],
    source: &SourceId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Listed>> {
    let lanes = lanes.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delivery_callback c
         WHERE partition IN ({lanes}) AND source = $1 AND state = 'pending' AND due_at <= $2 AND NOT EXISTS (
             SELECT 1 FROM delivery_callback b WHERE b.partition = c.partition AND b.clue_id = c.clue_id
                 AND b.link = c.link AND b.version < c.version AND b.state = 'pending')
         ORDER BY due_at LIMIT {limit}"
    ));
    rows(
        sql!(connection, c => sqlx::query_as(text).bind(source.to_string()).bind(At(now)).fetch_all(c).await)?,
    )
}

/// The newest callbacks, of one source and in one state where that is asked for.
pub async fn listed(
    connection: Connection<'_>,
    source: Option<&str>,
    state: Option<State>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delivery_callback WHERE ($1 = '' OR source = $1) AND ($2 = '' OR state = $2)
         ORDER BY since DESC, clue_id, version DESC LIMIT {limit}"
    ));
    let (source, state) = (source.unwrap_or_default(), state.map_or("", State::as_str));
    rows(sql!(connection, c => sqlx::query_as(text).bind(source.to_owned()).bind(state).fetch_all(c).await)?)
}

/// Every dead letter, of one source where that is asked for.
pub async fn failed(connection: Connection<'_>, source: Option<&str>) -> Result<Vec<Listed>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delivery_callback WHERE state = 'failed' AND ($1 = '' OR source = $1)
         ORDER BY clue_id, version"
    ));
    rows(
        sql!(connection, c => sqlx::query_as(text).bind(source.unwrap_or_default().to_owned()).fetch_all(c).await)?,
    )
}

/// By source and state.
pub async fn totals(connection: Connection<'_>) -> Result<Vec<Total>> {
    let found: Vec<(String, String, i64, At)> = sql!(connection, c => sqlx::query_as(
        "SELECT source, state, count(*), min(since) FROM delivery_callback GROUP BY source, state ORDER BY source, state"
    ).fetch_all(c).await)?;
    let total = |(source, state, callbacks, oldest): (String, String, i64, At)| {
        Ok(Total {
            source,
            state: State::parse(&state)?,
            callbacks,
            oldest: oldest.0,
        })
    };
    found.into_iter().map(total).collect()
}

/// Everything of the partition but the bodies, for comparing.
pub(crate) async fn of_partition(
    connection: Connection<'_>,
    partition: u32,
) -> Result<Vec<(CallbackId, String, State)>> {
    let found: Vec<(Uuid, i32, String, String, String, String)> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, version, source, source_id, link, state FROM delivery_callback WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    let row = |(clue, version, source, id, link, state): (Uuid, i32, String, String, String, String)| {
        let link = (!link.is_empty()).then(|| named(&source).map(|source| Link { source, id }));
        let id = CallbackId {
            clue: ClueId(clue),
            version: version as u32,
            link: link.transpose()?,
        };
        Ok((id, source, State::parse(&state)?))
    };
    found.into_iter().map(row).collect()
}

/// What stands in the column; empty for the record that was read first.
fn link(id: &CallbackId) -> String {
    id.link.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn named(source: &str) -> Result<SourceId> {
    SourceId::new(source).map_err(|error| Error::Corrupt {
        what: "source of a callback",
        detail: error.to_string(),
    })
}
