//! What a batch leads to: commands, published before the position commits; events, stored with it and published after;
//! records put away.

use std::collections::BTreeMap;
use std::sync::Arc;

use bihuan_contracts::Message;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::journal::Entry;
use bihuan_store::quarantine::Quarantined;

use crate::Record;

/// An event that a handler appends to its journal.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub clue: Option<ClueId>,
    /// Sequence of the clue's event before this one.
    pub previous: Option<i64>,
    /// Effective time.
    pub at: Timestamp,
    pub type_name: &'static str,
    pub payload: Vec<u8>,
}

/// How many records a message holds.
#[derive(Debug)]
pub(crate) struct Counted {
    pub(crate) lane: u32,
    pub(crate) topic: Arc<str>,
    pub(crate) partition: u32,
    pub(crate) offset: i64,
    pub(crate) records: u32,
}

/// Collected while a handler works through a batch.
#[derive(Debug, Default)]
#[must_use]
pub struct Effects {
    pub(crate) commands: Vec<Message>,
    pub(crate) events: Vec<Entry>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// Delivered messages that count as another number of records than one.
    pub(crate) counted: Vec<Counted>,
    next_sequence: BTreeMap<u32, i64>,
}

impl Effects {
    pub(crate) fn starting(sequences: impl IntoIterator<Item = (u32, i64)>) -> Self {
        Self {
            next_sequence: sequences.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Publishes a command. Its id must derive from its cause: it is published again when the batch is.
    pub fn command(&mut self, message: Message) {
        self.commands.push(message);
    }

    /// Appends an event to the handler's journal on the lane `partition` and returns its sequence.
    pub fn event(&mut self, partition: u32, event: NewEvent) -> i64 {
        let next = self.next_sequence.entry(partition).or_insert(1);
        let sequence = *next;
        *next += 1;
        self.events.push(Entry {
            partition,
            sequence,
            clue: event.clue.map(|clue| clue.0),
            previous: event.previous,
            at: event.at,
            type_name: event.type_name.to_owned(),
            payload: event.payload,
        });
        sequence
    }

    /// Puts away what could not be read.
    pub fn quarantine(&mut self, record: Quarantined) {
        self.quarantined.push(record);
    }

    /// Says that a delivered record is none to be counted as read: it was counted before, or it is a control message.
    pub fn not_a_record(&mut self, lane: u32, record: &Record) {
        self.holds(lane, record, 0);
    }

    /// Says how many records a delivered message holds; one, if nothing is said. Known when it is taken apart, before anything
    /// becomes of what is in it.
    pub fn holds(&mut self, lane: u32, record: &Record, records: u32) {
        if records != 1 {
            self.counted.push(Counted {
                lane,
                topic: record.topic.clone(),
                partition: record.partition,
                offset: record.offset,
                records,
            });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.events.is_empty() && self.quarantined.is_empty()
    }
}
