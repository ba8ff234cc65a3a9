//! Who wakes when. The rows are read in the order in which they are due, once each: behind a cursor that is in memory. A row is
//! written with its clue's state, behind the events (ADR 11); what the cursor would miss therefore is in memory too.

pub(crate) mod rows;

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use bihuan_stream::{Due, Error};

use self::rows::{Ask, Found};
use crate::behind::Behind;
use crate::lane::Lane;

/// Changes with every change of when an unchanged state wakes, so that the rows are found again ([`crate::census`]).
pub(crate) const RULES: i32 = 2;

const NEVER: Timestamp = Timestamp::from_micros(i64::MAX);
const NOTHING: Timestamp = Timestamp::from_micros(i64::MIN);

/// A wake-up: when, and whose.
type Wakeup = (Timestamp, ClueId);

/// What is known of the wake-ups of one lane.
#[derive(Debug)]
pub(crate) struct Wakeups {
    /// Rows up to here were handed out.
    cursor: Wakeup,
    /// No row behind the cursor is due earlier; `None`: nobody has looked.
    next: Option<Timestamp>,
    /// For so many microseconds somebody has waited whom the last look left behind.
    pub(crate) waits: i64,
    /// Set while the lane is ours, and perhaps in no row that is behind the cursor yet.
    fresh: BTreeSet<Wakeup>,
    /// Of these, what the newest batch writes, and the one before it: that one is committed when the next batch is decided.
    writing: [Vec<Wakeup>; 2],
}

impl Default for Wakeups {
    fn default() -> Self {
        Self {
            cursor: (NOTHING, ClueId(uuid::Uuid::nil())),
            next: None,
            waits: 0,
            fresh: BTreeSet::new(),
            writing: <[Vec<Wakeup>; 2]>::default(),
        }
    }
}

impl Wakeups {
    /// A clue wakes at another time than before.
    pub(crate) fn set(&mut self, clue: ClueId, before: Option<Timestamp>, now: Option<Timestamp>) {
        if before == now {
            return;
        }
        if let Some(before) = before {
            self.fresh.remove(&(before, clue));
        }
        if let Some(now) = now {
            self.fresh.insert((now, clue));
        }
    }

    /// The clue's row is written by this batch.
    pub(crate) fn write(&mut self, clue: ClueId, due: Option<Timestamp>) {
        if let Some(due) = due.filter(|due| self.fresh.contains(&(*due, clue))) {
            self.writing[0].push((due, clue));
        }
    }

    /// Another batch was decided: what the last but one wrote is committed, and found by reading. What was read past already, or
    /// was set again since, stays.
    pub(crate) fn age(&mut self, behind: &Behind) {
        let newest = std::mem::take(&mut self.writing[0]);
        for wakeup in std::mem::replace(&mut self.writing[1], newest) {
            if wakeup > self.cursor && !behind.has(wakeup.1) && self.fresh.remove(&wakeup) {
                self.next = self.next.map(|next| next.min(wakeup.0));
            }
        }
    }

    /// Since when somebody may be due up to `until`; `None`: nobody is.
    fn since(&self, until: Timestamp) -> Option<Timestamp> {
        let fresh = self.fresh.first().map(|(due, _)| *due);
        let next = self.next.unwrap_or(NOTHING);
        Some(fresh.map_or(next, |fresh| fresh.min(next))).filter(|since| *since <= until)
    }

    /// Notes for how long the first of those has waited that are left behind when who is due up to `until` was handed out.
    fn leave(&mut self, until: Timestamp) {
        let fresh = self.fresh.first().map(|(due, _)| *due);
        let first = fresh.into_iter().chain(self.next).min();
        self.waits = first.map_or(0, |first| {
            until.as_micros().saturating_sub(first.as_micros()).max(0)
        });
    }

    fn take_fresh(&mut self, until: Timestamp, most: usize) -> Vec<ClueId> {
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(wakeup) = self.fresh.first().copied().filter(|(due, _)| *due <= until)
        {
            self.fresh.remove(&wakeup);
            taken.push(wakeup.1);
        }
        taken
    }

    /// What was read, at most `most`; whether there may be more.
    fn read(&mut self, found: &Found, until: Timestamp, most: usize) -> bool {
        match found.due.last() {
            Some(last) if found.due.len() >= most => {
                self.cursor = *last;
                self.next = Some(last.0);
                true
            }
            _ => {
                self.cursor = self.cursor.max((until, ClueId(uuid::Uuid::max())));
                self.next = Some(found.later.unwrap_or(NEVER));
                false
            }
        }
    }
}

/// A batch costs something for each lane in it: few at once are for few lanes.
const LEAST: usize = 16;

/// Who is due, up to the watermark of each lane, those first that have waited for longest: of the lanes that are asked, all get the
/// same share.
pub(crate) async fn due(
    store: &Store,
    lanes: &mut BTreeMap<u32, Lane>,
    watermarks: &[(u32, Timestamp)],
    most: usize,
) -> Result<Due, Error> {
    let since = |(lane, until): &(u32, Timestamp)| {
        let since = lanes.get(lane)?.wakeups.since(*until)?;
        Some((since, *lane, *until))
    };
    let mut asked: Vec<(Timestamp, u32, Timestamp)> = watermarks.iter().filter_map(since).collect();
    asked.sort_unstable();
    let lanes_at_once = (most / LEAST).max(1);
    let mut due = Due {
        more: asked.len() > lanes_at_once,
        ..Due::default()
    };
    asked.truncate(lanes_at_once);
    let share = most / asked.len().max(1);
    let mut asks = Vec::new();
    for (_, partition, until) in asked {
        let Some(lane) = lanes.get_mut(&partition) else {
            continue;
        };
        let clues = lane.wakeups.take_fresh(until, share);
        due.more |= clues.len() == share;
        if clues.len() < share && lane.wakeups.next.is_none_or(|next| next <= until) {
            asks.push(Ask {
                partition,
                after: lane.wakeups.cursor,
                until,
                most: (share - clues.len()) as i64,
            });
        }
        due.clues.push((partition, clues));
    }
    if !asks.is_empty() {
        let all = rows::due(store.read().await?.conn(), &asks).await?;
        for (ask, found) in asks.iter().zip(all) {
            let Some(lane) = lanes.get_mut(&ask.partition) else {
                continue;
            };
            let more = lane.wakeups.read(&found, ask.until, ask.most as usize);
            lane.remember(&found);
            due.more |= more;
            if let Some((_, clues)) = due.clues.iter_mut().find(|(lane, _)| *lane == ask.partition) {
                clues.extend(found.due.into_iter().map(|(_, clue)| clue));
            }
        }
    }
    due.clues.retain(|(_, clues)| !clues.is_empty());
    for (lane, until) in watermarks {
        if let Some(lane) = lanes.get_mut(lane) {
            lane.wakeups.leave(*until);
        }
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn clue(number: u64) -> ClueId {
        ClueId(uuid::Uuid::from_u128(u128::from(number) + 1))
    }

    /// A lane whose rows are committed one batch late, as while the next is decided.
    struct World {
        random: u64,
        wakeups: Wakeups,
        behind: Behind,
        sequence: i64,
        /// What the states say, and the rows.
        states: BTreeMap<ClueId, Timestamp>,
        rows: BTreeMap<ClueId, Timestamp>,
        on_the_way: Vec<(ClueId, Option<Timestamp>)>,
        woken: usize,
    }

    impl World {
        fn new(seed: u64) -> Self {
            Self {
                random: seed,
                wakeups: Wakeups::default(),
                behind: Behind::default(),
                sequence: 0,
                states: BTreeMap::new(),
                rows: BTreeMap::new(),
                on_the_way: Vec::new(),
                woken: 0,
            }
        }

        fn below(&mut self, end: u64) -> u64 {
            self.random = self
                .random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.random >> 33) % end
        }

        fn set(&mut self, clue: ClueId, due: Option<Timestamp>) {
            let before = self.states.remove(&clue);
            self.states.extend(due.map(|due| (clue, due)));
            self.wakeups.set(clue, before, due);
            self.sequence += 1;
            self.behind.note(clue, self.sequence, at(0));
        }

        /// A batch is decided, the one before it committed.
        fn batch(&mut self) {
            self.wakeups.age(&self.behind);
            let clues = if self.below(2) == 0 {
                self.behind.take_all()
            } else {
                Vec::new()
            };
            let mut writes = Vec::new();
            for clue in clues {
                let due = self.states.get(&clue).copied();
                self.wakeups.write(clue, due);
                writes.push((clue, due));
            }
            for (clue, due) in std::mem::replace(&mut self.on_the_way, writes) {
                self.rows.remove(&clue);
                self.rows.extend(due.map(|due| (clue, due)));
            }
        }

        /// Finds who is due and wakes them; whether there may be more.
        fn look(&mut self, until: Timestamp, most: usize) -> bool {
            if self.wakeups.since(until).is_none() {
                return false;
            }
            let mut clues = self.wakeups.take_fresh(until, most);
            let mut more = clues.len() == most;
            if !more {
                let most = most - clues.len();
                let mut rows: Vec<Wakeup> = self.rows.iter().map(|(clue, due)| (*due, *clue)).collect();
                rows.sort_unstable();
                let behind = |row: &&Wakeup| **row > self.wakeups.cursor && row.0 <= until;
                let found = Found {
                    due: rows.iter().filter(behind).take(most).copied().collect(),
                    later: rows.iter().map(|(due, _)| *due).find(|due| *due > until),
                    ..Found::default()
                };
                more = self.wakeups.read(&found, until, most);
                clues.extend(found.due.iter().map(|(_, clue)| *clue));
            }
            for clue in clues {
                if self.states.get(&clue).is_some_and(|due| *due <= until) {
                    self.woken += 1;
                    let again =
                        (self.below(3) == 0).then(|| until.plus_micros(1 + self.below(9_000_000) as i64));
                    self.set(clue, again);
                }
            }
            more
        }

        fn due(&self, until: Timestamp) -> Vec<ClueId> {
            let due = self.states.iter().filter(|(_, due)| **due <= until);
            due.map(|(clue, _)| *clue).collect()
        }
    }

    #[test]
    fn whoever_is_due_is_found_whatever_is_written_when_and_wherever_the_clock_jumps() {
        let mut woken = 0;
        for seed in 0..2_000 {
            let mut world = World::new(seed);
            let mut now = 100;
            for _ in 0..150 {
                match world.below(10) {
                    0..=3 => {
                        let clue = clue(world.below(4));
                        let due = now - 2 + world.below(8) as i64;
                        let due = due + if world.below(3) == 0 { 1_000 } else { 0 };
                        let due = (world.below(5) > 0).then(|| at(due));
                        world.set(clue, due);
                    }
                    4..=5 => world.batch(),
                    6..=7 => {
                        let most = 1 + world.below(4) as usize;
                        world.look(at(now), most);
                        world.batch();
                    }
                    8 => now += world.below(8) as i64,
                    _ => now -= world.below(4) as i64,
                }
            }
            now += 10;
            for _ in 0..40 {
                while world.look(at(now), 5) {}
                world.batch();
            }
            assert_eq!(world.due(at(now)), [], "seed {seed}: {:?}", world.wakeups);
            assert_eq!(
                world.wakeups.since(at(now)),
                None,
                "seed {seed}: nobody looks for nothing"
            );
            woken += world.woken;
        }
        assert!(woken > 20_000, "only {woken} woke");
    }

    #[test]
    fn what_is_written_is_read_and_no_longer_remembered() {
        let mut world = World::new(7);
        for number in 0..500 {
            world.set(clue(number), Some(at(1_000 + number as i64)));
        }
        assert_eq!(world.wakeups.fresh.len(), 500);
        for _ in 0..20 {
            world.batch();
        }
        assert_eq!(world.wakeups.fresh.len(), 0, "the rows have them");
        assert!(!world.look(at(999), 100));
        assert_eq!((world.woken, world.wakeups.next), (0, Some(at(1_000))));
        while world.look(at(2_000), 100) {}
        assert_eq!(world.woken, 500);
    }
}
