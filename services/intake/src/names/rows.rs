//! The SQL of `intake_name` and `intake_naming`.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;
use bihuan_mapping::Name;
use bihuan_store::{Connection, Error, Result, Store, bulk, sql};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

use super::{Asked, Known, Naming, names, namings};

/// Names that are looked at at once.
const PAGE: i64 = 5_000;

/// Lets nobody else add a name until this transaction ends, and everybody read; SQLite has one writer anyway.
pub(super) async fn lock(connection: Connection<'_>) -> Result<()> {
    if let Connection::Postgres(c) = connection {
        sqlx::query("LOCK TABLE intake_name IN SHARE ROW EXCLUSIVE MODE")
            .execute(c)
            .await?;
    }
    Ok(())
}

/// Whether any name was ever kept.
pub(super) async fn are_there(connection: Connection<'_>) -> Result<bool> {
    let found: Option<i32> = sql!(connection, c => sqlx::query_scalar(
        "SELECT 1 FROM intake_name LIMIT 1"
    ).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// What is known of the names that are asked about.
pub(super) async fn load(connection: &mut Connection<'_>, asked: &[Option<Asked>]) -> Result<Known> {
    let (names, namings) = (names(asked), namings(asked));
    let clues = match connection.reborrow() {
        Connection::Postgres(c) => clues_postgres(c, &names).await?,
        Connection::Sqlite(c) => clues_sqlite(c, &names).await?,
    };
    let firsts = match connection.reborrow() {
        _ if namings.is_empty() => Vec::new(),
        Connection::Postgres(c) => namings_postgres(c, &namings).await?,
        Connection::Sqlite(c) => namings_sqlite(c, &namings).await?,
    };
    let mut known = Known::default();
    for (source, id, clue) in clues {
        known.clues.insert(name(&source, id)?, ClueId(clue));
    }
    for (source, id, by_source, by_id) in firsts {
        known.namings.insert((name(&source, id)?, of(&by_source)?), by_id);
    }
    Ok(known)
}

type Clue = (String, String, Uuid);
type First = (String, String, String, String);

async fn clues_postgres(c: &mut PgConnection, names: &[&Name]) -> Result<Vec<Clue>> {
    let (sources, ids): (Vec<_>, Vec<_>) = names.iter().map(|it| (it.source.as_str(), &*it.id)).unzip();
    Ok(sqlx::query_as(
        "SELECT n.source, n.source_id, n.clue_id
         FROM unnest($1::text[], $2::text[]) AS k (source, source_id) JOIN intake_name n USING (source, source_id)",
    )
    .bind(sources)
    .bind(ids)
    .fetch_all(c)
    .await?)
}

async fn clues_sqlite(c: &mut SqliteConnection, names: &[&Name]) -> Result<Vec<Clue>> {
    let head = "SELECT source, source_id, clue_id FROM intake_name WHERE (source, source_id) IN (VALUES";
    let mut rows = Vec::new();
    for chunk in bulk::chunks(names) {
        let mut query = sqlx::query_as::<_, Clue>(AssertSqlSafe(bulk::statement(head, 2, chunk.len(), ")")));
        for name in chunk {
            query = query.bind(name.source.as_str()).bind(name.id.as_str());
        }
        rows.append(&mut query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

async fn namings_postgres(c: &mut PgConnection, namings: &[Naming]) -> Result<Vec<First>> {
    let sources: Vec<_> = namings.iter().map(|(name, _)| name.source.as_str()).collect();
    let ids: Vec<_> = namings.iter().map(|(name, _)| name.id.as_str()).collect();
    let by: Vec<_> = namings.iter().map(|(_, by)| by.as_str()).collect();
    Ok(sqlx::query_as(
        "SELECT n.source, n.source_id, n.by_source, n.by_id
         FROM unnest($1::text[], $2::text[], $3::text[]) AS k (source, source_id, by_source)
         JOIN intake_naming n USING (source, source_id, by_source)",
    )
    .bind(sources)
    .bind(ids)
    .bind(by)
    .fetch_all(c)
    .await?)
}

async fn namings_sqlite(c: &mut SqliteConnection, namings: &[Naming]) -> Result<Vec<First>> {
    let head = "SELECT source, source_id, by_source, by_id FROM intake_naming
         WHERE (source, source_id, by_source) IN (VALUES";
    let mut rows = Vec::new();
    for chunk in bulk::chunks(namings) {
        let mut query = sqlx::query_as::<_, First>(AssertSqlSafe(bulk::statement(head, 3, chunk.len(), ")")));
        for (name, by) in chunk {
            let (source, id) = (name.source.as_str(), name.id.as_str());
            query = query.bind(source).bind(id).bind(by.as_str());
        }
        rows.append(&mut query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

/// Adds what is new, in the order of the keys.
pub(super) async fn insert(mut connection: Connection<'_>, known: &Known) -> Result<()> {
    let clues: Vec<_> = known.new_clues.iter().collect();
    for chunk in bulk::chunks(&clues) {
        let head = "INSERT INTO intake_name (source, source_id, clue_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 3, chunk.len(), ""));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (name, clue) in chunk {
                query = query.bind(name.source.to_string()).bind(name.id.clone()).bind(clue.0);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    let namings: Vec<_> = known.new_namings.iter().collect();
    for chunk in bulk::chunks(&namings) {
        let head = "INSERT INTO intake_naming (source, source_id, by_source, by_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 4, chunk.len(), ""));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for ((name, by), id) in chunk {
                let (source, named) = (name.source.to_string(), name.id.clone());
                query = query.bind(source).bind(named).bind(by.to_string()).bind((*id).clone());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The records of a source that are of another clue than the one that follows from their name: (that one, their clue).
pub async fn elsewhere(store: &Store, source: &SourceId) -> Result<Vec<(ClueId, ClueId)>> {
    let mut reader = store.read().await?;
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page: Vec<(String, Uuid)> = sql!(reader.conn(), c => sqlx::query_as(
            "SELECT source_id, clue_id FROM intake_name WHERE source = $1 AND source_id > $2
             ORDER BY source_id LIMIT $3"
        ).bind(source.to_string()).bind(after.clone()).bind(PAGE).fetch_all(c).await)?;
        let Some((last, _)) = page.last() else {
            return Ok(found);
        };
        after.clone_from(last);
        let pairs = page
            .iter()
            .map(|(id, clue)| (ClueId::derive(source, id), ClueId(*clue)));
        found.extend(pairs.filter(|(own, clue)| own != clue));
    }
}

fn name(source: &str, id: String) -> Result<Name> {
    let source = of(source)?;
    Ok(Name { source, id })
}

fn of(source: &str) -> Result<SourceId> {
    SourceId::new(source).map_err(|error| Error::Corrupt {
        what: "name of a record",
        detail: error.to_string(),
    })
}
