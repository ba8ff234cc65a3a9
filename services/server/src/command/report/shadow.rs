//! `bihuan report shadow`: where the rules were right and where people were, by the rule that would have to change.

use std::process::ExitCode;

use bihuan_domain::figures::{ComparedRow, Comparison, Rights};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::words::{Words, shadow};
use clap::Args;
use jiff::civil::Date;

use crate::cli::{Common, Format};
use crate::failure::{Failure, Outcome};
use crate::output::{self, Grid};
use crate::session::Reading;

/// As many changes are printed one by one.
const PRINTED: usize = 50;

#[derive(Debug, Args)]
pub(super) struct Shadow {
    /// First day of the period, in the rulebook's zone (2026-04-01)
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// First day after the period
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
}

impl Shadow {
    pub(super) async fn run(self, common: &Common) -> Outcome {
        super::check_period(self.from, self.to)?;
        let reading = Reading::open(common).await?;
        let rulebook = reading.rulebook().await?;
        let rulebook = rulebook.rulebook();
        let period = (self.from, self.to);
        let found = bihuan_monitor::shadow::compare(&reading.store, period, reading.now(), rulebook).await?;
        let lang = common.lang();
        let rows = || rows(&found, rulebook, lang);
        match common.format {
            Format::Json => output::json(&found)?,
            Format::Csv => output::line(&rows().render(Format::Csv)?)?,
            format => {
                output::details(
                    format,
                    lang.choose("影子运行", "shadow run"),
                    shadow::sums(&found, lang),
                )?;
                output::line("")?;
                output::details(
                    format,
                    lang.choose("时钟", "clocks"),
                    shadow::clocks(&found, lang),
                )?;
                output::line("")?;
                output::line(&rows().render(format)?)?;
                changed(&found, Words { lang, rulebook }, format)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The rows of `duties.csv` that would have decided as people did.
fn changed(found: &Comparison, words: Words<'_>, format: Format) -> Result<(), Failure> {
    let changes = found.changes();
    if changes.is_empty() {
        return Ok(());
    }
    let printed = &changes[..changes.len().min(PRINTED)];
    let header = match words.lang {
        Lang::Zh => [
            "线索",
            "相反",
            "事项",
            "区划",
            "实际去向",
            "现行规则",
            "会如人工所派的 duties.csv 行",
            "取代行",
            "例",
        ],
        Lang::En => [
            "clues",
            "against",
            "matter",
            "area",
            "went to",
            "rule now",
            "row of duties.csv that would decide as people did",
            "in place of",
            "example",
        ],
    };
    let cells = printed.iter().map(|(row, it)| {
        let it = words.change(row, it);
        let (clues, against) = (it.clues.to_string(), it.against.to_string());
        vec![
            clues,
            against,
            it.matter,
            it.area,
            it.went_to,
            it.rule,
            it.row,
            it.replaces,
            it.example,
        ]
    });
    output::line("")?;
    output::line(&Grid::new(header, cells).render(format)?)?;
    let more = changes.len() - printed.len();
    if more == 0 {
        return Ok(());
    }
    output::line(&match words.lang {
        Lang::Zh => format!("另有 {more} 条；--format json 给出全部"),
        Lang::En => format!("{more} more; --format json has all of them"),
    })
}

/// A row each rule; what it would take to change it is the agency that the clues really went to.
fn rows(found: &Comparison, rulebook: &Rulebook, lang: Lang) -> Grid {
    let header = match lang {
        Lang::Zh => [
            "规则（duties.csv 行）",
            "单位",
            "线索",
            "一致",
            "规则对",
            "人工对",
            "都不对",
            "无结论",
            "实际去向",
            "例",
        ],
        Lang::En => [
            "rule (line of duties.csv)",
            "agency",
            "clues",
            "both",
            "rules",
            "people",
            "neither",
            "no answer",
            "went to",
            "examples",
        ],
    };
    Grid::new(header, found.rows.iter().map(|row| cells(row, rulebook, lang)))
}

fn cells(row: &ComparedRow, rulebook: &Rulebook, lang: Lang) -> Vec<String> {
    let words = Words { lang, rulebook };
    let rule = match row.rule.line {
        Some(line) => format!("{}:{line}", row.rule.rulebook),
        None => format!("{}:{}", row.rule.rulebook, row.rule.reason),
    };
    let agency = row.rule.agency.as_ref().map(|agency| words.agency(agency));
    let Rights {
        both,
        rules,
        people,
        neither,
        nobody,
    } = row.rights;
    let example = row.instead.iter().find_map(|it| it.examples.first());
    let counts = [row.clues, both, rules, people, neither, nobody].map(|count| count.to_string());
    let mut cells = vec![rule, agency.unwrap_or_else(|| "–".to_owned())];
    cells.extend(counts);
    cells.push(words.went(row));
    cells.push(example.map(ToString::to_string).unwrap_or_default());
    cells
}
