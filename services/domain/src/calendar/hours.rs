//! Working time of a place and a season, as it is written.

use jiff::civil::Date;

use crate::code::AreaCode;
use crate::lang::Lang;

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// From an opening to the closing after it, in minutes after midnight by the clock of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session {
    pub from: u16,
    pub to: u16,
}

/// A day of any year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthDay {
    month: i8,
    day: i8,
}

/// Part of a year: `to` is the first day that belongs to it no more. It may go on over the end of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Season {
    pub from: MonthDay,
    pub to: MonthDay,
}

/// When a place works on working days: in a season, or else in the whole year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoursRow {
    /// Everywhere, if there is none.
    pub area: Option<AreaCode>,
    pub season: Option<Season>,
    /// In order and apart, as [`parse_sessions`] gives them.
    pub sessions: Vec<Session>,
}

/// Why a text is no working time. The code is stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    #[error("it is not written as 08:30-12:00 14:30-18:00")]
    Unreadable,
    #[error("a session does not end after it begins")]
    Empty,
    #[error("sessions overlap or are not in order")]
    Overlap,
}

impl HoursError {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable | Self::Empty => "hours_invalid",
            Self::Overlap => "hours_overlap",
        }
    }

    pub const fn message(self, lang: Lang) -> &'static str {
        match self {
            Self::Unreadable => lang.choose(
                "不是 08:30-12:00 14:30-18:00 这样的写法",
                "it is not written as 08:30-12:00 14:30-18:00",
            ),
            Self::Empty => lang.choose("时段的结束不晚于开始", "a session does not end after it begins"),
            Self::Overlap => lang.choose("时段重叠或未按先后排列", "sessions overlap or are not in order"),
        }
    }
}

/// What holds where nothing else is said: 08:00–12:00 and 14:00–18:00.
pub(super) const DEFAULT: [Session; 2] = [
    Session {
        from: 8 * 60,
        to: 12 * 60,
    },
    Session {
        from: 14 * 60,
        to: 18 * 60,
    },
];

/// Reads sessions as `08:30-12:00 14:30-18:00`. The last may end at `24:00`.
pub fn parse_sessions(text: &str) -> Result<Vec<Session>, HoursError> {
    let session = |word: &str| {
        let (from, to) = word.split_once('-')?;
        Some(Session {
            from: minutes(from)?,
            to: minutes(to)?,
        })
    };
    let sessions: Option<Vec<_>> = text.split_whitespace().map(session).collect();
    let sessions = sessions
        .filter(|them| !them.is_empty())
        .ok_or(HoursError::Unreadable)?;
    if sessions.iter().any(|it| it.from >= it.to) {
        return Err(HoursError::Empty);
    }
    if sessions.windows(2).any(|pair| pair[1].from < pair[0].to) {
        return Err(HoursError::Overlap);
    }
    Ok(sessions)
}

/// `HH:MM` in minutes after midnight.
fn minutes(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse::<u16>().ok() } else { None }
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let at = hours * 60 + minutes;
    (minutes < 60 && at <= DAY).then_some(at)
}

impl MonthDay {
    /// `MM-DD`; 29 February is a day of some years.
    pub fn parse(text: &str) -> Option<Self> {
        let date = if text.len() == 5 {
            Date::strptime("%Y-%m-%d", format!("2004-{text}")).ok()?
        } else {
            return None;
        };
        Some(Self::of(date))
    }

    pub fn of(date: Date) -> Self {
        Self {
            month: date.month(),
            day: date.day(),
        }
    }
}

impl std::fmt::Display for MonthDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

impl Season {
    pub fn holds(&self, day: MonthDay) -> bool {
        if self.from <= self.to {
            self.from <= day && day < self.to
        } else {
            day >= self.from || day < self.to
        }
    }

    /// Whether some day belongs to both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.holds(other.from) || other.holds(self.from)
    }
}

impl HoursRow {
    /// Narrower rows decide: a longer area first, then a season before the whole year.
    pub(super) fn rank(&self) -> (usize, bool) {
        let area = self.area.as_ref().map_or(0, |area| area.as_str().len());
        (area, self.season.is_some())
    }

    pub(super) fn holds(&self, day: MonthDay) -> bool {
        self.season.is_none_or(|season| season.holds(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> MonthDay {
        MonthDay::parse(text).expect(text)
    }

    #[test]
    fn sessions_are_read_strictly() {
        assert_eq!(
            parse_sessions("08:30-12:00 14:30-24:00"),
            Ok(vec![
                Session { from: 510, to: 720 },
                Session { from: 870, to: 1440 }
            ])
        );
        for (text, error) in [
            ("", HoursError::Unreadable),
            ("8:30-12:00", HoursError::Unreadable),
            ("08:30–12:00", HoursError::Unreadable),
            ("08:60-12:00", HoursError::Unreadable),
            ("08:00-24:01", HoursError::Unreadable),
            ("+8:00-12:00", HoursError::Unreadable),
            ("12:00-12:00", HoursError::Empty),
            ("22:00-06:00", HoursError::Empty),
            ("08:00-12:00 11:59-18:00", HoursError::Overlap),
            ("14:00-18:00 08:00-12:00", HoursError::Overlap),
        ] {
            assert_eq!(parse_sessions(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_season_may_go_over_the_end_of_the_year() {
        let winter = Season {
            from: day("10-01"),
            to: day("05-01"),
        };
        for (text, holds) in [
            ("09-30", false),
            ("10-01", true),
            ("12-31", true),
            ("02-29", true),
            ("04-30", true),
            ("05-01", false),
        ] {
            assert_eq!(winter.holds(day(text)), holds, "{text}");
        }
        let summer = Season {
            from: day("05-01"),
            to: day("10-01"),
        };
        assert!(!winter.overlaps(&summer) && winter.overlaps(&winter));
        let spring = Season {
            from: day("04-30"),
            to: day("06-01"),
        };
        assert!(spring.overlaps(&winter) && spring.overlaps(&summer));
        for text in ["2-1", "02-30", "13-01", "0501", "05/01"] {
            assert_eq!(MonthDay::parse(text), None, "{text}");
        }
    }
}
