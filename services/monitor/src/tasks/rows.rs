//! The SQL of `monitor_task`: what agencies were asked for, and what became of it.

use std::collections::BTreeSet;

use bihuan_domain::clue::TaskKind;
use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A task as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskRow {
    pub(crate) clue: ClueId,
    pub(crate) task: u32,
    pub(crate) agency: String,
    pub(crate) kind: &'static str,
    pub(crate) asked_at: Timestamp,
    pub(crate) arrival_at: Option<Timestamp>,
    pub(crate) arrived_at: Option<Timestamp>,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) answered_at: Option<Timestamp>,
    pub(crate) over_at: Option<Timestamp>,
    pub(crate) next_due: Option<Timestamp>,
    pub(crate) rating: Option<u8>,
}

/// All of a clue's.
pub(crate) fn of(facts: &Facts) -> Vec<TaskRow> {
    // of nearly every clue there are none
    if !facts.has_tasks() {
        return Vec::new();
    }
    let condition = facts.latest();
    let tasks = condition.assisted.iter().map(|it| TaskRow {
        clue: facts.clue,
        task: it.task,
        agency: it.agency.to_string(),
        kind: it.kind().as_str(),
        asked_at: it.asked_at,
        arrival_at: it.arrival_at,
        arrived_at: it.arrived_at,
        due_at: it.due_at,
        answered_at: it.answered_at,
        over_at: it.over_at,
        next_due: it.next_due(),
        rating: it.rating,
    });
    tasks.collect()
}

/// Writes them as they are now.
pub(crate) async fn upsert(mut connection: Connection<'_>, rows: &[(u32, TaskRow)]) -> Result<()> {
    let head = "INSERT INTO monitor_task (partition, clue_id, task, agency, kind, asked_at, arrival_at, arrived_at, due_at,
         answered_at, over_at, next_due, rating) VALUES";
    let tail = "ON CONFLICT (partition, clue_id, task) DO UPDATE SET arrived_at = excluded.arrived_at,
         answered_at = excluded.answered_at, over_at = excluded.over_at, next_due = excluded.next_due, rating = excluded.rating";
    for chunk in bulk::chunks(rows) {
        let text = AssertSqlSafe(bulk::numbered(head, 13, chunk.len(), tail));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, row) in chunk {
                query = query
                    .bind(*partition as i32)
                    .bind(row.clue.0)
                    .bind(row.task as i32)
                    .bind(row.agency.clone())
                    .bind(row.kind)
                    .bind(At(row.asked_at))
                    .bind(row.arrival_at.map(At))
                    .bind(row.arrived_at.map(At))
                    .bind(row.due_at.map(At))
                    .bind(row.answered_at.map(At))
                    .bind(row.over_at.map(At))
                    .bind(row.next_due.map(At))
                    .bind(row.rating.map(i32::from));
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Stored {
    clue_id: Uuid,
    task: i32,
    agency: String,
    kind: String,
    asked_at: At,
    arrival_at: Option<At>,
    arrived_at: Option<At>,
    due_at: Option<At>,
    answered_at: Option<At>,
    over_at: Option<At>,
    next_due: Option<At>,
    rating: Option<i32>,
}

/// Everything that is stored of a partition.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<BTreeSet<TaskRow>> {
    let rows: Vec<Stored> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, task, agency, kind, asked_at, arrival_at, arrived_at, due_at, answered_at, over_at, next_due, rating
         FROM monitor_task WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    let time = |at: Option<At>| at.map(|at| at.0);
    let row = |it: Stored| TaskRow {
        clue: ClueId(it.clue_id),
        task: it.task as u32,
        agency: it.agency,
        kind: TaskKind::parse(&it.kind).map_or("", TaskKind::as_str),
        asked_at: it.asked_at.0,
        arrival_at: time(it.arrival_at),
        arrived_at: time(it.arrived_at),
        due_at: time(it.due_at),
        answered_at: time(it.answered_at),
        over_at: time(it.over_at),
        next_due: time(it.next_due),
        rating: it.rating.map(|rating| rating as u8),
    };
    Ok(rows.into_iter().map(row).collect())
}
