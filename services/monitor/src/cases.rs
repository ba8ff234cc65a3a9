//! Clues of the past as routing knew them, streamed for back-tests and for learning duties.

use std::ops::Range;

use bihuan_domain::routing::Case;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;

use crate::Result;
use crate::streaming::{self, Which};

/// Every clue, whenever it was reported.
pub const EVER: Range<Timestamp> = Timestamp::from_micros(i64::MIN)..Timestamp::from_micros(i64::MAX);

/// Hands every clue that was reported in the range, and that routing is asked about, to `take`, in no order. Memory does not grow
/// with them.
pub async fn each(store: &Store, range: &Range<Timestamp>, mut take: impl FnMut(&Case)) -> Result<()> {
    // all rows one after the other are read faster than by their time
    let which = if *range == EVER {
        Which::All
    } else {
        Which::Reported(range.clone())
    };
    let mut reader = store.snapshot().await?;
    streaming::each(&mut reader, &which, |facts| {
        if let Some(case) = Case::of(facts) {
            take(&case);
        }
    })
    .await
}
