//! Times as sources write them.

use std::borrow::Cow;
use std::str::FromStr as _;

use bihuan_domain::time::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

/// How a time is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// ISO 8601 / RFC 3339; local if it carries no offset.
    Iso,
    /// Seconds since 1970, perhaps with a fraction.
    Unix,
    UnixMs,
    /// Days since 1899-12-30 in local time, as spreadsheets count.
    Excel,
    Pattern {
        pattern: String,
        carries_zone: bool,
    },
}

/// 9999-12-31, behind which nothing on the other end can follow.
const LAST: i64 = 253_402_214_400_000_000;

impl Form {
    /// `None`: no such pattern.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "unix" => Self::Unix,
            "unix_ms" => Self::UnixMs,
            "excel" => Self::Excel,
            pattern => {
                let carries_zone = round_trip(pattern)?;
                Self::Pattern {
                    pattern: pattern.to_owned(),
                    carries_zone,
                }
            }
        })
    }

    /// Whether a time so written says nothing about its offset.
    pub(crate) const fn is_local(&self) -> bool {
        matches!(
            self,
            Self::Excel
                | Self::Pattern {
                    carries_zone: false,
                    ..
                }
        )
    }

    /// `None`: it is not so written, or lies before 1970 or after 9999: no report does.
    pub(crate) fn read(&self, text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
        let at = match self {
            Self::Iso => iso(text, zone)?,
            Self::Unix => decimal(text, 6)?,
            Self::UnixMs => decimal(text, 3)?,
            Self::Excel => excel(text, zone?)?,
            Self::Pattern {
                pattern,
                carries_zone,
            } => by_pattern(pattern, *carries_zone, text, zone)?,
        };
        (0..LAST).contains(&at.as_micros()).then_some(at)
    }
}

/// Whether the pattern carries a zone; `None` if it cannot be read back.
fn round_trip(pattern: &str) -> Option<bool> {
    let sample = "2026-05-17T13:45:06.25+08:00[Asia/Shanghai]"
        .parse::<jiff::ZonedDateTime>()
        .ok()?;
    let written = strtime::format(pattern, &sample).ok()?;
    let read = strtime::parse(pattern, &written).ok()?;
    let carries_zone = read.to_timestamp().is_ok();
    (carries_zone || civil(&read).is_some()).then_some(carries_zone)
}

/// A date alone is its first instant.
fn civil(read: &strtime::BrokenDownTime) -> Option<DateTime> {
    match (read.to_datetime(), read.hour()) {
        (Ok(at), _) => Some(at),
        (Err(_), None) => read.to_date().ok().map(DateTime::from),
        (Err(_), Some(_)) => None,
    }
}

fn by_pattern(pattern: &str, carries_zone: bool, text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    let text = if pattern.contains("%p") {
        halves(text)
    } else {
        Cow::Borrowed(text)
    };
    let read = strtime::parse(pattern, &*text).ok()?;
    if carries_zone {
        read.to_timestamp().ok().map(Timestamp::from)
    } else {
        local(civil(&read)?, zone?)
    }
}

/// The halves of the day as `%p` reads them. Chinese spreadsheets write them 上午 and 下午.
fn halves(text: &str) -> Cow<'_, str> {
    const WORDS: [(&str, &str); 10] = [
        ("上午", "AM"),
        ("下午", "PM"),
        ("a.m.", "AM"),
        ("p.m.", "PM"),
        ("A.M.", "AM"),
        ("P.M.", "PM"),
        ("a.m", "AM"),
        ("p.m", "PM"),
        ("A.M", "AM"),
        ("P.M", "PM"),
    ];
    let found = WORDS.iter().find(|(word, _)| text.contains(word));
    found.map_or(Cow::Borrowed(text), |(word, half)| {
        text.replacen(word, half, 1).into()
    })
}

/// A time that the clocks skip or repeat is resolved as RFC 5545 does: the offset before the gap, the first of two.
fn local(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(at).ok().map(Timestamp::from)
}

fn iso(text: &str, zone: Option<&TimeZone>) -> Option<Timestamp> {
    match jiff::Timestamp::from_str(text) {
        Ok(at) => Some(at.into()),
        Err(_) => local(DateTime::from_str(text).ok()?, zone?),
    }
}

/// A decimal number in the unit that is ten to the power of `places` microseconds, cut to whole microseconds.
fn decimal(text: &str, places: usize) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.len() > 15
        || !whole
            .bytes()
            .chain(fraction.bytes())
            .all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let digits: String = fraction
        .chars()
        .chain(std::iter::repeat('0'))
        .take(places)
        .collect();
    let scale = 10_i64.pow(places as u32);
    whole
        .parse::<i64>()
        .ok()?
        .checked_mul(scale)?
        .checked_add(digits.parse().ok()?)
        .map(Timestamp::from_micros)
}

/// Spreadsheets keep a time as the fraction of a day in binary; whole milliseconds are what is left of it.
fn excel(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    const EPOCH: DateTime = DateTime::constant(1899, 12, 30, 0, 0, 0, 0);
    let days: f64 = text.parse().ok()?;
    if !(0.0..3_000_000.0).contains(&days) {
        return None;
    }
    let milliseconds = (days * 86_400_000.0).round() as i64;
    local(
        EPOCH
            .checked_add(jiff::SignedDuration::from_millis(milliseconds))
            .ok()?,
        zone,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str, text: &str) -> Option<String> {
        let zone = TimeZone::get("America/New_York").expect("bundled");
        let form = if form == "iso" {
            Form::Iso
        } else {
            Form::parse(form).expect(form)
        };
        form.read(text, Some(&zone)).map(|at| at.to_string())
    }

    #[test]
    fn each_form_of_a_time_is_read() {
        let fractional = "%Y-%m-%dT%H:%M:%S%.f";
        for (form, text, expected) in [
            (
                fractional,
                "2026-04-13T02:01:27.000",
                Some("2026-04-13T06:01:27Z"),
            ),
            (fractional, "2026-04-13T02:01:27", Some("2026-04-13T06:01:27Z")),
            (
                fractional,
                "2026-04-13T02:01:27.123456789",
                Some("2026-04-13T06:01:27.123456Z"),
            ),
            (fractional, "2026-04-13 02:01:27", None),
            (fractional, "2026-02-30T02:01:27", None),
            (
                "%m/%d/%Y %I:%M:%S %p",
                "01/09/2015 11:05:56 PM",
                Some("2015-01-10T04:05:56Z"),
            ),
            (
                "%Y/%m/%d %p %I:%M",
                "2026/1/5 下午 3:04",
                Some("2026-01-05T20:04:00Z"),
            ),
            (
                "%Y/%m/%d %p%I:%M:%S",
                "2026/1/5 上午12:04:09",
                Some("2026-01-05T05:04:09Z"),
            ),
            (
                "%m/%d/%Y %I:%M %p",
                "1/5/2026 3:04 p.m.",
                Some("2026-01-05T20:04:00Z"),
            ),
            (
                "%m/%d/%Y %I:%M %p",
                "1/5/2026 3:04 A.M.",
                Some("2026-01-05T08:04:00Z"),
            ),
            ("%Y/%m/%d", "2026/1/5", Some("2026-01-05T05:00:00Z")),
            (
                "%Y年%m月%d日 %H:%M",
                "2026年01月05日 08:00",
                Some("2026-01-05T13:00:00Z"),
            ),
            (
                "%Y-%m-%d %H:%M:%S %:z",
                "2026-01-05 08:00:00 +08:00",
                Some("2026-01-05T00:00:00Z"),
            ),
            ("iso", "2026-01-05T08:00:00+08:00", Some("2026-01-05T00:00:00Z")),
            ("iso", "2026-01-05 08:00:00", Some("2026-01-05T13:00:00Z")),
            ("iso", "2026-01-05T08:00:00Z", Some("2026-01-05T08:00:00Z")),
            ("iso", "soon", None),
            ("unix", "1767571200", Some("2026-01-05T00:00:00Z")),
            ("unix", "1767571200.5", Some("2026-01-05T00:00:00.5Z")),
            ("unix", "-1", None),
            ("unix", "99999999999999999999", None),
            ("unix_ms", "1767571200123", Some("2026-01-05T00:00:00.123Z")),
            ("excel", "46027.25", Some("2026-01-05T11:00:00Z")),
            ("excel", "NaN", None),
            ("excel", "1", None),
            ("iso", "1969-12-31T00:00:00Z", None),
            ("iso", "0001-01-01T00:00:00", None),
        ] {
            assert_eq!(read(form, text).as_deref(), expected, "{form} {text}");
        }
    }

    #[test]
    fn a_local_time_that_is_skipped_or_repeated_is_resolved_the_compatible_way() {
        assert_eq!(
            read("iso", "2026-03-08T02:30:00").as_deref(),
            Some("2026-03-08T07:30:00Z"),
            "skipped: 03:30 EDT"
        );
        assert_eq!(
            read("iso", "2026-11-01T01:30:00").as_deref(),
            Some("2026-11-01T05:30:00Z"),
            "twice: the first, EDT"
        );
    }

    #[test]
    fn a_pattern_that_names_no_date_is_refused() {
        for wrong in ["%H:%M", "%Q1", "yyyy-MM-dd", "%Y", "", "%"] {
            assert_eq!(Form::parse(wrong), None, "{wrong}");
        }
        assert!(Form::parse("%Y-%m-%d").expect("a date").is_local());
        assert!(!Form::parse("%s").expect("seconds").is_local());
    }
}
