//! Clues whose events the domain's own rules decide.

use bihuan_domain::calendar::{LimitRow, Limits, Step};
use bihuan_domain::clue::{
    Actor, Class, Command, Conclusion, Decision, Env, Envelope, Flag, Measure, Occurrence, Origin, Report,
    Resolution, Role, RoutingDecision, State, Text, decide, evolve, wake,
};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, RulebookVersion, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::routing::{MatterPattern, Rulebook};
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
    /// None of its own: the one without limits.
    pub(crate) book: Rulebook,
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
            book: Rulebook::none(),
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
            log: None,
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
        let Decision::Events(events) = decide(&self.state, &envelope, &self.env()) else {
            panic!("{name} is no repeat");
        };
        for event in &events {
            evolve(&mut self.state, event);
        }
        events
    }

    /// What happens by itself up to `now`.
    pub(crate) fn wake(&mut self, now: Timestamp) -> Vec<Occurrence> {
        let events = wake(self.id, &self.state, now, now, &self.env());
        for event in &events {
            evolve(&mut self.state, event);
        }
        self.now = self.now.max(now);
        events
    }

    fn env(&self) -> Env<'_> {
        Env {
            rulebook: &self.book,
            current: &self.book,
            number: &self.number,
        }
    }

    /// A clue with clocks: an hour to sign for it, a day to handle it, so much in all, and two hours in triage.
    pub(crate) fn with_clocks(n: u32, overall: &str) -> Self {
        let rows = [
            (Step::Acknowledge, "1h"),
            (Step::Handle, "1d"),
            (Step::Overall, overall),
            (Step::Triage, "2h"),
        ];
        let row = |(line, (step, limit)): (u32, (Step, &str))| LimitRow {
            line,
            matter: MatterPattern::Any,
            severity: None,
            source: None,
            area: None,
            step,
            limit: limit.parse().expect("a limit"),
        };
        let mut life = Self::new(n);
        life.book.limits = Limits::new((2..).zip(rows).map(row).collect());
        life
    }

    /// Without a due time of its source, and with the agency.
    pub(crate) fn dispatched(&mut self, to: &str) -> Vec<Occurrence> {
        let mut events = self.report_as(1, |report| report.source_due_at = None);
        events.extend(self.assign(to));
        events
    }

    /// Issued in somebody's name.
    pub(crate) fn issue(&mut self, rung: &str) -> Vec<Occurrence> {
        let rung = rung.parse().expect("a rung");
        self.act(
            Role::Coordinator,
            None,
            Command::IssueNotice { rung, ended: true },
        )
    }

    /// Not issued, in somebody's name and for a reason.
    pub(crate) fn discard(&mut self, rung: &str) -> Vec<Occurrence> {
        let rung = rung.parse().expect("a rung");
        self.act(Role::Coordinator, None, Command::DiscardNotice { rung })
    }

    /// More time, asked for by the agency and granted.
    pub(crate) fn extend(&mut self, by: &str, limit: &str) -> Vec<Occurrence> {
        let limit = limit.parse().expect("a limit");
        let mut events = self.act(Role::Agency, Some(by), Command::RequestExtension { limit });
        events.extend(self.act(Role::Coordinator, None, Command::GrantExtension));
        events
    }
}
