//! The calendar against law and practice, against a plain computation, and against what cities did.

mod explained;
mod laws;
mod limits;
mod plain;
mod records;
mod traps;

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Calendar, DayName, Days, HoursRow, Limit, MonthDay, Season, Weekend, parse_sessions};
use crate::code::AreaCode;
use crate::time::Timestamp;

/// The statutory holidays of 2004 to 2026.
const STATUTORY: &str = include_str!("../../../../../deploy/rulebooks/shaoxing/holidays.json");

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("bundled")
}

fn statutory() -> Days {
    let file: BTreeMap<String, BTreeMap<Date, String>> =
        serde_json::from_str(STATUTORY).expect("the shipped file");
    let days = |key: &str| {
        let named = file[key].iter().map(|(day, text)| {
            let mut names = text.split(',');
            let en = names.next().expect("a name").to_owned();
            let zh = names.next().expect("a name").to_owned();
            (*day, DayName { zh, en })
        });
        named.collect()
    };
    Days {
        holidays: days("holidays"),
        workdays: days("workdays"),
    }
}

fn china() -> Calendar {
    Calendar::new(zone("Asia/Shanghai"), statutory(), Vec::new(), Weekend::default())
}

/// Weekends only, in New York.
fn new_york(hours: Vec<HoursRow>) -> Calendar {
    Calendar::new(
        zone("America/New_York"),
        Days::default(),
        hours,
        Weekend::default(),
    )
}

fn hours(area: &str, season: Option<(&str, &str)>, sessions: &str) -> HoursRow {
    let day = |text| MonthDay::parse(text).expect("a day");
    HoursRow {
        area: AreaCode::new(area).ok(),
        season: season.map(|(from, to)| Season {
            from: day(from),
            to: day(to),
        }),
        sessions: parse_sessions(sessions).expect("sessions"),
    }
}

fn limit(text: &str) -> Limit {
    text.parse().expect("a limit")
}

/// By the clock of the calendar; the first time, if the clock shows it twice.
fn at(calendar: &Calendar, local: &str) -> Timestamp {
    let local: DateTime = local.parse().expect("a local time");
    let at = calendar.zone().to_timestamp(local).expect("in range");
    Timestamp::from(at)
}

/// By the clock of the calendar.
fn shown(calendar: &Calendar, at: Timestamp) -> String {
    let local = calendar.zone().to_datetime(at.to_jiff());
    local.strftime("%Y-%m-%d %H:%M:%S%.f").to_string()
}
