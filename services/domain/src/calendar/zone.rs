//! The clock of a zone over the whole range, so that nobody asks the zone database for every deadline.
//!
//! Where a clock is put back, it shows an hour twice; what was shown is then the latest time that it has shown so far. Otherwise
//! somebody who asks later would be due earlier.

use jiff::tz::TimeZone;

use crate::time::Timestamp;

const SECOND: i64 = 1_000_000;

/// Local times are microseconds as if the place were in UTC.
#[derive(Debug)]
pub(super) struct Zone {
    /// Since when, and what the clock then shows more than UTC; the first since ever.
    shifts: Vec<(i64, i64)>,
}

impl Zone {
    /// What the clock shows between the two moments.
    pub(super) fn new(zone: &TimeZone, from: Timestamp, to: Timestamp) -> Self {
        let offset = |seconds: i32| i64::from(seconds) * SECOND;
        let first = offset(zone.to_offset(from.to_jiff()).seconds());
        let following = zone.following(from.to_jiff()).map(|it| {
            let at = Timestamp::from(it.timestamp()).as_micros();
            (at, offset(it.offset().seconds()))
        });
        let mut shifts = vec![(i64::MIN, first)];
        for (at, offset) in following.take_while(|(at, _)| *at <= to.as_micros()) {
            // a zone may change its name only
            if shifts.last().is_some_and(|(_, before)| *before != offset) {
                shifts.push((at, offset));
            }
        }
        Self { shifts }
    }

    /// The latest that the clock has shown.
    pub(super) fn shown(&self, at: i64) -> i64 {
        let here = self.shifts.partition_point(|(since, _)| *since <= at) - 1;
        let (since, offset) = self.shifts[here];
        let local = at + offset;
        match here.checked_sub(1).map(|before| self.shifts[before].1) {
            Some(before) if before > offset => local.max(since + before - 1),
            _ => local,
        }
    }

    /// The first moment at which the clock has shown so much.
    pub(super) fn first(&self, local: i64) -> i64 {
        let ends = |here: usize| {
            let next = self.shifts.get(here + 1)?;
            Some(next.0 + self.shifts[here].1)
        };
        let here = partition(self.shifts.len(), |here| {
            ends(here).is_some_and(|end| end <= local)
        });
        let (since, offset) = self.shifts[here];
        (local - offset).max(since)
    }

    /// The last moment at which the clock shows this; the first after it, if it never does.
    pub(super) fn last(&self, local: i64) -> i64 {
        let begins = |here: usize| self.shifts[here].0.saturating_add(self.shifts[here].1);
        let here = partition(self.shifts.len(), |here| here == 0 || begins(here) <= local) - 1;
        let at = local - self.shifts[here].1;
        match self.shifts.get(here + 1) {
            Some((next, _)) => at.min(*next),
            None => at,
        }
    }

    /// The latest time of the clock whose [`Self::last`] moment is not after this one.
    pub(super) fn settled(&self, at: i64) -> i64 {
        let here = self.shifts.partition_point(|(since, _)| *since <= at) - 1;
        let local = at + self.shifts[here].1;
        match self.shifts.get(here + 1) {
            // shown once more after the clock is put back
            Some((next, offset)) => local.min(next + offset - 1),
            None => local,
        }
    }
}

/// How many of the first `len` numbers hold, which are the first ones.
fn partition(len: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = usize::midpoint(low, high);
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;

    use super::*;

    fn new_york() -> Zone {
        let zone = TimeZone::get("America/New_York").expect("bundled");
        let at = |text: &str| text.parse().expect("a time");
        Zone::new(&zone, at("2004-01-01T05:00:00Z"), at("2101-01-01T05:00:00Z"))
    }

    fn local(text: &str) -> i64 {
        let at: DateTime = text.parse().expect("a local time");
        let at = TimeZone::UTC.to_timestamp(at).expect("in range");
        Timestamp::from(at).as_micros()
    }

    fn utc(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_micros()
    }

    #[test]
    fn an_hour_that_is_left_out_is_the_moment_after_it() {
        let zone = new_york();
        let change = utc("2026-03-08T07:00:00Z");
        for skipped in ["2026-03-08T02:00", "2026-03-08T02:59:59", "2026-03-08T03:00"] {
            assert_eq!(zone.first(local(skipped)), change, "{skipped}");
            assert_eq!(zone.last(local(skipped)), change, "{skipped}");
        }
        assert_eq!(zone.shown(change), local("2026-03-08T03:00"));
        assert_eq!(zone.settled(change - 1), local("2026-03-08T02:00") - 1);
    }

    #[test]
    fn an_hour_that_comes_twice_has_a_first_and_a_last_time() {
        let zone = new_york();
        let half = local("2026-11-01T01:30");
        assert_eq!(zone.first(half), utc("2026-11-01T05:30:00Z"));
        assert_eq!(zone.last(half), utc("2026-11-01T06:30:00Z"));
        let end = local("2026-11-01T02:00");
        assert_eq!(zone.first(end), utc("2026-11-01T07:00:00Z"));
        assert_eq!(zone.shown(utc("2026-11-01T05:30:00Z")), half);
        assert_eq!(zone.shown(utc("2026-11-01T06:30:00Z")), end - 1);
        assert_eq!(
            zone.settled(utc("2026-11-01T05:30:00Z")),
            local("2026-11-01T01:00") - 1
        );
        assert_eq!(zone.settled(utc("2026-11-01T06:30:00Z")), half);
    }

    #[test]
    fn the_clock_goes_on_changing_after_the_last_change_on_record() {
        let zone = new_york();
        assert_eq!(zone.first(local("2100-07-01T12:00")), utc("2100-07-01T16:00:00Z"));
    }
}
