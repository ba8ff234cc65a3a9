use super::super::super::testing::{
    CITY, COUNTY, COUNTY_WATER, Case, LIMITS, OTHER_COUNTY, TOWN, agency, calendar, coordinator, decision,
    designate, limits, monday, of, party, raise, resolve, role, transfer,
};
use super::super::super::{Actor, Command, Designation, Event, Occurrence};
use super::*;
use crate::dispute::Cause;

fn asking(whom: &str, kind: TaskKind, limit: Option<&str>) -> Command {
    Command::Task(TaskCommand::Ask {
        agency: agency(whom),
        kind,
        limit: limit.map(|limit| limit.parse().expect("a limit")),
    })
}

fn help(whom: &str) -> Command {
    asking(whom, TaskKind::Assist, None)
}

fn call(whom: &str) -> Command {
    asking(whom, TaskKind::Call, None)
}

fn of_first(command: fn(u32) -> TaskCommand) -> Command {
    Command::Task(command(1))
}

fn acknowledge() -> Command {
    of_first(|task| TaskCommand::Acknowledge { task })
}

fn arrive() -> Command {
    of_first(|task| TaskCommand::NoteArrival { task })
}

fn reply() -> Command {
    of_first(|task| TaskCommand::Reply { task })
}

fn decline() -> Command {
    of_first(|task| TaskCommand::Decline { task })
}

fn withdraw() -> Command {
    of_first(|task| TaskCommand::Withdraw { task })
}

fn rate(rating: u8) -> Command {
    Command::Task(TaskCommand::Rate { task: 1, rating })
}

/// With [`COUNTY`], which asked [`COUNTY_WATER`] for help.
fn helped() -> Case {
    worked(Case::dispatched()).given(of(COUNTY), help(COUNTY_WATER))
}

/// With [`TOWN`], which called [`COUNTY_WATER`].
fn called() -> Case {
    worked(Case::dispatched())
        .given(coordinator(), transfer(TOWN))
        .given(of(TOWN), call(COUNTY_WATER))
}

fn worked(mut case: Case) -> Case {
    case.rulebook.calendar = calendar();
    case
}

fn standing(case: &Case) -> TaskStanding {
    case.clue().tasks[0].standing
}

fn asked_last(case: &Case) -> (&Option<TaskDue>, &Option<TaskDue>) {
    let asked = case.journal.iter().rev().find_map(|it| match &it.event {
        Event::Task(TaskEvent::Asked { due, arrival, .. }) => Some((due, arrival)),
        _ => None,
    });
    asked.expect("was asked")
}

#[test]
fn whoever_has_the_clue_in_hand_or_a_desk_asks_another_agency_for_help() {
    let table = vec![
        (Case::dispatched(), of(COUNTY), help(TOWN), ("", None)),
        (Case::dispatched(), coordinator(), help(TOWN), ("", None)),
        (Case::dispatched(), role(Role::Operator), call(TOWN), ("", None)),
        (Case::return_requested(), of(COUNTY), help(TOWN), ("", None)),
        (Case::suspended(), of(COUNTY), help(TOWN), ("", None)),
        (Case::dispatched(), of(TOWN), help(CITY), ("not_holder", None)),
        (
            Case::dispatched(),
            role(Role::Routing),
            help(CITY),
            ("not_holder", None),
        ),
        (
            Case::dispatched(),
            of(COUNTY),
            help("x"),
            ("agency_unknown", Some("agency")),
        ),
        (
            Case::dispatched(),
            of(COUNTY),
            help(COUNTY),
            ("same_agency", Some("agency")),
        ),
        (
            helped(),
            of(COUNTY),
            call(COUNTY_WATER),
            ("already_assisting", Some("agency")),
        ),
        (helped(), of(COUNTY), help(TOWN), ("", None)),
        (Case::admitted(), coordinator(), help(TOWN), ("wrong_stage", None)),
        (
            Case::in_triage(),
            coordinator(),
            help(TOWN),
            ("wrong_stage", None),
        ),
        (Case::resolved(), of(COUNTY), help(TOWN), ("wrong_stage", None)),
        (Case::closed(), coordinator(), help(TOWN), ("wrong_stage", None)),
    ];
    for (mut case, actor, command, refused) in table {
        let before = (case.stage(), case.clue().tasks.len());
        assert_eq!(case.when(actor, command).refused(), refused, "{before:?}");
        let more = usize::from(refused.0.is_empty());
        assert_eq!(
            (case.stage(), case.clue().tasks.len()),
            (before.0, before.1 + more)
        );
    }
    let mut silent = Case::dispatched();
    silent.remark = None;
    let refused = silent.when(of(COUNTY), help(TOWN));
    assert_eq!(refused.refused(), ("reason_missing", Some("reason")));
}

#[test]
fn a_limit_is_the_one_that_was_given_else_the_rulebooks_else_the_usual_one() {
    let table = [
        (&[][..], help(TOWN), ("5wd", None), None),
        (
            &[],
            asking(TOWN, TaskKind::Assist, Some("3wh")),
            ("3wh", None),
            None,
        ),
        (&[], call(TOWN), ("5wd", None), Some(("2h", None))),
        (
            &[],
            asking(TOWN, TaskKind::Call, Some("30min")),
            ("5wd", None),
            Some(("30min", None)),
        ),
        (
            &[(calendar::Step::Assist, "2wd"), (calendar::Step::Arrive, "40min")],
            call(TOWN),
            ("2wd", Some(2)),
            Some(("40min", Some(3))),
        ),
        (
            &[(calendar::Step::Assist, "2wd")],
            asking(TOWN, TaskKind::Assist, Some("3wh")),
            ("3wh", None),
            None,
        ),
    ];
    for (rows, command, due, arrival) in table {
        let mut case = worked(Case::dispatched());
        case.rulebook.limits = limits(rows);
        let case = case.given(of(COUNTY), command);
        let (set, set_arrival) = asked_last(&case);
        let is = |due: &TaskDue| (due.limit.to_string(), due.row);
        assert_eq!(set.as_ref().map(is), Some((due.0.to_owned(), due.1)));
        let arrival = arrival.map(|(limit, row)| (limit.to_owned(), row));
        assert_eq!(set_arrival.as_ref().map(is), arrival);
        let by = set.as_ref().expect("a due time");
        assert_eq!(by.limits_by, case.rulebook.version);
        assert_eq!(
            (&by.calendar_by, &by.calendar),
            (&case.rulebook.version, calendar().version())
        );
    }
}

#[test]
fn a_due_time_is_working_time_of_the_place() {
    // the case begins on Monday the 5th of January; its third command comes three hours later
    let case = helped();
    let due = calendar().due(None, monday().plus_minutes(180), "5wd".parse().expect("a limit"));
    let (set, arrival) = asked_last(&case);
    assert_eq!(set.as_ref().map(|due| due.at), due.ok().map(|due| due.at));
    assert_eq!(arrival, &None);
}

#[test]
fn a_task_is_its_agencys_to_do() {
    let table: Vec<(Case, Actor, Command, &str, TaskStanding)> = vec![
        (
            helped(),
            of(COUNTY_WATER),
            acknowledge(),
            "",
            TaskStanding::Acknowledged,
        ),
        (
            helped(),
            coordinator(),
            acknowledge(),
            "",
            TaskStanding::Acknowledged,
        ),
        (
            helped(),
            of(COUNTY),
            acknowledge(),
            "not_assisting",
            TaskStanding::Asked,
        ),
        (
            helped(),
            role(Role::Clock),
            reply(),
            "not_assisting",
            TaskStanding::Asked,
        ),
        (helped(), of(COUNTY_WATER), reply(), "", TaskStanding::Replied),
        (helped(), of(COUNTY_WATER), decline(), "", TaskStanding::Declined),
        (
            helped(),
            of(COUNTY_WATER),
            arrive(),
            "not_a_call",
            TaskStanding::Asked,
        ),
        (
            called(),
            of(COUNTY_WATER),
            reply(),
            "not_arrived",
            TaskStanding::Asked,
        ),
        (called(), of(COUNTY_WATER), arrive(), "", TaskStanding::Arrived),
        (called(), of(COUNTY_WATER), decline(), "", TaskStanding::Declined),
        (
            called().given(of(COUNTY_WATER), arrive()),
            of(COUNTY_WATER),
            arrive(),
            "already_arrived",
            TaskStanding::Arrived,
        ),
        (
            called().given(of(COUNTY_WATER), arrive()),
            of(COUNTY_WATER),
            acknowledge(),
            "task_acknowledged",
            TaskStanding::Arrived,
        ),
        (
            called().given(of(COUNTY_WATER), arrive()),
            of(COUNTY_WATER),
            reply(),
            "",
            TaskStanding::Replied,
        ),
        (
            helped().given(of(COUNTY_WATER), reply()),
            of(COUNTY_WATER),
            decline(),
            "task_over",
            TaskStanding::Replied,
        ),
    ];
    for (mut case, actor, command, code, after) in table {
        let name = command.name();
        assert_eq!(case.refusal(actor, command), code, "{name}");
        assert_eq!(standing(&case), after, "{name}");
    }
    let unknown = Command::Task(TaskCommand::Reply { task: 2 });
    let outcome = helped().when(of(COUNTY_WATER), unknown);
    assert_eq!(outcome.refused(), ("task_unknown", Some("task")));
}

#[test]
fn who_answers_declines_or_withdraws_says_it_in_words() {
    for (actor, command) in [
        (of(COUNTY_WATER), reply()),
        (of(COUNTY_WATER), decline()),
        (of(COUNTY), withdraw()),
    ] {
        let mut case = helped();
        case.remark = Some(" ".to_owned());
        assert_eq!(case.refusal(actor, command), "reason_missing");
    }
}

fn late_of(it: &Occurrence) -> Option<bool> {
    match &it.event {
        Event::Task(
            TaskEvent::ArrivalNoted { late, .. }
            | TaskEvent::Replied { late, .. }
            | TaskEvent::Declined { late, .. },
        ) => Some(*late),
        _ => None,
    }
}

#[test]
fn what_comes_at_its_due_time_is_in_time_and_a_moment_later_it_is_late() {
    for (case, command, is_arrival) in [
        (helped as fn() -> Case, reply(), false),
        (helped, decline(), false),
        (called, arrive(), true),
    ] {
        for (micros, late) in [(0, false), (1, true)] {
            let mut case = case();
            let (due, arrival) = asked_last(&case);
            let due = if is_arrival { arrival } else { due };
            let at = due.as_ref().expect("a due time").at.plus_micros(micros);
            case.now = at.plus_minutes(-60);
            let outcome = case.when(of(COUNTY_WATER), command.clone());
            assert_eq!(
                outcome.0.first().and_then(late_of),
                Some(late),
                "{}",
                command.name()
            );
            // one that the agency says of itself counts as it says
            assert_eq!(outcome.0[0].at, at);
        }
    }
}

#[test]
fn a_call_is_rated_once_by_whoever_called_when_somebody_came_or_it_is_over() {
    let arrived = || called().given(of(COUNTY_WATER), arrive());
    let closed = called().given(of(TOWN), resolve());
    let closed = closed.given(
        coordinator(),
        Command::VoidClue {
            reason: "test_data".to_owned(),
        },
    );
    let table = vec![
        (called(), of(TOWN), 5, "not_arrived"),
        (arrived(), of(TOWN), 0, "rating_out_of_range"),
        (arrived(), of(TOWN), 6, "rating_out_of_range"),
        (arrived(), of(TOWN), 1, ""),
        (arrived(), of(COUNTY_WATER), 5, "did_not_ask"),
        (arrived(), coordinator(), 5, "did_not_ask"),
        (arrived(), role(Role::Operator), 5, ""),
        (arrived().given(of(COUNTY_WATER), reply()), of(TOWN), 4, ""),
        (called().given(of(COUNTY_WATER), decline()), of(TOWN), 2, ""),
        (called().given(of(TOWN), withdraw()), of(TOWN), 2, "task_over"),
        (closed, of(TOWN), 1, ""),
        (arrived().given(of(TOWN), rate(3)), of(TOWN), 4, "already_rated"),
        (
            helped().given(of(COUNTY_WATER), reply()),
            of(COUNTY),
            4,
            "not_a_call",
        ),
    ];
    for (number, (mut case, actor, rating, code)) in table.into_iter().enumerate() {
        assert_eq!(case.refusal(actor, rate(rating)), code, "row {number}");
        if code.is_empty() {
            assert_eq!(case.clue().tasks[0].rating, Some(rating), "row {number}");
        }
    }
}

#[test]
fn whoever_asked_withdraws_and_the_agency_may_be_asked_again() {
    let mut case = helped();
    assert_eq!(case.refusal(of(COUNTY_WATER), withdraw()), "did_not_ask");
    assert_eq!(case.refusal(of(COUNTY), withdraw()), "");
    assert_eq!(case.refusal(of(COUNTY), withdraw()), "task_over");
    assert_eq!(case.refusal(of(COUNTY), help(COUNTY_WATER)), "");
    let numbers: Vec<_> = case.clue().tasks.iter().map(|task| task.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn an_open_task_is_left_behind_only_with_a_reason_that_names_it() {
    let mut case = helped();
    case.remark = None;
    let refused = case.when(of(COUNTY), resolve());
    assert_eq!(refused.refused(), ("open_tasks", Some("tasks/1")));
    let mut answered = helped().given(of(COUNTY_WATER), reply());
    answered.remark = None;
    assert_eq!(answered.refusal(of(COUNTY), resolve()), "");
    case.remark = Some("不再等待".to_owned());
    assert_eq!(case.refusal(of(COUNTY), resolve()), "");
    assert_eq!(standing(&case), TaskStanding::Asked, "until the clue ends");
}

#[test]
fn tasks_end_with_the_clue_and_stay_over_when_it_comes_back() {
    let void = Command::VoidClue {
        reason: "test_data".to_owned(),
    };
    let mut case = helped().given(coordinator(), void);
    assert_eq!(standing(&case), TaskStanding::Ended);
    assert_eq!(case.clue().tasks[0].over_at, Some(case.state.last_at));
    assert_eq!(case.refusal(of(COUNTY_WATER), reply()), "task_over");
    let closed = helped().with(|policy| {
        let needs = policy.verification.entry("grid".to_owned()).or_default();
        (needs.check, needs.auto_close) = (false, true);
    });
    let mut closed = closed.given(of(COUNTY), resolve());
    assert_eq!(
        (closed.stage(), standing(&closed)),
        ("closed", TaskStanding::Ended)
    );
    assert_eq!(closed.refusal(coordinator(), Command::ReopenClue), "");
    assert_eq!(standing(&closed), TaskStanding::Ended);
}

#[test]
fn a_transfer_keeps_tasks_but_nobody_assists_itself() {
    let mut case = helped().given(of(COUNTY), help(TOWN));
    case.when(coordinator(), transfer(TOWN));
    let standings: Vec<_> = case.clue().tasks.iter().map(|task| task.standing).collect();
    assert_eq!(standings, [TaskStanding::Asked, TaskStanding::Ended]);
    assert_eq!(case.refusal(of(COUNTY_WATER), reply()), "");
}

#[test]
fn whom_an_assignment_names_beside_the_responsible_agency_has_a_task() {
    let assign = |assisting: &[&str]| Command::AssignClue {
        agency: agency(COUNTY),
        penalty: None,
        assisting: assisting.iter().map(|it| agency(it)).collect(),
        decision: decision("matched"),
    };
    let mut case = worked(Case::admitted());
    let outcome = case.when(role(Role::Routing), assign(&[TOWN, COUNTY, CITY, TOWN]));
    assert_eq!(
        outcome.events(),
        ["ClueAssigned", "AssistanceAsked", "AssistanceAsked"]
    );
    let tasks = case.clue().tasks.iter();
    let tasks: Vec<_> = tasks
        .map(|task| (task.number, task.agency.as_str(), task.kind, task.asked_by.role))
        .collect();
    let assist = TaskKind::Assist;
    assert_eq!(
        tasks,
        [(1, TOWN, assist, Role::Routing), (2, CITY, assist, Role::Routing)]
    );
    // the desk asked, not the agency that is responsible
    assert_eq!(case.refusal(of(COUNTY), withdraw()), "did_not_ask");
    assert_eq!(case.refusal(coordinator(), withdraw()), "");
}

#[test]
fn whom_a_dispute_names_has_a_task_unless_it_assists_already() {
    let mut case = Case::disputed();
    case = case.given(of(COUNTY), help(TOWN));
    let dispute = case.dispute();
    let Command::DesignateAgency {
        agency: to,
        basis,
        by,
        ..
    } = designate(dispute, COUNTY, Designation::Ruling)
    else {
        unreachable!("a designation");
    };
    let command = Command::DesignateAgency {
        dispute,
        agency: to,
        assisting: vec![agency(TOWN), agency(OTHER_COUNTY)],
        basis,
        by,
    };
    let outcome = case.when(role(Role::Dispute), command);
    assert_eq!(outcome.events(), ["ClueDesignated", "AssistanceAsked"]);
    assert_eq!(case.clue().tasks[1].agency.as_str(), OTHER_COUNTY);
}

#[test]
fn the_clocks_of_a_clue_do_not_move_for_a_task() {
    let mut case = Case::dispatched();
    case.rulebook.calendar = calendar();
    case.rulebook.limits = limits(LIMITS);
    case = case.given(of(COUNTY), Command::AcknowledgeClue);
    let before = case.clue().timing.clone();
    let mut case = case.given(of(COUNTY), help(TOWN));
    case.when(of(TOWN), reply());
    assert_eq!(case.clue().timing, before);
}

#[test]
fn nobody_is_late_before_it_could_know_that_it_was_asked() {
    for (command, limit) in [
        (asking(TOWN, TaskKind::Assist, Some("30min")), (30, None)),
        (asking(TOWN, TaskKind::Call, Some("30min")), (0, Some(30))),
    ] {
        let mut case = worked(Case::dispatched());
        // said to have been asked long before it was
        case.occurred_at = Some(case.now);
        case.now = case.now.plus_minutes(600);
        let case = case.given(of(COUNTY), command);
        let received = case.now;
        assert!(case.state.last_at < received);
        let (due, arrival) = asked_last(&case);
        let at = |it: &Option<TaskDue>| it.as_ref().map(|it| it.at);
        if let (minutes, None) = limit {
            assert_eq!(at(due), Some(received.plus_minutes(minutes)));
        }
        assert_eq!(at(arrival), limit.1.map(|minutes| received.plus_minutes(minutes)));
        let usual = calendar().due(None, received, ANSWER).expect("a due time").at;
        if limit.1.is_some() {
            assert_eq!(at(due), Some(usual), "the answer too");
        }
    }
}

/// With as many tasks as there may be, all but the last withdrawn.
fn full() -> Case {
    let mut case = worked(Case::dispatched());
    for task in 1..=100 {
        case = case.given(of(COUNTY), help(TOWN));
        if task < 100 {
            case = case.given(of(COUNTY), Command::Task(TaskCommand::Withdraw { task }));
        }
    }
    case
}

#[test]
fn a_clue_has_at_most_a_hundred_tasks() {
    let mut case = full();
    assert_eq!(case.refusal(of(COUNTY), help(CITY)), "too_many_tasks");
    let assign = Command::AssignClue {
        agency: agency(COUNTY),
        penalty: None,
        assisting: vec![agency(TOWN); 101],
        decision: decision("matched"),
    };
    let outcome = Case::admitted().when(role(Role::Routing), assign);
    assert_eq!(outcome.refused(), ("too_many_tasks", Some("assisting")));
    // a ruling is not held up by it
    let parties = [party(COUNTY, None), party(COUNTY_WATER, None)];
    let case = case.given(coordinator(), raise(Cause::ByCoordinator, &parties));
    let command = Command::DesignateAgency {
        dispute: case.dispute(),
        agency: agency(COUNTY_WATER),
        assisting: vec![agency(CITY)],
        basis: "裁定 7".to_owned(),
        by: Designation::Ruling,
    };
    let mut case = case;
    assert_eq!(
        case.when(role(Role::Dispute), command).events(),
        ["ClueDesignated"]
    );
    assert_eq!(
        (case.clue().tasks.len(), case.holder()),
        (100, Some(COUNTY_WATER))
    );
}
