//! What a change of the rulebook must leave alone.

use std::collections::BTreeSet;

use jiff::civil::Date;
use proptest::prelude::*;

use super::super::{Answer, Duty, Rulebook, Verdict, decide, explain};
use super::laws::{AREAS, MATTERS, Says, asked, day, duties, says};
use super::{area, rulebook};

type Clue = (&'static str, &'static str, Date, Says);

fn clue() -> impl Strategy<Value = Clue> {
    (
        prop::sample::select(&MATTERS[2..]),
        prop::sample::select(&AREAS[..]),
        day(),
        says(),
    )
}

/// Who got it, whatever the numbers and the order of the rows.
fn who(book: &Rulebook, clue: Clue) -> Result<(String, Option<String>, BTreeSet<String>), &'static str> {
    match asked(clue, |question| decide(book, question)) {
        Answer::Assigned { assignment, .. } => Ok((
            assignment.agency.to_string(),
            assignment.penalty.map(|agency| agency.to_string()),
            assignment.assisting.iter().map(ToString::to_string).collect(),
        )),
        Answer::Triage { reason } => Err(reason.as_str()),
    }
}

/// The book with one row more, at the end, and its line.
fn with(duties: &[Duty], more: &Duty) -> (Rulebook, u32) {
    let book = rulebook(duties.iter().chain([more]).cloned().collect());
    let line = book.duties.last().map_or(0, |row| row.line);
    (book, line)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_order_of_the_rows_changes_nothing(
        (duties, shuffled) in duties().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        clue in clue(),
    ) {
        prop_assert_eq!(who(&rulebook(duties), clue), who(&rulebook(shuffled), clue));
    }

    #[test]
    fn a_row_that_loses_changes_nothing(rows in duties(), more in duties(), clue in clue()) {
        for more in &more {
            let (book, line) = with(&rows, more);
            let explanation = asked(clue, |question| explain(&book, question));
            let verdict = explanation.lost.iter().find(|row| row.line == line).map(|row| &row.verdict);
            let lost = matches!(
                verdict,
                Some(
                    Verdict::LessSpecificMatter | Verdict::ShorterArea | Verdict::LowerLayer | Verdict::NotYetValid { .. }
                        | Verdict::Expired { .. } | Verdict::OtherArea | Verdict::NotCompetent | Verdict::NoPredicate
                        | Verdict::PredicateFalse | Verdict::SameAgency
                )
            );
            if lost {
                prop_assert_eq!(who(&rulebook(rows.clone()), clue), who(&book, clue));
            }
        }
    }

    #[test]
    fn a_row_changes_only_its_own_area_and_days(rows in duties(), more in duties(), clue in clue()) {
        let (_, place, on, _) = clue;
        for more in &more {
            let is_its_own = area(place).is_within(&more.area)
                && more.from.is_none_or(|from| on >= from)
                && more.to.is_none_or(|to| on < to);
            if !is_its_own {
                prop_assert_eq!(who(&rulebook(rows.clone()), clue), who(&with(&rows, more).0, clue));
            }
        }
    }
}
