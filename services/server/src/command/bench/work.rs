//! The work that is measured: clues that are reported, and the commands that take each of them to its closing.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::record::ClueRecord;
use bihuan_contracts::{Message, header, partition_of, topics};
use bihuan_domain::clue::{
    Actor, Class, Command, Conclusion, Envelope, Origin, Report, Resolution, Role, RoutingDecision, Text,
};
use bihuan_domain::code::{AgencyId, AreaCode, MatterCode, RulebookVersion, SourceId};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::time::Timestamp;

use crate::failure::Failure;

/// Steps of a life after the report, as commands of the bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Assign,
    Acknowledge,
    Resolve,
    Check,
    Close,
}

/// Makes records and commands.
pub(crate) struct Work {
    source: SourceId,
    partitions: u32,
}

impl Work {
    pub(crate) fn new(partitions: u32) -> Result<Self, Failure> {
        let source =
            SourceId::new("bench").map_err(|error| Failure::usage(error.to_string(), error.to_string()))?;
        Ok(Self { source, partitions })
    }

    pub(crate) fn clue(&self, i: u64) -> ClueId {
        ClueId::derive(&self.source, &format!("clue-{i}"))
    }

    /// The i-th record as a platform would send it.
    pub(crate) fn record(&self, i: u64, reported_at: Timestamp) -> Message {
        let record = ClueRecord {
            source: self.source.to_string(),
            id: format!("clue-{i}"),
            reported_at: Some(reported_at.to_string()),
            matter: Some(format!("matter-{}", i % 10)),
            area: Some(format!("33060{}", i % 10)),
            title: Some("占道经营".to_owned()),
            description: Some("沿街商铺超出门窗占道经营，影响通行".to_owned()),
            ..ClueRecord::default()
        };
        let clue = self.clue(i);
        Message {
            topic: topics::CLUE_INBOUND.into(),
            partition: partition_of(clue, self.partitions),
            key: clue.to_string().into_bytes(),
            headers: vec![(header::CONTENT_TYPE.into(), header::PROTOBUF.into())],
            payload: record.encode(),
        }
    }

    /// The command by which intake would report the i-th clue.
    pub(crate) fn report(&self, i: u64, now: Timestamp) -> ClueCommand {
        let code = |text: String| AreaCode::new(&text).ok();
        let report = Report {
            source: self.source.clone(),
            source_id: format!("clue-{i}"),
            origin: Origin {
                record: RecordId::of_position("bench", "clue.inbound.v1", 0, i as i64),
                topic: "clue.inbound.v1".to_owned(),
                partition: 0,
                offset: i as i64,
                line: None,
            },
            class: Class::Ordinary,
            reported_at: now,
            matter: MatterCode::new(&format!("matter-{}", i % 10)).ok(),
            area: code(format!("33060{}", i % 10)),
            severity: None,
            source_matter: None,
            source_area: None,
            location: None,
            attributes: Vec::new(),
            attachments: Vec::new(),
            source_due_at: None,
            flags: Vec::new(),
            digest: Digest::of([&i.to_be_bytes()[..]]),
            history: None,
            snapshot: None,
            log: None,
        };
        self.envelope(
            i,
            0,
            Actor::service(Role::Source),
            Command::ReportClue(report),
            now,
        )
    }

    pub(crate) fn step(&self, i: u64, step: Step, now: Timestamp) -> ClueCommand {
        let agency = agency(i);
        let by_agency = || Actor {
            role: Role::Agency,
            agency: Some(agency.clone()),
            person: Some("3306-0001".to_owned()),
        };
        let by = |role| Actor {
            role,
            agency: None,
            person: Some("3306-0002".to_owned()),
        };
        let (actor, command) = match step {
            Step::Assign => {
                let decision = RoutingDecision {
                    rulebook: RulebookVersion::none(),
                    row: Some(2),
                    reason: "matched".to_owned(),
                };
                let command = Command::AssignClue {
                    agency: agency.clone(),
                    penalty: None,
                    assisting: Vec::new(),
                    decision,
                };
                (Actor::service(Role::Routing), command)
            }
            Step::Acknowledge => (by_agency(), Command::AcknowledgeClue),
            Step::Resolve => {
                let resolution = Resolution {
                    conclusion: Conclusion::Rectified,
                    measures: Vec::new(),
                    evidence: Vec::new(),
                    substantiated: Some(true),
                    matter: None,
                    legal_basis: None,
                    document_number: None,
                };
                (by_agency(), Command::ResolveClue(resolution))
            }
            Step::Check => (by(Role::Checker), Command::PassCheck),
            Step::Close => (by(Role::Coordinator), Command::CloseClue),
        };
        self.envelope(i, 1 + step as u32, actor, command, now)
    }

    fn envelope(&self, i: u64, ordinal: u32, actor: Actor, command: Command, now: Timestamp) -> ClueCommand {
        let text = matches!(command, Command::ReportClue(_)).then(|| Text {
            title: Some("占道经营".to_owned()),
            ..Text::default()
        });
        ClueCommand::Clue(Envelope {
            id: CommandId::derive(&i.to_be_bytes(), "bench", ordinal),
            clue: self.clue(i),
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: now,
            command,
            text,
        })
    }

    pub(crate) fn message(&self, i: u64, command: &ClueCommand) -> Message {
        command::message(command, partition_of(self.clue(i), self.partitions), "bench")
    }
}

/// The agency that the bench rulebook gives the i-th clue to.
fn agency(i: u64) -> AgencyId {
    AgencyId::new(&format!("agency-{}", i % 10)).unwrap_or_else(|_| unreachable!("the name is a valid one"))
}
