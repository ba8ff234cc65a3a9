//! Laws that hold whatever is asked, in whatever order, by whomever.

mod legal;
pub(crate) mod lives;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use self::legal::{ENDED, LEGAL, OPEN, is_legal, row_of, stage};
use self::lives::{asks, choose, lived, policies};
use super::testing::Case;
use super::{
    CallBack, Decision, Event, Holder, Occurrence, Role, Stage, State, Task, TaskKind, Verification, evolve,
};
use crate::dispute::Cause;
use crate::figures::Facts;

fn fold<'a>(journal: impl IntoIterator<Item = &'a Occurrence>) -> State {
    journal
        .into_iter()
        .fold(State::default(), |mut state, occurrence| {
            evolve(&mut state, occurrence);
            state
        })
}

/// Whether the journal up to a closing holds what `needs` asks for, since the last resolution.
fn confirmed(journal: &[Occurrence], needs: Verification) -> bool {
    let since = journal
        .iter()
        .rev()
        .take_while(|it| !matches!(it.event, Event::ClueResolved { .. }));
    let since: Vec<_> = since.map(|it| &it.event).collect();
    let called = |wanted: &[CallBack]| {
        since
            .iter()
            .filter(|it| matches!(it, Event::CallBackRecorded { result, .. } if wanted.contains(result)))
            .count()
    };
    let checked = since.iter().any(|it| matches!(it, Event::CheckPassed));
    let answered = called(&[CallBack::Satisfied, CallBack::NotApplicable]) > 0;
    let tried = called(&[CallBack::Unreachable]) >= needs.attempts as usize;
    (checked || !needs.check) && (answered || tried || !needs.call_back)
}

proptest! {
    #[test]
    fn deciding_is_pure_and_a_repeat_changes_nothing(policy in policies(), asks in asks()) {
        let mut case = Case::new().with(|it| *it = policy);
        for ask in &asks {
            let (actor, command) = choose(&mut case, ask);
            let envelope = case.envelope(actor, command);
            let decided = case.decide(&envelope);
            prop_assert_eq!(&decided, &case.decide(&envelope));
            let outcome = case.handle(&envelope);
            prop_assert!(!outcome.0.is_empty());
            prop_assert_eq!(Decision::Events(outcome.0), decided);
            prop_assert_eq!(case.decide(&envelope), Decision::Repeated);
        }
    }

    #[test]
    fn the_stored_journal_folds_to_the_state(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let stored = serde_json::to_string(&case.journal).expect("events are data");
        let read: Vec<Occurrence> = serde_json::from_str(&stored).expect("what was written");
        prop_assert_eq!(fold(&read), case.state);
    }

    #[test]
    fn versions_are_dense_and_time_never_decreases(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        for (occurrence, version) in case.journal.iter().zip(1..) {
            prop_assert_eq!(occurrence.version, version);
        }
        // before it is reported there is no clue whose time it could be
        let is_reported = |it: &Occurrence| matches!(it.event, Event::ClueReported { .. });
        let from = case.journal.iter().position(is_reported).unwrap_or(case.journal.len());
        prop_assert!(case.journal[from..].is_sorted_by_key(|it| it.at));
    }

    #[test]
    fn a_clue_takes_legal_paths_only_and_an_open_one_has_a_holder(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut state = State::default();
        for occurrence in &case.journal {
            let from = stage(&state);
            evolve(&mut state, occurrence);
            let to = stage(&state);
            prop_assert!(is_legal(from, &occurrence.event, to), "{from} → {} → {to}", row_of(&occurrence.event));
            if let Some(clue) = &state.clue {
                prop_assert_eq!(clue.holder().is_some(), OPEN.contains(&to), "{}", to);
                prop_assert_ne!(OPEN.contains(&to), ENDED.contains(&to), "{}", to);
            }
        }
    }

    /// What assists ends with the clue, nobody assists itself, and whoever is responsible leaves an open task behind with a reason
    /// alone.
    #[test]
    fn tasks_are_over_with_the_clue_and_left_behind_only_with_a_reason(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut state = State::default();
        for it in &case.journal {
            let had_open = state.clue.iter().flat_map(|clue| &clue.tasks).any(Task::is_open);
            let said_why = it.text.is_some();
            let is_resolved = matches!(it.event, Event::ClueResolved { .. }) && it.actor.role == Role::Agency;
            prop_assert!(!is_resolved || !had_open || said_why);
            evolve(&mut state, it);
            let Some(clue) = &state.clue else { continue };
            let numbers: Vec<_> = clue.tasks.iter().map(|task| task.number).collect();
            prop_assert_eq!(numbers, (1..).take(clue.tasks.len()).collect::<Vec<_>>());
            let open: Vec<_> = clue.tasks.iter().filter(|task| task.is_open()).collect();
            prop_assert!(open.is_empty() || clue.is_open(), "{}", clue.stage.name());
            for (place, task) in open.iter().enumerate() {
                prop_assert!(open[..place].iter().all(|other| other.agency != task.agency));
                let has_it = matches!(clue.holder(), Some(Holder::Agency(agency)) if *agency == task.agency);
                prop_assert!(!has_it);
            }
            for task in &clue.tasks {
                prop_assert_eq!(task.over_at.is_none(), task.is_open());
                prop_assert!(task.arrived_at.is_none() || task.kind == TaskKind::Call);
                prop_assert!(task.rating.is_none_or(|rating| (1..=5).contains(&rating)));
            }
        }
    }

    /// The return with the last number, and no other, brings a clue into dispute by itself.
    #[test]
    fn the_return_that_reaches_the_limit_always_raises_a_dispute(policy in policies(), asks in asks()) {
        let limit = policy.returns.limit;
        let case = lived(policy, &asks);
        let mut returns = 0;
        for (it, next) in case.journal.iter().zip(case.journal.iter().skip(1)) {
            match it.event {
                Event::ReturnRequested { returns: number, .. } => returns = number,
                Event::ReturnApproved => {
                    let cause = match &next.event {
                        Event::ClueDisputed { opening, .. } => Some(opening.cause),
                        _ => None,
                    };
                    let expected = (returns >= limit).then_some(Cause::ReturnLimit { returns });
                    prop_assert_eq!(cause, expected);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn nobody_but_an_open_dispute_says_whose_duty_it_is(policy in policies(), asks in asks()) {
        let may_return = policy.disputes.designated_may_return;
        let case = lived(policy, &asks);
        let mut state = State::default();
        for it in &case.journal {
            let before = state.clue.as_ref();
            let open = before.and_then(|clue| clue.dispute);
            let designated = before.is_some_and(|clue| clue.designated);
            match &it.event {
                Event::ClueDisputed { opening, .. } => {
                    prop_assert_eq!(open, None, "one at a time");
                    prop_assert!(opening.parties.len() > 1);
                }
                Event::ReturnRequested { .. } => {
                    prop_assert_eq!(open, None);
                    prop_assert!(may_return || !designated);
                }
                Event::ClueTransferred { recorded: false, .. }
                | Event::ClueAssigned { recorded: false, .. }
                | Event::ClueDelegated { .. }
                | Event::ClueCorrected(_) => prop_assert_eq!(open, None),
                Event::ClueHeldForDispute { dispute, .. }
                | Event::ClueDesignated { dispute, .. }
                | Event::ClueReleasedFromDispute { dispute } => prop_assert_eq!(open, Some(*dispute)),
                _ => {}
            }
            evolve(&mut state, it);
            if let Some(clue) = &state.clue {
                prop_assert!(clue.dispute.is_none() || clue.is_open());
                let waits = matches!(clue.stage, Stage::Reported | Stage::Admitted | Stage::Triage { .. });
                prop_assert!(clue.dispute.is_none() || !waits, "{}", clue.stage.name());
            }
        }
    }

    #[test]
    fn figures_see_the_same_discrepancies(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut facts = None;
        let mut state = State::default();
        for occurrence in &case.journal {
            Facts::fold(&mut facts, occurrence);
            evolve(&mut state, occurrence);
            if let (Some(facts), Some(clue)) = (&facts, &state.clue) {
                let condition = facts.latest();
                prop_assert_eq!(condition.discrepancies(), clue.discrepancies());
                let said = clue.source_record.as_ref().map(|record| &record.said);
                prop_assert_eq!(condition.said.as_ref(), said);
            }
        }
    }

    #[test]
    fn a_clue_closes_confirmed_or_as_recorded(policy in policies(), asks in asks()) {
        let needs = policy.verification["grid"];
        let case = lived(policy, &asks);
        for (i, occurrence) in case.journal.iter().enumerate() {
            if let Event::ClueClosed { recorded: false, .. } = occurrence.event {
                prop_assert!(confirmed(&case.journal[..i], needs));
            }
        }
    }

    #[test]
    fn history_waits_for_the_dispatch_only(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        if let Some(clue) = &case.state.clue {
            prop_assert!(clue.pending_history.is_none() || (clue.is_open() && clue.assignment().is_none()));
        }
    }

    #[test]
    fn folding_what_makes_no_sense_does_not_panic(policy in policies(), asks in asks(), order in vec(any::<u16>(), 200)) {
        let case = lived(policy, &asks);
        let mut journal: Vec<_> = case.journal.iter().zip(order.iter().cycle()).collect();
        journal.sort_by_key(|(_, place)| **place);
        let last = journal.last().map_or(0, |(occurrence, _)| occurrence.version);
        prop_assert_eq!(fold(journal.into_iter().map(|(occurrence, _)| occurrence)).version, last);
    }
}

/// The laws above are worth something only if the random lives reach everything that can happen.
#[test]
fn random_lives_reach_every_row_of_the_table() {
    let mut runner = TestRunner::deterministic();
    let lives = (policies(), asks());
    let mut seen = BTreeSet::new();
    for _ in 0..600 {
        let (policy, asks) = lives.new_tree(&mut runner).expect("no filters").current();
        seen.extend(lived(policy, &asks).journal.iter().map(|it| row_of(&it.event)));
    }
    let rows: BTreeSet<_> = LEGAL.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(seen, rows);
}
