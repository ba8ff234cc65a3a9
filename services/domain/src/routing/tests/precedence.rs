use std::sync::Arc;

use jiff::civil::{Date, date};

use super::super::{Answer, CompiledRulebook, Duty, DutyRole, Layer, Question, Rulebook, Triage, decide};
use super::{TODAY, agency, area, duty, matter, rulebook, valid, with_role};
use crate::clue::Assignment;
use crate::code::SourceId;

/// Decides both ways and insists that they agree.
fn ask(rulebook: &Rulebook, about: &str, place: &str, on: Date) -> Answer {
    let (about, place) = (matter(about), area(place));
    let question = Question {
        matter: Some(&about),
        area: Some(&place),
        reported_at: on.at(10, 0, 0, 0),
        is_dated: true,
        severity: None,
        source: None,
        attributes: &[],
    };
    let answer = decide(rulebook, &question);
    assert_eq!(
        CompiledRulebook::new(Arc::new(rulebook.clone())).decide(&question),
        answer
    );
    answer
}

/// The row that wins for `m1` in Tashan today, by its place in the list.
#[track_caller]
fn wins(duties: Vec<Duty>, expected: Result<usize, Triage>) {
    let answer = ask(&rulebook(duties), "m1", "330602001", TODAY);
    let found = match answer {
        Answer::Assigned { row, .. } => Ok(row as usize - 2),
        Answer::Triage { reason } => Err(reason),
    };
    assert_eq!(found, expected);
}

#[test]
fn the_matter_decides_before_the_area_and_the_area_before_the_layer() {
    use Layer::{County, Province};
    let row = duty;
    // matter before category before all, even for a wider area and a weaker layer
    wins(
        vec![
            row("*", "330602001", County, "county"),
            row("#street", "3306", Province, "city"),
        ],
        Ok(1),
    );
    wins(
        vec![
            row("#street", "330602001", County, "county"),
            row("m1", "3306", Province, "city"),
        ],
        Ok(1),
    );
    // longer area before shorter, even in a weaker layer
    wins(
        vec![
            row("m1", "330602", County, "county"),
            row("m1", "330602001", Province, "city"),
        ],
        Ok(1),
    );
}

#[test]
fn the_closer_to_the_ground_the_stronger() {
    use Layer::{City, County, Delegation, Province};
    let row = duty;
    // delegation before county before city before province
    wins(
        vec![
            row("m1", "330602", Province, "city"),
            row("m1", "330602", City, "county"),
        ],
        Ok(1),
    );
    wins(
        vec![
            row("m1", "330602", City, "city"),
            row("m1", "330602", County, "county"),
        ],
        Ok(1),
    );
    wins(
        vec![
            row("m1", "330602", County, "county"),
            row("m1", "330602", Delegation, "tashan"),
        ],
        Ok(1),
    );
    // the order of the file does not matter
    wins(
        vec![
            row("m1", "330602", Delegation, "tashan"),
            row("m1", "330602", County, "county"),
        ],
        Ok(0),
    );
}

#[test]
fn rows_about_something_else_do_not_count() {
    let row = |matter, place| duty(matter, place, Layer::County, "county");
    wins(vec![row("m2", "330602")], Err(Triage::NoDuty));
    wins(vec![row("#other", "330602")], Err(Triage::NoDuty));
    wins(vec![row("m1", "330603")], Err(Triage::NoDuty));
    wins(vec![row("m1", "330602001001")], Err(Triage::NoDuty));
    wins(vec![row("*", "3306")], Ok(0));
    wins(
        vec![with_role(DutyRole::Penalty, row("m1", "330602"))],
        Err(Triage::NoDuty),
    );
    wins(vec![], Err(Triage::NoDuty));
}

#[test]
fn equal_rows_of_two_agencies_are_nobodys() {
    let row = |holder| duty("m1", "330602", Layer::County, holder);
    wins(vec![row("county"), row("county-b")], Err(Triage::Tie));
    wins(vec![row("county"), row("county")], Ok(0));
    wins(
        vec![
            row("county"),
            row("county-b"),
            duty("m1", "330602001", Layer::City, "city"),
        ],
        Ok(2),
    );
}

#[test]
fn a_row_holds_from_its_first_day_until_before_its_last() {
    let (from, to) = (date(2026, 1, 1), date(2026, 2, 1));
    let book = rulebook(vec![
        valid(
            Some(from),
            Some(to),
            duty("m1", "330602", Layer::County, "county"),
        ),
        duty("*", "3306", Layer::City, "city"),
    ]);
    for (day, row) in [
        (date(2025, 12, 31), 3),
        (from, 2),
        (date(2026, 1, 31), 2),
        (to, 3),
    ] {
        assert_eq!(ask(&book, "m1", "330602001", day).row(), Some(row), "{day}");
    }
}

#[test]
fn a_delegation_binds_only_a_town_in_its_own_area() {
    let delegated = |place, holder| duty("m1", place, Layer::Delegation, holder);
    wins(vec![delegated("330602", "tashan")], Ok(0));
    wins(vec![delegated("330602", "fushan")], Err(Triage::NoDuty));
    wins(vec![delegated("330602", "county")], Err(Triage::NoDuty));
    wins(vec![delegated("330602", "nobody-knows")], Err(Triage::NoDuty));
    wins(
        vec![delegated("330602", "tashan"), delegated("330602", "fushan")],
        Ok(0),
    );
    // withdrawn: back to the county
    wins(
        vec![
            valid(None, Some(TODAY), delegated("330602", "tashan")),
            duty("m1", "330602", Layer::County, "county"),
        ],
        Ok(1),
    );
}

#[test]
fn what_is_missing_goes_to_triage() {
    let book = rulebook(vec![duty("*", "3306", Layer::City, "city")]);
    let (m1, unknown, place) = (matter("m1"), matter("m9"), area("330602"));
    for (about, place, reason) in [
        (None, Some(&place), Triage::MatterMissing),
        (Some(&unknown), Some(&place), Triage::MatterUnknown),
        (Some(&m1), None, Triage::AreaMissing),
        (None, None, Triage::MatterMissing),
    ] {
        let question = Question {
            matter: about,
            area: place,
            reported_at: TODAY.at(10, 0, 0, 0),
            is_dated: true,
            severity: None,
            source: None,
            attributes: &[],
        };
        let answer = decide(&book, &question);
        assert_eq!(answer, Answer::Triage { reason });
        assert_eq!(answer.reason(), reason.as_str());
    }
    assert_eq!(
        ask(&Rulebook::none(), "m1", "330602", TODAY),
        Answer::Triage {
            reason: Triage::RulebookMissing
        }
    );
}

#[test]
fn penalty_and_assisting_agencies_follow_the_same_precedence() {
    let row = |role, matter, place, holder| with_role(role, duty(matter, place, Layer::County, holder));
    let first = duty("m1", "330602", Layer::County, "county");
    let book = rulebook(vec![
        first.clone(),
        row(DutyRole::Penalty, "*", "3306", "city"),
        row(DutyRole::Penalty, "#street", "330602", "county-b"),
        row(DutyRole::Assisting, "m1", "330602", "tashan"),
        row(DutyRole::Assisting, "m1", "330602", "fushan"),
        row(DutyRole::Assisting, "m1", "330602", "tashan"),
        row(DutyRole::Assisting, "m1", "330602", "county"),
        row(DutyRole::Assisting, "*", "330602", "city"),
    ]);
    let assignment = Assignment {
        agency: agency("county"),
        penalty: Some(agency("county-b")),
        assisting: vec![agency("tashan"), agency("fushan")],
    };
    assert_eq!(
        ask(&book, "m1", "330602001", TODAY),
        Answer::Assigned { assignment, row: 2 }
    );

    let undecided = rulebook(vec![
        first,
        row(DutyRole::Penalty, "m1", "330602", "county-b"),
        row(DutyRole::Penalty, "m1", "330602", "city"),
    ]);
    let Answer::Assigned { assignment, .. } = ask(&undecided, "m1", "330602001", TODAY) else {
        panic!("the first handler is sure");
    };
    assert_eq!(assignment.penalty, None);
}

#[test]
fn a_platforms_code_leads_to_a_matter() {
    let mut book = rulebook(vec![]);
    let source = SourceId::new("grid").expect("a source");
    book.crosswalk
        .insert((source.clone(), "m2".to_owned()), matter("m1"));
    assert_eq!(book.matter_for(&source, " m2 "), Some(matter("m1")));
    assert_eq!(
        book.matter_for(&SourceId::new("other").expect("a source"), "m2"),
        Some(matter("m2"))
    );
    assert_eq!(book.matter_for(&source, "nothing"), None);
}
