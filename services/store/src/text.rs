//! The free text of clues: by clue and version, apart from the journals, erasable.

use bihuan_domain::clue::Text;
use bihuan_domain::id::ClueId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::bulk;
use crate::error::check_rows;
use crate::{Connection, Result, sql};

/// A text and the event that carries its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub partition: u32,
    pub clue: ClueId,
    pub version: u32,
    pub text: Text,
}

/// Appends the texts.
pub async fn append(connection: Connection<'_>, texts: &[Stored]) -> Result<()> {
    if texts.is_empty() {
        return Ok(());
    }
    let written = match connection {
        Connection::Postgres(c) => unnest(c, texts).await?,
        Connection::Sqlite(c) => insert(c, texts).await?,
    };
    check_rows("text", texts.len() as u64, written)
}

async fn unnest(c: &mut sqlx::PgConnection, texts: &[Stored]) -> Result<u64> {
    let column = |part: fn(&Text) -> &Option<String>| {
        texts
            .iter()
            .map(|stored| part(&stored.text).as_deref())
            .collect::<Vec<_>>()
    };
    let done = sqlx::query(
        "INSERT INTO clue_text (partition, clue_id, version, title, description, place, remark)
         SELECT * FROM unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[])",
    )
    .bind(texts.iter().map(|stored| stored.partition as i32).collect::<Vec<_>>())
    .bind(texts.iter().map(|stored| stored.clue.0).collect::<Vec<_>>())
    .bind(texts.iter().map(|stored| stored.version as i32).collect::<Vec<_>>())
    .bind(column(|text| &text.title))
    .bind(column(|text| &text.description))
    .bind(column(|text| &text.place))
    .bind(column(|text| &text.remark))
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

fn parts(text: &Text) -> [&Option<String>; 4] {
    [&text.title, &text.description, &text.place, &text.remark]
}

async fn insert(c: &mut sqlx::SqliteConnection, texts: &[Stored]) -> Result<u64> {
    let head =
        "INSERT INTO clue_text (partition, clue_id, version, title, description, place, remark) VALUES";
    let mut written = 0;
    for chunk in bulk::chunks(texts) {
        let mut query = sqlx::query(AssertSqlSafe(bulk::statement(head, 7, chunk.len(), "")));
        for stored in chunk {
            query = query
                .bind(stored.partition as i32)
                .bind(stored.clue.0)
                .bind(stored.version as i32);
            for part in parts(&stored.text) {
                query = query.bind(part.clone());
            }
        }
        written += query.execute(&mut *c).await?.rows_affected();
    }
    Ok(written)
}

type Row = (
    i32,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
);

/// (version, text) of the clue, oldest first.
pub async fn of_clue(connection: Connection<'_>, partition: u32, clue: ClueId) -> Result<Vec<(u32, Text)>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT version, title, description, place, remark FROM clue_text WHERE partition = $1 AND clue_id = $2 ORDER BY version"
    ).bind(partition as i32).bind(clue.0).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(version, title, description, place, remark)| {
            (
                version as u32,
                Text {
                    title,
                    description,
                    place,
                    remark,
                },
            )
        })
        .collect())
}

/// The texts of many clues of one partition at once: (clue, version, text), of the given clues and versions.
pub async fn of_clues(
    connection: Connection<'_>,
    partition: u32,
    clues: &[ClueId],
) -> Result<Vec<(ClueId, u32, Text)>> {
    type Many = (
        Uuid,
        i32,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    );
    let ids: Vec<Uuid> = clues.iter().map(|clue| clue.0).collect();
    let rows: Vec<Many> = match connection {
        Connection::Postgres(c) => {
            sqlx::query_as(
                "SELECT clue_id, version, title, description, place, remark FROM clue_text
                 WHERE partition = $1 AND clue_id = ANY($2) ORDER BY clue_id, version",
            )
            .bind(partition as i32)
            .bind(ids)
            .fetch_all(c)
            .await?
        }
        Connection::Sqlite(c) => {
            let mut rows = Vec::with_capacity(ids.len());
            for chunk in bulk::chunks(&ids) {
                let list = vec!["?"; chunk.len()].join(",");
                let mut query = sqlx::query_as(AssertSqlSafe(format!(
                    "SELECT clue_id, version, title, description, place, remark FROM clue_text
                     WHERE partition = ? AND clue_id IN ({list}) ORDER BY clue_id, version"
                )))
                .bind(partition as i32);
                for id in chunk {
                    query = query.bind(*id);
                }
                rows.extend::<Vec<Many>>(query.fetch_all(&mut *c).await?);
            }
            rows
        }
    };
    Ok(rows
        .into_iter()
        .map(|(clue, version, title, description, place, remark)| {
            (
                ClueId(clue),
                version as u32,
                Text {
                    title,
                    description,
                    place,
                    remark,
                },
            )
        })
        .collect())
}
