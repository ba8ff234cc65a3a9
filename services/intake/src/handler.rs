//! The batch: each record becomes a `ReportClue` command, is counted as skipped, or goes to quarantine.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::{partition_of, topics};
use bihuan_domain::clue::{Actor, Command, Envelope, Role};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::{CommandId, RecordId};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError};
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::{Fate, Quarantined};
use bihuan_store::{Store, Tx, quarantine};
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs, LaneBatch, NewEvent, Record, Start};

use crate::mapping::{Mapping, Outcome};
use crate::reading::{Reading, Taken, read};
use crate::repeats::Repeats;
use crate::{GROUP, Mappings, putting_away};

/// A topic of a source platform, and what its messages mean.
#[derive(Clone)]
pub struct Source {
    pub topic: String,
    pub mapping: Arc<Mapping>,
    pub start: Start,
    /// Route imported history ourselves.
    pub route: bool,
}

/// The intake service.
pub struct Intake {
    pub(crate) store: Store,
    pub(crate) library: Library,
    pub(crate) mappings: Mappings,
    sources: Vec<Source>,
    partitions: u32,
    cluster: String,
    lanes: BTreeMap<u32, Lane>,
}

/// What is known of one lane while it is ours.
#[derive(Default)]
pub(crate) struct Lane {
    repeats: Repeats,
    /// What became of quarantined records, to be written with the next commit.
    pub(crate) settled: Vec<(RecordId, Fate)>,
}

/// Records of one source and topic partition that a batch accepted or skipped.
struct Run {
    source: SourceId,
    topic: Arc<str>,
    partition: u32,
    skipped: bool,
    first: i64,
    last: i64,
    count: u32,
}

impl Intake {
    pub fn new(store: Store, library: Library, sources: Vec<Source>, partitions: u32, cluster: &str) -> Self {
        let mappings = Mappings::new(store.clone());
        for source in &sources {
            mappings.keep((*source.mapping).clone());
        }
        Self {
            store,
            library,
            mappings,
            sources,
            partitions,
            cluster: cluster.to_owned(),
            lanes: BTreeMap::new(),
        }
    }

    pub(crate) const fn partitions(&self) -> u32 {
        self.partitions
    }

    async fn lane(&mut self, batch: &LaneBatch, now: Timestamp, effects: &mut Effects) -> Result<(), Error> {
        let rulebook = self.library.active().await.map_err(unavailable)?;
        let mut lane = self.lanes.remove(&batch.partition).unwrap_or_default();
        let mut runs: Vec<Run> = Vec::new();
        let mut taken: Vec<(&Record, Taken)> = Vec::with_capacity(batch.records.len());
        for record in &batch.records {
            if intake::command::is_command(&record.type_name) {
                effects.not_a_record(batch.partition, record);
                self.asked(batch.partition, &mut lane, record, &rulebook, effects)
                    .await?;
            } else {
                taken.push((record, self.take(record, now)));
            }
        }
        let identities: Vec<RecordId> = taken
            .iter()
            .filter(|(_, taken)| taken.own_identity)
            .map(|(_, taken)| taken.id)
            .collect();
        let mut known = Repeats::known(&self.store, batch.partition, &identities).await?;
        for (record, taken) in taken {
            if self
                .is_repeat(batch.partition, &mut lane, &taken, &mut known)
                .await?
            {
                effects.not_a_record(batch.partition, record);
                continue;
            }
            let reading = read(
                &self.mappings,
                &rulebook,
                &taken,
                taken.receipt(&record.topic, record.partition, record.offset),
            )
            .await?;
            self.account(batch.partition, record, &taken, reading, &mut runs, effects);
        }
        for run in runs {
            effects.event(batch.partition, run.event(now));
        }
        self.lanes.insert(batch.partition, lane);
        Ok(())
    }

    pub(crate) fn take(&self, record: &Record, now: Timestamp) -> Taken {
        let source = self.sources.iter().find(|source| *source.topic == *record.topic);
        Taken::of(record, &self.cluster, source, now)
    }

    async fn is_repeat(
        &self,
        partition: u32,
        lane: &mut Lane,
        taken: &Taken,
        known: &mut HashSet<RecordId>,
    ) -> Result<bool, Error> {
        if let (Some(file), Some(ordinal)) = (&taken.envelope.file, taken.envelope.ordinal) {
            let source = match &taken.envelope.mapping {
                Some(digest) => self
                    .mappings
                    .get(digest)
                    .await?
                    .map(|mapping| mapping.source().to_string()),
                None => None,
            };
            return Ok(lane
                .repeats
                .file(
                    &self.store,
                    partition,
                    file,
                    source.as_deref().unwrap_or(""),
                    ordinal,
                )
                .await?);
        }
        if !taken.own_identity {
            return Ok(false);
        }
        let fresh = known.insert(taken.id);
        if fresh {
            lane.repeats.remember(taken.id);
        }
        Ok(!fresh)
    }

    /// Turns a reading into effects.
    fn account(
        &self,
        partition: u32,
        record: &Record,
        taken: &Taken,
        reading: Reading,
        runs: &mut Vec<Run>,
        effects: &mut Effects,
    ) {
        let source = reading.mapping.as_ref().map(|mapping| mapping.source().clone());
        match (reading.outcome, source) {
            (
                Outcome::Clue {
                    clue_id,
                    report,
                    text,
                },
                source,
            ) => {
                let source = source.unwrap_or_else(|| report.source.clone());
                Run::count(runs, source, record, false);
                let envelope = Envelope {
                    id: report_command(taken.id, record.partition),
                    clue: clue_id,
                    causation: Some(format!("{}/{}/{}", record.topic, record.partition, record.offset)),
                    actor: Actor::service(Role::Source),
                    expected_version: None,
                    occurred_at: None,
                    received_at: taken.received_at,
                    command: Command::ReportClue(report),
                    text,
                };
                effects.command(command::message(
                    &ClueCommand::Clue(envelope),
                    partition_of(clue_id, self.partitions),
                    GROUP,
                ));
            }
            (Outcome::Skipped, Some(source)) => Run::count(runs, source, record, true),
            (Outcome::Skipped, None) => {}
            (Outcome::Quarantine { reason, field }, source) => {
                metrics::counter!("bihuan_quarantined_total", "reason" => reason).increment(1);
                let row = record.quarantined(GROUP, &self.cluster, partition, reason, taken.received_at);
                let row = Quarantined {
                    id: taken.id,
                    field,
                    ..putting_away::completed(row, taken, source.as_ref(), reading.kept)
                };
                effects.event(partition, putting_away::journalled(&row, source));
                effects.quarantine(row);
            }
        }
    }
}

/// The id of the command that a record becomes: known to whoever knows the record and where it was sent. An event that its
/// sender put on two partitions is read on both, and each reading is counted.
pub(crate) fn report_command(record: RecordId, partition: u32) -> CommandId {
    let cause = [&record.0.as_bytes()[..], &partition.to_be_bytes()].concat();
    CommandId::derive(&cause, GROUP, 0)
}

pub(crate) fn journalled(clue: Option<bihuan_domain::id::ClueId>, event: &IntakeEvent) -> NewEvent {
    NewEvent {
        clue,
        previous: None,
        at: event.at(),
        type_name: intake::type_name(event),
        payload: intake::encode(event),
    }
}

pub(crate) fn unavailable(error: LibraryError) -> Error {
    match error {
        LibraryError::Store(error) => Error::Store(error),
        other => Error::Unavailable(other.to_string()),
    }
}

impl Run {
    fn count(runs: &mut Vec<Self>, source: SourceId, record: &Record, skipped: bool) {
        let same = |run: &&mut Self| {
            run.skipped == skipped
                && run.partition == record.partition
                && run.source == source
                && run.topic == record.topic
        };
        if let Some(run) = runs.iter_mut().find(same) {
            run.last = record.offset;
            run.count += 1;
            return;
        }
        let topic = record.topic.clone();
        runs.push(Self {
            source,
            topic,
            partition: record.partition,
            skipped,
            first: record.offset,
            last: record.offset,
            count: 1,
        });
    }

    fn event(self, at: Timestamp) -> NewEvent {
        let Self {
            source,
            topic,
            partition,
            skipped,
            first: first_offset,
            last: last_offset,
            count,
        } = self;
        let topic = topic.to_string();
        journalled(
            None,
            &if skipped {
                IntakeEvent::RecordsSkipped {
                    source,
                    topic,
                    partition,
                    first_offset,
                    last_offset,
                    count,
                    at,
                }
            } else {
                IntakeEvent::RecordsAccepted {
                    source,
                    topic,
                    partition,
                    first_offset,
                    last_offset,
                    count,
                    at,
                }
            },
        )
    }
}

impl Handler for Intake {
    fn group(&self) -> &'static str {
        GROUP
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: topics::CLUE_INBOUND.to_owned(),
            followers: self
                .sources
                .iter()
                .map(|source| (source.topic.clone(), source.start))
                .collect(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        Some(Journal::Intake)
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<(), Error> {
        for lane in &batch.lanes {
            self.lane(lane, batch.now, effects).await?;
        }
        effects.write();
        Ok(())
    }

    async fn persist(&mut self, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        for (partition, lane) in &self.lanes {
            lane.repeats.persist(tx, *partition).await?;
            for (id, fate) in &lane.settled {
                if !quarantine::settle(tx.conn(), *partition, *id, fate).await? {
                    return Err(bihuan_store::Error::RowCount {
                        what: "quarantine",
                        expected: 1,
                        written: 0,
                    });
                }
            }
        }
        Ok(())
    }

    fn committed(&mut self) {
        for lane in self.lanes.values_mut() {
            lane.repeats.committed();
            lane.settled.clear();
        }
    }

    fn forget(&mut self, partition: u32) {
        self.lanes.remove(&partition);
    }

    async fn poisoned(
        &mut self,
        record: &Record,
        row: Quarantined,
        effects: &mut Effects,
    ) -> Result<Quarantined, Error> {
        self.put_away(record, row, effects).await
    }
}
