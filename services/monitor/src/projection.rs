//! Builds what people look at, from journals alone: one row per clue and batch, and tallies of what became of records.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bihuan_contracts::DecodeError;
use bihuan_contracts::delivery::{self, DeliveryEvent};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::topics;
use bihuan_domain::clue::Event;
use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_rulebook::Library;
use bihuan_store::{Store, Tx};
use bihuan_stream::{Batch, Effects, Error, Generations, Handler, Inputs, Record, Result, Start};

use crate::heard::Heard;
use crate::links::{self, Name};
use crate::notices::{self, NoticeRow};
use crate::precedents::{self, Origins, Routed};
use crate::rows::ClueRow;
use crate::tally::Tallies;
use crate::tasks::{self, TaskRow};
use crate::{GROUP, counting, rows};

/// Clues per lane and generation of the cache: about 2 MB.
const CACHED: usize = 4_096;

/// The projection as the batch loop runs it.
pub struct Monitor {
    store: Store,
    lanes: BTreeMap<u32, Generations<ClueId, Known>>,
    changed: BTreeSet<(u32, ClueId)>,
    tallies: Tallies,
    heard: Heard,
    origins: Origins,
}

/// What a batch changes.
pub struct Rows {
    clues: Vec<ClueRow>,
    names: Vec<(u32, Name)>,
    notices: Vec<(u32, NoticeRow)>,
    precedents: Vec<(u32, Routed)>,
    tasks: Vec<(u32, TaskRow)>,
    tallies: Tallies,
    heard: Heard,
}

/// What is known of a clue id.
#[derive(Debug, Default)]
struct Known {
    /// `None`: it was never reported; only refused commands speak of it.
    facts: Option<Facts>,
    /// Sequence of its newest event.
    newest: i64,
}

/// A record that was read.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are events of a clue, made once and moved once"
)]
enum Read {
    Clue { sequence: i64, event: ClueEvent },
    Intake(IntakeEvent),
    Delivery(DeliveryEvent),
}

impl Monitor {
    pub fn new(store: Store) -> Self {
        Self {
            origins: Origins::new(Library::new(store.clone())),
            store,
            lanes: BTreeMap::new(),
            changed: BTreeSet::new(),
            tallies: Tallies::default(),
            heard: Heard::default(),
        }
    }

    /// Brings in, in one statement, what the events build on and is not cached.
    async fn load(&mut self, events: &[(u32, Read)]) -> Result<()> {
        let mut missing = BTreeSet::new();
        for (partition, read) in events {
            let Read::Clue {
                event: ClueEvent::Clue(occurrence),
                ..
            } = read
            else {
                continue;
            };
            let key = (*partition, occurrence.clue);
            if self.lane(*partition).contains(&occurrence.clue) || missing.contains(&key) {
                continue;
            }
            if occurrence.version == 1 && matches!(occurrence.event, Event::ClueReported { .. }) {
                self.lane(*partition).insert(occurrence.clue, Known::default());
            } else {
                missing.insert(key);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = missing.into_iter().collect();
        let mut reader = self.store.read().await?;
        let loaded = rows::load(reader.conn(), &keys)
            .await
            .map_err(bihuan_store::Error::from)?;
        for (partition, facts, newest) in loaded {
            self.lane(partition).insert(
                facts.clue,
                Known {
                    facts: Some(facts),
                    newest,
                },
            );
        }
        Ok(())
    }

    fn lane(&mut self, partition: u32) -> &mut Generations<ClueId, Known> {
        self.lanes
            .entry(partition)
            .or_insert_with(|| Generations::new(CACHED))
    }

    fn apply(&mut self, partition: u32, read: &Read) {
        match read {
            Read::Intake(event) => {
                counting::intake(&mut self.tallies, partition, event);
                self.heard.note(partition, event);
            }
            Read::Delivery(event) => counting::delivery(&mut self.tallies, partition, event),
            Read::Clue { sequence, event } => self.apply_clue(partition, *sequence, event),
        }
    }

    fn apply_clue(&mut self, partition: u32, sequence: i64, event: &ClueEvent) {
        let ClueEvent::Clue(occurrence) = event else {
            return counting::clue(&mut self.tallies, partition, event, None);
        };
        let lane = self
            .lanes
            .entry(partition)
            .or_insert_with(|| Generations::new(CACHED));
        let known = lane.entry(occurrence.clue);
        Facts::fold(&mut known.facts, occurrence);
        known.newest = sequence;
        counting::clue(&mut self.tallies, partition, event, known.facts.as_ref());
        if known.facts.is_some() {
            self.changed.insert((partition, occurrence.clue));
        }
    }

    fn changed(&self) -> impl Iterator<Item = (u32, &Facts, i64)> {
        changed_of(&self.lanes, &self.changed)
    }

    fn names(&self) -> Vec<(u32, Name)> {
        let changed = self.changed();
        let names =
            changed.flat_map(|(partition, facts, _)| links::names(facts).map(move |name| (partition, name)));
        names.collect()
    }

    fn notices(&self) -> Vec<(u32, NoticeRow)> {
        let changed = self.changed();
        let notices = changed.flat_map(|(partition, facts, _)| {
            notices::of(facts).into_iter().map(move |row| (partition, row))
        });
        notices.collect()
    }

    /// Reads the rulebooks that dispatched what changed, where they are not known yet.
    async fn learn(&mut self) -> Result<()> {
        let Self {
            lanes,
            changed,
            origins,
            ..
        } = self;
        let facts = changed_of(lanes, changed).map(|(_, facts, _)| facts);
        origins.learn_of(facts).await.map_err(Error::from)
    }

    fn precedents(&self) -> Vec<(u32, Routed)> {
        let changed = self.changed();
        let routed =
            changed.filter_map(|(partition, facts, _)| Some((partition, self.origins.routed(facts)?)));
        routed.collect()
    }

    fn tasks(&self) -> Vec<(u32, TaskRow)> {
        let changed = self.changed();
        let tasks = changed
            .flat_map(|(partition, facts, _)| tasks::of(facts).into_iter().map(move |row| (partition, row)));
        tasks.collect()
    }

    fn rows(&self) -> crate::Result<Vec<ClueRow>> {
        self.changed()
            .map(|(partition, facts, newest)| ClueRow::of(partition, facts, newest))
            .collect()
    }
}

fn changed_of<'a>(
    lanes: &'a BTreeMap<u32, Generations<ClueId, Known>>,
    changed: &'a BTreeSet<(u32, ClueId)>,
) -> impl Iterator<Item = (u32, &'a Facts, i64)> {
    changed.iter().filter_map(|(partition, clue)| {
        let known = lanes.get(partition)?.get(clue)?;
        Some((*partition, known.facts.as_ref()?, known.newest))
    })
}

impl Handler for Monitor {
    type Rows = Rows;

    fn group(&self) -> &'static str {
        GROUP
    }

    fn inputs(&self) -> Inputs {
        let follow = |topic: &str| (topic.to_owned(), Start::Beginning);
        Inputs {
            lead: topics::CLUE_EVENTS.to_owned(),
            followers: vec![follow(topics::INTAKE_EVENTS), follow(topics::DELIVERY_EVENTS)],
        }
    }

    /// Nobody reads figures faster.
    fn pace(&self) -> Duration {
        Duration::from_millis(50)
    }

    /// A lane's cache holds what at least the last two batches changed.
    fn overlaps(&self) -> bool {
        true
    }

    async fn handle(&mut self, batch: &Batch, _: &mut Effects) -> Result<Option<Rows>> {
        self.changed.clear();
        self.tallies = Tallies::default();
        self.heard = Heard::default();
        let mut events = Vec::new();
        for lane in &batch.lanes {
            for record in &lane.records {
                events.push((lane.partition, read(record)?));
            }
        }
        self.load(&events).await?;
        for (partition, read) in &events {
            self.apply(*partition, read);
        }
        self.learn().await?;
        let rows = Rows {
            clues: self.rows().map_err(bihuan_store::Error::from)?,
            names: self.names(),
            notices: self.notices(),
            precedents: self.precedents(),
            tasks: self.tasks(),
            tallies: std::mem::take(&mut self.tallies),
            heard: std::mem::take(&mut self.heard),
        };
        self.lanes.values_mut().for_each(Generations::age);
        Ok((!rows.clues.is_empty() || !rows.tallies.is_empty() || !rows.heard.is_empty()).then_some(rows))
    }

    async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows::upsert(tx.conn(), &rows.clues).await?;
        links::insert(tx.conn(), &rows.names).await?;
        notices::upsert(tx.conn(), &rows.notices).await?;
        precedents::insert(tx.conn(), &rows.precedents).await?;
        tasks::upsert(tx.conn(), &rows.tasks).await?;
        rows.tallies.persist(tx.conn()).await?;
        rows.heard.persist(tx.conn()).await
    }

    fn forget(&mut self, partition: u32) {
        self.lanes.remove(&partition);
    }
}

/// What a record says. One that this program does not know halts the lane: skipping it would falsify the figures.
fn read(record: &Record) -> Result<Read> {
    let unknown = |error: DecodeError| Error::Unknown {
        topic: record.topic.to_string(),
        partition: record.partition,
        offset: record.offset,
        detail: error.to_string(),
    };
    match &*record.topic {
        topics::CLUE_EVENTS => {
            let event = event::decode(&record.payload).map_err(unknown)?;
            Ok(Read::Clue {
                sequence: record.sequence.unwrap_or_default(),
                event,
            })
        }
        topics::INTAKE_EVENTS => intake::decode(&record.payload).map(Read::Intake).map_err(unknown),
        topics::DELIVERY_EVENTS => delivery::decode(&record.payload)
            .map(Read::Delivery)
            .map_err(unknown),
        other => Err(Error::Handler(format!(
            "{other} is not a topic that monitor reads"
        ))),
    }
}
