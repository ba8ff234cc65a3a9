//! Points in time, in whole microseconds UTC: the precision that every store, message and fold shares.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 time.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an RFC 3339 time: {0}")]
pub struct ParseError(String);

impl Timestamp {
    /// The epoch; also "before everything" for folds.
    pub const EPOCH: Self = Self(0);

    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_micros(minutes * 60_000_000)
    }

    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_micros(days * 86_400_000_000)
    }

    /// Microseconds from `earlier` to `self`; negative if `self` is the earlier one.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// The same instant for calendar arithmetic; out-of-range values are clamped to what jiff can hold.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }

    /// The civil date in `zone`.
    pub fn civil_date(self, zone: &jiff::tz::TimeZone) -> jiff::civil::Date {
        zone.to_datetime(self.to_jiff()).date()
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self(at.as_microsecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        text.parse::<jiff::Timestamp>()
            .map(Self::from)
            .map_err(|_| ParseError(text.to_owned()))
    }
}

/// For `serialize_with`, where people and scripts read it.
pub fn rfc3339<S: serde::Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips_in_whole_microseconds() {
        let at: Timestamp = "2026-01-05T08:00:00.123456+08:00".parse().expect("valid");
        assert_eq!(at.to_string(), "2026-01-05T00:00:00.123456Z");
        assert_eq!(at.to_string().parse(), Ok(at));
        assert!("yesterday".parse::<Timestamp>().is_err());
    }

    #[test]
    fn the_civil_date_is_that_of_the_zone() {
        let at: Timestamp = "2026-01-05T20:00:00Z".parse().expect("valid");
        let shanghai = jiff::tz::TimeZone::get("Asia/Shanghai").expect("bundled");
        assert_eq!(at.civil_date(&shanghai).to_string(), "2026-01-06");
    }
}
