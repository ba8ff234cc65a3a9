//! What a clue is told of each thing that happens to its dispute.

use bihuan_domain::clue::{Actor, Command as ClueAsked, Designation, Role};
use bihuan_domain::code::Level;
use bihuan_domain::dispute::{
    Cause, Claim, Command, Decision, Dispute, Env, Envelope, Ground, Interim, InterimRule, Occurrence,
    Opening, State, Step, decide, evolve, wake,
};
use bihuan_domain::id::{CommandId, DisputeId};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

use super::world::{
    CITY_OFFICE, NORTH, OFFICE, TOWN, agency, clue, compiled, of, paper, ruling, sitting, start,
};
use crate::tell::told;

/// A dispute by itself, and what its clue was told.
struct Case {
    rulebook: Rulebook,
    state: State,
    now: Timestamp,
    ordinal: u32,
    told: Vec<ClueAsked>,
}

impl Case {
    fn new(rule: InterimRule) -> Self {
        let (_, mut rulebook) = compiled(&[]);
        rulebook.policy.disputes.interim_holder = rule;
        Self {
            rulebook,
            state: State::default(),
            now: start(),
            ordinal: 0,
            told: Vec::new(),
        }
    }

    /// Between north and the town, over a clue that north got first; for whom nobody holds it but the rule says so.
    fn opened(rule: InterimRule) -> Self {
        let mut case = Self::new(rule);
        let claim = |id| Claim {
            agency: agency(id),
            position: None,
            duty: None,
        };
        let opening = Opening {
            clue: clue("1"),
            matter: None,
            area: None,
            severity: None,
            cause: Cause::ReturnLimit { returns: 3 },
            parties: vec![claim(NORTH), claim(TOWN)],
            first_receiver: Some(agency(NORTH)),
        };
        case.asks(Actor::service(Role::Dispute), Command::OpenDispute(opening));
        assert_eq!(case.take(), [], "lifecycle knows who holds it");
        case
    }

    fn id() -> DisputeId {
        DisputeId::derive(clue("1"), CommandId::derive(b"1", "test", 0))
    }

    fn asks(&mut self, actor: Actor, command: Command) {
        self.ordinal += 1;
        self.now = self.now.plus_minutes(1);
        let envelope = Envelope {
            id: CommandId::derive(b"telling", "test", self.ordinal),
            dispute: Self::id(),
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: self.now,
            command,
            text: Some(bihuan_domain::clue::Text::remark("说明")),
        };
        let Decision::Events(all) = decide(&self.state, &envelope, &self.env()) else {
            panic!("repeated");
        };
        self.happened(&all);
        let refused = all.iter().any(|it| it.event.name() == "CommandRejected");
        assert!(!refused, "{all:?}");
    }

    fn lapses(&mut self, step: Step) {
        while self.step() != Some(step) {
            self.now = self.state.wakes_at().expect("open");
            let all = wake(Self::id(), &self.state, self.now, self.now, &self.env());
            self.happened(&all);
        }
    }

    fn happened(&mut self, all: &[Occurrence]) {
        for it in all {
            self.told.extend(told(&self.state, it));
            evolve(&mut self.state, it);
        }
    }

    fn env(&self) -> Env<'_> {
        Env {
            rulebook: &self.rulebook,
            current: &self.rulebook,
            now: self.now,
        }
    }

    fn step(&self) -> Option<Step> {
        self.state.dispute.as_ref().and_then(Dispute::step)
    }

    fn take(&mut self) -> Vec<ClueAsked> {
        std::mem::take(&mut self.told)
    }

    /// At the step at which it is decided, the county's coordinator having been silent.
    fn at_decision(rule: InterimRule) -> Self {
        let mut case = Self::opened(rule);
        case.lapses(Step::Decision);
        assert_eq!(case.take(), []);
        case
    }
}

fn hold(interim: Interim, level: Level) -> ClueAsked {
    ClueAsked::HoldForDispute {
        dispute: Case::id(),
        interim,
        level,
    }
}

fn designate(to: &str) -> ClueAsked {
    ClueAsked::DesignateAgency {
        dispute: Case::id(),
        agency: agency(to),
        assisting: vec![agency(NORTH)],
        basis: "条例17 (裁1)".to_owned(),
        by: Designation::Ruling,
    }
}

fn appeal() -> Command {
    Command::AppealRuling {
        application: paper("复1"),
    }
}

#[test]
fn a_lead_holds_the_clue_from_when_it_is_named() {
    let mut case = Case::opened(InterimRule::DesignatedLead);
    let lead = |id| Command::NameLead { agency: agency(id) };
    case.asks(sitting(OFFICE), lead(TOWN));
    let expected = hold(Interim::Agency(agency(TOWN)), Level::County);
    assert_eq!(case.take(), [expected]);
    case.asks(sitting(OFFICE), lead(TOWN));
    assert_eq!(case.take(), [], "it has it");
}

#[test]
fn a_clue_in_the_coordinators_hands_goes_up_with_its_dispute() {
    let mut case = Case::at_decision(InterimRule::UrgentOnly);
    case.lapses(Step::Opinion);
    assert_eq!(case.take(), [hold(Interim::Coordinator, Level::City)]);
    // to whom the city's government is the city's too
    case.lapses(Step::Decision);
    case.lapses(Step::Opinion);
    assert_eq!(case.take(), []);
    let mut case = Case::at_decision(InterimRule::FirstReceiver);
    case.lapses(Step::Opinion);
    assert_eq!(case.take(), [], "the agency has it, whoever hears the dispute");
}

#[test]
fn a_ruling_is_told_once_it_binds() {
    let mut case = Case::at_decision(InterimRule::FirstReceiver);
    case.asks(sitting(OFFICE), ruling(TOWN));
    assert_eq!(case.take(), [], "it can be appealed");
    case.lapses(Step::TakingUp);
    assert_eq!(case.take(), [designate(TOWN)]);
    case.lapses(Step::Breach);
    let taken_up = Command::NoteTakenUp { agency: agency(TOWN) };
    case.asks(Actor::service(Role::Dispute), taken_up);
    case.lapses(Step::Compliance);
    assert_eq!(case.take(), [], "it was told");
}

#[test]
fn who_takes_it_up_before_that_is_designated_then_and_loses_it_to_an_appeal() {
    let mut case = Case::at_decision(InterimRule::FirstReceiver);
    case.asks(sitting(OFFICE), ruling(TOWN));
    let taken_up = Command::NoteTakenUp { agency: agency(TOWN) };
    case.asks(of(TOWN), taken_up);
    assert_eq!(case.take(), [designate(TOWN)]);
    case.asks(of(NORTH), appeal());
    let back = hold(Interim::Agency(agency(NORTH)), Level::City);
    assert_eq!(
        case.take(),
        [back],
        "until it is reviewed the interim holder has it"
    );
    case.asks(sitting(CITY_OFFICE), ruling(TOWN));
    assert_eq!(
        case.take(),
        [designate(TOWN)],
        "no other appeal: it binds at once"
    );
}

#[test]
fn an_appeal_that_is_given_up_lets_the_ruling_bind() {
    let mut case = Case::at_decision(InterimRule::FirstReceiver);
    case.asks(sitting(OFFICE), ruling(TOWN));
    case.asks(of(NORTH), appeal());
    assert_eq!(case.take(), []);
    case.asks(of(NORTH), Command::WithdrawDispute);
    assert_eq!(case.take(), [designate(TOWN)]);
}

#[test]
fn an_application_that_is_refused_releases_the_clue() {
    let mut case = Case::opened(InterimRule::FirstReceiver);
    case.lapses(Step::Acceptance);
    let ground = Ground::InternalMatter;
    case.asks(sitting(OFFICE), Command::RefuseApplication { ground });
    assert_eq!(
        case.take(),
        [ClueAsked::ReleaseFromDispute { dispute: Case::id() }]
    );
}

#[test]
fn a_clue_that_ends_is_told_nothing() {
    let mut case = Case::opened(InterimRule::FirstReceiver);
    let how = bihuan_domain::dispute::ClueEnd::Voided;
    case.asks(Actor::service(Role::Dispute), Command::NoteClueEnded { how });
    assert_eq!(case.take(), []);
}

#[test]
fn an_opinion_that_all_accept_designates_by_agreement() {
    let mut case = Case::opened(InterimRule::FirstReceiver);
    case.lapses(Step::Opinion);
    let opinion = Command::GiveOpinion {
        agency: agency(TOWN),
        opinion: paper("意1"),
    };
    case.asks(sitting(OFFICE), opinion);
    case.asks(of(NORTH), Command::AcceptOpinion);
    assert_eq!(case.take(), []);
    case.asks(of(TOWN), Command::AcceptOpinion);
    let expected = ClueAsked::DesignateAgency {
        dispute: Case::id(),
        agency: agency(TOWN),
        assisting: Vec::new(),
        basis: "意1".to_owned(),
        by: Designation::Agreement,
    };
    assert_eq!(case.take(), [expected]);
}
