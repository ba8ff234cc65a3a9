//! Laws over random rulebooks: the index, the plain decision and the explanation are one decision.

use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::{
    Answer, CompiledRulebook, Duty, DutyRole, Layer, MatterPattern, Question, Rulebook, Triage, Verdict,
    decide, explain,
};
use super::predicates::{NIGHT, STREET, URGENT, understood};
use super::{area, duty, matter, rulebook};
use crate::clue::Attribute;
use crate::code::{Level, Severity};

pub(super) const AREAS: [&str; 6] = [
    "3306",
    "330602",
    "330603",
    "330602001",
    "330602002",
    "330602001001",
];
pub(super) const MATTERS: [&str; 5] = ["*", "#street", "m1", "m2", "m3"];
const PREDICATES: [&str; 3] = [NIGHT, URGENT, STREET];
const HOLDERS: [&str; 5] = ["city", "county", "county-b", "tashan", "fushan"];

pub(super) fn day() -> impl Strategy<Value = Date> {
    (1_i8..6).prop_map(|day| date(2026, 1, day))
}

pub(super) fn duties() -> impl Strategy<Value = Vec<Duty>> {
    let row = (
        prop::sample::select(&MATTERS[..]),
        prop::sample::select(&AREAS[..]),
        prop::sample::select(&Layer::ALL[..]),
        prop::sample::select(&HOLDERS[..]),
        prop::sample::select(&DutyRole::ALL[..]),
        prop::option::weighted(0.3, day()),
        prop::option::weighted(0.3, day()),
        prop::option::weighted(0.4, prop::sample::select(&PREDICATES[..])),
    );
    let row = row.prop_map(|(matter, place, layer, holder, role, from, to, when)| Duty {
        role,
        from,
        to,
        when: when.map(understood),
        ..duty(matter, place, layer, holder)
    });
    prop::collection::vec(row, 0..24)
}

/// What the clue says besides.
#[derive(Clone, Copy, Debug)]
pub(super) struct Says {
    hour: i8,
    severity: Option<&'static str>,
    kind: Option<&'static str>,
}

pub(super) fn says() -> impl Strategy<Value = Says> {
    (
        prop::sample::select(vec![3_i8, 14, 23]),
        prop::option::of(prop::sample::select(vec!["urgent", "low"])),
        prop::option::of(prop::sample::select(vec!["street", "park"])),
    )
        .prop_map(|(hour, severity, kind)| Says { hour, severity, kind })
}

/// Whether a predicate holds, by its text; `None`: it has no answer.
pub(super) fn fulfilled(when: &str, says: Says) -> Option<bool> {
    match when {
        NIGHT => Some(says.hour >= 22),
        URGENT => says.severity.map(|it| it == "urgent"),
        STREET => says.kind.map(|it| it == "street"),
        other => panic!("{other}"),
    }
}

/// The definition once more, written differently: each row gets a sortable key, the greatest wins, and nobody does if a row that
/// is as great has no answer.
fn reference(
    book: &Rulebook,
    about: &str,
    place: &str,
    on: Date,
    says: Says,
    role: DutyRole,
) -> (Vec<Duty>, bool) {
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
        let may_hold = specific > 0
            && row.role == role
            && place.starts_with(row.area.as_str())
            && row.from.is_none_or(|from| from <= on)
            && row.to.is_none_or(|to| on < to)
            && (row.layer != Layer::Delegation || its_town)
            && row
                .when
                .as_ref()
                .is_none_or(|when| fulfilled(&when.text, says) != Some(false));
        may_hold.then_some((specific, row.area.as_str().len(), layer, row.when.is_some()))
    };
    let greatest = book.duties.iter().filter_map(key).max();
    let strongest = book
        .duties
        .iter()
        .filter(|row| greatest.is_some() && key(row) == greatest);
    let (certain, open): (Vec<_>, Vec<_>) = strongest.cloned().partition(|row| {
        row.when
            .as_ref()
            .is_none_or(|when| fulfilled(&when.text, says).is_some())
    });
    (certain, !open.is_empty())
}

/// Asks about a clue.
pub(super) fn asked<T>(
    (about, place, on, says): (&str, &str, Date, Says),
    ask: impl FnOnce(&Question<'_>) -> T,
) -> T {
    let (code, lies_in) = (matter(about), area(place));
    let severity = says.severity.map(|it| Severity::new(it).expect("a severity"));
    let kind = says.kind.map(|value| Attribute {
        name: "kind".to_owned(),
        value: value.to_owned(),
    });
    let attributes: Vec<_> = kind.into_iter().collect();
    ask(&Question {
        matter: Some(&code),
        area: Some(&lies_in),
        reported_at: on.at(says.hour, 0, 0, 0),
        is_dated: true,
        severity: severity.as_ref(),
        source: None,
        attributes: &attributes,
    })
}

fn check(book: &Rulebook, clue: (&str, &str, Date, Says)) -> Result<(), TestCaseError> {
    let (about, place, on, says) = clue;
    let answer = asked(clue, |question| decide(book, question));
    let (first, open) = reference(book, about, place, on, says, DutyRole::FirstHandler);
    prop_assert_eq!(
        open,
        answer
            == Answer::Triage {
                reason: Triage::Unanswered
            }
    );
    let alone = first.iter().all(|row| row.agency == first[0].agency);
    match &answer {
        Answer::Triage {
            reason: Triage::NoDuty,
        } => prop_assert!(first.is_empty()),
        Answer::Triage {
            reason: Triage::Unanswered,
        } => {}
        Answer::Triage { reason } => prop_assert!(*reason == Triage::Tie && !alone),
        Answer::Assigned { assignment, row } => {
            prop_assert!(alone);
            prop_assert_eq!((&assignment.agency, *row), (&first[0].agency, first[0].line));
            let certain = |role| match reference(book, about, place, on, says, role) {
                (rows, false) => rows,
                (_, true) => Vec::new(),
            };
            let penalty = certain(DutyRole::Penalty);
            let sole = penalty
                .first()
                .filter(|sole| penalty.iter().all(|row| row.agency == sole.agency));
            prop_assert_eq!(assignment.penalty.as_ref(), sole.map(|row| &row.agency));
            let assisting = certain(DutyRole::Assisting);
            for row in assisting.iter().filter(|row| row.agency != assignment.agency) {
                prop_assert!(assignment.assisting.contains(&row.agency));
            }
        }
    }
    let compiled = CompiledRulebook::new(Arc::new(book.clone()));
    prop_assert_eq!(&asked(clue, |question| compiled.decide(question)), &answer);
    let explanation = asked(clue, |question| explain(book, question));
    prop_assert_eq!(&asked(clue, |question| compiled.explain(question)), &explanation);
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
    let (next, _) = reference(&without, about, place, on, says, DutyRole::FirstHandler);
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
        says in says(),
    ) {
        check(&rulebook(duties), (about, place, on, says))?;
    }
}
