//! What waits in triage, by its newest event.

use bihuan_store::{Connection, Result, sql};

/// Sequences of the newest events of the partition's clues in triage, from after `after` on, in order.
///
/// Whoever goes on behind the last one that was found misses none: the rows follow the journal in its order, so what comes to triage
/// later has a newer event.
pub async fn newest(connection: Connection<'_>, partition: u32, after: i64, limit: u32) -> Result<Vec<i64>> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT newest FROM monitor_clue WHERE partition = $1 AND holder = 'triage' AND newest > $2 ORDER BY newest LIMIT $3"
    ).bind(partition as i32).bind(after).bind(i64::from(limit)).fetch_all(c).await)?)
}
