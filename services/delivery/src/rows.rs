//! The SQL of delivery's table.

use bihuan_domain::id::ClueId;
use bihuan_store::{Connection, Error, Result, bulk, sql};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::facts::Facts;

/// A row of `delivery_clue`, encoded.
pub(crate) struct Row {
    partition: u32,
    clue: ClueId,
    number: String,
    facts: String,
    /// Source and id of its records by which its id does not follow.
    names: Vec<(String, String)>,
}

impl Row {
    pub(crate) fn of(partition: u32, clue: ClueId, facts: &Facts) -> Result<Self> {
        let text = serde_json::to_string(facts).map_err(|error| corrupt(clue, &error))?;
        Ok(Self {
            partition,
            clue,
            number: facts.number.clone(),
            facts: text,
            names: facts
                .names()
                .filter(|(source, id)| ClueId::derive(source, id) != clue)
                .map(|(source, id)| (source.to_string(), id.to_owned()))
                .collect(),
        })
    }
}

fn corrupt(clue: ClueId, error: &serde_json::Error) -> Error {
    Error::Corrupt {
        what: "facts of a clue",
        detail: format!("{clue}: {error}"),
    }
}

/// The facts of those of the partition's clues that are there.
pub(crate) async fn load(
    connection: Connection<'_>,
    partition: u32,
    clues: &[ClueId],
) -> Result<Vec<(ClueId, Facts)>> {
    let ids: Vec<Uuid> = clues.iter().map(|clue| clue.0).collect();
    let rows: Vec<(Uuid, String)> = match connection {
        Connection::Postgres(c) => {
            sqlx::query_as(
                "SELECT clue_id, facts FROM delivery_clue WHERE partition = $1 AND clue_id = ANY($2)",
            )
            .bind(partition as i32)
            .bind(ids)
            .fetch_all(c)
            .await?
        }
        Connection::Sqlite(c) => load_sqlite(c, partition, &ids).await?,
    };
    let read = |(clue, text): (Uuid, String)| {
        let facts = serde_json::from_str(&text).map_err(|error| corrupt(ClueId(clue), &error))?;
        Ok((ClueId(clue), facts))
    };
    rows.into_iter().map(read).collect()
}

async fn load_sqlite(c: &mut SqliteConnection, partition: u32, ids: &[Uuid]) -> Result<Vec<(Uuid, String)>> {
    let mut rows = Vec::with_capacity(ids.len());
    for chunk in bulk::chunks(ids) {
        let head = "SELECT clue_id, facts FROM delivery_clue WHERE (partition, clue_id) IN (VALUES";
        let mut query = sqlx::query_as(AssertSqlSafe(bulk::statement(head, 2, chunk.len(), ")")));
        for id in chunk {
            query = query.bind(partition as i32).bind(*id);
        }
        rows.extend::<Vec<(Uuid, String)>>(query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

/// The clue with this number, in whatever partition.
pub(crate) async fn by_number(connection: Connection<'_>, number: &str) -> Result<Option<ClueId>> {
    let clue: Option<Uuid> = sql!(connection, c => sqlx::query_scalar("SELECT clue_id FROM delivery_clue WHERE number = $1")
        .bind(number.to_owned()).fetch_optional(c).await)?;
    Ok(clue.map(ClueId))
}

/// The clue that a platform calls so, where its id does not follow from that.
pub(crate) async fn by_name(connection: Connection<'_>, source: &str, id: &str) -> Result<Option<ClueId>> {
    let clue: Option<Uuid> = sql!(connection, c => sqlx::query_scalar(
        "SELECT clue_id FROM delivery_name WHERE source = $1 AND source_id = $2 ORDER BY clue_id LIMIT 1"
    ).bind(source.to_owned()).bind(id.to_owned()).fetch_optional(c).await)?;
    Ok(clue.map(ClueId))
}

/// Adds names; those that are there already stay.
async fn name(mut connection: Connection<'_>, rows: &[Row]) -> Result<()> {
    let of_row = |row: &Row| {
        let (partition, clue) = (row.partition, row.clue);
        let names = row.names.iter();
        names
            .map(move |name| (partition, clue, name.clone()))
            .collect::<Vec<_>>()
    };
    let names: Vec<_> = rows.iter().flat_map(of_row).collect();
    for chunk in bulk::chunks(&names) {
        let head = "INSERT INTO delivery_name (partition, clue_id, source, source_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 4, chunk.len(), "ON CONFLICT DO NOTHING"));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (partition, clue, (source, id)) in chunk {
                query = query.bind(*partition as i32).bind(clue.0).bind(source.clone()).bind(id.clone());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

pub(crate) async fn upsert(mut connection: Connection<'_>, rows: &[Row]) -> Result<()> {
    name(connection.reborrow(), rows).await?;
    let written = match connection {
        Connection::Postgres(c) => upsert_postgres(c, rows).await?,
        Connection::Sqlite(c) => upsert_sqlite(c, rows).await?,
    };
    if written == rows.len() as u64 {
        Ok(())
    } else {
        Err(Error::RowCount {
            what: "facts of clues",
            expected: rows.len() as u64,
            written,
        })
    }
}

async fn upsert_postgres(c: &mut PgConnection, rows: &[Row]) -> Result<u64> {
    let done = sqlx::query(
        "INSERT INTO delivery_clue (partition, clue_id, number, facts)
         SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[])
         ON CONFLICT (partition, clue_id) DO UPDATE SET number = excluded.number, facts = excluded.facts",
    )
    .bind(rows.iter().map(|row| row.partition as i32).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.clue.0).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.number.as_str()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.facts.as_str()).collect::<Vec<_>>())
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

async fn upsert_sqlite(c: &mut SqliteConnection, rows: &[Row]) -> Result<u64> {
    let mut written = 0;
    for chunk in bulk::chunks(rows) {
        let text = bulk::statement(
            "INSERT INTO delivery_clue (partition, clue_id, number, facts) VALUES",
            4,
            chunk.len(),
            "ON CONFLICT (partition, clue_id) DO UPDATE SET number = excluded.number, facts = excluded.facts",
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for row in chunk {
            query = query
                .bind(row.partition as i32)
                .bind(row.clue.0)
                .bind(row.number.clone())
                .bind(row.facts.clone());
        }
        written += query.execute(&mut *c).await?.rows_affected();
    }
    Ok(written)
}
