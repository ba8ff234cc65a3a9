//! Until when: the end of a limit that begins at a moment.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, LazyLock, OnceLock};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::days::{Days, Weekend};
use super::hours::HoursRow;
use super::limit::{Limit, Unit};
use super::pauses::{self, Pause};
use super::profile::{Profile, Profiles};
use super::tables::{DAY, Tables};
use crate::code::{AreaCode, CalendarVersion};
use crate::digest::Digest;
use crate::lang::Lang;
use crate::time::Timestamp;

/// Which days and which hours are worked where. It is cheap to copy, and nothing is computed before the first question.
#[derive(Clone)]
pub struct Calendar(Arc<Inner>);

struct Inner {
    version: CalendarVersion,
    zone: TimeZone,
    days: Days,
    published: BTreeSet<i16>,
    hours: Vec<HoursRow>,
    weekend: Weekend,
    tables: OnceLock<Tables>,
    profiles: OnceLock<Profiles>,
}

/// The end of a limit: the last moment at which it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    pub at: Timestamp,
    /// Working days or hours were counted that lie in a year whose holidays are not published, or in the last three days before
    /// it: it may change.
    pub provisional: bool,
}

/// Before 2004 or after 2100 by the clock of the place: no calendar knows that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time lies outside the years 2004 to 2100")]
pub struct OutOfRange;

impl OutOfRange {
    /// Stable: scripts may rely on it.
    pub const fn code(self) -> &'static str {
        "time_out_of_range"
    }

    pub const fn message(self, lang: Lang) -> &'static str {
        lang.choose(
            "时间不在 2004 至 2100 年之内",
            "the time lies outside the years 2004 to 2100",
        )
    }
}

impl Calendar {
    pub fn new(zone: TimeZone, days: Days, hours: Vec<HoursRow>, weekend: Weekend) -> Self {
        Self(Arc::new(Inner {
            version: version(&zone, &days, &hours, weekend),
            zone,
            published: days.published(),
            days,
            hours,
            weekend,
            tables: OnceLock::new(),
            profiles: OnceLock::new(),
        }))
    }

    /// Weekends only, and the usual hours.
    pub fn plain(zone: TimeZone) -> Self {
        Self::new(zone, Days::default(), Vec::new(), Weekend::default())
    }

    /// The plain one of the world's time, which is computed once.
    pub fn none() -> Self {
        static NONE: LazyLock<Calendar> = LazyLock::new(|| Calendar::plain(TimeZone::UTC));
        NONE.clone()
    }

    /// The content address of all that decides: two calendars with the same one give the same answers.
    pub fn version(&self) -> &CalendarVersion {
        &self.0.version
    }

    pub fn zone(&self) -> &TimeZone {
        &self.0.zone
    }

    /// The holidays and make-up working days.
    pub fn days(&self) -> &Days {
        &self.0.days
    }

    pub fn is_working_day(&self, day: Date) -> bool {
        self.0.days.is_working(self.0.weekend, day)
    }

    /// Whether the holidays of the year are known.
    pub fn published(&self, year: i16) -> bool {
        self.0.published.contains(&year)
    }

    /// The years whose holidays are known.
    pub fn published_years(&self) -> &BTreeSet<i16> {
        &self.0.published
    }

    /// When a limit ends that begins at `start`.
    pub fn due(&self, place: Option<&AreaCode>, start: Timestamp, limit: Limit) -> Result<Due, OutOfRange> {
        self.ends(place, start.as_micros(), limit, &[])
    }

    /// When the last of several limits ends, of which each begins where the one before ended, and that do not run while paused.
    /// Limits of the same unit in a row are one: 3 and 2 working days are 5.
    pub fn due_with(
        &self,
        place: Option<&AreaCode>,
        start: Timestamp,
        pieces: &[Limit],
        pauses: &[Pause],
    ) -> Result<Due, OutOfRange> {
        let pauses = Pause::merged(pauses);
        let mut due = Due {
            at: self.tables().inside(start.as_micros())?,
            provisional: false,
        };
        let mut pieces = pieces.iter().copied().peekable();
        while let Some(mut piece) = pieces.next() {
            while let Some(both) = pieces.peek().and_then(|next| piece.and(*next)) {
                piece = both;
                pieces.next();
            }
            let next = self.ends(place, due.at.as_micros(), piece, &pauses)?;
            due = Due {
                at: next.at,
                provisional: due.provisional || next.provisional,
            };
        }
        Ok(due)
    }

    fn ends(
        &self,
        place: Option<&AreaCode>,
        start: i64,
        limit: Limit,
        pauses: &[Pause],
    ) -> Result<Due, OutOfRange> {
        let tables = self.tables();
        let day = tables.day(start)?;
        let (last, at) = match limit.unit() {
            Unit::Minutes | Unit::Hours => {
                let at = passing(tables, start, limit.micros(), pauses);
                return Ok(Due {
                    at: tables.inside(at)?,
                    provisional: false,
                });
            }
            Unit::Days => {
                let at = self.days_later(day, start, limit.amount(), pauses)?;
                return Ok(Due {
                    at: tables.inside(at)?,
                    provisional: false,
                });
            }
            Unit::WorkingDays => {
                let last = working_days_later(tables, day, start, limit.amount(), pauses)?;
                (last, tables.end(last))
            }
            Unit::WorkingHours => {
                let profile = self.profile(place);
                working_time_later(tables, profile, (day, start), limit.micros(), pauses)?
            }
        };
        // the day of receipt is never a counted working day
        let first = if limit.unit() == Unit::WorkingDays {
            day + 1
        } else {
            day
        };
        Ok(Due {
            at: Timestamp::from_micros(at),
            provisional: tables.is_provisional(first, last),
        })
    }

    /// The same time of day so many days later, and as many more as begin in pauses.
    fn days_later(&self, day: usize, start: i64, amount: u32, pauses: &[Pause]) -> Result<i64, OutOfRange> {
        let tables = self.tables();
        let shown = tables.zone.shown(start);
        let mut days = i64::from(amount);
        let later = |days: i64| tables.zone.last(shown + days * DAY);
        if day as i64 + days > tables.len() as i64 {
            return Err(OutOfRange);
        }
        for (from, to) in pauses::within(pauses, start, tables.over() - 1) {
            if from >= later(days) {
                break;
            }
            days += (tables.day(to)? - tables.day(from)?) as i64;
        }
        Ok(later(days))
    }

    pub(super) fn tables(&self) -> &Tables {
        let Inner {
            zone,
            days,
            weekend,
            published,
            ..
        } = &*self.0;
        self.0
            .tables
            .get_or_init(|| Tables::new(zone, days, *weekend, published))
    }

    pub(super) fn profile(&self, place: Option<&AreaCode>) -> &Profile {
        let profiles = self.0.profiles.get_or_init(|| Profiles::new(&self.0.hours));
        profiles.of(place, self.tables())
    }
}

/// When so much time has passed outside the pauses.
fn passing(tables: &Tables, start: i64, mut left: i64, pauses: &[Pause]) -> i64 {
    let mut at = start;
    for (from, to) in pauses::within(pauses, start, tables.over()) {
        if from - at >= left {
            break;
        }
        left -= from - at;
        at = to;
    }
    at.saturating_add(left)
}

/// The working day so many after the one of receipt, and as many more as there are in pauses.
fn working_days_later(
    tables: &Tables,
    day: usize,
    start: i64,
    amount: u32,
    pauses: &[Pause],
) -> Result<usize, OutOfRange> {
    let mut before = tables.worked(day + 1) + amount as usize - 1;
    let mut last = tables.working(before)?;
    for (from, to) in pauses::within(pauses, start, tables.over() - 1) {
        if from >= tables.end(last) {
            break;
        }
        before += tables.worked(tables.day(to)? + 1) - tables.worked(tables.day(from)? + 1);
        last = tables.working(before)?;
    }
    Ok(last)
}

/// When so much working time is used up outside the pauses, and on which day.
fn working_time_later(
    tables: &Tables,
    profile: &Profile,
    (day, start): (usize, i64),
    mut left: i64,
    pauses: &[Pause],
) -> Result<(usize, i64), OutOfRange> {
    let mut worked = profile.worked(tables, day, start);
    for (from, to) in pauses::within(pauses, start, tables.over() - 1) {
        let used = profile.worked(tables, tables.day(from)?, from) - worked;
        if used >= left {
            break;
        }
        left -= used;
        worked = profile.worked(tables, tables.day(to)?, to);
    }
    profile.used_up(tables, worked + left).ok_or(OutOfRange)
}

impl PartialEq for Calendar {
    fn eq(&self, other: &Self) -> bool {
        self.version() == other.version()
    }
}

impl Eq for Calendar {}

impl fmt::Debug for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Calendar").field(self.version()).finish()
    }
}

/// The first twelve hexadecimal digits of the digest of what is counted by. Names of holidays do not count.
fn version(zone: &TimeZone, days: &Days, hours: &[HoursRow], weekend: Weekend) -> CalendarVersion {
    let zone = match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => format!("{zone:?}"),
    };
    let mut parts = vec![zone, weekend.names().collect::<Vec<_>>().join(" ")];
    for days in [&days.holidays, &days.workdays] {
        let days: Vec<_> = days.keys().map(Date::to_string).collect();
        parts.push(days.join(" "));
    }
    parts.extend(hours.iter().map(|row| format!("{row:?}")));
    CalendarVersion::of_digest(Digest::of(parts.iter().map(String::as_bytes)))
}
