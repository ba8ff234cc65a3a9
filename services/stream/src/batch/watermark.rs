//! The watermark of a lane: up to when it has heard everything, so that what is due by then may happen.
//!
//! A command that waits on the log while nobody reads it must be decided before a deadline that it met. So a lane ticks no farther
//! than it has *heard*: every record that the log took before that time is decided. There is one proof of that. The log is asked where
//! the lead topic ends; once the lane has read up to there, all that was taken before the question is decided.
//!
//! Nothing else proves it. That no delivery waits does not: the log may have been away, fetching may pause, or be slow. Nor does the
//! time of a record that was decided: who sent it may have set that, by another clock.
//!
//! It never goes back, for what was heard stays heard, but with the clock of who asks: what that said while it was ahead proves nothing.

use std::time::Duration;

use bihuan_domain::time::Timestamp;

use crate::handler::earlier;

#[derive(Default)]
pub(super) struct Watermark {
    heard: Option<Timestamp>,
    /// Not reached yet.
    mark: Option<Mark>,
}

/// Where the log ended when it was asked.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) asked_at: Timestamp,
    pub(super) end: i64,
}

impl Watermark {
    /// The log was asked. A mark that was not reached yet is reached first, and stays.
    pub(super) fn ask(&mut self, mark: Mark) {
        self.mark.get_or_insert(mark);
    }

    /// Whether there is nothing to reach any more.
    pub(super) const fn is_reached(&self) -> bool {
        self.mark.is_none()
    }

    /// Up to when the lane may tick at `now`, if it may. `next`: how far its lead topic is decided.
    pub(super) fn at(&mut self, now: Timestamp, next: i64, grace: Duration) -> Option<Timestamp> {
        if let Some(mark) = self.mark.take_if(|mark| next >= mark.end) {
            self.heard = self.heard.max(Some(mark.asked_at));
        }
        self.heard = self.heard.map(|heard| heard.min(now));
        self.heard.map(|heard| earlier(heard, grace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(2);

    const fn second(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    const fn mark(asked_at: i64, end: i64) -> Mark {
        Mark {
            asked_at: second(asked_at),
            end,
        }
    }

    #[test]
    fn a_lane_ticks_up_to_when_the_log_ended_where_it_has_read_to() {
        let mut lane = Watermark::default();
        assert_eq!(lane.at(second(99), 10, GRACE), None, "nobody asked");
        lane.ask(mark(100, 10));
        assert_eq!(lane.at(second(101), 9, GRACE), None, "one is not decided yet");
        assert_eq!(lane.at(second(500), 9, GRACE), None, "however long that takes");
        assert_eq!(lane.at(second(501), 10, GRACE), Some(second(98)), "the question");
        assert_eq!(
            lane.at(second(900), 20, GRACE),
            Some(second(98)),
            "until the next one"
        );
    }

    #[test]
    fn of_two_questions_the_first_is_reached_first() {
        let mut lane = Watermark::default();
        lane.ask(mark(100, 10));
        lane.ask(mark(110, 50));
        assert!(!lane.is_reached());
        assert_eq!(lane.at(second(111), 49, GRACE), Some(second(98)));
        assert!(lane.is_reached());
        lane.ask(mark(120, 60));
        assert_eq!(lane.at(second(121), 59, GRACE), Some(second(98)));
        assert_eq!(lane.at(second(122), 60, GRACE), Some(second(118)));
    }

    #[test]
    fn a_clock_that_is_set_back_lets_nothing_happen_early() {
        let mut lane = Watermark::default();
        lane.ask(mark(100, 0));
        assert_eq!(lane.at(second(100), 0, GRACE), Some(second(98)));
        assert_eq!(lane.at(second(50), 0, GRACE), Some(second(48)), "set back");
        assert_eq!(
            lane.at(second(101), 0, GRACE),
            Some(second(48)),
            "what was heard by another clock proves nothing"
        );
        lane.ask(mark(102, 7));
        assert_eq!(lane.at(second(200), 6, GRACE), Some(second(48)));
        assert_eq!(lane.at(second(200), 7, GRACE), Some(second(100)));
    }
}
