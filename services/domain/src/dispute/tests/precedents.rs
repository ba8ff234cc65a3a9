//! What disputes teach.

use super::super::testing::{COUNTY_GOVERNMENT, Case, appeal, minutes, open_as, rule, service, sitting};
use super::super::{ClueEnd, Command, Precedent, Step, contradicts, similar};
use crate::clue::testing::{COUNTY, COUNTY_WATER, TOWN, agency, area, matter, of};
use crate::routing::{DUTY_COLUMNS, Layer};

fn of_case(case: &Case) -> Option<Precedent> {
    Precedent::of(case.dispute(), &case.rulebook)
}

#[test]
fn a_ruling_that_stands_drafts_a_duty() {
    let case = Case::at(Step::AppealWindow);
    let draft = of_case(&case).expect("decided");
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
    let a = of_case(&Case::at(Step::AppealWindow)).expect("decided");
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
