//! The batch: what is asked and what happened to clues is decided in order, then the steps whose time has passed; what was decided before
//! is told the clues.

use std::collections::BTreeMap;

use bihuan_contracts::dispute::DisputeCommand;
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::{DecodeError, topics};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::journal::Journal;
use bihuan_store::quarantine::Quarantined;
use bihuan_store::{Store, Tx};
use bihuan_stream::{Batch, Due, Effects, Error, Handler, Inputs, LaneBatch, Record, Start};

use crate::lane::{Lane, Rows};
use crate::{GROUP, asked, follow, heard, tell, unreadable};

/// The dispute service.
pub struct Disputes {
    pub(crate) store: Store,
    pub(crate) library: Library,
    pub(crate) partitions: u32,
    /// Names the log in the identity of what cannot be read.
    cluster: String,
    lanes: BTreeMap<u32, Lane>,
}

/// A record of the batch, decoded as far as it must be before anything is decided.
enum Read<'a> {
    Asked(&'a Record, Box<DisputeCommand>),
    OfClue(&'a Record, Box<ClueEvent>),
    OfDispute(&'a Record),
    Unreadable(&'a Record, DecodeError),
}

impl<'a> Read<'a> {
    fn of(record: &'a Record, partition: u32, partitions: u32) -> Result<Self, Error> {
        Ok(match &*record.topic {
            topics::CLUE_EVENTS => {
                let happened = event::decode(&record.payload).map_err(|error| unknown(record, &error))?;
                Self::OfClue(record, Box::new(happened))
            }
            topics::DISPUTE_EVENTS => Self::OfDispute(record),
            _ => match asked::read(record, partition, partitions) {
                Ok(asked) => Self::Asked(record, Box::new(asked)),
                Err(error) => Self::Unreadable(record, error),
            },
        })
    }

    /// When it was received from outside; `None`: it goes by no time.
    fn received_at(&self) -> Option<Timestamp> {
        match self {
            Self::Asked(_, asked) => Some(asked.envelope.received_at),
            Self::OfClue(_, happened) => match &**happened {
                ClueEvent::Clue(it) => Some(it.received_at),
                _ => None,
            },
            Self::OfDispute(_) | Self::Unreadable(..) => None,
        }
    }

    fn dispute(&self) -> Option<DisputeId> {
        match self {
            Self::Asked(_, asked) => Some(asked.envelope.dispute),
            _ => None,
        }
    }
}

/// In the order in which it was received, what happened to clues and what is asked, each by itself as it came: the log brings the one
/// and the other at different times, and after an outage all at once.
fn in_order<T>(
    reads: Vec<T>,
    is_of_clue: impl Fn(&T) -> bool,
    received_at: impl Fn(&T) -> Option<Timestamp>,
) -> Vec<T> {
    let (of_clues, others): (Vec<_>, Vec<_>) = reads.into_iter().partition(is_of_clue);
    let (mut of_clues, mut others) = (of_clues.into_iter().peekable(), others.into_iter().peekable());
    let mut ordered = Vec::with_capacity(of_clues.len() + others.len());
    while let Some(read) = match (of_clues.peek(), others.peek()) {
        (Some(of_clue), Some(other)) if received_at(other) < received_at(of_clue) => others.next(),
        (None, _) => others.next(),
        _ => of_clues.next(),
    } {
        ordered.push(read);
    }
    ordered
}

impl Disputes {
    pub fn new(store: Store, library: Library, partitions: u32, cluster: &str) -> Self {
        Self {
            store,
            library,
            partitions,
            cluster: cluster.to_owned(),
            lanes: BTreeMap::new(),
        }
    }

    async fn lane(&mut self, partition: u32) -> Result<Lane, Error> {
        match self.lanes.remove(&partition) {
            Some(lane) => Ok(lane),
            None => Lane::take_over(&self.store, partition).await,
        }
    }

    async fn work(
        &self,
        lane: &mut Lane,
        batched: &LaneBatch,
        now: Timestamp,
        effects: &mut Effects,
    ) -> Result<(), Error> {
        let partition = batched.partition;
        let read = |record| Read::of(record, partition, self.partitions);
        let reads: Vec<Read<'_>> = batched.records.iter().map(read).collect::<Result<_, _>>()?;
        let asked = reads.iter().filter_map(Read::dispute).collect();
        lane.load(&self.store, partition, asked).await?;
        let is_of_clue = |read: &Read<'_>| matches!(read, Read::OfClue(..));
        for read in in_order(reads, is_of_clue, Read::received_at) {
            match read {
                Read::Asked(record, asked) => {
                    self.answer(partition, lane, (record, *asked), now, effects)
                        .await?;
                }
                Read::OfClue(record, happened) => {
                    let place = (partition, record.journal_sequence());
                    self.follow(lane, place, *happened, now, effects).await?;
                }
                Read::OfDispute(record) => self.tell(partition, record, now, effects).await?,
                Read::Unreadable(record, error) => {
                    self.put_away(partition, record, &error, now, effects);
                }
            }
        }
        for clue in &batched.ticks {
            self.wake(partition, lane, *clue, (batched.watermark, now), effects)
                .await?;
        }
        Ok(())
    }

    pub(crate) fn put_away(
        &self,
        partition: u32,
        record: &Record,
        error: &DecodeError,
        now: Timestamp,
        effects: &mut Effects,
    ) {
        unreadable::put_away(&self.cluster, partition, record, error, now, effects);
    }

    /// Open disputes of the lane that may be due by then.
    async fn due_of(
        &self,
        lane: &mut Lane,
        partition: u32,
        watermark: Timestamp,
    ) -> Result<Vec<ClueId>, Error> {
        let calendar = if lane.has_provisional() {
            let current = lane
                .rulebook(&self.library, partition, i64::MAX, watermark)
                .await?;
            Some(current.rulebook().calendar.version().clone())
        } else {
            None
        };
        Ok(lane.due(watermark, calendar.as_ref()))
    }
}

/// Whoever wrote it may be newer than this program.
pub(crate) fn unknown(record: &Record, error: &DecodeError) -> Error {
    Error::Unknown {
        topic: record.topic.to_string(),
        partition: record.partition,
        offset: record.offset,
        detail: error.to_string(),
    }
}

impl Handler for Disputes {
    type Rows = Rows;

    fn group(&self) -> &'static str {
        GROUP
    }

    /// Its own journal too: what it decided is told the clue once it is committed, never before.
    fn inputs(&self) -> Inputs {
        let followed = [topics::CLUE_EVENTS, topics::DISPUTE_EVENTS];
        Inputs {
            lead: topics::DISPUTE_COMMANDS.to_owned(),
            followers: followed.map(|it| (it.to_owned(), Start::Beginning)).to_vec(),
        }
    }

    fn journal(&self) -> Option<Journal> {
        Some(Journal::Dispute)
    }

    fn wants(&self, topic: &str, type_name: &str) -> bool {
        match topic {
            topics::CLUE_EVENTS => follow::FOLLOWED.contains(&type_name),
            topics::DISPUTE_EVENTS => tell::TOLD.contains(&type_name),
            _ => true,
        }
    }

    fn wakes(&self) -> bool {
        true
    }

    /// All open disputes are in memory. Steps lapse no earlier than all that happened to the clues was heard.
    async fn due(&mut self, lanes: &[(u32, Timestamp)], most: usize) -> Result<Due, Error> {
        let mut waiting = Vec::new();
        for (partition, watermark) in lanes {
            let mut lane = self.lane(*partition).await?;
            if !self.due_of(&mut lane, *partition, *watermark).await?.is_empty() {
                waiting.push((*partition, *watermark));
            }
            self.lanes.insert(*partition, lane);
        }
        let mut due = Due::default();
        if waiting.is_empty() {
            return Ok(due);
        }
        for ((partition, watermark), at) in waiting.iter().zip(heard::places(&self.store, &waiting).await?) {
            let mut lane = self.lane(*partition).await?;
            lane.heard.look(*watermark, at);
            if let Some(until) = lane.heard.until(*watermark) {
                let mut clues = self.due_of(&mut lane, *partition, until).await?;
                clues.retain(|clue| !lane.handed.contains(clue));
                let room = most.saturating_sub(due.count());
                due.more |= clues.len() > room;
                clues.truncate(room);
                lane.handed.extend(&clues);
                due.add(*partition, clues);
            }
            self.lanes.insert(*partition, lane);
        }
        Ok(due)
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<Rows>, Error> {
        let mut rows = Rows::default();
        for batched in &batch.lanes {
            let mut lane = self.lane(batched.partition).await?;
            self.work(&mut lane, batched, batch.now, effects).await?;
            lane.give_out(batched.partition, &mut rows);
            self.lanes.insert(batched.partition, lane);
        }
        Ok((!rows.is_empty()).then_some(rows))
    }

    async fn persist(rows: Rows, tx: &mut Tx) -> Result<(), bihuan_store::Error> {
        rows.persist(tx).await
    }

    fn forget(&mut self, partition: u32) {
        self.lanes.remove(&partition);
    }

    async fn poisoned(
        &mut self,
        _: &Record,
        row: Quarantined,
        effects: &mut Effects,
    ) -> Result<Quarantined, Error> {
        unreadable::journal(&row, effects);
        Ok(row)
    }
}

#[cfg(test)]
mod order {
    use super::*;

    /// What was read, of a clue or not and when it was received, and in which order it comes out.
    type Case<'a> = (&'a [(bool, Option<Timestamp>)], &'a [usize]);

    #[test]
    fn events_and_commands_come_in_the_order_of_receipt_and_each_as_the_log_has_them() {
        let at = |minute: i64| Some(Timestamp::EPOCH.plus_minutes(minute));
        let table: [Case<'_>; 5] = [
            (&[(true, at(2)), (false, at(1))], &[1, 0]),
            (&[(false, at(2)), (true, at(1))], &[1, 0]),
            // at the same time the clue first: a dispute is opened by that
            (&[(false, at(1)), (true, at(1))], &[1, 0]),
            // nothing overtakes its like
            (&[(true, at(3)), (true, at(1)), (false, at(2))], &[2, 0, 1]),
            // what goes by no time waits for nothing
            (
                &[(true, at(1)), (false, None), (true, None), (false, at(5))],
                &[1, 0, 2, 3],
            ),
        ];
        for (reads, expected) in table {
            let numbered: Vec<_> = reads.iter().enumerate().collect();
            let ordered = in_order(numbered, |(_, read)| read.0, |(_, read)| read.1);
            let ordered: Vec<_> = ordered.iter().map(|(number, _)| *number).collect();
            assert_eq!(ordered, expected, "{reads:?}");
        }
    }
}
