//! What a record tells lifecycle: the command that it becomes.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::{Message, partition_of};
use bihuan_domain::clue::{Actor, Command, Envelope, Role, Text};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Outcome;

use crate::GROUP;

/// A command in the making.
pub(crate) struct Told {
    pub(crate) source: SourceId,
    pub(crate) clue: ClueId,
    command: Command,
    text: Option<Text>,
}

/// A record that becomes no command.
pub(crate) enum Silent {
    Skipped,
    Unreadable {
        reason: &'static str,
        field: Option<String>,
    },
}

impl Told {
    pub(crate) fn of(outcome: Outcome) -> Result<Self, Silent> {
        match outcome {
            Outcome::Clue {
                clue_id,
                report,
                text,
            } => Ok(Self {
                source: report.source.clone(),
                clue: clue_id,
                command: Command::ReportClue(report),
                text,
            }),
            Outcome::Deleted { clue_id, deletion } => Ok(Self {
                source: deletion.source.clone(),
                clue: clue_id,
                command: Command::NoteDeleted(deletion),
                text: None,
            }),
            Outcome::Skipped => Err(Silent::Skipped),
            Outcome::Quarantine { reason, field } => Err(Silent::Unreadable { reason, field }),
        }
    }

    /// The command as it is sent.
    pub(crate) fn message(
        self,
        id: CommandId,
        causation: String,
        received_at: Timestamp,
        partitions: u32,
    ) -> Message {
        let envelope = Envelope {
            id,
            clue: self.clue,
            causation: Some(causation),
            actor: Actor::service(Role::Source),
            expected_version: None,
            occurred_at: None,
            received_at,
            command: self.command,
            text: self.text,
        };
        let partition = partition_of(self.clue, partitions);
        command::message(&ClueCommand::Clue(envelope), partition, GROUP)
    }
}
