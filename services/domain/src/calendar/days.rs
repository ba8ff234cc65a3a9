//! Which days are worked: the week, the statutory holidays and the make-up working days.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What a holiday is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DayName {
    pub zh: String,
    pub en: String,
}

impl DayName {
    pub fn of(&self, lang: Lang) -> &str {
        lang.choose(&self.zh, &self.en)
    }
}

/// Days that are not worked though the week says so, and the other way round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    pub holidays: BTreeMap<Date, DayName>,
    /// Make-up working days (调休), with the holiday that they make up for; they win over weekend and holiday.
    pub workdays: BTreeMap<Date, DayName>,
}

impl Days {
    /// The years of which at least one holiday is known. Of others nobody has said yet which days are worked.
    pub fn published(&self) -> BTreeSet<i16> {
        self.holidays.keys().map(|day| day.year()).collect()
    }

    /// Days that are said to be both.
    pub fn contradictory(&self) -> impl Iterator<Item = Date> {
        let both = |day: &&Date| self.holidays.contains_key(day);
        self.workdays.keys().filter(both).copied()
    }

    pub fn is_working(&self, weekend: Weekend, day: Date) -> bool {
        self.workdays.contains_key(&day)
            || (!weekend.holds(day.weekday()) && !self.holidays.contains_key(&day))
    }
}

/// The days of the week that are not worked. One at least is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct Weekend(u8);

const NAMES: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The words do not name a weekend.
#[derive(Debug, thiserror::Error)]
pub enum WeekendError {
    #[error("{0:?} is no day of the week: use monday, …, sunday")]
    Unknown(String),
    #[error("no day of the week is left to work on")]
    Everything,
}

impl Weekend {
    /// Nothing but these days.
    pub fn of(days: impl IntoIterator<Item = Weekday>) -> Self {
        Self(
            days.into_iter()
                .fold(0, |all, day| all | 1 << day.to_monday_zero_offset()),
        )
    }

    pub fn holds(self, day: Weekday) -> bool {
        self.0 & 1 << day.to_monday_zero_offset() != 0
    }

    /// As it is written, Monday first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let all = NAMES.into_iter().enumerate();
        all.filter(move |(at, _)| self.0 & 1 << at != 0)
            .map(|(_, name)| name)
    }
}

impl Default for Weekend {
    fn default() -> Self {
        Self::of([Weekday::Saturday, Weekday::Sunday])
    }
}

impl TryFrom<Vec<String>> for Weekend {
    type Error = WeekendError;

    fn try_from(words: Vec<String>) -> Result<Self, WeekendError> {
        let mut days = 0;
        for word in words {
            match NAMES.iter().position(|name| *name == word) {
                Some(at) => days |= 1 << at,
                None => return Err(WeekendError::Unknown(word)),
            }
        }
        if days == 0b111_1111 {
            return Err(WeekendError::Everything);
        }
        Ok(Self(days))
    }
}

impl From<Weekend> for Vec<String> {
    fn from(weekend: Weekend) -> Self {
        weekend.names().map(str::to_owned).collect()
    }
}

/// What a place sets of its calendar among its policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarPolicy {
    pub weekend: Weekend,
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_make_up_day_is_worked_and_a_holiday_is_not() {
        let name = DayName::default();
        let days = Days {
            holidays: BTreeMap::from([(date(2026, 5, 1), name.clone()), (date(2026, 5, 9), name.clone())]),
            workdays: BTreeMap::from([(date(2026, 5, 9), name)]),
        };
        let working = |day| days.is_working(Weekend::default(), date(2026, 5, day));
        assert_eq!(
            [1, 2, 4, 9].map(working),
            [false, false, true, true],
            "holiday, Saturday, Monday, make-up Saturday"
        );
        assert_eq!(days.contradictory().collect::<Vec<_>>(), [date(2026, 5, 9)]);
        assert_eq!(days.published(), BTreeSet::from([2026]));
    }

    #[test]
    fn a_weekend_is_written_by_its_days() {
        let read = |json: &str| serde_json::from_str::<Weekend>(json);
        let friday = read(r#"["sunday", "friday"]"#).expect("a weekend");
        assert!(friday.holds(Weekday::Friday) && !friday.holds(Weekday::Saturday));
        assert_eq!(
            serde_json::to_string(&friday).expect("written"),
            r#"["friday","sunday"]"#
        );
        assert!(read(r#"["sonntag"]"#).is_err());
        let week = serde_json::to_string(&NAMES).expect("written");
        assert!(read(&week).is_err(), "nothing left to work on");
    }
}
