use jiff::tz::TimeZone;

use super::*;
use crate::clue::testing::{CITY, COUNTY, TOWN, agency, monday, of};
use crate::dispute::testing::{CITY_GOVERNMENT, Case, OFFICE, minutes, refuse, rule, sitting, take_up};
use crate::dispute::{Command, ForumLevel, State, evolve};
use crate::figures::testing::Life;
use crate::figures::{Mark, Step};

fn everything() -> Query {
    Query::everything(monday().plus_days(10_000), TimeZone::UTC)
}

fn calendar() -> Calendar {
    crate::clue::testing::calendar()
}

fn counted(query: &Query, cases: &[Case]) -> DutyReport {
    let mut disputes = DutyDisputes::new(query, calendar());
    for case in cases {
        let mut state = State::default();
        for occurrence in case.journal.iter().filter(|it| disputes.sees(it.at)) {
            evolve(&mut state, occurrence);
        }
        if let Some(dispute) = &state.dispute {
            disputes.add(dispute);
        }
    }
    disputes.finish(|_, _| false, ToString::to_string)
}

fn value(report: &DutyReport, id: DutyKind) -> Option<f64> {
    let figure = report.figures.iter().find(|it| it.id == id);
    figure.expect("every figure is computed").value
}

fn step(case: Case, actor: crate::clue::Actor, command: Command) -> Case {
    case.given(actor, command)
}

/// One of each end, and two that are open.
fn cases() -> Vec<Case> {
    let agreed = step(Case::opened(), of(TOWN), minutes(Some(TOWN)));
    let accepted = {
        let case = Case::at(dispute::Step::Consent);
        let case = step(case, of(TOWN), Command::AcceptOpinion);
        step(case, of(COUNTY), Command::AcceptOpinion)
    };
    let refused = step(Case::at(dispute::Step::Acceptance), sitting(OFFICE), refuse());
    let withdrawn = step(
        Case::at(dispute::Step::Acceptance),
        of(COUNTY),
        Command::WithdrawDispute,
    );
    let breached = step(Case::at(dispute::Step::Breach), of(TOWN), take_up(TOWN));
    vec![
        agreed,
        accepted,
        refused,
        withdrawn,
        breached,
        Case::at(dispute::Step::Compliance),
        Case::at(dispute::Step::Decision),
    ]
}

#[test]
fn every_dispute_is_counted_once_by_how_it_stands() {
    let report = counted(&everything(), &cases());
    let counts = report.counts;
    assert_eq!((counts.opened, counts.open), (7, 3));
    let ended = counts.settled + counts.refused + counts.withdrawn + counts.carried_out + counts.clue_ended;
    assert_eq!(counts.opened, counts.open + ended);
    assert_eq!((counts.settled_by_negotiation, counts.settled_by_opinion), (1, 1));
    assert_eq!((counts.refused, counts.withdrawn), (1, 1));
    assert_eq!((counts.decided, counts.rulings, counts.breaches), (2, 2, 1));
    assert_eq!(counts.determined, 4);
    assert_eq!(value(&report, DutyKind::SettledRate), Some(2.0 / 7.0));
    assert_eq!(value(&report, DutyKind::DecidedRate), Some(2.0 / 7.0));
    assert_eq!(value(&report, DutyKind::BreachRate), Some(0.5));
    assert_eq!(value(&report, DutyKind::AppealRate), Some(0.0));
    let [pair] = &*report.between else {
        panic!("{:?}", report.between);
    };
    // agreed, accepted, and two rulings
    assert_eq!((pair.one.as_str(), pair.other.as_str()), (TOWN, COUNTY));
    assert_eq!((pair.disputes, pair.to_one, pair.to_other), (7, 4, 0));
    let open: Vec<_> = report
        .steps
        .iter()
        .filter(|it| it.open > 0)
        .map(|it| (it.step, it.open))
        .collect();
    assert_eq!(
        open,
        [(dispute::Step::Decision, 1), (dispute::Step::Compliance, 2)]
    );
    let level = report
        .levels
        .iter()
        .find(|it| it.level == ForumLevel::County)
        .expect("a level");
    let line = (
        level.open,
        level.settled_by_negotiation,
        level.settled_by_opinion,
        level.decided,
    );
    assert_eq!(line, (3, 1, 1, 2));
}

#[test]
fn a_moment_of_the_past_sees_what_had_happened_by_then() {
    let cases = cases();
    let opened = cases[0].journal[0].at;
    let query = Query {
        as_of: Some(opened),
        ..everything()
    };
    let then = counted(&query, &cases);
    assert_eq!(
        (then.counts.opened, then.counts.open, then.counts.settled),
        (7, 7, 0)
    );
    assert_eq!(then.counts.open_overdue, 0);
    assert_eq!(value(&then, DutyKind::BreachRate), None);
    let before = Query {
        as_of: Some(opened.plus_micros(-1)),
        ..everything()
    };
    assert_eq!(counted(&before, &cases).counts, DutyCounts::default());
}

#[test]
fn a_period_means_the_disputes_that_were_opened_in_it() {
    let cases = cases();
    let day = cases[0].journal[0].at.civil_date(&TimeZone::UTC);
    let query = |from: i64, to: i64| Query {
        from: Some(day + jiff::Span::new().days(from)),
        to: Some(day + jiff::Span::new().days(to)),
        ..everything()
    };
    assert_eq!(counted(&query(0, 1), &cases).counts.opened, 7);
    assert_eq!(counted(&query(1, 400), &cases).counts.opened, 0);
    assert_eq!(counted(&query(-9, 0), &cases).counts.opened, 0);
}

#[test]
fn an_open_step_whose_time_is_over_is_overdue_to_the_microsecond() {
    let case = Case::opened();
    let due = case.dispute().deadline().expect("a deadline").at;
    let at = |as_of| {
        let query = Query {
            as_of: Some(as_of),
            ..everything()
        };
        counted(&query, std::slice::from_ref(&case)).counts.open_overdue
    };
    assert_eq!((at(due), at(due.plus_micros(1))), (0, 1));
}

#[test]
fn the_median_is_of_working_days_and_of_two_the_mean() {
    assert_eq!(middle(&[]), (0, 0));
    assert_eq!(middle(&[3]), (3, 1));
    assert_eq!(middle(&[1, 4]), (5, 2));
    assert_eq!(middle(&[1, 4, 9]), (4, 1));
    assert_eq!(middle(&[0, 1, 4, 9]), (5, 2));
    let nothing = counted(&everything(), &[Case::opened()]);
    assert_eq!(value(&nothing, DutyKind::MedianWorkingDays), None);
    // a ruling after everything took its time: counted by hand of the two days
    let mut case = Case::at(dispute::Step::Decision);
    while !case.dispute().is_late() {
        case = case.lapsed();
    }
    let case = step(case, sitting(CITY_GOVERNMENT), rule(TOWN));
    let (opened, ruled) = (case.dispute().opened_at, case.dispute().rulings[0].at);
    let zone = calendar().zone().clone();
    let (first, last) = (opened.civil_date(&zone), ruled.civil_date(&zone));
    let mut worked = 0_u64;
    let mut day = first;
    while day < last {
        day = day.tomorrow().expect("a day");
        worked += u64::from(calendar().is_working_day(day));
    }
    assert!(worked > 10, "{first} {last}");
    let report = counted(&everything(), &[case]);
    assert_eq!(value(&report, DutyKind::MedianWorkingDays), Some(worked as f64));
    let decided: Vec<_> = report.levels.iter().map(|it| it.decided).collect();
    assert_eq!(decided, [0, 0, 1], "by the last level, where it went");
}

#[test]
fn a_clue_counts_for_a_precedent_when_the_row_that_dispatched_it_first_names_a_dispute() {
    let version = |text: &str| RulebookVersion::new(text).expect("valid");
    let facts = |n: u32, rules: &[Option<(&str, u32)>]| {
        let mut facts = Life::of(n, &[1]).facts.expect("reported");
        let at = facts.reported_at;
        facts.history = rules
            .iter()
            .map(|rule| Mark {
                at: at.plus_minutes(1),
                step: Step::Assigned {
                    agency: agency(CITY),
                    deadline: None,
                    recorded: false,
                    rule: rule.map(|(book, line)| (version(book), line)),
                },
            })
            .collect();
        facts
    };
    let mut disputes = DutyDisputes::new(&everything(), calendar());
    for facts in [
        facts(1, &[Some(("a1", 2))]),
        facts(2, &[None, Some(("a1", 2)), Some(("a1", 3))]),
        facts(3, &[Some(("a1", 3))]),
        facts(4, &[Some(("b2", 2))]),
        facts(5, &[None]),
        facts(6, &[]),
    ] {
        disputes.route(&facts);
    }
    assert_eq!(disputes.rulebooks(), [version("a1"), version("b2")]);
    let report = disputes.finish(
        |book, line| (book.as_str(), line) == ("a1", 2),
        ToString::to_string,
    );
    assert_eq!((report.counts.routed, report.counts.routed_by_precedent), (4, 2));
    assert_eq!(value(&report, DutyKind::PrecedentShare), Some(0.5));
}

#[test]
fn a_ratio_of_nothing_is_no_number_and_every_figure_has_words() {
    let report = counted(&everything(), &[]);
    assert_eq!(report.figures.len(), DutyKind::ALL.len());
    for figure in &report.figures {
        assert_eq!((figure.numerator, figure.denominator, figure.value), (0, 0, None));
        let (zh, en) = figure.id.words();
        assert!(!zh.is_ascii() && en.is_ascii(), "{:?}", figure.id);
    }
}
