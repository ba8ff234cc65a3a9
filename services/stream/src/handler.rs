//! What a service gives to the loop.

use std::future::Future;
use std::time::Duration;

use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::Tx;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;

use crate::{Effects, Error, Record};

/// Where a topic is read from when the group never read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Beginning,
    End,
}

/// What a consumer group reads. Lane `p` holds partition `p` of the lead topic and of each follower; of a foreign topic, whose
/// partition count is not ours, it holds every partition `q` with `q mod n = p`.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub lead: String,
    pub followers: Vec<(String, Start)>,
}

/// The records and ticks of one batch, by lane.
#[derive(Debug)]
pub struct Batch {
    pub lanes: Vec<LaneBatch>,
    /// What the clock said when the batch was taken up.
    pub now: Timestamp,
    /// Of [`Limits::tick_grace`](crate::Limits::tick_grace).
    pub grace: Duration,
}

impl Batch {
    /// Up to when whatever was asked has been decided, before something that came at `came` is.
    pub fn decided_before(&self, came: Timestamp) -> Timestamp {
        earlier(came.min(self.now), self.grace)
    }
}

/// The records of one lane, in the order of their topics' offsets, and then its ticks.
#[derive(Debug)]
pub struct LaneBatch {
    pub partition: u32,
    pub records: Vec<Record>,
    /// Clues whose time has come, to be woken once the records are decided.
    pub ticks: Vec<ClueId>,
    /// Up to when they may be woken: what is due later does not happen yet, even if the wall clock is past it.
    pub watermark: Timestamp,
}

impl LaneBatch {
    /// Without ticks.
    pub const fn new(partition: u32, records: Vec<Record>) -> Self {
        Self {
            partition,
            records,
            ticks: Vec::new(),
            watermark: Timestamp::EPOCH,
        }
    }
}

pub(crate) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    at.plus_micros(i64::try_from(by.as_micros()).map_or(i64::MIN, |by| -by))
}

/// Clues that are due.
#[derive(Debug, Default)]
pub struct Due {
    /// By lane.
    pub clues: Vec<(u32, Vec<ClueId>)>,
    /// Others are due as well: ask again at once.
    pub more: bool,
}

impl Due {
    /// How many there are of all lanes.
    pub fn count(&self) -> usize {
        self.clues.iter().map(|(_, clues)| clues.len()).sum()
    }

    /// Adds clues of a lane.
    pub fn add(&mut self, lane: u32, clues: Vec<ClueId>) {
        if clues.is_empty() {
            return;
        }
        match self.clues.iter_mut().find(|(known, _)| *known == lane) {
            Some((_, known)) => known.extend(clues),
            None => self.clues.push((lane, clues)),
        }
    }
}

/// A service, as the batch loop sees it.
///
/// For each batch: [`handle`](Self::handle) decides, in memory, and gives out the rows to write;
/// [`persist`](Self::persist) writes them within the fenced transaction. Whenever a lane is lost or a batch rolled back,
/// [`forget`](Self::forget) must drop everything that was derived from uncommitted records.
pub trait Handler: Send + Sync + 'static {
    /// What a batch writes beside its events: owned, for the handler may be deciding the next batch while they are written.
    type Rows: Send + 'static;

    /// Consumer group, lease name and metric label.
    fn group(&self) -> &'static str;

    fn inputs(&self) -> Inputs;

    /// The journal that this group writes, if it writes one.
    fn journal(&self) -> Option<Journal> {
        None
    }

    /// Whether records of this type are handed to the handler at all; the others only move the position.
    fn wants(&self, _topic: &str, _type_name: &str) -> bool {
        true
    }

    /// Whether a batch may be decided while the one before it is still being committed. Then `handle` must know from memory
    /// what the batch before it changed: the store may or may not have it.
    fn overlaps(&self) -> bool {
        false
    }

    /// How soon one batch may follow another that was not full. A record that comes to an idle lane never waits for it; under
    /// load it makes fewer and larger batches, and a batch costs each of database and log the same whatever is in it.
    fn pace(&self) -> Duration {
        Duration::from_millis(5)
    }

    /// Whether clues of this group wake by themselves, so that [`due`](Self::due) is asked.
    fn wakes(&self) -> bool {
        false
    }

    /// Of these lanes, each with its watermark, the clues that are due up to it: at most `most` of all. Asked
    /// at least once a second, and at once while there are more. Each is handed out once; after [`forget`](Self::forget) of the
    /// lane again, if it still is due. What it amounts to is for `handle` to say: the clue may have changed meanwhile, and it may
    /// be handed out once more than needed.
    fn due(
        &mut self,
        _lanes: &[(u32, Timestamp)],
        _most: usize,
    ) -> impl Future<Output = Result<Due, Error>> + Send {
        async { Ok(Due::default()) }
    }

    /// `None`: no rows.
    fn handle(
        &mut self,
        batch: &Batch,
        effects: &mut Effects,
    ) -> impl Future<Output = Result<Option<Self::Rows>, Error>> + Send;

    /// Rows that may be written when nothing else is to do, and before the process ends. `busy`: batches go on, so that only those
    /// of lanes are wanted that were in none of them since it was last asked.
    fn rest(&mut self, _busy: bool) -> Option<Self::Rows> {
        None
    }

    fn persist(
        _rows: Self::Rows,
        _tx: &mut Tx,
    ) -> impl Future<Output = Result<(), bihuan_store::Error>> + Send {
        async { Ok(()) }
    }

    fn forget(&mut self, _partition: u32) {}

    /// A record that fails again and again by itself goes to quarantine as `row`, to which the group may add what it knows of
    /// the record; and it may journal that. An error here is waited out.
    fn poisoned(
        &mut self,
        _record: &Record,
        row: Quarantined,
        _effects: &mut Effects,
    ) -> impl Future<Output = Result<Quarantined, Error>> + Send {
        async { Ok(row) }
    }
}
