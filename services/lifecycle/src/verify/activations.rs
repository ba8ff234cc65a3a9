//! The rows by which clues are decided say what the journal says of activations.

use std::collections::BTreeMap;

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_store::activation::{self, Activation};
use bihuan_store::journal::Entry;
use bihuan_store::{Reader, Result};

use super::{Difference, Fold};

/// What the partition journalled, by sequence.
#[derive(Default)]
pub(super) struct Journalled(BTreeMap<i64, Activation>);

impl Journalled {
    /// An event of the partition.
    pub(super) fn note(&mut self, entry: &Entry) {
        let sequence = entry.sequence;
        match event::decode(&entry.payload) {
            Ok(ClueEvent::RulebookActivated {
                version,
                from,
                activation,
                ..
            }) => {
                let activation = Activation {
                    sequence,
                    version: version.to_string(),
                    from,
                    number: activation,
                    withdrawn: None,
                };
                self.0.insert(sequence, activation);
            }
            Ok(ClueEvent::RulebookWithdrawn {
                activation, version, ..
            }) => {
                let mut known = self.0.values_mut();
                if let Some(known) = known.find(|it| it.number == Some(activation)) {
                    known.withdrawn.get_or_insert(sequence);
                } else {
                    let never = Activation::never(activation, version.to_string(), sequence);
                    self.0.insert(sequence, never);
                }
            }
            _ => {}
        }
    }
}

pub(super) async fn compare(
    reader: &mut Reader,
    fold: &Fold,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let mut expected = fold.activations.0.clone();
    let mut differ = |expected: Option<&Activation>, found: Option<&Activation>| {
        if expected != found {
            differences.push(Difference {
                check: "activations_are_journalled",
                partition: fold.partition,
                clue: None,
                expected: words(expected),
                found: words(found),
            });
        }
    };
    for row in activation::of_partition(reader.conn(), fold.partition).await? {
        differ(expected.remove(&row.sequence).as_ref(), Some(&row));
    }
    for row in expected.values() {
        differ(Some(row), None);
    }
    Ok(())
}

fn words(activation: Option<&Activation>) -> String {
    let Some(it) = activation else {
        return "no activation".to_owned();
    };
    let shown = |value: Option<String>| value.unwrap_or_else(|| "none".to_owned());
    format!(
        "at {} {}, number {}, from {}, withdrawn at {}",
        it.sequence,
        it.version,
        shown(it.number.map(|number| number.to_string())),
        shown(it.from.map(|from| from.to_string())),
        shown(it.withdrawn.map(|sequence| sequence.to_string())),
    )
}
