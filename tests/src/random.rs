//! Chance that can be repeated: the seed is printed, and `BIHUAN_SEED` sets it.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

/// xorshift64*.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From `BIHUAN_SEED`, or another one at each run; says which.
    pub fn for_test(name: &str) -> Self {
        let seed = std::env::var("BIHUAN_SEED").ok().map_or_else(
            || RandomState::new().build_hasher().finish(),
            |text| text.trim().parse().expect("BIHUAN_SEED is a whole number"),
        );
        eprintln!("{name}: BIHUAN_SEED={seed}");
        Self::new(seed)
    }

    pub const fn new(seed: u64) -> Self {
        // zero would stay zero
        Self(seed ^ 0x9e37_79b9_7f4a_7c15 | 1)
    }

    pub const fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `end`.
    pub const fn below(&mut self, end: usize) -> usize {
        (self.number() >> 11) as usize % end
    }

    pub const fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub const fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below((to - from) as usize) as u64)
    }

    /// An independent source, for another thread.
    #[must_use]
    pub const fn split(&mut self) -> Self {
        Self::new(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            (0..8).map(|_| random.number()).collect::<Vec<_>>()
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        let mut random = Random::new(0);
        assert!((0..1_000).all(|_| random.below(10) < 10));
    }
}
