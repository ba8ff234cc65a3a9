//! Counts of what happened, by partition and three names; each book of them is a table.

use std::collections::BTreeMap;

use bihuan_store::{Connection, Result, bulk, sql};
use sqlx::AssertSqlSafe;

/// A table of tallies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Book {
    /// (source, topic, disposition)
    Record,
    /// (agency, topic, outcome)
    Delivery,
    /// (service, source, reason)
    Quarantine,
    /// (source, outcome, reason)
    Feedback,
    /// (source, step, state)
    Callback,
}

impl Book {
    pub(crate) const ALL: [Self; 5] = [
        Self::Record,
        Self::Delivery,
        Self::Quarantine,
        Self::Feedback,
        Self::Callback,
    ];

    pub(crate) const fn table(self) -> &'static str {
        match self {
            Self::Record => "monitor_record",
            Self::Delivery => "monitor_delivery",
            Self::Quarantine => "monitor_quarantine",
            Self::Feedback => "monitor_feedback",
            Self::Callback => "monitor_callback",
        }
    }

    const fn names(self) -> &'static str {
        match self {
            Self::Record => "source, topic, disposition",
            Self::Delivery => "agency, topic, outcome",
            Self::Quarantine => "service, source, reason",
            Self::Feedback => "source, outcome, reason",
            Self::Callback => "source, step, state",
        }
    }
}

/// What is counted under one name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) book: Book,
    pub(crate) partition: u32,
    pub(crate) names: [String; 3],
}

/// Counts in memory, in the order in which rows are locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tallies(BTreeMap<Key, i64>);

impl Tallies {
    pub(crate) fn add(&mut self, book: Book, partition: u32, names: [&str; 3], count: i64) {
        let key = Key {
            book,
            partition,
            names: names.map(str::to_owned),
        };
        *self.0.entry(key).or_default() += count;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_map(self) -> BTreeMap<Key, i64> {
        self.0
    }

    /// Adds the counts to what is stored.
    pub(crate) async fn persist(&self, mut connection: Connection<'_>) -> Result<()> {
        for book in Book::ALL {
            let rows: Vec<(&Key, i64)> = self
                .0
                .iter()
                .filter(|(key, _)| key.book == book)
                .map(|(key, count)| (key, *count))
                .collect();
            for chunk in bulk::chunks(&rows) {
                add(connection.reborrow(), book, chunk).await?;
            }
        }
        Ok(())
    }
}

async fn add(connection: Connection<'_>, book: Book, rows: &[(&Key, i64)]) -> Result<()> {
    let (table, names) = (book.table(), book.names());
    let head = format!("INSERT INTO {table} (partition, {names}, records) VALUES");
    let tail = format!(
        "ON CONFLICT (partition, {names}) DO UPDATE SET records = {table}.records + excluded.records"
    );
    let text = AssertSqlSafe(bulk::numbered(&head, 5, rows.len(), &tail));
    let written = sql!(connection, c => {
        let mut query = sqlx::query(text);
        for (key, count) in rows {
            let [first, second, third] = &key.names;
            query = query.bind(key.partition as i32).bind(first.clone()).bind(second.clone()).bind(third.clone()).bind(*count);
        }
        query.execute(c).await.map(|done| done.rows_affected())
    })?;
    let expected = rows.len() as u64;
    if written == expected {
        Ok(())
    } else {
        Err(bihuan_store::Error::RowCount {
            what: "tally",
            expected,
            written,
        })
    }
}

/// Every count of the book.
pub(crate) async fn load(connection: Connection<'_>, book: Book) -> Result<BTreeMap<Key, i64>> {
    let text = AssertSqlSafe(format!(
        "SELECT partition, {}, records FROM {}",
        book.names(),
        book.table()
    ));
    let rows: Vec<(i32, String, String, String, i64)> =
        sql!(connection, c => sqlx::query_as(text).fetch_all(c).await)?;
    let keyed = rows
        .into_iter()
        .map(|(partition, first, second, third, records)| {
            (
                Key {
                    book,
                    partition: partition as u32,
                    names: [first, second, third],
                },
                records,
            )
        });
    Ok(keyed.collect())
}
