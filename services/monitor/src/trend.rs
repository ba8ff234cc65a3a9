//! How much came and how much was closed, day by day.

use std::collections::BTreeMap;

use bihuan_domain::figures::{Facts, Flow, Step};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::Store;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::Result;
use crate::streaming::{self, Which};

/// One civil day in the rulebook's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    pub date: Date,
    /// Clues reported on it.
    pub received: u64,
    /// Times that an open clue was closed on it, as [`Flow`] counts them.
    pub closed: u64,
}

/// Counts clues one by one; memory grows with the days only.
#[derive(Clone, Debug)]
pub struct Trend {
    zone: TimeZone,
    days: BTreeMap<Date, (u64, u64)>,
}

impl Trend {
    pub const fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            days: BTreeMap::new(),
        }
    }

    pub fn add(&mut self, facts: &Facts) {
        let reported = facts.reported_at.civil_date(&self.zone);
        self.days.entry(reported).or_default().0 += 1;
        let mut last = None;
        for mark in &facts.history {
            if matches!(mark.step, Step::Closed { .. }) {
                let date = mark.at.civil_date(&self.zone);
                if last.replace(date) != Some(date) {
                    self.days.entry(date).or_default().1 += self.closed_on(facts, date);
                }
            }
        }
    }

    fn closed_on(&self, facts: &Facts, date: Date) -> u64 {
        let midnight = |date: Date| {
            let zoned = date.to_zoned_datetime(self.zone.clone()).ok()?;
            Some(Timestamp::from(zoned.timestamp()))
        };
        let (start, end) = (midnight(date), date.tomorrow().ok().and_then(midnight));
        match (start, end) {
            (Some(start), Some(end)) => Flow::of(facts, start, end).closed,
            _ => 0,
        }
    }

    /// The last `limit` days on which anything was received or closed, oldest first.
    pub fn finish(&self, limit: usize) -> Vec<Day> {
        let happened = self.days.iter().filter(|(_, counts)| **counts != (0, 0));
        let day = |(date, counts): (&Date, &(u64, u64))| Day {
            date: *date,
            received: counts.0,
            closed: counts.1,
        };
        let mut days: Vec<Day> = happened.rev().take(limit).map(day).collect();
        days.reverse();
        days
    }
}

/// The last `limit` days with data, counted in one snapshot while the clues stream by.
pub async fn days(store: &Store, rulebook: &Rulebook, limit: usize) -> Result<Vec<Day>> {
    let mut reader = store.snapshot().await?;
    let mut trend = Trend::new(rulebook.zone.clone());
    streaming::each(&mut reader, &Which::All, |facts| trend.add(facts)).await?;
    Ok(trend.finish(limit))
}
