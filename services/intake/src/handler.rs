//! The batch: each record becomes a `ReportClue` command or an agency's, is counted as skipped, or goes to quarantine.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::topics;
use bihuan_domain::id::{CommandId, RecordId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError};
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::{Fate, Quarantined};
use bihuan_store::{Store, Tx, quarantine};
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs, LaneBatch, NewEvent, Record, Start};

use crate::names::Names;
use crate::reading::{Reading, Taken, read};
use crate::repeats::{self, Repeats};
use crate::run::{self, Run};
use crate::told::{Silent, Told};
use crate::unknown_codes::{Met, UnknownCodes};
use crate::{GROUP, Mappings, cutting, putting_away};
use bihuan_mapping::Mapping;

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
    pub(crate) names: Names,
    sources: Vec<Source>,
    partitions: u32,
    cluster: String,
    /// Recorded history too is routed by us, whatever way it comes.
    routes_all: bool,
    lanes: BTreeMap<u32, Lane>,
}

/// What is known of one lane while it is ours.
#[derive(Default)]
pub(crate) struct Lane {
    repeats: Repeats,
    /// What became of quarantined records in this batch.
    pub(crate) settled: Vec<(RecordId, Fate)>,
    pub(crate) unknown: UnknownCodes,
}

/// A record that was read in this batch.
struct Read<'r> {
    record: &'r Record,
    taken: Taken,
    reading: Reading,
}

/// What a batch writes beside its events.
#[derive(Default)]
pub struct Rows {
    read: repeats::Read,
    /// (partition, record, fate)
    settled: Vec<(u32, RecordId, Fate)>,
    unknown: Met,
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
            names: Names::default(),
            sources,
            partitions,
            cluster: cluster.to_owned(),
            routes_all: false,
            lanes: BTreeMap::new(),
        }
    }

    /// Beside people's own work every clue is routed, or there would be nothing to compare what they did with.
    #[must_use]
    pub const fn routing_all(mut self, yes: bool) -> Self {
        self.routes_all = yes;
        self
    }

    pub(crate) const fn partitions(&self) -> u32 {
        self.partitions
    }

    /// Carries out the control messages of a lane and takes its records up.
    async fn take_all<'r>(
        &self,
        batch: &'r LaneBatch,
        lane: &mut Lane,
        rulebook: &CompiledRulebook,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<Vec<(&'r Record, Taken)>, Error> {
        let mut taken = Vec::with_capacity(batch.records.len());
        for record in &batch.records {
            if intake::command::is_command(&record.type_name) {
                let further = self
                    .asked(batch.partition, lane, record, rulebook, effects)
                    .await?;
                effects.holds(batch.partition, record, further);
            } else {
                taken.push((record, self.take(record, now)));
            }
        }
        Ok(taken)
    }

    /// Reads what a lane took up and was not read before.
    async fn read<'r>(
        &self,
        (partition, lane): (u32, &mut Lane),
        taken: Vec<(&'r Record, Taken)>,
        known: &mut HashSet<(u32, RecordId)>,
        rulebook: &CompiledRulebook,
        effects: &mut Effects,
    ) -> Result<Vec<Read<'r>>, Error> {
        let mut read_now = Vec::with_capacity(taken.len());
        for (record, taken) in taken {
            if self.is_repeat(partition, lane, &taken, known).await? {
                effects.not_a_record(partition, record);
                continue;
            }
            let records = cutting::records(&self.mappings, taken).await?;
            effects.holds(partition, record, records.len() as u32);
            for taken in records {
                let receipt = taken.receipt(&record.topic, record.partition, record.offset);
                let reading = read(&self.mappings, rulebook, &taken, receipt).await?;
                lane.unknown.count(&reading.outcome);
                read_now.push(Read {
                    record,
                    taken,
                    reading,
                });
            }
        }
        Ok(read_now)
    }

    /// Turns what a lane read into effects.
    fn account_all(&self, partition: u32, read: Vec<Read<'_>>, now: Timestamp, effects: &mut Effects) {
        let mut runs: Vec<Run> = Vec::new();
        for Read {
            record,
            taken,
            reading,
        } in read
        {
            self.account(partition, record, &taken, reading, &mut runs, effects);
        }
        for run in runs {
            effects.event(partition, run.event(now));
        }
    }

    pub(crate) fn take(&self, record: &Record, now: Timestamp) -> Taken {
        let source = self.sources.iter().find(|source| *source.topic == *record.topic);
        let mut taken = Taken::of(record, &self.cluster, source, now);
        taken.envelope.route |= self.routes_all;
        taken
    }

    async fn is_repeat(
        &self,
        partition: u32,
        lane: &mut Lane,
        taken: &Taken,
        known: &mut HashSet<(u32, RecordId)>,
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
        let fresh = known.insert((partition, taken.id));
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
        match (Told::of(reading.outcome, source.as_ref()), source) {
            (Ok(told), _) => {
                Run::count(runs, told.source.clone(), record, told.became().into());
                let position = format!("{}/{}/{}", record.topic, record.partition, record.offset);
                let id = taken.command(record.partition);
                effects.command(told.message(id, position, taken.received_at, self.partitions));
            }
            (Err(Silent::Skipped), Some(source)) => Run::count(runs, source, record, run::Fate::Skipped),
            (Err(Silent::Skipped), None) => {}
            (Err(Silent::Unreadable { reason, field }), source) => {
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

impl Handler for Intake {
    type Rows = Rows;

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

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Rows>, Error> {
        // what is asked of the store is asked once for all lanes
        let rulebook = self.library.active(batch.now).await.map_err(unavailable)?;
        let mut lanes = Vec::with_capacity(batch.lanes.len());
        for of in &batch.lanes {
            let mut lane = self.lanes.remove(&of.partition).unwrap_or_default();
            let taken = self
                .take_all(of, &mut lane, &rulebook, batch.now, effects)
                .await?;
            lanes.push((of.partition, lane, taken));
        }
        let identities = lanes.iter().flat_map(|(partition, _, taken)| {
            let own = taken.iter().filter(|(_, taken)| taken.own_identity);
            own.map(|(_, taken)| (*partition, taken.id))
        });
        let mut known = repeats::known(&self.store, &identities.collect::<Vec<_>>()).await?;
        let mut rows = Rows::default();
        let mut read = Vec::with_capacity(lanes.len());
        for (partition, mut lane, taken) in lanes {
            let of_lane = (partition, &mut lane);
            let records = self.read(of_lane, taken, &mut known, &rulebook, effects).await?;
            read.push((partition, lane, records));
        }
        let all = read.iter_mut().flat_map(|(_, _, records)| records.iter_mut());
        let mut said: Vec<_> = all.map(|it| it.reading.said()).collect();
        self.names.settle(&self.store, &mut said).await?;
        for (partition, mut lane, records) in read {
            self.account_all(partition, records, batch.now, effects);
            let settled = std::mem::take(&mut lane.settled).into_iter();
            rows.settled
                .extend(settled.map(|(id, fate)| (partition, id, fate)));
            lane.repeats.give_out(partition, &mut rows.read);
            rows.unknown.take(partition, &mut lane.unknown, batch.now);
            self.lanes.insert(partition, lane);
        }
        Ok(Some(rows))
    }

    async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows.read.persist(tx.conn()).await?;
        rows.unknown.persist(tx.conn()).await?;
        for (partition, id, fate) in &rows.settled {
            if !quarantine::settle(tx.conn(), *partition, *id, fate).await? {
                return Err(bihuan_store::Error::RowCount {
                    what: "quarantine",
                    expected: 1,
                    written: 0,
                });
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests;
