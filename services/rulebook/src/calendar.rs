//! The calendar of a rulebook, and what there is to say about it, whatever is wrong with the rest.

use std::collections::BTreeSet;

use bihuan_domain::calendar::Calendar;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::names::Names;
use crate::{Files, Finding, areas, holidays, hours, manifest};

/// So long before the last known holidays run out, somebody is told.
const SOON: i64 = 60;

/// From zone, weekend, holidays and hours; `None` if one of them has an error. The findings are about these.
pub fn calendar(files: &Files) -> (Option<Calendar>, Vec<Finding>) {
    let mut findings = Vec::new();
    let manifest = manifest::read(files, &mut findings);
    // a place that nobody knows is a matter of hours.csv, what is wrong with areas.csv is not
    let names = Names {
        areas: areas::read(files, &mut Vec::new()),
        agencies: None,
        matters: None,
        categories: BTreeSet::new(),
    };
    let days = holidays::read(files, manifest.as_ref().map(|it| &it.zone), &mut findings);
    if days.as_ref().is_none_or(|days| days.holidays.is_empty()) {
        findings.push(without_holidays());
    }
    let hours = hours::read(files, &names, &mut findings);
    let usable = !findings.iter().any(Finding::is_error);
    let calendar = manifest.filter(|_| usable).map(|it| {
        let weekend = it.policy.calendar.weekend;
        Calendar::new(it.zone, days.unwrap_or_default(), hours, weekend)
    });
    (calendar, findings)
}

fn without_holidays() -> Finding {
    Finding::warning("holidays_missing", holidays::FILE)
        .says(
            "没有任何节假日：只按周末计算，工作日和工作时期限均为暂定",
            "no holidays are known: only weekends are, and every deadline that counts working time is provisional",
        )
        .advises("补上 holidays.json", "add a holidays.json")
}

/// Whether the holidays that a calendar knows are over on that day, or will be soon. It says nothing of one that knows none.
pub fn calendar_ends(calendar: &Calendar, today: Date) -> Option<Finding> {
    let last = *calendar.published_years().last()?;
    let end = date(last, 12, 31);
    if end > today.saturating_add(SOON.days()) {
        return None;
    }
    let next = last + 1;
    Some(
        Finding::warning("calendar_ends", holidays::FILE)
            .value(&last.to_string())
            .says(
                format!("节假日只到 {last} 年：其后的工作日期限均为暂定"),
                format!(
                    "holidays are known until {last}: later deadlines that count working time are provisional"
                ),
            )
            .advises(
                format!("{next} 年放假安排公布后补入 holidays.json"),
                format!("add the holidays of {next} to holidays.json when they are published"),
            ),
    )
}
