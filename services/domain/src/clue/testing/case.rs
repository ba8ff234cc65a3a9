//! A clue that lives through a test.

use super::super::{
    Actor, Clue, Command, Decision, Env, Envelope, Event, Occurrence, Policy, Rejection, Role, State, Text,
    decide, evolve, wake,
};
use super::{
    COUNTY, COUNTY_WATER, agency, assign, checker, coordinator, decision, monday, of, report, request_return,
    resolve, role, rulebook, source, suspend,
};
use crate::code::Level;
use crate::dispute::InterimRule;
use crate::id::{ClueId, CommandId, DisputeId};
use crate::routing::Rulebook;
use crate::time::Timestamp;

/// One clue, its journal and its surroundings. Every command comes one hour after the one before, with a reason in words.
pub(crate) struct Case {
    pub(crate) state: State,
    pub(crate) rulebook: Box<Rulebook>,
    /// The one of today, where it is another.
    pub(crate) current: Option<Box<Rulebook>>,
    pub(crate) now: Timestamp,
    pub(crate) remark: Option<String>,
    pub(crate) occurred_at: Option<Timestamp>,
    pub(crate) expected_version: Option<u32>,
    pub(crate) journal: Vec<Occurrence>,
    ordinal: u32,
}

impl Case {
    /// Nothing has happened yet.
    pub(crate) fn new() -> Self {
        Self {
            state: State::default(),
            rulebook: Box::new(rulebook()),
            current: None,
            now: monday(),
            remark: Some("事由".to_owned()),
            occurred_at: None,
            expected_version: None,
            journal: Vec::new(),
            ordinal: 0,
        }
    }

    pub(crate) fn with(mut self, set: impl FnOnce(&mut Policy)) -> Self {
        set(&mut self.rulebook.policy);
        self
    }

    /// Reported; waits for somebody to admit it.
    pub(crate) fn reported() -> Self {
        Self::new()
            .with(|policy| policy.admission.automatic = false)
            .given(role(Role::Source), Command::ReportClue(report()))
    }

    pub(crate) fn admitted() -> Self {
        Self::new().given(role(Role::Source), Command::ReportClue(report()))
    }

    pub(crate) fn in_triage() -> Self {
        Self::admitted().given(
            role(Role::Routing),
            Command::HoldForTriage {
                decision: decision("no_duty"),
            },
        )
    }

    /// Dispatched to [`COUNTY`].
    pub(crate) fn dispatched() -> Self {
        Self::admitted().given(role(Role::Routing), assign(COUNTY))
    }

    pub(crate) fn return_requested() -> Self {
        Self::dispatched().given(of(COUNTY), request_return(COUNTY_WATER))
    }

    /// Returned twice, between the county's agencies: in dispute, and with [`COUNTY`], which got it first.
    pub(crate) fn disputed() -> Self {
        Self::returned_twice().given(coordinator(), Command::ApproveReturn { to: None })
    }

    /// The same, before the coordinator, who holds what is not urgent.
    pub(crate) fn in_coordination() -> Self {
        Self::returned_twice()
            .with(|policy| policy.disputes.interim_holder = InterimRule::UrgentOnly)
            .given(coordinator(), Command::ApproveReturn { to: None })
    }

    /// The same, from the time when there were no disputes.
    pub(crate) fn in_old_coordination() -> Self {
        let mut case = Self::in_coordination();
        let mut last = case.journal.pop().expect("the dispute");
        last.event = Event::ClueHeldForCoordination {
            level: Level::County,
            returns: 2,
        };
        case.journal.push(last);
        case.state = State::default();
        for occurrence in &case.journal {
            evolve(&mut case.state, occurrence);
        }
        case
    }

    fn returned_twice() -> Self {
        Self::return_requested()
            .given(
                coordinator(),
                Command::ApproveReturn {
                    to: Some(agency(COUNTY_WATER)),
                },
            )
            .given(of(COUNTY_WATER), request_return(COUNTY))
    }

    /// The open dispute.
    pub(crate) fn dispute(&self) -> DisputeId {
        self.clue().dispute.expect("in dispute")
    }

    pub(crate) fn suspended() -> Self {
        Self::dispatched().given(of(COUNTY), suspend(monday().plus_days(30)))
    }

    /// Resolved by person A1 of [`COUNTY`].
    pub(crate) fn resolved() -> Self {
        Self::dispatched().given(of(COUNTY), resolve())
    }

    pub(crate) fn closed() -> Self {
        Self::resolved()
            .given(checker(), Command::PassCheck)
            .given(checker(), Command::CloseClue)
    }

    /// Applies a command that must not be refused.
    pub(crate) fn given(mut self, actor: Actor, command: Command) -> Self {
        let name = command.name();
        let answer = self.when(actor, command);
        assert_eq!(answer.rejection(), None, "{name} at {}", self.stage());
        self
    }

    /// Decides a command and applies what came of it.
    pub(crate) fn when(&mut self, actor: Actor, command: Command) -> Outcome {
        let envelope = self.envelope(actor, command);
        self.handle(&envelope)
    }

    /// The code by which a command is refused; empty if it is not.
    pub(crate) fn refusal(&mut self, actor: Actor, command: Command) -> String {
        self.when(actor, command)
            .rejection()
            .map(|it| it.code.clone())
            .unwrap_or_default()
    }

    pub(crate) fn envelope(&mut self, actor: Actor, command: Command) -> Envelope {
        self.ordinal += 1;
        self.now = self.now.plus_minutes(60);
        Envelope {
            id: CommandId::derive(b"case", "test", self.ordinal),
            clue: ClueId::derive(&source(), "42"),
            causation: None,
            actor,
            expected_version: self.expected_version,
            occurred_at: self.occurred_at,
            received_at: self.now,
            command,
            text: self.remark.clone().map(Text::remark),
        }
    }

    pub(crate) fn handle(&mut self, envelope: &Envelope) -> Outcome {
        let Decision::Events(occurrences) = self.decide(envelope) else {
            return Outcome(Vec::new());
        };
        for occurrence in &occurrences {
            evolve(&mut self.state, occurrence);
        }
        self.journal.extend(occurrences.iter().cloned());
        Outcome(occurrences)
    }

    /// What happens by itself up to `now`.
    pub(crate) fn wake(&mut self, now: Timestamp) -> Outcome {
        let id = ClueId::derive(&source(), "42");
        self.now = self.now.max(now);
        let occurrences = wake(id, &self.state, now, now, &self.env());
        for occurrence in &occurrences {
            evolve(&mut self.state, occurrence);
        }
        self.journal.extend(occurrences.iter().cloned());
        Outcome(occurrences)
    }

    pub(crate) fn env(&self) -> Env<'_> {
        Env {
            rulebook: &self.rulebook,
            current: self.current.as_ref().unwrap_or(&self.rulebook),
            number: "330602-20260105-000001",
        }
    }

    pub(crate) fn decide(&self, envelope: &Envelope) -> Decision {
        decide(&self.state, envelope, &self.env())
    }

    pub(crate) fn clue(&self) -> &Clue {
        self.state.clue.as_ref().expect("was reported")
    }

    pub(crate) fn stage(&self) -> &'static str {
        self.state
            .clue
            .as_ref()
            .map_or("unknown", |clue| clue.stage.name())
    }

    pub(crate) fn holder(&self) -> Option<&str> {
        self.clue().assignment().map(|by| by.agency.as_str())
    }
}

/// What came of one command.
#[derive(Debug)]
pub(crate) struct Outcome(pub(crate) Vec<Occurrence>);

impl Outcome {
    pub(crate) fn events(&self) -> Vec<&'static str> {
        self.0.iter().map(|occurrence| occurrence.event.name()).collect()
    }

    pub(crate) fn rejection(&self) -> Option<&Rejection> {
        self.0.iter().find_map(|occurrence| match &occurrence.event {
            Event::CommandRejected { rejection, .. } => Some(rejection),
            _ => None,
        })
    }

    /// Code and field of the refusal.
    pub(crate) fn refused(&self) -> (&str, Option<&str>) {
        self.rejection()
            .map_or(("", None), |it| (it.code.as_str(), it.field.as_deref()))
    }
}
