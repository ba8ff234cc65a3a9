//! What intake put away: asked of intake through the log, for its journal tells what became of every record.

use std::collections::BTreeMap;

use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::{Message, topics};
use bihuan_domain::id::{ClueId, RecordId};
use bihuan_store::journal::{self, Journal};
use bihuan_store::quarantine::{self, Fate, Quarantined};

use super::decide::Became;
use crate::barrier;
use crate::failure::Failure;
use crate::services::Role;
use crate::session::Session;

/// Sends a message for each record that waits, and says what became of all of them.
pub(super) async fn ask(
    session: &Session,
    seconds: u64,
    records: &[Quarantined],
    message: impl Fn(&Quarantined) -> Message,
) -> Result<Vec<Became>, Failure> {
    let installation = &session.installation;
    let before = journal::ends(installation.store.read().await?.conn(), Journal::Intake).await?;
    let waiting = records.iter().filter(|record| record.fate == Fate::Waiting);
    installation.log.publish(waiting.map(message).collect()).await?;
    barrier::reached_within(session, seconds, Role::Intake, topics::CLUE_INBOUND).await?;
    let clues = replayed(session, before).await?;
    let mut reader = installation.store.read().await?;
    let mut became = Vec::with_capacity(records.len());
    for record in records {
        let key = (record.partition, record.id);
        let record = quarantine::get(reader.conn(), record.partition, record.id)
            .await?
            .unwrap_or_else(|| record.clone());
        let mut now = Became::of(record);
        now.clue = clues.get(&key).copied();
        became.push(now);
    }
    Ok(became)
}

/// The clues that records of each lane have become since intake's journal ended at `before`.
async fn replayed(
    session: &Session,
    before: Vec<(u32, i64)>,
) -> Result<BTreeMap<(u32, RecordId), ClueId>, Failure> {
    let before: BTreeMap<u32, i64> = before.into_iter().collect();
    let mut reader = session.installation.store.snapshot().await?;
    let mut clues = BTreeMap::new();
    for (partition, end) in journal::ends(reader.conn(), Journal::Intake).await? {
        let from = before.get(&partition).copied().unwrap_or(0);
        for entry in journal::after(reader.conn(), Journal::Intake, partition, from, end - from).await? {
            if let Ok(IntakeEvent::QuarantineReplayed { id, clue, .. }) = intake::decode(&entry.payload) {
                clues.insert((partition, id), clue);
            }
        }
    }
    Ok(clues)
}
