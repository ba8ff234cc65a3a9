//! The circuit breaker: an input whose records are nearly all bad stops, until the process starts again.
//!
//! Somebody changed a format, or a mapping is wrong: going on would fill the quarantine with what belongs in the log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use bihuan_contracts::topics::{Kind, kind};

use crate::{Batch, Effects};

/// Records that are looked back upon.
const WINDOW: u64 = 1_000;
/// So many bad ones of them are too many.
const TOO_MANY: usize = 950;

/// A partition of a topic.
pub(super) type Input = (Arc<str>, u32);

#[derive(Debug, Default)]
pub(super) struct Breaker {
    windows: BTreeMap<Input, Window>,
    stopped: BTreeMap<Input, String>,
}

/// The newest records of one input. What came before the first one counts as good.
#[derive(Debug, Default)]
struct Window {
    seen: u64,
    /// Ordinals of the bad ones.
    bad: VecDeque<u64>,
}

impl Window {
    fn count(&mut self, is_bad: bool) {
        self.seen += 1;
        if is_bad {
            self.bad.push_back(self.seen);
        }
    }

    fn is_full(&mut self) -> bool {
        let seen = self.seen;
        self.bad.retain(|ordinal| ordinal + WINDOW > seen);
        self.bad.len() >= TOO_MANY
    }
}

/// The messages of a batch that went to quarantine with every record in them, by topic, partition and offset.
pub(super) struct Bad(BTreeSet<(String, u32, i64)>);

impl Bad {
    pub(super) fn of(effects: &Effects) -> Self {
        let mut put_away: BTreeMap<(String, u32, i64), u32> = BTreeMap::new();
        for it in &effects.quarantined {
            *put_away
                .entry((it.topic.clone(), it.topic_partition, it.offset))
                .or_default() += 1;
        }
        for it in &effects.counted {
            let key = (it.topic.to_string(), it.partition, it.offset);
            if put_away.get(&key).is_some_and(|bad| *bad < it.records) {
                put_away.remove(&key);
            }
        }
        Self(put_away.into_keys().collect())
    }
}

impl Breaker {
    pub(super) fn is_stopped(&self, topic: &str, partition: u32) -> bool {
        // nearly always empty
        !self.stopped.is_empty() && self.stopped.contains_key(&(Arc::from(topic), partition))
    }

    /// Why an input was stopped, if one was.
    pub(super) fn stopped(&self) -> Option<&String> {
        self.stopped.values().next()
    }

    /// Counts a committed batch; returns the inputs that stop now. Our own journals are never bad: they halt instead.
    pub(super) fn count(&mut self, batch: &Batch, bad: &Bad) -> Vec<Input> {
        let mut suspects = BTreeSet::new();
        for record in batch.lanes.iter().flat_map(|lane| &lane.records) {
            let input = (record.topic.clone(), record.partition);
            let is_bad = !bad.0.is_empty()
                && bad
                    .0
                    .contains(&(record.topic.to_string(), record.partition, record.offset));
            if !is_bad && !self.windows.contains_key(&input) || kind(&record.topic) == Kind::Journal {
                continue;
            }
            self.windows.entry(input.clone()).or_default().count(is_bad);
            if is_bad {
                suspects.insert(input);
            }
        }
        let full = |input: &Input| self.windows.get_mut(input).is_some_and(Window::is_full);
        let tripped: Vec<Input> = suspects.into_iter().filter(full).collect();
        for (topic, partition) in &tripped {
            let reason = format!(
                "{topic}/{partition}: of the last {WINDOW} records {TOO_MANY} or more went to quarantine; mend the source or its mapping, then start again"
            );
            self.stopped.insert((topic.clone(), *partition), reason);
        }
        tripped
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::id::RecordId;
    use bihuan_domain::time::Timestamp;
    use bihuan_store::quarantine::Quarantined;

    use super::*;
    use crate::Record;

    fn full_after(pattern: impl Iterator<Item = bool>) -> Option<usize> {
        let mut window = Window::default();
        pattern.enumerate().find_map(|(index, is_bad)| {
            window.count(is_bad);
            window.is_full().then_some(index + 1)
        })
    }

    #[test]
    fn nearly_all_of_the_last_thousand() {
        assert_eq!(full_after(std::iter::repeat_n(true, 2_000)), Some(950));
        assert_eq!(
            full_after((0..5_000).map(|n| n % 20 != 0)),
            Some(1_000),
            "exactly 95 %"
        );
        assert_eq!(full_after((0..5_000).map(|n| n % 19 != 0)), None, "a little less");
        let long_ago = std::iter::repeat_n(true, 900).chain(std::iter::repeat_n(false, 500));
        assert_eq!(full_after(long_ago.chain(std::iter::repeat_n(true, 900))), None);
    }

    #[test]
    fn a_message_is_bad_if_every_record_in_it_is() {
        let record = |offset| Record {
            topic: "grid".into(),
            partition: 0,
            offset,
            type_name: "".into(),
            sequence: None,
            key: Vec::new(),
            headers: Vec::new(),
            payload: Vec::new(),
            tombstone: false,
            logged_at: None,
        };
        let put_away = |offset, row| {
            let at = Timestamp::EPOCH;
            let row = RecordId::of_row(RecordId::of_position("c", "grid", 0, offset), row);
            Quarantined {
                id: row,
                ..record(offset).quarantined("g", "c", 0, "json", at)
            }
        };
        let mut effects = Effects::default();
        for (offset, records, bad) in [(0, 3, 3), (1, 3, 2), (2, 1, 1), (3, 2, 0)] {
            effects.holds(0, &record(offset), records);
            (0..bad).for_each(|row| effects.quarantine(put_away(offset, row)));
        }
        let offsets: Vec<_> = Bad::of(&effects)
            .0
            .into_iter()
            .map(|(.., offset)| offset)
            .collect();
        assert_eq!(offsets, [0, 2]);
    }
}
