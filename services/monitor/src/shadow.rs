//! What the rules would have done against what dispatchers did, counted from the journal in one snapshot.

use std::collections::HashMap;

use bihuan_contracts::topics;
use bihuan_domain::figures::{Compared, Comparing, Comparison, Period, Query};
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Journal};
use bihuan_store::lease::{self, Lease};
use bihuan_store::{Reader, Store};
use jiff::civil::Date;

use crate::verify::reached;
use crate::{GROUP, Result, codec};

const PAGE: i64 = 5_000;

/// Compares the clues that were reported from `from` on and before `to`, civil dates in the rulebook's zone. Memory grows with
/// the clues of one partition.
pub async fn compare(
    store: &Store,
    (from, to): (Option<Date>, Option<Date>),
    now: Timestamp,
    rulebook: &Rulebook,
) -> Result<Comparison> {
    let query = Query {
        from,
        to,
        ..Query::everything(now, rulebook.zone.clone())
    };
    let period = query.period();
    let mut comparing = Comparing::new(now);
    let mut reader = store.snapshot().await?;
    for lease in lease::list(reader.conn(), GROUP).await? {
        partition(&mut reader, &lease, &period, &mut comparing).await?;
    }
    Ok(comparing.finish(rulebook))
}

async fn partition(
    reader: &mut Reader,
    lease: &Lease,
    period: &Period,
    comparing: &mut Comparing,
) -> Result<()> {
    let end = reached(lease, topics::CLUE_EVENTS);
    let mut clues: HashMap<ClueId, Option<Compared>> = HashMap::new();
    let mut sequence = 0;
    while sequence < end {
        let limit = PAGE.min(end - sequence);
        let page = journal::after(reader.conn(), Journal::Clue, lease.partition, sequence, limit).await?;
        let Some(last) = page.last() else { break };
        sequence = last.sequence;
        for entry in &page {
            if let Some(occurrence) = codec::occurrence(entry)? {
                Compared::fold(clues.entry(occurrence.clue).or_default(), &occurrence);
            }
        }
    }
    clues
        .values()
        .flatten()
        .filter(|clue| period.contains(clue.reported_at()))
        .for_each(|clue| comparing.add(clue));
    Ok(())
}
