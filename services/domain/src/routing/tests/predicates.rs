//! Rows that hold of some clues only.

use super::super::{
    Answer, Comparison, Declared, Duty, DutyRole, Fact, Layer, Literal, Operand, Predicate, Question, Triage,
    Type, Verdict, When, decide, explain,
};
use super::{TODAY, area, duty, matter, rulebook, with_role};
use crate::clue::Attribute;
use crate::code::Severity;
use crate::lang::Lang;

pub(super) const NIGHT: &str = "hour >= 22";
pub(super) const URGENT: &str = "severity == \"urgent\"";
pub(super) const STREET: &str = "kind == \"street\"";

/// One of the three, understood.
pub(super) fn understood(text: &str) -> When {
    let compare = |fact, comparison, literal| Predicate::Compare {
        left: Operand::Fact(fact),
        comparison,
        right: Operand::Literal(literal),
    };
    let is = |fact, value: &str| compare(fact, Comparison::Equal, Literal::Text(value.to_owned()));
    When {
        text: text.to_owned(),
        predicate: match text {
            NIGHT => compare(Fact::Hour, Comparison::GreaterOrEqual, Literal::Integer(22)),
            URGENT => is(Fact::Severity, "urgent"),
            STREET => is(Fact::Attribute("kind".to_owned()), "street"),
            other => panic!("{other}"),
        },
    }
}

fn when(text: &str, duty: Duty) -> Duty {
    Duty {
        when: Some(understood(text)),
        ..duty
    }
}

/// What is decided of a clue of `m1` in Tashan at this hour, of this severity, with nothing known of its kind.
fn at(duties: &[Duty], hour: i8, severity: Option<&str>) -> (Answer, Vec<(u32, Verdict)>) {
    let (about, place) = (matter("m1"), area("330602001"));
    let severity = severity.map(|it| Severity::new(it).expect("a severity"));
    let attributes: &[Attribute] = &[];
    let question = Question {
        matter: Some(&about),
        area: Some(&place),
        reported_at: TODAY.at(hour, 0, 0, 0),
        is_dated: true,
        severity: severity.as_ref(),
        source: None,
        attributes,
    };
    let book = rulebook(duties.to_vec());
    let lost = explain(&book, &question).lost;
    let lost = lost.into_iter().map(|row| (row.line, row.verdict)).collect();
    (decide(&book, &question), lost)
}

fn county(holder: &str) -> Duty {
    duty("m1", "330602", Layer::County, holder)
}

#[test]
fn a_row_whose_predicate_holds_is_stronger_than_its_like_without_one() {
    let duties = [county("county"), when(NIGHT, county("county-b"))];
    let (answer, lost) = at(&duties, 23, None);
    assert_eq!(answer.row(), Some(3));
    assert_eq!(lost, [(2, Verdict::NoPredicate)]);
    let (answer, lost) = at(&duties, 21, None);
    assert_eq!(answer.row(), Some(2));
    assert_eq!(lost, [(3, Verdict::PredicateFalse)]);
}

#[test]
fn a_predicate_does_not_make_up_for_a_weaker_area_or_layer() {
    let duties = [
        county("county"),
        when(NIGHT, duty("m1", "3306", Layer::County, "city")),
    ];
    let (answer, lost) = at(&duties, 23, None);
    assert_eq!(answer.row(), Some(2));
    assert_eq!(lost, [(3, Verdict::ShorterArea)]);
}

#[test]
fn what_the_clue_does_not_say_is_for_a_person_where_it_would_decide() {
    let duties = [county("county"), when(URGENT, county("county-b"))];
    let (answer, lost) = at(&duties, 12, None);
    assert_eq!(
        answer,
        Answer::Triage {
            reason: Triage::Unanswered
        }
    );
    assert_eq!(answer.reason(), "predicate_unanswered");
    assert!(
        matches!(&lost[1].1, Verdict::PredicateUnanswered(what) if what.fact == "severity" && !what.unreadable)
    );
    // a stronger row decides, whatever the weaker one lacks
    let stronger = [
        duty("m1", "330602001", Layer::County, "county"),
        when(URGENT, county("county-b")),
    ];
    assert_eq!(at(&stronger, 12, None).0.row(), Some(2));
    // a row as strong that holds cannot win either
    let beside = [when(NIGHT, county("county")), when(URGENT, county("county-b"))];
    let (answer, lost) = at(&beside, 23, None);
    assert_eq!(answer.reason(), "predicate_unanswered");
    assert_eq!(lost[0], (2, Verdict::Blocked));
    assert_eq!(at(&beside, 23, Some("low")).0.row(), Some(2));
    assert_eq!(at(&beside, 23, Some("urgent")).0.reason(), "tie");
}

#[test]
fn words_name_the_predicate_and_what_the_clue_lacks() {
    let (about, place) = (matter("m1"), area("330602001"));
    let book = rulebook(vec![
        county("county"),
        when(STREET, county("county-b")),
        when(NIGHT, county("county")),
    ]);
    let question = Question {
        matter: Some(&about),
        area: Some(&place),
        reported_at: TODAY.at(23, 0, 0, 0),
        is_dated: true,
        severity: None,
        source: None,
        attributes: &[],
    };
    let explanation = explain(&book, &question);
    let zh = explanation.words(Lang::Zh, &book).join("\n");
    let en = explanation.words(Lang::En, &book).join("\n");
    for (text, words) in [
        (&zh, "线索没有说明或无法读取"),
        (&zh, "条件无法判断：线索没有 kind"),
        (&en, "depends on what the clue does not say"),
        (&en, "the clue says nothing of kind"),
    ] {
        assert!(text.contains(words), "no {words} in\n{text}");
    }
    let attributes = [Attribute {
        name: "kind".to_owned(),
        value: "park".to_owned(),
    }];
    let told = explain(
        &book,
        &Question {
            attributes: &attributes,
            ..question
        },
    );
    let en = told.words(Lang::En, &book).join("\n");
    assert!(
        en.contains("when hour >= 22") && en.contains("its predicate does not hold"),
        "{en}"
    );
}

#[test]
fn a_time_that_nobody_stated_and_a_value_that_is_not_declared_answer_nothing() {
    let (about, place) = (matter("m1"), area("330602001"));
    let mut book = rulebook(vec![
        county("county"),
        when(NIGHT, with_role(DutyRole::Penalty, county("city"))),
        when(STREET, with_role(DutyRole::Penalty, county("county-b"))),
    ]);
    let declared = Declared {
        kind: Type::Text,
        values: vec!["street".to_owned(), "park".to_owned()],
    };
    book.attributes.insert("kind".to_owned(), declared);
    let penalty = |kind: &str, is_dated| {
        let attributes = [Attribute {
            name: "kind".to_owned(),
            value: kind.to_owned(),
        }];
        let question = Question {
            matter: Some(&about),
            area: Some(&place),
            reported_at: TODAY.at(23, 0, 0, 0),
            is_dated,
            severity: None,
            source: None,
            attributes: &attributes,
        };
        let explanation = explain(&book, &question);
        let Answer::Assigned { assignment, row: 2 } = &explanation.answer else {
            panic!("{explanation:?}");
        };
        let named = assignment.penalty.as_ref().map(ToString::to_string);
        (named, explanation.penalty)
    };
    assert_eq!(penalty("park", true), (Some("city".to_owned()), vec![3]));
    // two that hold contradict each other, and where one has no answer nobody is named, nor is the other one listed
    assert_eq!(penalty("street", true), (None, vec![3, 4]));
    assert_eq!(penalty("alley", true), (None, vec![]));
    assert_eq!(penalty("park", false), (None, vec![]));
}
