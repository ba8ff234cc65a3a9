//! `bihuan report disputes`: how often clues change hands, and between whom.

use std::process::ExitCode;

use bihuan_domain::figures::{DisputeReport, Disputed, DisputedClue};
use bihuan_domain::lang::Lang;
use bihuan_monitor::DisputeQuery;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::duty;
use super::shown::{per_piece, percent};
use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

/// As many pairs of agencies are printed.
const PRINTED: usize = 50;

#[derive(Debug, Args)]
pub(super) struct Disputes {
    /// First day of the period in which the clues were reported, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First day after the period
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// How things stood then: an RFC 3339 time, or a date for the end of that day
    #[arg(long, value_name = "TIME")]
    as_of: Option<String>,
    /// List these clues instead: handover, ping_pong or reopened
    #[arg(long, value_name = "WHICH", value_parser = disputed)]
    clues: Option<Disputed>,
    /// Only disputes over duty: how they end, before whom, how soon
    #[arg(long, conflicts_with = "clues")]
    duty: bool,
}

fn disputed(word: &str) -> Result<Disputed, String> {
    let known = Disputed::ALL.map(Disputed::as_str);
    Disputed::parse(word).ok_or_else(|| format!("one of {}", known.join(", ")))
}

impl Disputes {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        let reading = Reading::open(common).await?;
        let rulebook = reading.rulebook().await?;
        let rulebook = rulebook.rulebook();
        let is_duty = self.duty;
        let query = self.query(common.lang(), &rulebook.zone)?;
        let (store, library) = (&reading.store, &reading.library);
        let report =
            bihuan_monitor::disputes::disputes(store, library, &query, reading.now(), rulebook).await?;
        let lang = common.lang();
        match (common.format, &report.clues) {
            (Format::Json, _) if is_duty => output::json(&report.duty)?,
            (Format::Json, _) => output::json(&report)?,
            (Format::Csv, None) if is_duty => output::line(&duty::flat(&report.duty).render(Format::Csv)?)?,
            (format, None) if is_duty => duty::print(&report.duty, format, lang, rulebook)?,
            (format, Some(clues)) => output::line(&listed(clues, lang).render(format)?)?,
            (Format::Csv, None) => output::line(&pairs(&report, lang, usize::MAX).render(Format::Csv)?)?,
            (format, None) => {
                print(&report, format, lang)?;
                duty::print(&report.duty, format, lang, rulebook)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn query(self, lang: Lang, zone: &TimeZone) -> Result<DisputeQuery, Failure> {
        super::check_period(self.from, self.to)?;
        Ok(DisputeQuery {
            as_of: self.as_of.map(|text| super::moment(&text, zone)).transpose()?,
            from: self.from,
            to: self.to,
            listing: self.clues.map(|which| (which, usize::MAX)),
            lang,
        })
    }
}

fn print(report: &DisputeReport, format: Format, lang: Lang) -> Result<(), Failure> {
    let title = lang.choose("推诿：转手、往返、退单、重开", "disputes");
    let counts = report.counts.entries();
    let lines = counts.map(|(key, count)| (word(key, lang), count.to_string()));
    output::details(format, title, lines)?;
    output::line("")?;
    output::line(&figures(report, lang).render(format)?)?;
    output::line("")?;
    output::line(&pairs(report, lang, PRINTED).render(format)?)?;
    let more = report.pairs.len().saturating_sub(PRINTED);
    if more == 0 {
        return Ok(());
    }
    output::line(&match lang {
        Lang::Zh => format!("另有 {more} 对；--format csv 给出全部"),
        Lang::En => format!("{more} more pairs; --format csv has all of them"),
    })
}

fn word(key: &'static str, lang: Lang) -> &'static str {
    let (zh, en) = match key {
        "clues" => ("线索", "clues"),
        "dispatched" => ("已派遣", "dispatched"),
        "handed_over" => ("转过手的", "handed over"),
        "hand_overs" => ("转手（次）", "hand-overs (times)"),
        "ping_pong" => ("往返的（甲→乙→甲）", "to and fro (A → B → A)"),
        "reopened" => ("重开的", "reopened"),
        "returned" => ("退过单的", "returned"),
        "returns" => ("退单（次）", "returns (times)"),
        other => (other, other),
    };
    lang.choose(zh, en)
}

fn figures(report: &DisputeReport, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => ["指标", "分子", "分母", "值", "公式"],
        Lang::En => ["figure", "numerator", "denominator", "value", "formula"],
    };
    let rows = report.figures.iter().map(|figure| {
        let (zh, en) = figure.id.words();
        let value = if figure.id.is_multiple() {
            per_piece(figure.value)
        } else {
            percent(figure.value)
        };
        vec![
            lang.choose(zh, en).to_owned(),
            figure.numerator.to_string(),
            figure.denominator.to_string(),
            value,
            format!("{} (v{})", figure.formula, figure.version),
        ]
    });
    Grid::new(header, rows)
}

/// Who gave to whom.
fn pairs(report: &DisputeReport, lang: Lang, most: usize) -> Grid {
    let header = match lang {
        Lang::Zh => ["转出", "转出单位", "转入", "转入单位", "次数"],
        Lang::En => ["from", "from agency", "to", "to agency", "hand_overs"],
    };
    let rows = report.pairs.iter().take(most).map(|pair| {
        vec![
            pair.from.to_string(),
            pair.from_name.clone(),
            pair.to.to_string(),
            pair.to_name.clone(),
            pair.hand_overs.to_string(),
        ]
    });
    Grid::new(header, rows)
}

fn listed(clues: &[DisputedClue], lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => [
            "标识",
            "编号",
            "来源",
            "来源编号",
            "转手",
            "重开",
            "退单",
            "经手单位",
        ],
        Lang::En => [
            "id",
            "number",
            "source",
            "source_id",
            "hand_overs",
            "reopened",
            "returns",
            "holders",
        ],
    };
    let rows = clues.iter().map(|clue| {
        let holders: Vec<_> = clue.holders.iter().map(ToString::to_string).collect();
        vec![
            clue.id.to_string(),
            clue.number.clone(),
            clue.source.to_string(),
            clue.source_id.clone(),
            clue.hand_overs.to_string(),
            clue.reopened.to_string(),
            clue.returns.to_string(),
            holders.join(" → "),
        ]
    });
    Grid::new(header, rows)
}
