//! What became of the records that were read.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::counts::sums;

sums!(
    /// Every record has one disposition, so received = new + updated + unchanged + stale + feedback + skipped + quarantined +
    /// in_flight.
    ///
    /// A quarantined record that is replayed leaves `quarantined` for what it then becomes (`new` …); `replayed` counts it
    /// beside. One that is discarded stays in `quarantined`; `discarded` counts it beside.
    Records {
        /// Counted by position, never summed from outcomes.
        received,
        new,
        updated,
        unchanged,
        stale,
        feedback,
        skipped,
        quarantined,
        /// Read, and its outcome is not known here yet.
        in_flight,
        /// Of `quarantined`: somebody decided that it is not to be read.
        discarded,
        /// Once quarantined, and read after all.
        replayed,
        /// Outcomes that are known here before the reading is: 0 at rest. received + ahead = the sum of the dispositions.
        ahead,
    }
);

impl Records {
    /// What could not be read and still waits: counts against the closure rate.
    pub const fn unreadable(&self) -> u64 {
        self.quarantined.saturating_sub(self.discarded)
    }

    /// The outcomes that are known.
    pub const fn settled(&self) -> u64 {
        self.new
            + self.updated
            + self.unchanged
            + self.stale
            + self.feedback
            + self.skipped
            + self.quarantined
    }

    /// The same outcomes out of `received` records that were read: the rest is in flight.
    #[must_use]
    pub const fn of_received(self, received: u64) -> Self {
        let settled = self.settled();
        let (in_flight, ahead) = (received.saturating_sub(settled), settled.saturating_sub(received));
        Self {
            received,
            in_flight,
            ahead,
            ..self
        }
    }

    pub const fn is_balanced(&self) -> bool {
        self.received + self.ahead == self.settled() + self.in_flight
    }
}
