//! What a report is asked for.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::clue::SuspensionLimits;
use crate::time::Timestamp;

/// What the rows of a report are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Agency,
    Area,
    Matter,
    Source,
    Conclusion,
    /// Of the report, in the rulebook's zone.
    Month,
    Campaign,
}

impl By {
    pub const ALL: [Self; 7] = [
        Self::Agency,
        Self::Area,
        Self::Matter,
        Self::Source,
        Self::Conclusion,
        Self::Month,
        Self::Campaign,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "agency",
            Self::Area => "area",
            Self::Matter => "matter",
            Self::Source => "source",
            Self::Conclusion => "conclusion",
            Self::Month => "month",
            Self::Campaign => "campaign",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|by| by.as_str() == word)
    }
}

/// Which clues a period means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Those reported in it, as they stood at `as_of`.
    #[default]
    Cohort,
    /// Those open at any time in it, as they stood at its end.
    Flow,
}

impl Basis {
    pub const ALL: [Self; 2] = [Self::Cohort, Self::Flow];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cohort => "cohort",
            Self::Flow => "flow",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.as_str() == word)
    }
}

/// What a report is asked for.
#[derive(Clone, Debug)]
pub struct Query {
    /// The moment of asking: what is overdue without an `as_of`.
    pub now: Timestamp,
    /// How things stood then; `None`: everything that is known, also what a source dates later than `now`.
    pub as_of: Option<Timestamp>,
    /// First civil date of the period.
    pub from: Option<Date>,
    /// First civil date after the period.
    pub to: Option<Date>,
    pub by: Option<By>,
    pub basis: Basis,
    /// The rulebook's.
    pub zone: TimeZone,
    /// The policy's: a clue that was suspended for longer is backlog.
    pub backlog_days: u32,
}

impl Query {
    /// Everything, as it stands `now`, by the usual policy.
    pub fn everything(now: Timestamp, zone: TimeZone) -> Self {
        Self {
            now,
            as_of: None,
            from: None,
            to: None,
            by: None,
            basis: Basis::Cohort,
            zone,
            backlog_days: SuspensionLimits::default().backlog_days,
        }
    }

    /// Whether records, which have no cohort and no past, have a place in the report.
    pub fn counts_records(&self) -> bool {
        self.from.is_none() && self.to.is_none() && self.as_of.is_none_or(|as_of| as_of >= self.now)
    }

    /// The query's dates as moments.
    pub fn period(&self) -> Period {
        let midnight =
            |date: Option<Date>| date.and_then(|date| date.to_zoned_datetime(self.zone.clone()).ok());
        let moment = |date| midnight(date).map(|zoned| Timestamp::from(zoned.timestamp()));
        let start = moment(self.from).unwrap_or(Timestamp::from_micros(i64::MIN));
        let end = moment(self.to).unwrap_or(Timestamp::from_micros(i64::MAX));
        let seen = self
            .as_of
            .map_or(Timestamp::from_micros(i64::MAX), |as_of| as_of.plus_micros(1));
        Period { start, end, seen }
    }
}

/// [`start`, `end`), and only what happened before `seen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub start: Timestamp,
    pub end: Timestamp,
    pub seen: Timestamp,
}

impl Period {
    pub fn contains(&self, at: Timestamp) -> bool {
        (self.start..self.end).contains(&at)
    }
}
