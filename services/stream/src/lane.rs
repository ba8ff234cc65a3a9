//! A lane: what the holder of one partition of a group knows between commits.

use std::time::Instant;

use bihuan_store::journal::Entry;
use bihuan_store::lease::{Lease, Position, Positions};

use crate::Record;
use crate::effects::Counted;

/// What to do with a record that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Admission {
    /// The next one.
    Accept,
    /// Read before: drop it.
    Repeat,
    /// A journal skipped a sequence: halt.
    Gap { expected: i64, found: i64 },
}

/// A held lane.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// As committed, but for positions that only skipped.
    pub(crate) lease: Lease,
    /// Positions moved since the last commit.
    pub(crate) moved: bool,
    /// When that was, or the lane was taken over.
    pub(crate) committed_at: Instant,
}

impl Lane {
    pub(crate) fn new(lease: Lease) -> Self {
        Self {
            lease,
            moved: false,
            committed_at: Instant::now(),
        }
    }

    /// Decides about a record and, if it is the next one, moves the position behind it.
    ///
    /// | journal sequence against the newest accepted one | outcome |
    /// |---------------------------------------------------|---------|
    /// | next                                              | accept  |
    /// | not higher                                        | repeat  |
    /// | higher than the next                              | gap     |
    pub(crate) fn admit(&mut self, record: &Record) -> Admission {
        let mut position = self
            .lease
            .positions
            .get(&record.topic, record.partition)
            .unwrap_or_default();
        if record.offset < position.next {
            return Admission::Repeat;
        }
        let repeat = match record.sequence {
            Some(found) if found <= position.sequence => true,
            Some(found) if found > position.sequence + 1 => {
                return Admission::Gap {
                    expected: position.sequence + 1,
                    found,
                };
            }
            Some(found) => {
                position.sequence = found;
                false
            }
            None => false,
        };
        position.next = record.offset + 1;
        if !repeat {
            position.read += 1;
        }
        self.set(record, position);
        if repeat {
            Admission::Repeat
        } else {
            Admission::Accept
        }
    }

    /// Counts a message, which was admitted as one record, as so many.
    pub(crate) fn recount(&mut self, counted: &Counted) {
        let (topic, partition) = (&counted.topic, counted.partition);
        if let Some(mut position) = self.lease.positions.get(topic, partition) {
            position.read += i64::from(counted.records) - 1;
            self.lease.positions.set(topic, partition, position);
        }
    }

    fn set(&mut self, record: &Record, position: Position) {
        self.lease
            .positions
            .set(&record.topic, record.partition, position);
        self.moved = true;
    }

    /// Reads on from where it was read to before, if that is farther: only skipping happened in between, so that nothing is lost
    /// and a journal's sequence goes on.
    pub(crate) fn skip_to(&mut self, positions: &Positions) {
        for (topic, partition, position) in positions.iter() {
            if self
                .lease
                .positions
                .get(topic, partition)
                .is_none_or(|stored| stored.next < position.next)
            {
                self.lease.positions.set(topic, partition, position);
                self.moved = true;
            }
        }
    }

    /// Begins an input that was never read at `end`.
    pub(crate) fn begin_at(&mut self, topic: &str, partition: u32, end: i64) {
        if self.lease.positions.get(topic, partition).is_none() {
            self.lease.positions.set(
                topic,
                partition,
                Position {
                    next: end,
                    ..Position::default()
                },
            );
            self.moved = true;
        }
    }

    /// What the lane holds is in the database now.
    pub(crate) fn committed(&mut self) {
        self.lease.commits += 1;
        self.moved = false;
        self.committed_at = Instant::now();
    }

    /// Counts an event that the handler appended.
    pub(crate) fn append(&mut self, entry: &Entry) {
        self.lease.out_sequence = entry.sequence;
        self.lease.digest = entry.chained(self.lease.digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bihuan_domain::digest::Digest;

    fn lane() -> Lane {
        Lane::new(Lease {
            group: "g".to_owned(),
            partition: 0,
            epoch: 1,
            commits: 0,
            positions: Positions::default(),
            out_sequence: 0,
            published_sequence: 0,
            digest: Digest::ZERO,
        })
    }

    fn record(offset: i64, sequence: Option<i64>) -> Record {
        Record {
            topic: "t".into(),
            partition: 0,
            offset,
            type_name: "x".into(),
            sequence,
            key: Vec::new(),
            headers: Vec::new(),
            payload: Vec::new(),
            tombstone: false,
            logged_at: None,
        }
    }

    #[test]
    fn a_journal_is_accepted_in_dense_order_and_repeats_are_dropped() {
        let mut lane = lane();
        assert_eq!(lane.admit(&record(0, Some(1))), Admission::Accept);
        assert_eq!(
            lane.admit(&record(1, Some(1))),
            Admission::Repeat,
            "published twice"
        );
        assert_eq!(lane.admit(&record(2, Some(2))), Admission::Accept);
        assert_eq!(
            lane.admit(&record(3, Some(4))),
            Admission::Gap {
                expected: 3,
                found: 4
            }
        );
        let position = lane.lease.positions.get("t", 0).expect("read");
        assert_eq!((position.next, position.sequence, position.read), (3, 2, 2));
    }

    #[test]
    fn a_queue_is_read_by_offset_and_may_have_holes() {
        let mut lane = lane();
        assert_eq!(lane.admit(&record(5, None)), Admission::Accept);
        assert_eq!(lane.admit(&record(5, None)), Admission::Repeat);
        assert_eq!(lane.admit(&record(9, None)), Admission::Accept);
        assert_eq!(lane.lease.positions.get("t", 0).expect("read").read, 2);
    }
}
