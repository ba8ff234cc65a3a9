//! The watermark of a lane: up to when it has heard everything, so that what is due by then may happen.
//!
//! A command that waits on the log while nobody reads it must be decided before a deadline that it met. So a lane ticks no farther
//! than it has *heard*: every record that was logged before that time is decided. That is known in three ways.
//!
//! - Nothing waits: the log delivers within moments, so that whatever was logged a little ago is here. The grace covers the
//!   moments.
//! - The lane has read up to where the log ended when it was asked: all that was logged before the question is decided. It is asked
//!   when the lane is taken over, for what waited meanwhile, and again while deliveries wait for long.
//! - A record was decided, so all those that were logged before it in its partition are.
//!
//! It never goes back, for what was heard stays heard; and it never passes the wall clock of who asks, whatever a clock said before.

use std::time::{Duration, Instant};

use bihuan_domain::time::Timestamp;

/// Where nothing came for so long, though the log is there, nothing is left to come: of a topic that the log has shortened the end
/// is a number that reading never gets to.
const SILENCE: Duration = Duration::from_secs(30);

pub(super) struct Watermark {
    heard: Option<Timestamp>,
    mark: Option<Mark>,
    /// When a record of the lane came last.
    came: Instant,
}

/// Where the log ended when it was asked.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) asked_at: Timestamp,
    pub(super) end: i64,
}

impl Watermark {
    /// Of a lane that was just taken over.
    pub(super) fn behind(mark: Mark) -> Self {
        Self {
            heard: None,
            mark: Some(mark),
            came: Instant::now(),
        }
    }

    /// Records are in the batch that comes next, the newest of them logged at `newest`.
    pub(super) fn hear(&mut self, newest: Option<Timestamp>) {
        self.came = Instant::now();
        self.heard = self.heard.max(newest);
    }

    /// The log was asked again.
    pub(super) fn ask(&mut self, mark: Mark) {
        self.mark.get_or_insert(mark);
    }

    /// Whether nothing was heard of since `then`, and the log not asked.
    pub(super) fn is_stale(&self, then: Timestamp) -> bool {
        self.mark.is_none() && self.heard.is_none_or(|heard| heard < then)
    }

    /// Up to when the lane may tick at `now`, if it may. `next`: how far its lead topic is read; `waits`: deliveries do.
    pub(super) fn at(
        &mut self,
        now: Timestamp,
        next: i64,
        waits: bool,
        grace: Duration,
    ) -> Option<Timestamp> {
        if let Some(mark) = self.mark
            && (next >= mark.end || !waits && self.came.elapsed() >= SILENCE)
        {
            self.heard = self.heard.max(Some(mark.asked_at));
            self.mark = None;
        }
        if self.mark.is_none() && !waits {
            self.heard = self.heard.max(Some(now));
        }
        let grace = i64::try_from(grace.as_micros()).unwrap_or(i64::MAX);
        self.heard.map(|heard| heard.min(now).plus_micros(-grace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(2);

    const fn second(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn taken_over(asked_at: i64, end: i64) -> Watermark {
        Watermark::behind(Mark {
            asked_at: second(asked_at),
            end,
        })
    }

    #[test]
    fn a_lane_that_is_behind_ticks_up_to_what_it_heard() {
        let mut lane = taken_over(100, 10);
        assert_eq!(lane.at(second(100), 5, false, GRACE), None, "nothing was heard");
        lane.hear(Some(second(40)));
        assert_eq!(lane.at(second(101), 9, true, GRACE), Some(second(38)));
        assert_eq!(lane.at(second(102), 9, false, GRACE), Some(second(38)));
        assert_eq!(
            lane.at(second(103), 10, true, GRACE),
            Some(second(98)),
            "the question"
        );
        assert_eq!(
            lane.at(second(104), 10, false, GRACE),
            Some(second(102)),
            "nothing waits"
        );
    }

    #[test]
    fn a_lane_is_behind_whenever_records_wait() {
        let mut lane = taken_over(100, 0);
        assert_eq!(lane.at(second(100), 0, false, GRACE), Some(second(98)));
        assert_eq!(lane.at(second(110), 50, true, GRACE), Some(second(98)));
        lane.hear(Some(second(105)));
        assert_eq!(lane.at(second(110), 60, true, GRACE), Some(second(103)));
        assert!(lane.is_stale(second(106)) && !lane.is_stale(second(105)));
        lane.ask(Mark {
            asked_at: second(110),
            end: 80,
        });
        assert!(!lane.is_stale(second(106)), "asked");
        assert_eq!(lane.at(second(111), 79, true, GRACE), Some(second(103)));
        assert_eq!(lane.at(second(112), 80, true, GRACE), Some(second(108)));
    }

    #[test]
    fn a_clock_that_is_set_back_and_a_log_that_is_ahead_let_nothing_happen_early() {
        let mut lane = taken_over(100, 0);
        assert_eq!(lane.at(second(100), 0, false, GRACE), Some(second(98)));
        assert_eq!(lane.at(second(50), 0, false, GRACE), Some(second(48)), "set back");
        lane.hear(Some(second(900)));
        assert_eq!(lane.at(second(101), 1, true, GRACE), Some(second(99)), "ahead");
    }
}
