//! Laws of times in random lives.

use super::*;

/// What the event had done that the clock of the step waits for; of a clock that it ended in time. By the words of the events: what
/// is not named here went to somebody else, or is over for another reason than that it was done.
fn is_done(step: Step, event: &Event) -> bool {
    let is_from_desk = matches!(event, Event::ClueTransferred { from: None, .. });
    let is_over = matches!(event, Event::ClueClosed { .. });
    let is_done = match step {
        Step::Dispatch | Step::Triage => {
            is_from_desk || matches!(event, Event::ClueAssigned { .. } | Event::ClueDesignated { .. })
        }
        Step::Acknowledge => matches!(
            event,
            Event::ClueAcknowledged
                | Event::HandlingStarted
                | Event::ReturnRequested { .. }
                | Event::ReturnRefused
                | Event::ClueResolved { .. }
        ),
        Step::Handle => matches!(event, Event::ClueResolved { .. }),
        Step::Check => matches!(
            event,
            Event::CheckPassed | Event::CheckFailed | Event::CallBackRecorded { .. }
        ),
        Step::Overall => true,
        Step::Assist | Step::Arrive => false,
    };
    is_done || is_over
}

/// The clocks that ran and run no more, out of the journal alone: by task and by who had them, how many and how many in time.
fn ended(journal: &[Occurrence]) -> BTreeMap<(Task, String), (u64, u64)> {
    let mut state = State::default();
    let mut running: BTreeMap<(Step, Timestamp), (Timestamp, Option<Timestamp>)> = BTreeMap::new();
    let mut ended: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for it in journal {
        let had = state.clue.as_ref().and_then(|clue| clue.assignment());
        let had = had.map_or_else(String::new, |by| by.agency.to_string());
        let disputed = state
            .clue
            .as_ref()
            .is_some_and(|clue| clue.stage.name() == "coordination");
        evolve(&mut state, it);
        let Some(clocks) = &it.clocks else { continue };
        let now = clocks
            .running
            .iter()
            .map(|it| ((it.step, it.since), (it.due_at, it.stands_since)))
            .collect();
        let before = std::mem::replace(&mut running, now);
        for ((step, since), (due_at, stands_since)) in before {
            let in_time = stands_since.map_or(it.at, |since| since.min(it.at)) <= due_at;
            let standing = if disputed {
                Standing::Coordination
            } else {
                Standing::Triage
            };
            if running.contains_key(&(step, since)) || in_time && !is_done(step, &it.event) {
                continue;
            }
            let Some(task) = Task::of(step, standing) else {
                continue;
            };
            let whose = if task.is_of_agency() {
                had.clone()
            } else {
                String::new()
            };
            let (all, timely) = ended.entry((task, whose)).or_default();
            *all += 1;
            *timely += u64::from(in_time);
        }
    }
    ended
}

/// A life that somebody asked more time for, if an agency had the clue at its end; and which went on after that.
fn lived_on(policy: Policy, asks: &[Ask], days: i64) -> Case {
    let mut case = lived(policy, asks);
    let holder = case.state.clue.as_ref().and_then(|clue| clue.assignment());
    let Some(holder) = holder.map(|by| by.agency.to_string()) else {
        return case;
    };
    case.when(of(&holder), request_extension("1wd"));
    case.when(coordinator(), Command::GrantExtension);
    case.now = case.now.plus_days(days);
    case.wake(case.now);
    case.when(of(&holder), resolve());
    case
}

proptest! {
    /// Also what was overdue, at every moment of its life.
    #[test]
    fn figures_as_of_a_moment_are_those_of_the_history_cut_there(
        policy in policies(), asks in asks(), cut in 0..200_usize, hours in 0..100_i64, days in 0..9_i64
    ) {
        let case = lived_on(policy, &asks, days);
        let Some(at) = case.journal.get(cut % case.journal.len().max(1)).map(|it| it.at) else { return Ok(()) };
        let at = at.plus_minutes(60 * hours);
        let whole = folded(&case.journal);
        let then = folded(case.journal.iter().filter(|it| it.at <= at));
        prop_assert_eq!(counted(query(at), &whole), counted(query(at), &then));
    }

    #[test]
    fn every_clock_that_ended_did_so_in_time_or_late(policy in policies(), asks in asks(), days in 0..9_i64) {
        let case = lived_on(policy, &asks, days);
        let Some(facts) = folded(&case.journal) else { return Ok(()) };
        let everything = Query { by: Some(By::Agency), ..Query::everything(case.now, TimeZone::UTC) };
        let report = counted(everything, [&facts]);
        let is_ours = facts.class == Class::Ordinary;
        let ended = if is_ours { ended(&case.journal) } else { BTreeMap::new() };
        for task in Task::ALL {
            let by_agency = report.rows.iter().map(|row| (row.key.clone(), row.counts.task(task)));
            let by_agency = by_agency.filter(|(_, counts)| counts.ended > 0);
            let counted: BTreeMap<_, _> = by_agency.map(|(key, it)| ((task, key), (it.ended, it.in_time))).collect();
            let expected = ended.iter().filter(|((of, _), _)| *of == task).map(|(key, it)| (key.clone(), *it)).collect();
            prop_assert_eq!(counted, expected);
        }
    }

    /// Clocks included, which may be others' than the clue is.
    #[test]
    fn the_rows_of_agencies_come_to_the_whole(policy in policies(), asks in asks(), days in 0..60_i64) {
        let case = lived_on(policy, &asks, days);
        let asked = Query { by: Some(By::Agency), ..query(case.now) };
        let report = counted(asked, &folded(&case.journal));
        let mut sum = Counts::default();
        for row in &report.rows {
            sum += row.counts;
        }
        prop_assert_eq!(sum, report.counts);
    }

    #[test]
    fn every_overdue_clue_is_in_one_band(policy in policies(), asks in asks(), days in 0..60_i64) {
        let case = lived_on(policy, &asks, days % 9);
        let facts = folded(&case.journal);
        let counts = counted(query(case.now.plus_days(days)), &facts).counts;
        let bands: u64 = counts.overdue_by_age().iter().map(|(_, count)| count).sum();
        prop_assert_eq!(bands, counts.open_overdue);
        prop_assert!(counts.extended <= counts.extensions && counts.ever_suspended <= counts.suspensions);
        prop_assert!(counts.backlog <= counts.open && counts.provisional <= counts.open);
        prop_assert!(counts.closed_on_time_raw <= counts.closed);
        prop_assert!(counts.used_seconds_late >= counts.limit_seconds_late);
    }
}

/// The laws prove nothing about what no life reaches.
#[test]
fn the_lives_reach_what_the_laws_of_times_speak_of() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut reached = BTreeSet::new();
    for number in 0..600 {
        let (policy, asks) = (policies(), asks())
            .new_tree(&mut runner)
            .expect("a tree")
            .current();
        let case = lived_on(policy, &asks, number % 9);
        let Some(facts) = folded(&case.journal) else {
            continue;
        };
        let report = counted(
            Query {
                by: Some(By::Agency),
                ..query(case.now)
            },
            [&facts],
        );
        let counts = report.counts;
        reached.extend(
            counts
                .entries()
                .filter(|(_, count)| *count > 0)
                .map(|(key, _)| key),
        );
        let is_late = |task: &Task| counts.task(*task).ended > counts.task(*task).in_time;
        reached.extend(Task::ALL.into_iter().filter(is_late).map(Task::as_str));
        let latest = facts.latest();
        if latest.raw_deadline() != latest.deadline {
            reached.insert("moved");
        }
        let by_several = |task: Task| {
            report
                .rows
                .iter()
                .filter(|row| row.counts.task(task).ended > 0)
                .count()
                > 1
        };
        if by_several(Task::Acknowledge) && by_several(Task::Handle) {
            reached.insert("of several agencies");
        }
        reached.extend(latest.colour().map(|_| "colour"));
        reached.extend(latest.escalated_to().map(|_| "escalated"));
    }
    let wanted = [
        "dispatch_in_time",
        "triage_in_time",
        "coordination_in_time",
        "acknowledge_in_time",
        "handle_in_time",
        "check_in_time",
        "acknowledge_overdue",
        "handle_overdue",
        "check_overdue",
        "dispatch",
        "triage",
        "coordination",
        "acknowledge",
        "handle",
        "check",
        "extensions",
        "suspensions",
        "closed_on_time_raw",
        "used_seconds_late",
        "moved",
        "of several agencies",
        "colour",
        "escalated",
    ];
    let missing: Vec<_> = wanted.into_iter().filter(|it| !reached.contains(it)).collect();
    assert_eq!(missing, Vec::<&str>::new());
}
