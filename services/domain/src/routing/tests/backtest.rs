//! What a candidate would have done.

use std::sync::Arc;

use super::super::{Backtest, Backtesting, Case, CompiledRulebook, Duty, First, Layer, Load, Subject};
use super::{agency, area, duty, matter, rulebook};
use crate::clue::testing;
use crate::code::SourceId;
use crate::id::ClueId;

fn case(number: u32, about: Option<&str>, first: Option<&str>, right: Option<&str>, moves: u32) -> Case {
    let source = SourceId::new("grid").expect("a source");
    Case {
        clue: ClueId::derive(&source, &number.to_string()),
        number: number.to_string(),
        subject: Subject {
            matter: about.map(matter),
            area: Some(area("330602001")),
            ..Subject::of(&testing::report())
        },
        source_matter: about.is_none().then(|| "M-1".to_owned()),
        source_area: None,
        first: first.map_or(First::Triage, |id| First::Agency(agency(id))),
        right: right.map(agency),
        recorded: None,
        moves,
    }
}

fn tested(candidate: &CompiledRulebook, cases: &[Case]) -> Backtest {
    let mut testing = Backtesting::new(candidate);
    for case in cases {
        let rerouted = testing.add(case).expect("it was answered");
        assert_eq!(rerouted.number, case.number);
        assert_eq!(rerouted.row.is_some(), rerouted.to.is_some());
    }
    testing.finish()
}

fn candidate(duties: Vec<Duty>) -> CompiledRulebook {
    let mut book = rulebook(duties);
    let source = SourceId::new("grid").expect("a source");
    book.crosswalk.insert((source, "M-1".to_owned()), matter("m1"));
    CompiledRulebook::new(Arc::new(book))
}

#[test]
fn what_changes_who_was_right_and_what_it_saves_is_counted() {
    let duties = vec![
        duty("m1", "330602", Layer::County, "county-b"),
        duty("m2", "330602", Layer::County, "county"),
    ];
    let found = tested(
        &candidate(duties),
        &[
            // went wrong, passed on twice; would have gone right
            case(1, Some("m1"), Some("county"), Some("county-b"), 2),
            // went right, would not have
            case(2, Some("m1"), Some("county"), Some("county"), 0),
            // as before, right
            case(3, Some("m2"), Some("county"), Some("county"), 0),
            // still open
            case(4, Some("m2"), Some("county-b"), None, 1),
            // waited in triage, now has a crosswalk
            case(5, None, None, Some("county-b"), 0),
            // nobody has it any more
            case(6, Some("m3"), Some("county"), Some("county"), 0),
        ],
    );
    assert_eq!((found.clues, found.changed, found.judged), (6, 5, 5));
    assert_eq!((found.right_before, found.right_after), (3, 3));
    assert_eq!((found.moves_avoided, found.spoiled), (2, 2));
    assert_eq!((found.triage_before, found.triage_after), (1, 1));
    assert_eq!(found.triage_reasons.get("no_duty"), Some(&1));
    let load = |id| found.load[&agency(id)];
    assert_eq!(load("county"), Load { before: 4, after: 2 });
    assert_eq!(load("county-b"), Load { before: 1, after: 3 });
    let shift = &found.shifts[0];
    assert_eq!(
        (shift.from.clone(), shift.to.clone()),
        (Some(agency("county")), Some(agency("county-b")))
    );
    assert_eq!((shift.clues, shift.from_right, shift.to_right), (2, 1, 1));
    assert_eq!(shift.examples, ["1", "2"]);
    let moved: u64 = found.shifts.iter().map(|shift| shift.clues).sum();
    assert_eq!(moved, found.changed);
}

#[test]
fn what_a_source_recorded_says_nothing_of_who_was_right_before() {
    let duties = vec![duty("m1", "330602", Layer::County, "county-b")];
    let recorded = |number, id| Case {
        first: First::Recorded(agency(id)),
        recorded: Some(agency(id)),
        ..case(number, Some("m1"), None, None, 0)
    };
    let cases = [recorded(1, "county-b"), recorded(2, "county")];
    let found = tested(&candidate(duties.clone()), &cases);
    assert_eq!((found.recorded, found.judged, found.right_after), (2, 2, 1));
    assert_eq!(
        (found.judged_before, found.right_before, found.spoiled),
        (0, 0, 0)
    );
    assert_eq!(found.changed, 1);
    let unanswered = Case {
        first: First::Unanswered,
        ..case(3, Some("m1"), None, None, 0)
    };
    let compiled = candidate(duties);
    let mut testing = Backtesting::new(&compiled);
    assert_eq!(testing.add(&unanswered), None);
    assert_eq!(testing.finish().clues, 0);
}
