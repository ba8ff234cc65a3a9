//! `holidays.json`: statutory holidays and make-up working days. Checked only: nothing in this version counts working days.

use serde_json::{Map, Value};

use crate::cell::{date, quoted};
use crate::table::{Presence, text};
use crate::{Files, Finding};

const FILE: &str = "holidays.json";

pub(crate) fn check(files: &Files, findings: &mut Vec<Finding>) {
    let Some(text) = text(files, FILE, Presence::Optional, findings) else {
        return;
    };
    let document: Map<String, Value> = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let mut finding = shape(&format!("{error}")).line(error.line() as u32);
            finding.column_number = Some(error.column() as u32);
            findings.push(finding);
            return;
        }
    };
    if !document.contains_key("holidays") {
        findings.push(shape("\"holidays\" is missing"));
    }
    for key in ["holidays", "workdays"] {
        match document.get(key) {
            None => {}
            Some(Value::Object(days)) => check_days(text, days, findings),
            Some(_) => findings.push(shape(&format!("{key:?} is not an object of dates"))),
        }
    }
}

fn check_days(text: &str, days: &Map<String, Value>, findings: &mut Vec<Finding>) {
    for day in days.keys().filter(|day| date(day).is_none()) {
        let key = quoted(day);
        let line = text
            .find(&key)
            .map_or(1, |at| text[..at].matches('\n').count() as u32 + 1);
        findings.push(
            Finding::error("date_invalid", FILE)
                .line(line)
                .value(day)
                .says(format!("{key} 不是日期"), format!("{key} is not a date"))
                .advises("写成 2026-01-31", "write it as 2026-01-31"),
        );
    }
}

fn shape(problem: &str) -> Finding {
    Finding::error("json_invalid", FILE)
        .says(
            format!("节假日文件格式不对：{problem}"),
            format!("the file of holidays is not in order: {problem}"),
        )
        .advises(
            "写成 {\"holidays\":{\"2026-01-01\":\"元旦\"},\"workdays\":{}}",
            "write {\"holidays\":{\"2026-01-01\":\"New Year\"},\"workdays\":{}}",
        )
}
