//! The rows of feedback that came before its clue was dispatched.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::feedback;
use bihuan_domain::clue::Envelope;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, Store, sql};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A row of `lifecycle_parked`.
#[derive(Clone, Debug)]
pub(crate) struct ParkedRow {
    pub(crate) partition: u32,
    /// Of the event that says so.
    pub(crate) sequence: i64,
    pub(crate) clue: ClueId,
    pub(crate) parked_at: Timestamp,
    /// Encoded.
    pub(crate) command: Vec<u8>,
}

type Row = (i32, i64, Uuid, At, Vec<u8>);

impl ParkedRow {
    fn of((partition, sequence, clue, At(parked_at), command): Row) -> Self {
        Self {
            partition: partition as u32,
            sequence,
            clue: ClueId(clue),
            parked_at,
            command,
        }
    }

    pub(crate) fn digest(&self) -> Digest {
        Digest::of([self.command.as_slice()])
    }

    /// `None`: written by a newer program, or not by us.
    pub(crate) fn envelope(&self) -> Option<Envelope> {
        match command::decode(&self.command) {
            Ok(ClueCommand::Clue(envelope) | ClueCommand::Feedback(envelope)) => Some(envelope),
            Ok(
                ClueCommand::ActivateRulebook(_)
                | ClueCommand::WithdrawRulebook(_)
                | ClueCommand::DiscardParked(_),
            )
            | Err(_) => None,
        }
    }
}

/// Every row of the partition, in the order in which they came.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<Vec<ParkedRow>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, sequence, clue_id, parked_at, command FROM lifecycle_parked
         WHERE partition = $1 ORDER BY sequence"
    ).bind(partition as i32).fetch_all(c).await)?;
    Ok(rows.into_iter().map(ParkedRow::of).collect())
}

pub(crate) async fn insert(mut connection: Connection<'_>, rows: &[ParkedRow]) -> Result<()> {
    for row in rows {
        sql!(connection.reborrow(), c => sqlx::query(
            "INSERT INTO lifecycle_parked (partition, sequence, clue_id, parked_at, command) VALUES ($1, $2, $3, $4, $5)"
        ).bind(row.partition as i32).bind(row.sequence).bind(row.clue.0).bind(At(row.parked_at)).bind(row.command.as_slice())
            .execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// What was decided waits no more. (partition, sequence)
pub(crate) async fn delete(mut connection: Connection<'_>, released: &[(u32, i64)]) -> Result<()> {
    for (partition, sequence) in released {
        let gone: u64 = sql!(connection.reborrow(), c => sqlx::query(
            "DELETE FROM lifecycle_parked WHERE partition = $1 AND sequence = $2"
        ).bind(*partition as i32).bind(*sequence).execute(c).await.map(|done| done.rows_affected()))?;
        if gone != 1 {
            return Err(bihuan_store::Error::RowCount {
                what: "parked feedback",
                expected: 1,
                written: gone,
            });
        }
    }
    Ok(())
}

/// Whether this command waits for its clue.
pub async fn holds(
    connection: Connection<'_>,
    partition: u32,
    clue: ClueId,
    command: CommandId,
) -> Result<bool> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, sequence, clue_id, parked_at, command FROM lifecycle_parked
         WHERE partition = $1 AND clue_id = $2"
    ).bind(partition as i32).bind(clue.0).fetch_all(c).await)?;
    let mut waiting = rows.into_iter().filter_map(|row| ParkedRow::of(row).envelope());
    Ok(waiting.any(|envelope| envelope.id == command))
}

/// The feedback that waits for its clue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Waiting {
    pub total: i64,
    /// Of these, parked more than a day ago: somebody should look whether the clue will ever come.
    pub older_than_a_day: i64,
    /// The oldest of them.
    pub oldest: Vec<Parked>,
}

/// A command that waits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Parked {
    #[schema(value_type = String, format = "uuid")]
    pub clue_id: ClueId,
    pub command_id: String,
    /// What it asks for.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Who says it.
    #[schema(required)]
    pub agency: Option<String>,
    /// By which platform.
    #[schema(required)]
    pub source: Option<String>,
    /// RFC 3339.
    pub parked_at: String,
}

/// How many are listed.
const LISTED: i64 = 100;

/// What waits now.
pub async fn waiting(store: &Store, now: Timestamp) -> Result<Waiting> {
    let mut reader = store.snapshot().await?;
    let (total, older_than_a_day): (i64, i64) = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT count(*), COALESCE(sum(CASE WHEN parked_at < $1 THEN 1 ELSE 0 END), 0) FROM lifecycle_parked"
    ).bind(At(now.plus_days(-1))).fetch_one(c).await)?;
    let rows: Vec<Row> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT partition, sequence, clue_id, parked_at, command FROM lifecycle_parked
         ORDER BY parked_at, partition, sequence LIMIT $1"
    ).bind(LISTED).fetch_all(c).await)?;
    let oldest = rows.into_iter().map(ParkedRow::of);
    Ok(Waiting {
        total,
        older_than_a_day,
        oldest: oldest.filter_map(|row| Parked::of(&row)).collect(),
    })
}

impl Parked {
    fn of(row: &ParkedRow) -> Option<Self> {
        let envelope = row.envelope()?;
        let source = envelope.causation.as_deref().and_then(feedback::source);
        Some(Self {
            clue_id: row.clue,
            command_id: format!("{}~{}", row.clue, envelope.id),
            kind: envelope.command.name(),
            source: source.map(str::to_owned),
            agency: envelope.actor.agency.map(|agency| agency.to_string()),
            parked_at: row.parked_at.to_string(),
        })
    }
}
