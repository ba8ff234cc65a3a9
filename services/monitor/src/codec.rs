//! Facts as bytes: a format byte, then postcard. A row of another format is not an error: its clue is folded again from the
//! journal, and the row is written in this format with the clue's next event.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Occurrence;
use bihuan_domain::figures::Facts;
use bihuan_store::Connection;
use bihuan_store::journal::{self, Entry, Journal};

use crate::{Error, Result};

/// Raise it with every change of [`Facts`] or of a type within, an added variant in the middle of an enum included.
const FORMAT: u8 = 1;

pub(crate) fn encode(facts: &Facts) -> Result<Vec<u8>> {
    Ok(postcard::to_extend(facts, vec![FORMAT])?)
}

/// `None`: of another format, or damaged.
pub(crate) fn decode(bytes: &[u8]) -> Option<Facts> {
    let (format, rest) = bytes.split_first()?;
    if *format != FORMAT {
        return None;
    }
    postcard::from_bytes(rest).ok()
}

/// What the journal says of the clue whose newest event is `newest`.
pub(crate) async fn refold(connection: Connection<'_>, partition: u32, newest: i64) -> Result<Option<Facts>> {
    let mut facts = None;
    for entry in journal::chain(connection, Journal::Clue, partition, newest).await? {
        if let Some(occurrence) = occurrence(&entry)? {
            Facts::fold(&mut facts, &occurrence);
        }
    }
    Ok(facts)
}

/// The event of a clue in this entry; `None` for one of the partition.
pub(crate) fn occurrence(entry: &Entry) -> Result<Option<Occurrence>> {
    match clue_event(entry)? {
        ClueEvent::Clue(occurrence) => Ok(Some(occurrence)),
        ClueEvent::RulebookActivated { .. } | ClueEvent::CommandQuarantined { .. } => Ok(None),
    }
}

pub(crate) fn clue_event(entry: &Entry) -> Result<ClueEvent> {
    event::decode(&entry.payload).map_err(|error| unreadable(entry, &error))
}

pub(crate) fn unreadable(entry: &Entry, error: &bihuan_contracts::DecodeError) -> Error {
    Error::Event {
        partition: entry.partition,
        sequence: entry.sequence,
        detail: error.to_string(),
    }
}
