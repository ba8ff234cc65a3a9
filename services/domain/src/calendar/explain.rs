//! Why a limit ends when it does: what was counted, and what was not.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::Serialize;

use super::days::DayName;
use super::deadline::{Calendar, Due, OutOfRange};
use super::limit::{Limit, Unit};
use super::tables::{NOTICE_REACHES_BACK, dated};
use crate::code::AreaCode;
use crate::time::Timestamp;

/// A deadline and how it came about.
#[derive(Clone, Debug)]
pub struct Working {
    pub start: Timestamp,
    pub limit: Limit,
    pub due: Due,
    /// In the order of time.
    pub parts: Vec<Part>,
    /// The years whose holidays are not published though they decide about days that were counted.
    pub unpublished: Vec<i16>,
    pub(super) zone: TimeZone,
}

/// What happened to a stretch of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Part {
    /// Time passes, whatever day it is.
    Passes,
    /// The day of receipt is not counted.
    Receipt { day: Date },
    /// It was received on a day that is not worked.
    Closed { day: Date },
    /// Working time of one day, of the first or the last one.
    Hours {
        day: Date,
        from: Time,
        to: Time,
        micros: i64,
    },
    /// The working days of a stretch, with what working time they have; the weekends between them are not counted.
    WorkingDays {
        from: Date,
        to: Date,
        days: u32,
        micros: i64,
    },
    /// A statutory holiday.
    Holiday {
        from: Date,
        to: Date,
        #[serde(flatten)]
        name: DayName,
    },
    /// A make-up working day: it is counted.
    MakeUp {
        day: Date,
        #[serde(flatten)]
        name: DayName,
    },
}

impl Calendar {
    /// The deadline with all that decides it.
    pub fn explain(
        &self,
        place: Option<&AreaCode>,
        start: Timestamp,
        limit: Limit,
    ) -> Result<Working, OutOfRange> {
        let due = self.due(place, start, limit)?;
        let tables = self.tables();
        let first = tables.day(start.as_micros())?;
        let last = tables.day(due.at.as_micros())?;
        let parts = match limit.unit() {
            Unit::Minutes | Unit::Hours | Unit::Days => vec![Part::Passes],
            Unit::WorkingDays => {
                let mut parts = vec![Part::Receipt { day: dated(first) }];
                for day in first + 1..=last {
                    self.add(&mut parts, day, 0);
                }
                parts
            }
            Unit::WorkingHours => self.hours(place, (first, start), (last, due.at)),
        };
        let years = dated(first).year()..=dated(last + NOTICE_REACHES_BACK).year();
        let unpublished = years.filter(|year| due.provisional && !self.published(*year));
        Ok(Working {
            start,
            limit,
            due,
            parts,
            unpublished: unpublished.collect(),
            zone: self.zone().clone(),
        })
    }

    fn hours(
        &self,
        place: Option<&AreaCode>,
        (first, start): (usize, Timestamp),
        (last, due): (usize, Timestamp),
    ) -> Vec<Part> {
        let tables = self.tables();
        let profile = self.profile(place);
        let mut parts = Vec::new();
        if !tables.is_working(first) && !self.days().holidays.contains_key(&dated(first)) {
            parts.push(Part::Closed { day: dated(first) });
        }
        for day in first..=last {
            if day != first && day != last {
                self.add(&mut parts, day, profile.length(day));
                continue;
            }
            self.name(&mut parts, day);
            let begins = tables.start(day);
            let sessions = profile.sessions(day).iter().map(|(from, to)| {
                let from = (begins + from).max(start.as_micros());
                (from, (begins + to).min(due.as_micros()))
            });
            let clock = |at: i64| {
                self.zone()
                    .to_datetime(Timestamp::from_micros(at).to_jiff())
                    .time()
            };
            parts.extend(
                sessions
                    .filter(|(from, to)| from < to)
                    .map(|(from, to)| Part::Hours {
                        day: dated(day),
                        from: clock(from),
                        to: clock(to),
                        micros: to - from,
                    }),
            );
        }
        parts
    }

    /// Adds a whole day: a working one to those before it, a holiday to the same one before it.
    fn add(&self, parts: &mut Vec<Part>, day: usize, length: i64) {
        self.name(parts, day);
        if !self.tables().is_working(day) {
            return;
        }
        match parts.last_mut() {
            Some(Part::WorkingDays { to, days, micros, .. }) => {
                *to = dated(day);
                *days += 1;
                *micros += length;
            }
            _ => parts.push(Part::WorkingDays {
                from: dated(day),
                to: dated(day),
                days: 1,
                micros: length,
            }),
        }
    }

    /// Names a holiday or a make-up working day.
    fn name(&self, parts: &mut Vec<Part>, day: usize) {
        let day = dated(day);
        if let Some(name) = self.days().workdays.get(&day) {
            parts.push(Part::MakeUp {
                day,
                name: name.clone(),
            });
        } else if let Some(name) = self.days().holidays.get(&day) {
            match parts.last_mut() {
                Some(Part::Holiday { to, name: known, .. }) if known == name => *to = day,
                _ => parts.push(Part::Holiday {
                    from: day,
                    to: day,
                    name: name.clone(),
                }),
            }
        }
    }
}
