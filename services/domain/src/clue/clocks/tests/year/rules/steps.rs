//! What happens by itself, and when.

use super::super::plain::{HOUR, day, length};
use super::{Clock, Lies, Rung, ToCome, Told, When};
use crate::clue::RungKind;
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, OTHER_COUNTY, TOWN};
use crate::code::Level;

impl Told {
    /// What happens by itself next, up to `until`; `Err`: a step of the ladder.
    pub(in super::super) fn next(&self, until: i64) -> Option<Result<(i64, &'static str), ToCome>> {
        let end = match self.lies {
            Lies::Suspended { until: end } => Some(end),
            _ => None,
        };
        if let Some(end) = end.filter(|end| *end <= until) {
            return Some(Ok((end, "ClueResumed")));
        }
        if self.clocks.iter().any(|clock| self.can_be_revised(clock)) {
            return Some(Ok((until, "DeadlineRevised")));
        }
        if end.is_some() {
            return None;
        }
        let due = self.steps.iter().filter(|due| due.at <= until);
        // of those at the same moment the first
        let Some(first) = due.min_by_key(|due| due.at) else {
            // by a calendar that is older: nobody looks in vain for ever
            let in_vain = self.set.is_some_and(|set| set <= until);
            return in_vain.then_some(Ok((until, "DeadlineRevised")));
        };
        let mut first = first.clone();
        first.late = until > first.at + HOUR;
        Some(Err(first))
    }

    pub(in super::super) fn is_provisional(&self) -> bool {
        self.clocks.iter().any(|clock| clock.provisional)
    }

    /// When somebody has to look again.
    pub(in super::super) fn wakes(&self) -> Option<i64> {
        match self.lies {
            Lies::Suspended { until } => Some(until),
            _ => self.steps.iter().map(|due| due.at).min(),
        }
    }

    pub(super) fn upcoming(&self) -> Vec<ToCome> {
        if matches!(self.lies, Lies::Suspended { .. }) {
            return Vec::new();
        }
        let due = |(rung, kind, step, when): &Rung| {
            let clock = self.clock(step).filter(|clock| clock.stands.is_none())?;
            // a due time that had passed when it was told, after one that had: that is told already
            let had_passed = |due: i64| due >= clock.since && due <= clock.known;
            let is_told = |(name, of, due): &(String, &str, i64)| {
                name == rung && of == step && (*due == clock.due || had_passed(*due) && had_passed(clock.due))
            };
            if self.reached.iter().any(is_told) {
                return None;
            }
            Some(ToCome {
                rung: rung.clone(),
                clock: step,
                due: clock.due,
                at: self.time(clock, when)?,
                late: false,
                to: self.recipient(*kind),
            })
        };
        self.book.ladder.iter().filter_map(due).collect()
    }

    fn time(&self, clock: &Clock, when: &When) -> Option<i64> {
        let (plain, place) = (self.plain(), self.area.as_str());
        // nobody is late before it is known that he is
        let passed = clock.due.max(clock.known);
        match when {
            When::Used(100) => Some(passed),
            When::Used(percent) => {
                let unit = clock.limit.as_ref().map(|(_, limit)| length(limit).1);
                let working = !matches!(unit.as_deref(), Some("min" | "h" | "d"));
                let all = (clock.since, clock.due);
                let at = plain.share(place, working, all, *percent, &self.all_pauses())?;
                (at > clock.known).then_some(at)
            }
            When::Before(left) => {
                let at = plain.before(place, clock.due, left);
                (at > clock.known && at > clock.since).then_some(at)
            }
            When::After(later) => {
                let (at, _) = plain.ends(place, passed, std::slice::from_ref(later), &self.all_pauses());
                Some(if later.1 == "wd" {
                    plain.opening(place, day(at))
                } else {
                    at
                })
            }
        }
    }

    /// Whoever holds it; what is shown to the next level, each time one further.
    fn recipient(&self, kind: RungKind) -> (Option<String>, Level) {
        let agency = self.agency.clone().filter(|_| self.lies != Lies::Resolved);
        let level = match (agency.as_deref(), self.lies) {
            (Some(CITY), _) | (None, Lies::Coordination(Level::City)) => 2,
            (Some(COUNTY | COUNTY_WATER | OTHER_COUNTY) | None, _) => 1,
            (Some(TOWN), _) => 0,
            (Some(other), _) => panic!("nobody knows {other}"),
        };
        let above = if kind == RungKind::Escalation {
            1 + self.escalated
        } else {
            0
        };
        (
            agency,
            [Level::Town, Level::County, Level::City][(level + above).min(2)],
        )
    }
}
