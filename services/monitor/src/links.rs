//! The names of clues beside that of their first record, and the SQL of `monitor_link`, by which they are found. A name may be that
//! of two clues: of a source whose mapping had no `same_as` before, a record that names another one may be a clue of its own already.

use std::collections::BTreeSet;
use std::fmt;

use bihuan_domain::clue::{Discrepancy, SourceStatus};
use bihuan_domain::figures::{Condition, Facts, LinkCondition, Linked};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_store::{Connection, Result, bulk, sql};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::words::Words;

/// A record of a clue beside the first: of another platform, or under another id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    pub source: String,
    pub source_id: String,
    /// What its platform says of it, where that sends the whole record again at every change.
    #[schema(required)]
    pub source_status: Option<&'static str>,
    /// Where it does not agree with what became of the clue.
    #[schema(value_type = Vec<String>)]
    pub discrepancies: Vec<Discrepancy>,
}

impl Link {
    /// All of a clue's.
    pub fn all(facts: &Facts) -> Vec<Self> {
        let condition = facts.latest();
        let links = facts.links.iter();
        links.map(|linked| Self::of(linked, &condition)).collect()
    }

    fn of(linked: &Linked, condition: &Condition<'_>) -> Self {
        let is = |it: &&LinkCondition<'_>| *it.source == linked.source && it.source_id == linked.source_id;
        let said = condition.links.iter().find(is).and_then(|it| it.said.as_ref());
        Self {
            discrepancies: said
                .map(|said| said.discrepancies(condition.here()))
                .unwrap_or_default(),
            source: linked.source.to_string(),
            source_id: linked.source_id.clone(),
            source_status: linked.status.map(SourceStatus::as_str),
        }
    }
}

impl Link {
    /// With what its platform says otherwise.
    pub fn told(&self, words: Words<'_>) -> String {
        let said: Vec<_> = self
            .discrepancies
            .iter()
            .map(|it| words.discrepancy(*it))
            .collect();
        match (said.is_empty(), words.lang) {
            (true, _) => self.to_string(),
            (false, Lang::Zh) => format!("{self}（{}）", said.join("；")),
            (false, Lang::En) => format!("{self} ({})", said.join("; ")),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.source_id)
    }
}

/// A name of a clue: source, id there, the clue.
pub(crate) type Name = (String, String, ClueId);

/// The names of a clue that belong here.
pub(crate) fn names(facts: &Facts) -> impl Iterator<Item = Name> {
    facts
        .other_names()
        .map(|(source, id)| (source.to_string(), id.to_owned(), facts.clue))
}

/// Adds names; those that are there already stay.
pub(crate) async fn insert(mut connection: Connection<'_>, names: &[(u32, Name)]) -> Result<()> {
    for chunk in bulk::chunks(names) {
        let head = "INSERT INTO monitor_link (partition, source, source_id, clue_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 4, chunk.len(), "ON CONFLICT DO NOTHING"));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, (source, id, clue)) in chunk {
                query = query.bind(*partition as i32).bind(source.clone()).bind(id.clone()).bind(clue.0);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The clue that a platform calls so; of two the one that was reported first.
pub(crate) async fn clue(connection: Connection<'_>, source: &str, id: &str) -> Result<Option<ClueId>> {
    let found: Option<Uuid> = sql!(connection, c => sqlx::query_scalar(
        "SELECT l.clue_id FROM monitor_link l JOIN monitor_clue m ON m.partition = l.partition AND m.clue_id = l.clue_id
         WHERE l.source = $1 AND l.source_id = $2 ORDER BY m.reported_at, l.clue_id LIMIT 1"
    ).bind(source.to_owned()).bind(id.to_owned()).fetch_optional(c).await)?;
    Ok(found.map(ClueId))
}

/// Every name of the partition's clues.
pub(crate) async fn of_partition(connection: Connection<'_>, partition: u32) -> Result<BTreeSet<Name>> {
    let rows: Vec<(String, String, Uuid)> = sql!(connection, c => sqlx::query_as(
        "SELECT source, source_id, clue_id FROM monitor_link WHERE partition = $1"
    ).bind(partition as i32).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(source, id, clue)| (source, id, ClueId(clue)))
        .collect())
}
