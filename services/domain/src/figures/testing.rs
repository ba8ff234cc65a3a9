//! Clues whose life is decided by the domain's own rules, from a string of small numbers.

use super::Facts;
use crate::clue::{
    Actor, CallBack, Class, Command, Conclusion, Decision, Designation, Env, Envelope, Flag, History, LogRow,
    Occurrence, Origin, Report, Resolution, Role, RoutingDecision, State, Text, decide, evolve,
};
use crate::code::{AgencyId, AreaCode, Level, RulebookVersion, SourceId};
use crate::digest::Digest;
use crate::dispute::{Cause, Claim, Interim};
use crate::id::{ClueId, CommandId, DisputeId, RecordId};
use crate::routing::Rulebook;
use crate::time::Timestamp;

pub(super) fn monday() -> Timestamp {
    "2026-01-05T09:00:00+08:00".parse().expect("valid")
}

fn agency(n: u8) -> AgencyId {
    AgencyId::new(["north", "south"][usize::from(n % 2)]).expect("valid")
}

/// What one clue went through, as one step a byte: which command, and how many hours after the one before.
#[derive(Clone, Debug)]
pub(super) struct Life {
    pub(super) state: State,
    pub(super) facts: Option<Facts>,
    pub(super) journal: Vec<Occurrence>,
    now: Timestamp,
}

impl Life {
    pub(super) fn of(n: u32, steps: &[u8]) -> Self {
        let mut life = Self {
            state: State::default(),
            facts: None,
            journal: Vec::new(),
            now: monday(),
        };
        let clue = ClueId::derive(&SourceId::new("grid").expect("valid"), &n.to_string());
        life.now = life.now.plus_days(i64::from(n % 40));
        for (ordinal, step) in (0..).zip(steps) {
            life.now = life.now.plus_minutes(i64::from(step / 32) * 60 * 13);
            let dispute = life.state.clue.as_ref().and_then(|clue| clue.dispute);
            let settling = dispute.filter(|_| ordinal % 3 > 0);
            let asked = settling.and_then(|dispute| settling_of(dispute, step % 32));
            let (role, command) = asked.unwrap_or_else(|| command(n, step % 32, life.now, ordinal == 0));
            let envelope = Envelope {
                id: CommandId::derive(clue.0.as_bytes(), "test", ordinal),
                clue,
                causation: None,
                actor: Actor {
                    role,
                    agency: life.holder(role),
                    person: Some(format!("P{}", ordinal % 7)),
                },
                expected_version: None,
                occurred_at: None,
                received_at: life.now,
                command,
                text: Some(Text::remark("事由")),
            };
            life.handle(&envelope);
        }
        life
    }

    /// What its source's log says of it, told to us long afterwards.
    pub(super) fn logged(n: u32, rows: &[LogRow]) -> Self {
        let mut life = Self::of(n, &[]);
        life.now = monday().plus_days(400);
        for (ordinal, row) in (0..).zip(rows) {
            let report = Report {
                class: Class::Ordinary,
                digest: Digest::of([format!("{ordinal}").as_bytes()]),
                history: None,
                log: Some(row.clone()),
                ..report(n, 0, row.at)
            };
            let clue = ClueId::derive(&report.source, &report.source_id);
            life.handle(&Envelope {
                id: CommandId::derive(clue.0.as_bytes(), "test", ordinal),
                clue,
                causation: None,
                actor: Actor::service(Role::Source),
                expected_version: None,
                occurred_at: None,
                received_at: life.now,
                command: Command::ReportClue(report),
                text: None,
            });
        }
        life
    }

    fn holder(&self, role: Role) -> Option<AgencyId> {
        let clue = self.state.clue.as_ref().filter(|_| role == Role::Agency)?;
        clue.assignment().map(|by| by.agency.clone())
    }

    fn handle(&mut self, envelope: &Envelope) {
        let env = Env {
            rulebook: &Rulebook::none(),
            current: &Rulebook::none(),
            number: "n-1",
        };
        let Decision::Events(events) = decide(&self.state, envelope, &env) else {
            return;
        };
        for event in &events {
            evolve(&mut self.state, event);
            Facts::fold(&mut self.facts, event);
        }
        self.journal.extend(events);
    }
}

fn decision() -> RoutingDecision {
    RoutingDecision {
        rulebook: RulebookVersion::none(),
        row: None,
        reason: "matched".to_owned(),
    }
}

fn command(n: u32, step: u8, now: Timestamp, first: bool) -> (Role, Command) {
    let resolution = |conclusion| Resolution {
        conclusion,
        measures: Vec::new(),
        evidence: Vec::new(),
        substantiated: None,
        matter: None,
        legal_basis: None,
        document_number: None,
    };
    match step {
        _ if first => (Role::Source, Command::ReportClue(report(n, step, now))),
        0..4 => {
            let (agency, assisting, decision) = (agency(step), Vec::new(), decision());
            (
                Role::Coordinator,
                Command::AssignClue {
                    agency,
                    penalty: None,
                    assisting,
                    decision,
                },
            )
        }
        4 => (Role::Coordinator, Command::HoldForTriage { decision: decision() }),
        5 => (
            Role::Coordinator,
            Command::RejectClue {
                reason: "petition".to_owned(),
            },
        ),
        6 | 7 => (Role::Agency, Command::AcknowledgeClue),
        8 | 9 => (Role::Agency, Command::StartHandling),
        12 => (Role::Coordinator, quarrel()),
        10 | 11 => (
            Role::Agency,
            Command::RequestReturn {
                duty: "duty".to_owned(),
                proposed: agency(step),
            },
        ),
        13 | 14 => (
            Role::Coordinator,
            Command::ApproveReturn {
                to: Some(agency(step)),
            },
        ),
        15 => (Role::Coordinator, Command::RefuseReturn),
        16 => (
            Role::Coordinator,
            Command::TransferClue {
                to: agency(n as u8),
                basis: None,
            },
        ),
        17 => (Role::Agency, Command::DelegateClue { to: agency(n as u8) }),
        18 => {
            let (reason, approver) = ("litigation".to_owned(), "B9".to_owned());
            (
                Role::Agency,
                Command::SuspendClue {
                    reason,
                    approver,
                    until: now.plus_days(20),
                },
            )
        }
        19 => (Role::Coordinator, Command::ResumeClue),
        20..24 => (
            Role::Agency,
            Command::ResolveClue(resolution(Conclusion::Rectified)),
        ),
        24 | 25 => (Role::Checker, Command::PassCheck),
        26 => (Role::Checker, Command::FailCheck),
        27 => (
            Role::CallBack,
            Command::RecordCallBack {
                result: CallBack::NotDone,
            },
        ),
        28 | 29 => (Role::Coordinator, Command::CloseClue),
        30 => (Role::Coordinator, Command::ReopenClue),
        _ => (
            Role::Coordinator,
            if n.is_multiple_of(3) { void() } else { correct() },
        ),
    }
}

fn quarrel() -> Command {
    let party = |n| Claim {
        agency: agency(n),
        position: None,
        duty: None,
    };
    Command::RaiseDispute {
        cause: Cause::ByCoordinator,
        parties: vec![party(0), party(1)],
    }
}

/// What the service that settles disputes asks.
fn settling_of(dispute: DisputeId, step: u8) -> Option<(Role, Command)> {
    let command = match step {
        0..4 => Command::DesignateAgency {
            dispute,
            agency: agency(step),
            assisting: Vec::new(),
            basis: "ruling".to_owned(),
            by: Designation::ALL[usize::from(step / 2)],
        },
        4 => Command::ReleaseFromDispute { dispute },
        10..13 => Command::HoldForDispute {
            dispute,
            interim: Interim::Agency(agency(step)),
            level: Level::County,
        },
        13..15 => Command::HoldForDispute {
            dispute,
            interim: Interim::Coordinator,
            level: Level::City,
        },
        _ => return None,
    };
    Some((Role::Dispute, command))
}

fn void() -> Command {
    Command::VoidClue {
        reason: "duplicate".to_owned(),
    }
}

fn correct() -> Command {
    Command::CorrectClue {
        matter: None,
        area: AreaCode::new("330603").ok(),
        category: None,
    }
}

fn report(n: u32, step: u8, now: Timestamp) -> Report {
    let past = History {
        agency: step.is_multiple_of(2).then(|| agency(step)),
        closed_at: (step % 4 < 2).then(|| now.plus_minutes(i64::from(step) * 600)),
        conclusion: if step.is_multiple_of(8) {
            Conclusion::Unstated
        } else {
            Conclusion::Rectified
        },
        route: step.is_multiple_of(3),
    };
    let record = RecordId::of_position("c", "clue.inbound.v1", 0, i64::from(n));
    Report {
        source: SourceId::new("grid").expect("valid"),
        source_id: n.to_string(),
        origin: Origin {
            record,
            topic: "clue.inbound.v1".to_owned(),
            partition: 0,
            offset: i64::from(n),
            line: None,
        },
        class: [
            Class::Ordinary,
            Class::Ordinary,
            Class::SelfHandled,
            Class::ClosedAtSource,
        ][usize::from(step % 4)],
        reported_at: now,
        matter: None,
        attachments: Vec::new(),
        area: AreaCode::new(if step.is_multiple_of(2) {
            "330602001"
        } else {
            "330602"
        })
        .ok(),
        severity: None,
        source_matter: None,
        source_area: None,
        location: None,
        attributes: Vec::new(),
        source_due_at: (step % 3 != 1).then(|| now.plus_days(i64::from(step % 5))),
        flags: if step.is_multiple_of(5) {
            vec![Flag::MatterMissing]
        } else {
            Vec::new()
        },
        digest: Digest::of([n.to_be_bytes().as_slice()]),
        snapshot: None,
        log: None,
        history: (step > 19).then_some(past),
    }
}
