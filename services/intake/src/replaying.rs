//! Reading quarantined records again. What lies in quarantine as one record may be a message that could not be taken apart: then
//! the first record that can be read takes its place, and the others are counted when they are found.

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
use crate::run::{self, Run};
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
        let mut readings = Vec::new();
        for taken in cutting::records(&self.mappings, taken).await? {
            let waiting = &asked.waiting;
            let receipt = taken.receipt(&waiting.topic, waiting.topic_partition, waiting.offset);
            let reading = read(&self.mappings, rulebook, &taken, receipt).await?;
            lane.unknown.count(&reading.outcome);
            readings.push((taken, reading));
        }
        let mut said: Vec<_> = readings.iter_mut().map(|(_, reading)| reading.said()).collect();
        self.names.settle(&self.store, &mut said).await?;
        let (mut told, mut silent) = (Vec::new(), Vec::new());
        for (taken, reading) in readings {
            let Reading {
                mapping,
                outcome,
                kept,
            } = reading;
            let source = mapping.as_ref().map(|mapping| mapping.source());
            match Told::of(outcome, source) {
                Ok(it) => told.push((taken, it)),
                Err(why) => silent.push((taken, why, mapping, kept)),
            }
        }
        let mut runs = Vec::new();
        if told.is_empty() {
            let is_skipped = silent.iter().all(|(_, why, ..)| matches!(why, Silent::Skipped));
            if let (true, [(_, _, mapping, _)]) = (is_skipped, silent.as_slice()) {
                let source = mapping.as_ref().map(|mapping| mapping.source().clone());
                skipped(partition, lane, &asked, source, effects);
            }
            // else still unreadable: it goes on waiting
            return Ok(0);
        }
        let further = told.len() + silent.len() - 1;
        self.tell(partition, lane, &asked, told, &mut runs, effects);
        for (taken, why, mapping, kept) in silent {
            let source = mapping.map(|mapping| mapping.source().clone());
            match why {
                Silent::Skipped => {
                    if let Some(source) = source {
                        asked.count(&mut runs, source, run::Fate::Skipped);
                    }
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
        for run in runs {
            // what people did says nothing of when the source was heard
            effects.event(partition, run.event(asked.waiting.received_at));
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
        runs: &mut Vec<Run>,
        effects: &mut Effects,
    ) {
        let Replay {
            waiting, actor, at, ..
        } = asked;
        for (index, (taken, told)) in told.into_iter().enumerate() {
            let (source, clue, became) = (told.source.clone(), told.clue, told.became());
            let id = report_command(taken.id, waiting.topic_partition);
            let position = format!("quarantine/{}", waiting.id);
            effects.command(told.message(id, position, taken.received_at, self.partitions()));
            if index > 0 {
                asked.count(runs, source, became.into());
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
                became,
                actor: actor.clone(),
                at: *at,
            };
            effects.event(partition, journalled(Some(clue), &event));
        }
    }
}

/// The mended mapping says that it reports nothing: it is settled as if whoever asked had discarded it.
fn skipped(partition: u32, lane: &mut Lane, asked: &Replay, source: Option<SourceId>, effects: &mut Effects) {
    let Replay {
        waiting, actor, at, ..
    } = asked;
    let reason = "skipped".to_owned();
    lane.settled.push((
        waiting.id,
        Fate::Discarded {
            at: *at,
            by: actor.name().to_owned(),
            reason: reason.clone(),
        },
    ));
    let event = IntakeEvent::QuarantineDiscarded {
        id: waiting.id,
        source,
        reason,
        actor: actor.clone(),
        at: *at,
    };
    effects.event(partition, journalled(None, &event));
}

impl Replay {
    /// Counts a record under the place of the message that it was found in.
    fn count(&self, runs: &mut Vec<Run>, source: SourceId, fate: run::Fate) {
        let Quarantined {
            topic,
            topic_partition,
            offset,
            ..
        } = &self.waiting;
        Run::add(
            runs,
            source,
            (&topic.as_str().into(), *topic_partition, *offset),
            fate,
        );
    }
}
