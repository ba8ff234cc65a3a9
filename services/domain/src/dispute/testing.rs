//! Builders for the tests of disputes: parties, papers, actors, and ([`Case`]) a dispute that is brought to a step by commands and
//! the clock alone.

use super::{
    Cause, Claim, Command, Decision, Dispute, DisputePolicy, Env, Envelope, Event, Ground, Occurrence,
    Office, Opening, Paper, Position, Rejection, Ruling, State, Step, decide, evolve, wake,
};
use crate::clue::testing::{
    CITY, COUNTY, TOWN, agency, area, calendar, matter, monday, of, rulebook, source,
};
use crate::clue::{Actor, Role, Text};
use crate::digest::Digest;
use crate::id::{ClueId, CommandId, DisputeId};
use crate::routing::{Agency, Rulebook};
use crate::time::Timestamp;

/// Coordinates in the county.
pub(crate) const OFFICE: &str = "yuecheng-office";
/// Decides in the name of the county's government.
pub(crate) const COUNTY_GOVERNMENT: &str = "yuecheng-government";
pub(crate) const CITY_GOVERNMENT: &str = "city-government";

pub(crate) fn office(level: &str, place: Option<&str>, name: &str) -> Office {
    Office {
        level: super::ForumLevel::parse(level).expect("a level"),
        area: place.map(area),
        agency: agency(name),
        deciding: None,
    }
}

/// That of the clues' tests with coordinators, and with time to apply.
pub(crate) fn governed() -> Rulebook {
    let mut book = rulebook();
    for (name, like) in [
        (OFFICE, COUNTY),
        (COUNTY_GOVERNMENT, COUNTY),
        (CITY_GOVERNMENT, CITY),
    ] {
        let like = book.agencies[&agency(like)].clone();
        let id = agency(name);
        book.agencies.insert(id.clone(), Agency { id, ..like });
    }
    book.calendar = calendar();
    book.zone = book.calendar.zone().clone();
    book.policy.disputes.limits.application = "2wd".parse().expect("a limit");
    book.policy.disputes.coordinators = vec![
        Office {
            deciding: Some(agency(COUNTY_GOVERNMENT)),
            ..office("county", Some("330602"), OFFICE)
        },
        office("city", None, CITY),
        office("city_government", None, CITY_GOVERNMENT),
    ];
    book
}

pub(crate) fn claim(name: &str) -> Claim {
    Claim {
        agency: agency(name),
        position: None,
        duty: None,
    }
}

/// By the second return, first dispatched to the first party.
pub(crate) fn opening(parties: &[&str]) -> Opening {
    Opening {
        clue: ClueId::derive(&source(), "42"),
        matter: Some(matter("330217B00000")),
        area: Some(area("330602001")),
        severity: None,
        cause: Cause::ReturnLimit { returns: 2 },
        parties: parties.iter().copied().map(claim).collect(),
        first_receiver: parties.first().copied().map(agency),
    }
}

pub(crate) fn open() -> Command {
    Command::OpenDispute(opening(&[COUNTY, TOWN]))
}

pub(crate) fn open_as(change: impl FnOnce(&mut Opening)) -> Command {
    let mut it = opening(&[COUNTY, TOWN]);
    change(&mut it);
    Command::OpenDispute(it)
}

pub(crate) fn paper(reference: &str) -> Paper {
    Paper {
        reference: reference.to_owned(),
        digest: Digest::of([reference.as_bytes()]),
    }
}

pub(crate) fn service() -> Actor {
    Actor::service(Role::Routing)
}

/// Somebody of a coordinator's office.
pub(crate) fn sitting(name: &str) -> Actor {
    Actor {
        role: Role::Coordinator,
        ..of(name)
    }
}

pub(crate) fn position(position: Position) -> Command {
    Command::StatePosition {
        position,
        duty: "duty-7".to_owned(),
        papers: Vec::new(),
    }
}

pub(crate) fn minutes(agreed: Option<&str>) -> Command {
    Command::RecordMinutes {
        agreed: agreed.map(agency),
        minutes: paper("minutes"),
    }
}

pub(crate) fn apply() -> Command {
    Command::Apply {
        application: paper("application"),
    }
}

pub(crate) fn refuse() -> Command {
    Command::RefuseApplication {
        ground: Ground::InternalMatter,
    }
}

pub(crate) fn reply() -> Command {
    Command::Reply {
        reply: paper("reply"),
    }
}

pub(crate) fn meet() -> Command {
    Command::RecordMeeting {
        minutes: paper("meeting"),
    }
}

pub(crate) fn opine(name: &str) -> Command {
    Command::GiveOpinion {
        agency: agency(name),
        opinion: paper("opinion"),
    }
}

pub(crate) fn ruling(name: &str) -> Ruling {
    Ruling {
        responsible: agency(name),
        assisting: Vec::new(),
        basis: "浙江省综合行政执法条例第十七条".to_owned(),
        term: None,
        decision: paper("decision"),
    }
}

pub(crate) fn rule(name: &str) -> Command {
    Command::DecideDispute(ruling(name))
}

pub(crate) fn appeal() -> Command {
    Command::AppealRuling {
        application: paper("appeal"),
    }
}

pub(crate) fn take_up(name: &str) -> Command {
    Command::NoteTakenUp { agency: agency(name) }
}

/// One dispute between [`COUNTY`] and [`TOWN`], its journal and its surroundings. Every command comes one hour after the one before,
/// with a reason in words.
#[derive(Clone)]
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
    pub(crate) fn new() -> Self {
        Self {
            state: State::default(),
            rulebook: Box::new(governed()),
            current: None,
            now: monday(),
            remark: Some("事由".to_owned()),
            occurred_at: None,
            expected_version: None,
            journal: Vec::new(),
            ordinal: 0,
        }
    }

    pub(crate) fn with(mut self, set: impl FnOnce(&mut DisputePolicy)) -> Self {
        set(&mut self.rulebook.policy.disputes);
        self
    }

    /// Opened, in negotiation.
    pub(crate) fn opened() -> Self {
        Self::new().opens()
    }

    pub(crate) fn opens(self) -> Self {
        self.given(service(), open())
    }

    /// Brought to `step` by what usually happens.
    pub(crate) fn at(step: Step) -> Self {
        Self::new().brought_to(step)
    }

    pub(crate) fn brought_to(self, step: Step) -> Self {
        let mut case = self.opens();
        let way = [
            (of(COUNTY), minutes(None)),
            (of(COUNTY), apply()),
            (sitting(OFFICE), Command::AcceptApplication),
            (sitting(OFFICE), Command::ForwardApplication),
            (of(TOWN), reply()),
            (sitting(OFFICE), opine(TOWN)),
            (of(TOWN), Command::DeclineOpinion),
            (sitting(COUNTY_GOVERNMENT), rule(TOWN)),
        ];
        for (actor, command) in way {
            if case.step() == Some(step) {
                return case;
            }
            case = case.given(actor, command);
        }
        while case.step() != Some(step) {
            case = match (case.step(), step) {
                (Some(Step::TakingUp), Step::Compliance) => case.given(of(TOWN), take_up(TOWN)),
                _ => case.lapsed(),
            };
        }
        case
    }

    /// Applies a command that must not be refused.
    pub(crate) fn given(mut self, actor: Actor, command: Command) -> Self {
        let name = command.name();
        let outcome = self.when(actor, command);
        assert_eq!(outcome.rejection(), None, "{name} at {}", self.name());
        self
    }

    /// The time of the open step passes.
    pub(crate) fn lapsed(mut self) -> Self {
        let due = self.state.wakes_at().expect("an open step");
        assert!(!self.wake(due).0.is_empty());
        self
    }

    pub(crate) fn when(&mut self, actor: Actor, command: Command) -> Outcome {
        let envelope = self.envelope(actor, command);
        self.handle(&envelope)
    }

    /// The code by which a command is refused; empty if it is not.
    pub(crate) fn refusal(&mut self, actor: Actor, command: Command) -> String {
        let outcome = self.when(actor, command);
        outcome.rejection().map(|it| it.code.clone()).unwrap_or_default()
    }

    pub(crate) fn envelope(&mut self, actor: Actor, command: Command) -> Envelope {
        self.ordinal += 1;
        self.now = self.now.plus_minutes(60);
        Envelope {
            id: CommandId::derive(b"dispute", "test", self.ordinal),
            dispute: id(),
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
        match self.decide(envelope) {
            Decision::Repeated => Outcome(Vec::new()),
            Decision::Events(occurrences) => self.applied(occurrences),
        }
    }

    pub(crate) fn decide(&self, envelope: &Envelope) -> Decision {
        decide(&self.state, envelope, &self.env())
    }

    pub(crate) fn wake(&mut self, now: Timestamp) -> Outcome {
        self.now = self.now.max(now);
        let occurrences = wake(id(), &self.state, now, now, &self.env());
        self.applied(occurrences)
    }

    fn applied(&mut self, occurrences: Vec<Occurrence>) -> Outcome {
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
            now: self.now,
        }
    }

    pub(crate) fn dispute(&self) -> &Dispute {
        self.state.dispute.as_ref().expect("was opened")
    }

    pub(crate) fn step(&self) -> Option<Step> {
        self.dispute().step()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.state.dispute.as_ref().map_or("unknown", Dispute::name)
    }
}

pub(crate) fn id() -> DisputeId {
    let clue = ClueId::derive(&source(), "42");
    DisputeId::derive(clue, CommandId::derive(b"return", "test", 2))
}

/// What came of one command, or of the clock.
#[derive(Debug)]
pub(crate) struct Outcome(pub(crate) Vec<Occurrence>);

impl Outcome {
    pub(crate) fn events(&self) -> Vec<&'static str> {
        self.0.iter().map(|it| it.event.name()).collect()
    }

    pub(crate) fn rejection(&self) -> Option<&Rejection> {
        self.0.iter().find_map(|it| match &it.event {
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
