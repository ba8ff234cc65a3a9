//! Which of a partition's activations holds for a clue, at a point of its journal. Pure: the same journal gives the same answer
//! in every process.

use bihuan_domain::time::Timestamp;
use bihuan_store::activation::Activation;

/// The activations that a partition journalled, by the time from which they hold and in the order of the journal: what decides about
/// a clue is found from there back, so that past versions cost nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Activation>);

impl Schedule {
    /// `activations` in the order of the journal.
    pub fn new(mut activations: Vec<Activation>) -> Self {
        activations.sort_by_key(order);
        Self(activations)
    }

    /// By what a clue that was reported at `reported_at` is decided at `sequence`: of what was journalled until then and was not
    /// withdrawn until then, the one that holds from the latest time that is not after the report; of several the one journalled
    /// last. `None`: no rulebook holds for it.
    pub fn at(&self, sequence: i64, reported_at: Timestamp) -> Option<&Activation> {
        let later = self
            .0
            .partition_point(|it| it.from.is_none_or(|from| from <= reported_at));
        self.0[..later]
            .iter()
            .rev()
            .find(|it| it.sequence <= sequence && it.withdrawn.is_none_or(|withdrawn| withdrawn > sequence))
    }

    /// The same at the end of the journal.
    pub fn now(&self, reported_at: Timestamp) -> Option<&Activation> {
        self.at(i64::MAX, reported_at)
    }

    /// The activation with this number, withdrawn or not.
    pub fn find(&self, number: u32) -> Option<&Activation> {
        self.0.iter().find(|it| it.number == Some(number))
    }

    /// Whether the rulebook was ever activated here.
    pub fn has(&self, version: &str) -> bool {
        self.0.iter().any(|it| it.version == version && it.ever())
    }

    /// Whether `activation` comes after all that made `version` hold: the version may be of one whose time has not come.
    pub fn is_newer(&self, activation: &Activation, version: &str) -> bool {
        let mut standing = self
            .0
            .iter()
            .filter(|it| it.withdrawn.is_none() && it.version == version);
        standing.all(|it| order(it) < order(activation))
    }

    /// It was journalled after all others.
    pub fn activate(&mut self, activation: Activation) {
        let earlier = self.0.partition_point(|it| order(it) <= order(&activation));
        self.0.insert(earlier, activation);
    }

    /// Its withdrawal was journalled at `sequence`.
    pub fn withdraw(&mut self, number: u32, sequence: i64) {
        let known = self.0.iter_mut().find(|it| it.number == Some(number));
        if let Some(activation) = known {
            activation.withdrawn.get_or_insert(sequence);
        }
    }
}

fn order(activation: &Activation) -> (Option<Timestamp>, i64) {
    (activation.from, activation.sequence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn activation(number: u32, sequence: i64, from: Option<i64>) -> Activation {
        Activation {
            sequence,
            version: format!("v{number}"),
            from: from.map(Timestamp::from_micros),
            number: Some(number),
            withdrawn: None,
        }
    }

    fn version(schedule: &Schedule, sequence: i64, reported_at: i64) -> &str {
        schedule
            .at(sequence, at(reported_at))
            .map_or("none", |it| &it.version)
    }

    #[test]
    fn a_clue_keeps_the_rulebook_of_its_report() {
        let mut schedule = Schedule::default();
        assert_eq!(version(&schedule, 1, 0), "none");
        schedule.activate(activation(1, 1, None));
        schedule.activate(activation(2, 10, Some(100)));
        schedule.activate(activation(3, 20, Some(200)));
        let table = [
            // before an activation was journalled it holds for nobody
            (9, 150, "v1"),
            (10, 150, "v2"),
            (10, 99, "v1"),
            (10, 100, "v2"),
            // an old clue that comes late
            (30, -5, "v1"),
            (30, 199, "v2"),
            (19, 200, "v2"),
            (20, 200, "v3"),
        ];
        for (sequence, reported_at, expected) in table {
            assert_eq!(
                version(&schedule, sequence, reported_at),
                expected,
                "{sequence} {reported_at}"
            );
        }
    }

    #[test]
    fn what_is_withdrawn_is_none_from_there_on() {
        let mut schedule = Schedule::new(vec![activation(1, 1, None), activation(2, 10, Some(100))]);
        schedule.withdraw(2, 15);
        schedule.withdraw(2, 18);
        assert_eq!(version(&schedule, 14, 100), "v2");
        assert_eq!(version(&schedule, 15, 100), "v1");
        assert_eq!(schedule.find(2).and_then(|it| it.withdrawn), Some(15));
        assert!(schedule.has("v2"), "whoever was asked by it is answered by it");
        schedule.activate(Activation::never(3, "v3".to_owned(), 20));
        assert_eq!(version(&schedule, 20, 100), "v1");
        assert!(schedule.find(3).is_some() && !schedule.has("v3"));
    }

    #[test]
    fn of_two_with_the_same_time_the_later_holds() {
        let schedule = Schedule::new(vec![activation(1, 1, None), activation(2, 2, None)]);
        assert_eq!((version(&schedule, 1, 0), version(&schedule, 2, 0)), ("v1", "v2"));
        let schedule = Schedule::new(vec![activation(1, 1, Some(7)), activation(2, 2, Some(7))]);
        assert_eq!(
            (version(&schedule, 2, 6), version(&schedule, 2, 7)),
            ("none", "v2")
        );
    }

    #[test]
    fn what_is_newer_is_told_by_time_and_then_by_the_journal() {
        let mut schedule = Schedule::new(vec![activation(1, 1, None), activation(2, 10, Some(100))]);
        let [first, second] = [1, 2].map(|number| schedule.find(number).expect("there").clone());
        assert!(schedule.is_newer(&second, "v1") && !schedule.is_newer(&first, "v2"));
        assert!(!schedule.is_newer(&second, "v2"), "than itself");
        assert!(schedule.is_newer(&first, "0"), "than none at all");
        schedule.withdraw(2, 15);
        assert!(
            schedule.is_newer(&first, "v2"),
            "what is withdrawn does not count"
        );
        let again = Activation {
            version: "v1".to_owned(),
            ..activation(3, 20, Some(200))
        };
        schedule.activate(again);
        assert!(
            !schedule.is_newer(&second, "v1"),
            "the former one was activated again"
        );
    }

    /// (from, withdrawn so many events later)
    fn activations() -> impl Strategy<Value = Vec<Activation>> {
        let one = (prop::option::of(0..20i64), prop::option::of(1..20i64));
        prop::collection::vec(one, 0..6).prop_map(|all| {
            let activation = |(i, (from, after)): (usize, (Option<i64>, Option<i64>))| {
                let sequence = i as i64 * 5 + 1;
                Activation {
                    withdrawn: after.map(|after| sequence + after),
                    ..activation(i as u32 + 1, sequence, from)
                }
            };
            all.into_iter().enumerate().map(activation).collect()
        })
    }

    proptest! {
        /// Replays the journal event by event, as the services do, and asks by hand.
        #[test]
        fn the_answer_at_a_sequence_is_what_the_journal_said_until_then(
            all in activations(), sequence in 0..60i64, reported_at in -1..25i64,
        ) {
            let mut grown = Schedule::default();
            for step in 0..=sequence {
                for it in all.iter().filter(|it| it.sequence == step) {
                    grown.activate(Activation { withdrawn: None, ..it.clone() });
                }
                for it in all.iter().filter(|it| it.withdrawn == Some(step)) {
                    grown.withdraw(it.number.expect("numbered"), step);
                }
            }
            let whole = Schedule::new(all.clone());
            prop_assert_eq!(version(&whole, sequence, reported_at), version(&grown, i64::MAX, reported_at));
            let mut naive = ("none".to_owned(), i64::MIN);
            for it in &all {
                let stands = it.sequence <= sequence && it.withdrawn.is_none_or(|withdrawn| withdrawn > sequence);
                let from = it.from.map_or(i64::MIN, Timestamp::as_micros);
                if stands && from <= reported_at && from >= naive.1 {
                    naive = (it.version.clone(), from);
                }
            }
            prop_assert_eq!(version(&whole, sequence, reported_at), naive.0);
        }
    }
}
