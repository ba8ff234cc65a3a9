//! How many open clues have which colour of the ladder, and to which level it has shown them.

use std::collections::BTreeMap;

use bihuan_store::{Connection, sql};

use crate::Result;

/// Clues by colour, as policies name them, and by level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Climbed {
    pub(crate) colours: BTreeMap<String, u64>,
    /// As [`Escalated::as_str`](crate::Escalated::as_str) has it.
    pub(crate) escalated: BTreeMap<String, u64>,
}

/// Read from the indexes of both columns, which hold no other clues.
pub(crate) async fn climbed(mut connection: Connection<'_>) -> Result<Climbed> {
    let colours: Vec<(String, i64)> = sql!(connection.reborrow(), c => sqlx::query_as(
        "SELECT colour, count(*) FROM monitor_clue WHERE colour IS NOT NULL GROUP BY colour"
    ).fetch_all(c).await)?;
    let escalated: Vec<(String, i64)> = sql!(connection, c => sqlx::query_as(
        "SELECT escalated, count(*) FROM monitor_clue WHERE escalated IS NOT NULL GROUP BY escalated"
    ).fetch_all(c).await)?;
    let counts = |rows: Vec<(String, i64)>| -> BTreeMap<String, u64> {
        let rows = rows.into_iter();
        rows.map(|(name, count)| (name, count.unsigned_abs())).collect()
    };
    Ok(Climbed {
        colours: counts(colours),
        escalated: counts(escalated),
    })
}
