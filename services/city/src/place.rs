//! The city: counties with their towns, the same bureaus in each and above them, and duties by category.

use std::fmt::Write as _;

use bihuan_domain::routing::DUTY_COLUMNS;
use bihuan_rulebook::Files;

use crate::setting::Setting;

pub(crate) const CITY: &str = "3301";
pub(crate) const COUNTIES: usize = 6;
pub(crate) const TOWNS: usize = 4;
/// Bureaus of a county, and categories: each has the matters of one.
pub(crate) const BUREAUS: usize = 8;
/// Matters of a category.
pub(crate) const MATTERS: usize = 6;
/// Matters of the category that no row of the duties covers.
pub(crate) const UNCOVERED: usize = 2;

/// A real list of holidays: clues wait over them.
const HOLIDAYS: &str = include_str!("../../../deploy/rulebooks/shaoxing/holidays.json");

/// Of the whole clue; those of the steps of a dispute are in the manifest.
const LIMITS: &str = "matter,severity,source,area,step,limit\n*,,,,handle,10wd\n*,,,,overall,15wd\n";

pub(crate) fn county(number: usize) -> String {
    format!("{CITY}{:02}", number + 1)
}

pub(crate) fn town(county_number: usize, number: usize) -> String {
    format!("{}{:03}", county(county_number), number + 1)
}

pub(crate) fn bureau(area: &str, number: usize) -> String {
    format!("{area}-b{number}")
}

/// The matter with this number of a category.
pub(crate) fn matter(category: usize, number: usize) -> String {
    format!("m{category}{number:02}")
}

/// Those who coordinate are in `rulebook.toml`, as the setting has them.
pub(crate) fn files(setting: Setting) -> Files {
    let mut files = Files::default();
    files.insert("rulebook.toml", setting.manifest());
    files.insert("holidays.json", HOLIDAYS);
    files.insert("limits.csv", LIMITS);
    files.insert("areas.csv", areas());
    files.insert("agencies.csv", agencies());
    files.insert("matters.csv", matters());
    files.insert("duties.csv", duties());
    files
}

fn areas() -> String {
    let mut rows = format!("code,name,level\n{CITY},市,city\n");
    for number in 0..COUNTIES {
        let _ = writeln!(rows, "{},县{number},county", county(number));
        for of_county in 0..TOWNS {
            let _ = writeln!(rows, "{},镇{number}-{of_county},town", town(number, of_county));
        }
    }
    rows
}

/// Of the city and of every county: the bureaus and who coordinates; of every town its government.
fn agencies() -> String {
    let mut rows = format!("id,name,level,area\n{CITY}-government,市政府,city,{CITY}\n");
    let mut of = |area: &str, level: &str| {
        let _ = writeln!(rows, "{area}-coordinator,协调办 {area},{level},{area}");
        for number in 0..BUREAUS {
            let _ = writeln!(rows, "{},局{number} {area},{level},{area}", bureau(area, number));
        }
    };
    of(CITY, "city");
    for number in 0..COUNTIES {
        of(&county(number), "county");
    }
    for number in 0..COUNTIES {
        for of_county in 0..TOWNS {
            let code = town(number, of_county);
            let _ = writeln!(rows, "{code},镇政府 {code},town,{code}");
        }
    }
    rows
}

fn matters() -> String {
    let mut rows = "code,name,category\n".to_owned();
    for category in 0..=BUREAUS {
        let count = if category == BUREAUS { UNCOVERED } else { MATTERS };
        for number in 0..count {
            let _ = writeln!(
                rows,
                "{},事项{category}-{number},c{category}",
                matter(category, number)
            );
        }
    }
    rows
}

fn duties() -> String {
    let mut rows = format!("{DUTY_COLUMNS}\n");
    for number in 0..COUNTIES {
        let area = county(number);
        for category in 0..BUREAUS {
            let agency = bureau(&area, category);
            let _ = writeln!(
                rows,
                "c{category},{area},first_handler,{agency},,,county,职责清单,"
            );
        }
    }
    rows
}
