//! Every dispute that can be: from its opening, all that anybody may ask and all that the clock does, in every order, until no
//! state is new. In each of them the laws must hold.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::super::testing::{
    CITY_GOVERNMENT, COUNTY_GOVERNMENT, OFFICE, appeal, apply, claim, governed, id, meet, minutes, open_as,
    opine, position, refuse, reply, rule, service, sitting, take_up,
};
use super::super::{
    Cause, ClueEnd, Command, Decision, Dispute, Env, Envelope, Event, Forum, Interim, InterimRule,
    Occurrence, Position, State, Step, decide, evolve, wake,
};
use crate::clue::testing::{CITY, COUNTY, COUNTY_WATER, TOWN, agency, monday, of};
use crate::clue::{Actor, Text};
use crate::id::CommandId;
use crate::routing::Rulebook;
use crate::time::Timestamp;

type Ask = (Actor, Command);

/// Nobody is late.
const fn env(book: &Rulebook) -> Env<'_> {
    Env {
        rulebook: book,
        current: book,
        now: Timestamp::EPOCH,
    }
}

/// What of a dispute can make a difference, without times and papers.
fn key(dispute: &Dispute) -> String {
    let parties = dispute.parties.iter().map(|it| {
        (
            it.agency.as_str(),
            it.position,
            it.replied_at.is_some(),
            it.consent,
            it.withdraws,
        )
    });
    let ruled = dispute.rulings.iter().map(|it| &it.ruling.responsible);
    format!(
        "{} late {} {} {:?} by {:?} opinion {:?} ruled {:?} appeals {} {:?} taken {} breaches {:?} {:?}",
        dispute.name(),
        dispute.is_late(),
        dispute.forum,
        parties.collect::<Vec<_>>(),
        dispute.applicant,
        dispute.opinion.as_ref().map(|it| &it.agency),
        ruled.collect::<Vec<_>>(),
        dispute.appeals,
        dispute.appellant,
        dispute.taken_up_at.is_some(),
        dispute
            .breaches
            .iter()
            .map(|it| it.ended.is_some())
            .collect::<Vec<_>>(),
        dispute.interim,
    )
}

struct Walk {
    book: Rulebook,
    asks: Vec<Ask>,
    seen: BTreeSet<String>,
    /// How often each event came about.
    events: BTreeMap<&'static str, usize>,
    stands: BTreeSet<&'static str>,
    lapses: BTreeSet<Step>,
    decisions: usize,
}

impl Walk {
    fn new(book: Rulebook, asks: Vec<Ask>) -> Self {
        Self {
            book,
            asks,
            seen: BTreeSet::new(),
            events: BTreeMap::new(),
            stands: BTreeSet::new(),
            lapses: BTreeSet::new(),
            decisions: 0,
        }
    }

    /// From the opening, until nothing is new.
    fn through(mut self) -> Self {
        let opening = open_as(|it| it.cause = Cause::ByAgency);
        let opened = self.asked(&State::default(), &(of(COUNTY), opening), usize::MAX);
        let mut waiting = VecDeque::from_iter(opened);
        while let Some(state) = waiting.pop_front() {
            let dispute = state.dispute.as_ref().expect("was opened");
            if !self.seen.insert(key(dispute)) {
                continue;
            }
            self.holds(&state, dispute);
            let mut asks = self.asks.clone();
            asks.extend(office_asks(dispute));
            let asked = asks.iter().enumerate();
            let next: Vec<_> = asked
                .filter_map(|(number, ask)| self.asked(&state, ask, number))
                .collect();
            waiting.extend(next);
            waiting.extend(self.woken(&state));
        }
        self
    }

    /// The laws of a state.
    fn holds(&mut self, state: &State, dispute: &Dispute) {
        let at = key(dispute);
        self.stands.insert(dispute.name());
        assert_ne!(dispute.step().is_some(), dispute.outcome().is_some(), "{at}");
        assert_eq!(dispute.is_open(), dispute.deadline().is_some(), "{at}");
        assert_eq!(dispute.is_open(), dispute.holder().is_some(), "{at}");
        assert_eq!(dispute.is_open(), state.wakes_at().is_some(), "{at}");
        if let Some(deadline) = dispute.deadline() {
            assert!(
                deadline.since <= deadline.at && deadline.since <= state.last_at,
                "{at}"
            );
        }
        let lasting = dispute.breaches.iter().filter(|it| it.ended.is_none()).count();
        let is_breached = dispute.step() == Some(Step::Breach);
        assert_eq!(
            lasting,
            usize::from(is_breached),
            "a breach lasts at its step alone: {at}"
        );
        if dispute.step().is_some_and(Step::is_ruled) {
            assert!(dispute.responsible().is_some(), "{at}");
        } else if dispute.is_open() {
            assert_eq!(dispute.responsible(), None, "{at}");
        }
        assert!(dispute.appeals <= 1 && dispute.rulings.len() <= 2, "{at}");
        assert!(
            dispute.appeals as usize <= dispute.rulings.len(),
            "an appeal is from a ruling: {at}"
        );
    }

    /// The state after a command; `None`: it is refused, and leaves the dispute as it is.
    fn asked(&mut self, state: &State, (actor, command): &Ask, number: usize) -> Option<State> {
        let cause = format!("{} {number} {:?}", state.version, state.handled.last());
        let envelope = Envelope {
            id: CommandId::derive(cause.as_bytes(), "walk", 0),
            dispute: id(),
            causation: None,
            actor: actor.clone(),
            expected_version: None,
            occurred_at: None,
            received_at: state.last_at.max(monday()).plus_micros(1),
            command: command.clone(),
            text: Some(Text::remark("事由")),
        };
        let Decision::Events(occurrences) = decide(state, &envelope, &env(&self.book)) else {
            panic!("never asked before");
        };
        self.decisions += 1;
        if matches!(occurrences[0].event, Event::CommandRejected { .. }) {
            assert_eq!(occurrences.len(), 1);
            return None;
        }
        let after = self.folded(state, &occurrences);
        let repeated = decide(&after, &envelope, &env(&self.book));
        assert_eq!(repeated, Decision::Repeated, "{}", command.name());
        self.follows(state, &after);
        Some(after)
    }

    /// The state when the time of the open step has passed.
    fn woken(&mut self, state: &State) -> Option<State> {
        let due = state.wakes_at()?;
        let waking = |state: &State, at: Timestamp| wake(id(), state, at, at, &env(&self.book));
        assert_eq!(waking(state, due.plus_micros(-1)), [], "too early");
        let occurrences = waking(state, due);
        assert_eq!(occurrences.len(), 1);
        let after = self.folded(state, &occurrences);
        assert_eq!(
            wake(id(), &after, due, due, &env(&self.book)),
            [],
            "a lapse fires once"
        );
        let Event::StepLapsed { step, due_at, .. } = &occurrences[0].event else {
            panic!("{:?}", occurrences[0].event);
        };
        assert_eq!(due_at.plus_micros(1), due);
        self.lapses.insert(*step);
        let next = after.wakes_at().expect("a lapse ends nothing");
        assert!(next > due, "what follows has time of its own");
        self.follows(state, &after);
        Some(after)
    }

    /// The state after events as they are stored, numbered without gaps, never earlier.
    fn folded(&mut self, state: &State, occurrences: &[Occurrence]) -> State {
        let stored = serde_json::to_string(occurrences).expect("events are data");
        let read: Vec<Occurrence> = serde_json::from_str(&stored).expect("what was written");
        assert_eq!(read, occurrences);
        let mut after = state.clone();
        for it in &read {
            assert_eq!(it.version, after.version + 1);
            assert!(it.at >= after.last_at);
            evolve(&mut after, it);
            *self.events.entry(it.event.name()).or_default() += 1;
        }
        after
    }

    /// What never goes back.
    fn follows(&self, before: &State, after: &State) {
        let (Some(was), Some(is)) = (&before.dispute, &after.dispute) else {
            return;
        };
        assert!(is.forum.level() >= was.forum.level(), "the forum never sinks");
        assert!(is.rulings.starts_with(&was.rulings), "a ruling stays on record");
        assert!(
            is.breaches.len() >= was.breaches.len(),
            "a breach stays on record"
        );
        assert!(is.documents.starts_with(&was.documents), "a paper stays on file");
        assert!(is.parties.len() >= was.parties.len(), "a party stays one");
        assert!(was.is_open() || is == was, "an end is the end");
        let made = &is.rulings[was.rulings.len()..];
        for ruled in made {
            assert!(self.book.policy.disputes.office(&ruled.forum).is_some());
            assert_eq!(was.step(), Some(Step::Decision));
            assert_eq!(was.forum, ruled.forum);
        }
    }
}

fn parties_ask() -> Vec<Ask> {
    let mut asks = vec![(of(COUNTY), minutes(None)), (of(TOWN), minutes(None))];
    for name in [COUNTY, TOWN] {
        asks.extend([
            (of(name), minutes(Some(TOWN))),
            (of(name), apply()),
            (of(name), reply()),
            (of(name), Command::AcceptOpinion),
            (of(name), Command::DeclineOpinion),
            (of(name), appeal()),
            (of(name), take_up(name)),
        ]);
    }
    asks
}

/// Of those before whom it is, of those who sit elsewhere, and of parties that would sit.
fn office_asks(dispute: &Dispute) -> Vec<Ask> {
    let (office, government, elsewhere) = match dispute.forum {
        Forum::County(_) => (OFFICE, COUNTY_GOVERNMENT, CITY),
        Forum::City => (CITY, CITY, OFFICE),
        Forum::CityGovernment => (CITY_GOVERNMENT, CITY_GOVERNMENT, CITY),
    };
    vec![
        (sitting(office), minutes(Some(COUNTY))),
        (sitting(office), Command::AcceptApplication),
        (sitting(office), refuse()),
        (sitting(office), Command::ForwardApplication),
        (sitting(office), meet()),
        (sitting(office), opine(TOWN)),
        (sitting(government), rule(TOWN)),
        (sitting(government), rule(COUNTY)),
        (sitting(elsewhere), rule(TOWN)),
        (sitting(COUNTY), rule(TOWN)),
        (service(), Command::NoteClueEnded { how: ClueEnd::Closed }),
        (service(), Command::NoteClueEnded { how: ClueEnd::Merged }),
    ]
}

const EVERYWHERE: &[&str] = &[
    "negotiation",
    "application",
    "acceptance",
    "forwarding",
    "replies",
    "opinion",
    "consent",
    "decision",
    "appeal_window",
    "taking_up",
    "breach",
    "compliance",
    "settled",
    "refused",
    "withdrawn",
    "carried_out",
    "clue_ended",
];

#[test]
fn the_laws_hold_in_every_dispute_between_two_parties() {
    let mut asks = parties_ask();
    asks.push((of(COUNTY), Command::WithdrawDispute));
    let walk = Walk::new(governed(), asks).through();
    let stands: BTreeSet<_> = EVERYWHERE.iter().copied().collect();
    assert_eq!(walk.stands, stands, "every step and every outcome is reached");
    assert_eq!(walk.lapses, Step::ALL.iter().copied().collect());
    let never = [
        "PositionStated",
        "PartyAdded",
        "LeadNamed",
        "DeadlineRevised",
        "CommandRejected",
    ];
    assert!(never.iter().all(|name| !walk.events.contains_key(name)));
    assert_eq!(walk.events.len(), 26 - never.len(), "{:?}", walk.events);
    assert!(walk.seen.len() > 1_000, "{}", walk.seen.len());
    eprintln!("{} disputes, {} decisions", walk.seen.len(), walk.decisions);
}

#[test]
fn the_laws_hold_where_a_third_party_comes_in_and_a_lead_is_named() {
    let mut book = governed();
    book.policy.disputes.interim_holder = InterimRule::DesignatedLead;
    let mut asks = vec![
        (of(COUNTY), minutes(None)),
        (of(COUNTY), apply()),
        (of(COUNTY_WATER), position(Position::Claims)),
        (service(), Command::AddParty(claim(COUNTY_WATER))),
        (sitting(OFFICE), Command::NameLead { agency: agency(TOWN) }),
    ];
    for name in [TOWN, COUNTY_WATER] {
        asks.extend([(of(name), reply()), (of(name), Command::DeclineOpinion)]);
    }
    let walk = Walk::new(book, asks).through();
    assert!(walk.events["PartyAdded"] > 0 && walk.events["LeadNamed"] > 0);
    let led = format!("{:?}", Interim::Agency(agency(TOWN)));
    assert!(walk.seen.iter().any(|key| key.ends_with(&led)));
    assert!(walk.seen.len() > 1_000, "{}", walk.seen.len());
    eprintln!("{} disputes, {} decisions", walk.seen.len(), walk.decisions);
}
