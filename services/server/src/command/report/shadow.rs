//! `bihuan report shadow`: where the rules were right and where people were, by the rule that would have to change.

use std::process::ExitCode;

use bihuan_domain::figures::{ComparedRow, Comparison, Deadlines, Instead, Rights, Spread};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_monitor::words::Words;
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
                output::details(format, lang.choose("影子运行", "shadow run"), lines(&found, lang))?;
                output::line("")?;
                output::details(format, lang.choose("时钟", "clocks"), clocks(&found, lang))?;
                output::line("")?;
                output::line(&rows().render(format)?)?;
                changed(&found, Words { lang, rulebook }, format)?;
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

/// How soon an agency is named, and what of the deadlines is kept there.
fn clocks(found: &Comparison, lang: Lang) -> Vec<(&'static str, String)> {
    let say = |zh, en| lang.choose(zh, en);
    let clocks = &found.clocks;
    let Deadlines {
        closed_in_time,
        closed_late,
        open,
        overdue,
        taken_back,
        closed_without,
        open_without,
        in_time,
    } = clocks.deadlines;
    let counts = match lang {
        Lang::Zh => format!(
            "期限内办结 {closed_in_time}，逾期办结 {closed_late}，在办未到期 {open}，在办已超期 {overdue}，已撤回 \
             {taken_back}；无期限：已办结 {closed_without}，在办 {open_without}"
        ),
        Lang::En => format!(
            "{closed_in_time} closed in time, {closed_late} closed late, {open} open, {overdue} open and overdue, {taken_back} taken \
             back; without a deadline {closed_without} closed, {open_without} open"
        ),
    };
    let rate = in_time.map_or_else(|| "–".to_owned(), |rate| format!("{:.2} %", rate * 100.0));
    let formula = say(
        "期限内办结 ÷ (期限内办结 + 逾期办结 + 已超期)",
        "closed in time ÷ (closed in time + closed late + overdue)",
    );
    vec![
        (
            say("规则首派用时（自收到）", "rules: receipt to assignment"),
            spread(&clocks.rules, lang),
        ),
        (
            say("人工首派用时（自上报）", "people: report to first dispatch"),
            spread(&clocks.people, lang),
        ),
        (
            say("谁先派遣", "who was sooner"),
            match lang {
                Lang::Zh => format!("规则 {}，人工 {}", clocks.rules_sooner, clocks.people_sooner),
                Lang::En => format!("rules {}, people {}", clocks.rules_sooner, clocks.people_sooner),
            },
        ),
        (say("来源办结与期限", "closings there and deadlines"), counts),
        (
            say("来源按期办结率", "closed in time there"),
            format!("{rate}  = {formula}"),
        ),
    ]
}

fn spread(spread: &Spread, lang: Lang) -> String {
    let Some(mean) = spread.mean_seconds else {
        return "–".to_owned();
    };
    let within = spread.within.iter().map(|it| {
        let (number, zh, en) = match it.seconds {
            seconds if seconds < 3_600 => (seconds / 60, "分钟", "min"),
            seconds if seconds < 86_400 => (seconds / 3_600, "小时", "h"),
            seconds => (seconds / 86_400, "天", "d"),
        };
        format!("≤{number} {} {}", lang.choose(zh, en), it.clues)
    });
    let within = within.collect::<Vec<_>>().join(lang.choose("，", ", "));
    match lang {
        Lang::Zh => format!("{} 条，平均 {:.1} 小时（{within}）", spread.clues, mean / 3_600.0),
        Lang::En => format!("{} clues, mean {:.1} h ({within})", spread.clues, mean / 3_600.0),
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
    let cells = printed.iter().map(|(row, it)| change(row, it, words));
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

fn change(row: &ComparedRow, it: &Instead, words: Words<'_>) -> Vec<String> {
    let codes = &it.codes;
    let name = |code: Option<String>, source: &Option<String>| {
        code.or_else(|| source.as_ref().map(|name| format!("“{name}”")))
            .unwrap_or_default()
    };
    let missing = words
        .lang
        .choose("先补映射或对照表", "mend mapping or crosswalk first");
    let lines = it.replaces.iter().map(ToString::to_string);
    vec![
        it.clues.to_string(),
        it.against.to_string(),
        name(codes.matter.as_ref().map(|it| words.matter(it)), &codes.source_matter),
        name(codes.area.as_ref().map(|it| words.area(it)), &codes.source_area),
        words.agency(&it.agency),
        row.rule
            .line
            .map_or_else(|| row.rule.reason.clone(), |line| line.to_string()),
        it.row.clone().unwrap_or_else(|| missing.to_owned()),
        lines.collect::<Vec<_>>().join(" "),
        it.examples.first().map(ToString::to_string).unwrap_or_default(),
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
    let went = row.went();
    let instead = went
        .iter()
        .take(3)
        .map(|(agency, clues)| format!("{} {clues}", words.agency(agency)));
    let example = row.instead.iter().find_map(|it| it.examples.first());
    let counts = [row.clues, both, rules, people, neither, nobody].map(|count| count.to_string());
    let mut cells = vec![rule, agency.unwrap_or_else(|| "–".to_owned())];
    cells.extend(counts);
    cells.push(instead.collect::<Vec<_>>().join(lang.choose("，", ", ")));
    cells.push(example.map(ToString::to_string).unwrap_or_default());
    cells
}
