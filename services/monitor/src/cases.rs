//! Clues of the past as routing knew them, streamed for back-tests and for learning duties.

use std::ops::Range;

use bihuan_domain::routing::Case;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;

use crate::{Result, report};

/// Hands every clue that was reported in the range, and that routing is asked about, to `take`, in no order. Memory does not grow
/// with them.
pub async fn each(store: &Store, range: &Range<Timestamp>, mut take: impl FnMut(&Case)) -> Result<()> {
    let mut reader = store.snapshot().await?;
    report::each_clue(&mut reader, range, |facts| {
        if let Some(case) = Case::of(facts) {
            take(&case);
        }
    })
    .await
}
