//! What agencies beside the responsible one are told.

use bihuan_contracts::delivery::AssignmentRole::{self, Assisting, Responsible};
use bihuan_domain::calendar::Step;
use bihuan_domain::clue::{Assignment, Clocks, Designation, Event, Running, TaskEvent};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::{CommandId, DisputeId};

use super::callbacks::{closed, resolved};
use super::harness::{agency, asked, assigned, clue, now, report};
use crate::facts::Facts;

/// A clue as delivery knows it.
struct Followed {
    facts: Facts,
    version: u32,
}

impl Followed {
    fn new() -> Self {
        Self {
            facts: Facts::of("n", &report("1")),
            version: 1,
        }
    }

    fn with(events: &[Event]) -> Self {
        let mut it = Self::new();
        it.tells(events);
        it
    }

    /// Who is told of each, in which part.
    fn tells(&mut self, events: &[Event]) -> Vec<(String, AssignmentRole)> {
        self.winds(events, None)
    }

    fn winds(&mut self, events: &[Event], clocks: Option<&Clocks>) -> Vec<(String, AssignmentRole)> {
        let mut told = Vec::new();
        for event in events {
            self.version += 1;
            told.extend(self.facts.apply(self.version, event, clocks));
        }
        told.into_iter()
            .map(|(it, role)| (it.to_string(), role))
            .collect()
    }
}

fn part(name: &str, role: AssignmentRole) -> (String, AssignmentRole) {
    (name.to_owned(), role)
}

fn replied(task: u32) -> Event {
    Event::Task(TaskEvent::Replied { task, late: false })
}

fn designated(to: &str, assisting: &[&str]) -> Event {
    Event::ClueDesignated {
        dispute: DisputeId::derive(clue("1"), CommandId::derive(b"cause", "test", 0)),
        assignment: Assignment {
            agency: agency(to),
            penalty: None,
            assisting: assisting.iter().copied().map(agency).collect(),
        },
        basis: "ruling 7".to_owned(),
        by: Designation::Ruling,
    }
}

fn transferred(to: &str, recorded: bool) -> Event {
    Event::ClueTransferred {
        from: None,
        to: agency(to),
        basis: None,
        recorded,
    }
}

fn triage() -> Event {
    Event::ClueHeldForTriage {
        decision: bihuan_domain::clue::RoutingDecision {
            rulebook: RulebookVersion::none(),
            row: None,
            reason: "returned".to_owned(),
        },
    }
}

#[test]
fn whom_a_ruling_puts_beside_a_resolved_clue_is_told() {
    let first = [assigned("county", None, &["town"]), asked(1, "town"), resolved()];
    let table: [(&[Event], &[&str]); 2] = [
        // who assists already goes on
        (
            &[designated("county", &["town", "water"]), asked(2, "water")],
            &["water"],
        ),
        (
            &[replied(1), designated("county", &["town"]), asked(2, "town")],
            &["town"],
        ),
    ];
    for (events, told) in table {
        let told: Vec<_> = told.iter().map(|it| part(it, Assisting)).collect();
        assert_eq!(Followed::with(&first).tells(events), told);
    }
}

#[test]
fn what_assisting_agencies_are_told_puts_nothing_into_the_hands_of_the_responsible_one() {
    let clocks = Clocks {
        limits_by: RulebookVersion::none(),
        calendar_by: RulebookVersion::none(),
        calendar: "c0ffee".parse().expect("valid"),
        running: vec![Running {
            step: Step::Overall,
            since: now(),
            due_at: now().plus_days(9),
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
    for (recorded, told) in [(true, vec![]), (false, vec![part("county", Responsible)])] {
        let mut it = Followed::with(&[transferred("county", recorded)]);
        assert_eq!(it.tells(&[asked(1, "town")]), [part("town", Assisting)]);
        assert_eq!(
            it.winds(&[Event::DeadlineRevised], Some(&clocks)),
            told,
            "recorded: {recorded}"
        );
    }
}

#[test]
fn whose_task_ended_with_the_clue_is_not_told_that_it_begins_anew() {
    let reopened = |recorded| Event::ClueReopened { recorded };
    let over = [
        assigned("county", Some("police"), &["town"]),
        asked(1, "town"),
        asked(2, "water"),
        closed(),
    ];
    let mut it = Followed::with(&over);
    let told = [
        part("county", Responsible),
        part("police", AssignmentRole::Penalty),
    ];
    assert_eq!(it.tells(&[reopened(false)]), told);
    assert_eq!(it.tells(&[asked(3, "town")]), [part("town", Assisting)]);
    let mut it = Followed::with(&over);
    assert_eq!(it.tells(&[reopened(true)]), []);
    assert_eq!(it.tells(&[asked(3, "town")]), [part("town", Assisting)]);
}

#[test]
fn an_assignment_tells_an_agency_once_whatever_became_of_its_earlier_task() {
    let again = [assigned("county", None, &["town"]), asked(2, "town")];
    let told = [part("county", Responsible), part("town", Assisting)];
    let first = || [assigned("county", None, &["town"]), asked(1, "town")];
    let between: [&[Event]; 3] = [
        &[replied(1), triage()],
        &[triage(), replied(1)],
        // it got the clue itself: then its task was over
        &[transferred("town", false), triage()],
    ];
    for events in between {
        let mut it = Followed::with(&first());
        it.tells(events);
        assert_eq!(it.tells(&again), told, "{events:?}");
    }
    let mut it = Followed::with(&first());
    let handed = Event::ClueDelegated {
        from: agency("county"),
        to: agency("town"),
    };
    it.tells(&[handed, triage()]);
    assert_eq!(it.tells(&again), told);
}
