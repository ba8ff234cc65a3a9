//! Laws over random rulebooks: the index, the plain decision and the explanation are one decision.

use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::{
    Answer, CompiledRulebook, Duty, DutyRole, Layer, MatterPattern, Question, Rulebook, Triage, Verdict,
    decide, explain,
};
use super::{area, duty, matter, rulebook};
use crate::code::Level;

const AREAS: [&str; 6] = [
    "3306",
    "330602",
    "330603",
    "330602001",
    "330602002",
    "330602001001",
];
const MATTERS: [&str; 5] = ["*", "#street", "m1", "m2", "m3"];
const HOLDERS: [&str; 5] = ["city", "county", "county-b", "tashan", "fushan"];

fn day() -> impl Strategy<Value = Date> {
    (1_i8..6).prop_map(|day| date(2026, 1, day))
}

fn duties() -> impl Strategy<Value = Vec<Duty>> {
    let row = (
        prop::sample::select(&MATTERS[..]),
        prop::sample::select(&AREAS[..]),
        prop::sample::select(&Layer::ALL[..]),
        prop::sample::select(&HOLDERS[..]),
        prop::sample::select(&DutyRole::ALL[..]),
        prop::option::weighted(0.3, day()),
        prop::option::weighted(0.3, day()),
    );
    let row = row.prop_map(|(matter, place, layer, holder, role, from, to)| Duty {
        role,
        from,
        to,
        ..duty(matter, place, layer, holder)
    });
    prop::collection::vec(row, 0..24)
}

/// The definition once more, written differently: each row gets a sortable key, the greatest wins.
fn reference(book: &Rulebook, about: &str, place: &str, on: Date, role: DutyRole) -> Vec<Duty> {
    let key = |row: &Duty| {
        let known = &book.matters[&matter(about)];
        let specific = match &row.matter {
            MatterPattern::Any => 1,
            MatterPattern::Category(category) => 2 * u32::from(known.category.as_ref() == Some(category)),
            MatterPattern::Matter(code) => 3 * u32::from(code.as_str() == about),
        };
        let layer = Layer::ALL.iter().position(|layer| *layer == row.layer);
        let holder = &book.agencies[&row.agency];
        let its_town = holder.level == Some(Level::Town)
            && holder
                .area
                .as_ref()
                .is_some_and(|own| place.starts_with(own.as_str()));
        let holds = specific > 0
            && row.role == role
            && place.starts_with(row.area.as_str())
            && row.from.is_none_or(|from| from <= on)
            && row.to.is_none_or(|to| on < to)
            && (row.layer != Layer::Delegation || its_town);
        holds.then_some((specific, row.area.as_str().len(), layer))
    };
    let greatest = book.duties.iter().filter_map(key).max();
    book.duties
        .iter()
        .filter(|row| greatest.is_some() && key(row) == greatest)
        .cloned()
        .collect()
}

fn check(book: &Rulebook, about: &str, place: &str, on: Date) -> Result<(), TestCaseError> {
    let (code, lies_in) = (matter(about), area(place));
    let question = Question {
        matter: Some(&code),
        area: Some(&lies_in),
        reported_at: on.at(10, 0, 0, 0),
            severity: None,
            source: None,
            attributes: &[],
    };
    let answer = decide(book, &question);
    let first = reference(book, about, place, on, DutyRole::FirstHandler);
    let alone = first.iter().all(|row| row.agency == first[0].agency);
    match &answer {
        Answer::Triage {
            reason: Triage::NoDuty,
        } => prop_assert!(first.is_empty()),
        Answer::Triage { reason } => prop_assert!(*reason == Triage::Tie && !alone),
        Answer::Assigned { assignment, row } => {
            prop_assert!(alone);
            prop_assert_eq!((&assignment.agency, *row), (&first[0].agency, first[0].line));
            let penalty = reference(book, about, place, on, DutyRole::Penalty);
            let sole = penalty
                .first()
                .filter(|sole| penalty.iter().all(|row| row.agency == sole.agency));
            prop_assert_eq!(assignment.penalty.as_ref(), sole.map(|row| &row.agency));
            let assisting = reference(book, about, place, on, DutyRole::Assisting);
            for row in assisting.iter().filter(|row| row.agency != assignment.agency) {
                prop_assert!(assignment.assisting.contains(&row.agency));
            }
        }
    }
    prop_assert_eq!(
        &CompiledRulebook::new(Arc::new(book.clone())).decide(&question),
        &answer
    );
    let explanation = explain(book, &question);
    prop_assert_eq!(&explanation.answer, &answer);
    prop_assert_eq!(explanation.winner.as_ref().map(|row| row.line), answer.row());
    prop_assert!(explanation.lost.iter().all(|row| row.verdict != Verdict::Won));
    let tied = explanation.lost.iter().any(|row| row.verdict == Verdict::Tied);
    prop_assert_eq!(tied, answer == Answer::Triage { reason: Triage::Tie });
    // Without the winner's agency the runner-up would have it, or share it.
    let others = book
        .duties
        .iter()
        .filter(|row| Some(&row.agency) != first.first().map(|row| &row.agency));
    let without = Rulebook {
        duties: others.cloned().collect(),
        ..book.clone()
    };
    let next = reference(&without, about, place, on, DutyRole::FirstHandler);
    let expected = answer.row().and_then(|_| next.first()).map(|row| row.line);
    prop_assert_eq!(explanation.runner_up, expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_way_of_deciding_agrees(
        duties in duties(),
        about in prop::sample::select(&MATTERS[2..]),
        place in prop::sample::select(&AREAS[..]),
        on in day(),
    ) {
        check(&rulebook(duties), about, place, on)?;
    }
}
