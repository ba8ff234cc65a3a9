//! What the two journals must say of each other.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::dispute::{DisputeEvent, event as dispute_event};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{self, Designation};
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{self, Outcome, Standing};
use bihuan_domain::id::{ClueId, DisputeId};
use e2e::installation::Installation;

/// A dispute as its clue tells it.
#[derive(Default)]
struct Told {
    raised: usize,
    designated: Vec<(AgencyId, Designation)>,
}

/// How often things happened: it proves little if little did.
#[derive(Debug, Default)]
struct Counted {
    settled: usize,
    ruled: usize,
    breached: usize,
    raised: usize,
    lapses: usize,
    barred: usize,
}

/// Every clue came into dispute once, and both journals say the same of it.
pub(super) fn assert_lives(installation: &Installation, clues: usize) {
    let mut counted = Counted::default();
    let told = told(installation, &mut counted);
    let disputes = disputes(installation);
    assert_eq!(
        (told.len(), disputes.len()),
        (clues, clues),
        "each clue came into dispute once"
    );
    for (id, (clue, life)) in &disputes {
        let told = &told[id];
        assert_eq!(told.raised, 1, "{clue}");
        let state = folded(life, &mut counted);
        let known = state.dispute.as_ref().expect("it was opened");
        assert_eq!(known.opening.clue, *clue);
        let mut expected: Vec<(AgencyId, Designation)> = known
            .rulings
            .iter()
            .map(|it| (it.ruling.responsible.clone(), Designation::Ruling))
            .collect();
        if let Standing::Ended {
            outcome: Outcome::Settled { agency, .. },
            ..
        } = &known.standing
        {
            counted.settled += 1;
            expected.push((agency.clone(), Designation::Agreement));
        }
        assert_eq!(told.designated, expected, "{clue}: {life:#?}");
        counted.ruled += known.rulings.len();
        counted.breached += known.breaches.len();
    }
    eprintln!("{counted:?}");
    let Counted {
        settled,
        ruled,
        breached,
        raised,
        lapses,
        barred,
    } = counted;
    assert!(settled > 3 && ruled > 10 && breached > 1 && raised > 3 && lapses > clues && barred > 10);
}

/// What the clues' journal says, by dispute. Whoever was designated did not return it.
fn told(installation: &Installation, counted: &mut Counted) -> BTreeMap<DisputeId, Told> {
    let mut told: BTreeMap<DisputeId, Told> = BTreeMap::new();
    let mut designated: BTreeSet<ClueId> = BTreeSet::new();
    for entry in installation.tables().journal("clue_event") {
        let ClueEvent::Clue(it) = event::decode(&entry.payload).expect("an event") else {
            continue;
        };
        match it.event {
            clue::Event::ClueDisputed { dispute, .. } => told.entry(dispute).or_default().raised += 1,
            clue::Event::ClueDesignated {
                dispute,
                assignment,
                by,
                ..
            } => {
                designated.insert(it.clue);
                let told = told.entry(dispute).or_default();
                told.designated.push((assignment.agency, by));
            }
            clue::Event::ReturnRequested { .. } => {
                assert!(
                    !designated.contains(&it.clue),
                    "{}: a designated agency returned it",
                    it.clue
                );
            }
            clue::Event::CommandRejected { rejection, .. } => {
                counted.barred += usize::from(rejection.code == "designated_may_not_return");
            }
            _ => {}
        }
    }
    told
}

/// How often nobody took up a ruling in time.
pub(super) fn breaches(installation: &Installation) -> usize {
    let events = disputes(installation).into_values().flat_map(|(_, life)| life);
    let lapses = events.filter(|it| {
        matches!(
            it.event,
            dispute::Event::StepLapsed {
                step: dispute::Step::TakingUp,
                ..
            }
        )
    });
    lapses.count()
}

type Lives = BTreeMap<DisputeId, (ClueId, Vec<dispute::Occurrence>)>;

fn disputes(installation: &Installation) -> Lives {
    let mut lives = Lives::new();
    for entry in installation.tables().journal("dispute_event") {
        if let DisputeEvent::Dispute { clue, occurrence } =
            dispute_event::decode(&entry.payload).expect("an event")
        {
            let life = lives
                .entry(occurrence.dispute)
                .or_insert_with(|| (clue, Vec::new()));
            life.1.push(occurrence);
        }
    }
    lives
}

/// The state after its events, which are without gap; nothing in them is double.
fn folded(life: &[dispute::Occurrence], counted: &mut Counted) -> dispute::State {
    let mut state = dispute::State::default();
    let mut lapsed = BTreeSet::new();
    let mut opened = 0;
    for (number, it) in life.iter().enumerate() {
        assert_eq!(it.version as usize, number + 1, "{life:#?}");
        let forum = state.dispute.as_ref().map(|it| it.forum.clone());
        dispute::evolve(&mut state, it);
        match &it.event {
            dispute::Event::DisputeOpened { .. } => opened += 1,
            dispute::Event::StepLapsed { step, due_at, then } => {
                let is_new = lapsed.insert((step.as_str(), *due_at, forum));
                assert!(is_new, "{step:?} lapsed again: {life:#?}");
                counted.lapses += 1;
                counted.raised += usize::from(matches!(then, dispute::Then::Raised { .. }));
            }
            _ => {}
        }
    }
    assert_eq!(opened, 1, "{life:#?}");
    state
}
