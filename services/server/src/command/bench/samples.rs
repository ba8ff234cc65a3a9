//! Collected durations and their percentiles.

use std::time::Duration;

/// Durations of one kind.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<u64>);

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took.as_micros() as u64);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// In milliseconds; `share` between 0 and 1.
    pub(crate) fn percentile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let last = self.0.len().saturating_sub(1);
        let index = (last as f64 * share).round() as usize;
        self.0
            .get(index)
            .map_or(f64::NAN, |micros| *micros as f64 / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_the_sorted_values() {
        let mut samples = Samples::default();
        (1..=101)
            .rev()
            .for_each(|ms| samples.add(Duration::from_millis(ms)));
        assert!((samples.percentile(0.5) - 51.0).abs() < 1e-9);
        assert!((samples.percentile(0.99) - 100.0).abs() < 1e-9);
    }
}
