//! What lies on the command topic and is no command: put away with its bytes, and journalled.

use bihuan_contracts::DecodeError;
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::id::RecordId;
use bihuan_domain::time::Timestamp;
use bihuan_store::quarantine::{Fate, Quarantined};
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
    let quarantined = Quarantined {
        partition,
        id: RecordId::of_position(cluster, &record.topic, record.partition, record.offset),
        group: GROUP.to_owned(),
        topic: record.topic.to_string(),
        topic_partition: record.partition,
        offset: record.offset,
        source: None,
        file: None,
        line: None,
        reason: error.code.to_owned(),
        field: error.field.clone(),
        mapping: None,
        headers: "{}".to_owned(),
        bytes: record.payload.clone(),
        received_at: now,
        fate: Fate::Waiting,
    };
    journal(partition, &quarantined, effects);
    effects.quarantine(quarantined);
}

/// Journals that a record was put away.
pub(crate) fn journal(partition: u32, quarantined: &Quarantined, effects: &mut Effects) {
    let event = ClueEvent::CommandQuarantined {
        id: quarantined.id,
        topic: quarantined.topic.clone(),
        partition: quarantined.topic_partition,
        offset: quarantined.offset,
        reason: quarantined.reason.clone(),
        field: quarantined.field.clone(),
        at: quarantined.received_at,
    };
    effects.event(partition, of_partition(&event));
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
