//! Whether what was counted in a group of clues can be chance.

/// The probability that a group of `group` clues, drawn from `total` of which `marked` are marked, holds at least `found` marked
/// ones: Fisher's exact test, one-sided. It is exact for the handful of clues that a rare kind of duty has.
pub(super) fn chance(found: u64, group: u64, marked: u64, total: u64) -> f64 {
    let expected = group as f64 * marked as f64 / total.max(1) as f64;
    if found as f64 <= expected {
        return 1.0;
    }
    let ways = |n: u64, k: u64| ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k);
    let all = ways(total, group);
    let mut sum = 0.0;
    for hits in found..=group.min(marked) {
        if group - hits > total - marked {
            continue;
        }
        let term = (ways(marked, hits) + ways(total - marked, group - hits) - all).exp();
        sum += term;
        // beyond the expected number every term is smaller than the one before
        if term < sum * 1e-9 {
            break;
        }
    }
    f64::min(sum, 1.0)
}

fn ln_factorial(n: u64) -> f64 {
    if n < 32 {
        return (2..=n).map(|it| (it as f64).ln()).sum();
    }
    let n = n as f64;
    // Stirling's series: beyond 32 the next term is below 3e-11
    (n + 0.5).mul_add(n.ln(), -n) + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * n)
        - 1.0 / (360.0 * n * n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_near(found: f64, expected: f64) {
        assert!(
            (found - expected).abs() < expected * 1e-6,
            "{found} is not {expected}"
        );
    }

    #[test]
    fn it_is_the_share_of_all_ways_to_draw() {
        // two of two, where two of 51 are marked: one of 51·50/2 ways
        is_near(chance(2, 2, 2, 51), 1.0 / 1_275.0);
        // the lady tasting tea
        is_near(chance(3, 4, 4, 8), 17.0 / 70.0);
        is_near(chance(4, 4, 4, 8), 1.0 / 70.0);
    }

    #[test]
    fn what_is_no_more_than_expected_proves_nothing() {
        assert!(chance(1, 2, 50, 100) >= 1.0);
        assert!(chance(0, 0, 0, 0) >= 1.0);
    }

    #[test]
    fn factorials_join_where_the_series_begins() {
        let exact: f64 = (2..=60_u32).map(|it| f64::from(it).ln()).sum();
        is_near(ln_factorial(60), exact);
        // by exact fractions
        is_near(chance(540, 1_000, 5_000, 10_000), 0.004_214_407_532_929_155);
        is_near(chance(700, 1_000, 50_000, 100_000), 3.933_225_472_003_430_4e-38);
    }
}
