//! What lifecycle refused of what agencies' platforms fed back, by platform and reason: where the two sides do not agree.

use std::collections::BTreeMap;

use bihuan_store::Store;

use crate::Result;
use crate::counting::REFUSED;
use crate::tally::{self, Book};

/// By (platform, reason code). Counts only grow.
pub async fn refused(store: &Store) -> Result<BTreeMap<(String, String), i64>> {
    let mut reader = store.read().await?;
    let mut refused = BTreeMap::new();
    for (key, count) in tally::load(reader.conn(), Book::Feedback).await? {
        let [source, outcome, reason] = key.names;
        if outcome == REFUSED {
            *refused.entry((source, reason)).or_default() += count;
        }
    }
    Ok(refused)
}
