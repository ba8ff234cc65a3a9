//! Every day of the range: when it begins, and how many working days there are before it.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use super::days::{Days, Weekend};
use super::deadline::OutOfRange;
use super::zone::Zone;
use crate::time::Timestamp;

pub(super) const MINUTE: i64 = 60_000_000;
pub(super) const DAY: i64 = 24 * 60 * MINUTE;

/// The first day that a calendar has; holidays are known from here on.
pub(super) const FIRST: Date = date(2004, 1, 1);
/// Days from the epoch to it.
const FIRST_DAY: i64 = 12_418;
pub(super) const LAST: Date = date(2100, 12, 31);

/// The number of a day is how many days of the range come before it.
#[derive(Debug)]
pub(super) struct Tables {
    pub(super) zone: Zone,
    /// The beginning of the first day by the clock.
    midnight: i64,
    /// The first moment of each day, and of the day after the last one.
    starts: Vec<i64>,
    /// How many working days there are before each day, and in all.
    worked: Vec<u16>,
    /// The working days.
    working: Vec<u16>,
    /// From the first to the last day of each run of years without published holidays, with the end of the year before.
    unpublished: Vec<(usize, usize)>,
}

impl Tables {
    pub(super) fn new(zone: &TimeZone, days: &Days, weekend: Weekend, published: &BTreeSet<i16>) -> Self {
        let midnight = Timestamp::EPOCH.plus_days(FIRST_DAY);
        let count = number(LAST) + 1;
        let end = midnight.plus_days(count as i64);
        // a zone is at most a day away from UTC
        let zone = Zone::new(zone, midnight.plus_days(-2), end.plus_days(2));
        let local = |day: usize| midnight.as_micros() + day as i64 * DAY;
        let starts: Vec<_> = (0..=count).map(|day| zone.first(local(day))).collect();
        let mut works = vec![false; count];
        let mut weekday = FIRST.weekday();
        for day in &mut works {
            *day = !weekend.holds(weekday);
            weekday = weekday.next();
        }
        let inside = |day: &&Date| (FIRST..=LAST).contains(*day);
        for day in days.holidays.keys().filter(inside) {
            works[number(*day)] = false;
        }
        for day in days.workdays.keys().filter(inside) {
            works[number(*day)] = true;
        }
        let mut worked = Vec::with_capacity(count + 1);
        let mut working = Vec::new();
        for (day, works) in works.iter().enumerate() {
            worked.push(working.len() as u16);
            // a zone that crosses the date line leaves a day out
            if *works && starts[day] < starts[day + 1] {
                working.push(day as u16);
            }
        }
        worked.push(working.len() as u16);
        Self {
            zone,
            midnight: midnight.as_micros(),
            starts,
            worked,
            working,
            unpublished: unpublished(published),
        }
    }

    /// How many days there are.
    pub(super) fn len(&self) -> usize {
        self.worked.len() - 1
    }

    pub(super) fn day(&self, at: i64) -> Result<usize, OutOfRange> {
        if at < self.starts[0] || at >= self.starts[self.len()] {
            return Err(OutOfRange);
        }
        let mut day = ((at - self.starts[0]) / DAY) as usize;
        day = day.min(self.len() - 1);
        while self.starts[day] > at {
            day -= 1;
        }
        while self.starts[day + 1] <= at {
            day += 1;
        }
        Ok(day)
    }

    /// Midnight by the clock, as the zone writes it.
    pub(super) fn local(&self, day: usize) -> i64 {
        self.midnight + day as i64 * DAY
    }

    /// The first moment of the day.
    pub(super) fn start(&self, day: usize) -> i64 {
        self.starts[day]
    }

    /// The last moment of the day.
    pub(super) fn end(&self, day: usize) -> i64 {
        self.starts[day + 1] - 1
    }

    /// As long as most days are.
    pub(super) fn is_plain(&self, day: usize) -> bool {
        self.starts[day + 1] - self.starts[day] == DAY
    }

    pub(super) fn is_working(&self, day: usize) -> bool {
        self.worked[day] < self.worked[day + 1]
    }

    /// How many working days there are before this one.
    pub(super) fn worked(&self, day: usize) -> usize {
        self.worked[day].into()
    }

    /// The working day before which there are so many.
    pub(super) fn working(&self, before: usize) -> Result<usize, OutOfRange> {
        self.working
            .get(before)
            .map(|day| (*day).into())
            .ok_or(OutOfRange)
    }

    /// Whether a day from the first to the last is one that a notice still to come decides about.
    pub(super) fn is_provisional(&self, first: usize, last: usize) -> bool {
        let run = self.unpublished.partition_point(|(_, end)| *end < first);
        self.unpublished.get(run).is_some_and(|(start, _)| *start <= last)
    }

    pub(super) fn inside(&self, at: i64) -> Result<Timestamp, OutOfRange> {
        if at < self.starts[0] || at >= self.starts[self.len()] {
            return Err(OutOfRange);
        }
        Ok(Timestamp::from_micros(at))
    }

    /// The first moment after the range.
    pub(super) fn over(&self) -> i64 {
        self.starts[self.len()]
    }
}

/// The number of a day of the range.
pub(super) fn number(day: Date) -> usize {
    day.since(FIRST)
        .map_or(0, |span| usize::try_from(span.get_days()).unwrap_or(0))
}

/// The day of a number.
pub(super) fn dated(number: usize) -> Date {
    FIRST.saturating_add((number as i64).days())
}

/// A year's notice decides about the last days of the year before as well: so many days before it begins.
pub(super) const NOTICE_REACHES_BACK: usize = 3;

fn unpublished(published: &BTreeSet<i16>) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for year in (FIRST.year()..=LAST.year()).filter(|year| !published.contains(year)) {
        let (first, last) = (number(date(year, 1, 1)), number(date(year, 12, 31)));
        let first = if published.contains(&(year - 1)) {
            first.saturating_sub(NOTICE_REACHES_BACK)
        } else {
            first
        };
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == first => *end = last,
            _ => runs.push((first, last)),
        }
    }
    runs
}
