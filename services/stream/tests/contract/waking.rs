//! A small service whose clues wake by themselves, once each. What was done twice shows in its journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::Journal;
use bihuan_store::{Migration, Store, Tx, sql};
use bihuan_stream::{Batch, Due, Effects, Error, Handler, Inputs, NewEvent};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::world::{PARTITIONS, World};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    service: "waking",
    number: 1,
    sql: "CREATE TABLE waking (consumer_group text NOT NULL, partition integer NOT NULL, clue_id {uuid} NOT NULL,
              due bigint NOT NULL, woken integer NOT NULL, PRIMARY KEY (consumer_group, partition, clue_id));",
}];

/// What a batch held of one lane.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Which batch.
    pub(crate) ordinal: u32,
    pub(crate) lane: u32,
    pub(crate) records: usize,
    pub(crate) ticks: Vec<ClueId>,
    pub(crate) watermark: Timestamp,
}

pub(crate) struct Waking {
    group: &'static str,
    store: Store,
    /// Handed out and woken since the lanes are ours.
    handed: BTreeMap<u32, BTreeSet<ClueId>>,
    woken: BTreeMap<u32, BTreeSet<ClueId>>,
    /// Of every batch that was decided.
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    batches: u32,
    /// So many calls of `due` fail.
    pub(crate) cannot_look: Arc<AtomicU32>,
    pub(crate) looks: Arc<Looks>,
    /// Whoever is to be woken of these makes the batch fail.
    poisoned: BTreeSet<ClueId>,
}

/// Looks of the loop at who is due, while batches are on their way into the store.
#[derive(Default)]
pub(crate) struct Looks {
    /// So many batches are decided and not yet written.
    underway: AtomicU32,
    /// So often somebody looked meanwhile.
    pub(crate) ahead: AtomicU32,
    looked: Notify,
    /// So many batches are not written before anybody has looked, or a second went by.
    pub(crate) awaited: AtomicU32,
}

impl Looks {
    fn look(&self) {
        if self.underway.load(Ordering::Acquire) > 0 {
            self.ahead.fetch_add(1, Ordering::AcqRel);
            self.looked.notify_waiters();
        }
    }

    fn decided(&self) {
        self.underway.fetch_add(1, Ordering::AcqRel);
    }

    async fn write(&self) {
        let looked = self.looked.notified();
        if strike(&self.awaited) && self.ahead.load(Ordering::Acquire) == 0 {
            let _ = tokio::time::timeout(Duration::from_secs(1), looked).await;
        }
    }

    fn written(&self) {
        self.underway.fetch_sub(1, Ordering::AcqRel);
    }
}

/// One less, if any is left.
fn strike(count: &AtomicU32) -> bool {
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| left.checked_sub(1))
        .is_ok()
}

pub(crate) struct Woken {
    group: &'static str,
    looks: Arc<Looks>,
    clues: Vec<(u32, ClueId)>,
}

/// The `number`-th clue; of lane `number mod 3`.
pub(crate) fn clue(number: u32) -> ClueId {
    ClueId(Uuid::from_u128(u128::from(number) + 1))
}

impl Waking {
    pub(crate) fn new(world: &World) -> Self {
        Self {
            group: "waking",
            store: world.store.clone(),
            handed: BTreeMap::new(),
            woken: BTreeMap::new(),
            seen: Arc::default(),
            batches: 0,
            cannot_look: Arc::default(),
            looks: Arc::default(),
            poisoned: BTreeSet::new(),
        }
    }

    /// By another name, so that what a test arms is not taken by others.
    pub(crate) fn called(mut self, group: &'static str) -> Self {
        self.group = group;
        self
    }

    pub(crate) fn poisoned(mut self, numbers: impl IntoIterator<Item = u32>) -> Self {
        self.poisoned = numbers.into_iter().map(clue).collect();
        self
    }

    async fn rows(&self, partition: u32, until: Timestamp) -> Result<Vec<ClueId>, Error> {
        let mut reader = self.store.read().await?;
        let clues: Vec<Uuid> = sql!(reader.conn(), c => sqlx::query_scalar(
            "SELECT clue_id FROM waking WHERE consumer_group = $1 AND partition = $2 AND due <= $3 AND woken = 0
             ORDER BY due, clue_id"
        ).bind(self.group).bind(partition as i32).bind(until.as_micros()).fetch_all(c).await)?;
        Ok(clues.into_iter().map(ClueId).collect())
    }
}

impl Handler for Waking {
    type Rows = Woken;

    fn group(&self) -> &'static str {
        self.group
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: topics::CLUE_COMMANDS.to_owned(),
            followers: Vec::new(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        Some(Journal::Clue)
    }

    fn overlaps(&self) -> bool {
        true
    }

    fn wakes(&self) -> bool {
        true
    }

    async fn due(&mut self, lanes: &[(u32, Timestamp)], most: usize) -> Result<Due, Error> {
        if strike(&self.cannot_look) {
            return Err(Error::Closed);
        }
        self.looks.look();
        let mut due = Due::default();
        let mut left = most;
        for (lane, until) in lanes {
            let mut clues = self.rows(*lane, *until).await?;
            let handed = self.handed.entry(*lane).or_default();
            clues.retain(|clue| !handed.contains(clue));
            due.more |= clues.len() > left;
            clues.truncate(left);
            left -= clues.len();
            handed.extend(&clues);
            due.clues.push((*lane, clues));
        }
        Ok(due)
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Woken>, Error> {
        let mut clues = Vec::new();
        self.batches += 1;
        for lane in &batch.lanes {
            self.seen.lock().expect("no panic").push(Seen {
                ordinal: self.batches,
                lane: lane.partition,
                records: lane.records.len(),
                ticks: lane.ticks.clone(),
                watermark: lane.watermark,
            });
            for record in &lane.records {
                if record.payload.starts_with(b"poison") {
                    return Err(Error::Handler("poison".to_owned()));
                }
                effects.event(lane.partition, event(None, &record.payload));
            }
            // the store says who is still to be woken, but for what is on its way there
            let still: BTreeSet<ClueId> = if lane.ticks.is_empty() {
                BTreeSet::new()
            } else {
                let rows = self.rows(lane.partition, lane.watermark).await?;
                rows.into_iter().collect()
            };
            let woken = self.woken.entry(lane.partition).or_default();
            for clue in &lane.ticks {
                if self.poisoned.contains(clue) {
                    return Err(Error::Handler("poisoned".to_owned()));
                }
                if still.contains(clue) && woken.insert(*clue) {
                    effects.event(lane.partition, event(Some(*clue), b"woken"));
                    clues.push((lane.partition, *clue));
                }
            }
        }
        if clues.is_empty() {
            return Ok(None);
        }
        let (group, looks) = (self.group, self.looks.clone());
        looks.decided();
        Ok(Some(Woken { group, looks, clues }))
    }

    async fn persist(rows: Woken, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows.looks.write().await;
        for (partition, clue) in &rows.clues {
            let text = "UPDATE waking SET woken = woken + 1
                        WHERE consumer_group = $1 AND partition = $2 AND clue_id = $3";
            sql!(tx.conn(), c => sqlx::query(text)
                .bind(rows.group).bind(*partition as i32).bind(clue.0).execute(c).await.map(|_| ()))?;
        }
        rows.looks.written();
        Ok(())
    }

    fn forget(&mut self, partition: u32) {
        self.handed.remove(&partition);
        self.woken.remove(&partition);
    }
}

fn event(clue: Option<ClueId>, payload: &[u8]) -> NewEvent {
    NewEvent {
        clue,
        previous: None,
        at: Timestamp::EPOCH,
        type_name: "test.woken",
        payload: payload.to_vec(),
    }
}

impl World {
    /// These clues are to wake at `due`.
    pub(crate) async fn wake_at(&self, due: Timestamp, numbers: impl IntoIterator<Item = u32>) {
        self.wake_of("waking", due, numbers).await;
    }

    /// These clues of a group are to wake at `due`.
    pub(crate) async fn wake_of(
        &self,
        group: &'static str,
        due: Timestamp,
        numbers: impl IntoIterator<Item = u32>,
    ) {
        let mut tx = self.store.begin().await.expect("begins");
        for number in numbers {
            let text = "INSERT INTO waking (consumer_group, partition, clue_id, due, woken) VALUES ($1, $2, $3, $4, 0)";
            sql!(tx.conn(), c => sqlx::query(text)
                .bind(group).bind((number % PARTITIONS) as i32).bind(clue(number).0).bind(due.as_micros())
                .execute(c).await.map(|_| ()))
            .expect("inserts");
        }
        tx.commit().await.expect("commits");
    }

    /// How often each clue woke, by the journal.
    pub(crate) async fn woken(&self) -> BTreeMap<ClueId, usize> {
        let mut woken = BTreeMap::new();
        for entry in self.journal(Journal::Clue).await.into_values().flatten() {
            if let Some(clue) = entry.clue {
                *woken.entry(ClueId(clue)).or_default() += 1;
            }
        }
        woken
    }

    /// Waits until these clues woke, and says that each did so once, in the journal and in the rows.
    pub(crate) async fn all_wake(&self, numbers: impl IntoIterator<Item = u32>) {
        let expected: BTreeMap<ClueId, usize> = numbers.into_iter().map(|number| (clue(number), 1)).collect();
        crate::world::eventually(|| async {
            let woken = self.woken().await;
            if woken.len() >= expected.len() {
                return Ok(());
            }
            let events = self.journal(Journal::Clue).await.into_values().flatten().count();
            Err(format!(
                "{} of {} woke, {events} events",
                woken.len(),
                expected.len()
            ))
        })
        .await;
        assert_eq!(self.woken().await, expected);
        let mut reader = self.store.read().await.expect("a connection");
        let once: i64 = sql!(reader.conn(), c => sqlx::query_scalar(
            "SELECT count(*) FROM waking WHERE woken = 1"
        ).fetch_one(c).await)
        .expect("counts");
        assert_eq!(once as usize, expected.len());
    }
}
