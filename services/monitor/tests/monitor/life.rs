//! Clues whose events the domain's own rules decide.

use bihuan_domain::clue::{
    Actor, Class, Command, Conclusion, Decision, Env, Envelope, Flag, Measure, Occurrence, Origin, Report,
    Resolution, Role, RoutingDecision, State, Text, decide, evolve,
};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, RulebookVersion, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

pub(crate) fn monday() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

pub(crate) fn source() -> SourceId {
    SourceId::new("grid").expect("valid")
}

pub(crate) fn agency(name: &str) -> AgencyId {
    AgencyId::new(name).expect("valid")
}

/// A clue that is acted on once an hour from [`monday`] on.
pub(crate) struct Life {
    pub(crate) id: ClueId,
    pub(crate) number: String,
    n: u32,
    state: State,
    pub(crate) now: Timestamp,
    ordinal: u32,
}

impl Life {
    pub(crate) fn new(n: u32) -> Self {
        Self {
            id: ClueId::derive(&source(), &n.to_string()),
            number: format!("330602-20260105-{n:06}"),
            n,
            state: State::default(),
            now: monday(),
            ordinal: 0,
        }
    }

    /// Reported, with a deadline that comes into force when it is dispatched.
    pub(crate) fn report(&mut self, due_days: i64) -> Vec<Occurrence> {
        self.report_as(due_days, |_| {})
    }

    /// The same with something else in the report.
    pub(crate) fn report_as(&mut self, due_days: i64, change: impl FnOnce(&mut Report)) -> Vec<Occurrence> {
        let mut report = Report {
            origin: Origin {
                record: RecordId::of_position("c", "clue.inbound.v1", 0, i64::from(self.n)),
                topic: "clue.inbound.v1".to_owned(),
                partition: 0,
                offset: i64::from(self.n),
                line: None,
            },
            source: source(),
            source_id: self.n.to_string(),
            class: Class::Ordinary,
            reported_at: monday(),
            matter: Some(MatterCode::new("stall").expect("valid")),
            area: Some(
                AreaCode::new(if self.n.is_multiple_of(2) {
                    "330602001"
                } else {
                    "330603"
                })
                .expect("valid"),
            ),
            severity: None,
            source_matter: None,
            source_area: None,
            location: None,
            attributes: Vec::new(),
            attachments: Vec::new(),
            source_due_at: Some(monday().plus_days(due_days)),
            flags: if self.n.is_multiple_of(3) {
                vec![Flag::MatterUnknown]
            } else {
                Vec::new()
            },
            digest: Digest::of([self.n.to_be_bytes().as_slice()]),
            history: None,
            snapshot: None,
        };
        change(&mut report);
        self.act(Role::Source, None, Command::ReportClue(report))
    }

    pub(crate) fn assign(&mut self, to: &str) -> Vec<Occurrence> {
        let decision = RoutingDecision {
            rulebook: RulebookVersion::none(),
            row: None,
            reason: "matched".to_owned(),
        };
        let command = Command::AssignClue {
            agency: agency(to),
            penalty: None,
            assisting: Vec::new(),
            decision,
        };
        self.act(Role::Routing, None, command)
    }

    pub(crate) fn triage(&mut self) -> Vec<Occurrence> {
        let decision = RoutingDecision {
            rulebook: RulebookVersion::none(),
            row: None,
            reason: "no_duty".to_owned(),
        };
        self.act(Role::Routing, None, Command::HoldForTriage { decision })
    }

    pub(crate) fn transfer(&mut self, to: &str) -> Vec<Occurrence> {
        self.act(
            Role::Coordinator,
            None,
            Command::TransferClue {
                to: agency(to),
                basis: None,
            },
        )
    }

    pub(crate) fn reject(&mut self) -> Vec<Occurrence> {
        self.act(
            Role::Coordinator,
            None,
            Command::RejectClue {
                reason: "petition".to_owned(),
            },
        )
    }

    /// Resolved by `by`, checked and closed.
    pub(crate) fn close(&mut self, by: &str) -> Vec<Occurrence> {
        let resolution = Resolution {
            conclusion: Conclusion::Rectified,
            measures: vec![Measure::OrderCorrect],
            evidence: Vec::new(),
            substantiated: Some(true),
            matter: None,
            legal_basis: None,
            document_number: None,
        };
        let mut events = self.act(Role::Agency, Some(by), Command::ResolveClue(resolution));
        events.extend(self.act(Role::Checker, None, Command::PassCheck));
        events.extend(self.act(Role::Coordinator, None, Command::CloseClue));
        events
    }

    pub(crate) fn act(&mut self, role: Role, by: Option<&str>, command: Command) -> Vec<Occurrence> {
        self.ordinal += 1;
        self.now = self.now.plus_minutes(60);
        let name = command.name();
        let envelope = Envelope {
            id: CommandId::derive(self.id.0.as_bytes(), "test", self.ordinal),
            clue: self.id,
            causation: None,
            actor: Actor {
                role,
                agency: by.map(agency),
                person: Some(format!("{role:?}")),
            },
            expected_version: None,
            occurred_at: None,
            received_at: self.now,
            command,
            text: Some(Text::remark("事由")),
        };
        let env = Env {
            rulebook: &Rulebook::none(),
            current: &Rulebook::none(),
            number: &self.number,
        };
        let Decision::Events(events) = decide(&self.state, &envelope, &env) else {
            panic!("{name} is no repeat");
        };
        for event in &events {
            evolve(&mut self.state, event);
        }
        events
    }
}
