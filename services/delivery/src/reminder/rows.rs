//! The SQL of `delivery_reminder`: what waits to be told, and what is sealed.

use std::collections::BTreeMap;

use bihuan_contracts::delivery::RemindedClue;
use bihuan_domain::clue::RungKind;
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Error, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{Group, MOST, Reminder, Told};

/// What is there of a group in a lane.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) partition: u32,
    pub(super) group: Group,
    /// In no bundle yet.
    pub(super) open: usize,
    /// Of those, when the first was heard of.
    pub(super) oldest: Timestamp,
    pub(super) sealed: usize,
}

/// Rows that go out together from now on.
#[derive(Debug)]
pub(super) struct Sealed {
    pub(super) partition: u32,
    pub(super) bundle: Uuid,
    pub(super) members: Vec<Told>,
}

impl Group {
    fn of(agency: &str, rung: &str, kind: &str) -> Result<Self> {
        let corrupt = |detail: String| Error::Corrupt {
            what: "a reminder",
            detail,
        };
        Ok(Self {
            agency: AgencyId::new(agency).map_err(|error| corrupt(error.to_string()))?,
            rung: Rung::new(rung).map_err(|error| corrupt(error.to_string()))?,
            kind: RungKind::parse(kind).ok_or_else(|| corrupt(kind.to_owned()))?,
        })
    }
}

#[derive(sqlx::FromRow)]
struct Counted {
    partition: i32,
    agency: String,
    rung: String,
    kind: String,
    open: i64,
    oldest: Option<At>,
    sealed: i64,
}

/// Everything that is there, by lane and group, what has waited longest first. Rows stay for little longer than a window.
pub(super) async fn waiting(connection: Connection<'_>) -> Result<Vec<Waiting>> {
    let rows: Vec<Counted> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, agency, rung, kind, count(*) FILTER (WHERE bundle IS NULL) AS open,
             min(heard_at) FILTER (WHERE bundle IS NULL) AS oldest, count(bundle) AS sealed
         FROM delivery_reminder GROUP BY partition, agency, rung, kind ORDER BY oldest, agency, rung, kind"
    ).fetch_all(c).await)?;
    let waiting = |row: Counted| {
        Ok(Waiting {
            partition: row.partition as u32,
            group: Group::of(&row.agency, &row.rung, &row.kind)?,
            open: usize::try_from(row.open).unwrap_or(0),
            oldest: row.oldest.map_or(Timestamp::EPOCH, |At(at)| at),
            sealed: usize::try_from(row.sealed).unwrap_or(0),
        })
    };
    rows.into_iter().map(waiting).collect()
}

/// A clue of the group.
pub(super) async fn one(connection: Connection<'_>, it: &Waiting) -> Result<Option<ClueId>> {
    let clue: Option<Uuid> = sql!(connection, c => sqlx::query_scalar(
        "SELECT clue_id FROM delivery_reminder WHERE partition = $1 AND agency = $2 AND rung = $3 AND kind = $4
         ORDER BY heard_at, clue_id LIMIT 1"
    ).bind(it.partition as i32).bind(it.group.agency.to_string()).bind(it.group.rung.to_string()).bind(it.group.kind.as_str())
     .fetch_optional(c).await)?;
    Ok(clue.map(ClueId))
}

/// What of the group goes into its next bundle, in the order in which it was heard of.
pub(super) async fn members(connection: Connection<'_>, it: &Waiting, until: Timestamp) -> Result<Vec<Told>> {
    let text = AssertSqlSafe(format!(
        "SELECT clue_id, version FROM delivery_reminder
         WHERE partition = $1 AND agency = $2 AND rung = $3 AND kind = $4 AND bundle IS NULL AND heard_at <= $5
         ORDER BY heard_at, clue_id, version LIMIT {MOST}"
    ));
    let rows: Vec<(Uuid, i32)> = sql!(connection, c => sqlx::query_as(text)
        .bind(it.partition as i32).bind(it.group.agency.to_string()).bind(it.group.rung.to_string()).bind(it.group.kind.as_str())
        .bind(At(until)).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(clue, version)| (ClueId(clue), version as u32))
        .collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    bundle: Uuid,
    clue_id: Uuid,
    version: i32,
    agency: String,
    rung: String,
    kind: String,
    number: String,
    due_at: At,
    late: bool,
    heard_at: At,
}

/// The bundles of the lane that are to be sent.
pub(super) async fn sealed(
    connection: Connection<'_>,
    partition: u32,
) -> Result<BTreeMap<Uuid, Vec<Reminder>>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT bundle, clue_id, version, agency, rung, kind, number, due_at, late, heard_at FROM delivery_reminder
         WHERE partition = $1 AND bundle IS NOT NULL ORDER BY heard_at, clue_id, version"
    ).bind(partition as i32).fetch_all(c).await)?;
    let mut bundles: BTreeMap<Uuid, Vec<Reminder>> = BTreeMap::new();
    for row in rows {
        bundles.entry(row.bundle).or_default().push(Reminder {
            group: Group::of(&row.agency, &row.rung, &row.kind)?,
            clue: RemindedClue {
                clue: ClueId(row.clue_id),
                version: row.version as u32,
                number: row.number,
                due_at: row.due_at.0,
                late: row.late,
            },
            heard_at: row.heard_at.0,
        });
    }
    Ok(bundles)
}

pub(super) async fn insert(mut connection: Connection<'_>, rows: &[(u32, Reminder)]) -> Result<()> {
    let head = "INSERT INTO delivery_reminder (partition, clue_id, version, agency, rung, kind, number, due_at, late, heard_at) VALUES";
    for chunk in bulk::chunks(rows) {
        let text = AssertSqlSafe(bulk::numbered(head, 10, chunk.len(), ""));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, it) in chunk {
                query = query
                    .bind(*partition as i32)
                    .bind(it.clue.clue.0)
                    .bind(it.clue.version as i32)
                    .bind(it.group.agency.to_string())
                    .bind(it.group.rung.to_string())
                    .bind(it.group.kind.as_str())
                    .bind(it.clue.number.clone())
                    .bind(At(it.clue.due_at))
                    .bind(it.clue.late)
                    .bind(At(it.heard_at));
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Each of the rows is in no bundle before: a row that is says that something else worked on the lane.
pub(super) async fn seal(mut connection: Connection<'_>, sealed: &Sealed) -> Result<()> {
    let mut written = 0;
    for chunk in bulk::chunks(&sealed.members) {
        let head = format!(
            "UPDATE delivery_reminder SET bundle = ${} WHERE partition = {} AND bundle IS NULL AND (clue_id, version) IN (VALUES",
            chunk.len() * 2 + 1,
            sealed.partition
        );
        let text = AssertSqlSafe(bulk::numbered(&head, 2, chunk.len(), ")"));
        written += sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (clue, version) in chunk {
                query = query.bind(clue.0).bind(*version as i32);
            }
            query.bind(sealed.bundle).execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    if written == sealed.members.len() as u64 {
        Ok(())
    } else {
        Err(Error::RowCount {
            what: "reminders of a bundle",
            expected: sealed.members.len() as u64,
            written,
        })
    }
}

pub(super) async fn remove(connection: Connection<'_>, partition: u32, bundle: Uuid) -> Result<()> {
    sql!(connection, c => sqlx::query("DELETE FROM delivery_reminder WHERE partition = $1 AND bundle = $2")
        .bind(partition as i32).bind(bundle).execute(c).await.map(|_| ()))?;
    Ok(())
}
