//! Recomputes what lifecycle keeps: the digest chain of its journal, dense sequences, and fold(events) for every clue.

mod activations;
mod clocks;
mod parked;
mod wakeups;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bihuan_domain::clue::State;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::ClueId;
use bihuan_rulebook::Library;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::lease::{self, Lease};
use bihuan_store::{Error, Reader, Result};
use serde::Serialize;
use uuid::Uuid;

use crate::{Aggregate, GROUP, provisional, rows};

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

/// What was compared, and what differs.
#[derive(Debug, Default)]
pub struct Verified {
    pub events: u64,
    /// States of another format, which were folded again from their clues' events, as whoever loads them does.
    pub refolded: u64,
    pub differences: Vec<Difference>,
}

/// Compares everything in one snapshot: every partition that anything lies in, leased or not.
pub async fn verify(reader: &mut Reader, library: &Library) -> Result<Verified> {
    let mut verified = Verified::default();
    let leases: BTreeMap<u32, Lease> = lease::list(reader.conn(), GROUP)
        .await?
        .into_iter()
        .map(|lease| (lease.partition, lease))
        .collect();
    let mut partitions: BTreeSet<u32> = leases.keys().copied().collect();
    let ends = journal::ends(reader.conn(), Journal::Clue).await?;
    partitions.extend(ends.into_iter().map(|(partition, _)| partition));
    partitions.extend(rows::partitions(reader.conn()).await?);
    for partition in partitions {
        let mut fold = Fold {
            partition,
            checkpoint: rows::checkpoint(reader.conn(), partition).await?,
            ..Fold::default()
        };
        loop {
            let page = journal::after(reader.conn(), Journal::Clue, partition, fold.sequence, PAGE).await?;
            for entry in &page {
                let before = fold.state_of(entry).and_then(clocks::of).cloned();
                fold.step(entry, &mut verified.differences);
                if let Some(after) = fold.state_of(entry) {
                    clocks::compare(library, entry, before, after, &mut verified.differences).await?;
                }
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        verified.events += fold.events;
        parked::compare(reader, &fold, &mut verified.differences).await?;
        activations::compare(reader, &fold, &mut verified.differences).await?;
        fold.compare_lease(leases.get(&partition), &mut verified.differences);
        wakeups::compare_others(reader, partition, &mut verified.differences).await?;
        verified.refolded += compare_states(reader, fold, &mut verified.differences).await?;
    }
    Ok(verified)
}

/// What the journal of one partition amounts to.
struct Fold {
    partition: u32,
    /// States may lack events from here on.
    checkpoint: i64,
    sequence: i64,
    events: u64,
    digest: Digest,
    aggregates: HashMap<ClueId, Aggregate>,
    /// What lies behind the checkpoint, by clue.
    tails: HashMap<ClueId, Vec<Entry>>,
    parked: parked::Journalled,
    activations: activations::Journalled,
}

impl Default for Fold {
    fn default() -> Self {
        Self {
            partition: 0,
            checkpoint: 0,
            sequence: 0,
            events: 0,
            digest: Digest::ZERO,
            aggregates: HashMap::new(),
            tails: HashMap::new(),
            parked: parked::Journalled::default(),
            activations: activations::Journalled::default(),
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
            self.parked.note(entry);
            self.activations.note(entry);
            return;
        };
        if entry.sequence > self.checkpoint {
            self.tails.entry(clue).or_default().push(entry.clone());
        }
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

    fn state_of(&self, entry: &Entry) -> Option<&State> {
        let aggregate = self.aggregates.get(&ClueId(entry.clue?))?;
        Some(&aggregate.state)
    }

    /// A state of the clue, with the events behind the checkpoint that it lacks, as whoever takes the lane over folds them;
    /// `None`: they do not follow it. An event that cannot be read was named when the journal was walked.
    fn caught_up(&self, clue: ClueId, mut stored: Aggregate) -> Option<Aggregate> {
        for entry in self.tails.get(&clue).into_iter().flatten() {
            if entry.sequence > stored.sequence && stored.apply(entry).is_ok_and(|follows| !follows) {
                return None;
            }
        }
        Some(stored)
    }

    fn compare_lease(&self, lease: Option<&Lease>, differences: &mut Vec<Difference>) {
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
        let Some(lease) = lease else {
            return differ("journal_has_lease", 0.to_string(), self.sequence.to_string());
        };
        differ(
            "journal_end",
            lease.out_sequence.to_string(),
            self.sequence.to_string(),
        );
        differ("digest_chain", lease.digest.to_string(), self.digest.to_string());
        if self.checkpoint > lease.out_sequence {
            // whoever takes the lane over would fold nothing
            let most = format!("at most {}", lease.out_sequence);
            differ("checkpoint", most, self.checkpoint.to_string());
        }
    }
}

const PROVISIONAL: &str = "provisional_is_of_state";

/// What the row of a clue says of the calendar that its due times are provisional by.
fn provisional_words(calendar: Option<String>) -> String {
    calendar.map_or_else(
        || "no row".to_owned(),
        |calendar| format!("calendar {calendar:?}"),
    )
}

/// Compares the rows with what the events amount to; how many rows were of another format.
async fn compare_states(
    reader: &mut Reader,
    mut fold: Fold,
    differences: &mut Vec<Difference>,
) -> Result<u64> {
    let partition = fold.partition;
    let mut refolded = 0;
    let has_wakeups = wakeups::are_known(reader, partition).await?;
    let mut rows_of_provisional = provisional::all(reader.conn(), partition).await?;
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
        for (row, wakeup) in &page {
            after = row.clue.0;
            let Some(expected) = fold.aggregates.remove(&row.clue) else {
                differ(
                    "state_has_events",
                    row.clue,
                    "no state".to_owned(),
                    format!("version {}", row.version),
                );
                continue;
            };
            let found = if Aggregate::is_foreign(&row.state) {
                refolded += 1;
                match Aggregate::refold(reader.conn(), partition, row.sequence).await {
                    // said already, when the journal was walked
                    Err(Error::Corrupt { .. }) => None,
                    aggregate => Some(aggregate?.state),
                }
            } else {
                Aggregate::state_from_bytes(&row.state)
            };
            let Some(state) = found else {
                let bytes = format!("{} bytes", row.state.len());
                differ("state_readable", row.clue, "a state".to_owned(), bytes);
                continue;
            };
            if has_wakeups && let Some((expected, found)) = wakeups::differ(&state, *wakeup) {
                differ(wakeups::CHECK, row.clue, expected, found);
            }
            let calendar = provisional::calendar_of(&state);
            let found = rows_of_provisional.remove(&row.clue);
            if found != calendar {
                let (expected, found) = (provisional_words(calendar), provisional_words(found));
                differ(PROVISIONAL, row.clue, expected, found);
            }
            let is_torn = row.version != state.version;
            let stored = Aggregate {
                state,
                sequence: row.sequence,
                wakeup: None,
                provisional: None,
            };
            let Some(found) = fold.caught_up(row.clue, stored) else {
                let found = format!("version {} at {}", row.version, row.sequence);
                let expected = "a state that the clue's next event follows".to_owned();
                differ("state_head", row.clue, expected, found);
                continue;
            };
            let head = |aggregate: &Aggregate| {
                format!("version {} at {}", aggregate.state.version, aggregate.sequence)
            };
            if is_torn || head(&found) != head(&expected) {
                let found = format!("version {} at {}", row.version, row.sequence);
                differ("state_head", row.clue, head(&expected), found);
            }
            if found.state != expected.state {
                let (expected, found) = (format!("{:?}", expected.state), format!("{:?}", found.state));
                differ("state_is_fold", row.clue, expected, found);
            }
        }
        if page.len() < PAGE as usize {
            break;
        }
    }
    for (clue, found) in rows_of_provisional {
        differ(
            PROVISIONAL,
            clue,
            provisional_words(None),
            provisional_words(Some(found)),
        );
    }
    let without = std::mem::take(&mut fold.aggregates);
    for (clue, expected) in without {
        // a clue whose first event lies behind the checkpoint may have no row yet
        if fold.caught_up(clue, Aggregate::default()).as_ref() != Some(&expected) {
            let version = format!("version {}", expected.state.version);
            differ("events_have_state", clue, version, "no state".to_owned());
        }
    }
    Ok(refolded)
}
