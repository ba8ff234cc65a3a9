//! More time: who may ask, who may grant, how much and how often.

use super::super::super::testing::{COUNTY, Case, TOWN, coordinator, of, report, request_extension, role};
use super::super::super::{Actor, Command, Role};
use super::*;

fn asked(limit: &str) -> Case {
    then(dispatched(), "01-06 10:00", of(COUNTY), request_extension(limit))
}

fn granted(case: Case, limit: &str, now: &str) -> Case {
    let case = then(case, now, of(COUNTY), request_extension(limit));
    then(case, now, coordinator(), Command::GrantExtension)
}

#[test]
fn a_grant_moves_the_deadline_and_the_handling_alone() {
    let clue = granted(dispatched(), "3wd", "01-06 10:00");
    assert_eq!(due(&clue, Step::Overall), Some(end("01-15")));
    assert_eq!(due(&clue, Step::Handle), Some(end("01-13")));
    assert_eq!(due(&clue, Step::Acknowledge), Some(at("01-05 11:00")));
    assert_eq!(clue.clue().deadline, Some(end("01-15")));
    // hours on top of days begin where these end
    let clue = granted(clue, "2wh", "01-06 11:00");
    assert_eq!(due(&clue, Step::Overall), Some(at("01-16 10:00")));
}

#[test]
fn an_extension_is_asked_for_with_a_reason_in_time_and_within_bounds() {
    type Refused = (&'static str, Option<&'static str>);
    let table: [(Actor, &str, &str, Refused); 9] = [
        (of(COUNTY), "01-06 10:00", "5wd", ("", None)),
        (coordinator(), "01-06 10:00", "5wd", ("", None)),
        (of(TOWN), "01-06 10:00", "5wd", ("not_holder", None)),
        (
            of(COUNTY),
            "01-06 10:00",
            "6wd",
            ("extension_too_long", Some("limit")),
        ),
        // from the end of the 12th: the 19th is the fifth working day
        (of(COUNTY), "01-06 10:00", "7d", ("", None)),
        (
            of(COUNTY),
            "01-06 10:00",
            "8d",
            ("extension_too_long", Some("limit")),
        ),
        (of(COUNTY), "01-12 23:59", "1wd", ("", None)),
        (of(COUNTY), "01-13 00:00", "1wd", ("overdue", None)),
        (of(COUNTY), "01-13 00:01", "1wd", ("overdue", None)),
    ];
    for (actor, now, limit, refused) in table {
        let mut clue = dispatched();
        next(&mut clue, now);
        assert_eq!(
            clue.when(actor, request_extension(limit)).refused(),
            refused,
            "{now} {limit}"
        );
    }
    let mut clue = dispatched();
    clue.remark = None;
    assert_eq!(
        clue.refusal(of(COUNTY), request_extension("1wd")),
        "reason_missing"
    );
    assert_eq!(
        asked("1wd").refusal(of(COUNTY), request_extension("1wd")),
        "extension_pending"
    );
    for mut wrong in [
        Case::admitted(),
        Case::suspended(),
        Case::resolved(),
        Case::closed(),
    ] {
        assert_eq!(wrong.refusal(of(COUNTY), request_extension("1wd")), "wrong_stage");
    }
}

#[test]
fn somebody_else_decides_and_too_late_is_too_late() {
    let requester = Actor {
        person: Some(" A1 ".to_owned()),
        ..coordinator()
    };
    let operator = Actor {
        person: Some("O1".to_owned()),
        ..role(Role::Operator)
    };
    let table: [(Actor, &str, &str); 6] = [
        (coordinator(), "01-06 11:00", ""),
        (operator, "01-06 11:00", ""),
        (role(Role::Operator), "01-06 11:00", "answerer_missing"),
        (of(COUNTY), "01-06 11:00", "not_entitled"),
        (requester, "01-06 11:00", "extension_by_requester"),
        (coordinator(), "01-13 00:00", "overdue"),
    ];
    for (actor, now, code) in table {
        let mut clue = asked("3wd");
        next(&mut clue, now);
        assert_eq!(clue.refusal(actor, Command::GrantExtension), code, "{now}");
    }
    assert_eq!(
        dispatched().refusal(coordinator(), Command::GrantExtension),
        "extension_not_requested"
    );
    assert_eq!(
        dispatched().refusal(coordinator(), Command::RefuseExtension),
        "extension_not_requested"
    );
}

#[test]
fn two_may_be_granted_and_a_refusal_does_not_count() {
    let mut clue = asked("1wd").given(coordinator(), Command::RefuseExtension);
    assert_eq!(due(&clue, Step::Overall), Some(end("01-12")));
    clue = granted(clue, "1wd", "01-07 10:00");
    clue = granted(clue, "1wd", "01-07 11:00");
    assert_eq!(due(&clue, Step::Overall), Some(end("01-14")));
    assert_eq!(
        clue.refusal(of(COUNTY), request_extension("1wd")),
        "extensions_used_up"
    );
}

#[test]
fn who_gets_a_clue_later_has_no_part_in_what_was_granted_before() {
    let clue = granted(dispatched(), "3wd", "01-06 10:00");
    let clue = then(clue, "01-07 10:00", coordinator(), transfer(COUNTY_WATER));
    assert_eq!(due(&clue, Step::Overall), Some(end("01-15")));
    assert_eq!(due(&clue, Step::Handle), Some(end("01-12")));
    let mut pending = then(asked("3wd"), "01-07 10:00", coordinator(), transfer(COUNTY_WATER));
    assert_eq!(
        pending.refusal(coordinator(), Command::GrantExtension),
        "extension_not_requested"
    );
}

#[test]
fn a_deadline_of_the_source_is_the_sources_to_move() {
    let mut clue = Case::new();
    clue.rulebook.calendar = calendar();
    clue = then(
        clue,
        "01-05 09:00",
        role(Role::Source),
        Command::ReportClue(report()),
    );
    clue = then(clue, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    assert_eq!(
        clue.refusal(of(COUNTY), request_extension("1wd")),
        "deadline_of_source"
    );
    let mut none = case("01-05 09:00");
    none.rulebook.limits = crate::calendar::Limits::default();
    none = then(none, "01-05 09:00", role(Role::Routing), assign(COUNTY));
    assert_eq!(
        none.refusal(of(COUNTY), request_extension("1wd")),
        "deadline_missing"
    );
}
