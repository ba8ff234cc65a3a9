//! What a record tells lifecycle: the command that it becomes.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::intake::Became;
use bihuan_contracts::{Message, partition_of};
use bihuan_domain::clue::{Actor, Command, Envelope, Role, Text};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Feedback, Outcome};

use crate::GROUP;
use crate::feedback::{self, Cause};

/// A command in the making.
pub(crate) struct Told {
    pub(crate) source: SourceId,
    pub(crate) clue: ClueId,
    said: Said,
}

enum Said {
    /// By the source of the clue.
    OfClue(Command, Option<Text>),
    /// By an agency.
    Feedback(Feedback),
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
    /// `source` is that of the mapping; our own records say theirs themselves.
    pub(crate) fn of(outcome: Outcome, source: Option<&SourceId>) -> Result<Self, Silent> {
        let of_clue = |source: SourceId, clue, command, text| Self {
            source,
            clue,
            said: Said::OfClue(command, text),
        };
        match outcome {
            Outcome::Clue {
                clue_id,
                report,
                text,
                ..
            } => Ok(of_clue(
                report.source.clone(),
                clue_id,
                Command::ReportClue(report),
                text,
            )),
            Outcome::Deleted { clue_id, deletion } => Ok(of_clue(
                deletion.source.clone(),
                clue_id,
                Command::NoteDeleted(deletion),
                None,
            )),
            Outcome::Feedback(said) => Ok(Self {
                // only a mapping says so, and it names its source
                source: source.ok_or(Silent::Skipped)?.clone(),
                clue: said.clue,
                said: Said::Feedback(said),
            }),
            Outcome::Skipped => Err(Silent::Skipped),
            Outcome::Quarantine { reason, field } => Err(Silent::Unreadable { reason, field }),
        }
    }

    pub(crate) const fn became(&self) -> Became {
        match self.said {
            Said::OfClue(..) => Became::Report,
            Said::Feedback(_) => Became::Feedback,
        }
    }

    /// The command as it is sent. `position` names the record: `topic/partition/offset`, or the quarantine that it was in.
    pub(crate) fn message(
        self,
        id: CommandId,
        position: String,
        received_at: Timestamp,
        partitions: u32,
    ) -> Message {
        let (command, text) = match self.said {
            Said::OfClue(command, text) => (command, text),
            Said::Feedback(said) => {
                let cause = Cause {
                    source: &self.source,
                    record: id,
                    position,
                    received_at,
                };
                return feedback::message(said, &cause, partitions);
            }
        };
        let envelope = Envelope {
            id,
            clue: self.clue,
            causation: Some(position),
            actor: Actor::service(Role::Source),
            expected_version: None,
            occurred_at: None,
            received_at,
            command,
            text,
        };
        let partition = partition_of(self.clue, partitions);
        command::message(&ClueCommand::Clue(envelope), partition, GROUP)
    }
}
