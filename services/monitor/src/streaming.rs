//! Clues streamed from their rows, without holding them.

use std::ops::Range;

use bihuan_domain::figures::Facts;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Reader, sql};
use futures::TryStreamExt as _;

use crate::{Result, codec};

/// Which clues are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    All,
    /// Reported in this time.
    Reported(Range<Timestamp>),
    InTriage,
}

const ALL: &str = "SELECT partition, newest, facts FROM monitor_clue";
const REPORTED: &str =
    "SELECT partition, newest, facts FROM monitor_clue WHERE reported_at >= $1 AND reported_at < $2";
const IN_TRIAGE: &str = "SELECT partition, newest, facts FROM monitor_clue WHERE holder = 'triage'";

/// Hands every clue that is meant to `count`, in no order. Rows that a program of another format wrote come last.
pub(crate) async fn each(reader: &mut Reader, which: &Which, mut count: impl FnMut(&Facts)) -> Result<()> {
    let others = stream(reader.conn(), which, &mut count).await?;
    for (partition, newest) in others {
        let facts = codec::refold(reader.conn(), partition, newest).await?;
        facts.iter().for_each(&mut count);
    }
    Ok(())
}

/// The rows that could not be decoded: (partition, newest).
async fn stream(
    connection: Connection<'_>,
    which: &Which,
    count: &mut impl FnMut(&Facts),
) -> Result<Vec<(u32, i64)>> {
    let mut others = Vec::new();
    sql!(connection, c => {
        let query = match which {
            Which::All => sqlx::query_as::<_, (i32, i64, Vec<u8>)>(ALL),
            Which::Reported(range) => sqlx::query_as(REPORTED).bind(At(range.start)).bind(At(range.end)),
            Which::InTriage => sqlx::query_as(IN_TRIAGE),
        };
        let mut rows = query.fetch(c);
        while let Some((partition, newest, bytes)) = rows.try_next().await? {
            match codec::decode(&bytes) {
                Some(facts) => count(&facts),
                None => others.push((partition as u32, newest)),
            }
        }
    });
    Ok(others)
}
