//! Which row of the limits decides.

use super::super::{LimitRow, Limits, Step};
use super::limit;
use crate::code::{AreaCode, CategoryCode, MatterCode, Severity, SourceId};
use crate::routing::MatterPattern;

/// `(line, matter, severity, source, area)`; `#` before a category.
fn row((line, matter, severity, source, area): (u32, &str, &str, &str, &str)) -> LimitRow {
    LimitRow {
        line,
        matter: match (matter, matter.strip_prefix('#')) {
            ("*", _) => MatterPattern::Any,
            (_, Some(category)) => MatterPattern::Category(CategoryCode::new(category).expect("a category")),
            (matter, None) => MatterPattern::Matter(MatterCode::new(matter).expect("a matter")),
        },
        severity: Severity::new(severity).ok(),
        source: SourceId::new(source).ok(),
        area: AreaCode::new(area).ok(),
        step: Step::Handle,
        limit: limit("1wd"),
    }
}

#[test]
fn the_narrowest_row_decides() {
    let rows = [
        (2, "*", "", "", ""),
        (3, "*", "", "", "3306"),
        (4, "*", "", "", "330602"),
        (5, "*", "", "grid", ""),
        (6, "*", "urgent", "", ""),
        (7, "*", "urgent", "grid", ""),
        (8, "#street", "", "", ""),
        (9, "#street", "urgent", "", "330602"),
        (10, "m1", "", "", "330602"),
        (11, "m1", "", "hotline", ""),
        (12, "*", "", "", ""),
    ];
    let limits = Limits::new(rows.into_iter().map(row).collect());
    for (expected, matter, category, severity, source, area) in [
        (2, "", "", "", "", ""),
        (2, "m9", "", "", "", "4401"),
        (3, "m9", "", "", "", "330603"),
        (4, "m9", "", "", "hotline", "330602001"),
        (5, "m9", "", "", "grid", "330602001"),
        (6, "m9", "", "urgent", "hotline", "330602001"),
        (7, "m9", "", "urgent", "grid", "330602001"),
        (8, "m2", "street", "urgent", "grid", "3306"),
        (9, "m2", "street", "urgent", "grid", "330602001"),
        (8, "m2", "street", "minor", "grid", "330602001"),
        (10, "m1", "street", "urgent", "grid", "330602001"),
        (11, "m1", "street", "urgent", "hotline", "330602001"),
        // a row of the matter, but not there: its category's
        (8, "m1", "street", "", "grid", "330603"),
    ] {
        let found = limits.find(
            Step::Handle,
            MatterCode::new(matter).ok().as_ref(),
            CategoryCode::new(category).ok().as_ref(),
            Severity::new(severity).ok().as_ref(),
            SourceId::new(source).ok().as_ref(),
            AreaCode::new(area).ok().as_ref(),
        );
        assert_eq!(
            found.map(|row| row.line),
            Some(expected),
            "{matter} {severity} {source} {area}"
        );
    }
    assert_eq!(limits.find(Step::Check, None, None, None, None, None), None);
}

#[test]
fn the_index_finds_what_looking_at_every_row_finds() {
    use proptest::prelude::*;
    let word = |words: &'static [&'static str]| prop::sample::select(words);
    let some = |words: &'static [&'static str]| {
        (
            word(words),
            word(&["", "urgent", "minor"]),
            word(&["", "grid", "hotline"]),
            word(&["", "3306", "330602", "330603", "330602001"]),
        )
    };
    let rows = prop::collection::vec(some(&["*", "#street", "m1", "m2"]), 0..40);
    let asked = (some(&["", "m1", "m2", "m3"]), prop::bool::ANY);
    proptest!(|(rows in rows, ((matter, severity, source, area), street) in asked)| {
        let numbered = rows.into_iter().zip(2..);
        let rows: Vec<_> = numbered.map(|((m, s, o, a), line)| row((line, m, s, o, a))).collect();
        let (matter, severity) = (MatterCode::new(matter).ok(), Severity::new(severity).ok());
        let (source, area) = (SourceId::new(source).ok(), AreaCode::new(area).ok());
        let category = CategoryCode::new("street").ok().filter(|_| street);
        let holds = |row: &&LimitRow| {
            let is_matter = match &row.matter {
                MatterPattern::Any => true,
                MatterPattern::Category(code) => Some(code) == category.as_ref(),
                MatterPattern::Matter(code) => Some(code) == matter.as_ref(),
            };
            is_matter
                && (row.severity.is_none() || row.severity == severity)
                && (row.source.is_none() || row.source == source)
                && row.area.as_ref().is_none_or(|wide| area.as_ref().is_some_and(|it| it.is_within(wide)))
        };
        let rank = |row: &&LimitRow| {
            let matter = match &row.matter {
                MatterPattern::Any => 0,
                MatterPattern::Category(_) => 1,
                MatterPattern::Matter(_) => 2,
            };
            let length = row.area.as_ref().map_or(0, |area| area.as_str().len());
            (matter, row.severity.is_some(), row.source.is_some(), length, std::cmp::Reverse(row.line))
        };
        let expected = rows.iter().filter(holds).max_by_key(rank).map(|row| row.line);
        let limits = Limits::new(rows.clone());
        let found = limits.find(
            Step::Handle, matter.as_ref(), category.as_ref(), severity.as_ref(), source.as_ref(), area.as_ref(),
        );
        prop_assert_eq!(found.map(|row| row.line), expected);
    });
}
