//! `limits.csv`: how long each step may take.

use std::collections::HashMap;

use bihuan_domain::calendar::{Limit, LimitRow, Limits, Step};
use bihuan_domain::code::{Severity as SeverityCode, SourceId};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::MatterPattern;

use crate::cell::{Cell, quoted};
use crate::names::Names;
use crate::table::{Presence, Row, Spec, Table};
use crate::{Files, Finding};

const FILE: &str = "limits.csv";

const SPEC: Spec = Spec {
    file: FILE,
    presence: Presence::Optional,
    needed: &["limit"],
    optional: &["matter", "severity", "source", "area", "step"],
};

const STEPS: &str = "dispatch, triage, acknowledge, handle, check, overall, assist, arrive";

/// The rows that could be read.
pub(crate) fn read(files: &Files, names: &Names, has_holidays: bool, findings: &mut Vec<Finding>) -> Limits {
    let Some(table) = Table::read(files, &SPEC, findings) else {
        return Limits::default();
    };
    let mut rows = Vec::new();
    let mut lines = HashMap::new();
    for row in table.rows() {
        let Some(limit) = limit_row(&table, row, names, findings) else {
            continue;
        };
        let LimitRow {
            step,
            matter,
            severity,
            source,
            area,
            ..
        } = &limit;
        let about = (
            *step,
            matter.clone(),
            severity.clone(),
            source.clone(),
            area.clone(),
        );
        match lines.get(&about) {
            Some(first) => findings.push(duplicate(&table.cell(row, "limit"), *first)),
            None => {
                lines.insert(about, row.line);
            }
        }
        rows.push(limit);
    }
    let working = rows.iter().find(|row| row.limit.unit().is_working());
    if let Some(row) = working.filter(|_| !has_holidays) {
        findings.push(without_holidays(row));
    }
    Limits::new(rows)
}

/// Reads every cell before it gives up, so that one check shows all that is wrong with a row.
fn limit_row(table: &Table, row: &Row, names: &Names, findings: &mut Vec<Finding>) -> Option<LimitRow> {
    let cell = |column| table.cell(row, column);
    let matter = cell("matter").unless_empty(|matter| names.pattern(matter, findings));
    let area = cell("area").unless_empty(|area| area.reference(names.areas(), "areas.csv", findings));
    let source = cell("source").unless_empty(|source| source.code::<SourceId>(findings));
    let severity = cell("severity").unless_empty(|severity| severity.code::<SeverityCode>(findings));
    let step = cell("step").word("step_unknown", Step::parse, Step::Overall, STEPS, findings);
    let limit = limit(&cell("limit"), findings);
    Some(LimitRow {
        line: row.line,
        matter: matter.ok()?.unwrap_or(MatterPattern::Any),
        severity: severity.ok()?,
        source: source.ok()?,
        area: area.ok()?,
        step: step?,
        limit: limit?,
    })
}

fn limit(cell: &Cell<'_>, findings: &mut Vec<Finding>) -> Option<Limit> {
    let read = cell.text.parse::<Limit>().map_err(|error| {
        let text = quoted(cell.text);
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| error.message(lang));
        findings.push(
            cell.error(error.code())
                .says(
                    format!("{text} 不是时限：{zh}"),
                    format!("{text} is not a limit: {en}"),
                )
                .advises(
                    "写成 30min、3h（连续）、2wh（工作时）、5wd（工作日）或 10d（自然日）",
                    "write 30min, 3h (continuous), 2wh (working hours), 5wd (working days) or 10d (calendar days)",
                ),
        );
    });
    read.ok()
}

fn duplicate(cell: &Cell<'_>, first: u32) -> Finding {
    cell.error("limit_duplicate")
        .says(
            format!("第 {first} 行已规定同样情形的时限"),
            format!("line {first} is about exactly the same"),
        )
        .advises("删去其中一行", "remove one of the two rows")
}

fn without_holidays(row: &LimitRow) -> Finding {
    let limit = row.limit;
    Finding::warning("holidays_missing", FILE)
        .line(row.line)
        .column("limit", None)
        .value(&limit.to_string())
        .says(
            format!("{limit} 按工作时间计，但没有 holidays.json：只按周末计算，期限均为暂定"),
            format!("{limit} counts working time, and there is no holidays.json: only weekends are known, and every such deadline is provisional"),
        )
        .advises("补上 holidays.json", "add a holidays.json")
}
