//! Recomputes what monitor keeps from the journals, up to the position that it has reached, and compares.

mod of_clues;

use std::collections::{BTreeSet, HashMap};

use bihuan_contracts::event::ClueEvent;
use bihuan_contracts::{delivery, intake, topics};
use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::lease::Lease;
use bihuan_store::{Reader, lease, sql};
use serde::Serialize;

use self::of_clues::{compare_clues, compare_names, compare_notices, compare_precedents, compare_tasks};
use crate::heard::{self, Heard};
use crate::precedents::Origins;
use crate::tally::{self, Book, Tallies};
use crate::{Error, GROUP, Result, codec, counting};

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

/// Clues as their events make them, each with the sequence of its newest event. Without facts: it was never reported.
type Folded = HashMap<ClueId, (Option<Facts>, i64)>;

const PAGE: i64 = 5_000;

/// The journals that monitor reads.
const JOURNALS: [(Journal, &str); 3] = [
    (Journal::Clue, topics::CLUE_EVENTS),
    (Journal::Intake, topics::INTAKE_EVENTS),
    (Journal::Delivery, topics::DELIVERY_EVENTS),
];

/// Compares everything in the snapshot that `reader` is; the events counted and the differences. Memory grows with the clues
/// of one partition. `library` knows the rulebooks that dispatched clues.
pub async fn verify(reader: &mut Reader, library: &Library) -> Result<(u64, Vec<Difference>)> {
    let mut differences = Vec::new();
    let mut origins = Origins::new(library.clone());
    let mut tallies = Tallies::default();
    let mut heard = Heard::default();
    let mut events = 0;
    for lease in lease::list(reader.conn(), GROUP).await? {
        let mut fold = Fold {
            partition: lease.partition,
            tallies: &mut tallies,
            heard: &mut heard,
            clues: HashMap::new(),
        };
        for (journal, topic) in JOURNALS {
            events += fold
                .journal(reader, journal, reached(&lease, topic), &mut differences)
                .await?;
        }
        let clues = fold.clues;
        compare_names(reader, lease.partition, &clues, &mut differences).await?;
        compare_notices(reader, lease.partition, &clues, &mut differences).await?;
        compare_precedents(reader, lease.partition, &clues, &mut origins, &mut differences).await?;
        compare_tasks(reader, lease.partition, &clues, &mut differences).await?;
        compare_clues(reader, lease.partition, clues, &mut differences).await?;
    }
    compare_tallies(reader, tallies, &mut differences).await?;
    compare_heard(reader, heard, &mut differences).await?;
    compare_numbers(reader, &mut differences).await?;
    Ok((events, differences))
}

/// The newest sequence of the lane's journal whose effects are in the tables.
pub(crate) fn reached(lease: &Lease, topic: &str) -> i64 {
    lease
        .positions
        .get(topic, lease.partition)
        .map_or(0, |position| position.sequence)
}

/// What the journals of one partition amount to.
struct Fold<'a> {
    partition: u32,
    tallies: &'a mut Tallies,
    heard: &'a mut Heard,
    clues: Folded,
}

impl Fold<'_> {
    async fn journal(
        &mut self,
        reader: &mut Reader,
        journal: Journal,
        end: i64,
        differences: &mut Vec<Difference>,
    ) -> Result<u64> {
        let mut sequence = 0;
        let mut events = 0;
        while sequence < end {
            let limit = PAGE.min(end - sequence);
            let page = journal::after(reader.conn(), journal, self.partition, sequence, limit).await?;
            let Some(last) = page.last() else { break };
            sequence = last.sequence;
            for entry in page.iter().filter(|entry| entry.sequence <= end) {
                match self.step(journal, entry) {
                    // the rest of the journal is compared all the same
                    Err(Error::Event { detail, .. }) => differences.push(Difference {
                        check: "event_is_readable",
                        partition: self.partition,
                        clue: entry.clue.map(ClueId),
                        expected: format!("event {} of {}", entry.sequence, journal.table()),
                        found: detail,
                    }),
                    done => done?,
                }
                events += 1;
            }
        }
        Ok(events)
    }

    fn step(&mut self, journal: Journal, entry: &Entry) -> Result<()> {
        match journal {
            Journal::Clue => self.clue(entry)?,
            Journal::Intake => {
                let event =
                    intake::decode(&entry.payload).map_err(|error| codec::unreadable(entry, &error))?;
                counting::intake(self.tallies, self.partition, &event);
                self.heard.note(self.partition, &event);
            }
            Journal::Delivery => {
                let event =
                    delivery::decode(&entry.payload).map_err(|error| codec::unreadable(entry, &error))?;
                counting::delivery(self.tallies, self.partition, &event);
            }
            Journal::Dispute => {}
        }
        Ok(())
    }

    fn clue(&mut self, entry: &Entry) -> Result<()> {
        let event = codec::clue_event(entry)?;
        let ClueEvent::Clue(occurrence) = &event else {
            counting::clue(self.tallies, self.partition, &event, None);
            return Ok(());
        };
        let (facts, newest) = self.clues.entry(occurrence.clue).or_default();
        Facts::fold(facts, occurrence);
        *newest = entry.sequence;
        counting::clue(self.tallies, self.partition, &event, facts.as_ref());
        Ok(())
    }
}

async fn compare_tallies(
    reader: &mut Reader,
    tallies: Tallies,
    differences: &mut Vec<Difference>,
) -> Result<()> {
    let mut expected = tallies.into_map();
    let mut differ = |key: tally::Key, expected: i64, found: i64| {
        let words = |count: i64| format!("{} {}: {count}", key.book.table(), key.names.join(" | "));
        let (expected, found) = (words(expected), words(found));
        differences.push(Difference {
            check: "tally_is_count",
            partition: key.partition,
            clue: None,
            expected,
            found,
        });
    };
    for book in Book::ALL {
        for (key, found) in tally::load(reader.conn(), book).await? {
            let counted = expected.remove(&key).unwrap_or(0);
            if counted != found {
                differ(key, counted, found);
            }
        }
    }
    for (key, counted) in expected {
        differ(key, counted, 0);
    }
    Ok(())
}

async fn compare_heard(reader: &mut Reader, heard: Heard, differences: &mut Vec<Difference>) -> Result<()> {
    let mut expected = heard.into_map();
    let found = heard::load(reader.conn()).await?;
    let keys: BTreeSet<_> = expected.keys().chain(found.keys()).cloned().collect();
    for key in keys {
        let (expected, found) = (expected.remove(&key), found.get(&key).copied());
        if expected != found {
            let words = |at: Option<Timestamp>| {
                let at = at.map_or_else(|| "never".to_owned(), |at| at.to_string());
                format!("{} heard last: {at}", key.1)
            };
            differences.push(Difference {
                check: "heard_is_journalled",
                partition: key.0,
                clue: None,
                expected: words(expected),
                found: words(found),
            });
        }
    }
    Ok(())
}

/// A number means one clue.
async fn compare_numbers(reader: &mut Reader, differences: &mut Vec<Difference>) -> Result<()> {
    let twice: Vec<(String, i64)> = sql!(reader.conn(), c => sqlx::query_as(
        "SELECT number, count(*) FROM monitor_clue GROUP BY number HAVING count(*) > 1 ORDER BY number LIMIT 100"
    ).fetch_all(c).await)?;
    for (number, clues) in twice {
        let (expected, found) = (format!("{number}: one clue"), format!("{number}: {clues} clues"));
        differences.push(Difference {
            check: "number_is_unique",
            partition: 0,
            clue: None,
            expected,
            found,
        });
    }
    Ok(())
}
