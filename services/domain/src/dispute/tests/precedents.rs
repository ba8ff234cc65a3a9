//! What disputes teach.

use super::super::testing::{
    COUNTY_GOVERNMENT, Case, appeal, minutes, open_as, rule, service, sitting, take_up,
};
use super::super::{ClueEnd, Command, Precedent, Provenance, Rival, Step, contradicts, similar};
use crate::clue::Designation;
use crate::clue::testing::{COUNTY, COUNTY_WATER, TOWN, agency, area, matter, of};
use crate::lang::Lang;
use crate::routing::{DUTY_COLUMNS, Duty, DutyRole, Layer, MatterPattern};

fn of_case(case: &Case) -> Option<Precedent> {
    Precedent::of(case.dispute(), &case.rulebook)
}

#[test]
fn a_ruling_that_stands_drafts_a_duty() {
    let case = Case::at(Step::AppealWindow);
    assert_eq!(of_case(&case), None, "it can still be appealed");
    let taken_up = case.clone().given(of(TOWN), take_up(TOWN));
    assert_eq!(taken_up.step(), Some(Step::AppealWindow));
    assert_eq!(of_case(&taken_up).expect("taken up").agency.as_str(), TOWN);
    let voided = Command::NoteClueEnded { how: ClueEnd::Voided };
    let ended = case.clone().given(service(), voided);
    assert!(of_case(&ended).is_some(), "nobody can appeal any more");
    let draft = of_case(&case.clone().lapsed()).expect("decided");
    assert_eq!(
        (draft.agency.as_str(), draft.layer, draft.to),
        (TOWN, Layer::County, None)
    );
    let day = case.state.last_at.civil_date(&case.rulebook.zone);
    assert_eq!(draft.from, day);
    let row = draft.row();
    let cells: Vec<_> = row.split(',').collect();
    assert_eq!(cells.len(), DUTY_COLUMNS.split(',').count(), "{row}");
    let head = [
        "330217B00000",
        "330602001",
        "first_handler",
        TOWN,
        &day.to_string(),
        "",
        "county",
    ];
    assert_eq!(cells[..7], head, "{row}");
    assert!(row.contains("第十七条") && row.contains("(decision)"), "{row}");
    assert!(row.contains(&case.dispute().id.to_string()), "{row}");
    let appealed = case.given(of(COUNTY), appeal());
    assert_eq!(of_case(&appealed), None, "under appeal nothing stands");
    let city = appealed.given(sitting(crate::clue::testing::CITY), rule(COUNTY));
    let draft = of_case(&city).expect("decided");
    assert_eq!((draft.agency.as_str(), draft.layer), (COUNTY, Layer::City));
}

#[test]
fn what_the_parties_agree_on_drafts_a_duty_and_what_ends_otherwise_does_not() {
    let settled = Case::opened().given(of(TOWN), minutes(Some(TOWN)));
    let draft = of_case(&settled).expect("settled");
    assert_eq!((draft.agency.as_str(), draft.basis.as_str()), (TOWN, "minutes"));
    assert_eq!(of_case(&Case::at(Step::Decision)), None);
    let voided = Command::NoteClueEnded { how: ClueEnd::Voided };
    assert_eq!(of_case(&Case::at(Step::Decision).given(service(), voided)), None);
    let unknown = Case::new().given(service(), open_as(|it| it.matter = None));
    let unknown = unknown.given(of(TOWN), minutes(Some(TOWN)));
    assert_eq!(of_case(&unknown), None, "nobody knows of which matter");
}

#[test]
fn two_rulings_contradict_each_other_where_both_hold() {
    let a = of_case(&Case::at(Step::TakingUp)).expect("decided");
    let day = |text: &str| text.parse().expect("a day");
    let b = Precedent {
        agency: agency(COUNTY),
        ..a.clone()
    };
    let table = [
        (b.clone(), true, "another agency"),
        (a.clone(), false, "the same agency"),
        (
            Precedent {
                matter: matter("other"),
                ..b.clone()
            },
            false,
            "another matter",
        ),
        (
            Precedent {
                area: area("330602"),
                ..b.clone()
            },
            true,
            "the county holds the town",
        ),
        (
            Precedent {
                area: area("330602002"),
                ..b.clone()
            },
            false,
            "another town",
        ),
        (
            Precedent {
                to: Some(a.from),
                from: day("2020-01-01"),
                ..b.clone()
            },
            false,
            "it ended before",
        ),
        (
            Precedent {
                from: day("2090-01-01"),
                ..b
            },
            true,
            "both are open",
        ),
    ];
    for (other, is, why) in table {
        assert_eq!(contradicts(&a, &other), is, "{why}");
        assert_eq!(contradicts(&other, &a), is, "{why}, the other way round");
    }
}

#[test]
fn open_disputes_between_the_same_parties_over_the_same_are_one_quarrel() {
    let other = |change: fn(&mut super::super::Opening)| Case::new().given(service(), open_as(change));
    let one = Case::opened();
    let table: [(Case, bool, &str); 6] = [
        (Case::at(Step::Opinion), true, "at any step"),
        (other(|it| it.parties.reverse()), true, "in any order"),
        (
            other(|it| it.area = Some(area("330602"))),
            true,
            "the county holds it",
        ),
        (other(|it| it.area = Some(area("330603"))), false, "elsewhere"),
        (
            other(|it| it.parties[1].agency = agency(COUNTY_WATER)),
            false,
            "another party",
        ),
        (
            one.clone().given(of(TOWN), minutes(Some(TOWN))),
            false,
            "it is settled",
        ),
    ];
    for (it, is, why) in table {
        assert_eq!(similar(one.dispute(), it.dispute()), is, "{why}");
        assert_eq!(similar(it.dispute(), one.dispute()), is, "{why}");
    }
    let decided = Case::at(Step::Decision).given(sitting(COUNTY_GOVERNMENT), rule(TOWN));
    assert!(similar(one.dispute(), decided.dispute()), "not over yet");
    let unknown = other(|it| it.matter = None);
    assert!(!similar(unknown.dispute(), unknown.dispute()), "of nothing known");
}

#[test]
fn the_row_of_a_precedent_says_of_which_dispute_it_is() {
    let decided = of_case(&Case::at(Step::TakingUp)).expect("decided");
    let settled = of_case(&Case::opened().given(of(TOWN), minutes(Some(TOWN)))).expect("settled");
    for (draft, by) in [(decided, Designation::Ruling), (settled, Designation::Agreement)] {
        let duty = draft.duty(9);
        let read = Provenance::read(&duty.basis).expect("it names the dispute");
        let is = (read.basis, read.by, read.dispute);
        assert_eq!(is, (draft.basis.as_str(), by, draft.provenance), "{}", duty.basis);
        assert!(read.words(Lang::En).contains(&format!("By {by}")));
        assert!(read.words(Lang::Zh).contains(&draft.provenance.to_string()));
    }
    for other in ["", "条例", "a; b", "a; ruling; dispute 7", "a; dispute x"] {
        assert_eq!(Provenance::read(other), None, "{other:?}");
    }
}

#[test]
fn a_precedent_names_the_rows_that_stand_against_it_and_is_found_once_it_was_taken_over() {
    let case = Case::at(Step::TakingUp);
    let draft = of_case(&case).expect("decided");
    let mut book = case.rulebook.clone();
    let other = |line, change: fn(&mut Duty)| {
        let mut duty = Duty {
            agency: agency(COUNTY),
            from: None,
            ..draft.duty(line)
        };
        duty.basis.clear();
        change(&mut duty);
        duty
    };
    book.duties = vec![
        other(2, |_| {}),
        other(3, |it| it.layer = Layer::Delegation),
        other(4, |it| it.layer = Layer::City),
        other(5, |it| it.area = area("330602")),
        other(6, |it| it.area = area("330602002")),
        other(7, |it| it.matter = MatterPattern::Any),
        other(8, |it| it.agency = agency(TOWN)),
        other(9, |it| it.role = DutyRole::Penalty),
    ];
    let found: Vec<_> = draft
        .conflicts(&book)
        .into_iter()
        .map(|it| (it.line, it.rival))
        .collect();
    let expected = [
        (2, Rival::Ties),
        (3, Rival::Wins),
        (4, Rival::Yields),
        (5, Rival::Yields),
    ];
    assert_eq!(found, expected);
    let ended = Duty {
        to: Some(draft.from),
        ..other(2, |_| {})
    };
    book.duties = vec![ended];
    assert_eq!(draft.conflicts(&book), [], "it ended before");
    assert_eq!(draft.is_in(&book), None);
    book.duties.push(other(8, |it| it.agency = agency(TOWN)));
    let line = |it: Option<&Duty>| it.map(|it| it.line);
    assert_eq!(
        (line(draft.is_in(&book)), line(draft.taken_over(&book))),
        (Some(8), None)
    );
    // what the dispute said before, or what somebody made of it, is not what it says
    let changes: [fn(&mut Duty); 3] = [
        |it| it.agency = agency(COUNTY),
        |it| it.area = area("330602"),
        |it| it.matter = MatterPattern::Any,
    ];
    for (line, change) in (20..).zip(changes) {
        let mut duty = draft.duty(line);
        change(&mut duty);
        book.duties.push(duty);
        assert_eq!(draft.taken_over(&book), None, "{line}");
    }
    book.duties.push(draft.duty(11));
    assert_eq!(
        (line(draft.is_in(&book)), line(draft.taken_over(&book))),
        (Some(11), Some(11)),
        "though the row of an overturned ruling stands before it"
    );
}
