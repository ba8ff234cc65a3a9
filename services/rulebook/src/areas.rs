//! `areas.csv`: places, each lying in the longest other code that is its prefix.

use bihuan_domain::code::{AreaCode, Level};
use bihuan_domain::routing::Area;

use crate::names::Register;
use crate::table::{Presence, Spec, Table};
use crate::{Files, Finding};

const SPEC: Spec = Spec {
    file: "areas.csv",
    presence: Presence::Needed,
    needed: &["code", "name"],
    optional: &["name_en", "level"],
};

pub(crate) const LEVELS: &str = "city, county, town, village, grid";

pub(crate) fn read(files: &Files, findings: &mut Vec<Finding>) -> Option<Register<AreaCode, Area>> {
    let table = Table::read(files, &SPEC, findings)?;
    let mut areas = Register::new();
    for row in table.rows() {
        let cell = |column| table.cell(row, column);
        let Some(code) = cell("code").code::<AreaCode>(findings) else {
            continue;
        };
        let usual = level_of(&code);
        let level = cell("level").word("level_invalid", |word| word.parse().ok(), usual, LEVELS, findings);
        let area = Area {
            code: code.clone(),
            name: cell("name").text.to_owned(),
            name_en: cell("name_en").text.to_owned(),
            // With a wrong word the place is known all the same: no second finding about each reference to it.
            level: level.unwrap_or(usual),
        };
        areas.enter(&cell("code"), code, area, findings);
    }
    orphans(&areas, findings);
    Some(areas)
}

/// The level that a code of this length has in GB/T 2260 and its extensions.
fn level_of(code: &AreaCode) -> Level {
    match code.as_str().len() {
        0..=4 => Level::City,
        5..=6 => Level::County,
        7..=9 => Level::Town,
        10..=12 => Level::Village,
        _ => Level::Grid,
    }
}

/// Areas below the highest level that lie in no other: no duty of a wider area reaches them.
fn orphans(areas: &Register<AreaCode, Area>, findings: &mut Vec<Finding>) {
    let highest = areas.rows.values().map(|area| area.level).max();
    for (code, line) in &areas.lines {
        let text = code.as_str();
        let has_parent = (1..text.len()).any(|end| areas.rows.contains_key(&text[..end]));
        if has_parent || areas.rows.get(code).map(|area| area.level) == highest {
            continue;
        }
        findings.push(
            Finding::warning("area_without_parent", SPEC.file)
                .line(*line)
                .column("code", None)
                .value(text)
                .says(
                    format!("没有任何区域包含 {text}（代码前缀即上级）"),
                    format!("{text} lies in no other area: no other code is its prefix"),
                )
                .advises(
                    "补上上级区域，或核对代码",
                    "add the area above it, or check the code",
                ),
        );
    }
}
