//! A published table out of whole lives of clues, and what is counted about times beside it.

mod colours;
mod holders;
mod laws;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::{By, Facts, Figure, FigureKind, Query, Report, ReportBuilder, Row, Standing, Task};
use super::{Counts, DAY};
use crate::calendar::Step;
use crate::clue::properties::lives::{Ask, asks, lived, policies};
use crate::clue::testing::{
    CITY, COUNTY, Case, LIMITS, OTHER_COUNTY, agency, assign, calendar, checker, coordinator, decision,
    designate, limits, matter, monday, of, report, request_extension, request_return, resolve, role,
    rulebook, snapshot, suspend, transfer,
};
use crate::clue::{
    Actor, Command, Decision, Designation, Env, Envelope, Event, Occurrence, Policy, Report as Told, Role,
    SourceStatus, State,
};
use crate::clue::{Class, decide, evolve, wake};
use crate::code::{Level, MatterCode, Severity};
use crate::dispute::InterimRule;
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
