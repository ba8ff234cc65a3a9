//! What a mapping does with a whole sample: what became of the records, what is flagged how often, and what to write to mend it.

mod unread;

use std::collections::BTreeMap;

use bihuan_domain::clue::Flag;
use serde::Serialize;

use super::check::Preview;
use super::problem::{Bilingual, Place, Problem, misspelt};
use super::rule::{Origin, Rule};
use super::trace::Traced;
use super::{Mapping, Mode, format::Format};
use unread::Unread;

/// The most findings of one sample.
const MAX_FINDINGS: usize = 200;
/// How much of a value is shown, in characters.
const SHOWN: usize = 60;
/// How many lines are named for one reason.
const LINES: usize = 5;

/// The account of a sample.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records that were looked at.
    pub records: usize,
    /// `clue`, `skipped` or `quarantined`.
    pub dispositions: BTreeMap<&'static str, usize>,
    pub quarantined_by_reason: BTreeMap<&'static str, usize>,
    /// Where the first of them stand.
    pub quarantined_lines: BTreeMap<&'static str, Vec<u64>>,
    pub flags: BTreeMap<Flag, usize>,
    /// Most frequent first.
    pub findings: Vec<Finding>,
    /// By key: how many records had something there.
    #[serde(skip)]
    filled: BTreeMap<String, usize>,
    /// By key: times that could not be read.
    #[serde(skip)]
    unread: BTreeMap<String, Unread>,
}

/// A value that the mapping cannot deal with, and what to write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// `code_unknown`, `time_unreadable` or `column_empty`.
    pub code: &'static str,
    pub key: String,
    /// Of the mapping, from 1; 0 where it names no column.
    pub line: u32,
    pub column: String,
    /// Cut where it is long; of times that one pattern reads, the first.
    pub text: String,
    /// Records.
    pub count: usize,
    pub advice: Bilingual,
}

impl Summary {
    pub fn add(&mut self, mapping: &Mapping, preview: &Preview) {
        self.records += 1;
        *self.dispositions.entry(preview.disposition).or_default() += 1;
        if let Some(reason) = preview.reason {
            *self.quarantined_by_reason.entry(reason).or_default() += 1;
            let lines = self.quarantined_lines.entry(reason).or_default();
            lines.extend(preview.line.filter(|_| lines.len() < LINES));
        }
        for flag in preview.report.iter().flat_map(|report| &report.flags) {
            *self.flags.entry(*flag).or_default() += 1;
        }
        let rules = mapping.rules();
        for field in &preview.fields {
            let is_filled = field.from.is_empty() || field.from.iter().any(|raw| raw.text.is_some());
            *self.filled.entry(field.key.clone()).or_default() += usize::from(is_filled);
            if let Some((_, rule)) = rules.iter().find(|(key, _)| *key == field.key) {
                self.look_at(mapping, field, rule);
            }
        }
    }

    fn look_at(&mut self, mapping: &Mapping, field: &Traced, rule: &Rule) {
        let Some(code) = field.flags.iter().copied().find_map(code_of) else {
            return;
        };
        let Some((column, text)) = named(field, rule) else {
            return;
        };
        let line = field.line;
        if code == "time_unreadable" {
            let unread = self.unread.entry(field.key.clone()).or_insert_with(|| Unread {
                line,
                column,
                texts: Vec::new(),
                more: 0,
            });
            return unread.add(&text);
        }
        let shown: String = text.chars().take(SHOWN).collect();
        let known = self
            .findings
            .iter_mut()
            .find(|it| it.key == field.key && it.text == shown && it.code == code);
        if let Some(known) = known {
            known.count += 1;
        } else if self.findings.len() < MAX_FINDINGS {
            self.findings.push(Finding {
                code,
                key: field.key.clone(),
                line,
                column,
                advice: code_advice(mapping, &field.key, rule, &shown),
                text: shown,
                count: 1,
            });
        }
    }

    /// What is wrong with the mapping although every record is read: most of them would have happened when they were read.
    pub fn misread(&self, mapping: &Mapping) -> Option<Problem> {
        let (key, unreadable, of) = if mapping.mode() == Mode::Log {
            // without its time a row is no record
            let unreadable = self.quarantined_by_reason.get("time_unreadable");
            ("log.at", unreadable, self.records)
        } else {
            let clues = self.dispositions.get("clue").copied().unwrap_or(0);
            (
                "clue.reported_at",
                self.flags.get(&Flag::ReportedAtUnreadable),
                clues,
            )
        };
        let unreadable = unreadable.copied().unwrap_or(0);
        if unreadable * 2 <= of {
            return None;
        }
        let place = Place {
            line: mapping.line_of(key),
            column: 1,
        };
        let finding = self.findings.iter().find(|finding| finding.key == key);
        let advice = finding.map(|finding| &finding.advice);
        let [zh, en] = advice.map_or(["核对 time", "check time"], |advice| [&advice.zh, &advice.en]);
        Some(Problem::new(
            "time_unreadable",
            key,
            place,
            [
                &format!("{of} 条中有 {unreadable} 条读不出{}", time_of(key)[0]),
                &format!(
                    "the time of {} of {unreadable} of {of} records cannot be read",
                    time_of(key)[1]
                ),
            ],
            [zh, en],
        ))
    }

    /// Names bad times, and the columns that are empty in every record, and puts the most frequent finding first.
    pub fn close(&mut self, mapping: &Mapping) {
        let rules = mapping.rules();
        for (key, unread) in std::mem::take(&mut self.unread) {
            if let Some((_, rule)) = rules.iter().find(|(known, _)| *known == key) {
                self.findings.extend(unread.findings(mapping, &key, rule));
            }
        }
        let read: usize = self.filled.values().copied().max().unwrap_or(0);
        for (key, rule) in mapping.rules() {
            let is_empty = self.filled.get(key).is_some_and(|count| *count == 0);
            if let (true, Some(first)) = (is_empty, rule.columns().first()) {
                self.findings.push(Finding {
                    code: "column_empty",
                    key: key.to_owned(),
                    line: mapping.line_of(key),
                    column: mapping.names()[*first].clone(),
                    text: String::new(),
                    count: read,
                    advice: empty_advice(mapping, key, &mapping.names()[*first]),
                });
            }
        }
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.count));
    }
}

/// The column at fault, and what it holds: what was joined is looked up as a whole.
fn named(field: &Traced, rule: &Rule) -> Option<(String, String)> {
    let mut filled = field
        .from
        .iter()
        .filter_map(|raw| Some((&raw.column, raw.text.as_deref()?)));
    if let Origin::Joined(_, between) = &rule.origin {
        let (columns, texts): (Vec<_>, Vec<_>) = filled.unzip();
        let columns: Vec<_> = columns.into_iter().map(String::as_str).collect();
        return (!texts.is_empty()).then(|| (columns.join(", "), texts.join(between)));
    }
    let (column, text) = filled.next()?;
    Some((column.clone(), text.to_owned()))
}

fn time_of(key: &str) -> [&'static str; 2] {
    match key {
        "log.at" => ["环节时间", "the step"],
        _ => ["上报时间", "report"],
    }
}

const fn code_of(flag: Flag) -> Option<&'static str> {
    match flag {
        Flag::MatterUnknown
        | Flag::AreaUnknown
        | Flag::AgencyUnknown
        | Flag::ConclusionUnknown
        | Flag::SourceStatusUnknown
        | Flag::ValueUnknown => Some("code_unknown"),
        Flag::ReportedAtUnreadable
        | Flag::ClosedAtUnreadable
        | Flag::DueAtUnreadable
        | Flag::VersionUnreadable => Some("time_unreadable"),
        _ => None,
    }
}

fn code_advice(mapping: &Mapping, key: &str, rule: &Rule, text: &str) -> Bilingual {
    if let Some(values) = &rule.values {
        let other = values
            .keys()
            .find(|known| known.to_lowercase() == text.to_lowercase());
        let near = other
            .map(String::as_str)
            .or_else(|| misspelt(text, values.keys().map(String::as_str)));
        return match near {
            Some(near) => Bilingual {
                zh: format!(
                    "values 里写的是 \"{near}\"，来源写的是 \"{text}\"：须一字不差，加上 \"{text}\" = \"…\""
                ),
                en: format!(
                    "values has \"{near}\", the source says \"{text}\": it must be the same to the letter; add \"{text}\" = \"…\""
                ),
            },
            None => Bilingual {
                zh: format!("在 values 里加上 \"{text}\" = \"…\""),
                en: format!("add \"{text}\" = \"…\" to its values"),
            },
        };
    }
    let source = mapping.source();
    match key {
        "clue.matter" => Bilingual {
            zh: format!(
                "在规则库 crosswalk.csv 里加一行 {source},{text},事项编码；或在此写 values = {{ \"{text}\" = \"…\" }}"
            ),
            en: format!(
                "add a row {source},{text},CODE to the rulebook's crosswalk.csv, or say values = {{ \"{text}\" = \"…\" }} here"
            ),
        },
        _ => Bilingual {
            zh: format!("写成 {{ from = …, values = {{ \"{text}\" = \"…\" }} }}"),
            en: format!("say {{ from = …, values = {{ \"{text}\" = \"…\" }} }}"),
        },
    }
}

fn empty_advice(mapping: &Mapping, key: &str, name: &str) -> Bilingual {
    let lacks_slash = mapping.format() == Format::Json && !name.starts_with('/');
    if lacks_slash {
        let pointer = format!("/{}", name.replace('.', "/"));
        return Bilingual {
            zh: format!("样本里没有它；JSON 中下一层的字段以 / 开头：是否指 {pointer}？"),
            en: format!(
                "the sample does not have it; a field within another starts with a slash: did you mean {pointer}?"
            ),
        };
    }
    if key == "clue.id" && mapping.format() == Format::Json && mapping.rows().is_none() {
        return Bilingual {
            zh: "没有一条记录有它；若记录在消息里的一个数组中，在文件开头写 rows = \"/…\"".to_owned(),
            en: "no record has it; if the records stand in an array within the message, say rows = \"/…\" at the top".to_owned(),
        };
    }
    Bilingual {
        zh: "样本里这一列全空；核对列名，或等有值的样本".to_owned(),
        en: "it is empty in the whole sample; check the name, or take a sample that has it".to_owned(),
    }
}
