//! The SQL of `monitor_notice`: what the ladder drafted, and what became of it.

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
    });
    drafts.collect()
}

/// Writes them as they are now.
pub(crate) async fn upsert(mut connection: Connection<'_>, rows: &[(u32, NoticeRow)]) -> Result<()> {
    let head = "INSERT INTO monitor_notice (partition, clue_id, rung, due_at, kind, agency, drafted_at, issued_at, waits) VALUES";
    let tail = "ON CONFLICT (partition, clue_id, rung, due_at) DO UPDATE SET issued_at = excluded.issued_at, waits = excluded.waits";
    for chunk in bulk::chunks(rows) {
        let text = AssertSqlSafe(bulk::numbered(head, 9, chunk.len(), tail));
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
                    .bind(row.waits);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

type Stored = (Uuid, String, At, String, Option<String>, At, Option<At>, bool);

/// Everything that is stored of a partition.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<BTreeSet<NoticeRow>> {
    let rows: Vec<Stored> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, rung, due_at, kind, agency, drafted_at, issued_at, waits FROM monitor_notice WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    let row = |(clue, rung, due_at, kind, agency, drafted_at, issued_at, waits): Stored| NoticeRow {
        clue: ClueId(clue),
        rung,
        due_at: due_at.0,
        kind: RungKind::parse(&kind).map_or("", RungKind::as_str),
        agency,
        drafted_at: drafted_at.0,
        issued_at: issued_at.map(|at| at.0),
        waits,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// How many wait, and since when the oldest does.
pub async fn waiting(store: &Store) -> Result<(u64, Option<Timestamp>)> {
    let mut reader = store.read().await?;
    let (count, oldest): (i64, Option<At>) = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT count(*), min(drafted_at) FROM monitor_notice WHERE waits"
    ).fetch_one(c).await)?;
    Ok((u64::try_from(count).unwrap_or(0), oldest.map(|at| at.0)))
}
