//! The wake-ups of a partition are found again if its rows are by other rules than today's: those of a program that is newer or older,
//! or that had none. That goes page by page beside everything else, so that a lane is taken over at once however many clues it has. Whose
//! row is not as the state says is handed out as if it were due: it does what is due, or its row is written again.

use bihuan_domain::time::Timestamp;
use bihuan_store::Connection;
use bihuan_stream::{Due, Error};
use uuid::Uuid;

use crate::Aggregate;
use crate::handler::Lifecycle;
use crate::lane::Lane;
use crate::rows::{self, StateRow};
use crate::wakeups::{RULES, rows as wakeup_rows};

/// States that are looked at together, if so many ticks have room.
const PAGE: usize = 1_000;

/// How far the census of a lane has come.
#[derive(Debug, Default)]
pub(crate) struct Census {
    /// The states up to this clue were looked at; `None`: there is nothing to look at any more.
    after: Option<Uuid>,
}

impl Census {
    pub(crate) async fn take_over(connection: Connection<'_>, partition: u32) -> Result<Self, Error> {
        let rules = wakeup_rows::rules(connection, partition).await?;
        let are_others = rules.is_some_and(|rules| rules != RULES);
        Ok(Self {
            after: are_others.then(Uuid::nil),
        })
    }
}

impl Lifecycle {
    /// Adds to those that are due the clues whose wake-ups are not known to be right, `most` of all together.
    pub(crate) async fn count(
        &mut self,
        watermarks: &[(u32, Timestamp)],
        most: usize,
        due: &mut Due,
    ) -> Result<(), Error> {
        for (partition, _) in watermarks {
            let Some(lane) = self.lanes.get_mut(partition) else {
                continue;
            };
            let Some(after) = lane.census.after else {
                continue;
            };
            let left = most.saturating_sub(due.count()).min(PAGE);
            if left > 0 {
                let reader = &mut self.store.read().await?;
                let page = rows::page(reader.conn(), *partition, after, left as i64).await?;
                let last = page.last().filter(|_| page.len() == left);
                lane.census.after = last.map(|(row, _)| row.clue.0);
                lane.unsaved.counted |= lane.census.after.is_none();
                let mut clues = Vec::new();
                for (row, wakeup) in &page {
                    if is_right(lane, row, *wakeup) {
                        continue;
                    }
                    clues.push(row.clue);
                    // its row is mended even if it cannot be woken now
                    if let Some(state) = Aggregate::state_from_bytes(&row.state) {
                        lane.unsaved.wakeups.insert(row.clue, state.wakes_at());
                    }
                }
                due.add(*partition, clues);
            }
            due.more |= lane.census.after.is_some();
        }
        Ok(())
    }
}

/// Whether the wake-up is that of the clue's state, as far as it is known: a state of another format is read when it is loaded.
fn is_right(lane: &Lane, row: &StateRow, wakeup: Option<Timestamp>) -> bool {
    // what is behind, or on its way to the rows, is in memory, and is written as it is to be
    if lane.behind.has(row.clue) {
        return true;
    }
    if let Some(known) = lane.aggregates.get(&row.clue) {
        return known.wakeup == known.state.wakes_at();
    }
    Aggregate::state_from_bytes(&row.state).is_some_and(|state| state.wakes_at() == wakeup)
}
