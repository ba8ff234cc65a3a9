//! Agencies are reminded: of all clues of which something is due at the same time, in one message for each step of the ladder.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bihuan_contracts::delivery::{DeliveryEvent, RemindedClue, ReminderNotice};
use bihuan_contracts::{Message, header};
use bihuan_domain::clue::{Event, RungKind};
use bihuan_domain::code::{AgencyId, Rung};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_stream::Effects;

use crate::facts::Facts;
use crate::handler::journalled;
use crate::{Config, GROUP};

/// What an agency is to be reminded of.
pub(crate) struct Reminder {
    topic: String,
    agency: AgencyId,
    rung: Rung,
    kind: RungKind,
    clue: RemindedClue,
}

impl Reminder {
    /// `None`: the event reminds no agency that has a topic. A notice goes out once a person has issued it.
    pub(crate) fn of(
        config: &Config,
        (clue, version): (ClueId, u32),
        event: &Event,
        facts: &Facts,
    ) -> Option<Self> {
        let (agency, rung, kind, due_at, late) = match event {
            Event::RungReached {
                rung,
                kind: RungKind::Reminder,
                due_at,
                late,
                to,
                ..
            } => (to.agency.clone()?, rung, RungKind::Reminder, *due_at, *late),
            Event::NoticeIssued {
                rung,
                kind,
                due_at,
                to,
            } => (to.agency.clone()?, rung, *kind, *due_at, false),
            _ => return None,
        };
        Some(Self {
            topic: config.notices_for(&agency)?.to_owned(),
            agency,
            rung: rung.clone(),
            kind,
            clue: RemindedClue {
                clue,
                version,
                number: facts.number.clone(),
                due_at,
                late,
            },
        })
    }
}

/// Publishes them, and writes down whom of what.
pub(crate) fn publish(partition: u32, reminders: Vec<Reminder>, now: Timestamp, effects: &mut Effects) {
    let mut bundles: BTreeMap<(AgencyId, Rung), (String, RungKind, Vec<RemindedClue>)> = BTreeMap::new();
    for it in reminders {
        let bundle = bundles
            .entry((it.agency, it.rung))
            .or_insert_with(|| (it.topic, it.kind, Vec::new()));
        bundle.2.push(it.clue);
    }
    for ((agency, rung), (topic, kind, clues)) in bundles {
        let published = DeliveryEvent::ReminderPublished {
            agency: agency.clone(),
            topic: topic.clone(),
            rung: rung.clone(),
            clues: clues.iter().map(|it| it.clue).collect(),
            at: now,
        };
        let notice = ReminderNotice {
            agency,
            rung,
            kind,
            clues,
        };
        effects.command(message(&notice, topic, partition, now));
        effects.event(partition, journalled(None, &published));
    }
}

/// Its id derives from the clues and their versions.
fn message(notice: &ReminderNotice, topic: String, partition: u32, now: Timestamp) -> Message {
    let clues = notice
        .clues
        .iter()
        .map(|it| format!("{}/{}", it.clue, it.version));
    let clues: Vec<_> = clues.collect();
    let cause = format!("{}/{}/{}", notice.agency, notice.rung, clues.join(","));
    let id = CommandId::derive(cause.as_bytes(), GROUP, 0).to_string();
    let headers = [
        (header::CE_SPECVERSION, header::SPECVERSION.to_owned()),
        (header::CE_ID, id),
        (header::CE_SOURCE, format!("/bihuan/{GROUP}")),
        (header::CE_TYPE, ReminderNotice::TYPE.to_owned()),
        (header::CE_TIME, now.to_string()),
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
