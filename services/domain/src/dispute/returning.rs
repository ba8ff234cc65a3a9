//! When an agency may say "not my duty" at all: within the window, and not where it was designated. That it must give grounds is the
//! rule of the return itself.

use super::{DisputePolicy, Wait};
use crate::calendar::Calendar;
use crate::code::AreaCode;
use crate::time::Timestamp;

/// Why a return is barred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// 象山县 2021: 2 working days from the dispatch.
    WindowOver,
    /// A coordinator or a ruling designated it (潍坊、济南 12345 regulations, art. 22).
    Designated,
}

/// A return as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Returning<'a> {
    /// When the clue was dispatched to the agency that asks.
    pub dispatched_at: Timestamp,
    pub asked_at: Timestamp,
    pub area: Option<&'a AreaCode>,
    /// The agency has it by a coordinator's designation or a ruling.
    pub designated: bool,
}

impl Returning<'_> {
    /// The first rule that bars it, if one does.
    pub fn barred(&self, policy: &DisputePolicy, calendar: &Calendar) -> Option<Barred> {
        if self.designated && !policy.designated_may_return {
            return Some(Barred::Designated);
        }
        let until = self.window_ends(policy, calendar);
        until
            .is_some_and(|until| self.asked_at > until)
            .then_some(Barred::WindowOver)
    }

    /// The last moment at which it can be asked for; `None`: no calendar goes so far.
    pub fn window_ends(&self, policy: &DisputePolicy, calendar: &Calendar) -> Option<Timestamp> {
        match policy.limits.return_window {
            Wait::AtOnce => Some(self.dispatched_at),
            Wait::For(limit) => {
                let due = calendar.due(self.area, self.dispatched_at, limit);
                due.ok().map(|due| due.at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clue::testing::{area, calendar, monday};

    #[test]
    fn a_return_is_barred_by_the_first_rule_that_it_breaks() {
        let place = area("330602001");
        let good = Returning {
            dispatched_at: monday(),
            asked_at: monday(),
            area: Some(&place),
            designated: false,
        };
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let last = at("2026-01-07T23:59:59.999999+08:00");
        let late = |asked_at| Returning { asked_at, ..good };
        let table = [
            (good, None, "象山县 2021"),
            (late(last), None, "象山县 2021"),
            (late(last.plus_micros(1)), Some(Barred::WindowOver), "象山县 2021"),
            (
                Returning {
                    designated: true,
                    ..good
                },
                Some(Barred::Designated),
                "潍坊 12345 art. 22",
            ),
            (
                Returning {
                    designated: true,
                    ..late(last.plus_days(1))
                },
                Some(Barred::Designated),
                "济南 12345 art. 22",
            ),
        ];
        let policy = DisputePolicy::default();
        for (returning, barred, source) in table {
            let found = returning.barred(&policy, &calendar());
            assert_eq!(found, barred, "{returning:?} by {source}");
        }
        let lenient = DisputePolicy {
            designated_may_return: true,
            ..policy
        };
        let designated = Returning {
            designated: true,
            ..good
        };
        assert_eq!(designated.barred(&lenient, &calendar()), None);
        let friday = Returning {
            dispatched_at: at("2026-02-13T16:00:00+08:00"),
            ..good
        };
        assert_eq!(
            friday.window_ends(&lenient, &calendar()),
            Some(at("2026-02-24T23:59:59.999999+08:00")),
            "the make-up Saturday counts, the festival does not"
        );
    }
}
