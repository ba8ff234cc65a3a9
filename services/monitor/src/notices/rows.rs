//! The SQL of `monitor_notice`: what the ladder drafted or reminded desks of, and what became of it.

use std::collections::BTreeSet;

use bihuan_domain::clue::RungKind;
use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, Store, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// A draft as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct NoticeRow {
    pub(crate) clue: ClueId,
    pub(crate) rung: String,
    pub(crate) due_at: Timestamp,
    pub(crate) kind: &'static str,
    pub(crate) agency: Option<String>,
    pub(crate) drafted_at: Timestamp,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) waits: bool,
    pub(crate) left_over: bool,
    pub(crate) discarded_at: Option<Timestamp>,
}

/// All of a clue's.
pub(crate) fn of(facts: &Facts) -> Vec<NoticeRow> {
    let condition = facts.latest();
    let drafts = condition.punctuality.notices.iter().map(|draft| NoticeRow {
        clue: facts.clue,
        rung: draft.rung.to_string(),
        due_at: draft.due_at,
        kind: draft.kind.as_str(),
        agency: draft.agency.map(ToString::to_string),
        drafted_at: draft.drafted_at,
        issued_at: draft.issued_at,
        waits: condition.waits(draft),
        left_over: condition.is_left_over(draft),
        discarded_at: draft.discarded_at,
    });
    drafts.collect()
}

/// Writes them as they are now.
pub(crate) async fn upsert(mut connection: Connection<'_>, rows: &[(u32, NoticeRow)]) -> Result<()> {
    let head = "INSERT INTO monitor_notice (partition, clue_id, rung, due_at, kind, agency, drafted_at, issued_at, waits, left_over, discarded_at) VALUES";
    let tail = "ON CONFLICT (partition, clue_id, rung, due_at) DO UPDATE SET issued_at = excluded.issued_at, waits = excluded.waits,
         left_over = excluded.left_over, discarded_at = excluded.discarded_at";
    for chunk in bulk::chunks(rows) {
        let text = AssertSqlSafe(bulk::numbered(head, 11, chunk.len(), tail));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, row) in chunk {
                query = query
                    .bind(*partition as i32)
                    .bind(row.clue.0)
                    .bind(row.rung.clone())
                    .bind(At(row.due_at))
                    .bind(row.kind)
                    .bind(row.agency.clone())
                    .bind(At(row.drafted_at))
                    .bind(row.issued_at.map(At))
                    .bind(row.waits)
                    .bind(row.left_over)
                    .bind(row.discarded_at.map(At));
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

type Stored = (
    Uuid,
    String,
    At,
    String,
    Option<String>,
    At,
    Option<At>,
    bool,
    bool,
    Option<At>,
);

/// Everything that is stored of a partition.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<BTreeSet<NoticeRow>> {
    let rows: Vec<Stored> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, rung, due_at, kind, agency, drafted_at, issued_at, waits, left_over, discarded_at FROM monitor_notice
         WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    let row = |(clue, rung, due_at, kind, agency, drafted_at, issued_at, waits, left_over, discarded_at): Stored| NoticeRow {
        clue: ClueId(clue),
        rung,
        due_at: due_at.0,
        kind: RungKind::parse(&kind).map_or("", RungKind::as_str),
        agency,
        drafted_at: drafted_at.0,
        issued_at: issued_at.map(|at| at.0),
        waits,
        left_over,
        discarded_at: discarded_at.map(|at| at.0),
    };
    Ok(rows.into_iter().map(row).collect())
}

/// How many drafts wait, and since when the oldest does. Those whose clue is over are nobody's hurry, and a reminder is no draft.
pub async fn waiting(store: &Store) -> Result<(u64, Option<Timestamp>)> {
    let mut reader = store.read().await?;
    let (count, oldest): (i64, Option<At>) = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT count(*), min(drafted_at) FROM monitor_notice WHERE waits AND kind <> 'reminder'"
    ).fetch_one(c).await)?;
    Ok((u64::try_from(count).unwrap_or(0), oldest.map(|at| at.0)))
}
