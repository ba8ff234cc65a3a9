//! A platform that comes to know a clue after others: of what has happened until then it is told as the others were, each step with
//! the facts as they stood.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::topics;
use bihuan_domain::clue::{Event, Report};
use bihuan_store::journal::Entry;
use bihuan_stream::Error;

use super::Callbacks;
use super::due::{Due, Happened};
use crate::facts::Facts;

/// The callbacks for the platform that sends `report`. `entries` are the clue's, from its first on.
pub(crate) fn due(callbacks: &Callbacks, entries: &[Entry], report: &Report) -> Result<Vec<Due>, Error> {
    let mut facts: Option<Facts> = None;
    let mut due = Vec::new();
    for entry in entries {
        let occurrence = match event::decode(&entry.payload) {
            Ok(ClueEvent::Clue(occurrence)) => occurrence,
            Ok(_) => continue,
            Err(error) => {
                return Err(Error::Unknown {
                    topic: topics::CLUE_EVENTS.to_owned(),
                    partition: entry.partition,
                    offset: entry.sequence,
                    detail: error.to_string(),
                });
            }
        };
        match (&mut facts, &occurrence.event) {
            (facts, Event::ClueReported { number, report }) => *facts = Some(Facts::of(number, report)),
            (None, _) => {}
            (Some(facts), event) => {
                let from = facts.agency().cloned();
                facts.apply(occurrence.version, event, occurrence.clocks.as_ref());
                let happened = Happened {
                    clue: occurrence.clue,
                    version: occurrence.version,
                    at: occurrence.at,
                    event,
                    from: from.as_ref(),
                    facts,
                };
                due.extend(Due::linked(
                    callbacks,
                    happened,
                    (&report.source, &report.source_id),
                ));
            }
        }
    }
    Ok(due)
}
