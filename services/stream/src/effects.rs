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

/// Collected while a handler works through a batch.
#[derive(Debug, Default)]
#[must_use]
pub struct Effects {
    pub(crate) commands: Vec<Message>,
    pub(crate) events: Vec<Entry>,
    pub(crate) quarantined: Vec<Quarantined>,
    /// (lane, topic, partition) of what was delivered but is not counted as read.
    pub(crate) uncounted: Vec<(u32, Arc<str>, u32)>,
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
        self.uncounted
            .push((lane, record.topic.clone(), record.partition));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.commands.is_empty() && self.events.is_empty() && self.quarantined.is_empty()
    }
}
