//! What is known of one partition while it is ours: every open dispute, and what a batch changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bihuan_contracts::dispute::DisputeEvent;
use bihuan_contracts::dispute::event;
use bihuan_domain::calendar::CalendarVersion;
use bihuan_domain::clue::Text;
use bihuan_domain::dispute::Occurrence;
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError, Schedule};
use bihuan_store::{Store, Tx};
use bihuan_stream::{Effects, Error, NewEvent};

use crate::aggregate::Aggregate;
use crate::heard::Heard;
use crate::rows::{self, Row};
use crate::texts::{self, Stored};

/// What is known of one lane.
#[derive(Default)]
pub(crate) struct Lane {
    /// As it was when an activation was read last; `None`: it is to be read again.
    pub(crate) schedule: Option<Schedule>,
    /// The open ones, and those that the batch asks about.
    pub(crate) disputes: BTreeMap<DisputeId, Aggregate>,
    /// The open dispute of each clue that has one.
    of_clues: BTreeMap<ClueId, DisputeId>,
    pub(crate) heard: Heard,
    /// Clues that were handed out to be woken, and were not yet.
    pub(crate) handed: BTreeSet<ClueId>,
    /// By this batch.
    changed: BTreeSet<DisputeId>,
    texts: Vec<Stored>,
}

/// What a batch writes beside its events.
#[derive(Default)]
pub struct Rows {
    disputes: Vec<Row>,
    texts: Vec<Stored>,
}

impl Rows {
    pub(crate) const fn is_empty(&self) -> bool {
        self.disputes.is_empty() && self.texts.is_empty()
    }

    pub(crate) async fn persist(mut self, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows::upsert(tx.conn(), &mut self.disputes).await?;
        texts::append(tx.conn(), &self.texts).await
    }
}

impl Lane {
    pub(crate) async fn take_over(store: &Store, partition: u32) -> Result<Self, Error> {
        let mut lane = Self::default();
        for (id, aggregate) in rows::open(store.read().await?.conn(), partition).await? {
            lane.of_clues.insert(aggregate.clue, id);
            lane.disputes.insert(id, aggregate);
        }
        Ok(lane)
    }

    /// Reads those of the disputes that are not known, at once.
    pub(crate) async fn load(
        &mut self,
        store: &Store,
        partition: u32,
        asked: BTreeSet<DisputeId>,
    ) -> Result<(), Error> {
        let unknown: Vec<_> = asked
            .into_iter()
            .filter(|id| !self.disputes.contains_key(id))
            .collect();
        if !unknown.is_empty() {
            let found = rows::load(store.read().await?.conn(), partition, &unknown).await?;
            self.disputes.extend(found);
        }
        Ok(())
    }

    /// The open dispute of the clue.
    pub(crate) fn of_clue(&self, clue: ClueId) -> Option<DisputeId> {
        self.of_clues.get(&clue).copied()
    }

    /// Open disputes for which something is to happen by `until`; and those whose deadline another calendar may move.
    pub(crate) fn due(&self, until: Timestamp, calendar: Option<&CalendarVersion>) -> Vec<ClueId> {
        let is_due =
            |it: &&Aggregate| it.state.wakes_at().is_some_and(|at| at <= until) || is_outdated(it, calendar);
        let open = self.of_clues.values().filter_map(|id| self.disputes.get(id));
        open.filter(is_due).map(|it| it.clue).collect()
    }

    /// Whether a deadline of the lane is provisional.
    pub(crate) fn has_provisional(&self) -> bool {
        let mut open = self.of_clues.values().filter_map(|id| self.disputes.get(id));
        open.any(|it| it.state.is_provisional())
    }

    /// Appends one occurrence to the journal and folds it.
    pub(crate) fn record(
        &mut self,
        partition: u32,
        aggregate: &mut Aggregate,
        said: Option<&Text>,
        occurrence: &Occurrence,
        effects: &mut Effects,
    ) {
        let id = occurrence.dispute;
        if occurrence.text.is_some()
            && let Some(text) = said
        {
            self.texts.push(Stored {
                partition,
                dispute: id,
                version: occurrence.version,
                text: text.clone(),
            });
        }
        let previous = (aggregate.sequence > 0).then_some(aggregate.sequence);
        let before = aggregate.sequence;
        aggregate.apply(before, occurrence);
        let event = DisputeEvent::Dispute {
            clue: aggregate.clue,
            occurrence: occurrence.clone(),
        };
        aggregate.sequence = effects.event(
            partition,
            NewEvent {
                clue: Some(aggregate.clue),
                previous,
                at: occurrence.at,
                type_name: event::type_name(&event),
                payload: event::encode(&event),
            },
        );
        self.changed.insert(id);
    }

    /// The dispute stands so now.
    pub(crate) fn keep(&mut self, id: DisputeId, aggregate: Aggregate) {
        if aggregate.open().is_some() {
            self.of_clues.insert(aggregate.clue, id);
        } else if self.of_clues.get(&aggregate.clue) == Some(&id) {
            self.of_clues.remove(&aggregate.clue);
        }
        self.disputes.insert(id, aggregate);
    }

    /// Takes out what this batch writes, and forgets what is not open.
    pub(crate) fn give_out(&mut self, partition: u32, rows: &mut Rows) {
        let changed = std::mem::take(&mut self.changed);
        let written = changed
            .iter()
            .filter_map(|id| Some((*id, self.disputes.get(id)?)));
        rows.disputes
            .extend(written.map(|(id, aggregate)| Row::of(partition, id, aggregate)));
        rows.texts.append(&mut self.texts);
        self.disputes.retain(|_, aggregate| aggregate.open().is_some());
    }

    /// The rulebook that holds for what is reported at that time, asked at that place of the clues' journal.
    pub(crate) async fn rulebook(
        &mut self,
        library: &Library,
        partition: u32,
        sequence: i64,
        at: Timestamp,
    ) -> Result<Arc<CompiledRulebook>, Error> {
        let schedule = match self.schedule.take() {
            Some(schedule) => schedule,
            None => library.schedule(partition).await.map_err(unavailable)?,
        };
        let held = library.at(&schedule, sequence, at).await;
        self.schedule = Some(schedule);
        held.map_err(unavailable)
    }
}

/// Its deadline counts days that nobody knew, and another calendar holds.
fn is_outdated(aggregate: &Aggregate, calendar: Option<&CalendarVersion>) -> bool {
    let deadline = aggregate.open().and_then(|it| it.deadline());
    deadline.is_some_and(|it| it.provisional && calendar.is_some_and(|calendar| it.calendar != *calendar))
}

pub(crate) fn unavailable(error: LibraryError) -> Error {
    match error {
        LibraryError::Store(error) => Error::Store(error),
        other => Error::Unavailable(other.to_string()),
    }
}
