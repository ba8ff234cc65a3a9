//! Stock and flow of a period: opening stock + received + reopened = closed + voided + rejected + merged + closing stock.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::counts::sums;
use super::{Condition, Facts, Standing};
use crate::time::Timestamp;

sums!(
    /// Times, not clues: one that is closed, reopened and closed again within the period is closed twice and reopened once.
    Flow {
        opening,
        received,
        reopened,
        closed,
        voided,
        rejected,
        merged,
        closing,
    }
);

impl Flow {
    pub const fn is_balanced(&self) -> bool {
        self.opening + self.received + self.reopened
            == self.closed + self.voided + self.rejected + self.merged + self.closing
    }

    /// What one clue did in [`start`, `end`). A step counts only if it opens or ends the clue, so that the sum always holds.
    pub fn of(facts: &Facts, start: Timestamp, end: Timestamp) -> Self {
        let mut flow = Self::default();
        if facts.reported_at >= end {
            return flow;
        }
        let mut condition = Condition::reported(facts);
        if facts.reported_at >= start {
            flow.received = 1;
        } else {
            flow.opening = u64::from(facts.before(start).is_some_and(|then| then.is_open()));
        }
        for mark in facts.history.iter().take_while(|mark| mark.at < end) {
            let was_open = condition.is_open();
            condition.step(mark);
            if mark.at >= start {
                flow.crossed(was_open, condition.standing);
            }
        }
        flow.closing = u64::from(condition.is_open());
        flow
    }

    fn crossed(&mut self, was_open: bool, now: Standing) {
        match (was_open, now) {
            (true, Standing::Closed) => self.closed += 1,
            (true, Standing::Rejected) => self.rejected += 1,
            (true, Standing::Voided) => self.voided += 1,
            (false, now) if now.is_open() => self.reopened += 1,
            _ => {}
        }
    }
}
