//! The clocks of a shadow run: how soon rules and dispatchers name an agency, and what of the deadlines is kept where the clues are
//! handled.

use serde::Serialize;

use super::compared::{Compared, Ended};
use crate::time::Timestamp;

const MICROS: f64 = 1_000_000.0;
/// A minute, an hour, four hours, a day, three days, a week.
const MARKS: [u64; 6] = [60, 3_600, 14_400, 86_400, 259_200, 604_800];

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Clocks {
    /// From when the record was here until the rules assigned it.
    pub rules: Spread,
    /// From the report until the source names an agency, as the source dates it.
    pub people: Spread,
    /// Assigned by the rules before, and after, the source named an agency. Where the two times are known.
    pub rules_sooner: u64,
    pub people_sooner: u64,
    pub deadlines: Deadlines,
}

/// How long something took. Memory does not grow with the clues.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spread {
    pub clues: u64,
    pub mean_seconds: Option<f64>,
    /// How many took at most so long.
    pub within: [Within; MARKS.len()],
    #[serde(skip)]
    seconds: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Within {
    pub seconds: u64,
    pub clues: u64,
}

/// Our deadlines against the closings at the source: here nobody closes anything. Each clue is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Deadlines {
    pub closed_in_time: u64,
    pub closed_late: u64,
    /// Open there, and there is time left.
    pub open: u64,
    pub overdue: u64,
    /// Withdrawn or deleted there.
    pub taken_back: u64,
    /// Neither we nor the source set one: closed there, and open.
    pub closed_without: u64,
    pub open_without: u64,
    /// `closed_in_time` ÷ (`closed_in_time` + `closed_late` + overdue)
    pub in_time: Option<f64>,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            clues: 0,
            mean_seconds: None,
            within: MARKS.map(|seconds| Within { seconds, clues: 0 }),
            seconds: 0.0,
        }
    }
}

impl Spread {
    /// What a source dates before the report took no time.
    fn add(&mut self, micros: i64) {
        let seconds = micros.max(0) as f64 / MICROS;
        self.clues += 1;
        self.seconds += seconds;
        self.mean_seconds = Some((self.seconds / self.clues as f64 * 10.0).round() / 10.0);
        for mark in &mut self.within {
            mark.clues += u64::from(seconds <= mark.seconds as f64);
        }
    }
}

impl Clocks {
    pub(super) fn add(&mut self, compared: &Compared, now: Timestamp) {
        self.deadlines.add(compared, now);
        let assigned = compared.rules.as_ref().filter(|it| it.rule.agency.is_some());
        if let Some(decided) = assigned {
            self.rules.add(decided.after);
        }
        let Some(named) = compared.people.as_ref().and_then(|named| named.at) else {
            return;
        };
        self.people.add(named.since(compared.reported_at));
        match assigned {
            Some(decided) if decided.at <= named => self.rules_sooner += 1,
            Some(_) => self.people_sooner += 1,
            None => {}
        }
    }
}

impl Deadlines {
    fn add(&mut self, compared: &Compared, now: Timestamp) {
        let count = match (compared.deadline, compared.ended) {
            (_, Some(Ended::TakenBack)) => &mut self.taken_back,
            (None, Some(Ended::Closed(_))) => &mut self.closed_without,
            (None, None) => &mut self.open_without,
            (Some(deadline), Some(Ended::Closed(at))) if at <= deadline => &mut self.closed_in_time,
            (Some(_), Some(Ended::Closed(_))) => &mut self.closed_late,
            (Some(deadline), None) if now <= deadline => &mut self.open,
            (Some(_), None) => &mut self.overdue,
        };
        *count += 1;
        let due = self.closed_in_time + self.closed_late + self.overdue;
        self.in_time = (due > 0).then(|| self.closed_in_time as f64 / due as f64);
    }
}
