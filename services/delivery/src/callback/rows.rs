//! The SQL of callbacks. A row is written by the holder of its lane alone.

use bihuan_contracts::delivery::{Callback, CallbackId, Link};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Error, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub use bihuan_contracts::delivery::Standing as State;

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
    /// Of the last attempt that failed, or how else it was settled; a code.
    pub reason: Option<String>,
    /// Of HTTP, in the last answer.
    pub status: Option<u16>,
    /// Of its clue's pending ones, the next.
    pub turn: bool,
    /// When it was written down that the receiver has it, or that it was given up.
    pub settled_at: Option<Timestamp>,
    /// When the source's own record said what it was told.
    pub confirmed_at: Option<Timestamp>,
}

const COLUMNS: &str = "partition, clue_id, version, source, source_id, step, state, attempts, since, due_at, body, reason, status, link, turn, settled_at, confirmed_at";
const COLUMN_COUNT: usize = 17;

#[derive(sqlx::FromRow)]
struct Row {
    partition: i32,
    clue_id: Uuid,
    version: i32,
    source: String,
    source_id: String,
    step: String,
    state: String,
    attempts: i32,
    since: At,
    due_at: At,
    body: Option<String>,
    reason: Option<String>,
    status: Option<i32>,
    link: String,
    turn: i32,
    settled_at: Option<At>,
    confirmed_at: Option<At>,
}

impl Listed {
    pub fn id(&self) -> CallbackId {
        self.callback.id()
    }

    fn of(row: Row) -> Result<Self> {
        Ok(Self {
            partition: row.partition as u32,
            callback: Callback {
                clue: ClueId(row.clue_id),
                version: row.version as u32,
                source: named(&row.source)?,
                link: (!row.link.is_empty()).then(|| row.source_id.clone()),
            },
            source_id: row.source_id,
            step: row.step,
            state: state(&row.state)?,
            attempts: row.attempts as u32,
            since: row.since.0,
            due_at: row.due_at.0,
            body: row.body,
            reason: row.reason,
            status: row.status.map(|status| status as u16),
            turn: row.turn != 0,
            settled_at: row.settled_at.map(|At(at)| at),
            confirmed_at: row.confirmed_at.map(|At(at)| at),
        })
    }
}

fn state(word: &str) -> Result<State> {
    State::parse(word).ok_or_else(|| Error::Corrupt {
        what: "state of a callback",
        detail: word.to_owned(),
    })
}

fn rows(rows: Vec<Row>) -> Result<Vec<Listed>> {
    rows.into_iter().map(Listed::of).collect()
}

/// Writes callbacks that are new, or changed.
pub(crate) async fn upsert(mut connection: Connection<'_>, callbacks: &[Listed]) -> Result<()> {
    let head = format!("INSERT INTO delivery_callback ({COLUMNS}) VALUES");
    let tail = "ON CONFLICT (partition, clue_id, version, link) DO UPDATE SET state = excluded.state,
        since = excluded.since, attempts = excluded.attempts, due_at = excluded.due_at, body = excluded.body, reason = excluded.reason,
        status = excluded.status, turn = excluded.turn, settled_at = excluded.settled_at, confirmed_at = excluded.confirmed_at";
    let is_sqlite = matches!(connection, Connection::Sqlite(_));
    for chunk in bulk::chunks(callbacks) {
        let statement = if is_sqlite {
            bulk::statement
        } else {
            bulk::numbered
        };
        let text = AssertSqlSafe(statement(&head, COLUMN_COUNT, chunk.len(), tail));
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
                    .bind(link(&it.callback.id()))
                    .bind(i32::from(it.turn))
                    .bind(it.settled_at.map(At))
                    .bind(it.confirmed_at.map(At));
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

/// All callbacks of these clues of the partition.
pub(crate) async fn of_clues(
    mut connection: Connection<'_>,
    partition: u32,
    clues: &[ClueId],
) -> Result<Vec<Listed>> {
    let mut found = Vec::new();
    for chunk in bulk::chunks(clues) {
        let head = format!(
            "SELECT {COLUMNS} FROM delivery_callback WHERE partition = {partition} AND clue_id IN (VALUES"
        );
        let text = AssertSqlSafe(bulk::numbered(&head, 1, chunk.len(), ")"));
        found.extend(rows(sql!(connection.reborrow(), c => {
            let mut query = sqlx::query_as(text);
            for clue in chunk {
                query = query.bind(clue.0);
            }
            query.fetch_all(c).await
        })?)?);
    }
    Ok(found)
}

pub async fn get(connection: Connection<'_>, partition: u32, id: CallbackId) -> Result<Option<Listed>> {
    let all = of_clues(connection, partition, &[id.clue]).await?;
    Ok(all.into_iter().find(|it| it.id() == id))
}

/// Of each clue in these lanes the callback that is next, if its time has come: of these steps of the source, lane by lane, those
/// that have been due longest first.
pub(crate) async fn heads(
    connection: Connection<'_>,
    lanes: &[u32],
    source: &SourceId,
    steps: &[&'static str],
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Listed>> {
    if lanes.is_empty() || steps.is_empty() {
        return Ok(Vec::new());
    }
    let lanes = lanes.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
    // without an order the index is read until there are enough, and nothing is sorted
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM delivery_callback WHERE partition IN ({lanes}) AND source = $1 AND step IN ('{}')
             AND state = 'pending' AND turn = 1 AND due_at <= $2 LIMIT {limit}",
        steps.join("','")
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

/// A dead letter, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    pub partition: u32,
    pub id: CallbackId,
}

/// Dead letters in their order, of one source where that is asked for, from behind `after` on.
pub async fn failed(
    connection: Connection<'_>,
    source: Option<&str>,
    after: Option<&DeadLetter>,
    limit: u32,
) -> Result<Vec<DeadLetter>> {
    let text = AssertSqlSafe(format!(
        "SELECT partition, clue_id, version, source, source_id, link FROM delivery_callback
         WHERE state = 'failed' AND ($1 = '' OR source = $1) AND (partition, clue_id, version, link) > ($2, $3, $4, $5)
         ORDER BY partition, clue_id, version, link LIMIT {limit}"
    ));
    let source = source.unwrap_or_default().to_owned();
    let partition = after.map_or(-1, |it| it.partition as i32);
    let clue = after.map_or(Uuid::nil(), |it| it.id.clue.0);
    let (version, behind) = after.map_or((0, String::new()), |it| (it.id.version as i32, link(&it.id)));
    let found: Vec<(i32, Uuid, i32, String, String, String)> = sql!(connection, c => sqlx::query_as(text)
        .bind(source).bind(partition).bind(clue).bind(version).bind(behind).fetch_all(c).await)?;
    let letter =
        |(partition, clue, version, source, source_id, link): (i32, Uuid, i32, String, String, String)| {
            Ok(DeadLetter {
                partition: partition as u32,
                id: id(clue, version, &source, source_id, &link)?,
            })
        };
    found.into_iter().map(letter).collect()
}

/// Since when the oldest pending callback of the source has been due.
pub async fn oldest(connection: Connection<'_>, source: &str) -> Result<Option<Timestamp>> {
    let found: Option<At> = sql!(connection, c => sqlx::query_scalar(
        "SELECT min(since) FROM delivery_callback WHERE state = 'pending' AND source = $1"
    ).bind(source.to_owned()).fetch_one(c).await)?;
    Ok(found.map(|At(at)| at))
}

/// What is compared with the journal.
pub(crate) struct Stands {
    pub(crate) id: CallbackId,
    pub(crate) source: String,
    pub(crate) state: State,
    pub(crate) turn: bool,
}

/// Everything of the partition but the bodies, each clue's in their order.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<Vec<Stands>> {
    let found: Vec<(Uuid, i32, String, String, String, String, i32)> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, version, source, source_id, link, state, turn FROM delivery_callback WHERE partition = $1
         ORDER BY clue_id, version, link"
    ).bind(partition as i32).fetch_all(c).await)?;
    let mut stand = Vec::with_capacity(found.len());
    for (clue, version, source, source_id, link, word, turn) in found {
        stand.push(Stands {
            id: id(clue, version, &source, source_id, &link)?,
            state: state(&word)?,
            turn: turn != 0,
            source,
        });
    }
    Ok(stand)
}

fn id(clue: Uuid, version: i32, source: &str, source_id: String, link: &str) -> Result<CallbackId> {
    let link = (!link.is_empty()).then(|| {
        named(source).map(|source| Link {
            source,
            id: source_id,
        })
    });
    Ok(CallbackId {
        clue: ClueId(clue),
        version: version as u32,
        link: link.transpose()?,
    })
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
