//! A small city to decide in: 3306 with the counties 330602 and 330603, two towns in the first.

mod backtest;
mod changes;
mod explanation;
mod laws;
mod metamorphic;
mod places;
mod precedence;
mod predicates;
mod waiting;

use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::{Agency, Area, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook};
use crate::code::{AgencyId, AreaCode, CategoryCode, Level, MatterCode, RulebookVersion};

fn matter(code: &str) -> MatterCode {
    MatterCode::new(code).expect("a matter")
}

fn area(code: &str) -> AreaCode {
    AreaCode::new(code).expect("an area")
}

fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("an agency")
}

const TODAY: Date = date(2026, 1, 5);

/// `*`, `#category` or a matter's code.
fn pattern(text: &str) -> MatterPattern {
    match text.strip_prefix('#') {
        _ if text == "*" => MatterPattern::Any,
        Some(category) => MatterPattern::Category(CategoryCode::new(category).expect("a category")),
        None => MatterPattern::Matter(matter(text)),
    }
}

/// A first-handler row without end; its line is set by [`rulebook`].
fn duty(matter: &str, place: &str, layer: Layer, holder: &str) -> Duty {
    Duty {
        line: 0,
        matter: pattern(matter),
        area: area(place),
        agency: agency(holder),
        role: DutyRole::FirstHandler,
        from: None,
        to: None,
        layer,
        basis: "样例".to_owned(),
        when: None,
    }
}

fn with_role(role: DutyRole, duty: Duty) -> Duty {
    Duty { role, ..duty }
}

fn valid(from: Option<Date>, to: Option<Date>, duty: Duty) -> Duty {
    Duty { from, to, ..duty }
}

fn place(code: &str, name: &str, name_en: &str, level: Level) -> (AreaCode, Area) {
    let (name, name_en) = (name.to_owned(), name_en.to_owned());
    (
        area(code),
        Area {
            code: area(code),
            name,
            name_en,
            level,
        },
    )
}

fn areas() -> BTreeMap<AreaCode, Area> {
    BTreeMap::from([
        place("3306", "绍兴市", "Shaoxing", Level::City),
        place("330602", "越城区", "Yuecheng", Level::County),
        place("330603", "柯桥区", "Keqiao", Level::County),
        place("330602001", "塔山街道", "Tashan", Level::Town),
        place("330602002", "府山街道", "Fushan", Level::Town),
        place("330603001", "柯桥街道", "", Level::Town),
        place("330602001001", "东湖村", "", Level::Village),
        place("330602002001", "东湖村", "", Level::Village),
        place("330602002002", "府山", "", Level::Village),
        place("330603001001", "福年社区", "", Level::Village),
    ])
}

fn holder(id: &str, level: Level, place: &str) -> (AgencyId, Agency) {
    let known = Agency {
        id: agency(id),
        name: format!("{id}局"),
        name_en: String::new(),
        level: Some(level),
        area: Some(area(place)),
        credit_code: None,
        kind: String::new(),
    };
    (agency(id), known)
}

fn catalogue(code: &str, category: Option<&str>) -> (MatterCode, Matter) {
    let known = Matter {
        code: matter(code),
        name: format!("{code}事项"),
        name_en: String::new(),
        category: category.map(|category| CategoryCode::new(category).expect("a category")),
        severity: None,
        basis: String::new(),
    };
    (matter(code), known)
}

/// The duties stand on lines 2, 3, … as they would in the file.
fn rulebook(duties: Vec<Duty>) -> Rulebook {
    let lines = (2..).zip(duties).map(|(line, duty)| Duty { line, ..duty });
    Rulebook {
        version: RulebookVersion::new("abc123").expect("a version"),
        label: "sample".to_owned(),
        title: "样例".to_owned(),
        title_en: "sample".to_owned(),
        areas: areas(),
        agencies: BTreeMap::from([
            holder("city", Level::City, "3306"),
            holder("county", Level::County, "330602"),
            holder("county-b", Level::County, "330602"),
            holder("tashan", Level::Town, "330602001"),
            holder("fushan", Level::Town, "330602002"),
        ]),
        matters: BTreeMap::from([
            catalogue("m1", Some("street")),
            catalogue("m2", Some("street")),
            catalogue("m3", None),
        ]),
        duties: lines.collect(),
        ..Rulebook::none()
    }
}
