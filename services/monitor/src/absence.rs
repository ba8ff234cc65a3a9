//! Which clues a complete file of their source leaves out.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_store::{Store, sql};
use uuid::Uuid;

use crate::Result;

/// Clues that are looked at at once.
const PAGE: i64 = 5_000;

/// The open clues that have a record of the source and are not listed. One that is over may leave its source's list.
pub async fn unlisted(
    store: &Store,
    source: &SourceId,
    is_listed: impl Fn(ClueId) -> bool,
) -> Result<Vec<ClueId>> {
    let mut reader = store.snapshot().await?;
    let mut unlisted = Vec::new();
    let mut after = Uuid::nil();
    loop {
        let page: Vec<Uuid> = sql!(reader.conn(), c => sqlx::query_scalar(
            "SELECT clue_id FROM monitor_clue m WHERE holder IS NOT NULL AND clue_id > $2
                 AND (source = $1 OR EXISTS (SELECT 1 FROM monitor_link l
                     WHERE l.source = $1 AND l.partition = m.partition AND l.clue_id = m.clue_id))
             ORDER BY clue_id LIMIT $3"
        ).bind(source.to_string()).bind(after).bind(PAGE).fetch_all(c).await)?;
        let Some(last) = page.last() else {
            return Ok(unlisted);
        };
        after = *last;
        let clues = page.into_iter().map(ClueId);
        unlisted.extend(clues.filter(|clue| !is_listed(*clue)));
    }
}
