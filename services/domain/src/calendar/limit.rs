//! A length of time as law and practice state it: a number and what is counted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Minutes that pass, day and night.
    Minutes,
    /// Hours that pass, day and night.
    Hours,
    /// Hours inside the working time of the place. Used up exactly at closing time, they end then and not at the next opening.
    WorkingHours,
    /// Working days after the day of receipt, which never counts; they end with the last of them.
    WorkingDays,
    /// Days of the calendar: they end at the same time of day.
    Days,
}

impl Unit {
    pub const ALL: [Self; 5] = [
        Self::Minutes,
        Self::Hours,
        Self::WorkingHours,
        Self::WorkingDays,
        Self::Days,
    ];

    /// As limits are written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::WorkingHours => "wh",
            Self::WorkingDays => "wd",
            Self::Days => "d",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.as_str() == word)
    }

    /// Whether the working days of the place decide.
    pub const fn is_working(self) -> bool {
        matches!(self, Self::WorkingHours | Self::WorkingDays)
    }

    /// A hundred years: more than any calendar has.
    const fn most(self) -> u32 {
        match self {
            Self::Minutes => 100 * 366 * 24 * 60,
            Self::Hours | Self::WorkingHours => 100 * 366 * 24,
            Self::WorkingDays | Self::Days => 100 * 366,
        }
    }

    const fn word(self, lang: Lang) -> &'static str {
        match self {
            Self::Minutes => lang.choose("分钟", "minute"),
            Self::Hours => lang.choose("小时", "hour"),
            Self::WorkingHours => lang.choose("个工作小时", "working hour"),
            Self::WorkingDays => lang.choose("个工作日", "working day"),
            Self::Days => lang.choose("个自然日", "calendar day"),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How long something may take: `30min`, `3h`, `2wh`, `5wd` or `10d`. Never nothing, and at most a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Limit {
    amount: u32,
    unit: Unit,
}

/// A limit as it is stored; unlike text, the same in every format.
#[derive(Serialize, Deserialize)]
struct Parts {
    amount: u32,
    unit: Unit,
}

/// Why a text is no limit. The code is stable: scripts may rely on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    #[error("it does not begin with a whole number")]
    Unreadable,
    #[error("it is no time at all")]
    Zero,
    #[error("it is negative")]
    Negative,
    #[error("its unit is not one of min, h, wh, wd, d")]
    UnknownUnit,
    #[error("it is longer than a hundred years")]
    TooLarge,
}

impl LimitError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "limit_unreadable",
            Self::Zero => "limit_zero",
            Self::Negative => "limit_negative",
            Self::UnknownUnit => "limit_unit_unknown",
            Self::TooLarge => "limit_too_large",
        }
    }

    /// What is wrong, for a person.
    pub const fn message(self, lang: Lang) -> &'static str {
        match self {
            Self::Unreadable => lang.choose("不是以整数开头", "it does not begin with a whole number"),
            Self::Zero => lang.choose("不能为零", "it is no time at all"),
            Self::Negative => lang.choose("不能为负", "it is negative"),
            Self::UnknownUnit => lang.choose(
                "单位不是 min、h、wh、wd、d 之一",
                "its unit is not one of min, h, wh, wd, d",
            ),
            Self::TooLarge => lang.choose("超过一百年", "it is longer than a hundred years"),
        }
    }
}

impl Limit {
    pub const fn new(amount: u32, unit: Unit) -> Result<Self, LimitError> {
        if amount == 0 {
            Err(LimitError::Zero)
        } else if amount > unit.most() {
            Err(LimitError::TooLarge)
        } else {
            Ok(Self { amount, unit })
        }
    }

    pub const fn amount(self) -> u32 {
        self.amount
    }

    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// `5个工作日`, `5 working days`.
    pub fn words(self, lang: Lang) -> String {
        let Self { amount, unit } = self;
        let word = unit.word(lang);
        match lang {
            Lang::Zh => format!("{amount}{word}"),
            Lang::En if amount == 1 => format!("1 {word}"),
            Lang::En => format!("{amount} {word}s"),
        }
    }

    /// Microseconds of a limit of minutes, hours or working hours.
    pub(super) const fn micros(self) -> i64 {
        let minutes = match self.unit {
            Unit::Minutes => 1,
            Unit::Hours | Unit::WorkingHours => 60,
            Unit::WorkingDays | Unit::Days => 24 * 60,
        };
        self.amount as i64 * minutes * super::tables::MINUTE
    }

    /// Both together, if they count the same.
    pub(super) fn and(self, other: Self) -> Option<Self> {
        let amount = self.amount.saturating_add(other.amount);
        (self.unit == other.unit).then(|| Self {
            amount: amount.min(self.unit.most()),
            unit: self.unit,
        })
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.amount, self.unit)
    }
}

impl FromStr for Limit {
    type Err = LimitError;

    fn from_str(text: &str) -> Result<Self, LimitError> {
        let positive = text.strip_prefix('-');
        let text = positive.unwrap_or(text);
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        // a fraction is no whole number
        if number.is_empty() || unit.starts_with(['.', ',']) {
            return Err(LimitError::Unreadable);
        }
        let unit = Unit::parse(unit).ok_or(LimitError::UnknownUnit)?;
        if positive.is_some() {
            return Err(LimitError::Negative);
        }
        Self::new(number.parse().map_err(|_| LimitError::TooLarge)?, unit)
    }
}

impl TryFrom<Parts> for Limit {
    type Error = LimitError;

    fn try_from(parts: Parts) -> Result<Self, LimitError> {
        Self::new(parts.amount, parts.unit)
    }
}

impl From<Limit> for Parts {
    fn from(limit: Limit) -> Self {
        let Limit { amount, unit } = limit;
        Self { amount, unit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_a_number_and_a_unit() {
        for text in ["30min", "3h", "2wh", "5wd", "10d", "36600d"] {
            assert_eq!(
                text.parse::<Limit>().map(|limit| limit.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_is_no_limit_says_why() {
        for (text, code) in [
            ("", "limit_unreadable"),
            ("wd", "limit_unreadable"),
            ("-", "limit_unreadable"),
            ("1.5h", "limit_unreadable"),
            ("+3h", "limit_unreadable"),
            ("5", "limit_unit_unknown"),
            ("5 wd", "limit_unit_unknown"),
            ("5WD", "limit_unit_unknown"),
            ("5w", "limit_unit_unknown"),
            ("0d", "limit_zero"),
            ("-1h", "limit_negative"),
            ("36601d", "limit_too_large"),
            ("99999999999d", "limit_too_large"),
        ] {
            let error = text.parse::<Limit>().expect_err(text);
            assert_eq!(error.code(), code, "{text}");
            assert_eq!(error.to_string(), error.message(Lang::En));
        }
    }

    #[test]
    fn a_stored_limit_is_checked_as_a_written_one_is() {
        let limit: Limit = "5wd".parse().expect("a limit");
        let json = serde_json::to_string(&limit).expect("written");
        assert_eq!(json, r#"{"amount":5,"unit":"working_days"}"#);
        assert_eq!(serde_json::from_str::<Limit>(&json).expect("read"), limit);
        assert!(serde_json::from_str::<Limit>(r#"{"amount":0,"unit":"days"}"#).is_err());
    }

    #[test]
    fn a_limit_is_said_in_both_languages() {
        let words = |text: &str, lang| text.parse::<Limit>().expect("a limit").words(lang);
        assert_eq!(words("5wd", Lang::Zh), "5个工作日");
        assert_eq!(words("1wh", Lang::En), "1 working hour");
        assert_eq!(words("30min", Lang::En), "30 minutes");
    }
}
