//! How an agency behaves. Assumed, not measured: no city publishes how often its agencies bounce.

use serde::Serialize;

use crate::draws::{About, Draws};

/// Shares of the cases in which an agency does something.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Habit {
    pub name: &'static str,
    /// So many of the agencies are like that.
    pub share: f64,
    /// It returns what is contested, each time that it gets it.
    pub returns_contested: f64,
    /// It returns what a row that a dispute brought gives it.
    pub returns_settled: f64,
    /// It returns what is clearly its own.
    pub returns_own: f64,
    /// In the talks it takes the duty that is its own.
    pub agrees: f64,
    /// It accepts an opinion that gives it the duty.
    pub accepts: f64,
    /// It appeals a ruling that gives it the duty.
    pub appeals: f64,
    /// It lets the time pass in which it had to take up what it was designated for.
    pub ignores: f64,
    /// It handles a clue that it only holds until the dispute is settled.
    pub handles_meanwhile: f64,
}

impl Habit {
    pub(crate) const ALL: [Self; 3] = [
        Self {
            name: "bouncer",
            share: 0.3,
            returns_contested: 0.9,
            returns_settled: 0.3,
            returns_own: 0.05,
            agrees: 0.1,
            accepts: 0.3,
            appeals: 0.5,
            ignores: 0.35,
            handles_meanwhile: 0.1,
        },
        Self {
            name: "ordinary",
            share: 0.5,
            returns_contested: 0.6,
            returns_settled: 0.1,
            returns_own: 0.02,
            agrees: 0.35,
            accepts: 0.6,
            appeals: 0.25,
            ignores: 0.1,
            handles_meanwhile: 0.25,
        },
        Self {
            name: "willing",
            share: 0.2,
            returns_contested: 0.25,
            returns_settled: 0.02,
            returns_own: 0.0,
            agrees: 0.7,
            accepts: 0.9,
            appeals: 0.05,
            ignores: 0.02,
            handles_meanwhile: 0.5,
        },
    ];

    /// Of the agency with this number in the city.
    pub(crate) fn of(draws: Draws, agency: usize) -> &'static Self {
        let [bouncer, ordinary, willing] = &Self::ALL;
        let share = draws.of(agency, About::Temper, 0).share();
        match share {
            _ if share < bouncer.share => bouncer,
            _ if share < bouncer.share + ordinary.share => ordinary,
            _ => willing,
        }
    }
}

/// Of an agency that a clue was bounced to though nobody says that it is its own.
pub(crate) const RETURNS_FOREIGN: f64 = 0.95;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_agency_has_a_habit_and_the_shares_are_kept() {
        let total: f64 = Habit::ALL.iter().map(|it| it.share).sum();
        assert!((total - 1.0).abs() < 1e-9);
        for habit in Habit::ALL {
            let of = (0..10_000).filter(|it| Habit::of(Draws(1), *it).name == habit.name);
            let share = of.count() as f64 / 10_000.0;
            assert!((share - habit.share).abs() < 0.02, "{}: {share}", habit.name);
        }
    }

    #[test]
    fn who_bounces_more_agrees_less() {
        for pair in Habit::ALL.windows(2) {
            assert!(pair[0].returns_contested > pair[1].returns_contested);
            assert!(pair[0].returns_settled < pair[0].returns_contested);
            assert!(pair[0].agrees < pair[1].agrees && pair[0].ignores > pair[1].ignores);
        }
    }
}
