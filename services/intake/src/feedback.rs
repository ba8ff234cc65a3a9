//! What an agency's platform says becomes the agency's command.

use bihuan_contracts::command::ClueCommand;
use bihuan_contracts::{Message, command, feedback, partition_of};
use bihuan_domain::clue::Envelope;
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Feedback;

use crate::GROUP;

/// Where a command of feedback comes from.
pub(crate) struct Cause<'a> {
    /// The platform.
    pub(crate) source: &'a SourceId,
    /// The id of a command that the record as such becomes.
    pub(crate) record: CommandId,
    /// Names the record: `topic/partition/offset`, or the quarantine that it was in.
    pub(crate) position: String,
    pub(crate) received_at: Timestamp,
}

/// The id of the command: that of the platform's message, where it names its messages, so that one which it sends again is the
/// same one; else that of the record.
pub(crate) fn command_id(source: &SourceId, message: Option<&str>, record: CommandId) -> CommandId {
    message.map_or(record, |message| {
        let cause = RecordId::of_cloud_event(source.as_str(), message);
        CommandId::derive(cause.0.as_bytes(), GROUP, 1)
    })
}

/// The command as it goes to the clue's partition.
pub(crate) fn message(said: Feedback, cause: &Cause<'_>, partitions: u32) -> Message {
    let clue = said.clue;
    let envelope = Envelope {
        id: command_id(cause.source, said.id.as_deref(), cause.record),
        clue,
        causation: Some(feedback::causation(cause.source, &cause.position)),
        actor: said.actor,
        expected_version: None,
        occurred_at: said.occurred_at,
        received_at: cause.received_at,
        command: said.command,
        text: said.text,
    };
    command::message(
        &ClueCommand::Feedback(envelope),
        partition_of(clue, partitions),
        GROUP,
    )
}
