//! A small service: counts records by id, and leads each on as an event and a command. What was counted twice shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bihuan_contracts::topics;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;
use bihuan_store::{Migration, Store, Tx, sql};
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs, NewEvent, Record, Start};
use sqlx::Row as _;

use crate::world::{World, message};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    service: "counting",
    number: 1,
    sql: "CREATE TABLE counted (consumer_group text NOT NULL, partition integer NOT NULL, id text NOT NULL,
              times bigint NOT NULL, PRIMARY KEY (consumer_group, partition, id));",
}];

/// What a test can make go wrong.
#[derive(Default)]
pub(crate) struct Faults {
    /// So many calls of `handle` fail.
    pub(crate) handle: AtomicU32,
    /// So many calls of `persist` fail half-way.
    pub(crate) persist: AtomicU32,
    /// So many calls of `persist` wait, a while, until the next batch was decided.
    pub(crate) hold: AtomicU32,
    /// Batches that were decided.
    decided: AtomicU32,
    /// Batches that were still being written when the next one was decided.
    pub(crate) overlapped: AtomicU32,
}

impl Faults {
    /// Until a batch after the `ordinal`-th is decided, or nobody can expect that any more.
    async fn until_the_next(&self, ordinal: u32) {
        let end = Instant::now() + Duration::from_secs(1);
        while self.decided.load(Ordering::Acquire) == ordinal && Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    fn strike(counter: &AtomicU32) -> bool {
        counter
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
            .is_ok()
    }
}

pub(crate) struct Counting {
    group: &'static str,
    store: Store,
    lead: &'static str,
    followers: Vec<(String, Start)>,
    /// Ids that were counted before are not counted again, as a service does that knows commands by their ids.
    knows_repeats: bool,
    /// Writes an event and a command for each record.
    leads_on: bool,
    journal: Journal,
    /// Records whose payload begins so go to quarantine.
    bad: Option<&'static str>,
    pub(crate) faults: Arc<Faults>,
    unsaved: BTreeMap<u32, BTreeMap<String, i64>>,
}

/// What a batch counted, by lane and id.
pub(crate) struct Counts {
    group: &'static str,
    counted: BTreeMap<u32, BTreeMap<String, i64>>,
    /// Of the batch.
    ordinal: u32,
    faults: Arc<Faults>,
}

impl Counting {
    pub(crate) fn new(world: &World) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let group = format!("counting-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Self::of_group(world, group.leak())
    }

    pub(crate) fn of_group(world: &World, group: &'static str) -> Self {
        Self {
            group,
            store: world.store.clone(),
            lead: topics::CLUE_COMMANDS,
            followers: Vec::new(),
            knows_repeats: false,
            leads_on: true,
            journal: Journal::Clue,
            bad: None,
            faults: Arc::default(),
            unsaved: BTreeMap::new(),
        }
    }

    pub(crate) fn knowing_repeats(mut self) -> Self {
        self.knows_repeats = true;
        self
    }

    /// Reads `lead` and leads nothing on.
    pub(crate) fn only_reading(mut self, lead: &'static str) -> Self {
        self.lead = lead;
        self.leads_on = false;
        self
    }

    /// Leads on into another journal than that of clues.
    pub(crate) fn journalling(mut self, journal: Journal) -> Self {
        self.journal = journal;
        self
    }

    pub(crate) fn following(mut self, topic: impl Into<String>, start: Start) -> Self {
        self.followers.push((topic.into(), start));
        self
    }

    pub(crate) fn putting_away(mut self, prefix: &'static str) -> Self {
        self.bad = Some(prefix);
        self
    }

    /// Another worker of the same group.
    pub(crate) fn again(&self, world: &World) -> Self {
        Self {
            store: world.store.clone(),
            faults: Arc::default(),
            unsaved: BTreeMap::new(),
            followers: self.followers.clone(),
            ..*self
        }
    }

    async fn known(&self, partition: u32) -> Result<BTreeSet<String>, Error> {
        let mut reader = self.store.read().await?;
        let ids: Vec<String> = sql!(reader.conn(), c => sqlx::query_scalar(
            "SELECT id FROM counted WHERE consumer_group = $1 AND partition = $2"
        ).bind(self.group).bind(partition as i32).fetch_all(c).await)?;
        Ok(ids.into_iter().collect())
    }

    fn count(&mut self, partition: u32, record: &Record, effects: &mut Effects) -> Result<(), Error> {
        let id =
            String::from_utf8(record.payload.clone()).map_err(|error| Error::Handler(error.to_string()))?;
        if id.starts_with("poison") {
            return Err(Error::Handler("poison".to_owned()));
        }
        if record.type_name.starts_with("test.unknown") {
            return Err(Error::Unknown {
                topic: record.topic.to_string(),
                partition: record.partition,
                offset: record.offset,
                detail: record.type_name.to_string(),
            });
        }
        if self.bad.is_some_and(|prefix| id.starts_with(prefix)) {
            effects.quarantine(bad(self.group, partition, record));
            return Ok(());
        }
        *self
            .unsaved
            .entry(partition)
            .or_default()
            .entry(id.clone())
            .or_default() += 1;
        if self.leads_on {
            effects.command(message(topics::AGENCY_COMMANDS, partition, &id));
            effects.event(partition, new_event(&id));
        }
        Ok(())
    }
}

fn new_event(id: &str) -> NewEvent {
    let type_name = if id.starts_with("skipped") {
        "test.unwanted"
    } else {
        "test.counted"
    };
    NewEvent {
        clue: None,
        previous: None,
        at: Timestamp::EPOCH,
        type_name,
        payload: id.into(),
    }
}

fn bad(group: &str, partition: u32, record: &Record) -> Quarantined {
    record.quarantined(group, "test", partition, "bad", Timestamp::EPOCH)
}

impl Handler for Counting {
    type Rows = Counts;

    fn group(&self) -> &'static str {
        self.group
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: self.lead.to_owned(),
            followers: self.followers.clone(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        self.leads_on.then_some(self.journal)
    }

    fn wants(&self, _: &str, type_name: &str) -> bool {
        type_name != "test.unwanted"
    }

    /// Who asks the database for repeats has to wait until it knows all of them.
    fn overlaps(&self) -> bool {
        !self.knows_repeats
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Counts>, Error> {
        for lane in &batch.lanes {
            let known = if self.knows_repeats {
                self.known(lane.partition).await?
            } else {
                BTreeSet::new()
            };
            for record in &lane.records {
                let id = String::from_utf8_lossy(&record.payload).into_owned();
                let unsaved = self
                    .unsaved
                    .get(&lane.partition)
                    .is_some_and(|ids| ids.contains_key(&id));
                if self.knows_repeats && (unsaved || known.contains(&id)) {
                    continue;
                }
                self.count(lane.partition, record, effects)?;
            }
        }
        let ordinal = self.faults.decided.fetch_add(1, Ordering::AcqRel) + 1;
        if Faults::strike(&self.faults.handle) {
            return Err(Error::Closed);
        }
        let counted = std::mem::take(&mut self.unsaved);
        Ok((!counted.is_empty()).then(|| Counts {
            group: self.group,
            counted,
            ordinal,
            faults: self.faults.clone(),
        }))
    }

    async fn persist(rows: Counts, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        if Faults::strike(&rows.faults.hold) {
            rows.faults.until_the_next(rows.ordinal).await;
        }
        for (partition, ids) in &rows.counted {
            for (id, times) in ids {
                sql!(tx.conn(), c => sqlx::query(
                    "INSERT INTO counted (consumer_group, partition, id, times) VALUES ($1, $2, $3, $4)
                     ON CONFLICT (consumer_group, partition, id) DO UPDATE SET times = counted.times + excluded.times"
                ).bind(rows.group).bind(*partition as i32).bind(id.clone()).bind(*times).execute(c).await.map(|_| ()))?;
            }
        }
        if rows.faults.decided.load(Ordering::Acquire) > rows.ordinal {
            rows.faults.overlapped.fetch_add(1, Ordering::AcqRel);
        }
        if Faults::strike(&rows.faults.persist) {
            Err(sqlx::Error::WorkerCrashed.into())
        } else {
            Ok(())
        }
    }

    fn forget(&mut self, partition: u32) {
        self.unsaved.remove(&partition);
    }
}

impl World {
    /// How often each id was counted.
    pub(crate) async fn counted(&self, group: &'static str) -> BTreeMap<String, i64> {
        let mut reader = self.store.read().await.expect("a connection");
        let text = "SELECT id, CAST(sum(times) AS bigint) FROM counted WHERE consumer_group = $1 GROUP BY id";
        let rows: Vec<(String, i64)> =
            sql!(reader.conn(), c => sqlx::query(text).bind(group).fetch_all(c).await
            .map(|rows| rows.iter().map(|row| (row.get(0), row.get(1))).collect()))
            .expect("reads");
        rows.into_iter().collect()
    }

    /// Waits until `count` ids were counted.
    pub(crate) async fn counts(&self, group: &'static str, count: usize) {
        crate::world::eventually(|| async {
            let found = self.counted(group).await.len();
            if found >= count {
                Ok(())
            } else {
                Err(format!("{found} of {count} were counted"))
            }
        })
        .await;
    }
}
