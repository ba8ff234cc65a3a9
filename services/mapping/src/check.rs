//! `bihuan mapping check`: what a mapping would do, before it does it.

use bihuan_domain::clue::{Report, Text};
use serde::Serialize;

use super::bound::column_unknown;
use super::problem::Problem;
use super::{Bound, Mapping, Outcome, Receipt, Registry, Shown};

/// What is wrong with a mapping for a file with such columns: names that the header does not have, or has twice. Without columns
/// there is nothing that [`Mapping::parse`] did not say already.
pub fn check(mapping: &Mapping, columns: Option<&[String]>) -> Vec<Problem> {
    let Some(columns) = columns else { return Vec::new() };
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

/// What became of one record of a sample.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preview {
    pub line: Option<u64>,
    /// `clue`, `deletion`, `quarantined` or `skipped`.
    pub disposition: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
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
        text: None,
        shown: None,
    };
    match bound.outcome(raw, registry, receipt) {
        Outcome::Skipped => {}
        Outcome::Deleted { .. } => preview.disposition = "deletion",
        Outcome::Quarantine { reason, field } => {
            preview.disposition = "quarantined";
            preview.reason = Some(reason);
            preview.field = field;
            preview.shown = Some(bound.shown(raw));
        }
        Outcome::Clue { report, text, .. } => {
            preview.disposition = "clue";
            preview.report = Some(report);
            preview.text = text;
        }
    }
    preview
}
