//! `holidays.json`: statutory holidays and make-up working days.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_domain::calendar::{DayName, Days};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use crate::cell::{date, quoted};
use crate::table::{Presence, text};
use crate::{Files, Finding};

pub(crate) const FILE: &str = "holidays.json";

/// Where the holidays are those of China.
const CHINA: [&str; 3] = ["Asia/Shanghai", "Asia/Urumqi", "PRC"];

/// `None` if there is no such file. The zone says whose holidays they are.
pub(crate) fn read(files: &Files, zone: Option<&TimeZone>, findings: &mut Vec<Finding>) -> Option<Days> {
    let text = text(files, FILE, Presence::Optional, findings)?;
    let days = parse(text, findings);
    let name = zone.and_then(TimeZone::iana_name);
    if name.is_some_and(|name| CHINA.contains(&name)) {
        findings.extend(incomplete(&days));
    }
    Some(days)
}

fn parse(text: &str, findings: &mut Vec<Finding>) -> Days {
    let document: Map<String, Value> = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let mut finding = shape(&format!("{error}")).line(error.line() as u32);
            finding.column_number = Some(error.column() as u32);
            findings.push(finding);
            return Days::default();
        }
    };
    if !document.contains_key("holidays") {
        findings.push(shape("\"holidays\" is missing"));
    }
    let mut days = |key: &str| match document.get(key) {
        None => BTreeMap::new(),
        Some(Value::Object(days)) => named(text, days, findings),
        Some(_) => {
            findings.push(shape(&format!("{key:?} is not an object of dates")));
            BTreeMap::new()
        }
    };
    let days = Days {
        holidays: days("holidays"),
        workdays: days("workdays"),
    };
    findings.extend(days.contradictory().map(|day| both(text, day)));
    findings.extend(gaps(&days));
    days
}

fn named(text: &str, days: &Map<String, Value>, findings: &mut Vec<Finding>) -> BTreeMap<Date, DayName> {
    let mut named = BTreeMap::new();
    for (day, name) in days {
        if let Some(date) = date(day) {
            named.insert(date, names(name.as_str().unwrap_or_default()));
            continue;
        }
        let key = quoted(day);
        findings.push(
            Finding::error("date_invalid", FILE)
                .line(line(text, &key))
                .value(day)
                .says(format!("{key} 不是日期"), format!("{key} is not a date"))
                .advises("写成 2026-01-31", "write it as 2026-01-31"),
        );
    }
    named
}

/// `English,中文,…`, or one name for both.
fn names(text: &str) -> DayName {
    let mut names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    let en = names.next().unwrap_or("holiday").to_owned();
    let zh = match names.next() {
        Some(name) => name.to_owned(),
        None if text.is_empty() => "节假日".to_owned(),
        None => en.clone(),
    };
    DayName { zh, en }
}

/// The first line that holds the text.
fn line(text: &str, key: &str) -> u32 {
    text.find(key)
        .map_or(1, |at| text[..at].matches('\n').count() as u32 + 1)
}

fn both(text: &str, day: Date) -> Finding {
    Finding::error("day_both", FILE)
        .line(line(text, &format!("\"{day}\"")))
        .value(&day.to_string())
        .says(
            format!("{day} 既是节假日又是调休上班日"),
            format!("{day} is both a holiday and a make-up working day"),
        )
        .advises(
            "从 holidays 或 workdays 中删去",
            "remove it from holidays or from workdays",
        )
}

/// Years between others whose holidays are known.
fn gaps(days: &Days) -> Vec<Finding> {
    let years = days.published();
    let (Some(first), Some(last)) = (years.first(), years.last()) else {
        return Vec::new();
    };
    let missing = (*first..*last).filter(|year| !years.contains(year));
    missing
        .map(|year| {
            Finding::warning("year_without_holidays", FILE)
                .value(&year.to_string())
                .says(
                    format!("{year} 年没有任何节假日，而前后年份都有"),
                    format!("no holiday of {year} is listed, though there are of years before and after"),
                )
                .advises(
                    "补上该年的节假日；在此之前，跨入该年的工作日期限均为暂定",
                    "add them; until then every deadline that counts working days of that year is provisional",
                )
        })
        .collect()
}

/// How many holidays of different names China has in a year, and how few a complete list may show: where two fall on the same
/// days, as Mid-autumn and National Day did in 2020, one of them is not named. Until 2007 there were four.
const fn kinds(year: i16) -> (usize, usize) {
    if year < 2008 { (4, 4) } else { (7, 6) }
}

/// Years that count as published, though so few of their holidays are listed that the rest must be missing.
fn incomplete(days: &Days) -> Vec<Finding> {
    let mut named: BTreeMap<i16, BTreeSet<&str>> = BTreeMap::new();
    for (day, name) in &days.holidays {
        named.entry(day.year()).or_default().insert(&name.en);
    }
    let few = |(year, names): (i16, BTreeSet<&str>)| {
        let (all, fewest) = kinds(year);
        (names.len() < fewest).then(|| thin(year, names.len(), all))
    };
    named.into_iter().filter_map(few).collect()
}

fn thin(year: i16, listed: usize, all: usize) -> Finding {
    Finding::warning("year_incomplete", FILE)
        .value(&year.to_string())
        .says(
            format!("{year} 年只列出 {listed} 种节假日，法定有 {all} 种；其余各日按工作日计算，期限也不标为暂定"),
            format!(
                "only {listed} of the {all} kinds of holidays are listed of {year}: the others count as worked, and no deadline is marked as provisional"
            ),
        )
        .advises(
            "补全该年的节假日和调休上班日；尚未公布的，删去该年已列的日子",
            "add the rest with their make-up working days; if they are not published yet, take out those of that year",
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_holiday_has_a_name_in_both_languages() {
        let name = |text| {
            let DayName { zh, en } = names(text);
            (en, zh)
        };
        let both = |en: &str, zh: &str| (en.to_owned(), zh.to_owned());
        assert_eq!(name("Labour Day,劳动节,2"), both("Labour Day", "劳动节"));
        assert_eq!(name("元旦"), both("元旦", "元旦"));
        assert_eq!(name(""), both("holiday", "节假日"));
    }
}
