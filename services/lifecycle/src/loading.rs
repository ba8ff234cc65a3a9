//! What a batch needs to know of its clues before anything is decided: one statement for all of them.

use std::collections::HashMap;

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use bihuan_stream::Error;

use crate::handler::Read;
use crate::lane::Lane;
use crate::{Aggregate, rows};

/// What a batch means to a lane.
pub(crate) struct Work<'a> {
    pub(crate) partition: u32,
    pub(crate) lane: Lane,
    pub(crate) reads: Vec<Read<'a>>,
    pub(crate) ticks: &'a [ClueId],
    pub(crate) watermark: Timestamp,
}

/// Reads the aggregates that the commands and ticks need and the lane does not have.
pub(crate) async fn load(store: &Store, lanes: &mut [Work<'_>]) -> Result<(), Error> {
    let mut missing: HashMap<ClueId, u32> = HashMap::new();
    for work in lanes.iter() {
        let asked = work.reads.iter().filter_map(|read| match read {
            Read::Clue(envelope) | Read::Feedback(envelope) => Some(&envelope.clue),
            _ => None,
        });
        let unknown = asked
            .chain(work.ticks)
            .filter(|clue| !work.lane.aggregates.contains(clue));
        missing.extend(unknown.map(|clue| (*clue, work.partition)));
    }
    if missing.is_empty() {
        return Ok(());
    }
    let keys: Vec<(u32, ClueId)> = missing
        .iter()
        .map(|(clue, partition)| (*partition, *clue))
        .collect();
    let mut found: HashMap<ClueId, Aggregate> = rows::load(store.read().await?.conn(), &keys)
        .await?
        .into_iter()
        .collect();
    for Work { partition, lane, .. } in lanes {
        for (_, clue) in keys.iter().filter(|(of, _)| of == partition) {
            lane.aggregates
                .insert(*clue, found.remove(clue).unwrap_or_default());
        }
    }
    Ok(())
}
