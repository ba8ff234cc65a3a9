//! The clues behind a filter or a number: how many, and a page of them, newest report first.

use std::collections::BTreeMap;

use bihuan_domain::figures::Facts;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_store::{Connection, Reader, Store, sql};
use futures::TryStreamExt as _;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::asked::Asked;
use super::drill::{Adding, QUARANTINED};
use crate::filter::{Conditions, Value};
use crate::records::Ledger;
use crate::rows::{COLUMNS, ClueRow};
use crate::{Cursor, Result, codec};

/// Clues on a page.
pub(super) const PAGE: usize = 50;

/// A page of clues and what they come to.
pub(super) struct Found {
    pub(super) rows: Vec<ClueRow>,
    pub(super) next: Option<Cursor>,
    pub(super) total: Total,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Total {
    pub(super) clues: i64,
    /// What they add to the number that is followed; without one, as many as they are.
    pub(super) sum: i64,
    /// Records that could not be read, which the number counts too.
    pub(super) unreadable: i64,
}

pub(super) async fn list(store: &Store, asked: &Asked, rulebook: &Rulebook, now: Timestamp) -> Result<Found> {
    let mut conditions = Conditions::of(&asked.filter, now);
    let mut clause = conditions.clause().to_owned();
    if let Some(holder) = asked.holder {
        let start = if clause.is_empty() { "WHERE" } else { "AND" };
        conditions.values.push(Value::Text(holder.as_str().to_owned()));
        clause = format!("{clause} {start} holder = ${}", conditions.values.len());
    }
    let mut reader = store.snapshot().await?;
    match &asked.drill {
        None => by_row(&mut reader, asked, &clause, &conditions.values).await,
        Some(drill) => {
            let adding = Adding::new(drill, now, rulebook);
            let mut found = by_facts(&mut reader, asked.cursor, &clause, &conditions.values, &adding).await?;
            if drill.of.has(QUARANTINED) && adding.counts_records() {
                let records = Ledger::read(reader.conn()).await?.records();
                found.total.unreadable = records.values().map(|records| records.unreadable() as i64).sum();
            }
            Ok(found)
        }
    }
}

macro_rules! bound {
    ($query:expr, $values:expr) => {{
        let mut query = $query;
        for value in $values.iter().cloned() {
            query = match value {
                Value::Text(value) => query.bind(value),
                Value::Time(value) => query.bind(value),
                Value::Id(value) => query.bind(value),
                Value::Flag(value) => query.bind(value),
                Value::Number(value) => query.bind(value as i32),
            };
        }
        query
    }};
}

/// The database counts and pages.
async fn by_row(reader: &mut Reader, asked: &Asked, clause: &str, values: &[Value]) -> Result<Found> {
    let counting = format!("SELECT count(*) FROM monitor_clue {clause}");
    let clues: i64 = sql!(reader.conn(), c => {
        bound!(sqlx::query_scalar(AssertSqlSafe(counting)), values).fetch_one(c).await
    })?;
    let mut values = values.to_vec();
    let mut clause = clause.to_owned();
    if let Some(cursor) = asked.cursor {
        let start = if clause.is_empty() { "WHERE" } else { "AND" };
        values.push(Value::Time(bihuan_store::At(cursor.reported_at)));
        values.push(Value::Id(cursor.clue));
        let n = values.len();
        clause = format!("{clause} {start} (reported_at, clue_id) < (${}, ${n})", n - 1);
    }
    let text = format!(
        "SELECT {COLUMNS} FROM monitor_clue {clause} ORDER BY reported_at DESC, clue_id DESC LIMIT {}",
        PAGE + 1
    );
    let rows: Vec<ClueRow> = sql!(reader.conn(), c => {
        bound!(sqlx::query_as(AssertSqlSafe(text)), values).fetch_all(c).await
    })?;
    let total = Total {
        clues,
        sum: clues,
        unreadable: 0,
    };
    Ok(Found::page(rows, total))
}

impl Found {
    /// `rows` may hold one more than a page.
    fn page(mut rows: Vec<ClueRow>, total: Total) -> Self {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| more).map(|row| Cursor {
            reported_at: row.reported_at.0,
            clue: row.clue_id,
        });
        Self { rows, next, total }
    }
}

/// Every clue is asked what it adds; memory holds one page.
async fn by_facts(
    reader: &mut Reader,
    cursor: Option<Cursor>,
    clause: &str,
    values: &[Value],
    adding: &Adding<'_>,
) -> Result<Found> {
    let mut kept = Kept {
        after: cursor.map(|cursor| (cursor.reported_at, cursor.clue)),
        rows: BTreeMap::new(),
        total: Total::default(),
    };
    let others = stream(reader.conn(), clause, values, |row, facts| {
        kept.keep(row, adding.value(facts));
    })
    .await?;
    for row in others {
        let facts = codec::refold(reader.conn(), row.partition as u32, row.newest).await?;
        if let Some(facts) = facts {
            kept.keep(row, adding.value(&facts));
        }
    }
    Ok(Found::page(kept.rows.into_values().rev().collect(), kept.total))
}

/// Rows whose facts a program of another format wrote come back undecided.
async fn stream(
    connection: Connection<'_>,
    clause: &str,
    values: &[Value],
    mut each: impl FnMut(ClueRow, &Facts),
) -> Result<Vec<ClueRow>> {
    let text = format!("SELECT {COLUMNS} FROM monitor_clue {clause}");
    let mut others = Vec::new();
    sql!(connection, c => {
        let mut rows = bound!(sqlx::query_as::<_, ClueRow>(AssertSqlSafe(text)), values).fetch(c);
        while let Some(row) = rows.try_next().await? {
            match codec::decode(&row.facts) {
                Some(facts) => each(row, &facts),
                None => others.push(row),
            }
        }
    });
    Ok(others)
}

/// The newest clues that add anything, after a place in the list.
struct Kept {
    after: Option<(Timestamp, Uuid)>,
    rows: BTreeMap<(Timestamp, Uuid), ClueRow>,
    total: Total,
}

impl Kept {
    fn keep(&mut self, row: ClueRow, value: i64) {
        if value == 0 {
            return;
        }
        self.total.clues += 1;
        self.total.sum += value;
        let place = (row.reported_at.0, row.clue_id);
        if self.after.is_none_or(|after| place < after) {
            self.rows.insert(place, row);
            if self.rows.len() > PAGE + 1 {
                self.rows.pop_first();
            }
        }
    }
}
