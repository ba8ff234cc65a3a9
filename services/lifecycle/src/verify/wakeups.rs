//! Every clue has the wake-up that its state says, as of the state's row: the two are written together.

use bihuan_domain::clue::State;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Reader, Result};

use super::Difference;
use crate::wakeups::{RULES, rows};

pub(super) const CHECK: &str = "wakeup_is_of_state";

/// Whether the rows are by the rules that states wake by today; others, whoever takes the partition over finds again.
pub(super) async fn are_known(reader: &mut Reader, partition: u32) -> Result<bool> {
    let rules = rows::rules(reader.conn(), partition).await?;
    Ok(rules.is_none_or(|rules| rules == RULES))
}

/// What is expected and what was found, where the wake-up of a clue is not that of its state, of which the row may be behind.
pub(super) fn differ(state: &State, found: Option<Timestamp>) -> Option<(String, String)> {
    let expected = state.wakes_at();
    (expected != found).then(|| (words(expected), words(found)))
}

/// Wake-ups of clues that have no state.
pub(super) async fn compare_others(
    reader: &mut Reader,
    partition: u32,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    for (clue, due) in rows::without_state(reader.conn(), partition).await? {
        differences.push(Difference {
            check: CHECK,
            partition,
            clue: Some(clue),
            expected: words(None),
            found: words(Some(due)),
        });
    }
    Ok(())
}

fn words(due: Option<Timestamp>) -> String {
    due.map_or_else(|| "no wake-up".to_owned(), |due| due.to_string())
}
