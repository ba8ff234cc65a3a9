//! `bihuan mapping check`: what a mapping would do, before it does it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use bihuan_domain::clue::{Report, Text};
use bihuan_domain::routing::Named;
use serde::Serialize;

use super::bound::column_unknown;
use super::problem::{Bilingual, Place, Problem};
use super::trace::{Traced, traced};
use super::{AreaBy, Bound, Mapping, Outcome, Receipt, Registry, Shown};
use crate::format::csv::Delimiter;
use crate::format::{Format, encoding};
use crate::rule::Origin;

/// What is wrong with a mapping for a file with such columns: names that the header does not have, or has twice. Without columns
/// there is nothing that [`Mapping::parse`] did not say already.
pub fn check(mapping: &Mapping, columns: Option<&[String]>) -> Vec<Problem> {
    let Some(columns) = columns else { return Vec::new() };
    // with another delimiter no column is there: to say so of each would bury the one thing to do
    if let Some(problem) = delimited_otherwise(mapping, columns) {
        return vec![problem];
    }
    let mut problems = Vec::new();
    for used in mapping.uses.iter().chain(&mapping.personal) {
        let name = used.name.trim();
        match columns.iter().filter(|column| *column == name).count() {
            0 => problems.push(column_unknown(used, columns)),
            1 => {}
            _ => problems.push(Problem::new(
                "column_twice",
                &used.key,
                used.place,
                [
                    &format!("表头里 {name} 出现多次"),
                    &format!("the header names {name} more than once"),
                ],
                [
                    "改表头；现在读第一列",
                    "mend the header; the first of them is read",
                ],
            )),
        }
    }
    problems
}

/// What is wrong with a mapping under a rulebook: names are looked for in an area that it does not know.
pub fn check_codes(mapping: &Mapping, registry: &dyn Registry) -> Vec<Problem> {
    let area = mapping.clue().and_then(|clue| clue.area.as_ref());
    let within = area.and_then(|area| area.within.as_ref());
    let Some((Origin::Constant(outer), place)) = within.map(|(rule, place)| (&rule.origin, place)) else {
        return Vec::new();
    };
    let found = registry.area(outer, AreaBy::CodeOrName, None);
    if registry.is_none() || matches!(found, Named::One(_)) {
        return Vec::new();
    }
    vec![Problem::new(
        "within_unknown",
        "clue.area.within",
        *place,
        [
            &format!("规则库中没有区划 {outer}，或不止一个"),
            &format!("the rulebook knows no area {outer}, or several"),
        ],
        ["写上 areas.csv 中的代码", "give a code of areas.csv"],
    )]
}

/// Something a person should know of a sample, although nothing is wrong with its mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable, for scripts.
    pub code: &'static str,
    #[serde(flatten)]
    pub what: Bilingual,
}

impl Note {
    /// The sheet has so many regions of merged cells.
    pub fn merged(regions: usize) -> Option<Self> {
        (regions > 0).then(|| Self {
            code: "cells_merged",
            what: Bilingual {
                zh: format!("有 {regions} 处合并单元格；其中每一格都读作合并后的值"),
                en: format!(
                    "{regions} regions of merged cells; each cell of one is read as having its value"
                ),
            },
        })
    }

    /// The file was read to its end and has no record.
    pub fn no_record(mapping: &Mapping) -> Self {
        let at = mapping
            .rows()
            .map(|rows| format!(" (rows = {rows:?})"))
            .unwrap_or_default();
        Self {
            code: "no_record",
            what: Bilingual {
                zh: format!("样本中没有记录{at}"),
                en: format!("there is no record in the sample{at}"),
            },
        }
    }
}

/// Records of a sample that name one which another record of it names already (`same_as`): a placeholder, or a mistake.
#[derive(Debug, Default)]
pub struct Shared {
    /// What is named, and who names it first.
    first: HashMap<String, Option<String>>,
    records: usize,
    example: Option<String>,
}

impl Shared {
    pub fn add(&mut self, seen: &Preview) {
        let of = |key: &str| {
            let field = seen.fields.iter().find(|field| field.key == key);
            field.and_then(|field| field.becomes.clone())
        };
        let Some(named) = of("clue.same_as") else { return };
        match self.first.entry(named) {
            Entry::Vacant(free) => {
                free.insert(of("clue.id"));
            }
            // another version of the same record
            Entry::Occupied(known) if *known.get() == of("clue.id") => {}
            Entry::Occupied(known) => {
                self.records += 1;
                self.example.get_or_insert_with(|| known.key().clone());
            }
        }
    }

    /// `None`: each names another one, or the mapping says that they may name the same.
    pub fn note(self, mapping: &Mapping) -> Option<Note> {
        let (records, example) = (self.records, self.example?);
        (!mapping.shares_others()).then(|| Note {
            code: "same_as_shared",
            what: Bilingual {
                zh: format!(
                    "有 {records} 条记录所指的记录已被另一条所指（如 {example}），将各自成为线索并加标记；若为占位值，写入 same_as 的 null；若确属同一线索，写 many = true"
                ),
                en: format!(
                    "{records} records name one that another record names already, such as {example}; each becomes a clue of its own, flagged. If that is a placeholder, add it to null of same_as; if they are one clue, say many = true"
                ),
            },
        })
    }
}

/// A header of one column in which another delimiter stands.
pub(crate) fn delimited_otherwise(mapping: &Mapping, columns: &[String]) -> Option<Problem> {
    let ([only], Format::Csv) = (columns, mapping.format) else {
        return None;
    };
    let said = mapping.dialect.delimiter;
    let other = Delimiter::USUAL
        .into_iter()
        .find(|it| *it != said && only.contains(it.as_char()))?;
    let sign = other.as_char().escape_default();
    Some(Problem::new(
        "delimiter",
        "delimiter",
        Place::default(),
        [
            &format!("表头像是以“{sign}”分隔的"),
            &format!("the header looks as if it was delimited by \"{sign}\""),
        ],
        [
            &format!("写上 delimiter = \"{sign}\""),
            &format!("say delimiter = \"{sign}\""),
        ],
    ))
}

/// What became of one record of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    pub line: Option<u64>,
    /// `clue`, `deletion`, `feedback`, `quarantined` or `skipped`.
    pub disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// What an agency says, by the keys of the mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback: Option<BTreeMap<&'static str, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Each field before and after; none where the record cannot be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Traced>,
    /// The bytes of what is quarantined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

/// Maps one record of a sample and says what would become of it.
pub fn preview(bound: &Bound<'_>, raw: &[u8], registry: &dyn Registry, receipt: Receipt) -> Preview {
    let mut preview = Preview {
        line: receipt.origin.line,
        disposition: "skipped",
        reason: None,
        field: None,
        report: None,
        feedback: None,
        text: None,
        fields: Vec::new(),
        shown: None,
    };
    let outcome = bound.outcome(raw, registry, receipt);
    if let Ok(Some(row)) = bound.read(&encoding::text(raw)) {
        preview.fields = traced(bound.mapping(), &row, &outcome);
    }
    match outcome {
        Outcome::Skipped => {}
        Outcome::Deleted { .. } => preview.disposition = "deletion",
        Outcome::Quarantine { reason, field } => {
            preview.disposition = "quarantined";
            preview.reason = Some(reason);
            preview.field = field;
            preview.shown = Some(bound.shown(raw));
        }
        Outcome::Feedback(feedback) => {
            preview.disposition = "feedback";
            preview.feedback = Some(feedback.fields().into_iter().collect());
            preview.text = feedback.text;
        }
        Outcome::Clue { report, text, .. } => {
            preview.disposition = "clue";
            preview.report = Some(report);
            preview.text = text;
        }
    }
    preview
}
