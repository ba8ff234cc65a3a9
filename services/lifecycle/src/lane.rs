//! What lifecycle knows of one partition between batches, and what a batch changed of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::topics;
use bihuan_domain::clue::{Occurrence, State, Text, evolve};
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Schedule;
use bihuan_store::activation::{self, Activation};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::text::Stored;
use bihuan_store::{Connection, Store};
use bihuan_stream::{Effects, Error, Generations, NewEvent};

use crate::Aggregate;
use crate::behind::Behind;
use crate::census::Census;
use crate::numbers::Numbers;
use crate::parked::ParkedRow;
use crate::parking::Parking;
use crate::provisional::{self, ProvisionalRow, Sweep};
use crate::rows::{self, StateRow};
use crate::wakeups::Wakeups;
use crate::wakeups::rows::{Found, WakeupRow};

/// Aggregates that each lane keeps in memory, at least.
const CACHED: usize = 24_000;

/// Events that are folded at once when a lane is taken over.
const PAGE: i64 = 5_000;

/// What is known of one lane while it is ours.
pub(crate) struct Lane {
    pub(crate) schedule: Schedule,
    /// Of the newest activation or withdrawal, if that happened since the lane is ours.
    pub(crate) activated_at: Option<Timestamp>,
    /// Holds every clue whose row is behind.
    pub(crate) aggregates: Generations<ClueId, Aggregate>,
    pub(crate) behind: Behind,
    pub(crate) numbers: Numbers,
    pub(crate) parking: Parking,
    pub(crate) wakeups: Wakeups,
    pub(crate) sweep: Sweep,
    pub(crate) census: Census,
    pub(crate) unsaved: Unsaved,
    /// Clues that woke in this batch.
    pub(crate) woken: Vec<ClueId>,
    /// Those that woke in the batch before, each with its newest event.
    leaving: Vec<(ClueId, i64)>,
    /// It was in a batch since rest was given.
    pub(crate) busy: bool,
}

/// What this batch writes in any case.
#[derive(Default)]
pub(crate) struct Unsaved {
    pub(crate) texts: Vec<Stored>,
    pub(crate) activations: Vec<Activation>,
    /// (number of the activation, sequence)
    pub(crate) withdrawals: Vec<(u32, i64)>,
    /// Rows that were not as the states say, though these are written.
    pub(crate) wakeups: BTreeMap<ClueId, Option<Timestamp>>,
    /// They are by today's rules with these.
    pub(crate) counted: bool,
}

/// What a batch writes beside its events.
#[derive(Default)]
pub struct Rows {
    pub(crate) states: Vec<StateRow>,
    pub(crate) wakeups: Vec<WakeupRow>,
    pub(crate) provisional: Vec<ProvisionalRow>,
    /// Partitions whose wake-ups are by today's rules from now on.
    pub(crate) counted: Vec<u32>,
    /// (partition, sequence)
    pub(crate) checkpoints: Vec<(u32, i64)>,
    pub(crate) texts: Vec<Stored>,
    pub(crate) activations: Vec<(u32, Activation)>,
    /// (partition, number of the activation, sequence)
    pub(crate) withdrawals: Vec<(u32, u32, i64)>,
    /// (partition, prefix, used)
    pub(crate) numbers: Vec<(u32, String, i64)>,
    pub(crate) parked: Vec<ParkedRow>,
    /// (partition, sequence) of what was parked and is decided.
    pub(crate) released: Vec<(u32, i64)>,
}

impl Lane {
    /// With what the rows lack of the journal.
    pub(crate) async fn take_over(
        store: &Store,
        partition: u32,
        schedule: Schedule,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let mut reader = store.read().await?;
        let mut lane = Self {
            schedule,
            activated_at: None,
            aggregates: Generations::new(CACHED),
            behind: Behind::default(),
            numbers: Numbers::default(),
            parking: Parking::take_over(reader.conn(), partition).await?,
            wakeups: Wakeups::default(),
            sweep: Sweep::default(),
            census: Census::default(),
            unsaved: Unsaved::default(),
            woken: Vec::new(),
            leaving: Vec::new(),
            busy: false,
        };
        let mut sequence = rows::checkpoint(reader.conn(), partition).await?;
        loop {
            let page = journal::after(reader.conn(), Journal::Clue, partition, sequence, PAGE).await?;
            lane.catch_up(reader.conn(), partition, &page, now).await?;
            match page.last() {
                Some(last) if page.len() == PAGE as usize => sequence = last.sequence,
                _ => break,
            }
        }
        for clue in lane.behind.clues() {
            let state = lane.aggregates.get(clue).map(|known| &known.state);
            lane.wakeups.set(*clue, None, state.and_then(State::wakes_at));
        }
        lane.census = Census::take_over(reader.conn(), partition).await?;
        Ok(lane)
    }

    async fn catch_up(
        &mut self,
        mut connection: Connection<'_>,
        partition: u32,
        page: &[Entry],
        now: Timestamp,
    ) -> Result<(), Error> {
        let clues: BTreeSet<ClueId> = page.iter().filter_map(|entry| entry.clue.map(ClueId)).collect();
        let unknown = clues.iter().filter(|clue| !self.aggregates.contains(clue));
        let keys: Vec<(u32, ClueId)> = unknown.map(|clue| (partition, *clue)).collect();
        for (clue, aggregate) in rows::load(connection.reborrow(), &keys).await? {
            self.aggregates.insert(clue, aggregate);
        }
        for entry in page {
            let Some(clue) = entry.clue.map(ClueId) else {
                continue;
            };
            let aggregate = self.aggregates.entry(clue);
            // a row may have been written after the checkpoint
            if entry.sequence > aggregate.sequence {
                if !aggregate
                    .apply(entry)
                    .map_err(|error| unreadable(entry, &error))?
                {
                    // the row is none of this clue's states
                    let (wakeup, provisional) = (aggregate.wakeup, aggregate.provisional.take());
                    *aggregate = Aggregate::refold(connection.reborrow(), partition, entry.sequence).await?;
                    (aggregate.wakeup, aggregate.provisional) = (wakeup, provisional);
                }
                self.behind.note(clue, entry.sequence, now);
            }
        }
        Ok(())
    }

    /// An activation is later than the one before it, whatever the clock of the machine says that asked for it: the newest one
    /// is found by its time.
    pub(crate) async fn activate_at(
        &mut self,
        store: &Store,
        partition: u32,
        asked_at: Timestamp,
    ) -> Result<Timestamp, Error> {
        let known = match self.activated_at {
            Some(at) => Some(at),
            None => activation::activated_at(store.read().await?.conn(), partition).await?,
        };
        let after = |at: Timestamp| Timestamp::from_micros(at.as_micros() + 1);
        let at = known.map_or(asked_at, |known| asked_at.max(after(known)));
        self.activated_at = Some(at);
        Ok(at)
    }

    /// Takes out what this batch writes, and lets the cache age. States that are not yet due go on being behind; those that the
    /// cache is about to forget are written now.
    pub(crate) fn give_out(&mut self, partition: u32, now: Timestamp, rows: &mut Rows) {
        self.wakeups.age(&self.behind);
        self.sweep.age();
        self.busy = true;
        let woken = std::mem::take(&mut self.woken);
        // they are at hand, and hardly anything else happens to them soon
        let mut clues = self.behind.take(&woken);
        clues.extend(self.behind.take_due(now));
        if self.aggregates.is_full() {
            // the cache forgets what is old: not before it is written, and not while that is being committed
            let aggregates = &mut self.aggregates;
            clues.extend(self.behind.take_if(|clue| aggregates.is_old(clue)));
            for clue in &clues {
                aggregates.entry(*clue);
            }
        }
        self.write(partition, clues, rows);
        let Unsaved {
            mut texts,
            activations,
            withdrawals,
            ..
        } = std::mem::take(&mut self.unsaved);
        rows.texts.append(&mut texts);
        let activations = activations.into_iter();
        rows.activations
            .extend(activations.map(|activation| (partition, activation)));
        let withdrawals = withdrawals.into_iter();
        rows.withdrawals
            .extend(withdrawals.map(|(number, sequence)| (partition, number, sequence)));
        let numbers = self.numbers.give_out().into_iter();
        rows.numbers
            .extend(numbers.map(|(prefix, used)| (partition, prefix, used)));
        let (mut parked, released) = self.parking.give_out();
        rows.parked.append(&mut parked);
        let released = released.into_iter();
        rows.released
            .extend(released.map(|sequence| (partition, sequence)));
        self.part_with(woken);
        self.aggregates.age();
    }

    /// Drops what woke in the batch before: that is committed when the next one is decided. A mass of clues that wakes would drive
    /// out of the cache what is in use.
    fn part_with(&mut self, woken: Vec<ClueId>) {
        let newest = |clue: ClueId| Some((clue, self.aggregates.get(&clue)?.sequence));
        let leaving = woken.into_iter().filter_map(newest).collect();
        for (clue, sequence) in std::mem::replace(&mut self.leaving, leaving) {
            let is_as_written = self
                .aggregates
                .get(&clue)
                .is_some_and(|it| it.sequence == sequence);
            if is_as_written && !self.behind.has(clue) {
                self.aggregates.take(&clue);
            }
        }
    }

    /// Puts what was read along with who is due where it will be looked for; what cannot be read is left to whoever needs it.
    pub(crate) fn remember(&mut self, found: &Found) {
        let mut due = found
            .due
            .iter()
            .map(|(due, clue)| (*clue, *due))
            .collect::<HashMap<_, _>>();
        for (clue, sequence, state) in &found.states {
            if !self.aggregates.contains(clue)
                && let Some(state) = Aggregate::state_from_bytes(state)
            {
                let aggregate = Aggregate {
                    provisional: provisional::calendar_of(&state),
                    state,
                    sequence: *sequence,
                    wakeup: due.remove(clue),
                };
                self.aggregates.insert(*clue, aggregate);
            }
        }
    }

    /// Takes out every state that is behind.
    pub(crate) fn give_out_states(&mut self, partition: u32, rows: &mut Rows) {
        let clues = self.behind.take_all();
        self.write(partition, clues, rows);
    }

    fn write(&mut self, partition: u32, clues: Vec<ClueId>, rows: &mut Rows) {
        if std::mem::take(&mut self.unsaved.counted) {
            rows.counted.push(partition);
        }
        let mut wrong = std::mem::take(&mut self.unsaved.wakeups);
        let has_states = !clues.is_empty();
        for clue in clues {
            let Some(aggregate) = self.aggregates.get_mut(&clue) else {
                continue;
            };
            let due_at = aggregate.state.wakes_at();
            if wrong.remove(&clue).is_some() || due_at != aggregate.wakeup {
                aggregate.wakeup = due_at;
                rows.wakeups.push(WakeupRow {
                    partition,
                    clue,
                    due_at,
                });
            }
            self.wakeups.write(clue, due_at);
            let calendar = provisional::calendar_of(&aggregate.state);
            if calendar != aggregate.provisional {
                self.sweep.write(clue);
                aggregate.provisional.clone_from(&calendar);
                rows.provisional.push(ProvisionalRow {
                    partition,
                    clue,
                    calendar,
                });
            }
            rows.states.push(StateRow {
                partition,
                clue,
                version: aggregate.state.version,
                sequence: aggregate.sequence,
                state: aggregate.to_bytes(),
            });
        }
        for (clue, due_at) in wrong {
            self.wakeups.write(clue, due_at);
            rows.wakeups.push(WakeupRow {
                partition,
                clue,
                due_at,
            });
        }
        if has_states {
            rows.checkpoints.push((partition, self.behind.checkpoint()));
        }
    }

    /// The clue was decided about, and stands so now; it woke at `before` until then.
    pub(crate) fn decided(&mut self, clue: ClueId, before: Option<Timestamp>, state: &State) {
        self.wakeups.set(clue, before, state.wakes_at());
        self.sweep.note(clue, state);
    }
}

/// Whoever wrote it may be newer than this program: the lane waits, and no command is at fault.
fn unreadable(entry: &Entry, error: &bihuan_store::Error) -> Error {
    Error::Unknown {
        topic: topics::CLUE_EVENTS.to_owned(),
        partition: entry.partition,
        offset: entry.sequence,
        detail: error.to_string(),
    }
}

/// Appends one occurrence to the journal and folds it.
pub(crate) fn record(
    (partition, lane): (u32, &mut Lane),
    aggregate: &mut Aggregate,
    told: Option<&Text>,
    occurrence: Occurrence,
    now: Timestamp,
    effects: &mut Effects,
) {
    evolve(&mut aggregate.state, &occurrence);
    let clue = occurrence.clue;
    if occurrence.text.is_some()
        && let Some(told) = told
        && let Some(text) = occurrence.event.text(told)
    {
        lane.unsaved.texts.push(Stored {
            partition,
            clue,
            version: occurrence.version,
            text: text.into_owned(),
        });
    }
    let at = occurrence.at;
    let event = ClueEvent::Clue(occurrence);
    aggregate.sequence = effects.event(
        partition,
        NewEvent {
            clue: Some(clue),
            previous: (aggregate.sequence > 0).then_some(aggregate.sequence),
            at,
            type_name: event::type_name(&event),
            payload: event::encode(&event),
        },
    );
    lane.behind.note(clue, aggregate.sequence, now);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clue(number: u128) -> ClueId {
        ClueId(sqlx::types::Uuid::from_u128(number))
    }

    fn lane(cached: usize) -> Lane {
        Lane {
            schedule: Schedule::default(),
            activated_at: None,
            aggregates: Generations::new(cached),
            behind: Behind::default(),
            numbers: Numbers::default(),
            parking: Parking::default(),
            wakeups: Wakeups::default(),
            sweep: Sweep::default(),
            census: Census::default(),
            unsaved: Unsaved::default(),
            woken: Vec::new(),
            leaving: Vec::new(),
            busy: false,
        }
    }

    /// The clues whose states a batch writes.
    fn given_out(lane: &mut Lane) -> Vec<ClueId> {
        let mut rows = Rows::default();
        lane.give_out(0, Timestamp::EPOCH, &mut rows);
        rows.states.iter().map(|row| row.clue).collect()
    }

    fn change(lane: &mut Lane, clue: ClueId, sequence: i64) {
        lane.aggregates.entry(clue).sequence = sequence;
        lane.behind.note(clue, sequence, Timestamp::EPOCH);
    }

    /// A batch may be decided while the one before it commits: until then only the cache knows what that changed.
    #[test]
    fn no_state_is_forgotten_before_it_is_written_and_the_next_batch_decided() {
        let mut lane = lane(3);
        let mut written = BTreeSet::new();
        for batch in 0..40 {
            for number in [2 * batch, 2 * batch + 1] {
                change(&mut lane, clue(number), number as i64 + 1);
            }
            let writes = given_out(&mut lane);
            for known in writes.iter().chain(lane.behind.clues()) {
                assert!(lane.aggregates.contains(known), "batch {batch}: {known}");
            }
            written.extend(writes);
        }
        assert!(written.len() >= 60, "the cache holds few: {}", written.len());
        assert!(written.len() < 80, "what is not old may wait");
    }

    #[test]
    fn what_woke_is_written_at_once_and_leaves_the_cache_when_that_is_committed() {
        let mut lane = lane(1_000);
        let (once, twice, asked, idle) = (clue(1), clue(2), clue(3), clue(4));
        for (sequence, woken) in [once, twice, asked].into_iter().enumerate() {
            change(&mut lane, woken, sequence as i64 + 1);
        }
        lane.aggregates.entry(idle);
        lane.woken = vec![once, twice, asked, idle];
        assert_eq!(given_out(&mut lane), [once, twice, asked]);
        assert!(lane.aggregates.contains(&once), "its row may not be there yet");

        change(&mut lane, twice, 4);
        lane.woken = vec![twice];
        change(&mut lane, asked, 5);
        assert_eq!(given_out(&mut lane), [twice]);
        let known = [once, twice, asked, idle].map(|clue| lane.aggregates.contains(&clue));
        assert_eq!(
            known,
            [false, true, true, false],
            "of what changed again the row is still old"
        );
    }

    #[test]
    fn what_was_read_with_who_is_due_replaces_nothing_that_is_known() {
        let mut lane = lane(1_000);
        let (known, new, foreign) = (clue(1), clue(2), clue(3));
        change(&mut lane, known, 9);
        let at = Timestamp::from_micros(7);
        let state = Aggregate::default().to_bytes();
        lane.remember(&Found {
            due: [known, new, foreign].map(|clue| (at, clue)).to_vec(),
            states: vec![
                (known, 8, state.clone()),
                (new, 8, state),
                (foreign, 8, b"?".to_vec()),
            ],
            later: None,
        });
        let found = |clue| lane.aggregates.get(&clue).map(|it| (it.sequence, it.wakeup));
        assert_eq!(
            [found(known), found(new), found(foreign)],
            [Some((9, None)), Some((8, Some(at))), None]
        );
    }
}
