//! States written behind. A clue's events commit with the batch that decided them, its state a little later: whatever happens to
//! it within that time makes one row. The row `clue_checkpoint` of the lane says from where on states may lack events; who takes
//! the lane over folds those.

use std::collections::{BTreeMap, HashMap};

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;

/// How long a state may be behind while its lane is busy.
const PATIENCE_MICROS: i64 = 1_000_000;
/// So many states a batch may write whatever else it does.
const FEW: usize = 200;

/// The clues of a lane whose rows lack events.
#[derive(Debug, Default)]
pub(crate) struct Behind {
    /// The first event that each row lacks.
    first: HashMap<ClueId, i64>,
    /// By that event: the clue, and when it fell behind.
    order: BTreeMap<i64, (ClueId, Timestamp)>,
    /// The lane's newest event of a clue.
    newest: i64,
    /// How many fell behind since the last batch.
    fell: usize,
}

impl Behind {
    /// Says that the clue has an event that its row lacks.
    pub(crate) fn note(&mut self, clue: ClueId, sequence: i64, now: Timestamp) {
        self.newest = self.newest.max(sequence);
        self.first.entry(clue).or_insert_with(|| {
            self.order.insert(sequence, (clue, now));
            self.fell += 1;
            sequence
        });
    }

    /// Whether the clue's row lacks an event.
    pub(crate) fn has(&self, clue: ClueId) -> bool {
        self.first.contains_key(&clue)
    }

    pub(crate) fn clues(&self) -> impl Iterator<Item = &ClueId> {
        self.first.keys()
    }

    /// The clues that are to be written now, because they were behind for long enough: at most twice as many as fell behind since,
    /// so that a batch is not as long as a second was busy.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<ClueId> {
        let due = now.as_micros() - PATIENCE_MICROS;
        let most = FEW.max(2 * std::mem::take(&mut self.fell));
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some(entry) = self.order.first_entry()
            // a clock that was set back since makes none wait for it
            && (entry.get().1.as_micros() <= due || entry.get().1 > now)
        {
            let (clue, _) = entry.remove();
            self.first.remove(&clue);
            taken.push(clue);
        }
        taken
    }

    /// Of these clues, those that are behind.
    pub(crate) fn take(&mut self, clues: &[ClueId]) -> Vec<ClueId> {
        let mut taken = Vec::with_capacity(clues.len());
        for clue in clues {
            if let Some(first) = self.first.remove(clue) {
                self.order.remove(&first);
                taken.push(*clue);
            }
        }
        taken
    }

    /// The clues of which that is so.
    pub(crate) fn take_if(&mut self, mut is_wanted: impl FnMut(&ClueId) -> bool) -> Vec<ClueId> {
        let mut taken = Vec::new();
        self.order.retain(|_, (clue, _)| {
            let wanted = is_wanted(clue);
            if wanted {
                taken.push(*clue);
            }
            !wanted
        });
        for clue in &taken {
            self.first.remove(clue);
        }
        taken
    }

    pub(crate) fn take_all(&mut self) -> Vec<ClueId> {
        self.first.clear();
        std::mem::take(&mut self.order)
            .into_values()
            .map(|(clue, _)| clue)
            .collect()
    }

    /// No row lacks an event up to here, once what was taken is written.
    pub(crate) fn checkpoint(&self) -> i64 {
        self.order
            .first_key_value()
            .map_or(self.newest, |(first, _)| first - 1)
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::code::SourceId;

    use super::*;

    fn clue(id: &str) -> ClueId {
        ClueId::derive(&SourceId::new("s").expect("valid"), id)
    }

    #[test]
    fn a_clue_is_behind_from_its_first_event_on_until_it_is_taken() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let mut behind = Behind::default();
        behind.note(clue("a"), 3, at(10));
        behind.note(clue("b"), 4, at(11));
        behind.note(clue("a"), 5, at(12));
        assert_eq!(behind.checkpoint(), 2);
        assert_eq!(behind.take_due(at(10)), []);
        assert_eq!(behind.take_due(at(11)), [clue("a")]);
        assert_eq!(behind.checkpoint(), 3, "b lacks 4");
        behind.note(clue("a"), 6, at(12));
        assert_eq!(behind.take_all(), [clue("b"), clue("a")]);
        assert_eq!(behind.checkpoint(), 6, "nothing is behind");
        assert_eq!(behind.take_all(), []);
        behind.note(clue("a"), 7, at(3600));
        assert_eq!(behind.take_due(at(20)), [clue("a")], "the clock was set back");
        behind.note(clue("a"), 8, at(20));
        behind.note(clue("b"), 9, at(20));
        behind.note(clue("a"), 10, at(20));
        assert_eq!(behind.take_if(|it| *it == clue("a")), [clue("a")]);
        assert_eq!((behind.checkpoint(), behind.take_all()), (8, vec![clue("b")]));
    }

    #[test]
    fn a_busy_second_is_written_in_portions() {
        let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
        let note = |behind: &mut Behind, numbers: std::ops::Range<i64>, now| {
            for number in numbers {
                behind.note(clue(&number.to_string()), number + 1, now);
            }
        };
        let mut behind = Behind::default();
        note(&mut behind, 0..2_000, at(10));
        assert_eq!(behind.take_due(at(10)).len(), 0);
        note(&mut behind, 2_000..2_300, at(12));
        assert_eq!(behind.take_due(at(12)).len(), 600, "twice as many as came");
        assert_eq!(behind.take_due(at(12)).len(), 200, "a few in any case");
        assert_eq!((behind.checkpoint(), behind.take_all().len()), (800, 1_500));
    }
}
