//! The one place that reads the wall clock. Everything else is handed a [`Clock`] or, better, a time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bihuan_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Tells the time: the real one, one that runs as fast as somebody likes, or the one that the [`Hand`] of a test points at.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    Wall,
    Fixed(Arc<AtomicI64>),
    Simulated(Arc<Mutex<Course>>),
}

/// How simulated time runs: from when, since when, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// What the wall clock said …
    pub wall: Timestamp,
    /// … when it was this time.
    pub simulated: Timestamp,
    /// Simulated seconds in a second. 0: it stands still until somebody sets it.
    pub speed: u32,
}

/// Sets a simulated clock.
#[derive(Clone, Debug)]
pub struct Dial(Arc<Mutex<Course>>);

/// Moves a fixed clock.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Clock {
    /// The wall clock of the machine.
    pub const fn wall() -> Self {
        Self(Source::Wall)
    }

    pub const fn is_simulated(&self) -> bool {
        matches!(self.0, Source::Simulated(_))
    }

    /// A clock that stands still at `at` until its hand is moved.
    pub fn fixed(at: Timestamp) -> (Self, Hand) {
        let micros = Arc::new(AtomicI64::new(at.as_micros()));
        (Self(Source::Fixed(micros.clone())), Hand(micros))
    }

    pub fn simulated(course: Course) -> (Self, Dial) {
        let course = Arc::new(Mutex::new(course));
        (Self(Source::Simulated(course.clone())), Dial(course))
    }

    /// How much later it is by this clock after so much time. By one that stands still until it is moved as much: nobody knows by whom.
    pub fn after(&self, passed: Duration) -> Duration {
        match &self.0 {
            Source::Wall | Source::Fixed(_) => passed,
            Source::Simulated(course) => {
                let course = *course.lock().unwrap_or_else(PoisonError::into_inner);
                passed.saturating_mul(course.speed.max(1))
            }
        }
    }

    /// The present, in whole microseconds UTC.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Wall => wall(),
            Source::Fixed(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
            Source::Simulated(course) => course.lock().unwrap_or_else(PoisonError::into_inner).at(wall()),
        }
    }
}

impl Course {
    /// The simulated time when the wall clock says `wall`.
    pub fn at(self, wall: Timestamp) -> Timestamp {
        let passed = wall.since(self.wall).max(0).saturating_mul(self.speed.into());
        self.simulated.plus_micros(passed)
    }
}

impl Dial {
    pub fn set(&self, course: Course) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = course;
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
    fn a_simulated_clock_runs_as_fast_as_it_is_set() {
        let (noon, day): (Timestamp, _) = ("2026-01-05T12:00:00Z".parse().expect("a time"), 86_400_000_000);
        let wall = Clock::wall().now();
        let course = Course {
            wall,
            simulated: noon,
            speed: 86_400,
        };
        assert_eq!(course.at(wall.plus_micros(1_000_000)), noon.plus_micros(day));
        assert_eq!(course.at(wall.plus_micros(-1)), noon, "it never goes back");
        let (clock, dial) = Clock::simulated(course);
        assert!(clock.now() >= noon);
        let second = Duration::from_secs(1);
        assert_eq!(clock.after(second), Duration::from_hours(24));
        assert_eq!(Clock::wall().after(second), second);
        dial.set(Course {
            simulated: noon.plus_days(365),
            speed: 0,
            ..course
        });
        assert_eq!(clock.now(), noon.plus_days(365));
        assert_eq!(clock.after(second), second, "it stands still");
    }

    #[test]
    fn the_wall_clock_is_later_than_the_year_of_this_test() {
        let then: Timestamp = "2025-01-01T00:00:00Z".parse().expect("a time");
        let clock = Clock::wall();
        let first = clock.now();
        assert!(first > then && first < then.plus_days(365 * 100), "{first}");
    }
}
