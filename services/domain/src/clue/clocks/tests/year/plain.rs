//! Working time by counting: stretch by stretch of one day after the other, in Shaoxing, where the clock is never changed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub(super) const MINUTE: i64 = 60_000_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
/// Of the clock in Shaoxing before the world's.
const AHEAD: i64 = 8 * HOUR;

pub(super) const HOLIDAYS: &str =
    include_str!("../../../../../../../deploy/rulebooks/shaoxing/holidays.json");
pub(super) const HOURS: &str = include_str!("hours.csv");
/// They are changed in the course of the year.
pub(super) const LATER: &str = include_str!("later.csv");

/// A number and a unit, as it is written.
pub(super) type Length = (i64, String);
/// From a moment until before another.
pub(super) type Stretch = (i64, i64);

/// A due time, and whether days of a year were counted that nobody has published.
pub(super) type Due = (i64, bool);

/// A row of `hours.csv`: area, season by month and day, sessions in microseconds after midnight.
struct Hours {
    area: String,
    season: Option<(String, String)>,
    sessions: Vec<Stretch>,
}

/// Which days are worked, and when.
pub(super) struct Plain {
    holidays: BTreeSet<i64>,
    workdays: BTreeSet<i64>,
    years: BTreeSet<i16>,
    hours: Vec<Hours>,
}

pub(super) fn length(text: &str) -> Length {
    let end = text.find(|c: char| !c.is_ascii_digit()).expect("a unit");
    (text[..end].parse().expect("a number"), text[end..].to_owned())
}

/// Days since 1970.
pub(super) fn day(at: i64) -> i64 {
    (at + AHEAD).div_euclid(DAY)
}

pub(super) fn midnight(day: i64) -> i64 {
    day * DAY - AHEAD
}

fn date(day: i64) -> Date {
    let at = jiff::Timestamp::from_microsecond(day * DAY).expect("in range");
    jiff::tz::TimeZone::UTC.to_datetime(at).date()
}

fn number(day: Date) -> i64 {
    let first = Date::constant(1970, 1, 1);
    i64::from(day.since(first).expect("in range").get_days())
}

fn minutes(text: &str) -> i64 {
    let (hours, minutes) = text.split_once(':').expect("HH:MM");
    hours.parse::<i64>().expect("hours") * HOUR + minutes.parse::<i64>().expect("minutes") * MINUTE
}

impl Plain {
    /// By the shipped file, and these `hours.csv`; `more`: further holidays and make-up days, of another year.
    pub(super) fn new(more: &[(&str, &[&str])], hours: &str) -> Self {
        let file: BTreeMap<String, BTreeMap<Date, String>> =
            serde_json::from_str(HOLIDAYS).expect("the shipped file");
        let days = |kind: &str| -> BTreeSet<Date> {
            let more = more
                .iter()
                .filter(|(it, _)| *it == kind)
                .flat_map(|(_, days)| *days);
            let more = more.map(|day| day.parse().expect("a date"));
            file[kind].keys().copied().chain(more).collect()
        };
        let rows = hours.lines().skip(1).map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let sessions = cells[3].split(' ').map(|session| {
                let (from, to) = session.split_once('-').expect("from and to");
                (minutes(from), minutes(to))
            });
            Hours {
                area: cells[0].to_owned(),
                season: (!cells[1].is_empty()).then(|| (cells[1].to_owned(), cells[2].to_owned())),
                sessions: sessions.collect(),
            }
        });
        let holidays = days("holidays");
        Self {
            years: holidays.iter().map(|day| day.year()).collect(),
            holidays: holidays.into_iter().map(number).collect(),
            workdays: days("workdays").into_iter().map(number).collect(),
            hours: rows.collect(),
        }
    }

    pub(super) fn works(&self, day: i64) -> bool {
        // 1 January 1970 was a Thursday
        let weekend = (day + 3).rem_euclid(7) >= 5;
        self.workdays.contains(&day) || !(weekend || self.holidays.contains(&day))
    }

    fn is_published(&self, day: i64) -> bool {
        self.years.contains(&date(day).year())
    }

    /// When the place works on the day, if that is worked.
    fn sessions(&self, place: &str, day: i64) -> Vec<Stretch> {
        let of_year = date(day).strftime("%m-%d").to_string();
        let holds = |row: &&Hours| {
            let season = row.season.as_ref();
            place.starts_with(&row.area) && season.is_none_or(|(from, to)| *from <= of_year && of_year < *to)
        };
        let rows = self.hours.iter().filter(holds);
        let row = rows.max_by_key(|row| (row.area.len(), row.season.is_some()));
        let usual = vec![(8 * HOUR, 12 * HOUR), (14 * HOUR, 18 * HOUR)];
        let sessions = row.map_or(usual, |row| row.sessions.clone());
        let here = |(from, to)| (midnight(day) + from, midnight(day) + to);
        sessions
            .into_iter()
            .map(here)
            .filter(|_| self.works(day))
            .collect()
    }

    /// The stretches of a day that count: all of it, or what is worked.
    fn counting(&self, place: &str, day: i64, working: bool) -> Vec<Stretch> {
        if working {
            self.sessions(place, day)
        } else {
            vec![(midnight(day), midnight(day + 1))]
        }
    }

    /// What counts from `from` until `to`, without the pauses, one day after the other.
    pub(super) fn stretches(
        &self,
        place: &str,
        working: bool,
        (from, to): Stretch,
        pauses: &[Stretch],
    ) -> impl Iterator<Item = Stretch> {
        (day(from)..=day(to - 1)).flat_map(move |day| {
            let mut left: Vec<Stretch> = self.counting(place, day, working);
            for stretch in &mut left {
                *stretch = (stretch.0.max(from), stretch.1.min(to));
            }
            for pause in pauses {
                let outside = |(a, b): Stretch| [(a, b.min(pause.0)), (a.max(pause.1), b)];
                left = left.into_iter().flat_map(outside).collect();
            }
            left.retain(|(a, b)| a < b);
            left
        })
    }

    /// When so much has been counted.
    pub(super) fn used_up(stretches: impl Iterator<Item = Stretch>, mut left: i64) -> i64 {
        for (from, to) in stretches {
            if left <= to - from {
                return from + left;
            }
            left -= to - from;
        }
        panic!("further than anybody counts");
    }

    /// When limits end of which each begins where the one before ended. The same unit twice is one limit.
    pub(super) fn ends(&self, place: &str, since: i64, limits: &[Length], pauses: &[Stretch]) -> Due {
        let mut together: Vec<Length> = Vec::new();
        for (amount, unit) in limits {
            match together.last_mut() {
                Some((known, same)) if same == unit => *known += amount,
                _ => together.push((*amount, unit.clone())),
            }
        }
        let (mut at, mut provisional) = (since, false);
        for (amount, unit) in together {
            let one = self.end(place, at, (amount, &unit), pauses);
            (at, provisional) = (one.0, provisional || one.1);
        }
        (at, provisional)
    }

    fn end(&self, place: &str, since: i64, (amount, unit): (i64, &str), pauses: &[Stretch]) -> Due {
        let ahead = (since, since + 900 * DAY);
        let counted = |each: i64, working| {
            let stretches = self.stretches(place, working, ahead, pauses);
            Self::used_up(stretches, amount * each)
        };
        // the notice of a year says what becomes of the last three days before it, too
        let is_known = |day: i64| self.is_published(day) && self.is_published(day + 3);
        let unknown = |first: i64, last: i64| (first..=last).any(|day| !is_known(day));
        match unit {
            "min" => (counted(MINUTE, false), false),
            "h" => (counted(HOUR, false), false),
            "wh" => {
                let at = counted(HOUR, true);
                (at, unknown(day(since), day(at)))
            }
            "d" => {
                let later = |days: i64| since + days * DAY;
                let counts = |from: i64, to: i64| to - from;
                (later(Self::moved(amount, since, pauses, later, counts)), false)
            }
            "wd" => {
                let later = |days: i64| {
                    let worked = (day(since) + 1..).filter(|day| self.works(*day));
                    let last = worked.take(days as usize).last().expect("a day");
                    midnight(last + 1) - 1
                };
                let counts =
                    |from: i64, to: i64| (from + 1..=to).filter(|day| self.works(*day)).count() as i64;
                let at = later(Self::moved(amount, since, pauses, later, counts));
                (at, unknown(day(since) + 1, day(at)))
            }
            other => panic!("no unit: {other}"),
        }
    }

    /// How many days, with those by which pauses move them that begin before the end.
    fn moved(
        amount: i64,
        since: i64,
        pauses: &[Stretch],
        later: impl Fn(i64) -> i64,
        counts: impl Fn(i64, i64) -> i64,
    ) -> i64 {
        let mut days = amount;
        for (from, to) in pauses {
            let from = (*from).max(since);
            if from < *to && from < later(days) {
                days += counts(day(from), day(*to));
            }
        }
        days
    }

    /// When so many hundredths of what counts between the two moments are counted; of nothing there are none.
    pub(super) fn share(
        &self,
        place: &str,
        working: bool,
        all: Stretch,
        percent: i64,
        pauses: &[Stretch],
    ) -> Option<i64> {
        if all.0 >= all.1 {
            return None;
        }
        let stretches = || self.stretches(place, working, all, pauses);
        let whole: i64 = stretches().map(|(from, to)| to - from).sum();
        let part = whole * percent / 100;
        (part > 0).then(|| Self::used_up(stretches(), part))
    }

    /// The latest moment from which so much ends no later than `due`; of working days it ends a day, of working hours it is worked.
    pub(super) fn before(&self, place: &str, due: i64, (amount, unit): &Length) -> i64 {
        match unit.as_str() {
            "min" => due - amount * MINUTE,
            "h" => due - amount * HOUR,
            "d" => due - amount * DAY,
            "wd" => {
                let last = if due == midnight(day(due) + 1) - 1 {
                    day(due)
                } else {
                    day(due) - 1
                };
                let worked = (0..).map(|back| last - back).filter(|day| self.works(*day));
                let first = worked.take(*amount as usize).last().expect("a day");
                midnight(first) - 1
            }
            "wh" => {
                let days = (0..900).map(|back| day(due) - back);
                let mut left = amount * HOUR;
                for (from, to) in days.flat_map(|day| self.sessions(place, day).into_iter().rev()) {
                    let to = to.min(due);
                    if from < to && left <= to - from {
                        return to - left;
                    }
                    left -= (to - from).max(0);
                }
                panic!("further than anybody counts");
            }
            other => panic!("no unit: {other}"),
        }
    }

    /// When work begins on that day.
    pub(super) fn opening(&self, place: &str, day: i64) -> i64 {
        let mut sessions = (day..).flat_map(|day| self.sessions(place, day));
        sessions.next().expect("a day is worked").0
    }
}
