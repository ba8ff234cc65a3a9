//! Chance that depends on what is asked and on nothing else: the same question about the same clue has the same answer in every
//! setting, so that settings are compared on the same clues and moods.

/// What is drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) enum About {
    Temper,
    QuarrelMatter,
    QuarrelKind,
    QuarrelParty,
    QuarrelRight,
    ReportedAt,
    Place,
    IsContested,
    Which,
    Stranger,
    Guess,
    Desk,
    Look,
    Hurry,
    Return,
    Meanwhile,
    Obeys,
    TakesUp,
    Handling,
    Check,
    Acts,
    Pace,
    Agrees,
    Consents,
    Appeals,
    Overturns,
    Approves,
    Approval,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws(pub(crate) u64);

/// What came of it: 64 random bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw(u64);

impl Draws {
    /// For `whom` the `time`-th time.
    pub(crate) fn of(self, whom: usize, about: About, time: u32) -> Draw {
        let asked = [whom as u64, about as u64, u64::from(time)];
        Draw(asked.into_iter().fold(mixed(self.0), |bits, it| mixed(bits ^ it)))
    }
}

/// splitmix64
const fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Draw {
    /// From 0 on and below 1.
    pub(crate) fn share(self) -> f64 {
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn happens(self, probability: f64) -> bool {
        self.share() < probability
    }

    /// From 0 on and below `end`.
    pub(crate) const fn below(self, end: usize) -> usize {
        (self.0 % end as u64) as usize
    }

    /// Between the two, most often near the lower one: the median is a quarter of the way.
    pub(crate) fn skewed(self, low: f64, high: f64) -> f64 {
        let share = self.share();
        (high - low).mul_add(share * share, low)
    }

    /// Between the two, all alike.
    pub(crate) fn between(self, low: f64, high: f64) -> f64 {
        (high - low).mul_add(self.share(), low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_has_the_same_answer_and_answers_are_spread_evenly() {
        let draws = Draws(7);
        let ask = |whom, about, time| draws.of(whom, about, time).0;
        assert_eq!(ask(3, About::Look, 1), ask(3, About::Look, 1));
        for other in [
            ask(4, About::Look, 1),
            ask(3, About::Return, 1),
            ask(3, About::Look, 2),
        ] {
            assert_ne!(ask(3, About::Look, 1), other);
        }
        assert_ne!(ask(3, About::Look, 1), Draws(8).of(3, About::Look, 1).0);
        let shares = (0..10_000).map(|whom| draws.of(whom, About::Place, 0).share());
        let mean = shares.sum::<f64>() / 10_000.0;
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
        let happened = (0..10_000).filter(|whom| draws.of(*whom, About::Place, 1).happens(0.2));
        assert!((1_850..2_150).contains(&happened.count()));
    }

    #[test]
    fn what_is_skewed_lies_between_its_bounds() {
        let mut values: Vec<_> = (0..1_001)
            .map(|whom| Draws(1).of(whom, About::Look, 0).skewed(4.0, 20.0))
            .collect();
        values.sort_by(f64::total_cmp);
        assert!(values[0] >= 4.0 && values[1_000] < 20.0);
        assert!((values[500] - 8.0).abs() < 1.0, "{}", values[500]);
    }
}
