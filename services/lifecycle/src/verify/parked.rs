//! What was parked and neither decided nor given up since is exactly what waits.

use std::collections::BTreeMap;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_store::journal::Entry;
use bihuan_store::{Reader, Result};

use super::{Difference, Fold};
use crate::parked;

/// Commands that the journal says were parked, by sequence.
#[derive(Default)]
pub(super) struct Journalled(BTreeMap<i64, (ClueId, CommandId, Digest)>);

impl Journalled {
    /// An event of the partition.
    pub(super) fn note(&mut self, entry: &Entry) {
        match event::decode(&entry.payload) {
            Ok(ClueEvent::CommandParked {
                command,
                clue,
                digest,
                ..
            }) => {
                self.0.insert(entry.sequence, (clue, command, digest));
            }
            Ok(ClueEvent::ParkedDiscarded { clue, parked, .. }) => {
                self.0
                    .retain(|_, (of, command, _)| (*of, *command) != (clue, parked));
            }
            _ => {}
        }
    }
}

/// Compares the rows of the partition with what the whole of its journal amounts to.
pub(super) async fn compare(
    reader: &mut Reader,
    fold: &Fold,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let was_decided = |clue: &ClueId, command: CommandId| {
        let aggregate = fold.aggregates.get(clue);
        aggregate.is_some_and(|it| it.state.has_handled(command))
    };
    let mut expected = fold.parked.0.clone();
    expected.retain(|_, (clue, command, _)| !was_decided(clue, *command));
    let mut differ = |clue, expected: String, found: String| {
        differences.push(Difference {
            check: "parked_is_undecided",
            partition: fold.partition,
            clue: Some(clue),
            expected,
            found,
        });
    };
    let words = |sequence: i64, digest: Digest| format!("parked at {sequence}: {digest}");
    let nothing = || "nothing parked".to_owned();
    for row in parked::of_partition(reader.conn(), fold.partition).await? {
        let found = words(row.sequence, row.digest());
        match expected.remove(&row.sequence) {
            None => differ(row.clue, nothing(), found),
            Some((clue, _, digest)) if (clue, digest) != (row.clue, row.digest()) => {
                differ(row.clue, words(row.sequence, digest), found);
            }
            Some(_) => {}
        }
    }
    for (sequence, (clue, _, digest)) in expected {
        differ(clue, words(sequence, digest), nothing());
    }
    Ok(())
}
