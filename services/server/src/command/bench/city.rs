//! A random city: as many duties as asked for, spread over counties and towns as real lists are, and clues about them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bihuan_domain::clue::Attribute;
use bihuan_domain::code::{AreaCode, MatterCode, Severity};
use bihuan_domain::routing::{DUTY_COLUMNS, Rulebook};
use bihuan_rulebook::Files;
use jiff::civil::{DateTime, date};

use super::random::Random;

const COUNTIES: usize = 6;
const TOWNS: usize = 17;
const CATEGORIES: usize = 6;
/// One duty in so many carries a predicate.
const PREDICATE: usize = 5;
const SEVERITIES: [&str; 3] = ["low", "high", "urgent"];
const PLACE_KINDS: [&str; 4] = ["street", "residential", "market", "river"];

const MANIFEST: &str = "label = \"random\"
title = \"随机\"
title_en = \"random\"
time_zone = \"Asia/Shanghai\"

[attributes]
place_kind = { type = \"text\", values = [\"street\", \"residential\", \"market\", \"river\"] }
floors = { type = \"integer\" }
";

/// What is asked about.
pub(super) struct Clue {
    pub(super) matter: MatterCode,
    pub(super) area: AreaCode,
    pub(super) reported_at: DateTime,
    pub(super) severity: Option<Severity>,
    pub(super) attributes: Vec<Attribute>,
}

/// A rulebook without contradictions.
pub(super) fn files(duties: usize, random: &mut Random) -> Files {
    // a matter has some hundred rows that do not contradict each other
    let matters = 100.max(duties / 100);
    let mut files = Files::default();
    files.insert("rulebook.toml", MANIFEST);
    files.insert("areas.csv", areas());
    files.insert("agencies.csv", agencies());
    let mut catalogue = "code,name,category\n".to_owned();
    for matter in 0..matters {
        let _ = writeln!(catalogue, "m{matter:03},事项{matter},c{}", matter % CATEGORIES);
    }
    files.insert("matters.csv", catalogue);
    let mut rows = DUTY_COLUMNS.to_owned() + "\n";
    let mut taken = BTreeSet::new();
    // a default, so that not everything that is random goes to triage
    rows.push_str("*,33,first_handler,city-0,,,city,,\n");
    let mut written = 1;
    while written < duties {
        let (row, key) = duty(matters, random);
        if taken.insert(key) {
            rows.push_str(&row);
            written += 1;
        }
    }
    files.insert("duties.csv", rows);
    files
}

fn county(number: usize) -> String {
    format!("33{number:04}")
}

fn town(county_number: usize, number: usize) -> String {
    format!("{}{number:03}", county(county_number))
}

fn areas() -> String {
    let mut rows = "code,name,level\n33,市,city\n".to_owned();
    for county_number in 0..COUNTIES {
        let _ = writeln!(rows, "{},县{county_number},county", county(county_number));
        for number in 0..TOWNS {
            let code = town(county_number, number);
            let _ = writeln!(rows, "{code},镇{county_number}-{number},town");
        }
    }
    rows
}

fn agencies() -> String {
    let mut rows = "id,name,level,area\n".to_owned();
    for bureau in 0..20 {
        let _ = writeln!(rows, "city-{bureau},市局{bureau},city,33");
        for county_number in 0..COUNTIES {
            let area = county(county_number);
            let _ = writeln!(rows, "{area}-{bureau},县局{county_number}-{bureau},county,{area}");
        }
    }
    for county_number in 0..COUNTIES {
        for number in 0..TOWNS {
            let area = town(county_number, number);
            let _ = writeln!(rows, "{area},镇政府{county_number}-{number},town,{area}");
        }
    }
    rows
}

/// A row, and what no other row may have in common with it.
fn duty(matters: usize, random: &mut Random) -> (String, String) {
    let matter = match random.below(20) {
        0 => format!("c{}", random.below(CATEGORIES)),
        _ => format!("m{:03}", random.below(matters)),
    };
    let (county_number, bureau) = (random.below(COUNTIES), random.below(20));
    let (area, agency, layer) = match random.below(10) {
        0 => ("33".to_owned(), format!("city-{bureau}"), "city"),
        1..=3 => {
            let area = county(county_number);
            (area.clone(), format!("{area}-{bureau}"), "county")
        }
        _ => {
            let area = town(county_number, random.below(TOWNS));
            (area.clone(), area, "delegation")
        }
    };
    let role = match random.below(10) {
        0 => "penalty",
        1 => "assisting",
        _ => "first_handler",
    };
    let from = if random.one_in(10) { "2026-03-01" } else { "" };
    let when = if random.one_in(PREDICATE) {
        predicate(random)
    } else {
        String::new()
    };
    let row = format!("{matter},{area},{role},{agency},{from},,{layer},,{when}\n");
    let key = format!("{matter},{area},{role},{layer},{}", when.is_empty());
    (row, key)
}

fn predicate(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("severity == '{}'", random.of(&SEVERITIES)),
        1 => "hour >= 22 || hour < 6".to_owned(),
        2 => {
            let kind = random.of(&PLACE_KINDS);
            format!("has(attributes.place_kind) && place_kind == '{kind}'")
        }
        _ => "has(attributes.floors) && floors > 3 && weekday <= 5".to_owned(),
    }
}

/// Random clues about what the rulebook knows.
pub(super) fn clues(rulebook: &Rulebook, count: usize, random: &mut Random) -> Vec<Clue> {
    let matters: Vec<_> = rulebook.matters.keys().collect();
    let areas: Vec<_> = rulebook.areas.keys().collect();
    let severities = SEVERITIES.map(|code| Severity::new(code).expect("a severity"));
    let mut clue = || Clue {
        matter: (*random.of(&matters)).clone(),
        area: (*random.of(&areas)).clone(),
        reported_at: date(2026, 1 + random.below(6) as i8, 1 + random.below(28) as i8).at(
            random.below(24) as i8,
            0,
            0,
            0,
        ),
        severity: (!random.one_in(4)).then(|| random.of(&severities).clone()),
        attributes: attributes(random),
    };
    (0..count).map(|_| clue()).collect()
}

fn attributes(random: &mut Random) -> Vec<Attribute> {
    let mut attributes = Vec::new();
    let mut add = |name: &str, value: String| {
        attributes.push(Attribute {
            name: name.to_owned(),
            value,
        });
    };
    if random.one_in(2) {
        add("place_kind", (*random.of(&PLACE_KINDS)).to_owned());
    }
    if random.one_in(2) {
        add("floors", random.below(10).to_string());
    }
    attributes
}
