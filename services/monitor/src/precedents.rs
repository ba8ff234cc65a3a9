//! Which clues the precedent of a dispute dispatched: those whose first row of a rulebook comes from it. And the SQL of
//! `monitor_precedent`.

use std::collections::{BTreeSet, HashMap};

use bihuan_domain::clue::Class;
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::dispute::Provenance;
use bihuan_domain::figures::Facts;
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Library, LibraryError};
use bihuan_store::{At, Connection, Result, Store, bulk, sql};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::listing::{ListedClue, Reading, list};
use crate::{Filter, error};

/// So many of the clues are shown with a dispute.
pub const SHOWN: u32 = 10;

/// The disputes that rows of rulebooks come from, by version and line.
pub(crate) struct Origins {
    library: Library,
    known: HashMap<RulebookVersion, HashMap<u32, DisputeId>>,
}

/// A clue, the dispute whose precedent dispatched it, and when it was reported.
pub(crate) type Routed = (ClueId, DisputeId, Timestamp);

/// What the precedent of a dispute dispatched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ByPrecedent {
    pub count: u64,
    /// The newest reports first.
    pub clues: Vec<ListedClue>,
}

impl Origins {
    pub(crate) fn new(library: Library) -> Self {
        Self {
            library,
            known: HashMap::new(),
        }
    }

    /// Learns these versions. One that cannot be read has no such row: it must not take other figures with it.
    pub(crate) async fn learn(&mut self, versions: impl IntoIterator<Item = &RulebookVersion>) -> Result<()> {
        for version in versions {
            if self.known.contains_key(version) {
                continue;
            }
            match self.library.get(version.as_str()).await {
                Ok(book) => {
                    self.known.insert(version.clone(), origins(book.rulebook()));
                }
                Err(LibraryError::Store(error)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%version, error = %error, "precedents of a rulebook are not counted");
                    // it is not asked for with every batch
                    self.known.insert(version.clone(), HashMap::new());
                }
            }
        }
        Ok(())
    }

    /// The same of what dispatched these clues.
    pub(crate) async fn learn_of<'a>(&mut self, facts: impl IntoIterator<Item = &'a Facts>) -> Result<()> {
        let versions: BTreeSet<_> = facts.into_iter().filter_map(version).collect();
        self.learn(versions).await
    }

    pub(crate) fn dispute(&self, version: &RulebookVersion, line: u32) -> Option<DisputeId> {
        self.known.get(version)?.get(&line).copied()
    }

    /// What belongs into the table, as the figure counts it; `None`: no precedent dispatched the clue, or it is of a version that was not learnt.
    pub(crate) fn routed(&self, facts: &Facts) -> Option<Routed> {
        if facts.class != Class::Ordinary {
            return None;
        }
        let (_, (version, line)) = facts.rules().next()?;
        Some((facts.clue, self.dispute(version, *line)?, facts.reported_at))
    }
}

fn version(facts: &Facts) -> Option<&RulebookVersion> {
    facts.rules().next().map(|(_, (version, _))| version)
}

fn origins(rulebook: &Rulebook) -> HashMap<u32, DisputeId> {
    let rows = rulebook.duties.iter();
    rows.filter_map(|row| Some((row.line, Provenance::read(&row.basis)?.dispute)))
        .collect()
}

/// The newest clues that the dispute's precedent dispatched, at most `most`, and how many there are.
pub async fn of_dispute(
    store: &Store,
    dispute: DisputeId,
    most: u32,
    reading: Reading<'_>,
) -> error::Result<ByPrecedent> {
    let mut reader = store.read().await?;
    let count: i64 = sql!(reader.conn(), c => sqlx::query_scalar(
        "SELECT count(*) FROM monitor_precedent WHERE dispute_id = $1"
    ).bind(dispute.0).fetch_one(c).await)?;
    drop(reader);
    if count == 0 {
        return Ok(ByPrecedent::default());
    }
    let filter = Filter {
        precedent: Some(dispute),
        ..Filter::default()
    };
    let page = list(store, &filter, None, most, reading).await?;
    Ok(ByPrecedent {
        count: u64::try_from(count).unwrap_or(0),
        clues: page.clues,
    })
}

/// Adds clues; what is there already stays, for the first row that dispatched a clue never changes.
pub(crate) async fn insert(mut connection: Connection<'_>, rows: &[(u32, Routed)]) -> Result<()> {
    for chunk in bulk::chunks(rows) {
        let head = "INSERT INTO monitor_precedent (partition, clue_id, dispute_id, reported_at) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 4, chunk.len(), "ON CONFLICT DO NOTHING"));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, (clue, dispute, reported_at)) in chunk {
                query = query.bind(*partition as i32).bind(clue.0).bind(dispute.0).bind(At(*reported_at));
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Everything that is stored of a partition.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<BTreeSet<Routed>> {
    let rows: Vec<(Uuid, Uuid, At)> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, dispute_id, reported_at FROM monitor_precedent WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    let routed = |(clue, dispute, at): (Uuid, Uuid, At)| (ClueId(clue), DisputeId(dispute), at.0);
    Ok(rows.into_iter().map(routed).collect())
}
