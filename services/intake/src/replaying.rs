//! Reading quarantined records again. What lies in quarantine as one record may be a message that could not be taken apart: then
//! the first record that can be read takes its place, and the others are counted when they are found.

use std::collections::BTreeMap;

use bihuan_contracts::intake::IntakeEvent;
use bihuan_domain::clue::Actor;
use bihuan_domain::code::SourceId;
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::quarantine::{Fate, Quarantined};
use bihuan_stream::{Effects, Error};

use crate::cutting;
use crate::handler::{Intake, Lane, journalled, report_command};
use crate::putting_away;
use crate::reading::{self, Reading, Taken, read};
use crate::told::{Silent, Told};

/// A quarantined record that is to be read again.
pub(crate) struct Replay {
    pub(crate) waiting: Quarantined,
    /// Another mapping than the one that failed.
    pub(crate) mapping: Option<String>,
    pub(crate) actor: Actor,
    pub(crate) at: Timestamp,
}

impl Intake {
    /// How many records there are now beyond the one that waited.
    pub(crate) async fn replay(
        &self,
        partition: u32,
        lane: &mut Lane,
        asked: Replay,
        rulebook: &CompiledRulebook,
        effects: &mut Effects,
    ) -> Result<u32, Error> {
        let mut envelope: reading::Envelope =
            serde_json::from_str(&asked.waiting.headers).unwrap_or_default();
        envelope.mapping = asked.mapping.clone().or(envelope.mapping);
        let taken = Taken {
            id: asked.waiting.id,
            own_identity: false,
            envelope,
            data: asked.waiting.bytes.clone(),
            received_at: asked.waiting.received_at,
            broken: None,
        };
        let (mut told, mut silent) = (Vec::new(), Vec::new());
        for taken in cutting::records(&self.mappings, taken).await? {
            let waiting = &asked.waiting;
            let receipt = taken.receipt(&waiting.topic, waiting.topic_partition, waiting.offset);
            let Reading {
                mapping,
                outcome,
                kept,
            } = read(&self.mappings, rulebook, &taken, receipt).await?;
            match Told::of(outcome) {
                Ok(it) => told.push((taken, it)),
                Err(why) => silent.push((taken, why, mapping, kept)),
            }
        }
        if told.is_empty() {
            // still unreadable: it goes on waiting
            return Ok(0);
        }
        let further = told.len() + silent.len() - 1;
        self.tell(partition, lane, &asked, told, effects);
        for (taken, why, mapping, kept) in silent {
            let source = mapping.map(|mapping| mapping.source().clone());
            match why {
                Silent::Skipped => {
                    count(partition, &asked, source.into_iter(), Counted::Skipped, effects);
                }
                Silent::Unreadable { reason, field } => {
                    let row = Quarantined {
                        id: taken.id,
                        reason: reason.to_owned(),
                        field,
                        ..asked.waiting.clone()
                    };
                    let row = putting_away::completed(row, &taken, source.as_ref(), kept);
                    effects.event(partition, putting_away::journalled(&row, source));
                    effects.quarantine(row);
                }
            }
        }
        Ok(further as u32)
    }

    /// The first of them settles what waited.
    fn tell(
        &self,
        partition: u32,
        lane: &mut Lane,
        asked: &Replay,
        told: Vec<(Taken, Told)>,
        effects: &mut Effects,
    ) {
        let Replay {
            waiting, actor, at, ..
        } = asked;
        let mut further = Vec::new();
        for (index, (taken, told)) in told.into_iter().enumerate() {
            let (source, clue) = (told.source.clone(), told.clue);
            let id = report_command(taken.id, waiting.topic_partition);
            let causation = format!("quarantine/{}", waiting.id);
            effects.command(told.message(id, causation, taken.received_at, self.partitions()));
            if index > 0 {
                further.push(source);
                continue;
            }
            lane.settled.push((
                waiting.id,
                Fate::Replayed {
                    at: *at,
                    by: actor.name().to_owned(),
                },
            ));
            let event = IntakeEvent::QuarantineReplayed {
                id: waiting.id,
                source: Some(source),
                clue,
                actor: actor.clone(),
                at: *at,
            };
            effects.event(partition, journalled(Some(clue), &event));
        }
        count(partition, asked, further.into_iter(), Counted::Accepted, effects);
    }
}

/// What became of a record that was found in one that waited.
#[derive(Clone, Copy)]
enum Counted {
    Accepted,
    Skipped,
}

/// Journals records under the place of the message that they were found in.
fn count(
    partition: u32,
    asked: &Replay,
    sources: impl Iterator<Item = SourceId>,
    counted: Counted,
    effects: &mut Effects,
) {
    let mut by_source: BTreeMap<String, (SourceId, u32)> = BTreeMap::new();
    for source in sources {
        by_source.entry(source.to_string()).or_insert((source, 0)).1 += 1;
    }
    let (waiting, at) = (&asked.waiting, asked.at);
    let (topic, topic_partition, offset) = (&waiting.topic, waiting.topic_partition, waiting.offset);
    for (source, count) in by_source.into_values() {
        let event = match counted {
            Counted::Accepted => IntakeEvent::RecordsAccepted {
                source,
                topic: topic.clone(),
                partition: topic_partition,
                first_offset: offset,
                last_offset: offset,
                count,
                at,
            },
            Counted::Skipped => IntakeEvent::RecordsSkipped {
                source,
                topic: topic.clone(),
                partition: topic_partition,
                first_offset: offset,
                last_offset: offset,
                count,
                at,
            },
        };
        effects.event(partition, journalled(None, &event));
    }
}
