//! What lies on the command topic and is no command: put away with its bytes and headers, journalled, and published again when
//! somebody asks for it.

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{DecodeError, Message, partition_of};
use bihuan_domain::time::Timestamp;
use bihuan_store::quarantine::Quarantined;
use bihuan_stream::{Effects, NewEvent, Record};

use crate::GROUP;

/// Puts a record away for what `error` says.
pub(crate) fn put_away(
    cluster: &str,
    partition: u32,
    record: &Record,
    error: &DecodeError,
    now: Timestamp,
    effects: &mut Effects,
) {
    let mut row = record.quarantined(GROUP, cluster, partition, error.code, now);
    row.field.clone_from(&error.field);
    journal(&row, effects);
    effects.quarantine(row);
}

/// Journals that a record was put away.
pub(crate) fn journal(row: &Quarantined, effects: &mut Effects) {
    let event = ClueEvent::CommandQuarantined {
        id: row.id,
        topic: row.topic.clone(),
        partition: row.topic_partition,
        offset: row.offset,
        reason: row.reason.clone(),
        field: row.field.clone(),
        at: row.received_at,
    };
    effects.event(row.partition, of_partition(&event));
}

/// The message to be read again. Its bytes are as they were, so that the command has the same id and is carried out once; one
/// that can be decoded goes to the partition of its clue, wherever it lay.
pub fn again(row: &Quarantined, partitions: u32) -> Message {
    let message = bihuan_stream::again(row);
    match command::decode(&row.bytes) {
        Ok(ClueCommand::Clue(envelope) | ClueCommand::Feedback(envelope)) => Message {
            partition: partition_of(envelope.clue, partitions),
            key: envelope.clue.to_string().into_bytes(),
            ..message
        },
        Ok(ClueCommand::DiscardParked(discard)) => Message {
            partition: partition_of(discard.clue, partitions),
            ..message
        },
        Ok(ClueCommand::ActivateRulebook(_) | ClueCommand::WithdrawRulebook(_)) | Err(_) => message,
    }
}

/// An event that belongs to no clue.
pub(crate) fn of_partition(event: &ClueEvent) -> NewEvent {
    NewEvent {
        clue: None,
        previous: None,
        at: event.at(),
        type_name: event::type_name(event),
        payload: event::encode(event),
    }
}
