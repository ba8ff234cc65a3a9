//! Laws of the clocks in random lives.

use proptest::prelude::*;

use super::super::super::properties::lives::{asks, lived, policies};
use super::super::super::{Env, Event, Occurrence, RungKind, State, evolve};
use super::super::after;
use crate::calendar::Step;

proptest! {
    /// What is stored is what comes out of the history, the limits and the calendar.
    #[test]
    fn the_clocks_of_every_event_can_be_computed_again(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut state = State::default();
        for it in &case.journal {
            let bare = Occurrence { clocks: None, ..it.clone() };
            evolve(&mut state, &bare);
            if matches!(it.event, Event::CommandRejected { .. }) {
                prop_assert_eq!(&it.clocks, &None);
                continue;
            }
            // by those that the event names, or that stand still
            let before = state.clue.as_ref().and_then(|clue| clue.timing.clocks.clone());
            let by = it.clocks.as_ref().or(before.as_ref()).map(|clocks| &clocks.calendar_by);
            let by_first = by.is_none_or(|by| *by == case.rulebook.version);
            let current = case.current.as_ref().filter(|_| !by_first).unwrap_or(&case.rulebook);
            let env = Env { current, ..case.env() };
            let again = state.clue.as_ref().and_then(|clue| after(clue, it, &env));
            prop_assert_eq!(&again, &it.clocks, "{}", it.event.name());
            if let (Some(clue), Some(clocks)) = (&mut state.clue, &it.clocks) {
                clue.wind(clocks);
            }
        }
        prop_assert_eq!(state, case.state);
    }

    #[test]
    fn a_step_of_the_ladder_is_reached_once_for_a_due_time_and_of_open_clues_only(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut seen = Vec::new();
        let mut state = State::default();
        for it in &case.journal {
            if let Event::RungReached { step, rung, due_at, kind, .. } = &it.event {
                let clue = state.clue.as_ref().expect("reported");
                prop_assert!(clue.is_open());
                prop_assert_eq!(clue.clock(*step).map(|clock| clock.due_at), Some(*due_at));
                let after_due = matches!(kind, RungKind::Notice | RungKind::Bulletin | RungKind::Escalation);
                prop_assert!(!after_due || it.at > *due_at);
                prop_assert!(it.at <= it.received_at);
                let key = (*step, rung.clone(), *due_at);
                prop_assert!(!seen.contains(&key), "{rung} twice");
                seen.push(key);
            }
            evolve(&mut state, it);
        }
    }

    #[test]
    fn an_open_clue_that_was_dispatched_has_a_deadline_and_its_overall_clock_one_beginning(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks);
        let mut state = State::default();
        let mut since = None;
        for it in &case.journal {
            evolve(&mut state, it);
            let Some(clue) = &state.clue else { continue };
            if let Some(clock) = clue.clock(Step::Overall) {
                prop_assert_eq!(clue.deadline, Some(clock.due_at));
                prop_assert_eq!(*since.get_or_insert(clock.since), clock.since, "never reset");
            } else {
                prop_assert!(clue.first_agency.is_none() || !clue.is_open());
            }
        }
    }
}
