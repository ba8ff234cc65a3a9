//! What became of every record that was read, from the tallies, and how many were read, from intake's positions.

use std::collections::BTreeMap;

use bihuan_contracts::topics;
use bihuan_domain::figures::Records;
use bihuan_store::{Connection, Result, lease};

use crate::counting::{
    ACCEPTED, DISCARDED, FED_BACK, NEW, QUARANTINED, REPLAYED, REPLAYED_FEEDBACK, SKIPPED, STALE, UNCHANGED,
    UPDATED,
};
use crate::tally::{self, Book};

/// The consumer group whose positions count what was read.
pub(crate) const READER: &str = "intake";

/// The tallies of records as they are stored, summed over partitions and topics. Each only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) accepted: i64,
    pub(crate) fed_back: i64,
    pub(crate) skipped: i64,
    pub(crate) quarantined: i64,
    pub(crate) replayed: i64,
    /// Of `replayed`.
    pub(crate) replayed_feedback: i64,
    pub(crate) discarded: i64,
    pub(crate) new: i64,
    pub(crate) updated: i64,
    pub(crate) unchanged: i64,
    pub(crate) stale: i64,
}

impl Raw {
    fn add(&mut self, disposition: &str, count: i64) {
        let field = match disposition {
            ACCEPTED => &mut self.accepted,
            FED_BACK => &mut self.fed_back,
            SKIPPED => &mut self.skipped,
            QUARANTINED => &mut self.quarantined,
            REPLAYED => &mut self.replayed,
            REPLAYED_FEEDBACK => &mut self.replayed_feedback,
            DISCARDED => &mut self.discarded,
            NEW => &mut self.new,
            UPDATED => &mut self.updated,
            UNCHANGED => &mut self.unchanged,
            STALE => &mut self.stale,
            _ => return,
        };
        *field += count;
    }

    pub(crate) fn plus(mut self, other: &Self) -> Self {
        self.accepted += other.accepted;
        self.fed_back += other.fed_back;
        self.skipped += other.skipped;
        self.quarantined += other.quarantined;
        self.replayed += other.replayed;
        self.replayed_feedback += other.replayed_feedback;
        self.discarded += other.discarded;
        self.new += other.new;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.stale += other.stale;
        self
    }

    /// What intake says it did with what it read.
    pub(crate) const fn journalled(&self) -> i64 {
        self.accepted + self.fed_back + self.skipped + self.quarantined
    }

    /// What agencies' platforms said, also what was read only when it was replayed.
    pub(crate) const fn feedback(&self) -> i64 {
        self.fed_back + self.replayed_feedback
    }

    /// What lifecycle decided about reports.
    pub(crate) const fn decided(&self) -> i64 {
        self.new + self.updated + self.unchanged + self.stale
    }

    /// The dispositions. A replayed record has left quarantine for what it became.
    fn records(&self) -> Records {
        let count = |count: i64| u64::try_from(count).unwrap_or(0);
        Records {
            new: count(self.new),
            updated: count(self.updated),
            unchanged: count(self.unchanged),
            stale: count(self.stale),
            feedback: count(self.feedback()),
            skipped: count(self.skipped),
            quarantined: count(self.quarantined - self.replayed),
            discarded: count(self.discarded),
            replayed: count(self.replayed),
            ..Records::default()
        }
        .of_received(count(self.journalled()))
    }
}

/// The books on records.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) by_source: BTreeMap<String, Raw>,
    /// Counted by position.
    pub(crate) received: u64,
    /// What each service could not read, whatever became of it.
    put_away: BTreeMap<String, i64>,
}

impl Ledger {
    pub(crate) async fn read(mut connection: Connection<'_>) -> Result<Self> {
        let mut by_source: BTreeMap<String, Raw> = BTreeMap::new();
        for (key, count) in tally::load(connection.reborrow(), Book::Record).await? {
            let [source, _, disposition] = key.names;
            by_source.entry(source).or_default().add(&disposition, count);
        }
        settle_strays(&mut by_source);
        let mut put_away: BTreeMap<String, i64> = BTreeMap::new();
        for (key, count) in tally::load(connection.reborrow(), Book::Quarantine).await? {
            let [service, ..] = key.names;
            *put_away.entry(service).or_default() += count;
        }
        let received = received(connection).await?;
        Ok(Self {
            by_source,
            received,
            put_away,
        })
    }

    pub(crate) fn put_away(&self, service: &str) -> i64 {
        self.put_away.get(service).copied().unwrap_or(0)
    }

    pub(crate) fn total(&self) -> Raw {
        self.by_source.values().fold(Raw::default(), Raw::plus)
    }

    pub(crate) fn records(&self) -> BTreeMap<String, Records> {
        self.by_source
            .iter()
            .map(|(source, raw)| (source.clone(), raw.records()))
            .collect()
    }
}

/// A record whose source nobody could tell may be replayed, or discarded, under one that somebody could: then it leaves the
/// quarantine of the unknown source.
fn settle_strays(by_source: &mut BTreeMap<String, Raw>) {
    let mut strays = 0;
    for raw in by_source.values_mut() {
        let missing = (raw.replayed - raw.quarantined).max(0);
        raw.quarantined += missing;
        strays += missing;
    }
    if strays > 0 {
        by_source.entry(String::new()).or_default().quarantined -= strays;
    }
}

async fn received(connection: Connection<'_>) -> Result<u64> {
    let leases = lease::list(connection, READER).await?;
    let read = leases.iter().flat_map(|lease| lease.positions.iter());
    let read = read.filter(|(topic, ..)| topics::kind(topic) == topics::Kind::Queue);
    Ok(read
        .map(|(_, _, position)| u64::try_from(position.read).unwrap_or(0))
        .sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replayed_record_leaves_quarantine_for_what_it_became() {
        let raw = Raw {
            accepted: 3,
            quarantined: 2,
            replayed: 1,
            discarded: 1,
            new: 4,
            ..Raw::default()
        };
        let records = raw.records();
        assert_eq!((records.received, records.new, records.quarantined), (5, 4, 1));
        assert_eq!(
            (
                records.in_flight,
                records.replayed,
                records.discarded,
                records.unreadable()
            ),
            (0, 1, 1, 0)
        );
        assert!(records.is_balanced());
    }

    #[test]
    fn a_record_of_an_unknown_source_is_replayed_under_a_known_one() {
        let mut books = BTreeMap::from([
            (
                String::new(),
                Raw {
                    quarantined: 2,
                    ..Raw::default()
                },
            ),
            (
                "grid".to_owned(),
                Raw {
                    replayed: 1,
                    new: 1,
                    ..Raw::default()
                },
            ),
        ]);
        settle_strays(&mut books);
        let ledger = Ledger {
            by_source: books,
            received: 2,
            ..Ledger::default()
        };
        let records = ledger.records();
        assert_eq!((records[""].quarantined, records["grid"].quarantined), (1, 0));
        assert_eq!(
            (
                records[""].received,
                records["grid"].received,
                records["grid"].in_flight
            ),
            (1, 1, 0)
        );
    }
}
