//! Recomputes what lifecycle keeps: the digest chain of its journal, dense sequences, and fold(events) for every clue.

use std::collections::HashMap;

use bihuan_domain::digest::Digest;
use bihuan_domain::id::ClueId;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::{Reader, Result, lease};
use serde::Serialize;
use uuid::Uuid;

use crate::{Aggregate, GROUP, rows};

/// Something that is not as the events say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Stable code.
    pub check: &'static str,
    pub partition: u32,
    pub clue: Option<ClueId>,
    pub expected: String,
    pub found: String,
}

const PAGE: i64 = 5_000;

/// Compares everything in one snapshot; the events counted and the differences.
pub async fn verify(reader: &mut Reader) -> Result<(u64, Vec<Difference>)> {
    let mut differences = Vec::new();
    let mut events = 0;
    for lease in lease::list(reader.conn(), GROUP).await? {
        let partition = lease.partition;
        let mut fold = Fold {
            partition,
            ..Fold::default()
        };
        loop {
            let page = journal::after(reader.conn(), Journal::Clue, partition, fold.sequence, PAGE).await?;
            for entry in &page {
                fold.step(entry, &mut differences);
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        events += fold.events;
        fold.compare_lease(&lease, &mut differences);
        compare_states(reader, partition, fold.aggregates, &mut differences).await?;
    }
    Ok((events, differences))
}

/// What the journal of one partition amounts to.
struct Fold {
    partition: u32,
    sequence: i64,
    events: u64,
    digest: Digest,
    aggregates: HashMap<ClueId, Aggregate>,
}

impl Default for Fold {
    fn default() -> Self {
        Self {
            partition: 0,
            sequence: 0,
            events: 0,
            digest: Digest::ZERO,
            aggregates: HashMap::new(),
        }
    }
}

impl Fold {
    fn step(&mut self, entry: &Entry, differences: &mut Vec<Difference>) {
        let mut differ = |check, clue, expected: String, found: String| {
            differences.push(Difference {
                check,
                partition: self.partition,
                clue,
                expected,
                found,
            });
        };
        if entry.sequence != self.sequence + 1 {
            differ(
                "journal_dense",
                None,
                (self.sequence + 1).to_string(),
                entry.sequence.to_string(),
            );
        }
        self.sequence = entry.sequence;
        self.events += 1;
        self.digest = entry.chained(self.digest);
        let Some(clue) = entry.clue.map(ClueId) else {
            return;
        };
        let aggregate = self.aggregates.entry(clue).or_default();
        let previous = (aggregate.sequence > 0).then_some(aggregate.sequence);
        if entry.previous != previous {
            differ(
                "clue_chain",
                Some(clue),
                format!("{previous:?}"),
                format!("{:?}", entry.previous),
            );
        }
        let before = aggregate.state.version;
        if let Err(error) = aggregate.apply(entry) {
            differ(
                "event_readable",
                Some(clue),
                "a clue event".to_owned(),
                error.to_string(),
            );
            aggregate.sequence = entry.sequence;
        } else if aggregate.state.version != before + 1 {
            differ(
                "version_dense",
                Some(clue),
                (before + 1).to_string(),
                aggregate.state.version.to_string(),
            );
        }
    }

    fn compare_lease(&self, lease: &lease::Lease, differences: &mut Vec<Difference>) {
        let mut differ = |check, expected: String, found: String| {
            if expected != found {
                differences.push(Difference {
                    check,
                    partition: self.partition,
                    clue: None,
                    expected,
                    found,
                });
            }
        };
        differ(
            "journal_end",
            lease.out_sequence.to_string(),
            self.sequence.to_string(),
        );
        differ("digest_chain", lease.digest.to_string(), self.digest.to_string());
    }
}

async fn compare_states(
    reader: &mut Reader,
    partition: u32,
    mut folded: HashMap<ClueId, Aggregate>,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let mut differ = |check, clue, expected: String, found: String| {
        differences.push(Difference {
            check,
            partition,
            clue: Some(clue),
            expected,
            found,
        });
    };
    let mut after = Uuid::nil();
    loop {
        let page = rows::page(reader.conn(), partition, after, PAGE).await?;
        for row in &page {
            after = row.clue.0;
            let Some(expected) = folded.remove(&row.clue) else {
                differ(
                    "state_has_events",
                    row.clue,
                    "no state".to_owned(),
                    format!("version {}", row.version),
                );
                continue;
            };
            if (row.version, row.sequence) != (expected.state.version, expected.sequence) {
                let found = format!("version {} at {}", row.version, row.sequence);
                differ(
                    "state_head",
                    row.clue,
                    format!("version {} at {}", expected.state.version, expected.sequence),
                    found,
                );
            }
            if let Some(state) = Aggregate::state_from_bytes(&row.state)
                && state != expected.state
            {
                differ(
                    "state_is_fold",
                    row.clue,
                    format!("{:?}", expected.state),
                    format!("{state:?}"),
                );
            } else if Aggregate::state_from_bytes(&row.state).is_none()
                && row.state.first() == expected.to_bytes().first()
            {
                differ(
                    "state_readable",
                    row.clue,
                    "a state".to_owned(),
                    format!("{} bytes", row.state.len()),
                );
            }
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    for (clue, expected) in folded {
        differ(
            "events_have_state",
            clue,
            format!("version {}", expected.state.version),
            "no state".to_owned(),
        );
    }
    Ok(())
}
