//! Which rulebook holds where, since when and for which clues; and who asked for that.
//!
//! The rows of a partition are lifecycle's, written with the event that they repeat. The requests are the installation's: the row
//! is the arbiter between two who ask at once.

use bihuan_domain::time::Timestamp;

use crate::error::check_rows;
use crate::{At, Connection, Result, sql};

/// An activation as one partition journalled it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// From this sequence of the clue journal on.
    pub sequence: i64,
    pub version: String,
    /// For clues that were reported from then on; `None`: for all.
    pub from: Option<Timestamp>,
    /// Its [`Request`]; `None`: journalled before they were counted.
    pub number: Option<u32>,
    /// From this sequence on it is none.
    pub withdrawn: Option<i64>,
}

impl Activation {
    /// The place of one that was withdrawn before the partition had it: whatever of it comes later is known by that.
    pub const fn never(number: u32, version: String, sequence: i64) -> Self {
        Self {
            sequence,
            version,
            from: None,
            number: Some(number),
            withdrawn: Some(sequence),
        }
    }

    /// Whether it was an activation at any time.
    pub fn ever(&self) -> bool {
        self.withdrawn.is_none_or(|withdrawn| withdrawn > self.sequence)
    }
}

/// An activation as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// From 1, in the order of asking.
    pub number: u32,
    pub version: String,
    pub from: Option<Timestamp>,
    pub asked_at: Timestamp,
    pub by: String,
    pub why: String,
    /// JSON.
    pub backtest: Option<String>,
    pub withdrawal: Option<Withdrawal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    pub at: Timestamp,
    pub by: String,
    pub why: String,
}

#[derive(sqlx::FromRow)]
struct ActivationRow {
    sequence: i64,
    version: String,
    effective_from: Option<At>,
    activation: Option<i32>,
    withdrawn: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    activation: i32,
    version: String,
    effective_from: Option<At>,
    asked_at: At,
    asked_by: String,
    why: String,
    backtest: Option<String>,
    withdrawn_at: Option<At>,
    withdrawn_by: Option<String>,
    withdrawn_why: Option<String>,
}

impl From<RequestRow> for Request {
    fn from(row: RequestRow) -> Self {
        Self {
            number: row.activation as u32,
            version: row.version,
            from: row.effective_from.map(|at| at.0),
            asked_at: row.asked_at.0,
            by: row.asked_by,
            why: row.why,
            backtest: row.backtest,
            withdrawal: row.withdrawn_at.map(|at| Withdrawal {
                at: at.0,
                by: row.withdrawn_by.unwrap_or_default(),
                why: row.withdrawn_why.unwrap_or_default(),
            }),
        }
    }
}

/// What the partition journalled, oldest first.
pub async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<Vec<Activation>> {
    let rows: Vec<ActivationRow> = sql!(connection, c => sqlx::query_as(
        "SELECT sequence, version, effective_from, activation, withdrawn FROM rulebook_activation
         WHERE partition = $1 ORDER BY sequence"
    ).bind(partition as i32).fetch_all(c).await)?;
    let activation = |row: ActivationRow| Activation {
        sequence: row.sequence,
        version: row.version,
        from: row.effective_from.map(|at| at.0),
        number: row.activation.map(|number| number as u32),
        withdrawn: row.withdrawn,
    };
    Ok(rows.into_iter().map(activation).collect())
}

/// The rulebook that holds for a clue reported at `now`, by what any partition journalled. Sequences of different partitions say
/// nothing about each other: the journal's times do.
pub async fn active(connection: Connection<'_>, now: Timestamp) -> Result<Option<String>> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT a.version FROM rulebook_activation a
         LEFT JOIN clue_event e ON e.partition = a.partition AND e.sequence = a.sequence
         WHERE a.withdrawn IS NULL AND (a.effective_from IS NULL OR a.effective_from <= $1)
         ORDER BY a.effective_from DESC NULLS LAST, e.at DESC NULLS LAST, a.sequence DESC, a.partition LIMIT 1"
    ).bind(At(now)).fetch_optional(c).await)?)
}

/// When the partition's newest activation was, by its journal.
pub async fn activated_at(connection: Connection<'_>, partition: u32) -> Result<Option<Timestamp>> {
    let at: Option<At> = sql!(connection, c => sqlx::query_scalar(
        "SELECT e.at FROM rulebook_activation a
         JOIN clue_event e ON e.partition = a.partition AND e.sequence = a.sequence
         WHERE a.partition = $1 ORDER BY a.sequence DESC LIMIT 1"
    ).bind(partition as i32).fetch_optional(c).await)?;
    Ok(at.map(|at| at.0))
}

/// Lifecycle's, within the transaction that journals the activation.
pub async fn insert(connection: Connection<'_>, partition: u32, activation: &Activation) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO rulebook_activation (partition, sequence, version, effective_from, activation, withdrawn)
         VALUES ($1, $2, $3, $4, $5, $6)"
    )
    .bind(partition as i32).bind(activation.sequence).bind(&activation.version).bind(activation.from.map(At))
    .bind(activation.number.map(|number| number as i32)).bind(activation.withdrawn)
    .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The same of its withdrawal, journalled at `sequence`.
pub async fn withdraw(connection: Connection<'_>, partition: u32, number: u32, sequence: i64) -> Result<()> {
    let written = sql!(connection, c => sqlx::query(
        "UPDATE rulebook_activation SET withdrawn = $3 WHERE partition = $1 AND activation = $2 AND withdrawn IS NULL"
    ).bind(partition as i32).bind(number as i32).bind(sequence).execute(c).await.map(|done| done.rows_affected()))?;
    check_rows("withdrawn activations", 1, written)
}

/// What was ever asked for, oldest first.
pub async fn requests(connection: Connection<'_>) -> Result<Vec<Request>> {
    let rows: Vec<RequestRow> = sql!(connection, c => sqlx::query_as(
        "SELECT activation, version, effective_from, asked_at, asked_by, why, backtest, withdrawn_at, withdrawn_by, withdrawn_why
         FROM activation_request ORDER BY activation"
    ).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Request::from).collect())
}

/// Asks for an activation. `false`: somebody else has its number, and nothing was written.
pub async fn request(connection: Connection<'_>, request: &Request) -> Result<bool> {
    let written = sql!(connection, c => sqlx::query(
        "INSERT INTO activation_request (activation, version, effective_from, asked_at, asked_by, why, backtest)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (activation) DO NOTHING"
    )
    .bind(request.number as i32).bind(&request.version).bind(request.from.map(At)).bind(At(request.asked_at))
    .bind(&request.by).bind(&request.why).bind(&request.backtest)
    .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(written == 1)
}

/// Asks for its withdrawal. `false`: that was asked before, and nothing was written.
pub async fn request_withdrawal(
    connection: Connection<'_>,
    number: u32,
    withdrawal: &Withdrawal,
) -> Result<bool> {
    let written = sql!(connection, c => sqlx::query(
        "UPDATE activation_request SET withdrawn_at = $2, withdrawn_by = $3, withdrawn_why = $4
         WHERE activation = $1 AND withdrawn_at IS NULL"
    )
    .bind(number as i32).bind(At(withdrawal.at)).bind(&withdrawal.by).bind(&withdrawal.why)
    .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(written == 1)
}

/// Up to which sequence what waits in triage was offered, since the activation that the partition journalled at `activated`.
pub async fn offered(connection: Connection<'_>, partition: u32, activated: i64) -> Result<i64> {
    let through: Option<i64> = sql!(connection, c => sqlx::query_scalar(
        "SELECT through FROM activation_offer WHERE partition = $1 AND activated = $2"
    ).bind(partition as i32).bind(activated).fetch_optional(c).await)?;
    Ok(through.unwrap_or(0))
}

/// Never goes back: of two who look at once one may be behind.
pub async fn set_offered(
    connection: Connection<'_>,
    partition: u32,
    activated: i64,
    through: i64,
) -> Result<()> {
    sql!(connection, c => sqlx::query(
        "INSERT INTO activation_offer (partition, activated, through) VALUES ($1, $2, $3)
         ON CONFLICT (partition, activated) DO UPDATE SET through = excluded.through
         WHERE activation_offer.through < excluded.through"
    ).bind(partition as i32).bind(activated).bind(through).execute(c).await.map(|_| ()))?;
    Ok(())
}
