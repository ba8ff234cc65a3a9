//! What people decide about quarantined records: read them again after mending, or discard them with a reason. Both go through
//! the log and are on record.

use bihuan_contracts::intake::IntakeEvent;
use bihuan_contracts::intake::command::{self, IntakeCommand};
use bihuan_contracts::{Message, header, topics};
use bihuan_domain::clue::Actor;
use bihuan_domain::code::SourceId;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::quarantine::{self, Fate, Quarantined};
use bihuan_stream::{Effects, Error, Record};

use crate::handler::{Intake, Lane, journalled};
use crate::reading;
use crate::replaying::Replay;

/// Asks intake to read the record again, with another mapping if one is named.
pub fn replay(
    record: &Quarantined,
    mapping: Option<String>,
    actor: Actor,
    received_at: Timestamp,
) -> Message {
    message(
        record.partition,
        &IntakeCommand::ReplayQuarantined {
            id: record.id,
            mapping,
            actor,
            received_at,
        },
    )
}

/// Asks intake to give the record up, for this reason.
pub fn discard(record: &Quarantined, reason: String, actor: Actor, received_at: Timestamp) -> Message {
    message(
        record.partition,
        &IntakeCommand::DiscardQuarantined {
            id: record.id,
            reason,
            actor,
            received_at,
        },
    )
}

fn message(partition: u32, asked: &IntakeCommand) -> Message {
    let (IntakeCommand::ReplayQuarantined { id, received_at, .. }
    | IntakeCommand::DiscardQuarantined { id, received_at, .. }) = asked;
    Message {
        topic: topics::CLUE_INBOUND.into(),
        partition,
        key: id.to_string().into_bytes(),
        headers: vec![
            (header::CE_SPECVERSION.into(), header::SPECVERSION.into()),
            (
                header::CE_ID.into(),
                format!("{id}/{}", received_at.as_micros()).into_bytes(),
            ),
            (header::CE_SOURCE.into(), "/bihuan/operator".into()),
            (header::CE_TYPE.into(), command::type_name(asked).into()),
            (header::CE_TIME.into(), received_at.to_string().into_bytes()),
            (header::CE_SUBJECT.into(), id.to_string().into_bytes()),
            (header::CONTENT_TYPE.into(), header::PROTOBUF.into()),
        ],
        payload: command::encode(asked),
    }
}

/// Whether nothing but the outline of the record was kept, so that only its source can send it again.
pub fn is_outline(record: &Quarantined) -> bool {
    serde_json::from_str::<reading::Envelope>(&record.headers).is_ok_and(|envelope| envelope.outline)
}

impl Intake {
    /// Carries out a control message. How many records there are now beyond those that were counted.
    pub(crate) async fn asked(
        &self,
        partition: u32,
        lane: &mut Lane,
        record: &Record,
        rulebook: &CompiledRulebook,
        effects: &mut Effects,
    ) -> Result<u32, Error> {
        let Ok(asked) = command::decode(&record.payload) else {
            tracing::warn!(
                record.offset,
                "a control message that cannot be read is passed over"
            );
            return Ok(0);
        };
        let (IntakeCommand::ReplayQuarantined { id, .. } | IntakeCommand::DiscardQuarantined { id, .. }) =
            &asked;
        let id = *id;
        if lane.settled.iter().any(|(known, _)| *known == id) {
            return Ok(0);
        }
        let mut reader = self.store.read().await?;
        let waiting = quarantine::get(reader.conn(), partition, id)
            .await?
            .filter(|found| found.fate == Fate::Waiting);
        drop(reader);
        let Some(waiting) = waiting else { return Ok(0) };
        let source = waiting
            .source
            .as_deref()
            .and_then(|source| SourceId::new(source).ok());
        match asked {
            IntakeCommand::DiscardQuarantined {
                reason,
                actor,
                received_at: at,
                ..
            } => {
                lane.settled.push((
                    id,
                    Fate::Discarded {
                        at,
                        by: actor.name().to_owned(),
                        reason: reason.clone(),
                    },
                ));
                effects.event(
                    partition,
                    journalled(
                        None,
                        &IntakeEvent::QuarantineDiscarded {
                            id,
                            source,
                            reason,
                            actor,
                            at,
                        },
                    ),
                );
                Ok(0)
            }
            IntakeCommand::ReplayQuarantined {
                mapping,
                actor,
                received_at: at,
                ..
            } => {
                let asked = Replay {
                    waiting,
                    mapping,
                    actor,
                    at,
                };
                self.replay(partition, lane, asked, rulebook, effects).await
            }
        }
    }
}
