//! Up to when a lane has heard of all that happened to its clues. The loop knows that of what is asked of disputes, its lead topic; a
//! step must not lapse either before what the clue's journal has on it was read, such as that the agency took the clue up.

use bihuan_contracts::topics;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::{self, Journal};
use bihuan_store::lease::{self, Positions};
use bihuan_store::{Result, Store};

use crate::GROUP;

/// What one lane has heard.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heard {
    until: Option<Timestamp>,
    /// All that happened until then lies in the clues' journal up to this sequence.
    mark: Option<(Timestamp, i64)>,
}

/// Of a lane: where the clues' journal ends, and how far the lane has read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    end: i64,
    read: i64,
}

impl Heard {
    /// Up to when steps may lapse, of a lane with this watermark; `None`: nobody knows yet.
    pub(crate) fn until(&self, watermark: Timestamp) -> Option<Timestamp> {
        Some(self.until?.min(watermark))
    }

    /// The clock said `now` before anybody looked where the journal ends.
    pub(crate) fn look(&mut self, now: Timestamp, Place { end, read }: Place) {
        let (at, end) = *self.mark.get_or_insert((now, end));
        if read >= end {
            self.until = Some(at);
            self.mark = None;
        }
    }
}

/// Where each of the lanes is.
pub(crate) async fn places(store: &Store, lanes: &[(u32, Timestamp)]) -> Result<Vec<Place>> {
    let mut reader = store.read().await?;
    let leases = lease::list(reader.conn(), GROUP).await?;
    let ends = journal::ends(reader.conn(), Journal::Clue).await?;
    let of = |(lane, _): &(u32, Timestamp)| {
        let lease = leases.iter().find(|it| it.partition == *lane);
        let end = ends.iter().find(|(partition, _)| partition == lane);
        Place {
            end: end.map_or(0, |(_, end)| *end),
            read: lease.map_or(0, |lease| read(&lease.positions, topics::CLUE_EVENTS, *lane)),
        }
    };
    Ok(lanes.iter().map(of).collect())
}

/// Up to where the lane's lease says that the clues' journal was read.
pub(crate) async fn read_by(store: &Store, lane: u32) -> Result<i64> {
    let leases = lease::list(store.read().await?.conn(), GROUP).await?;
    let lease = leases.iter().find(|it| it.partition == lane);
    Ok(lease.map_or(0, |lease| read(&lease.positions, topics::CLUE_EVENTS, lane)))
}

/// The newest sequence of the journal that was read.
pub(crate) fn read(positions: &Positions, topic: &str, partition: u32) -> i64 {
    positions.get(topic, partition).unwrap_or_default().sequence
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn nothing_lapses_before_what_happened_until_then_is_read() {
        let mut heard = Heard::default();
        let mut look = |now, end, read| {
            heard.look(at(now), Place { end, read });
            heard.until(at(100))
        };
        assert_eq!(look(10, 7, 5), None);
        // what was written since does not count
        assert_eq!(look(11, 9, 6), None);
        assert_eq!(look(12, 12, 7), Some(at(10)));
        assert_eq!(look(13, 12, 11), Some(at(10)));
        assert_eq!(look(14, 14, 12), Some(at(13)));
        assert_eq!(
            heard.until(at(9)),
            Some(at(9)),
            "and not before what is asked is read"
        );
    }
}
