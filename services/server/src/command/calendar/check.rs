//! `bihuan calendar check`: years without holidays, days that contradict each other, holidays that run out.

use std::path::PathBuf;
use std::process::ExitCode;

use bihuan_domain::calendar::Calendar;
use bihuan_domain::lang::Lang;
use bihuan_rulebook::{Finding, calendar_ends};
use bihuan_runtime::Clock;
use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::read;
use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::{findings, output};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The calendar of this rulebook (default: the statutory holidays of China that came with the program)
    #[arg(long, value_name = "DIR")]
    rulebook: Option<PathBuf>,
    /// Whether the holidays run out, as seen on this day (default: today)
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
}

/// A calendar, checked.
#[derive(Serialize)]
struct Verdict {
    ok: bool,
    /// `None`: there is no usable calendar.
    version: Option<String>,
    time_zone: Option<String>,
    /// The years whose holidays are known.
    published: Vec<i16>,
    holidays: usize,
    workdays: usize,
    findings: Vec<Finding>,
}

impl Options {
    pub(super) fn run(self, common: &Common) -> Outcome {
        let (calendar, mut findings) = read(self.rulebook.as_deref())?;
        if let Some(calendar) = &calendar {
            let today = || Clock::wall().now().civil_date(calendar.zone());
            findings.extend(calendar_ends(calendar, self.on.unwrap_or_else(today)));
        }
        let verdict = Verdict::of(calendar.as_ref(), findings);
        if common.is_json() {
            output::json(&verdict)?;
        } else {
            print(&verdict, common)?;
        }
        Ok(ExitCode::from(u8::from(!verdict.ok)))
    }
}

impl Verdict {
    fn of(calendar: Option<&Calendar>, findings: Vec<Finding>) -> Self {
        let days = calendar.map(Calendar::days);
        Self {
            ok: findings.is_empty(),
            version: calendar.map(|it| it.version().to_string()),
            time_zone: calendar.and_then(|it| it.zone().iana_name().map(str::to_owned)),
            published: calendar.map_or_else(Vec::new, |it| it.published_years().iter().copied().collect()),
            holidays: days.map_or(0, |days| days.holidays.len()),
            workdays: days.map_or(0, |days| days.workdays.len()),
            findings,
        }
    }
}

fn print(verdict: &Verdict, common: &Common) -> Result<(), Failure> {
    let lang = common.lang();
    if !verdict.findings.is_empty() {
        output::line(&findings::grid(&verdict.findings, lang).render(common.format)?)?;
    }
    if common.format == Format::Csv {
        return Ok(());
    }
    let Verdict {
        published,
        holidays,
        workdays,
        findings,
        ..
    } = verdict;
    let years = match (published.first(), published.last()) {
        (Some(first), Some(last)) => format!("{first}–{last}"),
        _ => "—".to_owned(),
    };
    let (version, count) = (verdict.version.as_deref().unwrap_or("—"), findings.len());
    output::line(&match lang {
        Lang::Zh => format!(
            "日历 {version}：已公布年度 {years}，节假日 {holidays} 天，调休上班日 {workdays} 天，问题 {count} 个"
        ),
        Lang::En => format!(
            "calendar {version}: published years {years}, {holidays} holidays, {workdays} make-up working days; findings: {count}"
        ),
    })
}
