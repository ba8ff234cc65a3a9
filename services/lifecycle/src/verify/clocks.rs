//! The clocks of every event can be computed again: from the clue's history up to it, and the limits and the calendar that it names.

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{Clocks, Env, Event, Occurrence, State, recomputed};
use bihuan_rulebook::{Library, LibraryError};
use bihuan_store::Result;
use bihuan_store::journal::Entry;

use super::Difference;

const CHECK: &str = "clocks_are_computed";

/// How the clocks of a clue stand.
pub(super) fn of(state: &State) -> Option<&Clocks> {
    state.clue.as_ref()?.timing.clocks.as_ref()
}

/// Compares the clocks of an event with what comes out again. `before`: how they stood; `after`: the clue with the event.
pub(super) async fn compare(
    library: &Library,
    entry: &Entry,
    before: Option<Clocks>,
    after: &State,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    // what cannot be read is named elsewhere, and who was refused something moved nothing
    let it = match event::decode(&entry.payload) {
        Ok(ClueEvent::Clue(it)) if !matches!(it.event, Event::CommandRejected { .. }) => it,
        _ => return Ok(()),
    };
    // by those they were computed with, or stand still; before the first there was no limit to go by
    let Some(by) = it.clocks.as_ref().or(before.as_ref()) else {
        return Ok(());
    };
    let rulebooks = async {
        let rulebook = library.get(by.limits_by.as_str()).await?;
        Ok((rulebook, library.get(by.calendar_by.as_str()).await?))
    };
    let (rulebook, current) = match rulebooks.await {
        Ok(both) => both,
        Err(LibraryError::Store(error)) => return Err(error),
        Err(error) => {
            differences.push(difference(entry, &it, error.to_string()));
            return Ok(());
        }
    };
    let env = Env {
        rulebook: rulebook.rulebook(),
        current: current.rulebook(),
        number: "",
    };
    let again = after
        .clue
        .as_ref()
        .and_then(|clue| recomputed(clue, before, &it, &env));
    if again != it.clocks {
        differences.push(difference(entry, &it, format!("{again:?}")));
    }
    Ok(())
}

fn difference(entry: &Entry, it: &Occurrence, expected: String) -> Difference {
    Difference {
        check: CHECK,
        partition: entry.partition,
        clue: Some(it.clue),
        expected,
        found: format!("version {}: {:?}", it.version, it.clocks),
    }
}
