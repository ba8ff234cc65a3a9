//! What the other services put away: they read queues of which a message may simply be published again, so the row is settled
//! here. Only one that still waits is, so that of several who decide the first one counts.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bihuan_contracts::Message;
use bihuan_store::quarantine::{self, Fate, Quarantined};

use super::decide::Became;
use crate::barrier;
use crate::failure::Failure;
use crate::services::Role;
use crate::session::Session;

/// How long the log may take to acknowledge a message: less than the database leaves a transaction open.
const PATIENCE: Duration = Duration::from_secs(20);

fn unacknowledged() -> Failure {
    Failure::unreachable(
        "日志没有确认消息；记录仍在等待，请稍后重试",
        "the log acknowledges nothing; the record still waits, try again later",
    )
}

/// Publishes each record that waits again, waits until its service has read it, and says what became of all of them.
///
/// On Kafka a failure between publishing and settling leaves a row that waits and a message on the log. Replaying it again does
/// no harm where the message has an id of its own, as every command of ours has: it is recognised.
pub(super) async fn replay(
    session: &Session,
    seconds: u64,
    records: &[Quarantined],
    by: &str,
) -> Result<Vec<Became>, Failure> {
    let installation = &session.installation;
    let messages: Vec<Message> = records
        .iter()
        .map(|record| message(record, installation.config.partitions))
        .collect();
    let topics: BTreeSet<(&str, &str)> = records
        .iter()
        .map(|record| (record.group.as_str(), record.topic.as_str()))
        .collect();
    let mut ends = BTreeMap::new();
    for (_, topic) in &topics {
        ends.insert(*topic, installation.log.ends(topic).await?);
    }
    let fate = Fate::Replayed {
        at: installation.now(),
        by: by.to_owned(),
    };
    for (record, message) in records.iter().zip(&messages) {
        let mut tx = installation.store.begin().await?;
        if quarantine::settle(tx.conn(), record.partition, record.id, &fate).await? {
            let publishing = installation.log.publish_within(&mut tx, vec![message.clone()]);
            tokio::time::timeout(PATIENCE, publishing)
                .await
                .map_err(|_| unacknowledged())??;
            tx.commit().await?;
        }
    }
    for (group, topic) in topics {
        if let Ok(role) = group.parse::<Role>() {
            barrier::reached_within(session, seconds, role, topic).await?;
        }
    }
    let mut reader = installation.store.read().await?;
    let mut became = looked_at(session, records).await?;
    let mut told = BTreeSet::new();
    for ((became, record), message) in became.iter_mut().zip(records).zip(&messages) {
        let end = ends
            .get(record.topic.as_str())
            .and_then(|ends| ends.get(&message.partition));
        let place = (&*message.topic, message.partition, end.copied().unwrap_or(0));
        let later = quarantine::since(reader.conn(), &record.group, place).await?;
        let again = later
            .into_iter()
            .find(|it| it.bytes == record.bytes && it.id != record.id && !told.contains(&it.id));
        if let Some(again) = again {
            became.again = Some(again.id.to_string());
            told.insert(again.id);
        }
    }
    Ok(became)
}

/// Settles each record that waits with `fate`, and says what became of all of them.
pub(super) async fn discard(
    session: &Session,
    records: &[Quarantined],
    fate: &Fate,
) -> Result<Vec<Became>, Failure> {
    for record in records {
        let mut tx = session.installation.store.begin().await?;
        if quarantine::settle(tx.conn(), record.partition, record.id, fate).await? {
            tx.commit().await?;
        }
    }
    looked_at(session, records).await
}

/// Where it came from, or, for a command of a clue or a dispute, where that is read.
fn message(record: &Quarantined, partitions: u32) -> Message {
    match record.group.as_str() {
        bihuan_lifecycle::GROUP => bihuan_lifecycle::again(record, partitions),
        bihuan_dispute::GROUP => bihuan_dispute::again(record, partitions),
        _ => bihuan_stream::again(record),
    }
}

async fn looked_at(session: &Session, records: &[Quarantined]) -> Result<Vec<Became>, Failure> {
    let mut reader = session.installation.store.read().await?;
    let mut became = Vec::with_capacity(records.len());
    for record in records {
        let now = quarantine::get(reader.conn(), record.partition, record.id).await?;
        became.push(Became::of(now.unwrap_or_else(|| record.clone())));
    }
    Ok(became)
}
