//! Which clues a complete file of their source leaves out.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_store::{Store, sql};
use uuid::Uuid;

use crate::Result;

/// Clues that are looked at at once.
const PAGE: i64 = 5_000;

/// The open clues of the source that are not listed. One that is over may leave its source's list.
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
            "SELECT clue_id FROM monitor_clue WHERE source = $1 AND holder IS NOT NULL AND clue_id > $2
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
