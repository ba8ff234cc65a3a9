//! How long to wait before the next attempt: exponential with full jitter, so that many who failed together do not come
//! back together.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Growing, jittered delays between a shortest and a longest one.
#[derive(Clone, Debug)]
pub struct Backoff {
    min: Duration,
    max: Duration,
    attempts: u32,
    random: u64,
}

impl Backoff {
    pub fn new(min: Duration, max: Duration) -> Self {
        // The hasher's keys are random per process and differ per instance: jitter needs no more.
        Self::seeded(min, max, RandomState::new().hash_one(0_u8))
    }

    /// With delays that the same `seed` repeats.
    pub fn seeded(min: Duration, max: Duration, seed: u64) -> Self {
        Self {
            min,
            max: max.max(min),
            attempts: 0,
            // xorshift never leaves zero
            random: seed.max(1),
        }
    }

    /// As it is after so many attempts that failed.
    #[must_use]
    pub const fn after(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The delay before the next attempt: anything from `min` up to a ceiling that doubles from 2·`min` to `max`.
    #[must_use]
    pub fn delay(&mut self) -> Duration {
        self.attempts = self.attempts.saturating_add(1);
        let factor = 1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        let ceiling = self.min.saturating_mul(factor).min(self.max);
        self.min + ceiling.saturating_sub(self.min).mul_f64(self.fraction())
    }

    /// After a success: the next delay is a short one again.
    pub const fn reset(&mut self) {
        self.attempts = 0;
    }

    /// Attempts since the last success.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// In 0..1, by xorshift64*.
    fn fraction(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let scrambled = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D);
        (scrambled >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIN: Duration = Duration::from_millis(100);
    const MAX: Duration = Duration::from_secs(10);

    #[test]
    fn delays_stay_under_a_doubling_ceiling() {
        for seed in 0..200 {
            let mut backoff = Backoff::seeded(MIN, MAX, seed);
            for attempt in 1..40 {
                let ceiling = MIN
                    .saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX))
                    .min(MAX);
                let delay = backoff.delay();
                assert!(
                    (MIN..=ceiling).contains(&delay),
                    "seed {seed}, attempt {attempt}: {delay:?}"
                );
            }
            backoff.reset();
            assert!(backoff.delay() <= MIN * 2);
        }
    }

    #[test]
    fn a_backoff_goes_on_from_attempts_that_are_known() {
        let longest = (0..200)
            .map(|seed| Backoff::seeded(MIN, MAX, seed).after(20).delay())
            .max();
        assert!(longest > Some(MAX / 2), "{longest:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_delays_and_two_backoffs_differ() {
        let delays = |mut backoff: Backoff| (0..8).map(|_| backoff.delay()).collect::<Vec<_>>();
        assert_eq!(
            delays(Backoff::seeded(MIN, MAX, 7)),
            delays(Backoff::seeded(MIN, MAX, 7))
        );
        assert_ne!(delays(Backoff::new(MIN, MAX)), delays(Backoff::new(MIN, MAX)));
    }

    #[test]
    fn a_maximum_below_the_minimum_is_the_minimum() {
        let mut backoff = Backoff::seeded(MIN, Duration::ZERO, 1);
        assert_eq!(backoff.delay(), MIN);
    }
}
