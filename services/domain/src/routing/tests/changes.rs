//! Who is competent where, what is open, and what changes between two rulebooks.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::super::{
    Answer, Competence, CompiledRulebook, Diff, Duty, DutyRole, Extent, GapKind, Gaps, Layer, MatterPattern,
    decide,
};
use super::laws::{AREAS, MATTERS, Says, asked, day, duties, fulfilled, says};
use super::{area, duty, matter, rulebook, valid};
use crate::code::AgencyId;
use crate::lang::Lang;

fn compiled(duties: Vec<Duty>) -> CompiledRulebook {
    CompiledRulebook::new(Arc::new(rulebook(duties)))
}

fn extent(it: &Extent) -> String {
    format!("{}{}", it.area, if it.alone { " alone" } else { "" })
}

const TODAY: Date = date(2026, 1, 2);

fn county(about: &str, place: &str, holder: &str) -> Duty {
    duty(about, place, Layer::County, holder)
}

#[test]
fn a_gap_is_told_by_the_widest_area_and_its_days() {
    let book = compiled(vec![
        county("m1", "3306", "city"),
        valid(None, Some(date(2026, 1, 5)), county("m2", "330602", "county")),
        valid(Some(date(2026, 1, 7)), None, county("m2", "330602", "county")),
        county("m3", "330602001", "tashan"),
        county("m3", "330602001", "fushan"),
    ]);
    let mut seen = BTreeSet::new();
    let mut see = |duty: &Duty| {
        seen.insert(duty.line);
    };
    let gaps = Gaps::of(&book, TODAY, &mut see, |_| false);
    assert_eq!(seen.len(), 5, "every row decides somewhere");
    let told = |about: &str| -> Vec<_> {
        let about = matter(about);
        let of = gaps.rows.iter().filter(|gap| gap.matters.contains(&about));
        of.map(|gap| {
            let areas: Vec<_> = gap.extents.iter().map(extent).collect();
            (gap.kind, gap.from, gap.to, areas.join(" "))
        })
        .collect()
    };
    assert_eq!(told("m1"), []);
    let told_of = |kind, from, to, areas: &str| (kind, from, to, areas.to_owned());
    let (lapse, again) = (date(2026, 1, 5), Some(date(2026, 1, 7)));
    assert_eq!(
        told("m2"),
        [
            told_of(GapKind::Nobody, TODAY, None, "3306 alone 330603"),
            told_of(GapKind::Nobody, lapse, again, "330602"),
        ]
    );
    assert!(
        told("m3").contains(&(GapKind::Tie, TODAY, None, "330602001".to_owned())),
        "{:?}",
        told("m3")
    );
}

#[test]
fn a_county_whose_list_moves_is_one_sentence() {
    let old = compiled(vec![
        county("m1", "330602", "county"),
        county("m2", "330602", "county-b"),
        county("m1", "330603", "county-b"),
    ]);
    let moved = |about| valid(Some(date(2026, 1, 5)), None, county(about, "330602", "tashan"));
    let ended = |row: Duty| valid(None, Some(date(2026, 1, 5)), row);
    let new = compiled(vec![
        ended(county("m1", "330602", "county")),
        ended(county("m2", "330602", "county-b")),
        moved("m1"),
        moved("m2"),
        county("m1", "330603", "county-b"),
    ]);
    let diff = Diff::of(&old, &new, TODAY);
    let books = (&**old.rulebook(), &**new.rulebook());
    let words = diff.words(Lang::En, books);
    assert_eq!(diff.moves.len(), 1, "{words:#?}");
    let it = &diff.moves[0];
    assert_eq!((it.since, it.until), (date(2026, 1, 5), None));
    assert_eq!(it.extents.iter().map(extent).collect::<Vec<_>>(), ["330602"]);
    assert_eq!(it.matters(), 2);
    assert!(
        words[0].starts_with("From 2026-01-05, in ") && words[0].contains("2 matters"),
        "{words:?}"
    );
    let zh = diff.words(Lang::Zh, books);
    assert!(
        zh[0].starts_with("自 2026-01-05 起，") && zh[0].contains("2 个事项"),
        "{zh:?}"
    );
}

#[test]
fn what_becomes_uncovered_or_tied_is_told() {
    let old = compiled(vec![
        county("m1", "330602", "county"),
        county("m2", "330602", "county"),
    ]);
    let new = compiled(vec![
        county("m2", "330602", "county"),
        county("m2", "330602", "county-b"),
    ]);
    let diff = Diff::of(&old, &new, TODAY);
    let of = |about: &str| {
        let about = matter(about);
        let mut moves = diff.moves.iter();
        moves
            .find(|it| it.parts.iter().any(|part| part.matters.contains(&about)))
            .expect("a move")
    };
    assert!(of("m1").uncovers() && !of("m1").ties());
    assert!(of("m2").ties() && !of("m2").uncovers());
    let words = diff.words(Lang::En, (old.rulebook(), new.rulebook())).join("\n");
    assert!(
        words.contains("to nobody") && words.contains("a tie of"),
        "{words}"
    );
}

/// Whom competence names for a clue that says so much, or why nobody.
fn expected(competence: &Competence, says: Says) -> Result<AgencyId, &'static str> {
    let sole = |agencies: BTreeSet<&AgencyId>| match agencies.len() {
        1 => Ok(agencies.into_iter().next().expect("one").clone()),
        _ => Err("tie"),
    };
    for level in &competence.conditional {
        let answers: Vec<_> = level
            .iter()
            .map(|it| (&it.agency, fulfilled(&it.when, says)))
            .collect();
        if answers.iter().any(|(_, holds)| holds.is_none()) {
            return Err("predicate_unanswered");
        }
        let holding: BTreeSet<_> = answers
            .iter()
            .filter(|(_, holds)| *holds == Some(true))
            .map(|(agency, _)| *agency)
            .collect();
        if !holding.is_empty() {
            return sole(holding);
        }
    }
    match competence.otherwise.len() {
        0 => Err("no_duty"),
        _ => sole(competence.otherwise.iter().collect()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Going through the levels of competence with what a clue says leads to whom the decision names.
    #[test]
    fn competence_with_predicates_names_whom_the_decision_names(
        rows in duties(),
        about in prop::sample::select(&MATTERS[2..]),
        place in prop::sample::select(&AREAS[..]),
        on in day(),
        says in says(),
    ) {
        let book = compiled(rows);
        let (code, lies_in) = (matter(about), area(place));
        let (competence, _) = book.competence(DutyRole::FirstHandler, &code, &lies_in, on);
        let decided = asked((about, place, on, says), |question| decide(book.rulebook(), question));
        prop_assert_eq!(decided.reason(), expected(&competence, says).map_or_else(|reason| reason, |_| "matched"));
        if let Answer::Assigned { assignment, .. } = decided {
            prop_assert_eq!(expected(&competence, says), Ok(assignment.agency));
        }
    }

    /// A rulebook does not differ from itself, and what a diff tells is exactly where two differ.
    #[test]
    fn a_diff_tells_every_change_and_no_other(old in duties(), new in duties(), on in day()) {
        let (old, new) = (compiled(old), compiled(new));
        prop_assert_eq!(Diff::of(&old, &old, TODAY).moves, []);
        let diff = Diff::of(&old, &new, date(2026, 1, 1));
        for (role, about, place) in everything() {
            let of = |book: &CompiledRulebook| book.competence(role, &about, &place, on).0;
            let (before, after) = (of(&old), of(&new));
            let told = diff.moves.iter().filter(|it| {
                it.role == role
                    && it.since <= on
                    && it.until.is_none_or(|until| on < until)
                    && it.extents.iter().any(|extent| extent.contains(&place))
            });
            let told = told.flat_map(|it| &it.parts).filter(|part| part.matters.contains(&about));
            let told: Vec<_> = told.map(|part| (&part.from, &part.to)).collect();
            if before == after {
                prop_assert_eq!(told, vec![]);
            } else {
                prop_assert_eq!(told, vec![(&before, &after)]);
            }
        }
    }
}

fn everything() -> impl Iterator<Item = (DutyRole, crate::code::MatterCode, crate::code::AreaCode)> {
    let each = DutyRole::ALL.into_iter().flat_map(|role| {
        let about = MATTERS[2..].iter();
        about.flat_map(move |about| AREAS.iter().map(move |place| (role, matter(about), area(place))))
    });
    each.filter(|(_, about, _)| MatterPattern::Matter(about.clone()) != MatterPattern::Any)
}
