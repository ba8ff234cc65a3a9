//! Clues in a list, newest first, and the one clue that an id means.

use bihuan_contracts::Reference;
use bihuan_domain::figures::{By, Facts};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Reader, Store, sql};
use serde::Serialize;
use sqlx::AssertSqlSafe;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::filter::{Conditions, Cursor, Filter, Value};
use crate::rows::{COLUMNS, ClueRow};
use crate::{GROUP, Result, codec, links, names};

/// The most clues that one page holds.
pub const PAGE_MAX: u32 = 500;

/// One clue as lists show it. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ListedClue {
    #[schema(value_type = String, format = "uuid")]
    pub id: ClueId,
    pub number: String,
    pub source: String,
    pub source_id: String,
    pub stage: String,
    /// Who answers for it; `None` once it is closed, rejected or voided.
    #[schema(required)]
    pub holder: Option<String>,
    pub held_since: String,
    #[schema(required)]
    pub agency: Option<String>,
    #[schema(required)]
    pub agency_name: Option<String>,
    #[schema(required)]
    pub area: Option<String>,
    /// As the rulebook calls it, or, without a code, the source.
    #[schema(required)]
    pub area_name: Option<String>,
    #[schema(required)]
    pub matter: Option<String>,
    /// As the rulebook calls it, or, without a code, the source.
    #[schema(required)]
    pub matter_name: Option<String>,
    pub reported_at: String,
    #[schema(required)]
    pub deadline: Option<String>,
    #[schema(required)]
    pub closed_at: Option<String>,
    pub overdue: bool,
    pub flagged: bool,
    /// The newest colour of the ladder for the due time that it has, as the policy names it: blue, yellow, red.
    #[schema(required)]
    pub colour: Option<String>,
    /// The level that the ladder showed it to last: town, county or city; unknown: of nobody knows which.
    #[schema(required)]
    pub escalated: Option<String>,
    /// For `If-Match`.
    pub version: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Page {
    pub clues: Vec<ListedClue>,
    /// Where the next page begins; `None` at the end.
    #[schema(required)]
    pub next: Option<String>,
}

/// In whose words, and when.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    pub rulebook: &'a Rulebook,
    pub lang: Lang,
    pub now: Timestamp,
}

/// A clue with its facts.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundClue {
    pub partition: u32,
    pub listed: ListedClue,
    pub facts: Facts,
    /// Sequence of its newest event in the journal.
    pub newest: i64,
}

impl ListedClue {
    fn of(row: ClueRow, reading: Reading<'_>) -> Self {
        let named = |by, key: &Option<String>| {
            key.as_deref()
                .map(|key| names::name(reading.rulebook, reading.lang, by, key))
        };
        let time = |at: Option<At>| at.map(|at| at.0.to_string());
        let overdue = row.is_overdue(reading.now);
        Self {
            id: ClueId(row.clue_id),
            agency_name: named(By::Agency, &row.agency),
            area_name: named(By::Area, &row.area).or(row.source_area),
            matter_name: named(By::Matter, &row.matter).or(row.source_matter),
            number: row.number,
            source: row.source,
            source_id: row.source_id,
            stage: row.stage,
            holder: row.holder,
            held_since: row.held_since.0.to_string(),
            agency: row.agency,
            area: row.area,
            matter: row.matter,
            reported_at: row.reported_at.0.to_string(),
            deadline: time(row.deadline),
            closed_at: time(row.closed_at),
            overdue,
            flagged: row.flagged,
            colour: row.colour,
            escalated: row.escalated,
            version: row.version as u32,
        }
    }
}

/// A page of the clues that `filter` means, newest report first.
pub async fn list(
    store: &Store,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: u32,
    reading: Reading<'_>,
) -> Result<Page> {
    let limit = limit.clamp(1, PAGE_MAX) as usize;
    let mut conditions = Conditions::of(filter, reading.now);
    if let Some(cursor) = after {
        conditions.after(cursor);
    }
    let order = format!("ORDER BY reported_at DESC, clue_id DESC LIMIT {}", limit + 1);
    let mut reader = store.read().await?;
    let mut rows = select(reader.conn(), &conditions, &order).await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| {
        let cursor = Cursor {
            reported_at: row.reported_at.0,
            clue: row.clue_id,
        };
        cursor.to_string()
    });
    let clues = rows.into_iter().map(|row| ListedClue::of(row, reading)).collect();
    Ok(Page { clues, next })
}

async fn select(connection: Connection<'_>, conditions: &Conditions, order: &str) -> Result<Vec<ClueRow>> {
    let text = format!(
        "SELECT {COLUMNS} FROM monitor_clue {} {order}",
        conditions.clause()
    );
    Ok(sql!(connection, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for value in conditions.values.iter().cloned() {
            query = match value {
                Value::Text(value) => query.bind(value),
                Value::Time(value) => query.bind(value),
                Value::Id(value) => query.bind(value),
                Value::Flag(value) => query.bind(value),
                Value::Number(value) => query.bind(value as i32),
            };
        }
        query.fetch_all(c).await
    })?)
}

/// The clue that `id` means: its id, its number, or `source/source-id`.
pub async fn find(store: &Store, id: &str, reading: Reading<'_>) -> Result<Option<FoundClue>> {
    let mut reader = store.read().await?;
    let row = match id.parse() {
        Ok(Reference::Id(clue)) => match by_id(reader.conn(), clue).await? {
            Some(row) => Some(row),
            None => by_name(&mut reader, id).await?,
        },
        Ok(Reference::Number(number)) => by_number(reader.conn(), number).await?,
        Err(_) => None,
    };
    let Some(row) = row else { return Ok(None) };
    let (partition, newest) = (row.partition as u32, row.newest);
    let facts = match codec::decode(&row.facts) {
        Some(facts) => Some(facts),
        None => codec::refold(reader.conn(), partition, newest).await?,
    };
    Ok(facts.map(|facts| FoundClue {
        partition,
        listed: ListedClue::of(row, reading),
        facts,
        newest,
    }))
}

/// The partition is not asked of the caller: every row's partition has a lane of ours.
async fn by_id(connection: Connection<'_>, clue: ClueId) -> Result<Option<ClueRow>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_clue
         WHERE partition IN (SELECT partition FROM lease WHERE consumer_group = $1) AND clue_id = $2"
    ));
    let id: Uuid = clue.0;
    Ok(sql!(connection, c => sqlx::query_as(text).bind(GROUP).bind(id).fetch_optional(c).await)?)
}

/// By what another platform calls it.
async fn by_name(reader: &mut Reader, name: &str) -> Result<Option<ClueRow>> {
    let Some((source, id)) = name.trim().split_once('/') else {
        return Ok(None);
    };
    match links::clue(reader.conn(), source, id).await? {
        Some(clue) => by_id(reader.conn(), clue).await,
        None => Ok(None),
    }
}

async fn by_number(connection: Connection<'_>, number: String) -> Result<Option<ClueRow>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM monitor_clue WHERE number = $1 LIMIT 1"
    ));
    Ok(sql!(connection, c => sqlx::query_as(text).bind(number).fetch_optional(c).await)?)
}
