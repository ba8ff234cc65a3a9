//! `bihuan report`: figures, each with its formula.

mod disputes;
mod duty;
mod shadow;
mod shown;
mod times;

use std::process::ExitCode;

use bihuan_domain::figures::{Basis, By};
use bihuan_domain::time::Timestamp;
use bihuan_monitor::ReportQuery;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output;
use crate::session::Reading;

#[derive(Debug, Args)]
pub(crate) struct Report {
    #[command(subcommand)]
    kind: Kind,
}

#[derive(Debug, Subcommand)]
enum Kind {
    /// How many clues were closed, and where the others are
    Closure(Closure),
    /// How often clues change hands, go to and fro and come back, and who hands them to whom
    Disputes(disputes::Disputes),
    /// What the rules would have done against what dispatchers did, worst rule first
    Shadow(shadow::Shadow),
}

#[derive(Debug, Args)]
struct Closure {
    /// First day of the period, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First day after the period
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// How things stood then: an RFC 3339 time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// A row for each agency, area, matter, source, conclusion, month or campaign
    #[arg(long, value_name = "KEY", value_parser = by)]
    by: Option<By>,
    /// cohort: those reported in the period · flow: those open in it
    #[arg(long, default_value = "cohort", value_parser = basis)]
    basis: Basis,
}

fn by(word: &str) -> Result<By, String> {
    By::parse(word).ok_or_else(|| format!("one of {}", By::ALL.map(By::as_str).join(", ")))
}

fn basis(word: &str) -> Result<Basis, String> {
    Basis::parse(word).ok_or_else(|| format!("one of {}", Basis::ALL.map(Basis::as_str).join(", ")))
}

impl Report {
    pub(crate) async fn run(self, common: &Common) -> Outcome {
        let closure = match self.kind {
            Kind::Closure(closure) => closure,
            Kind::Disputes(disputes) => return disputes.run(common).await,
            Kind::Shadow(shadow) => return shadow.run(common).await,
        };
        let reading = Reading::open(common).await?;
        let rulebook = reading.rulebook().await?;
        let rulebook = rulebook.rulebook();
        let query = closure.query(common, &rulebook.zone)?;
        let report = bihuan_monitor::report::closure(&reading.store, &query, reading.now(), rulebook).await?;
        match common.format {
            Format::Json => output::json(&report)?,
            Format::Csv => output::line(&shown::flat(&report).render(Format::Csv)?)?,
            format => shown::print(&report, format, common.lang(), &rulebook.zone)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Closure {
    fn query(self, common: &Common, zone: &TimeZone) -> Result<ReportQuery, Failure> {
        check_period(self.from, self.to)?;
        Ok(ReportQuery {
            as_of: self.as_of.map(|text| moment(&text, zone)).transpose()?,
            from: self.from,
            to: self.to,
            by: self.by,
            basis: self.basis,
            lang: common.lang(),
        })
    }
}

/// The period must hold a day.
pub(crate) fn check_period(from: Option<Date>, to: Option<Date>) -> Result<(), Failure> {
    match (from, to) {
        (Some(from), Some(to)) if to <= from => Err(Failure::usage(
            format!("--to（不含当日）须在 --from {from} 之后，而不是 {to}"),
            format!("--to is the first day after the period: it must come after --from {from}, not {to}"),
        )),
        _ => Ok(()),
    }
}

fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, Failure> {
    bihuan_monitor::report::moment(text, zone).ok_or_else(|| {
        Failure::usage(
            format!("--as-of {text}：应为 2026-04-30 或 2026-04-30T12:00:00+08:00 这样的时间"),
            format!("--as-of {text}: give a time such as 2026-04-30 or 2026-04-30T12:00:00+08:00"),
        )
    })
}
