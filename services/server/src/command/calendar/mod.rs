//! `bihuan calendar`: computes deadlines, and says whether the calendar can.

mod check;
mod due;

use std::path::Path;

use bihuan_domain::calendar::{Calendar, Limit};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Files, Finding};
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;

use crate::cli::Common;
use crate::failure::{Failure, Outcome};
use crate::rulebooks;

/// The statutory holidays of China, for those who have no rulebook.
const STATUTORY: &str = include_str!("../../../../../deploy/rulebooks/shaoxing/holidays.json");

#[derive(Debug, Args)]
pub(crate) struct CalendarCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say until when a limit runs from each of the times on standard input
    ///
    /// One time a line: RFC 3339, or the clock of the place as 2026-04-30 16:40, with T or seconds if you like. A time that the
    /// clock shows twice is the first one; one that it leaves out is as much later.
    ///
    /// For each line comes one line: the last moment of the limit, as RFC 3339 in the zone of the calendar, then " provisional" if
    /// holidays that count are not published yet, then with --explain a tab and the reasons. A line that gives no deadline is
    /// "error"; what is wrong with it is told on standard error, and the exit code is 2 at the end.
    ///
    /// With --format json each line is an object: line, due, provisional, with --explain also parts, zh, en; or line, value, error
    /// (time_unreadable, time_out_of_range).
    Due(due::Options),
    /// Say whether a calendar lacks years, contradicts itself or runs out soon
    Check(check::Options),
}

impl CalendarCommand {
    pub(crate) fn run(self, common: &Common) -> Outcome {
        match self.action {
            Action::Due(options) => options.run(common),
            Action::Check(options) => options.run(common),
        }
    }
}

/// That of a rulebook directory, else of China: in its zone, with its statutory holidays and the usual hours.
fn read(rulebook: Option<&Path>) -> Result<(Option<Calendar>, Vec<Finding>), Failure> {
    let files = if let Some(directory) = rulebook {
        rulebooks::files(directory)?
    } else {
        let mut files = Files::default();
        files.insert("rulebook.toml", "label = \"cn\"\ntime_zone = \"Asia/Shanghai\"\n");
        files.insert("holidays.json", STATUTORY);
        files
    };
    Ok(bihuan_rulebook::calendar(&files))
}

/// A limit as an option gives it.
pub(crate) fn limit(option: &str, text: &str) -> Result<Limit, Failure> {
    text.parse::<Limit>().map_err(|error| {
        let (code, [zh, en]) = (error.code(), [Lang::Zh, Lang::En].map(|lang| error.message(lang)));
        Failure::usage(
            format!("{code}：{option} 的值 {text:?} 不是时限：{zh}。请写成 30min、3h（连续）、2wh（工作时）、5wd（工作日）或 10d（自然日）"),
            format!(
                "{code}: {option} {text:?} is not a limit: {en}; write 30min, 3h (continuous), 2wh (working hours), 5wd (working days) or 10d (calendar days)"
            ),
        )
    })
}

/// A moment by the clock of the zone, as RFC 3339.
pub(crate) fn shown(at: Timestamp, zone: &TimeZone) -> String {
    let at = at.to_jiff();
    at.display_with_offset(zone.to_offset(at)).to_string()
}

/// The calendar of China.
pub(crate) fn statutory() -> Result<Calendar, Failure> {
    usable(None)
}

/// The calendar, if it has no errors.
fn usable(rulebook: Option<&Path>) -> Result<Calendar, Failure> {
    let (calendar, findings) = read(rulebook)?;
    calendar.ok_or_else(|| {
        let [zh, en] = rulebooks::first_error(&findings);
        Failure::usage(
            format!("日历有错误（{zh}）；请运行 bihuan calendar check"),
            format!("the calendar has errors ({en}); run bihuan calendar check"),
        )
    })
}
