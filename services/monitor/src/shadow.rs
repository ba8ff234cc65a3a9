//! What the rules would have done against what dispatchers did, counted from the journal in one snapshot.

use std::collections::HashMap;
use std::sync::Arc;

use bihuan_contracts::topics;
use bihuan_domain::figures::{Compared, Comparing, Comparison, Period, Query};
use bihuan_domain::id::ClueId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Journal};
use bihuan_store::lease::{self, Lease};
use bihuan_store::{Reader, Store};
use jiff::civil::Date;
use tokio::sync::Mutex;

use crate::verify::reached;
use crate::{GROUP, Result, codec};

const PAGE: i64 = 5_000;
/// So long a comparison is shown again: each reads the whole journal.
const FRESH_SECONDS: i64 = 30;

/// First civil date and the first after.
type Days = (Option<Date>, Option<Date>);

/// The newest comparison, for whoever looks again and again; one is made at a time.
#[derive(Debug, Default)]
pub struct Comparisons(Mutex<Option<(Days, Timestamp, Arc<Comparison>)>>);

impl Comparisons {
    /// The comparison of these days, at most half a minute old.
    pub async fn of(
        &self,
        store: &Store,
        days: Days,
        now: Timestamp,
        rulebook: &Rulebook,
    ) -> Result<Arc<Comparison>> {
        let mut newest = self.0.lock().await;
        if let Some((known, at, found)) = &*newest
            && *known == days
            && (0..FRESH_SECONDS * 1_000_000).contains(&now.since(*at))
        {
            return Ok(found.clone());
        }
        let found = Arc::new(compare(store, days, now, rulebook).await?);
        *newest = Some((days, now, found.clone()));
        Ok(found)
    }
}

/// Compares the clues that were reported from `from` on and before `to`, civil dates in the rulebook's zone. Memory grows with
/// the clues of one partition.
pub async fn compare(
    store: &Store,
    (from, to): Days,
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
