//! Who is told what when a clue is assigned.

use bihuan_contracts::delivery::AssignmentRole::{Assisting, Penalty, Responsible};
use bihuan_contracts::delivery::{AssignmentNotice, AssignmentRole, NoticeTask};
use bihuan_contracts::header;
use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{
    Assignment, CallBack, Clocks, Codes, Conclusion, Designation, Event, History, Running, Suspension,
    TaskDue, TaskEvent, TaskKind, Text,
};
use bihuan_domain::code::{AreaCode, Level, RulebookVersion};
use bihuan_domain::dispute::{Cause, Claim, Interim, Opening};
use bihuan_domain::id::{CommandId, DisputeId};

use super::callbacks::resolved;
use super::harness::{Harness, agency, asked, assigned, clue, now, report, reported};
use crate::{Config, Route};

/// Who is told, in which part, of which version.
type Part<'a> = (&'a str, AssignmentRole, u32);

fn parts(notices: &[(AssignmentNotice, bihuan_stream::Record)]) -> Vec<Part<'_>> {
    notices
        .iter()
        .map(|(notice, _)| (notice.agency.as_str(), notice.role, notice.version))
        .collect()
}

fn transferred(to: &str, recorded: bool) -> Event {
    Event::ClueTransferred {
        from: None,
        to: agency(to),
        basis: None,
        recorded,
    }
}

#[tokio::test]
async fn every_agency_of_an_assignment_is_told_once_in_its_part() {
    let mut harness = Harness::start(Config::default()).await;
    let text = Text {
        title: Some("占道".to_owned()),
        remark: Some("内部".to_owned()),
        ..Text::default()
    };
    harness
        .happens(clue("1"), Some(text), vec![reported("1"), Event::ClueAdmitted])
        .await;
    harness
        .happens(
            clue("1"),
            None,
            vec![
                assigned("county", Some("police"), &["town", "county"]),
                asked(1, "town"),
            ],
        )
        .await;
    let notices = harness.notices(3).await;
    let expected = [
        ("county", Responsible, 3),
        ("police", Penalty, 3),
        ("town", Assisting, 4),
    ];
    assert_eq!(parts(&notices), expected);
    let (first, _) = &notices[0];
    assert_eq!(
        (first.number.as_str(), first.title.as_deref()),
        ("330602-20260105-1", Some("占道"))
    );
    assert_eq!(
        (first.deadline, first.reported_at),
        (Some(now().plus_days(3)), now())
    );
    let ids: std::collections::BTreeSet<_> = notices
        .iter()
        .map(|(_, record)| record.header(header::CE_ID))
        .collect();
    assert_eq!(ids.len(), 3, "each notice has an id of its own");
}

#[tokio::test]
async fn later_notices_know_the_clue_even_in_another_process() {
    let mut harness = Harness::start(Config::default()).await;
    harness
        .happens(
            clue("1"),
            None,
            vec![reported("1"), assigned("county", Some("police"), &[])],
        )
        .await;
    harness.notices(2).await;
    harness.restart().await;
    let corrected = Event::ClueCorrected(Codes {
        area: Some("330603".parse().expect("valid")),
        ..Codes::default()
    });
    harness
        .happens(clue("1"), None, vec![corrected, transferred("water", false)])
        .await;
    let notices = harness.notices(1).await;
    let (notice, _) = &notices[0];
    assert_eq!(
        (notice.agency.as_str(), notice.area.as_ref().map(AreaCode::as_str)),
        ("water", Some("330603"))
    );
    assert_eq!(
        (notice.number.as_str(), notice.deadline),
        ("330602-20260105-1", Some(now().plus_days(3))),
        "the deadline stays"
    );
}

#[tokio::test]
async fn whoever_gets_the_clue_back_is_told_again() {
    let mut harness = Harness::start(Config::default()).await;
    let delegated = Event::ClueDelegated {
        from: agency("county"),
        to: agency("town"),
    };
    let unreachable = Event::CallBackRecorded {
        result: CallBack::Unreachable,
        attempt: 1,
    };
    let not_done = Event::CallBackRecorded {
        result: CallBack::NotDone,
        attempt: 2,
    };
    harness
        .happens(
            clue("1"),
            None,
            vec![reported("1"), assigned("county", Some("police"), &[]), delegated],
        )
        .await;
    harness
        .happens(
            clue("1"),
            None,
            vec![
                Event::CheckFailed,
                unreachable,
                not_done,
                Event::ClueReopened { recorded: false },
            ],
        )
        .await;
    let notices = harness.notices(7).await;
    let expected = [
        ("county", Responsible, 2),
        ("police", Penalty, 2),
        ("town", Responsible, 3),
        ("town", Responsible, 4),
        ("town", Responsible, 6),
        ("town", Responsible, 7),
        ("police", Penalty, 7),
    ];
    assert_eq!(parts(&notices), expected);
}

#[tokio::test]
async fn nobody_is_told_of_the_past() {
    let mut harness = Harness::start(Config::default()).await;
    let recorded = Event::ClueAssigned {
        assignment: Assignment {
            agency: agency("county"),
            penalty: None,
            assisting: Vec::new(),
        },
        decision: bihuan_domain::clue::RoutingDecision {
            rulebook: RulebookVersion::none(),
            row: None,
            reason: "recorded".to_owned(),
        },
        deadline: None,
        recorded: true,
    };
    harness
        .happens(
            clue("1"),
            None,
            vec![reported("1"), recorded, transferred("town", true)],
        )
        .await;
    // routed by us, but closed at its source long ago
    let history = History {
        agency: Some(agency("town")),
        closed_at: Some(now()),
        conclusion: Conclusion::Unstated,
        route: true,
    };
    let mut past = report("2");
    past.history = Some(history);
    let past = Event::ClueReported {
        number: "n".to_owned(),
        report: past,
    };
    harness
        .happens(
            clue("2"),
            None,
            vec![past, assigned("county", None, &[]), transferred("town", true)],
        )
        .await;
    // begun anew by its source's own log: the agency has it from there
    harness
        .happens(clue("1"), None, vec![Event::ClueReopened { recorded: true }])
        .await;
    // the first notice of each is that of its reopening
    harness
        .happens(clue("1"), None, vec![Event::ClueReopened { recorded: false }])
        .await;
    assert_eq!(parts(&harness.notices(1).await), [("town", Responsible, 5)]);
    harness
        .happens(clue("2"), None, vec![Event::ClueReopened { recorded: false }])
        .await;
    assert_eq!(parts(&harness.notices(1).await), [("town", Responsible, 4)]);
}

#[tokio::test]
async fn an_agency_without_a_route_is_told_nothing() {
    let notices = vec![Route {
        agency: agency("town"),
        topic: super::harness::NOTICES.to_owned(),
    }];
    let mut harness = Harness::start(Config {
        notices,
        ..Config::default()
    })
    .await;
    harness
        .happens(
            clue("1"),
            None,
            vec![
                reported("1"),
                assigned("county", None, &["town"]),
                asked(1, "town"),
            ],
        )
        .await;
    assert_eq!(parts(&harness.notices(1).await), [("town", Assisting, 3)]);
}

#[tokio::test]
async fn an_agency_hears_of_a_deadline_that_moves_and_of_nothing_that_leaves_it_as_it_was() {
    let mut harness = Harness::start(Config::default()).await;
    let events = vec![reported("1"), assigned("county", None, &[])];
    harness.happens(clue("1"), None, events).await;
    harness.notices(1).await;
    let wound = |days| Clocks {
        limits_by: RulebookVersion::none(),
        calendar_by: RulebookVersion::none(),
        calendar: "c0ffee".parse().expect("valid"),
        running: vec![Running {
            step: Step::Overall,
            since: now(),
            due_at: now().plus_days(days),
            own_due_at: None,
            limit: None,
            row: None,
            provisional: false,
            known_at: now(),
            silent: false,
            calendar_by: RulebookVersion::none(),
            calendar: "c0ffee".parse().expect("valid"),
            stands_since: None,
        }],
        next_rung: None,
    };
    let suspended = || Event::ClueSuspended {
        suspension: Suspension {
            reason: "litigation".to_owned(),
            approver: "B9".to_owned(),
            until: now().plus_days(5),
        },
    };
    let released = || Event::ClueReleasedFromDispute {
        dispute: DisputeId::derive(clue("1"), CommandId::derive(b"cause", "test", 0)),
    };
    let table = [
        (Event::DeadlineRevised, 3, None),
        (Event::DeadlineRevised, 4, Some(4)),
        (suspended(), 9, Some(5)),
        (Event::ClueResumed, 9, None),
        (suspended(), 12, Some(7)),
        (Event::ClueResumed, 10, Some(8)),
        (released(), 10, None),
        (released(), 11, Some(10)),
        (resolved(), 11, None),
        // it has done what it had to do
        (Event::DeadlineRevised, 12, None),
        (Event::CheckFailed, 12, Some(13)),
        (Event::DeadlineRevised, 13, Some(14)),
    ];
    for (event, days, told) in table {
        let name = event.name();
        harness.winds(clue("1"), event, wound(days)).await;
        let Some(version) = told else {
            harness.silent().await;
            continue;
        };
        let notices = harness.notices(1).await;
        assert_eq!(parts(&notices), [("county", Responsible, version)], "{name}");
        assert_eq!(notices[0].0.deadline, Some(now().plus_days(days)), "{name}");
    }
    // nor was it ever sent recorded history
    let past = transferred("county", true);
    harness.happens(clue("2"), None, vec![reported("2"), past]).await;
    harness.winds(clue("2"), Event::DeadlineRevised, wound(9)).await;
    harness.silent().await;
}

#[tokio::test]
async fn whoever_a_dispute_puts_the_clue_to_is_told_as_of_a_dispatch() {
    let mut harness = Harness::start(Config::default()).await;
    let dispute = DisputeId::derive(clue("1"), CommandId::derive(b"cause", "test", 0));
    let party = |name| Claim {
        agency: agency(name),
        position: None,
        duty: None,
    };
    let disputed = |to| Event::ClueDisputed {
        dispute,
        opening: Opening {
            clue: clue("1"),
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ByCoordinator,
            parties: vec![party("county"), party("water")],
            first_receiver: Some(agency("county")),
        },
        interim: Interim::Agency(agency(to)),
        level: Level::County,
    };
    let held = |interim| Event::ClueHeldForDispute {
        dispute,
        interim,
        level: Level::City,
    };
    let designated = |to, assisting: &[&str]| Event::ClueDesignated {
        dispute,
        assignment: Assignment {
            agency: agency(to),
            penalty: None,
            assisting: assisting.iter().copied().map(agency).collect(),
        },
        basis: "ruling 7".to_owned(),
        by: Designation::Ruling,
    };
    let first = vec![reported("1"), assigned("county", None, &[])];
    harness.happens(clue("1"), None, first).await;
    harness.notices(1).await;
    // who has it already knows
    harness.happens(clue("1"), None, vec![disputed("county")]).await;
    harness.silent().await;
    let table: [(Event, &[Part]); 6] = [
        (
            held(Interim::Agency(agency("water"))),
            &[("water", Responsible, 4)],
        ),
        (held(Interim::Coordinator), &[]),
        (
            held(Interim::Agency(agency("water"))),
            &[("water", Responsible, 6)],
        ),
        (designated("water", &["town"]), &[("water", Responsible, 7)]),
        (Event::ClueReleasedFromDispute { dispute }, &[]),
        (designated("county", &[]), &[("county", Responsible, 9)]),
    ];
    for (event, told) in table {
        let name = event.name();
        harness.happens(clue("1"), None, vec![event]).await;
        if told.is_empty() {
            harness.silent().await;
        } else {
            assert_eq!(parts(&harness.notices(told.len()).await), told, "{name}");
        }
    }
    // what it has finished it is not sent again
    harness
        .happens(clue("1"), None, vec![resolved(), designated("county", &[])])
        .await;
    harness.silent().await;
}

#[tokio::test]
async fn an_agency_that_is_asked_to_help_is_told_of_its_task() {
    let mut harness = Harness::start(Config::default()).await;
    let due = |days| TaskDue {
        at: now().plus_days(days),
        limit: "5wd".parse().expect("a limit"),
        row: None,
        provisional: false,
        limits_by: RulebookVersion::none(),
        calendar_by: RulebookVersion::none(),
        calendar: "c0ffee".parse().expect("valid"),
    };
    let with = |task, whom, kind, arrival: Option<TaskDue>| {
        Event::Task(TaskEvent::Asked {
            task,
            agency: agency(whom),
            kind,
            due: Some(due(5)),
            arrival,
        })
    };
    let assist = |task, whom| with(task, whom, TaskKind::Assist, None);
    harness
        .happens(
            clue("1"),
            None,
            vec![
                reported("1"),
                assigned("county", Some("police"), &["town"]),
                assist(1, "town"),
                with(2, "police", TaskKind::Call, Some(due(1))),
            ],
        )
        .await;
    let notices = harness.notices(4).await;
    let expected = [
        ("county", Responsible, 2),
        ("police", Penalty, 2),
        ("town", Assisting, 3),
        ("police", Assisting, 4),
    ];
    assert_eq!(parts(&notices), expected);
    let tasks: Vec<_> = notices.iter().map(|(notice, _)| notice.task.clone()).collect();
    let task = |number, kind, arrive_by| {
        Some(NoticeTask {
            number,
            kind,
            due_at: Some(now().plus_days(5)),
            arrive_by,
        })
    };
    let there = Some(now().plus_days(1));
    let expected = [
        None,
        None,
        task(1, TaskKind::Assist, None),
        task(2, TaskKind::Call, there),
    ];
    assert_eq!(tasks, expected);
    let withdrawn = Event::Task(TaskEvent::Withdrawn { task: 1 });
    harness
        .happens(clue("1"), None, vec![withdrawn, assist(3, "town")])
        .await;
    assert_eq!(parts(&harness.notices(1).await), [("town", Assisting, 6)]);
}
