//! Clues in triage, and the rows that would have decided them.

use std::sync::Arc;

use jiff::civil::Date;

use super::super::{Answer, Case, CompiledRulebook, Duty, First, Group, Layer, Subject, Waiting, decide};
use super::predicates::{STREET, understood};
use super::{agency, area, duty, matter, rulebook};
use crate::clue::testing;
use crate::code::SourceId;
use crate::id::ClueId;
use crate::time::Timestamp;

fn case(number: u32, about: Option<&str>, place: Option<&str>) -> Case {
    let source = SourceId::new("grid").expect("a source");
    let subject = Subject {
        matter: about.map(matter),
        area: place.map(area),
        reported_at: Timestamp::EPOCH.plus_days(i64::from(number)),
        attributes: Vec::new(),
        severity: None,
        ..Subject::of(&testing::report())
    };
    Case {
        clue: ClueId::derive(&source, &number.to_string()),
        number: number.to_string(),
        subject,
        source_matter: about.is_none().then(|| "乱堆, 乱放".to_owned()),
        source_area: None,
        first: First::Triage,
        right: None,
        recorded: None,
        moves: 0,
    }
}

fn groups(duties: Vec<Duty>, cases: &[Case]) -> Vec<Group> {
    let compiled = CompiledRulebook::new(Arc::new(rulebook(duties)));
    let mut waiting = Waiting::new(&compiled);
    assert!(waiting.is_empty());
    for case in cases {
        waiting.add(case);
    }
    waiting.finish(|about, place| {
        (about.as_str() == "m1" && place.as_str() == "330602").then(|| agency("county"))
    })
}

/// The drafted row as `duties.csv` would have it.
fn drafted(group: &Group) -> Duty {
    let draft = group.draft.as_ref().expect("a draft");
    let cells: Vec<_> = draft.row.split(',').collect();
    assert_eq!(
        (draft.file, cells[2], cells.len()),
        ("duties.csv", "first_handler", 9)
    );
    Duty {
        from: Some(cells[4].parse::<Date>().expect("a date")),
        ..duty(
            cells[0],
            cells[1],
            Layer::parse(cells[6]).expect("a layer"),
            cells[3],
        )
    }
}

#[test]
fn a_drafted_row_decides_all_clues_of_its_group_and_is_as_narrow_as_that_allows() {
    let cases = [
        case(5, Some("m1"), Some("330602001")),
        case(3, Some("m1"), Some("330602002001")),
        case(4, Some("m1"), Some("330603")),
    ];
    let groups = groups(Vec::new(), &cases);
    let told: Vec<_> = groups
        .iter()
        .map(|group| (group.cause.county.as_ref().map(ToString::to_string), group.clues))
        .collect();
    assert_eq!(
        told,
        [(Some("330602".to_owned()), 2), (Some("330603".to_owned()), 1)]
    );
    let draft = groups[0].draft.as_ref().expect("a draft");
    assert_eq!(draft.row, "m1,330602,first_handler,county,1970-01-04,,county,,");
    assert_eq!(groups[0].oldest, cases[1].subject.reported_at);
    let book = rulebook(vec![drafted(&groups[0])]);
    for case in &cases[..2] {
        let answer = decide(&book, &case.subject.question(&book.zone));
        assert!(matches!(answer, Answer::Assigned { .. }), "{answer:?}");
    }
    let unknown = groups[1].draft.as_ref().expect("a draft");
    assert!(
        unknown.agency.is_none() && unknown.row.contains(",?,"),
        "{unknown:?}"
    );
}

#[test]
fn each_reason_has_its_own_remedy() {
    let tied = [
        duty("m1", "330602", Layer::County, "county"),
        duty("m1", "330602", Layer::County, "county-b"),
    ];
    let open = Duty {
        when: Some(understood(STREET)),
        ..duty("m2", "330602", Layer::County, "county")
    };
    let duties = tied.into_iter().chain([open]).collect();
    let cases = [
        case(1, Some("m1"), Some("330602001")),
        case(2, Some("m2"), Some("330602001")),
        case(3, Some("elsewhere"), Some("330602001")),
        case(4, None, Some("330602001")),
        case(5, Some("m1"), None),
    ];
    let groups = groups(duties, &cases);
    let of = |reason: &str| {
        let mut found = groups.iter().filter(|group| group.cause.reason == reason);
        let first = found.next().unwrap_or_else(|| panic!("{reason}: {groups:?}"));
        assert!(found.next().is_none());
        first
    };
    let tie = of("tie");
    assert_eq!((&tie.cause.lines[..], tie.draft.is_none()), (&[2, 3][..], true));
    let asked = of("predicate_unanswered");
    assert_eq!(
        (asked.cause.facts.join(" "), &asked.cause.lines[..]),
        ("kind".to_owned(), &[4][..])
    );
    let row = |reason| {
        of(reason)
            .draft
            .as_ref()
            .map(|draft| (draft.file, draft.row.as_str()))
    };
    assert_eq!(
        row("matter_unknown"),
        Some(("matters.csv", "elsewhere,elsewhere,,,,"))
    );
    assert_eq!(
        row("matter_missing"),
        Some(("crosswalk.csv", "grid,\"乱堆, 乱放\",?,"))
    );
    assert_eq!(row("area_missing"), None);
}

#[test]
fn what_the_rulebook_decides_by_now_is_told_so() {
    let duties = vec![duty("m1", "330602", Layer::County, "county")];
    let groups = groups(duties, &[case(1, Some("m1"), Some("330602001"))]);
    assert_eq!(
        (groups[0].cause.reason, groups[0].draft.is_none()),
        ("matched", true)
    );
}

#[test]
fn a_draft_ends_where_somebody_comes_by_himself() {
    let later = Duty {
        from: Some(jiff::civil::date(1970, 3, 1)),
        ..duty("m1", "330602", Layer::County, "county-b")
    };
    let groups = groups(vec![later], &[case(1, Some("m1"), Some("330602001"))]);
    let draft = groups[0].draft.as_ref().expect("a draft");
    assert_eq!(
        draft.row,
        "m1,330602001,first_handler,?,1970-01-02,1970-03-01,county,,"
    );
    assert_eq!(draft.header.split(',').count(), draft.row.split(',').count());
}

#[test]
fn of_a_tie_only_the_rows_that_tie_are_named_and_of_open_predicates_the_strongest() {
    let conditional = |place, holder| Duty {
        when: Some(understood(STREET)),
        ..duty("m1", place, Layer::County, holder)
    };
    let tied = vec![
        duty("m1", "330602001", Layer::County, "county"),
        duty("m1", "330602001", Layer::County, "county-b"),
        conditional("330602", "county"),
    ];
    let clue = [case(1, Some("m1"), Some("330602001"))];
    assert_eq!(groups(tied, &clue)[0].cause.lines, [2, 3]);
    let open = vec![
        conditional("330602001", "county"),
        conditional("330602", "county-b"),
    ];
    assert_eq!(groups(open, &clue)[0].cause.lines, [2]);
}

#[test]
fn words_without_end_are_one_group_in_the_end() {
    let mut cases: Vec<_> = (0..600).map(|number| case(number, Some("m1"), None)).collect();
    for (number, case) in cases.iter_mut().enumerate() {
        case.source_area = Some(format!("at number {number}"));
    }
    let groups = groups(Vec::new(), &cases);
    assert_eq!(groups.len(), 501);
    assert_eq!((groups[0].clues, &groups[0].cause.source_area), (100, &None));
}
