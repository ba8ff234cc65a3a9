//! Random lives at random times: whatever is asked by whomever and whenever anybody looks, the laws hold.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::testing::{
    CITY_GOVERNMENT, COUNTY_GOVERNMENT, Case, OFFICE, appeal, apply, claim, meet, minutes, opine, position,
    refuse, reply, rule, service, sitting, take_up,
};
use super::super::{
    ClueEnd, Command, Decision, DisputePolicy, Event, InterimRule, Lapse, Occurrence, Position, State, Wait,
    evolve,
};
use crate::clue::Actor;
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, OTHER_COUNTY, TOWN, agency, of};
use crate::time::Timestamp;

/// Who, what, how many minutes later, how many minutes before that it is said to have happened, whether the clock looks first.
type Ask = (usize, usize, i64, Option<i64>, bool);

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let gap = prop_oneof![
        6 => 1..600_i64,
        3 => 600..6_000_i64,
        1 => 6_000..80_000_i64,
    ];
    let ask = (
        0..ACTORS,
        0..COMMANDS,
        gap,
        prop::option::of(-20..20_000_i64),
        any::<bool>(),
    );
    vec(ask, 1..60)
}

fn policies() -> impl Strategy<Value = DisputePolicy> {
    let lapse = || prop_oneof![Just(Lapse::Proceed), Just(Lapse::NextLevel)];
    let interim = prop_oneof![
        Just(InterimRule::FirstReceiver),
        Just(InterimRule::UrgentOnly),
        Just(InterimRule::DesignatedLead)
    ];
    (interim, lapse(), lapse(), lapse(), 0..3_u32, any::<[bool; 3]>()).prop_map(
        |(interim, acceptance, forwarding, opinion, appeals, [named, waits, at_once])| {
            let mut policy = super::super::testing::governed().policy.disputes;
            policy.interim_holder = interim;
            policy.on_lapse.acceptance = acceptance;
            policy.on_lapse.forwarding = forwarding;
            policy.on_lapse.opinion = opinion;
            policy.appeals = appeals;
            if !named {
                policy.coordinators.clear();
            }
            if !waits {
                policy.limits.application = Wait::AtOnce;
            }
            if at_once {
                // nothing that lasts for ever may be at once; all else may
                policy.limits.decision = Wait::AtOnce;
                policy.limits.opinion = Wait::AtOnce;
                policy.limits.taking_up = Wait::AtOnce;
                policy.limits.compliance = Wait::AtOnce;
            }
            policy
        },
    )
}

const ACTORS: usize = 10;

fn actor(number: usize) -> Actor {
    match number {
        0 => of(COUNTY),
        1 => of(TOWN),
        2 => of(COUNTY_WATER),
        3 => sitting(OFFICE),
        4 => sitting(COUNTY_GOVERNMENT),
        5 => sitting(CITY),
        6 => sitting(CITY_GOVERNMENT),
        7 => sitting(COUNTY),
        8 => of(OTHER_COUNTY),
        _ => service(),
    }
}

const COMMANDS: usize = 20;

fn command(number: usize) -> Command {
    match number {
        0 => position(Position::Claims),
        1 => minutes(None),
        2 => minutes(Some(TOWN)),
        3 => apply(),
        4 => Command::AcceptApplication,
        5 => refuse(),
        6 => Command::ForwardApplication,
        7 => reply(),
        8 => meet(),
        9 => opine(COUNTY),
        10 => Command::AcceptOpinion,
        11 => Command::DeclineOpinion,
        12 => rule(TOWN),
        13 => Command::WithdrawDispute,
        14 => appeal(),
        15 => Command::AddParty(claim(COUNTY_WATER)),
        16 => Command::AddParty(claim(OTHER_COUNTY)),
        17 => Command::NameLead { agency: agency(TOWN) },
        18 => take_up(TOWN),
        _ => Command::NoteClueEnded { how: ClueEnd::Closed },
    }
}

/// A life in which the clock looks first where `looks` says so.
fn lived(policy: DisputePolicy, asks: &[Ask], looks: impl Fn(bool) -> bool) -> Case {
    let mut case = Case::new().with(|it| *it = policy).opens();
    // whoever looks late gives time for taking up a ruling: here nobody does
    case.rulebook.policy.ladder.late_after_minutes = u32::MAX;
    let end = asks
        .iter()
        .fold(case.now, |now, (.., gap, _, _)| now.plus_minutes(*gap + 60));
    for (who, what, gap, before, looked) in asks {
        case.now = case.now.plus_minutes(*gap);
        if looks(*looked) {
            case.wake(case.now);
        }
        case.occurred_at = before.map(|minutes| case.now.plus_minutes(-minutes));
        case.when(actor(*who), command(*what));
    }
    case.wake(end.plus_days(30));
    case
}

fn fold(journal: &[Occurrence]) -> State {
    journal.iter().fold(State::default(), |mut state, it| {
        evolve(&mut state, it);
        state
    })
}

/// When what happened, whoever looked.
fn happened(case: &Case) -> Vec<(Timestamp, &Event)> {
    case.journal.iter().map(|it| (it.at, &it.event)).collect()
}

proptest! {
    #[test]
    fn the_stored_journal_folds_to_the_state(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks, |looks| looks);
        let stored = serde_json::to_string(&case.journal).expect("events are data");
        let read: Vec<Occurrence> = serde_json::from_str(&stored).expect("what was written");
        prop_assert_eq!(fold(&read), case.state);
    }

    #[test]
    fn versions_are_dense_time_never_decreases_and_a_lapse_fires_once(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks, |looks| looks);
        for (occurrence, version) in case.journal.iter().zip(1..) {
            prop_assert_eq!(occurrence.version, version);
        }
        prop_assert!(case.journal.is_sorted_by_key(|it| it.at));
        let mut lapses = BTreeSet::new();
        let mut state = State::default();
        for it in &case.journal {
            if let Event::StepLapsed { step, due_at, .. } = &it.event {
                let forum = state.dispute.as_ref().map(|it| it.forum.to_string());
                prop_assert!(lapses.insert((*step, *due_at, forum)), "{} {}", step, due_at);
                prop_assert!(it.at >= *due_at && it.received_at > *due_at);
            }
            evolve(&mut state, it);
        }
    }

    #[test]
    fn an_open_dispute_has_a_deadline_that_can_be_computed_again_and_a_holder(policy in policies(), asks in asks()) {
        let case = lived(policy, &asks, |looks| looks);
        let mut state = State::default();
        for occurrence in &case.journal {
            evolve(&mut state, occurrence);
            let dispute = state.dispute.as_ref().expect("was opened");
            prop_assert_eq!(dispute.is_open(), dispute.deadline().is_some());
            prop_assert_eq!(dispute.is_open(), dispute.holder().is_some());
            prop_assert_eq!(dispute.is_open(), state.wakes_at().is_some());
            if let Some(deadline) = &occurrence.deadline {
                let area = dispute.opening.area.as_ref();
                let due = deadline.limit.map(|limit| case.rulebook.calendar.due(area, deadline.since, limit));
                let at = due.map_or(deadline.since, |due| due.expect("in range").at);
                prop_assert_eq!(deadline.at, at);
                prop_assert_eq!(deadline.since, occurrence.at);
            }
        }
    }

    #[test]
    fn whenever_the_clock_looks_the_same_happens_at_the_same_times(policy in policies(), asks in asks()) {
        let [often, never] = [true, false].map(|looks| lived(policy.clone(), &asks, |_| looks));
        prop_assert_eq!(happened(&often), happened(&never));
        prop_assert_eq!(often.state.dispute, never.state.dispute);
    }

    #[test]
    fn deciding_is_pure_and_a_repeat_changes_nothing(policy in policies(), asks in asks()) {
        let mut case = Case::new().with(|it| *it = policy).opens();
        for (who, what, gap, ..) in &asks {
            case.now = case.now.plus_minutes(*gap);
            let envelope = case.envelope(actor(*who), command(*what));
            let decided = case.decide(&envelope);
            prop_assert_eq!(&decided, &case.decide(&envelope));
            let outcome = case.handle(&envelope);
            prop_assert!(!outcome.0.is_empty());
            prop_assert_eq!(Decision::Events(outcome.0), decided);
            prop_assert_eq!(case.decide(&envelope), Decision::Repeated);
        }
    }

    #[test]
    fn folding_what_makes_no_sense_does_not_panic(policy in policies(), asks in asks(), order in vec(any::<u16>(), 200)) {
        let case = lived(policy, &asks, |looks| looks);
        let mut journal: Vec<_> = case.journal.iter().cloned().zip(order.into_iter().cycle()).collect();
        journal.sort_by_key(|(_, place)| *place);
        let journal: Vec<_> = journal.into_iter().map(|(it, _)| it).collect();
        let last = journal.last().map_or(0, |it| it.version);
        prop_assert_eq!(fold(&journal).version, last);
    }
}
