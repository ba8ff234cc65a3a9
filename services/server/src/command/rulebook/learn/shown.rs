//! What was learned, in words and as JSON.

use std::path::Path;

use bihuan_domain::code::{AgencyId, MatterCode};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::routing::learn::{Exception, Learned, LearnedRow, Unsure};
use bihuan_monitor::words::backtest::share;
use bihuan_rulebook::{Finding, Severity, learned};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::json;

use super::HeldBack;
use crate::cli::{Common, Format};
use crate::failure::Failure;
use crate::output::{self, Grid};

pub(super) struct Shown<'a> {
    pub(super) directory: &'a Path,
    /// What was written.
    pub(super) rulebook: &'a Rulebook,
    pub(super) base: &'a Rulebook,
    pub(super) learned: &'a Learned,
    pub(super) period: (Date, Date),
    pub(super) held_back: Option<&'a HeldBack>,
    pub(super) findings: &'a [Finding],
}

/// A row of `duties.csv` and what it rests on.
#[derive(Serialize)]
struct Row<'a> {
    line: usize,
    matter: &'a str,
    area: &'a str,
    from: Option<Date>,
    to: Option<Date>,
    layer: &'static str,
    when: Option<String>,
    agency: &'a str,
    refined: bool,
    support: u64,
    right: u64,
    /// In percent.
    share: f64,
    exceptions: &'a [Exception],
}

/// What stands in the row's `basis`: in both languages, so that the same records give the same version whoever asks.
pub(super) fn basis(row: &LearnedRow, (first, last): (Date, Date)) -> String {
    let (clues, share) = (row.support, percent(row));
    format!(
        "据 {first} 至 {last} 的 {clues} 条线索得出，{share} / learned from {clues} clues {first} – {last}, {share}"
    )
}

/// A row decides about some clues.
fn percent(row: &LearnedRow) -> String {
    format!("{:.2} %", row.share())
}

impl Shown<'_> {
    pub(super) fn print(&self, common: &Common) -> Result<(), Failure> {
        let lang = common.lang();
        match common.format {
            Format::Json => return output::json(&self.json()),
            Format::Csv => return output::line(&self.rows(lang).render(Format::Csv)?),
            Format::Table | Format::Markdown | Format::Xlsx => {}
        }
        let format = common.format;
        output::details(
            format,
            lang.choose("学到的规则库", "learned rulebook"),
            self.sums(lang),
        )?;
        output::line("")?;
        output::line(&self.rows(lang).render(format)?)?;
        let unsure = self.unsure(lang);
        if unsure.is_empty() {
            return Ok(());
        }
        output::line("")?;
        let header = [lang.choose("存疑", "unsure"), lang.choose("何处", "where")];
        output::line(&Grid::new(header, unsure).render(format)?)
    }

    fn json(&self) -> serde_json::Value {
        let learned = self.learned;
        let count = |severity| self.findings.iter().filter(|it| it.severity == severity).count();
        json!({
            "directory": self.directory,
            "version": self.rulebook.version,
            "base": self.base.version,
            "first_day": self.period.0,
            "last_day": self.period.1,
            "clues": learned.clues,
            "learned_from": learned.learned_from,
            "decided": learned.decided,
            "contradicted": learned.contradicted,
            "right": learned.right,
            "right_by_matter": learned.right_by_matter,
            "left_out": {
                "without_agency": learned.without_agency,
                "without_matter": learned.without_matter,
                "without_area": learned.without_area,
            },
            "held_back": self.held_back,
            "findings": {
                "errors": count(Severity::Error),
                "warnings": count(Severity::Warning),
                "notes": count(Severity::Note),
            },
            "new_matters": learned.new_matters,
            "new_agencies": learned.new_agencies,
            "rows": self.each().collect::<Vec<_>>(),
            "unsure": learned.unsure,
        })
    }

    fn each(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = self.learned.rows.iter().enumerate();
        rows.map(|(at, row)| Row {
            line: at + 2,
            matter: row.matter.as_str(),
            area: row.area.as_str(),
            from: row.from,
            to: row.to,
            layer: row.layer.as_str(),
            when: row
                .when
                .as_ref()
                .map(|it| learned::when(it, &self.rulebook.attributes)),
            agency: row.agency.as_str(),
            refined: row.is_refined,
            support: row.support,
            right: row.right,
            share: (row.share() * 100.0).round() / 100.0,
            exceptions: &row.exceptions,
        })
    }

    fn sums(&self, lang: Lang) -> Vec<(&'static str, String)> {
        let learned = self.learned;
        let say = |zh, en| lang.choose(zh, en);
        let codes = |codes: Vec<&str>| {
            if codes.is_empty() {
                "—".to_owned()
            } else {
                some(&codes, lang)
            }
        };
        let mut lines = vec![
            (say("目录", "folder"), self.directory.display().to_string()),
            (say("版本", "version"), self.rulebook.version.to_string()),
            (say("原规则库", "base"), self.base.version.to_string()),
            (
                say("线索日期", "days of the clues"),
                format!("{} – {}", self.period.0, self.period.1),
            ),
            (say("线索", "clues"), learned.clues.to_string()),
            (say("据以学习", "learned from"), learned.learned_from.to_string()),
            (
                say("不知由谁承办", "nobody known to have had them"),
                learned.without_agency.to_string(),
            ),
            (
                say("没有事项", "without a matter"),
                learned.without_matter.to_string(),
            ),
            (
                say("不在区划内", "in no area of the rulebook"),
                learned.without_area.to_string(),
            ),
            (say("职责行", "rows"), learned.rows.len().to_string()),
            (
                say("由这些行决定", "decided by them"),
                learned.decided.to_string(),
            ),
            (
                say("略去的原有行（与记录不符）", "rows of the base that are left out"),
                learned.contradicted.len().to_string(),
            ),
            (
                say("与记录一致", "as recorded"),
                share(learned.right, learned.learned_from),
            ),
            (
                say("仅按事项", "by matter alone"),
                share(learned.right_by_matter, learned.learned_from),
            ),
            (
                say("新事项", "new matters"),
                codes(learned.new_matters.iter().map(MatterCode::as_str).collect()),
            ),
            (
                say("新单位", "new agencies"),
                codes(learned.new_agencies.iter().map(AgencyId::as_str).collect()),
            ),
        ];
        if let Some(held) = self.held_back {
            let to_triage: u64 = held.triage.values().sum();
            lines.extend([
                (say("留作检验", "held back"), held.clues.to_string()),
                (say("事项已知", "matter known"), share(held.known, held.clues)),
                (say("其中正确", "of these right"), share(held.right, held.known)),
                (
                    say("其中仅按事项正确", "of these right by matter alone"),
                    share(held.right_by_matter, held.known),
                ),
                (say("其中转人工", "of these to triage"), to_triage.to_string()),
                (
                    say("已分派中正确", "right of those that are routed"),
                    share(held.right, held.known - to_triage),
                ),
            ]);
        }
        lines
    }

    fn rows(&self, lang: Lang) -> Grid {
        let header = match lang {
            Lang::Zh => ["行", "事项", "区划", "条件", "单位", "线索", "占比", "例外"],
            Lang::En => [
                "line",
                "matter",
                "area",
                "when",
                "agency",
                "clues",
                "share",
                "exceptions",
            ],
        };
        let rows = self.each().map(|row| {
            vec![
                row.line.to_string(),
                row.matter.to_owned(),
                row.area.to_owned(),
                row.when.unwrap_or_default(),
                row.agency.to_owned(),
                row.support.to_string(),
                format!("{:.2} %", row.share),
                exceptions(row.exceptions, lang),
            ]
        });
        Grid::new(header, rows)
    }

    fn unsure(&self, lang: Lang) -> Vec<Vec<String>> {
        let row = |line: u32| {
            let row = self.learned.rows.get(line as usize - 2);
            let matter = row.map_or("", |row| row.matter.as_str());
            match lang {
                Lang::Zh => format!("duties.csv 第 {line} 行（{matter}）"),
                Lang::En => format!("duties.csv line {line} ({matter})"),
            }
        };
        let say = |zh, en| lang.choose(zh, en).to_owned();
        let unsure = self.learned.unsure.iter();
        unsure
            .map(|it| match it {
                Unsure::Tie { matter, agencies } => {
                    let agencies: Vec<_> = agencies.iter().map(AgencyId::as_str).collect();
                    let tie = say("几个单位同样多", "agencies had as many");
                    vec![tie, format!("{matter}: {}", some(&agencies, lang))]
                }
                Unsure::NoRow { matter, clues } => vec![
                    say("有线索不在任何一行之内", "clues that no row is about"),
                    format!("{matter}: {clues}"),
                ],
                Unsure::ShareLow { line } => vec![say("例外较多", "many exceptions"), row(*line)],
                Unsure::FewClues { line } => vec![say("线索太少", "few clues"), row(*line)],
                Unsure::Contradicted {
                    line,
                    matter,
                    area,
                    agency,
                    clues,
                    right,
                } => vec![
                    say("记录与原有行不符，已替换", "row of the base that records contradict: left out"),
                    match lang {
                        Lang::Zh => format!("原 duties.csv 第 {line} 行（{matter}，{area}，{agency}）：{right} / {clues}"),
                        Lang::En => format!("the base's duties.csv line {line} ({matter}, {area}, {agency}): {right} / {clues}"),
                    },
                ],
                Unsure::MatterUnseen { matter } => {
                    vec![say("事项没有线索", "no clue of the matter"), matter.to_string()]
                }
                Unsure::TooManyMatters => vec![
                    say(
                        "目录外的事项太多，未采用",
                        "too many matters outside the catalogue: left out",
                    ),
                    String::new(),
                ],
                Unsure::TooManyAgencies => vec![
                    say(
                        "名册外的单位太多，未采用",
                        "too many agencies that the rulebook does not know: left out",
                    ),
                    String::new(),
                ],
                Unsure::AttributeFree { matter, attribute } => vec![
                    say("属性取值太多，未采用", "attribute with too many values: left out"),
                    format!("{matter}: {attribute}"),
                ],
                Unsure::AttributeName { attribute } => vec![
                    say(
                        "条件无法引用的属性名",
                        "attribute whose name no predicate can read: left out",
                    ),
                    attribute.clone(),
                ],
                Unsure::AttributeUnreadable { attribute } => vec![
                    say(
                        "属性与声明不符，未采用",
                        "attribute that is not always as declared: left out",
                    ),
                    attribute.clone(),
                ],
            })
            .collect()
    }
}

fn exceptions(all: &[Exception], lang: Lang) -> String {
    let all = all.iter();
    let all: Vec<_> = all
        .map(|it| format!("{}: {} ({})", it.agency, it.clues, it.examples.join(", ")))
        .collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    some(&all, lang)
}

/// So many of a list that a line can be read, and how many more there are; JSON has them all.
fn some(all: &[&str], lang: Lang) -> String {
    const MOST: usize = 8;
    let (first, rest) = all.split_at(all.len().min(MOST));
    let (first, rest) = (first.join(", "), rest.len());
    match (lang, rest) {
        (_, 0) => first,
        (Lang::Zh, _) => format!("{first}，另 {rest} 个"),
        (Lang::En, _) => format!("{first} and {rest} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_says_how_much_is_left() {
        assert_eq!(some(&["a", "b"], Lang::En), "a, b");
        let many = vec!["x"; 2_000];
        assert_eq!(some(&many, Lang::En), "x, x, x, x, x, x, x, x and 1992 more");
        assert_eq!(some(&many, Lang::Zh), "x, x, x, x, x, x, x, x，另 1992 个");
    }
}
