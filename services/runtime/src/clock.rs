//! The one place that reads the wall clock. Everything else is handed a [`Clock`] or, better, a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use bihuan_domain::time::Timestamp;

/// Tells the time: the real one, or the one that the [`Hand`] of a test points at.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    Wall,
    Fixed(Arc<AtomicI64>),
}

/// Moves a fixed clock.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Clock {
    /// The wall clock of the machine.
    pub const fn wall() -> Self {
        Self(Source::Wall)
    }

    /// A clock that stands still at `at` until its hand is moved.
    pub fn fixed(at: Timestamp) -> (Self, Hand) {
        let micros = Arc::new(AtomicI64::new(at.as_micros()));
        (Self(Source::Fixed(micros.clone())), Hand(micros))
    }

    /// The present, in whole microseconds UTC.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Wall => wall(),
            Source::Fixed(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }
}

impl Hand {
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.as_micros(), Ordering::SeqCst);
    }

    /// Moves the clock forward by `by`, cut to whole microseconds.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(micros(by), Ordering::SeqCst);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the time source that the ban points to"
)]
fn wall() -> Timestamp {
    let now = SystemTime::now();
    Timestamp::from_micros(match now.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => micros(after),
        Err(before) => -micros(before.duration()),
    })
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_by_its_hand() {
        let noon: Timestamp = "2026-01-05T12:00:00Z".parse().expect("a time");
        let (clock, hand) = Clock::fixed(noon);
        assert_eq!(clock.now(), noon);
        hand.advance(Duration::from_nanos(1_999));
        assert_eq!(clock.clone().now(), noon.plus_micros(1));
        hand.set(Timestamp::EPOCH);
        assert_eq!(clock.now(), Timestamp::EPOCH);
    }

    #[test]
    fn the_wall_clock_is_later_than_the_year_of_this_test() {
        let then: Timestamp = "2025-01-01T00:00:00Z".parse().expect("a time");
        let clock = Clock::wall();
        let first = clock.now();
        assert!(first > then && first < then.plus_days(365 * 100), "{first}");
    }
}
