//! Builders for the tests of the rules: a small rulebook, and a clue that is brought to a stage by commands alone.

use super::{
    Actor, CallBack, Class, Clue, Command, Conclusion, Decision, Env, Envelope, Event, History, Measure,
    Occurrence, Origin, Policy, Rejection, Report, Resolution, Role, RoutingDecision, State, Text, decide,
    evolve,
};
use crate::code::{AgencyId, AreaCode, Level, MatterCode, RulebookVersion, SourceId};
use crate::digest::Digest;
use crate::id::{ClueId, CommandId, RecordId};
use crate::routing::{Agency, Area, Matter, Rulebook};
use crate::time::Timestamp;

pub(crate) const CITY: &str = "city-office";
pub(crate) const COUNTY: &str = "yuecheng-enforcement";
pub(crate) const COUNTY_WATER: &str = "yuecheng-water";
pub(crate) const TOWN: &str = "fushan-town";
pub(crate) const OTHER_COUNTY: &str = "keqiao-enforcement";
pub(crate) const NOWHERE: &str = "nowhere-office";

/// Monday morning in Shaoxing.
pub(crate) fn monday() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

pub(crate) fn agency(name: &str) -> AgencyId {
    AgencyId::new(name).expect("valid")
}

pub(crate) fn area(code: &str) -> AreaCode {
    AreaCode::new(code).expect("valid")
}

pub(crate) fn matter(code: &str) -> MatterCode {
    MatterCode::new(code).expect("valid")
}

pub(crate) fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

pub(crate) fn rulebook() -> Rulebook {
    let mut book = Rulebook {
        version: RulebookVersion::new("abc123").expect("valid"),
        ..Rulebook::none()
    };
    let areas = [
        ("3306", Level::City),
        ("330602", Level::County),
        ("330602001", Level::Town),
        ("330603", Level::County),
    ];
    for (code, level) in areas {
        let (name, name_en) = (code.to_owned(), code.to_owned());
        book.areas.insert(
            area(code),
            Area {
                code: area(code),
                name,
                name_en,
                level,
            },
        );
    }
    let agencies = [
        (CITY, Some(Level::City), Some("3306")),
        (COUNTY, Some(Level::County), Some("330602")),
        (COUNTY_WATER, Some(Level::County), Some("330602")),
        (TOWN, Some(Level::Town), Some("330602001")),
        (OTHER_COUNTY, Some(Level::County), Some("330603")),
        (NOWHERE, None, None),
    ];
    for (name, level, place) in agencies {
        let entry = Agency {
            id: agency(name),
            name: name.to_owned(),
            name_en: name.to_owned(),
            level,
            area: place.map(area),
            credit_code: None,
            kind: "office".to_owned(),
        };
        book.agencies.insert(agency(name), entry);
    }
    let code = matter("330217B00000");
    let name = "占道经营".to_owned();
    let entry = Matter {
        code: code.clone(),
        name,
        name_en: String::new(),
        category: None,
        severity: None,
        basis: String::new(),
    };
    book.matters.insert(code, entry);
    book
}

pub(crate) fn report() -> Report {
    let source = source();
    Report {
        origin: Origin {
            record: RecordId::of_position("c", "clue.inbound.v1", 0, 7),
            topic: "clue.inbound.v1".to_owned(),
            partition: 0,
            offset: 7,
            line: None,
        },
        source,
        source_id: "42".to_owned(),
        class: Class::Ordinary,
        reported_at: monday(),
        matter: Some(matter("330217B00000")),
        area: Some(area("330602001")),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        source_due_at: Some(monday().plus_days(7)),
        flags: Vec::new(),
        digest: Digest::of([b"first".as_slice()]),
        history: None,
    }
}

pub(crate) fn reported_with(history: History) -> Command {
    Command::ReportClue(Report {
        history: Some(history),
        ..report()
    })
}

/// The same clue again with other content.
pub(crate) fn changed(history: Option<History>) -> Command {
    let digest = Digest::of([b"changed".as_slice()]);
    Command::ReportClue(Report {
        digest,
        history,
        ..report()
    })
}

pub(crate) fn history(by: Option<&str>, closed_at: Option<Timestamp>, route: bool) -> History {
    History {
        agency: by.map(agency),
        closed_at,
        conclusion: Conclusion::Rectified,
        route,
    }
}

pub(crate) fn decision(reason: &str) -> RoutingDecision {
    RoutingDecision {
        rulebook: rulebook().version,
        row: Some(2),
        reason: reason.to_owned(),
    }
}

pub(crate) fn assign(to: &str) -> Command {
    Command::AssignClue {
        agency: agency(to),
        penalty: None,
        assisting: Vec::new(),
        decision: decision("matched"),
    }
}

pub(crate) fn transfer(to: &str) -> Command {
    Command::TransferClue {
        to: agency(to),
        basis: None,
    }
}

pub(crate) fn request_return(proposed: &str) -> Command {
    Command::RequestReturn {
        duty: "duty-7".to_owned(),
        proposed: agency(proposed),
    }
}

pub(crate) fn suspend(until: Timestamp) -> Command {
    Command::SuspendClue {
        reason: "litigation".to_owned(),
        approver: "B9".to_owned(),
        until,
    }
}

pub(crate) fn called(result: CallBack) -> Command {
    Command::RecordCallBack { result }
}

pub(crate) fn resolution(conclusion: Conclusion) -> Resolution {
    Resolution {
        conclusion,
        measures: vec![Measure::OrderCorrect],
        evidence: Vec::new(),
        substantiated: Some(true),
        matter: None,
        legal_basis: None,
        document_number: None,
    }
}

pub(crate) fn resolve() -> Command {
    Command::ResolveClue(resolution(Conclusion::Rectified))
}

pub(crate) fn role(role: Role) -> Actor {
    Actor {
        role,
        agency: None,
        person: None,
    }
}

/// Somebody of an agency.
pub(crate) fn of(agency_name: &str) -> Actor {
    Actor {
        role: Role::Agency,
        agency: Some(agency(agency_name)),
        person: Some("A1".to_owned()),
    }
}

pub(crate) fn coordinator() -> Actor {
    Actor {
        role: Role::Coordinator,
        agency: None,
        person: Some("C1".to_owned()),
    }
}

pub(crate) fn checker() -> Actor {
    Actor {
        role: Role::Checker,
        agency: None,
        person: Some("K1".to_owned()),
    }
}

/// One clue, its journal and its surroundings. Every command comes one hour after the one before, with a reason in words.
pub(crate) struct Case {
    pub(crate) state: State,
    pub(crate) rulebook: Rulebook,
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
            rulebook: rulebook(),
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

    /// Returned twice, between the county's agencies.
    pub(crate) fn in_coordination() -> Self {
        Self::return_requested()
            .given(
                coordinator(),
                Command::ApproveReturn {
                    to: Some(agency(COUNTY_WATER)),
                },
            )
            .given(of(COUNTY_WATER), request_return(COUNTY))
            .given(coordinator(), Command::ApproveReturn { to: None })
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

    pub(crate) fn decide(&self, envelope: &Envelope) -> Decision {
        let env = Env {
            rulebook: &self.rulebook,
            number: "330602-20260105-000001",
        };
        decide(&self.state, envelope, &env)
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
