use super::compared::Decided;
use super::*;
use crate::clue::testing::{
    CITY, COUNTY, COUNTY_WATER, Case, TOWN, area, assign, changed, deletion, history, matter, monday, report,
    reported_with, role, rulebook, snapshot,
};
use crate::clue::{
    Assignment, Command, Conclusion, Designation, Event, Occurrence, Report, Resolution, Role, SourceStatus,
};
use crate::code::{AgencyId, Level};
use crate::dispute::{Cause, Interim, Opening};
use crate::id::{CommandId, DisputeId};
use crate::routing::{Duty, Layer};

fn agency(id: &str) -> AgencyId {
    AgencyId::new(id).expect("valid")
}

fn rule(line: Option<u32>, to: Option<&str>) -> Rule {
    Rule {
        rulebook: RulebookVersion::none(),
        line,
        reason: if line.is_some() { "matched" } else { "no_duty" }.to_owned(),
        agency: to.map(agency),
    }
}

/// What the journal of a case says.
fn folded(case: &Case) -> Compared {
    let mut compared = None;
    for occurrence in &case.journal {
        Compared::fold(&mut compared, occurrence);
    }
    compared.expect("a report")
}

/// Reported in this area, decided by this rule, and named by people one after the other.
fn clue(place: &str, rules: Option<Rule>, people: &[&str]) -> Compared {
    let reported = Command::ReportClue(Report {
        area: Some(area(place)),
        ..report()
    });
    let mut compared = folded(&Case::new().given(role(Role::Source), reported));
    compared.rules = rules.map(|rule| Decided {
        rule,
        codes: Codes {
            matter: report().matter,
            area: Some(area(place)),
            ..Codes::default()
        },
        after: 1_000_000,
        at: monday(),
    });
    for it in people {
        compared.named(Some(&agency(it)), None);
    }
    compared
}

fn found(clues: &[Compared], rulebook: &Rulebook) -> Comparison {
    let mut comparing = Comparing::new(monday());
    for clue in clues {
        comparing.add(clue);
    }
    comparing.finish(rulebook)
}

#[test]
fn whoever_named_the_agency_that_has_it_now_was_right() {
    let table: [(&[&str], Option<&str>, Right); 6] = [
        (&["a"], Some("a"), Right::Both),
        (&["a", "b", "a"], Some("a"), Right::Both),
        (&["b", "a"], Some("a"), Right::Rules),
        (&["b"], Some("a"), Right::People),
        (&["b", "c"], Some("a"), Right::Neither),
        (&["b"], None, Right::Nobody),
    ];
    for (people, rules, expected) in table {
        let named = clue("330602", None, people).people.expect("named");
        assert_eq!(rule(Some(2), rules).right(&named), expected, "{people:?}");
    }
}

#[test]
fn every_clue_is_counted_once_and_the_worst_rule_comes_first() {
    let (good, bad) = (rule(Some(2), Some("a")), rule(Some(3), Some("b")));
    let found = found(
        &[
            clue("330602", Some(good.clone()), &["a"]),
            clue("330602", Some(good.clone()), &["c", "a"]),
            clue("330602", Some(bad.clone()), &["a"]),
            clue("330602", Some(bad.clone()), &["a"]),
            clue("330602", Some(bad.clone()), &["c"]),
            clue("330602", Some(good), &[]),
            clue("330602", None, &["a"]),
            clue("330602", Some(rule(None, None)), &["a"]),
        ],
        &rulebook(),
    );
    assert_eq!(
        (found.clues, found.waiting, found.undecided, found.compared),
        (8, 1, 1, 6)
    );
    let Rights {
        both,
        rules,
        people,
        neither,
        nobody,
    } = found.rights;
    assert_eq!((both, rules, people, neither, nobody), (1, 1, 3, 0, 1));
    assert_eq!(found.rules_accuracy, Some(2.0 / 6.0));
    assert_eq!(found.people_accuracy, Some(4.0 / 6.0));
    assert_eq!(
        found.rows.iter().map(|row| row.clues).sum::<u64>(),
        found.compared
    );
    let worst = &found.rows[0];
    assert_eq!((&worst.rule, worst.clues), (&bad, 3));
    let instead: Vec<_> = worst
        .instead
        .iter()
        .map(|it| (it.agency.as_str(), it.clues, it.against, it.examples.len()))
        .collect();
    assert_eq!(instead, [("a", 2, 1, 2), ("c", 1, 2, 1)]);
    assert_eq!(Comparing::new(monday()).finish(&rulebook()).rules_accuracy, None);
}

#[test]
fn the_row_that_would_have_decided_as_people_did_is_named_for_each_matter_and_area() {
    let wildcard = rule(Some(2), Some("a"));
    let mut rulebook = rulebook();
    rulebook.duties.push(Duty {
        line: 7,
        matter: MatterPattern::Matter(matter("330217B00000")),
        area: area("330603"),
        agency: agency("a"),
        role: DutyRole::FirstHandler,
        from: None,
        to: None,
        layer: Layer::County,
        basis: String::new(),
        when: None,
    });
    let mut nameless = clue("330602", Some(rule(None, None)), &["b"]);
    nameless.rules.as_mut().expect("decided").codes = Codes {
        source_matter: Some("乱扔".to_owned()),
        area: Some(area("330602")),
        ..Codes::default()
    };
    let found = found(
        &[
            clue("330602", Some(wildcard.clone()), &["a"]),
            clue("330602", Some(wildcard.clone()), &["b, c"]),
            clue("330603", Some(wildcard.clone()), &["b"]),
            clue("330603", Some(wildcard), &["b"]),
            nameless,
        ],
        &rulebook,
    );
    let changes: Vec<_> = found
        .changes()
        .into_iter()
        .map(|(row, it)| {
            (
                row.rule.line,
                it.row.as_deref(),
                it.clues,
                it.against,
                it.replaces.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        changes,
        [
            (
                Some(2),
                Some("330217B00000,330603,first_handler,b"),
                2,
                0,
                [7].as_slice()
            ),
            (
                Some(2),
                Some("330217B00000,330602,first_handler,\"b, c\""),
                1,
                1,
                &[]
            ),
            (None, None, 1, 0, &[]),
        ]
    );
    assert_eq!(
        found.changes()[2].1.codes.source_matter.as_deref(),
        Some("乱扔"),
        "what the crosswalk lacks"
    );
}

#[test]
fn the_codes_are_those_by_which_the_rules_decided() {
    let case = Case::new()
        .given(role(Role::Source), Command::ReportClue(report()))
        .given(role(Role::Routing), assign(COUNTY));
    let codes = folded(&case).rules.expect("decided").codes;
    assert_eq!((codes.matter, codes.area), (report().matter, report().area));
}

/// A version of the record: whom it names and how it stands, so many hours after the report.
fn version(hours: i64, status: SourceStatus, by: Option<&str>) -> Command {
    let Command::ReportClue(mut report) = snapshot(hours, status, |_| {}) else {
        panic!("a report");
    };
    if let Some(snapshot) = &mut report.snapshot {
        snapshot.agency = by.map(agency);
    }
    // another agency is another record
    report.digest.0[0] ^= hours as u8;
    Command::ReportClue(report)
}

#[test]
fn the_clocks_of_rules_and_people_run_side_by_side() {
    let source = || role(Role::Source);
    // received an hour after the report, decided an hour later, dispatched there after three
    let mut rules_first = Case::new()
        .given(source(), version(0, SourceStatus::Open, None))
        .given(role(Role::Routing), assign(COUNTY))
        .given(source(), version(3, SourceStatus::Open, Some(COUNTY)));
    let compared = folded(&rules_first);
    assert_eq!(
        compared.people.as_ref().and_then(|it| it.at),
        Some(monday().plus_minutes(180))
    );
    let people_first = Case::new()
        .given(source(), version(0, SourceStatus::Open, Some(COUNTY)))
        .given(role(Role::Routing), assign(COUNTY));
    let told = found(&[compared, folded(&people_first)], &rulebook());
    let clocks = &told.clocks;
    assert_eq!((clocks.rules_sooner, clocks.people_sooner), (1, 1));
    assert_eq!(
        (clocks.rules.clues, clocks.rules.mean_seconds),
        (2, Some(3_600.0))
    );
    assert_eq!(clocks.people.mean_seconds, Some(5_400.0));
    let within = |spread: &Spread| spread.within.map(|it| it.clues);
    assert_eq!(within(&clocks.rules), [0, 2, 2, 2, 2, 2]);
    assert_eq!(within(&clocks.people), [1, 1, 2, 2, 2, 2]);

    // due after seven days
    let closed_at = |hours| version(hours, SourceStatus::Closed, Some(COUNTY));
    rules_first.now = monday().plus_days(10);
    rules_first.when(source(), closed_at(100));
    rules_first.when(source(), closed_at(200));
    assert_eq!(
        folded(&rules_first).ended.map(closing),
        Some(Some(100)),
        "when it was closed first"
    );
    let mut late = Case::new();
    late.now = monday().plus_days(10);
    late.when(source(), closed_at(200));
    let gone = Case::new()
        .given(source(), version(0, SourceStatus::Open, None))
        .given(source(), deletion(Some(3)));
    let mut endless = folded(&people_first);
    endless.deadline = None;
    let clues = [
        folded(&rules_first),
        folded(&late),
        folded(&people_first),
        folded(&gone),
        endless,
    ];
    let of = |now| {
        let mut comparing = Comparing::new(now);
        for clue in &clues {
            comparing.add(clue);
        }
        comparing.finish(&rulebook()).clocks.deadlines
    };
    let soon = of(monday());
    assert_eq!(
        (soon.closed_in_time, soon.closed_late, soon.open, soon.overdue),
        (1, 1, 1, 0)
    );
    assert_eq!(
        (soon.taken_back, soon.open_without, soon.in_time),
        (1, 1, Some(0.5))
    );
    let later = of(monday().plus_days(8));
    assert_eq!(
        (later.open, later.overdue, later.in_time),
        (0, 1, Some(1.0 / 3.0))
    );
}

fn closing(ended: compared::Ended) -> Option<i64> {
    match ended {
        compared::Ended::Closed(at) => Some(at.since(monday()) / 3_600_000_000),
        compared::Ended::TakenBack => None,
    }
}

#[test]
fn recorded_history_says_who_closed_it_there() {
    let tuesday = monday().plus_days(1);
    for (first, then, expected) in [
        (COUNTY, COUNTY, Right::Both),
        (COUNTY_WATER, COUNTY, Right::Rules),
        (COUNTY_WATER, COUNTY_WATER, Right::People),
        (COUNTY_WATER, "elsewhere", Right::Neither),
    ] {
        let case = Case::new()
            .given(
                role(Role::Source),
                reported_with(history(Some(first), None, true)),
            )
            .given(role(Role::Routing), assign(COUNTY))
            .given(
                role(Role::Source),
                changed(Some(history(Some(then), Some(tuesday), true))),
            );
        let compared = folded(&case);
        let (rules, people) = (compared.rules.expect("decided"), compared.people.expect("named"));
        assert_eq!(rules.rule.right(&people), expected, "{first} {then}");
        assert_eq!(compared.ended.and_then(closing), Some(24));
        assert_eq!(people.at, None, "history does not say when");
    }
}

#[test]
fn whoever_a_dispute_puts_the_clue_to_has_it_when_its_source_closes_it() {
    let dispatched = Case::new()
        .given(
            role(Role::Source),
            reported_with(history(Some(COUNTY_WATER), None, true)),
        )
        .given(role(Role::Routing), assign(COUNTY));
    let dispute = DisputeId::derive(dispatched.clue().id, CommandId::derive(b"x", "test", 0));
    let held = |interim: Option<&str>| Event::ClueHeldForDispute {
        dispute,
        interim: interim.map_or(Interim::Coordinator, |it| Interim::Agency(agency(it))),
        level: Level::County,
    };
    let disputed = |to: &str| Event::ClueDisputed {
        dispute,
        opening: Opening {
            clue: dispatched.clue().id,
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ByCoordinator,
            parties: Vec::new(),
            first_receiver: None,
        },
        interim: Interim::Agency(agency(to)),
        level: Level::County,
    };
    let designated = |to: &str| Event::ClueDesignated {
        dispute,
        assignment: Assignment {
            agency: agency(to),
            penalty: None,
            assisting: Vec::new(),
        },
        basis: "裁定 7".to_owned(),
        by: Designation::Ruling,
    };
    let table = [
        (vec![], COUNTY),
        (vec![disputed(TOWN)], TOWN),
        (vec![held(Some(TOWN))], TOWN),
        (vec![held(Some(TOWN)), designated(CITY)], CITY),
        // in nobody's hands: its source named the other one
        (vec![held(None)], COUNTY_WATER),
    ];
    for (events, last) in table {
        let mut compared = Some(folded(&dispatched));
        let like = dispatched.journal.last().expect("assigned");
        for event in events.into_iter().chain([closed_there()]) {
            let occurrence = Occurrence {
                event,
                ..like.clone()
            };
            Compared::fold(&mut compared, &occurrence);
        }
        let people = compared.and_then(|it| it.people).expect("named");
        assert_eq!(people.last.as_str(), last);
    }
}

fn closed_there() -> Event {
    Event::ClueClosed {
        resolution: Resolution {
            conclusion: Conclusion::Unstated,
            measures: Vec::new(),
            evidence: Vec::new(),
            substantiated: None,
            matter: None,
            legal_basis: None,
            document_number: None,
        },
        class: Conclusion::Unstated.class(),
        recorded: true,
    }
}
