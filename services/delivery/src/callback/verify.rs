//! Compares the rows of callbacks with delivery's journal: each that is due stands in one state, and in that which the events
//! lead to.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::delivery::{self, CallbackId, DeliveryEvent};
use bihuan_domain::id::ClueId;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Reader, Result, lease};

use super::rows::{self, Stands, State};
use crate::GROUP;

/// Something that is not as the events say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Stable code.
    pub check: &'static str,
    pub partition: u32,
    pub clue: ClueId,
    pub expected: String,
    pub found: String,
}

const PAGE: i64 = 5_000;

/// The callbacks compared in the snapshot that `reader` is, and the differences. Memory grows with the callbacks of one
/// partition.
pub async fn verify(reader: &mut Reader) -> Result<(u64, Vec<Difference>)> {
    let (mut compared, mut differences) = (0, Vec::new());
    for lease in lease::list(reader.conn(), GROUP).await? {
        let mut fold = Fold {
            partition: lease.partition,
            due: BTreeMap::new(),
            differences: &mut differences,
        };
        fold.journal(reader).await?;
        compared += fold.due.len() as u64;
        let rows = rows::of_partition(reader.conn(), lease.partition).await?;
        fold.compare(rows);
    }
    Ok((compared, differences))
}

struct Fold<'a> {
    partition: u32,
    due: BTreeMap<CallbackId, (String, State)>,
    differences: &'a mut Vec<Difference>,
}

impl Fold<'_> {
    async fn journal(&mut self, reader: &mut Reader) -> Result<()> {
        let mut sequence = 0;
        loop {
            let page =
                journal::after(reader.conn(), Journal::Delivery, self.partition, sequence, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            sequence = last.sequence;
            for entry in &page {
                // what cannot be read is found by the proof of the projection
                if let Ok(event) = delivery::decode(&entry.payload) {
                    self.step(&event);
                }
            }
        }
    }

    fn step(&mut self, event: &DeliveryEvent) {
        let (callback, from, to) = match event {
            DeliveryEvent::CallbackDue { callback, .. } => (callback, None, State::Pending),
            DeliveryEvent::CallbackAcknowledged { callback, .. } => {
                (callback, Some(State::Pending), State::Acknowledged)
            }
            DeliveryEvent::CallbackFailed { callback, .. } => (callback, Some(State::Pending), State::Failed),
            DeliveryEvent::CallbackResent { callback, .. } => (callback, Some(State::Failed), State::Pending),
            DeliveryEvent::CallbackEchoed { callback, before, .. } => {
                (callback, Some(*before), State::Acknowledged)
            }
            DeliveryEvent::AssignmentPublished { .. }
            | DeliveryEvent::ReminderPublished { .. }
            | DeliveryEvent::FeedbackAccepted { .. }
            | DeliveryEvent::FeedbackQuarantined { .. } => return,
        };
        let id = callback.id();
        let before = self.due.insert(id.clone(), (callback.source.to_string(), to));
        let before = before.map(|(_, state)| state);
        if before != from {
            let words = |state: Option<State>| state.map_or("nothing", State::as_str);
            let expected = format!("{}: {} before {}", of_clue(&id), words(from), to.as_str());
            let found = words(before).to_owned();
            self.differ("callback_events_follow", id.clue, expected, found);
        }
    }

    fn compare(&mut self, rows: Vec<Stands>) {
        self.turns(&rows);
        let shown = |id: &CallbackId, source: &str, state: State| {
            format!("{}: {source}, {}", of_clue(id), state.as_str())
        };
        for Stands {
            id, source, state, ..
        } in rows
        {
            let found = shown(&id, &source, state);
            match self.due.remove(&id) {
                Some((of, expected)) if (&of, expected) == (&source, state) => {}
                Some((of, expected)) => {
                    self.differ("callback_is_fold", id.clue, shown(&id, &of, expected), found);
                }
                None => self.differ("callback_has_events", id.clue, "no callback".to_owned(), found),
            }
        }
        for (id, (source, state)) in std::mem::take(&mut self.due) {
            let expected = shown(&id, &source, state);
            self.differ(
                "events_have_callback",
                id.clue,
                expected,
                "no callback".to_owned(),
            );
        }
    }

    /// One whose turn never comes would never be sent, nor what is behind it.
    fn turns(&mut self, rows: &[Stands]) {
        let mut seen = BTreeSet::new();
        for row in rows.iter().filter(|row| row.state == State::Pending) {
            let is_next = seen.insert((row.id.clue, &row.id.link));
            if row.turn != is_next {
                let turn = |turn: bool| {
                    format!(
                        "{}: {}",
                        of_clue(&row.id),
                        if turn { "its turn" } else { "waits" }
                    )
                };
                self.differ("callback_turn", row.id.clue, turn(is_next), turn(row.turn));
            }
        }
    }

    fn differ(&mut self, check: &'static str, clue: ClueId, expected: String, found: String) {
        self.differences.push(Difference {
            check,
            partition: self.partition,
            clue,
            expected,
            found,
        });
    }
}

/// Which of the clue's callbacks.
fn of_clue(id: &CallbackId) -> String {
    match &id.link {
        None => id.version.to_string(),
        Some(link) => format!("{}/{link}", id.version),
    }
}
