//! A bundle as a message: its id and all that it says are functions of its rows.

use std::borrow::Cow;

use bihuan_contracts::delivery::{DeliveryEvent, ReminderNotice};
use bihuan_contracts::{Message, header};
use bihuan_domain::id::CommandId;
use bihuan_domain::time::Timestamp;
use uuid::Uuid;

use super::{Group, Reminder, Told};
use crate::{Config, GROUP};

/// Derives from whom it tells of which events.
pub(super) fn id(group: &Group, members: &[Told]) -> Uuid {
    let told = members.iter().map(|(clue, version)| format!("{clue}/{version}"));
    let told = told.collect::<Vec<_>>().join(",");
    let cause = format!("{}/{}/{}/{told}", group.agency, group.rung, group.kind.as_str());
    CommandId::derive(cause.as_bytes(), GROUP, 0).0
}

/// The message, and what is written down of it: whom of what. An agency that has lost its topic meanwhile is told nothing.
pub(super) fn told(
    config: &Config,
    partition: u32,
    (id, bundle): (Uuid, &[Reminder]),
    now: Timestamp,
) -> Option<(Message, DeliveryEvent)> {
    let Group { agency, rung, kind } = bundle.first().map(|it| it.group.clone())?;
    let topic = config.notices_for(&agency)?.to_owned();
    let published = DeliveryEvent::ReminderPublished {
        agency: agency.clone(),
        topic: topic.clone(),
        rung: rung.clone(),
        clues: bundle.iter().map(|it| it.clue.clue).collect(),
        at: now,
    };
    let notice = ReminderNotice {
        agency,
        rung,
        kind,
        clues: bundle.iter().map(|it| it.clue.clone()).collect(),
    };
    let newest = bundle.iter().map(|it| it.heard_at).max()?;
    Some((message(&notice, id, topic, partition, newest), published))
}

fn message(notice: &ReminderNotice, id: Uuid, topic: String, partition: u32, at: Timestamp) -> Message {
    let headers = [
        (header::CE_SPECVERSION, header::SPECVERSION.to_owned()),
        (header::CE_ID, id.to_string()),
        (header::CE_SOURCE, format!("/bihuan/{GROUP}")),
        (header::CE_TYPE, ReminderNotice::TYPE.to_owned()),
        (header::CE_TIME, at.to_string()),
        (header::CE_SUBJECT, notice.agency.to_string()),
        (header::CONTENT_TYPE, header::PROTOBUF.to_owned()),
    ];
    Message {
        topic: Cow::Owned(topic),
        partition,
        key: notice.agency.as_str().as_bytes().to_vec(),
        headers: headers
            .into_iter()
            .map(|(name, value)| (Cow::Borrowed(name), value.into_bytes()))
            .collect(),
        payload: notice.encode(),
    }
}
