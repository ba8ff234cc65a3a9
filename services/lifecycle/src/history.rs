//! Reading a clue's own history, for explanations and for answers to commands.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::Occurrence;
use bihuan_domain::id::ClueId;
use bihuan_store::journal::{self, Journal};
use bihuan_store::{Error, Reader, Result};

use crate::rows;

/// Every event of the clue, oldest first; empty if it is unknown.
pub async fn history(reader: &mut Reader, partition: u32, clue: ClueId) -> Result<Vec<Occurrence>> {
    let Some(newest) = rows::newest(reader.conn(), partition, clue).await? else {
        return Ok(Vec::new());
    };
    let entries = journal::chain(reader.conn(), Journal::Clue, partition, newest).await?;
    let decode = |entry: journal::Entry| match event::decode(&entry.payload) {
        Ok(ClueEvent::Clue(occurrence)) => Some(Ok(occurrence)),
        Ok(_) => None,
        Err(error) => Some(Err(Error::Corrupt {
            what: "clue event",
            detail: format!("{}/{}: {error}", entry.partition, entry.sequence),
        })),
    };
    entries.into_iter().filter_map(decode).collect()
}
