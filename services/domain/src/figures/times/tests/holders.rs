//! Whose the clocks were that ended, and what was overdue at a past moment.

use super::*;

/// The counts of the row.
fn row<'a>(report: &'a Report, key: &str) -> &'a Counts {
    let mut rows = report.rows.iter();
    &rows.find(|row| row.key == key).expect(key).counts
}

#[test]
fn a_clock_counts_for_the_agency_that_had_it_when_it_ended() {
    let book = city();
    let begins = monday();
    let minutes = |minutes| begins.plus_minutes(minutes);
    let day = 24 * 60;
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(minutes(20), role(Role::Routing), assign(COUNTY));
    // two working hours later than it should, and then it has it handled too late as well
    clue.ask(minutes(5 * 60), of(COUNTY), Command::AcknowledgeClue);
    clue.ask(minutes(8 * day), coordinator(), transfer(OTHER_COUNTY));
    clue.ask(minutes(8 * day + 10), of(OTHER_COUNTY), Command::AcknowledgeClue);
    let facts = folded(&clue.journal).expect("reported");
    let by_agency = |at| {
        let asked = Query {
            by: Some(By::Agency),
            ..query(at)
        };
        counted(asked, [&facts])
    };
    let report = by_agency(minutes(8 * day + 20));
    let (old, new, desk) = (row(&report, COUNTY), row(&report, OTHER_COUNTY), row(&report, ""));
    let ended = |counts: &Counts, task| (counts.task(task).ended, counts.task(task).in_time);
    assert_eq!(
        (ended(old, Task::Acknowledge), ended(old, Task::Handle)),
        ((1, 0), (1, 0))
    );
    assert_eq!(
        (ended(new, Task::Acknowledge), ended(new, Task::Handle)),
        ((1, 1), (0, 0))
    );
    assert_eq!((ended(desk, Task::Dispatch), desk.clues), ((1, 0), 0));
    assert_eq!(
        (old.clues, new.clues, report.counts.clues),
        (0, 1, 1),
        "the clue is the new one's"
    );
    let report = by_agency(minutes(30 * day));
    let overdue = |key| row(&report, key).handle_overdue;
    assert_eq!(
        (
            overdue(COUNTY),
            overdue(OTHER_COUNTY),
            report.counts.handle_overdue
        ),
        (0, 1, 1)
    );
}

#[test]
fn the_clocks_of_desks_are_no_agencys() {
    let book = city();
    let begins = monday();
    let minutes = |minutes| begins.plus_minutes(minutes);
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    let held = Command::HoldForTriage {
        decision: decision("tie"),
    };
    clue.ask(minutes(5), role(Role::Routing), held);
    clue.ask(minutes(10), coordinator(), assign(COUNTY));
    clue.ask(minutes(20), of(COUNTY), Command::AcknowledgeClue);
    clue.ask(minutes(30), of(COUNTY), resolve());
    let facts = folded(&clue.journal).expect("reported");
    let asked = Query {
        by: Some(By::Agency),
        ..query(minutes(90))
    };
    let report = counted(asked, [&facts]);
    let (agency, desk) = (row(&report, COUNTY), row(&report, ""));
    assert_eq!(
        (desk.triage_ended, desk.triage_in_time, desk.check_overdue),
        (1, 1, 1)
    );
    assert_eq!(
        (agency.triage_ended, agency.check_overdue, agency.handle_in_time),
        (0, 0, 1)
    );
    assert_eq!(
        desk.dispatch_ended, 0,
        "who held it for triage in time gave it away"
    );
}

#[test]
fn what_waits_for_a_coordinator_is_no_triage() {
    let mut book = city();
    book.policy.disputes.interim_holder = InterimRule::UrgentOnly;
    let begins = monday();
    let minutes = |minutes| begins.plus_minutes(minutes);
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(minutes(5), role(Role::Routing), assign(COUNTY));
    let limit = book.policy.returns.limit;
    for number in 0..i64::from(limit) {
        let holder = [COUNTY, OTHER_COUNTY][number as usize % 2];
        let proposed = [OTHER_COUNTY, COUNTY][number as usize % 2];
        clue.ask(minutes(6 + 2 * number), of(holder), request_return(proposed));
        let to = Some(agency(proposed));
        clue.ask(
            minutes(7 + 2 * number),
            coordinator(),
            Command::ApproveReturn { to },
        );
    }
    let at = |journal: &[Occurrence], now| counted(query(now), &folded(journal)).counts;
    let waits = at(&clue.journal, minutes(10 * 24 * 60));
    assert_eq!((waits.disputed, waits.triage), (1, 0));
    assert_eq!((waits.coordination_overdue, waits.triage_overdue), (1, 0));
    let dispute = clue.journal.iter().rev().find_map(|it| match &it.event {
        Event::ClueDisputed { dispute, .. } => Some(*dispute),
        _ => None,
    });
    let designated = designate(dispute.expect("in dispute"), CITY, Designation::Agreement);
    clue.ask(minutes(60), role(Role::Dispute), designated);
    let decided = at(&clue.journal, minutes(70));
    assert_eq!(
        (decided.coordination_ended, decided.coordination_in_time),
        (1, 1),
        "whoever designates decides"
    );
    assert_eq!(decided.triage_ended, 0);
    let figure = counted(query(minutes(70)), &folded(&clue.journal)).figures;
    assert_eq!(percent(&figure, FigureKind::OnTimeCoordination), "100.00");
}

#[test]
fn what_was_overdue_at_a_past_moment_goes_by_the_due_time_known_then() {
    let book = city();
    let begins = monday();
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(begins.plus_minutes(10), role(Role::Routing), assign(COUNTY));
    // due at the end of Monday, 12 January; two days before it is asked for time, and only on the day itself it is granted
    let due: Timestamp = "2026-01-12T23:59:59.999999+08:00".parse().expect("valid");
    let granted = due.plus_minutes(-60);
    clue.ask(due.plus_days(-2), of(COUNTY), request_extension("5wd"));
    let deadline = |journal: &[Occurrence], at| {
        let facts = folded(journal).expect("reported");
        facts.at(at).expect("reported").deadline
    };
    assert_eq!(deadline(&clue.journal, granted), Some(due));
    clue.ask(granted, coordinator(), Command::GrantExtension);
    let later: Timestamp = "2026-01-19T23:59:59.999999+08:00".parse().expect("valid");
    assert_eq!(
        deadline(&clue.journal, granted.plus_micros(-1)),
        Some(due),
        "as it was known then"
    );
    assert_eq!(deadline(&clue.journal, granted), Some(later));
    let facts = folded(&clue.journal);
    let overdue = |at| counted(query(at), &facts).counts.open_overdue;
    assert_eq!(
        (overdue(due), overdue(due.plus_micros(1)), overdue(later)),
        (0, 0, 0)
    );
    assert_eq!(overdue(later.plus_micros(1)), 1);
}

#[test]
fn a_clue_that_was_overdue_before_its_source_moved_the_due_time_was_overdue_then() {
    let book = city();
    let begins = monday();
    let day = |days| begins.plus_days(days);
    let sent = |version, at, due_at| {
        let mut command = snapshot(version, SourceStatus::Open, |report| {
            report.matter = Some(matter(EVENTS));
            report.source_due_at = Some(due_at);
            report.severity = Severity::new(["low", "high"][version as usize % 2]).ok();
        });
        if let Command::ReportClue(Told {
            snapshot: Some(snapshot),
            ..
        }) = &mut command
        {
            snapshot.changed_at = at;
        }
        command
    };
    let mut clue = Life::new(&book);
    clue.ask(begins, role(Role::Source), sent(1, begins, day(1)));
    clue.ask(begins, role(Role::Routing), assign(COUNTY));
    clue.ask(day(3), role(Role::Source), sent(2, day(3), day(4)));
    let facts = folded(&clue.journal);
    let overdue = |at: Timestamp| counted(query(at), &facts).counts.open_overdue;
    let then = [day(1), day(2), day(3).plus_micros(-1), day(3), day(4), day(5)].map(overdue);
    assert_eq!(then, [0, 1, 1, 0, 0, 1]);
}
