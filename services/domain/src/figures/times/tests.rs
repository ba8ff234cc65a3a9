//! A published table out of whole lives of clues, and laws of what is counted about times.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::{By, Facts, Figure, FigureKind, Query, Report, ReportBuilder, Row, Standing, Task};
use super::{Counts, DAY};
use crate::calendar::Step;
use crate::clue::properties::lives::{Ask, asks, lived, policies};
use crate::clue::testing::{
    CITY, COUNTY, Case, LIMITS, OTHER_COUNTY, agency, assign, calendar, checker, coordinator, decision,
    limits, matter, monday, of, report, request_extension, request_return, resolve, role, rulebook, snapshot,
    suspend, transfer,
};
use crate::clue::{
    Actor, Command, Decision, Env, Envelope, Event, Occurrence, Policy, Report as Told, Role, SourceStatus,
    State,
};
use crate::clue::{Class, decide, evolve, wake};
use crate::code::{Level, MatterCode, Severity};
use crate::id::{ClueId, CommandId};
use crate::routing::Rulebook;
use crate::time::Timestamp;

const EVENTS: &str = "330217B00000";
const PARTS: &str = "330217B00001";

/// A clue that lives by the domain's own rules.
struct Life<'a> {
    book: &'a Rulebook,
    clue: ClueId,
    state: State,
    journal: Vec<Occurrence>,
    ordinal: u32,
}

impl<'a> Life<'a> {
    fn new(book: &'a Rulebook) -> Self {
        let told = report();
        Self {
            book,
            clue: ClueId::derive(&told.source, &told.source_id),
            state: State::default(),
            journal: Vec::new(),
            ordinal: 0,
        }
    }

    fn reported(book: &'a Rulebook, number: u32, matter: MatterCode, at: Timestamp) -> Self {
        let told = Told {
            source_id: number.to_string(),
            matter: Some(matter),
            reported_at: at,
            source_due_at: None,
            ..report()
        };
        let mut life = Self {
            clue: ClueId::derive(&told.source, &told.source_id),
            ..Self::new(book)
        };
        life.ask(at, role(Role::Source), Command::ReportClue(told));
        life
    }

    fn ask(&mut self, at: Timestamp, actor: Actor, command: Command) {
        self.wake(at);
        self.ordinal += 1;
        let name = command.name();
        let envelope = Envelope {
            id: CommandId::derive(self.clue.0.as_bytes(), "test", self.ordinal),
            clue: self.clue,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: at,
            command,
            text: Some(crate::clue::Text::remark("事由")),
        };
        let Decision::Events(events) = decide(&self.state, &envelope, &self.env()) else {
            panic!("{name}: nothing was decided");
        };
        let refused = |it: &Occurrence| matches!(it.event, Event::CommandRejected { .. });
        assert!(!events.iter().any(refused), "{name}: {events:?}");
        self.add(events);
    }

    fn wake(&mut self, at: Timestamp) {
        let events = wake(self.clue, &self.state, at, at, &self.env());
        self.add(events);
    }

    fn add(&mut self, events: Vec<Occurrence>) {
        for event in &events {
            evolve(&mut self.state, event);
        }
        self.journal.extend(events);
    }

    fn env(&self) -> Env<'a> {
        Env {
            rulebook: self.book,
            current: self.book,
            number: "330602-20260105-000001",
        }
    }
}

fn folded<'a>(journal: impl IntoIterator<Item = &'a Occurrence>) -> Option<Facts> {
    let mut facts = None;
    for it in journal {
        Facts::fold(&mut facts, it);
    }
    facts
}

fn city() -> Rulebook {
    let mut book = rulebook();
    book.calendar = calendar();
    book.limits = limits(LIMITS);
    let mut part = book.matters[&matter(EVENTS)].clone();
    part.code = matter(PARTS);
    book.matters.insert(part.code.clone(), part);
    book
}

/// How the clues of the published table ended.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// Two days later.
    InTime,
    /// Ten days later: after its own deadline, and before that which was granted.
    InTimeExtended,
    /// Twenty days later, of which it was suspended nineteen.
    InTimeSuspended,
    /// Twenty days later.
    Late,
    Overdue,
    /// Dispatched only now.
    NotDue,
}

fn now() -> Timestamp {
    "2026-03-31T10:00:00+08:00".parse().expect("valid")
}

fn life(book: &Rulebook, number: u32, code: &str, end: End) -> Vec<Occurrence> {
    let begins = match end {
        End::NotDue => now().plus_minutes(-60),
        End::InTimeExtended => monday().plus_days(i64::from(number % 5)),
        _ => monday().plus_days(i64::from(number % 40)),
    };
    let after = |minutes| begins.plus_minutes(minutes);
    let mut life = Life::reported(book, number, matter(code), begins);
    let dispatched = if number.is_multiple_of(4) { 20 } else { 10 };
    life.ask(after(dispatched), role(Role::Routing), assign(COUNTY));
    life.ask(after(50), of(COUNTY), Command::AcknowledgeClue);
    let day = 24 * 60;
    let days = match end {
        End::InTime => 2,
        End::Late => 20,
        End::InTimeExtended => {
            life.ask(after(55), of(COUNTY), request_extension("5wd"));
            life.ask(after(58), coordinator(), Command::GrantExtension);
            10
        }
        End::InTimeSuspended => {
            life.ask(after(55), of(COUNTY), suspend(begins.plus_days(19)));
            20
        }
        End::Overdue | End::NotDue => {
            life.wake(now());
            return life.journal;
        }
    };
    life.ask(after(days * day), of(COUNTY), resolve());
    life.ask(after(days * day + 10), checker(), Command::PassCheck);
    life.ask(after(days * day + 20), checker(), Command::CloseClue);
    life.wake(now());
    life.journal
}

/// The published table of 天门's city management: 996 filed, 972 due, 911 closed, 737 of them in time; of the events 902 of 956 due
/// and of the parts 9 of 16.
fn table() -> Vec<Facts> {
    let book = city();
    let kinds = [
        (EVENTS, End::InTime, 690),
        (EVENTS, End::InTimeExtended, 25),
        (EVENTS, End::InTimeSuspended, 15),
        (EVENTS, End::Late, 172),
        (EVENTS, End::Overdue, 54),
        (EVENTS, End::NotDue, 24),
        (PARTS, End::InTime, 7),
        (PARTS, End::Late, 2),
        (PARTS, End::Overdue, 7),
    ];
    let all = kinds
        .iter()
        .flat_map(|(code, end, times)| vec![(*code, *end); *times]);
    let lives = (0..)
        .zip(all)
        .map(|(number, (code, end))| life(&book, number, code, end));
    lives.filter_map(|journal| folded(&journal)).collect()
}

fn query(now: Timestamp) -> Query {
    Query {
        as_of: Some(now),
        ..Query::everything(now, TimeZone::UTC)
    }
}

fn counted<'a>(query: Query, facts: impl IntoIterator<Item = &'a Facts>) -> Report {
    let mut builder = ReportBuilder::new(query);
    for one in facts {
        builder.add(one);
    }
    builder.finish("0", &BTreeMap::new(), 0, |_, key| key.to_owned())
}

fn percent(figures: &[Figure], id: FigureKind) -> String {
    let figure = figures.iter().find(|it| it.id == id).expect("computed");
    format!("{:.2}", figure.value.expect("not of nothing") * 100.0)
}

#[test]
fn the_published_table_comes_out_of_the_history_of_its_clues() {
    let facts = table();
    let report = counted(
        Query {
            by: Some(By::Matter),
            ..query(now())
        },
        &facts,
    );
    let c = report.counts;
    assert_eq!(
        (c.clues, c.closed + c.open_overdue, c.closed, c.closed_on_time),
        (996, 972, 911, 737)
    );
    assert_eq!(percent(&report.figures, FigureKind::ClosureRateDue), "93.72");
    assert_eq!(percent(&report.figures, FigureKind::OnTimeClosure), "75.82");
    let row = |code: &str| -> &Row { report.rows.iter().find(|row| row.key == code).expect("a row") };
    let (events, parts) = (row(EVENTS), row(PARTS));
    assert_eq!(
        (
            events.counts.closed,
            events.counts.closed + events.counts.open_overdue
        ),
        (902, 956)
    );
    assert_eq!(
        (
            parts.counts.closed,
            parts.counts.closed + parts.counts.open_overdue
        ),
        (9, 16)
    );
    assert_eq!(percent(&events.figures, FigureKind::ClosureRateDue), "94.35");
    assert_eq!(percent(&parts.figures, FigureKind::ClosureRateDue), "56.25");
}

#[test]
fn what_moved_the_deadlines_of_the_table_is_counted_and_left_out_of_the_raw_figure() {
    let report = counted(query(now()), &table());
    let c = report.counts;
    assert_eq!((c.extended, c.extensions), (25, 25));
    assert_eq!((c.ever_suspended, c.suspensions), (15, 15));
    assert_eq!(c.closed_on_time_raw, 737 - 25 - 15);
    // a quarter of 996 was dispatched after twenty minutes instead of fifteen
    assert_eq!(
        (c.dispatch_ended, c.dispatch_in_time, c.dispatch_overdue),
        (996, 747, 0)
    );
    assert_eq!((c.acknowledge_ended, c.acknowledge_in_time), (996, 996));
    assert_eq!((c.check_ended, c.check_in_time), (911, 911));
    assert_eq!(
        (c.handle_ended, c.handle_in_time, c.handle_overdue),
        (911, 737, 61)
    );
    assert_eq!(percent(&report.figures, FigureKind::OnTimeDispatch), "75.00");
    assert_eq!(percent(&report.figures, FigureKind::OnTimeHandling), "75.82");
}

#[test]
fn how_late_a_clue_is_is_told_by_bands_and_by_a_factor() {
    let book = city();
    let clue = folded(&life(&book, 0, EVENTS, End::Overdue)).expect("reported");
    // dispatched on Monday, 5 January at 09:20; due at the end of Monday, 12 January
    let due: Timestamp = "2026-01-12T23:59:59.999999+08:00".parse().expect("valid");
    let bands = |now: Timestamp| {
        let counts = counted(query(now), [&clue]).counts;
        counts.overdue_by_age().map(|(_, count)| count)
    };
    assert_eq!(bands(due), [0; 5]);
    let ages = [
        (1, 0),
        (DAY, 0),
        (DAY + 1, 1),
        (3 * DAY, 1),
        (3 * DAY + 1, 2),
        (10 * DAY + 1, 3),
        (30 * DAY + 1, 4),
    ];
    for (late, band) in ages {
        let mut expected = [0; 5];
        expected[band] = 1;
        assert_eq!(bands(due.plus_micros(late)), expected, "{late}");
    }
    let since: Timestamp = "2026-01-05T09:20:00+08:00".parse().expect("valid");
    let limit = due.since(since);
    let report = counted(query(due.plus_micros(limit / 2)), [&clue]);
    let factor = report
        .figures
        .iter()
        .find(|it| it.id == FigureKind::OverdueFactor);
    let factor = factor.expect("computed");
    assert!(
        (factor.value.expect("a number") - 0.5).abs() < 0.00001,
        "{factor:?}"
    );
    assert_eq!(factor.denominator, limit as u64 / 1_000_000);
}

/// By the policy that a rulebook has if it says nothing, too: one suspension is not enough.
#[test]
fn a_clue_is_backlog_once_its_suspensions_together_are_longer_than_the_policy_says() {
    let book = city();
    let policy = &book.policy.suspension;
    assert_eq!((policy.max_days, policy.backlog_days), (60, 60));
    let begins = monday();
    let day = |days| begins.plus_days(days);
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(day(0), role(Role::Routing), assign(COUNTY));
    clue.ask(day(1), of(COUNTY), suspend(day(31)));
    clue.wake(day(31));
    clue.ask(day(40), of(COUNTY), suspend(day(90)));
    let facts = folded(&clue.journal).expect("reported");
    let backlog = |days, backlog_days| {
        let asked = Query {
            backlog_days,
            ..query(day(days))
        };
        let counts = counted(asked, [&facts]).counts;
        (counts.backlog, counts.suspensions)
    };
    assert_eq!(backlog(35, 10), (0, 1), "it goes on");
    assert_eq!(backlog(70, 60), (0, 2), "sixty days");
    assert_eq!(backlog(71, 60), (1, 2));
    assert_eq!(backlog(71, 90), (0, 2));
}

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
    let book = city();
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
    clue.ask(minutes(60), coordinator(), transfer(CITY));
    let decided = at(&clue.journal, minutes(70));
    assert_eq!(
        (decided.coordination_ended, decided.coordination_in_time),
        (1, 1),
        "a desk that transfers decides"
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

fn climbed() -> (Facts, Vec<Occurrence>) {
    let book = city();
    let mut clue = Life::reported(&book, 1, matter(EVENTS), monday());
    clue.ask(monday().plus_minutes(10), role(Role::Routing), assign(COUNTY));
    clue.wake(now());
    (folded(&clue.journal).expect("reported"), clue.journal)
}

#[test]
fn the_colour_of_a_clue_is_the_newest_of_its_due_time() {
    let (facts, journal) = climbed();
    let rung = |name: &str| {
        let reached = journal
            .iter()
            .find(|it| matches!(&it.event, Event::RungReached { rung, .. } if rung.as_str() == name));
        reached.expect(name).at
    };
    let colour = |at| {
        facts
            .at(at)
            .and_then(|then| then.colour().map(ToString::to_string))
    };
    let just_before = |name| colour(rung(name).plus_micros(-1));
    assert_eq!(just_before("blue"), None);
    assert_eq!(colour(rung("blue")).as_deref(), Some("blue"));
    assert_eq!(just_before("red").as_deref(), Some("yellow"));
    assert_eq!(colour(now()).as_deref(), Some("red"));
    let escalated = |at| facts.at(at).and_then(|then| then.escalated_to());
    assert_eq!(escalated(rung("escalation").plus_micros(-1)), None);
    assert_eq!(escalated(rung("escalation")), Some(Some(Level::City)));
}

#[test]
fn a_clue_with_another_due_time_or_none_loses_its_colour() {
    let book = city();
    let begins = monday();
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(begins, role(Role::Routing), assign(COUNTY));
    clue.ask(begins.plus_days(6), of(COUNTY), request_extension("5wd"));
    let colour = |life: &Life<'_>| {
        let facts = folded(&life.journal).expect("reported");
        facts.latest().colour().map(ToString::to_string)
    };
    assert_eq!(colour(&clue).as_deref(), Some("yellow"));
    clue.ask(begins.plus_days(6), coordinator(), Command::GrantExtension);
    assert_eq!(colour(&clue), None);
    clue.wake(begins.plus_days(30));
    assert_eq!(colour(&clue).as_deref(), Some("red"));
    clue.ask(begins.plus_days(31), of(COUNTY), resolve());
    clue.ask(begins.plus_days(31), checker(), Command::PassCheck);
    clue.ask(begins.plus_days(31), checker(), Command::CloseClue);
    assert_eq!(colour(&clue), None, "it is over");
}

#[test]
fn a_deadline_counts_as_provisional_while_its_calendar_is_not_published() {
    let book = city();
    let begins: Timestamp = "2026-12-29T10:00:00+08:00".parse().expect("valid");
    let mut clue = Life::reported(&book, 1, matter(EVENTS), begins);
    clue.ask(begins, role(Role::Routing), assign(COUNTY));
    let facts = folded(&clue.journal).expect("reported");
    assert_eq!(counted(query(begins), [&facts]).counts.provisional, 1);
    clue.ask(
        begins.plus_minutes(5),
        coordinator(),
        Command::VoidClue {
            reason: "test_data".to_owned(),
        },
    );
    let facts = folded(&clue.journal).expect("reported");
    assert_eq!(
        counted(query(begins.plus_minutes(5)), [&facts])
            .counts
            .provisional,
        0
    );
}

/// What the event had done that the clock of the step waits for; of a clock that it ended in time. By the words of the events: what
/// is not named here went to somebody else, or is over for another reason than that it was done.
fn is_done(step: Step, event: &Event) -> bool {
    let is_from_desk = matches!(event, Event::ClueTransferred { from: None, .. });
    let is_over = matches!(event, Event::ClueClosed { .. });
    let is_done = match step {
        Step::Dispatch | Step::Triage => is_from_desk || matches!(event, Event::ClueAssigned { .. }),
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
    };
    is_done || is_over
}

/// The clocks that ran and run no more, out of the journal alone: by task and by who had them, how many and how many in time.
fn ended(journal: &[Occurrence]) -> BTreeMap<(Task, String), (u64, u64)> {
    let mut state = State::default();
    let mut running: BTreeMap<(Step, Timestamp), Timestamp> = BTreeMap::new();
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
            .map(|it| ((it.step, it.since), it.due_at))
            .collect();
        let before = std::mem::replace(&mut running, now);
        for ((step, since), due_at) in before {
            let in_time = it.at <= due_at;
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
