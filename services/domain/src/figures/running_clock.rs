//! A clock of a clue, as figures know it.

use serde::{Deserialize, Serialize};

use crate::calendar::Step;
use crate::clue::{counted, is_had};
use crate::time::Timestamp;

/// A clock that runs, as far as figures go by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningClock {
    pub step: Step,
    pub since: Timestamp,
    pub due_at: Timestamp,
    pub provisional: bool,
    /// When the due time became known.
    pub known_at: Timestamp,
    /// Since when it stands still.
    pub stands_since: Option<Timestamp>,
}

impl RunningClock {
    /// Whether its time was over at `now`.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.due_at < self.counted(now)
    }

    /// Up to when time counts at `now`.
    pub(super) fn counted(&self, now: Timestamp) -> Timestamp {
        counted(self.stands_since, now)
    }

    /// Whether a step of the ladder that was reached for a due time was reached for this clock.
    pub(super) fn had(&self, reached: Timestamp) -> bool {
        is_had(reached, self.since, self.due_at, self.known_at)
    }
}
