//! What reconciliations came to, so that they can be looked at: the SQL of `monitor_reconciliation`.

use bihuan_domain::code::SourceId;
use bihuan_domain::time::{Timestamp, rfc3339};
use bihuan_store::{At, Connection, Error, Store, sql};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;

use super::{Cause, Reconciliation, Row, Summary};
use crate::Result;

/// No file matches, or none that is new.
pub const MANIFEST_MISSING: &str = "manifest_missing";
/// It is not known how the list is read.
pub const MAPPING_MISSING: &str = "mapping_missing";
/// The name of the run that a person made.
pub const BY_HAND: &str = "by_hand";
/// As many differences of a run are kept; the command writes all of them.
pub const KEPT: usize = 10_000;
/// After so long a claim that came to nothing belongs to a process that is gone.
const STALE_MINUTES: i64 = 60;

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Agrees,
    Differs,
    /// The list could not be read.
    Failed,
}

/// Why a list could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unread {
    /// Stable: `manifest_missing`, `manifest_unreadable`, `mapping_missing`.
    pub code: String,
    pub words_zh: String,
    pub words_en: String,
    /// When the list was made that could not be read, or that was reconciled before, RFC 3339.
    #[serde(default)]
    #[schema(required)]
    pub list: Option<String>,
}

/// A run that came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Run {
    pub source: String,
    /// The civil day of a daily run, or `by_hand`.
    pub run: String,
    /// RFC 3339.
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String)]
    pub started_at: Timestamp,
    #[serde(serialize_with = "rfc3339")]
    #[schema(value_type = String)]
    pub finished_at: Timestamp,
    pub outcome: Outcome,
    /// Of a failed run.
    #[schema(required)]
    pub problem: Option<Unread>,
    /// Of any other.
    #[schema(required)]
    pub summary: Option<Summary>,
}

/// The newest daily run of a source, as far as it says whether another is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Daily {
    pub(super) run: String,
    pub(super) started_at: Timestamp,
    pub(super) is_running: bool,
    /// Why it failed.
    pub(super) code: Option<String>,
    /// When the list that it is about was made.
    pub(super) list: Option<Timestamp>,
}

/// The right to make one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    source: SourceId,
    run: String,
    started_at: Timestamp,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Failed => "failed",
        }
    }

    fn of(done: Result<&Reconciliation, &Unread>) -> Self {
        match done {
            Ok(done) if done.summary.agrees() => Self::Agrees,
            Ok(_) => Self::Differs,
            Err(_) => Self::Failed,
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Agrees, Self::Differs, Self::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// Claims a run; `None`: somebody else has made it, or is about to. `over`: when the run began that came to its end and is to be
/// made again.
pub async fn claim(
    store: &Store,
    source: &SourceId,
    run: &str,
    over: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Claim>> {
    let over = over.map(At);
    if is_taken(store, source, run, over, now).await? {
        return Ok(None);
    }
    let mut tx = store.begin().await?;
    let claimed = sql!(tx.conn(), c => sqlx::query(
        "INSERT INTO monitor_reconciliation (source, run, started_at, outcome) VALUES ($1, $2, $3, 'running')
         ON CONFLICT (source, run) DO UPDATE SET started_at = excluded.started_at, outcome = 'running'
         WHERE (monitor_reconciliation.outcome = 'running' AND monitor_reconciliation.started_at < $4)
            OR (monitor_reconciliation.outcome <> 'running' AND monitor_reconciliation.started_at = $5)"
    ).bind(source.as_str()).bind(run).bind(At(now)).bind(At(stale(now))).bind(over)
    .execute(c).await.map(|done| done.rows_affected()))?;
    tx.commit().await?;
    Ok((claimed == 1).then(|| Claim {
        source: source.clone(),
        run: run.to_owned(),
        started_at: now,
    }))
}

const fn stale(now: Timestamp) -> Timestamp {
    now.plus_minutes(-STALE_MINUTES)
}

/// Looks without writing: most of the day nobody has anything to do.
async fn is_taken(
    store: &Store,
    source: &SourceId,
    run: &str,
    over: Option<At>,
    now: Timestamp,
) -> Result<bool> {
    let mut reader = store.read().await?;
    let taken: i64 = sql!(reader.conn(), c => sqlx::query_scalar(
        "SELECT count(*) FROM monitor_reconciliation
         WHERE source = $1 AND run = $2
           AND ((outcome <> 'running' AND (started_at = $4) IS NOT TRUE) OR (outcome = 'running' AND started_at >= $3))"
    ).bind(source.as_str()).bind(run).bind(At(stale(now))).bind(over).fetch_one(c).await)?;
    Ok(taken > 0)
}

/// Records what the run came to; whether the claim still held. Of the source's other runs the differences one by one go.
pub async fn finish(
    store: &Store,
    claim: &Claim,
    done: Result<&Reconciliation, &Unread>,
    now: Timestamp,
) -> Result<bool> {
    let (source, run) = (claim.source.as_str(), claim.run.as_str());
    let problem = done.as_ref().err().map(written).transpose()?;
    let summary = done
        .as_ref()
        .ok()
        .map(|done| written(&done.summary))
        .transpose()?;
    let rows = done
        .as_ref()
        .ok()
        .map(|done| &done.rows[..done.rows.len().min(KEPT)]);
    let differing = rows.map(|rows| written(&rows)).transpose()?;
    let mut tx = store.begin().await?;
    let held = sql!(tx.conn(), c => sqlx::query(
        "UPDATE monitor_reconciliation SET finished_at = $4, outcome = $5, problem = $6, summary = $7, differing = $8
         WHERE source = $1 AND run = $2 AND started_at = $3 AND outcome = 'running'"
    ).bind(source).bind(run).bind(At(claim.started_at)).bind(At(now)).bind(Outcome::of(done).as_str())
    .bind(problem).bind(summary).bind(differing)
    .execute(c).await.map(|done| done.rows_affected()))?;
    if held == 1 {
        sql!(tx.conn(), c => sqlx::query(
            "UPDATE monitor_reconciliation SET differing = NULL WHERE source = $1 AND run <> $2 AND differing IS NOT NULL"
        ).bind(source).bind(run).execute(c).await.map(|_| ()))?;
    }
    tx.commit().await?;
    Ok(held == 1)
}

/// Gives a claim back, so that the run is tried again.
pub async fn release(store: &Store, claim: &Claim) -> Result<()> {
    let mut tx = store.begin().await?;
    sql!(tx.conn(), c => sqlx::query(
        "DELETE FROM monitor_reconciliation WHERE source = $1 AND run = $2 AND started_at = $3 AND outcome = 'running'"
    ).bind(claim.source.as_str()).bind(claim.run.as_str()).bind(At(claim.started_at)).execute(c).await.map(|_| ()))?;
    Ok(tx.commit().await?)
}

/// Keeps what a person's run came to, in place of the one before.
pub async fn by_hand(store: &Store, source: &SourceId, done: &Reconciliation, now: Timestamp) -> Result<()> {
    let mut tx = store.begin().await?;
    sql!(tx.conn(), c => sqlx::query("DELETE FROM monitor_reconciliation WHERE source = $1 AND run = $2")
        .bind(source.as_str()).bind(BY_HAND).execute(c).await.map(|_| ()))?;
    tx.commit().await?;
    if let Some(claim) = claim(store, source, BY_HAND, None, now).await? {
        finish(store, &claim, Ok(done), now).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Stored {
    source: String,
    run: String,
    started_at: At,
    finished_at: Option<At>,
    outcome: String,
    problem: Option<String>,
    summary: Option<String>,
}

const COLUMNS: &str = "source, run, started_at, finished_at, outcome, problem, summary";
const NEWEST: &str = "outcome <> 'running' AND NOT EXISTS (SELECT 1 FROM monitor_reconciliation n
    WHERE n.source = m.source AND n.outcome <> 'running' AND (n.started_at, n.run) > (m.started_at, m.run))";

/// The newest daily run of a source, under way or done.
pub(super) async fn daily(store: &Store, source: &SourceId) -> Result<Option<Daily>> {
    let mut reader = store.read().await?;
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_reconciliation WHERE source = $1 AND run <> $2 ORDER BY run DESC LIMIT 1"
    ));
    let found: Option<Stored> = sql!(reader.conn(), c => sqlx::query_as(text)
        .bind(source.as_str()).bind(BY_HAND).fetch_optional(c).await)?;
    found.map(Daily::of).transpose()
}

impl Daily {
    fn of(row: Stored) -> Result<Self> {
        let is_running = row.outcome == "running";
        // of a run that is made again what it came to before does not count
        let problem: Option<Unread> = parsed(row.problem.filter(|_| !is_running))?;
        let summary: Option<Summary> = parsed(row.summary.filter(|_| !is_running))?;
        let list = problem.as_ref().and_then(|it| it.list.clone());
        let list = list.or_else(|| summary.map(|it| it.made_at));
        Ok(Self {
            run: row.run,
            started_at: row.started_at.0,
            is_running,
            code: problem.map(|it| it.code),
            list: list.and_then(|list| list.parse().ok()),
        })
    }
}

/// The newest run of each source that came to its end, by source.
pub async fn newest(store: &Store) -> Result<Vec<Run>> {
    let mut reader = store.read().await?;
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_reconciliation m WHERE {NEWEST} ORDER BY source"
    ));
    let found: Vec<Stored> = sql!(reader.conn(), c => sqlx::query_as(text).fetch_all(c).await)?;
    found.into_iter().map(Run::of).collect()
}

/// The newest run of one source, with what differed.
pub async fn of_source(store: &Store, source: &str) -> Result<Option<(Run, Vec<Row>)>> {
    let mut reader = store.read().await?;
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_reconciliation m WHERE source = $1 AND {NEWEST}"
    ));
    let found: Option<Stored> =
        sql!(reader.conn(), c => sqlx::query_as(text).bind(source).fetch_optional(c).await)?;
    let Some(found) = found else { return Ok(None) };
    let rows = differing(reader.conn(), &found).await?;
    Ok(Some((Run::of(found)?, rows)))
}

async fn differing(connection: Connection<'_>, run: &Stored) -> Result<Vec<Row>> {
    let text: Option<Option<String>> = sql!(connection, c => sqlx::query_scalar(
        "SELECT differing FROM monitor_reconciliation WHERE source = $1 AND run = $2"
    ).bind(&run.source).bind(&run.run).fetch_optional(c).await)?;
    Ok(parsed(text.flatten())?.unwrap_or_default())
}

impl Run {
    /// How many differences have this cause; `None`: the list could not be read.
    pub fn differences(&self, cause: Cause) -> Option<u64> {
        let groups = self.summary.as_ref()?.groups.iter();
        Some(
            groups
                .filter(|group| group.cause == cause)
                .map(|group| group.count)
                .sum(),
        )
    }

    fn of(row: Stored) -> Result<Self> {
        let outcome = Outcome::parse(&row.outcome).ok_or_else(|| corrupt(&row.outcome))?;
        Ok(Self {
            source: row.source,
            run: row.run,
            started_at: row.started_at.0,
            finished_at: row.finished_at.unwrap_or(row.started_at).0,
            outcome,
            problem: parsed(row.problem)?,
            summary: parsed(row.summary)?,
        })
    }
}

fn corrupt(detail: &dyn std::fmt::Display) -> crate::Error {
    let what = "reconciliation";
    Error::Corrupt {
        what,
        detail: detail.to_string(),
    }
    .into()
}

fn written<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| corrupt(&error))
}

fn parsed<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>> {
    let value = text.map(|text| serde_json::from_str(&text)).transpose();
    value.map_err(|error| corrupt(&error))
}
