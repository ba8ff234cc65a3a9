//! How long to wait before the next attempt: doubling, with jitter, so that those who failed together do not return together.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) struct Backoff {
    attempts: u32,
    /// Its keys are random per instance.
    jitter: RandomState,
}

impl Backoff {
    /// Between half of the doubling ceiling and all of it.
    pub(crate) fn delay(&mut self) -> Duration {
        let ceiling = SHORTEST.saturating_mul(1 << self.attempts.min(10)).min(LONGEST);
        self.attempts += 1;
        let part = self.jitter.hash_one(self.attempts) % 1000;
        ceiling / 2 + ceiling.mul_f64(part as f64 / 2000.0)
    }

    pub(crate) const fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_stay_bounded_and_differ() {
        let (mut one, mut other) = (Backoff::default(), Backoff::default());
        let delays: Vec<Duration> = (0..40).map(|_| one.delay()).collect();
        for (attempt, delay) in delays.iter().enumerate() {
            let ceiling = SHORTEST.saturating_mul(1 << attempt.min(10)).min(LONGEST);
            assert!(
                *delay >= ceiling / 2 && *delay <= ceiling,
                "attempt {attempt}: {delay:?}"
            );
        }
        assert_ne!(delays, (0..40).map(|_| other.delay()).collect::<Vec<_>>());
        one.reset();
        assert!(one.delay() <= SHORTEST);
    }
}
