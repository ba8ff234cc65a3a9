//! `hours.csv`: when which place works, in which part of the year.

use bihuan_domain::calendar::{HoursRow, MonthDay, Season, parse_sessions};
use bihuan_domain::lang::Lang;

use crate::cell::{Cell, Unreadable, quoted};
use crate::names::Names;
use crate::table::{Presence, Row, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "hours.csv",
    presence: Presence::Optional,
    needed: &["hours"],
    optional: &["area", "from", "to"],
};

/// The rows that could be read, in the order of the file.
pub(crate) fn read(files: &Files, names: &Names, findings: &mut Vec<Finding>) -> Vec<HoursRow> {
    let Some(table) = Table::read(files, &SPEC, findings) else {
        return Vec::new();
    };
    let mut rows: Vec<(u32, HoursRow)> = Vec::new();
    for row in table.rows() {
        let Some(read) = hours(&table, row, names, findings) else {
            continue;
        };
        if let Some((line, _)) = rows.iter().find(|(_, before)| clash(before, &read)) {
            findings.push(overlap(&table.cell(row, "from"), *line));
        }
        rows.push((row.line, read));
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Reads every cell before it gives up, so that one check shows all that is wrong with a row.
fn hours(table: &Table, row: &Row, names: &Names, findings: &mut Vec<Finding>) -> Option<HoursRow> {
    let cell = |column| table.cell(row, column);
    let area = cell("area").unless_empty(|area| area.reference(names.areas(), "areas.csv", findings));
    let season = season(&cell("from"), &cell("to"), findings);
    let hours = cell("hours");
    let sessions = parse_sessions(hours.text).map_err(|error| {
        let text = quoted(hours.text);
        let [zh, en] = [Lang::Zh, Lang::En].map(|lang| error.message(lang));
        findings.push(
            hours
                .error(error.code())
                .says(format!("{text} {zh}"), format!("{text}: {en}"))
                .advises(
                    "写成 08:30-12:00 14:30-18:00，按先后排列，时段之间空格隔开",
                    "write 08:30-12:00 14:30-18:00: in order, with a space between sessions",
                ),
        );
    });
    Some(HoursRow {
        area: area.ok()?,
        season: season.ok()?,
        sessions: sessions.ok()?,
    })
}

/// `None`: the whole year.
fn season(from: &Cell<'_>, to: &Cell<'_>, findings: &mut Vec<Finding>) -> Result<Option<Season>, Unreadable> {
    if from.is_empty() && to.is_empty() {
        return Ok(None);
    }
    let mut day = |cell: &Cell<'_>| {
        let day = MonthDay::parse(cell.text);
        if day.is_none() {
            let text = quoted(cell.text);
            findings.push(
                cell.error("hours_invalid")
                    .says(
                        format!("{text} 不是一年中的某一天"),
                        format!("{text} is no day of a year"),
                    )
                    .advises(
                        "写成 05-01；from 与 to 须同时填写或同时留空",
                        "write 05-01; give both from and to, or neither",
                    ),
            );
        }
        day
    };
    let (first, end) = (day(from), day(to));
    let season = Season {
        from: first.ok_or(Unreadable)?,
        to: end.ok_or(Unreadable)?,
    };
    if season.from == season.to {
        findings.push(
            to.error("hours_invalid")
                .says("这一时段没有一天", "there is no day in this season")
                .advises(
                    "to 不含当日；全年适用时 from 与 to 均留空",
                    "to is exclusive; for the whole year leave both empty",
                ),
        );
        return Err(Unreadable);
    }
    Ok(Some(season))
}

/// Whether neither is narrower and some day belongs to both.
fn clash(a: &HoursRow, b: &HoursRow) -> bool {
    let days = match (&a.season, &b.season) {
        (None, None) => true,
        (Some(a), Some(b)) => a.overlaps(b),
        _ => false,
    };
    a.area == b.area && days
}

fn overlap(cell: &Cell<'_>, other: u32) -> Finding {
    cell.error("hours_overlap")
        .says(
            format!("与第 {other} 行对同一区域的同一天有不同规定"),
            format!("line {other} is about days of the same area, too"),
        )
        .advises(
            "使两行的日期互不重叠，或删去其中一行",
            "give the two rows different days, or remove one",
        )
}
