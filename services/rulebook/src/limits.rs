//! `limits.csv`: how long each step may take. Checked only: nothing in this version computes deadlines from it.

use bihuan_domain::code::{Severity as SeverityCode, SourceId};

use crate::cell::{Cell, quoted};
use crate::finding::Severity;
use crate::names::Names;
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "limits.csv",
    presence: Presence::Optional,
    needed: &["limit"],
    optional: &["matter", "severity", "source", "area", "step"],
};

const STEPS: [&str; 5] = ["dispatch", "acknowledge", "handle", "check", "overall"];

pub(crate) fn check(files: &Files, names: &Names, findings: &mut Vec<Finding>) {
    let Some(table) = Table::read(files, &SPEC, findings) else {
        return;
    };
    for row in table.rows() {
        let cell = |column| table.cell(row, column);
        let (matter, area) = (cell("matter"), cell("area"));
        if !matter.is_empty() {
            names.pattern(&matter, findings);
        }
        if !area.is_empty() {
            area.reference(names.areas(), "areas.csv", findings);
        }
        cell("source").optional_code::<SourceId>(findings);
        cell("severity").optional_code::<SeverityCode>(findings);
        check_step(&cell("step"), findings);
        check_limit(&cell("limit"), findings);
    }
}

fn check_step(cell: &Cell<'_>, findings: &mut Vec<Finding>) {
    if !cell.is_empty() && !STEPS.contains(&cell.text) {
        let (text, steps) = (quoted(cell.text), STEPS.join(", "));
        findings.push(
            cell.finding(Severity::Warning, "step_unknown")
                .says(
                    format!("未知的环节 {text}"),
                    format!("{text} is no step that has a clock"),
                )
                .advises(format!("用其中之一：{steps}"), format!("use one of: {steps}")),
        );
    }
}

fn check_limit(cell: &Cell<'_>, findings: &mut Vec<Finding>) {
    if !is_limit(cell.text) {
        let text = quoted(cell.text);
        findings.push(
            cell.error("limit_invalid")
                .says(format!("{text} 不是时限"), format!("{text} is not a limit"))
                .advises(
                    "写成 30min、3h（连续）、2wh（工作时）、5wd（工作日）或 10d（自然日）",
                    "write 30min, 3h (continuous), 2wh (working hours), 5wd (working days) or 10d (calendar days)",
                ),
        );
    }
}

/// A positive number and its unit, without space.
fn is_limit(text: &str) -> bool {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    matches!(unit, "min" | "h" | "wh" | "wd" | "d") && number.parse::<u32>().is_ok_and(|number| number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_a_number_and_a_unit() {
        for good in ["30min", "3h", "2wh", "5wd", "10d"] {
            assert!(is_limit(good), "{good}");
        }
        for bad in [
            "",
            "5",
            "wd",
            "0d",
            "5 wd",
            "5w",
            "-1h",
            "1.5h",
            "99999999999d",
            "5WD",
        ] {
            assert!(!is_limit(bad), "{bad}");
        }
    }
}
