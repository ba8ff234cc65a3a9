//! Disputes over duty: as their journal tells them, up to any moment, and those that are open now.

use std::collections::{BTreeMap, HashMap};

use bihuan_contracts::dispute::event::{self, DisputeEvent};
use bihuan_dispute::Filter;
use bihuan_domain::dispute::{ForumLevel, Occurrence, State, Step, evolve};
use bihuan_domain::figures::DutyDisputes;
use bihuan_domain::id::DisputeId;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Reader, Store};

use crate::{Result, codec};

const PAGE: i64 = 5_000;

/// How many disputes are open, for alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenDisputes {
    pub by: BTreeMap<(Step, ForumLevel), u64>,
    /// The time of the open step is over.
    pub overdue: u64,
    /// The last level let its time pass.
    pub late: u64,
    /// The agency that a ruling names does not take the clue up.
    pub breached: u64,
}

/// Those that are open as the store has them.
pub async fn open(store: &Store, now: Timestamp) -> Result<OpenDisputes> {
    let filter = Filter {
        open: Some(true),
        ..Filter::default()
    };
    let mut open = OpenDisputes::default();
    for shown in bihuan_dispute::list(store, &filter, u32::MAX).await? {
        let dispute = &shown.dispute;
        let Some(step) = dispute.step() else { continue };
        *open.by.entry((step, dispute.forum.level())).or_default() += 1;
        open.overdue += u64::from(dispute.deadline().is_some_and(|it| it.is_over(now)));
        open.late += u64::from(dispute.is_late());
        open.breached += u64::from(step == Step::Breach);
    }
    Ok(open)
}

/// Counts every dispute by what the report sees of it. Memory grows with the disputes of one partition.
pub(crate) async fn count(reader: &mut Reader, disputes: &mut DutyDisputes) -> Result<()> {
    for (partition, end) in journal::ends(reader.conn(), Journal::Dispute).await? {
        let mut states: HashMap<DisputeId, State> = HashMap::new();
        let mut sequence = 0;
        while sequence < end {
            let limit = PAGE.min(end - sequence);
            let page = journal::after(reader.conn(), Journal::Dispute, partition, sequence, limit).await?;
            let Some(last) = page.last() else { break };
            sequence = last.sequence;
            for entry in &page {
                if let Some(it) = occurrence(entry)?.filter(|it| disputes.sees(it.at)) {
                    evolve(states.entry(it.dispute).or_default(), &it);
                }
            }
        }
        for dispute in states.values().filter_map(|it| it.dispute.as_ref()) {
            disputes.add(dispute);
        }
    }
    Ok(())
}

/// The event of a dispute in this entry; `None` for one of the partition.
fn occurrence(entry: &Entry) -> Result<Option<Occurrence>> {
    match event::decode(&entry.payload).map_err(|error| codec::unreadable(entry, &error))? {
        DisputeEvent::Dispute { occurrence, .. } => Ok(Some(occurrence)),
        DisputeEvent::CommandQuarantined { .. } => Ok(None),
    }
}
