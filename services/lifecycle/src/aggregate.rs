//! A clue as the store keeps it: its folded state and where its newest event lies. The bytes are a cache: state of another
//! format is folded again from the clue's events.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{State, evolve};
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Connection, Error, Result};

/// Changes with every change of [`State`]'s shape.
const FORMAT: u8 = 1;

/// What lifecycle holds of one clue id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    pub state: State,
    /// Sequence of the newest event; 0 = none.
    pub sequence: i64,
}

impl Aggregate {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let buffer = Vec::with_capacity(512);
        let mut buffer = buffer;
        buffer.push(FORMAT);
        // fails only on types that this state does not have
        postcard::to_extend(&self.state, buffer).unwrap_or_default()
    }

    /// `None`: written by a program with another format, or not by us: not one byte may be left over.
    pub(crate) fn state_from_bytes(bytes: &[u8]) -> Option<State> {
        if Self::is_foreign(bytes) {
            return None;
        }
        let (state, rest) = postcard::take_from_bytes(bytes.get(1..)?).ok()?;
        rest.is_empty().then_some(state)
    }

    /// Whether the bytes are of another format, which another version of the program may write.
    pub(crate) fn is_foreign(bytes: &[u8]) -> bool {
        bytes.first().is_none_or(|format| *format != FORMAT)
    }

    /// Folds the clue's events, which are chained backwards from `newest`.
    pub(crate) async fn refold(connection: Connection<'_>, partition: u32, newest: i64) -> Result<Self> {
        let mut aggregate = Self::default();
        for entry in journal::chain(connection, Journal::Clue, partition, newest).await? {
            aggregate.apply(&entry)?;
        }
        Ok(aggregate)
    }

    /// Folds one journal entry. `false`: it does not follow what was folded before.
    pub(crate) fn apply(&mut self, entry: &Entry) -> Result<bool> {
        let event = event::decode(&entry.payload).map_err(|error| Error::Corrupt {
            what: "clue event",
            detail: format!("{}/{}: {error}", entry.partition, entry.sequence),
        })?;
        let ClueEvent::Clue(occurrence) = event else {
            return Ok(true);
        };
        let follows =
            entry.previous.unwrap_or(0) == self.sequence && occurrence.version == self.state.version + 1;
        evolve(&mut self.state, &occurrence);
        self.sequence = entry.sequence;
        Ok(follows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_of_another_format_is_not_read() {
        let bytes = Aggregate::default().to_bytes();
        assert_eq!(Aggregate::state_from_bytes(&bytes), Some(State::default()));
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(Aggregate::state_from_bytes(&longer), None);
        let mut other = bytes;
        other[0] = FORMAT + 1;
        assert_eq!(Aggregate::state_from_bytes(&other), None);
        assert_eq!(Aggregate::state_from_bytes(&[]), None);
    }
}
