//! `bihuan report shadow`: where the rules were right and where people were, by the rule that would have to change.

use std::process::ExitCode;

use bihuan_domain::figures::{ComparedRow, Comparison, Rights};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::words::Words;
use clap::Args;
use jiff::civil::Date;

use crate::cli::{Common, Format};
use crate::failure::Outcome;
use crate::output::{self, Grid};
use crate::session::Reading;

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
                output::details(format, lang.choose("影子运行", "shadow run"), lines(&found, lang))?;
                output::line("")?;
                output::line(&rows().render(format)?)?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(found: &Comparison, lang: Lang) -> Vec<(&'static str, String)> {
    let say = |zh, en| lang.choose(zh, en);
    let Rights {
        both,
        rules,
        people,
        neither,
        nobody,
    } = found.rights;
    let rate = |value: Option<f64>, formula: &str| match value {
        Some(value) => format!("{:.2} %  = {formula}", value * 100.0),
        None => format!("–  = {formula}"),
    };
    let rules_formula = say("(一致 + 规则对) ÷ 可比", "(both + rules right) ÷ compared");
    let people_formula = say("(一致 + 人工对) ÷ 可比", "(both + people right) ÷ compared");
    vec![
        (say("线索", "clues"), found.clues.to_string()),
        (
            say("来源尚未派遣", "not dispatched at the source yet"),
            found.waiting.to_string(),
        ),
        (
            say("规则未参与", "not decided by rules"),
            found.undecided.to_string(),
        ),
        (say("可比", "compared"), found.compared.to_string()),
        (say("一致", "both right"), both.to_string()),
        (
            say("规则对、人工改派", "rules right, people passed it on"),
            rules.to_string(),
        ),
        (
            say("人工对、规则不同", "people right, the rules differ"),
            people.to_string(),
        ),
        (say("都未说中", "neither right"), neither.to_string()),
        (
            say("规则无结论（待分派）", "no answer of the rules (triage)"),
            nobody.to_string(),
        ),
        (
            say("规则准确率", "accuracy of the rules"),
            rate(found.rules_accuracy, rules_formula),
        ),
        (
            say("人工首派准确率", "accuracy of people's first dispatch"),
            rate(found.people_accuracy, people_formula),
        ),
    ]
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
    let instead = row
        .instead
        .iter()
        .take(3)
        .map(|it| format!("{} {}", words.agency(&it.agency), it.clues));
    let example = row.instead.iter().find_map(|it| it.examples.first());
    let counts = [row.clues, both, rules, people, neither, nobody].map(|count| count.to_string());
    let mut cells = vec![rule, agency.unwrap_or_else(|| "–".to_owned())];
    cells.extend(counts);
    cells.push(instead.collect::<Vec<_>>().join(lang.choose("，", ", ")));
    cells.push(example.map(ToString::to_string).unwrap_or_default());
    cells
}
