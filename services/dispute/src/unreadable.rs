//! What lies on the command topic and is no command: put away with its bytes and headers, journalled, and published again when
//! somebody asks for it.

use bihuan_contracts::dispute::{DisputeEvent, command, event};
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
    let event = DisputeEvent::CommandQuarantined {
        id: row.id,
        topic: row.topic.clone(),
        partition: row.topic_partition,
        offset: row.offset,
        reason: row.reason.clone(),
        field: row.field.clone(),
        at: row.received_at,
    };
    let new = NewEvent {
        clue: None,
        previous: None,
        at: event.at(),
        type_name: event::type_name(&event),
        payload: event::encode(&event),
    };
    effects.event(row.partition, new);
}

/// The message to be read again. Its bytes are as they were, so that the command has the same id and is carried out once; one
/// that can be decoded goes to the partition of its clue, wherever it lay.
pub fn again(row: &Quarantined, partitions: u32) -> Message {
    let message = bihuan_stream::again(row);
    match command::decode(&row.bytes) {
        Ok(asked) => Message {
            partition: partition_of(asked.clue, partitions),
            key: asked.clue.to_string().into_bytes(),
            ..message
        },
        Err(_) => message,
    }
}
