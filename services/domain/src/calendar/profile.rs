//! Working time as a running sum over the days, for each different working time that some place has.

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::hours::{DEFAULT, HoursRow, MonthDay, Session};
use super::tables::{FIRST, LAST, MINUTE, Tables};
use crate::code::AreaCode;

/// Days of a leap year.
const YEAR: usize = 366;
/// 29 February, which most years leave out.
const LEAP_DAY: usize = 31 + 28;

/// When a place works, by the day of a leap year. Places that work at the same times share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pattern {
    /// The different days.
    kinds: Vec<Vec<Session>>,
    /// Which of them each day of a leap year is.
    year: Vec<u16>,
}

/// The working times of all places.
#[derive(Debug)]
pub(super) struct Profiles {
    patterns: Vec<(Pattern, OnceLock<Profile>)>,
    /// Which pattern an area has that a row names.
    areas: HashMap<AreaCode, usize>,
    /// How long the codes of such areas are, longest first.
    lengths: Vec<usize>,
    /// The pattern of every other place.
    elsewhere: usize,
}

impl Profiles {
    pub(super) fn new(rows: &[HoursRow]) -> Self {
        let mut of: HashMap<&str, Vec<&HoursRow>> = HashMap::new();
        for row in rows {
            let area = row.area.as_ref().map_or("", AreaCode::as_str);
            of.entry(area).or_default().push(row);
        }
        let days: Vec<_> = (0..YEAR as i64)
            .map(|day| MonthDay::of(FIRST.saturating_add(day.days())))
            .collect();
        let mut profiles = Self {
            patterns: Vec::new(),
            areas: HashMap::new(),
            lengths: Vec::new(),
            elsewhere: 0,
        };
        let mut known = HashMap::new();
        // the rows of an area and of those around it
        let around = |area: &str| -> Vec<_> {
            let above = (0..=area.len()).filter_map(|end| of.get(&area[..end]));
            above.flatten().copied().collect()
        };
        profiles.elsewhere = profiles.enter(pattern(around(""), &days), &mut known);
        for area in of.values().filter_map(|rows| rows[0].area.as_ref()) {
            let entered = profiles.enter(pattern(around(area.as_str()), &days), &mut known);
            profiles.areas.insert(area.clone(), entered);
            profiles.lengths.push(area.as_str().len());
        }
        profiles.lengths.sort_unstable_by(|a, b| b.cmp(a));
        profiles.lengths.dedup();
        profiles
    }

    fn enter(&mut self, pattern: Pattern, known: &mut HashMap<Pattern, usize>) -> usize {
        *known.entry(pattern).or_insert_with_key(|pattern| {
            self.patterns.push((pattern.clone(), OnceLock::new()));
            self.patterns.len() - 1
        })
    }

    /// That of the longest area in which the place lies.
    pub(super) fn of(&self, place: Option<&AreaCode>, tables: &Tables) -> &Profile {
        let longest = place.and_then(|place| {
            let text = place.as_str();
            let prefixes = self.lengths.iter().filter_map(|length| text.get(..*length));
            let mut known = prefixes.filter_map(|prefix| self.areas.get(prefix));
            known.next()
        });
        let (pattern, built) = &self.patterns[*longest.unwrap_or(&self.elsewhere)];
        built.get_or_init(|| Profile::new(pattern, tables))
    }
}

/// The narrowest row of each day decides; of equal ones the first.
fn pattern(mut rows: Vec<&HoursRow>, days: &[MonthDay]) -> Pattern {
    rows.sort_by_key(|row| std::cmp::Reverse(row.rank()));
    let mut kinds: Vec<Vec<Session>> = Vec::new();
    let mut kind = |day: &MonthDay| {
        let row = rows.iter().find(|row| row.holds(*day));
        let sessions = row.map_or(&DEFAULT[..], |row| &row.sessions);
        let known = kinds.iter().position(|kind| kind == sessions);
        known.unwrap_or_else(|| {
            kinds.push(sessions.to_vec());
            kinds.len() - 1
        }) as u16
    };
    let year = days.iter().map(&mut kind).collect();
    Pattern { kinds, year }
}

/// An opening and the closing after it, in microseconds after the beginning of the day.
type Open = (i64, i64);

/// One working time over the whole range.
#[derive(Debug)]
pub(super) struct Profile {
    /// The different days; the first is one without work.
    kinds: Vec<Vec<Open>>,
    /// Which of them each day is.
    days: Vec<u16>,
    /// The working time before each day, and in all.
    before: Vec<i64>,
}

impl Profile {
    fn new(pattern: &Pattern, tables: &Tables) -> Self {
        let micros = |it: &Session| (i64::from(it.from) * MINUTE, i64::from(it.to) * MINUTE);
        let plain = pattern.kinds.iter().map(|kind| kind.iter().map(micros).collect());
        let mut kinds: Vec<Vec<Open>> = std::iter::once(Vec::new()).chain(plain).collect();
        let mut days = Vec::with_capacity(tables.len());
        let mut before = Vec::with_capacity(tables.len() + 1);
        let mut sum = 0;
        let years = (FIRST.year()..=LAST.year()).flat_map(|year| {
            let leap = Date::constant(year, 1, 1).in_leap_year();
            (0..YEAR).filter(move |day| leap || *day != LEAP_DAY)
        });
        for (day, of_year) in years.enumerate() {
            let kind = pattern.year[of_year];
            let kind = if !tables.is_working(day) {
                0
            } else if tables.is_plain(day) {
                kind + 1
            } else {
                kinds.push(changed(&pattern.kinds[usize::from(kind)], tables, day));
                (kinds.len() - 1) as u16
            };
            before.push(sum);
            days.push(kind);
            sum += length(&kinds[usize::from(kind)]);
        }
        before.push(sum);
        Self { kinds, days, before }
    }

    /// The working time of a day, in microseconds after its beginning.
    pub(super) fn sessions(&self, day: usize) -> &[(i64, i64)] {
        &self.kinds[usize::from(self.days[day])]
    }

    /// The working time of a day.
    pub(super) fn length(&self, day: usize) -> i64 {
        self.before[day + 1] - self.before[day]
    }

    /// The working time from the beginning of the range until `at`, which lies in the day.
    pub(super) fn worked(&self, tables: &Tables, day: usize, at: i64) -> i64 {
        let at = at - tables.start(day);
        let passed = |(from, to): &Open| (at.min(*to) - from).max(0);
        self.before[day] + self.sessions(day).iter().map(passed).sum::<i64>()
    }

    /// The day and the moment at which so much working time is used up; it is more than none.
    pub(super) fn used_up(&self, tables: &Tables, worked: i64) -> Option<(usize, i64)> {
        let day = self.before[1..].partition_point(|before| *before < worked);
        let mut rest = worked - self.before[day];
        for (from, to) in self.days.get(day).map(|_| self.sessions(day))? {
            if rest <= to - from {
                return Some((day, tables.start(day) + from + rest));
            }
            rest -= to - from;
        }
        None
    }

    /// The moment at which work goes on when there was so much working time.
    pub(super) fn goes_on(&self, tables: &Tables, worked: i64) -> Option<i64> {
        let day = self.before[1..].partition_point(|before| *before <= worked);
        let mut rest = worked - self.before[day];
        for (from, to) in self.days.get(day).map(|_| self.sessions(day))? {
            if rest < to - from {
                return Some(tables.start(day) + from + rest);
            }
            rest -= to - from;
        }
        None
    }
}

/// The sessions of a day on which the clock is changed: they begin and end by the clock, and last as long as they really do.
fn changed(sessions: &[Session], tables: &Tables, day: usize) -> Vec<Open> {
    let start = tables.start(day);
    let midnight = tables.local(day);
    let moment = |minutes: u16| {
        tables
            .zone
            .first(midnight + i64::from(minutes) * MINUTE)
            .max(start)
            - start
    };
    let moments = sessions.iter().map(|it| (moment(it.from), moment(it.to)));
    moments.filter(|(from, to)| from < to).collect()
}

fn length(sessions: &[Open]) -> i64 {
    sessions.iter().map(|(from, to)| to - from).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(area: &str, season: Option<(&str, &str)>, hours: &str) -> HoursRow {
        let day = |text| MonthDay::parse(text).expect("a day");
        HoursRow {
            area: AreaCode::new(area).ok(),
            season: season.map(|(from, to)| super::super::Season {
                from: day(from),
                to: day(to),
            }),
            sessions: super::super::parse_sessions(hours).expect("hours"),
        }
    }

    #[test]
    fn places_that_work_at_the_same_times_share_a_profile() {
        let profiles = Profiles::new(&[
            row("3306", None, "09:00-12:00"),
            row("330602", None, "08:00-12:00 14:00-18:00"),
            row("330603", None, "09:00-12:00"),
        ]);
        assert_eq!(profiles.patterns.len(), 2);
        assert_eq!(
            profiles.areas[&AreaCode::new("330602").expect("an area")],
            profiles.elsewhere
        );
    }
}
