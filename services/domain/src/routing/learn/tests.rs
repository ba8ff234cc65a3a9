//! A city of two counties, whose clues tell who had them.

use proptest::prelude::*;

use super::*;
use crate::clue::Attribute;
use crate::code::{Level, SourceId};
use crate::id::ClueId;
use crate::routing::{Agency, Area, First, Subject};
use crate::time::Timestamp;

fn matter(code: &str) -> MatterCode {
    MatterCode::new(code).expect("a matter")
}

fn area(code: &str) -> AreaCode {
    AreaCode::new(code).expect("an area")
}

fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("an agency")
}

/// `own`: agencies that are of one place.
fn city(own: &[(&str, &str)]) -> Rulebook {
    let mut rulebook = Rulebook::none();
    for (code, level) in [
        ("3306", Level::City),
        ("330602", Level::County),
        ("330603", Level::County),
        ("330602001", Level::Town),
    ] {
        let name = code.to_owned();
        let it = Area {
            code: area(code),
            name: name.clone(),
            name_en: name,
            level,
        };
        rulebook.areas.insert(area(code), it);
    }
    for (id, place) in own {
        let it = Agency {
            id: agency(id),
            name: (*id).to_owned(),
            name_en: String::new(),
            level: None,
            area: Some(area(place)),
            credit_code: None,
            kind: String::new(),
        };
        rulebook.agencies.insert(agency(id), it);
    }
    rulebook
}

/// A clue of the matter `m` that was recorded with `holder`.
fn clue(at: usize, place: &str, said: &[(&str, &str)], holder: &str) -> Case {
    let source = SourceId::new("s").expect("a source");
    let attributes = said.iter().map(|(name, value)| Attribute {
        name: (*name).to_owned(),
        value: (*value).to_owned(),
    });
    Case {
        clue: ClueId::derive(&source, &at.to_string()),
        number: format!("{at:04}"),
        subject: Subject {
            source,
            reported_at: Timestamp::from_micros(at as i64),
            is_dated: true,
            matter: Some(matter("m")),
            area: Some(area(place)),
            severity: None,
            attributes: attributes.collect(),
        },
        source_matter: None,
        source_area: None,
        first: First::Triage,
        right: None,
        recorded: Some(agency(holder)),
        moves: 0,
    }
}

type Kind<'a> = (usize, &'a str, &'a [(&'a str, &'a str)], &'a str);

/// So many clues of each kind.
fn clues(kinds: &[Kind<'_>]) -> Vec<Case> {
    let mut all = Vec::new();
    for (count, place, said, holder) in kinds {
        for _ in 0..*count {
            all.push(clue(all.len(), place, said, holder));
        }
    }
    all
}

fn learn(rulebook: &Rulebook, cases: &[Case]) -> Learned {
    let options = Options {
        min_support: 2,
        min_share: 90.0,
        can_name: |name| name.is_ascii(),
    };
    let mut learner = Learner::new(rulebook, options);
    loop {
        for case in cases {
            learner.add(case);
        }
        if !learner.end_pass() {
            return learner.finish();
        }
    }
}

/// The rows in short: area, what is asked, agency, clues, of which right.
fn rows(learned: &Learned) -> Vec<String> {
    let rows = learned.rows.iter().map(|row| {
        let when = row.when.as_ref().map_or_else(String::new, |it| {
            let values: Vec<_> = it.values.iter().map(String::as_str).collect();
            format!(
                " {}{}{}={}",
                if it.negated { "not " } else { "" },
                it.fact.name(),
                if it.missing { "?" } else { "" },
                values.join("|")
            )
        });
        format!("{}{when} {} {}/{}", row.area, row.agency, row.right, row.support)
    });
    rows.collect()
}

#[test]
fn the_agency_of_most_clues_has_the_matter_and_the_others_are_exceptions() {
    let cases = clues(&[(9, "330602", &[], "a"), (1, "330603", &[], "b")]);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 a 9/10"]);
    let exception = Exception {
        agency: agency("b"),
        clues: 1,
        examples: vec!["0009".to_owned()],
    };
    assert_eq!(learned.rows[0].exceptions, [exception]);
    assert_eq!((learned.clues, learned.learned_from, learned.right), (10, 10, 9));
    assert_eq!(learned.new_agencies, BTreeSet::from([agency("a")]));
}

#[test]
fn an_area_is_told_apart_where_it_makes_a_difference() {
    let cases = clues(&[
        (40, "330602", &[], "a"),
        (20, "330603", &[], "b"),
        (1, "330603", &[], "a"),
    ]);
    assert_eq!(
        rows(&learn(&city(&[]), &cases)),
        ["3306 a 40/40", "330603 b 20/21"]
    );
}

#[test]
fn an_agency_of_one_place_has_no_duty_beyond_it() {
    let own = [("a", "330602"), ("b", "330603")];
    let cases = clues(&[(4, "330602001", &[], "a"), (1, "330603", &[], "b")]);
    // and one clue elsewhere proves nothing
    assert_eq!(rows(&learn(&city(&own), &cases)), ["330602 a 4/4"]);
    let cases = clues(&[(5, "330602001", &[], "a"), (5, "330603", &[], "b")]);
    assert_eq!(
        rows(&learn(&city(&own), &cases)),
        ["330602 a 5/5", "330603 b 5/5"]
    );
    // that it is of one place is not believed where its clues lie elsewhere
    let cases = clues(&[(4, "3306", &[], "a"), (1, "330603", &[], "a")]);
    assert_eq!(rows(&learn(&city(&own), &cases)), ["3306 a 5/5"]);
}

#[test]
fn two_clues_of_fifty_are_enough_for_an_attribute_where_chance_has_no_part_in_it() {
    let graffiti: &[(&str, &str)] = &[("kind", "wall")];
    let asked: &[(&str, &str)] = &[("kind", "report")];
    let cases = clues(&[(49, "330602", graffiti, "a"), (2, "330602", asked, "b")]);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 a 49/49", "3306 kind=report b 2/2"]);
    assert!(learned.unsure.contains(&Unsure::FewClues { line: 3 }));
    // the same two among six may be chance
    let cases = clues(&[(4, "330602", graffiti, "a"), (2, "330602", asked, "b")]);
    assert_eq!(rows(&learn(&city(&[]), &cases)), ["3306 a 4/6"]);
}

#[test]
fn who_looks_at_many_groups_must_see_more_in_one() {
    // the same two of 51 as above, but each pair has numbers besides
    let numbers: Vec<_> = (0..25).map(|at| at.to_string()).collect();
    let mut cases = Vec::new();
    for at in 0..51 {
        let (kind, holder) = if at < 49 { ("wall", "a") } else { ("report", "b") };
        let number = &*numbers[at % 25];
        let said = [
            ("kind", kind),
            ("number", number),
            ("other", number),
            ("third", number),
        ];
        cases.push(clue(at, "330602", &said, holder));
    }
    assert_eq!(rows(&learn(&city(&[]), &cases)), ["3306 a 49/51"]);
}

#[test]
fn many_values_are_told_apart_in_rows_that_can_be_read() {
    let mut cases = clues(&[(2_100, "330602", &[("kind", "wall")], "a")]);
    for at in 0..2_000 {
        let kind = format!("kind {}", at % 100);
        cases.push(clue(at, "330602", &[("kind", &kind)], "b"));
    }
    let learned = learn(&city(&[]), &cases);
    let values = learned
        .rows
        .iter()
        .map(|row| row.when.as_ref().map_or(0, |when| when.values.len()));
    assert_eq!(values.collect::<Vec<_>>(), [0, 40, 40, 20]);
    assert_eq!(learned.right, 4_100);
}

#[test]
fn a_row_that_decides_about_no_clue_rests_on_nothing() {
    let (x, y): (&[_], &[_]) = (&[("kind", "x")], &[("kind", "y")]);
    let kinds = [
        (20, "330602", x, "b"),
        (19, "330602", x, "a"),
        (20, "330602", y, "c"),
        (19, "330602", y, "a"),
    ];
    let found = rows(&learn(&city(&[]), &clues(&kinds)));
    assert_eq!(found, ["3306 kind=x b 20/39", "3306 kind=y c 20/39"]);
}

#[test]
fn what_an_attribute_tells_apart_stays_within_the_area_of_its_row() {
    let night: &[_] = &[("kind", "night")];
    let cases = clues(&[
        (30, "330602", &[("kind", "day")], "a"),
        (10, "330602", night, "b"),
        (1, "3306", night, "b"),
    ]);
    let learned = learn(&city(&[("a", "330602")]), &cases);
    assert_eq!(rows(&learned), ["330602 a 30/30", "330602 kind=night b 10/10"]);
    let left = Unsure::NoRow {
        matter: matter("m"),
        clues: 1,
    };
    assert!(learned.unsure.contains(&left), "{:?}", learned.unsure);
}

#[test]
fn one_clue_is_an_exception_whatever_it_says() {
    let cases = clues(&[
        (5_000, "330602", &[("kind", "wall")], "a"),
        (1, "330603", &[("kind", "odd")], "b"),
    ]);
    assert_eq!(rows(&learn(&city(&[]), &cases)), ["3306 a 5000/5001"]);
}

#[test]
fn of_two_accounts_that_explain_the_same_the_simpler_one_counts() {
    // area and kind tell them apart equally well; kind has fewer values
    let wall: &[(&str, &str)] = &[("kind", "wall")];
    let cases = clues(&[
        (30, "330602", wall, "a"),
        (20, "330602001", wall, "a"),
        (9, "330603", &[("kind", "report")], "b"),
    ]);
    let found = rows(&learn(&city(&[]), &cases));
    assert_eq!(found, ["3306 a 50/50", "3306 kind=report b 9/9"]);
}

#[test]
fn what_a_clue_does_not_say_may_make_the_difference() {
    let said: &[(&str, &str)] = &[("kind", "wall")];
    let cases = clues(&[(30, "330602", said, "a"), (10, "330602", &[], "b")]);
    let found = rows(&learn(&city(&[]), &cases));
    assert_eq!(found, ["3306 a 30/30", "3306 kind?= b 10/10"]);
}

#[test]
fn within_an_area_an_attribute_is_told_apart_and_the_other_way_round() {
    let night: &[_] = &[("kind", "night")];
    let day: &[_] = &[("kind", "day")];
    let cases = clues(&[
        (60, "330602", day, "a"),
        (12, "330602", night, "a"),
        (40, "330603", day, "b"),
        (12, "330603", night, "c"),
    ]);
    let found = rows(&learn(&city(&[]), &cases));
    assert_eq!(
        found,
        ["3306 a 72/72", "330603 b 40/40", "330603 kind=night c 12/12"]
    );
    let cases = clues(&[
        (60, "330602", day, "a"),
        (20, "330603", day, "d"),
        (40, "330602", night, "b"),
        (30, "330603", night, "c"),
    ]);
    let found = rows(&learn(&city(&[]), &cases));
    assert_eq!(
        found,
        [
            "3306 a 60/60",
            "3306 kind=night b 40/40",
            "330603 kind=night c 30/30",
            "330603 not kind=night d 20/20"
        ]
    );
}

#[test]
fn where_agencies_had_as_many_nobody_guesses() {
    let cases = clues(&[(3, "330602", &[], "a"), (3, "330602", &[], "b")]);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), Vec::<String>::new());
    let tie = Unsure::Tie {
        matter: matter("m"),
        agencies: vec![agency("a"), agency("b")],
    };
    let left = Unsure::NoRow {
        matter: matter("m"),
        clues: 6,
    };
    assert_eq!(learned.unsure, [tie, left]);
}

#[test]
fn a_tie_that_an_attribute_explains_is_learned() {
    let (x, y): (&[_], &[_]) = (&[("kind", "x")], &[("kind", "y")]);
    let cases = clues(&[(100, "330602", x, "a"), (100, "330602", y, "b")]);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 kind=x a 100/100", "3306 kind=y b 100/100"]);
    assert_eq!(learned.unsure, []);
    // an area that explains more comes first
    let cases = clues(&[
        (60, "330602", x, "a"),
        (40, "330602", y, "a"),
        (40, "330603", x, "b"),
        (60, "330603", y, "b"),
    ]);
    let found = rows(&learn(&city(&[]), &cases));
    assert_eq!(found, ["330602 a 100/100", "330603 b 100/100"]);
}

#[test]
fn where_the_whole_ties_a_place_must_prove_that_it_differs() {
    let cases = clues(&[
        (5, "330602", &[], "a"),
        (5, "330602", &[], "b"),
        (1, "330602001", &[], "a"),
        (1, "330603", &[], "b"),
    ]);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), Vec::<String>::new());
    let left = Unsure::NoRow {
        matter: matter("m"),
        clues: 12,
    };
    assert!(learned.unsure.contains(&left), "{:?}", learned.unsure);
}

#[test]
fn what_no_predicate_can_read_is_left_out_and_named() {
    let mut rulebook = city(&[]);
    let number = crate::routing::Declared {
        kind: crate::routing::Type::Integer,
        values: Vec::new(),
    };
    rulebook.attributes.insert("floors".to_owned(), number);
    let mut cases = Vec::new();
    for at in 0..300 {
        let (text, floors) = (at.to_string(), if at % 2 == 0 { "low" } else { "1" });
        let said = [("text", &*text), ("类别", "x"), ("floors", floors)];
        cases.push(clue(at, "330602", &said, if at % 2 == 0 { "a" } else { "b" }));
    }
    cases.push(clue(300, "330602", &[], "a"));
    let learned = learn(&rulebook, &cases);
    assert_eq!(rows(&learned), ["3306 a 151/301"]);
    let attribute = |name: &str| name.to_owned();
    for expected in [
        Unsure::AttributeFree {
            matter: matter("m"),
            attribute: attribute("text"),
        },
        Unsure::AttributeName {
            attribute: attribute("类别"),
        },
        Unsure::AttributeUnreadable {
            attribute: attribute("floors"),
        },
        Unsure::ShareLow { line: 2 },
    ] {
        assert!(
            learned.unsure.contains(&expected),
            "{expected:?} is not in {:?}",
            learned.unsure
        );
    }
}

#[test]
fn who_closed_a_clue_counts_before_who_was_recorded_and_who_is_unknown_does_not() {
    let mut cases = clues(&[(3, "330602", &[], "a")]);
    for case in &mut cases[..2] {
        case.right = Some(agency("b"));
    }
    cases[2].recorded = None;
    let mut nameless = clue(3, "330602", &[], "b");
    nameless.subject.matter = None;
    nameless.source_matter = Some("占道经营".to_owned());
    cases.push(nameless);
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 b 2/2", "3306 b 1/1"]);
    assert_eq!((learned.clues, learned.without_agency), (4, 1));
    assert_eq!(
        learned.new_matters,
        BTreeSet::from([matter("m"), matter("占道经营")])
    );
}

#[test]
fn words_that_are_texts_are_no_matters() {
    let mut cases = clues(&[(3, "330602", &[], "a")]);
    for at in 0..=MAX_NEW_MATTERS {
        let mut case = clue(at, "330602", &[], "a");
        case.subject.matter = None;
        case.source_matter = Some(format!("something happened at {at}"));
        cases.push(case);
    }
    let mut rulebook = city(&[]);
    let known = crate::routing::Matter {
        code: matter("m"),
        name: String::new(),
        name_en: String::new(),
        category: None,
        severity: None,
        basis: String::new(),
    };
    rulebook.matters.insert(matter("m"), known);
    let learned = learn(&rulebook, &cases);
    assert_eq!(rows(&learned), ["3306 a 3/3"]);
    assert_eq!(learned.without_matter, MAX_NEW_MATTERS as u64 + 1);
    assert!(learned.unsure.contains(&Unsure::TooManyMatters));
}

#[test]
fn names_that_are_texts_are_no_agencies() {
    let mut cases = clues(&[(3, "330602", &[], "a"), (2, "330602", &[], "stranger")]);
    for at in 0..MAX_NEW_AGENCIES {
        cases.push(clue(
            at,
            "330602",
            &[],
            &format!("somebody who was there at {at}"),
        ));
    }
    let learned = learn(&city(&[("a", "3306")]), &cases);
    assert_eq!(rows(&learned), ["3306 a 3/3"]);
    assert_eq!(learned.without_agency, MAX_NEW_AGENCIES as u64 + 2);
    assert!(learned.unsure.contains(&Unsure::TooManyAgencies));
}

#[test]
fn a_clue_without_a_place_goes_to_a_person_whatever_is_learned() {
    let mut cases = clues(&[(3, "330602", &[], "a"), (2, "330602", &[], "a")]);
    for case in &mut cases[3..] {
        case.subject.area = None;
    }
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 a 3/3"]);
    assert_eq!(
        (learned.learned_from, learned.without_area, learned.right),
        (3, 2, 3)
    );
}

#[test]
fn a_word_that_a_spreadsheet_would_compute_names_nothing() {
    let mut cases = clues(&[(2, "330602", &[], "a"), (3, "330602", &[], "=cmd()")]);
    cases[0].subject.matter = None;
    cases[0].source_matter = Some("=1+1".to_owned());
    let learned = learn(&city(&[]), &cases);
    assert_eq!(rows(&learned), ["3306 a 1/1"]);
    assert_eq!((learned.without_agency, learned.without_matter), (3, 1));
}

fn any_clue() -> impl Strategy<Value = (usize, usize, Option<usize>, usize)> {
    (
        0..4_usize,
        0..3_usize,
        proptest::option::of(0..3_usize),
        0..3_usize,
    )
}

proptest! {
    /// Clues stream in no order.
    #[test]
    fn the_order_of_the_clues_decides_nothing(
        said in proptest::collection::vec(any_clue(), 1..60),
        order in any::<proptest::sample::Index>(),
    ) {
        let places = ["3306", "330602", "330603", "330602001"];
        let values = ["x", "y", "z"];
        let mut cases = Vec::new();
        for (at, (place, kind, other, holder)) in said.into_iter().enumerate() {
            let mut attributes = vec![("kind", values[kind])];
            attributes.extend(other.map(|it| ("other", values[it])));
            let mut case = clue(at, places[place], &attributes, ["a", "b", "c"][holder]);
            case.subject.matter = Some(matter(values[(at + kind) % 3]));
            cases.push(case);
        }
        let rulebook = city(&[("c", "330603")]);
        let forward = learn(&rulebook, &cases);
        let turn = order.index(cases.len());
        cases.rotate_left(turn);
        cases.reverse();
        prop_assert_eq!(learn(&rulebook, &cases), forward);
    }
}
