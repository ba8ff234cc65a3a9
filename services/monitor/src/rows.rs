//! The SQL of `monitor_clue`.

use bihuan_domain::clue::counted;
use bihuan_domain::figures::Facts;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, bulk};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};
use uuid::Uuid;

use crate::filter::Escalated;
use crate::{Result, codec};

/// A row: what lists show, derived from the facts in it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct ClueRow {
    pub(crate) partition: i32,
    pub(crate) clue_id: Uuid,
    pub(crate) number: String,
    pub(crate) source: String,
    pub(crate) source_id: String,
    pub(crate) stage: String,
    pub(crate) holder: Option<String>,
    pub(crate) held_since: At,
    pub(crate) agency: Option<String>,
    pub(crate) area: Option<String>,
    pub(crate) matter: Option<String>,
    pub(crate) reported_at: At,
    pub(crate) deadline: Option<At>,
    pub(crate) closed_at: Option<At>,
    pub(crate) flagged: bool,
    pub(crate) version: i32,
    pub(crate) newest: i64,
    pub(crate) facts: Vec<u8>,
    /// What the source called them; counts where there is no code.
    pub(crate) source_area: Option<String>,
    pub(crate) source_matter: Option<String>,
    /// Newest colour of the ladder for the due time that it has.
    pub(crate) colour: Option<String>,
    /// By the ladder, to which level.
    pub(crate) escalated: Option<String>,
    /// Until then its deadline counts, if it is open: its clocks stand still.
    pub(crate) stands_since: Option<At>,
}

macro_rules! columns {
    () => {
        "partition, clue_id, number, source, source_id, stage, holder, held_since, agency, area, matter, reported_at,
         deadline, closed_at, flagged, version, newest, facts, source_area, source_matter, colour, escalated, stands_since"
    };
}

/// All columns in the order of [`ClueRow`].
pub(crate) const COLUMNS: &str = columns!();
const COLUMN_COUNT: usize = 23;

const INSERT: &str = concat!("INSERT INTO monitor_clue (", columns!(), ")");
/// What is fixed with the report stays as it was first written.
const UPDATE: &str = "ON CONFLICT (partition, clue_id) DO UPDATE SET stage = excluded.stage, holder = excluded.holder,
    held_since = excluded.held_since, agency = excluded.agency, area = excluded.area, matter = excluded.matter,
    deadline = excluded.deadline, closed_at = excluded.closed_at, flagged = excluded.flagged, version = excluded.version,
    newest = excluded.newest, facts = excluded.facts, colour = excluded.colour, escalated = excluded.escalated,
    stands_since = excluded.stands_since";

impl ClueRow {
    /// `newest`: sequence of the clue's newest event.
    pub(crate) fn of(partition: u32, facts: &Facts, newest: i64) -> Result<Self> {
        let condition = facts.latest();
        Ok(Self {
            partition: partition as i32,
            clue_id: facts.clue.0,
            number: facts.number.clone(),
            source: facts.source.to_string(),
            source_id: facts.source_id.clone(),
            stage: condition.standing.as_str().to_owned(),
            holder: condition
                .standing
                .holder()
                .map(|holder| holder.as_str().to_owned()),
            held_since: At(condition.held_since),
            agency: condition.agency.map(ToString::to_string),
            area: condition.area.map(ToString::to_string),
            matter: condition.matter.map(ToString::to_string),
            reported_at: At(facts.reported_at),
            deadline: condition.deadline.map(At),
            closed_at: condition.closing.map(|closing| At(closing.at)),
            flagged: !condition.flags().is_empty(),
            version: facts.version as i32,
            newest,
            facts: codec::encode(facts)?,
            source_area: facts.source_area.clone(),
            source_matter: facts.source_matter.clone(),
            colour: condition.colour().map(ToString::to_string),
            escalated: condition
                .escalated_to()
                .map(|level| Escalated::To(level).as_str().to_owned()),
            stands_since: condition.stands_since().map(At),
        })
    }

    /// Whether it is open and past its deadline.
    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        let counted = counted(self.stands_since.map(|since| since.0), now);
        self.holder.is_some() && self.deadline.is_some_and(|deadline| deadline.0 < counted)
    }
}

type Stored = (i32, Uuid, i64, Vec<u8>);

/// The facts of the given clues that are there, with the sequence of the newest event in them.
pub(crate) async fn load(
    mut connection: Connection<'_>,
    keys: &[(u32, ClueId)],
) -> Result<Vec<(u32, Facts, i64)>> {
    let rows = match &mut connection {
        Connection::Postgres(c) => load_postgres(c, keys).await?,
        Connection::Sqlite(c) => load_sqlite(c, keys).await?,
    };
    let mut loaded = Vec::with_capacity(rows.len());
    for (partition, _, newest, bytes) in rows {
        let partition = partition as u32;
        let facts = match codec::decode(&bytes) {
            Some(facts) => Some(facts),
            None => codec::refold(connection.reborrow(), partition, newest).await?,
        };
        loaded.extend(facts.map(|facts| (partition, facts, newest)));
    }
    Ok(loaded)
}

async fn load_postgres(c: &mut PgConnection, keys: &[(u32, ClueId)]) -> Result<Vec<Stored>> {
    let (partitions, ids): (Vec<i32>, Vec<Uuid>) = keys.iter().map(|(p, clue)| (*p as i32, clue.0)).unzip();
    Ok(sqlx::query_as(
        "SELECT m.partition, m.clue_id, m.newest, m.facts
         FROM unnest($1::int[], $2::uuid[]) AS k (partition, clue_id) JOIN monitor_clue m USING (partition, clue_id)",
    )
    .bind(partitions)
    .bind(ids)
    .fetch_all(c)
    .await?)
}

async fn load_sqlite(c: &mut SqliteConnection, keys: &[(u32, ClueId)]) -> Result<Vec<Stored>> {
    let head =
        "SELECT partition, clue_id, newest, facts FROM monitor_clue WHERE (partition, clue_id) IN (VALUES";
    let mut rows = Vec::with_capacity(keys.len());
    for chunk in bulk::chunks(keys) {
        let text = AssertSqlSafe(bulk::statement(head, 2, chunk.len(), ")"));
        let mut query = sqlx::query_as(text);
        for (partition, clue) in chunk {
            query = query.bind(*partition as i32).bind(clue.0);
        }
        rows.extend::<Vec<Stored>>(query.fetch_all(&mut *c).await?);
    }
    Ok(rows)
}

/// Writes how the clues stand now.
pub(crate) async fn upsert(connection: Connection<'_>, rows: &[ClueRow]) -> Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let written = match connection {
        Connection::Postgres(c) => upsert_postgres(c, rows).await?,
        Connection::Sqlite(c) => upsert_sqlite(c, rows).await?,
    };
    let expected = rows.len() as u64;
    if written == expected {
        Ok(())
    } else {
        Err(bihuan_store::Error::RowCount {
            what: "monitor_clue",
            expected,
            written,
        }
        .into())
    }
}

async fn upsert_postgres(c: &mut PgConnection, rows: &[ClueRow]) -> Result<u64> {
    fn column<'a, T: 'a>(rows: &'a [ClueRow], of: impl Fn(&'a ClueRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let text = AssertSqlSafe(format!(
        "{INSERT} SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
             $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[],
             $14::timestamptz[], $15::boolean[], $16::int[], $17::bigint[], $18::bytea[],
             $19::text[], $20::text[], $21::text[], $22::text[], $23::timestamptz[]) {UPDATE}"
    ));
    let done = sqlx::query(text)
        .bind(column(rows, |row| row.partition))
        .bind(column(rows, |row| row.clue_id))
        .bind(column(rows, |row| row.number.as_str()))
        .bind(column(rows, |row| row.source.as_str()))
        .bind(column(rows, |row| row.source_id.as_str()))
        .bind(column(rows, |row| row.stage.as_str()))
        .bind(column(rows, |row| row.holder.as_deref()))
        .bind(column(rows, |row| row.held_since))
        .bind(column(rows, |row| row.agency.as_deref()))
        .bind(column(rows, |row| row.area.as_deref()))
        .bind(column(rows, |row| row.matter.as_deref()))
        .bind(column(rows, |row| row.reported_at))
        .bind(column(rows, |row| row.deadline))
        .bind(column(rows, |row| row.closed_at))
        .bind(column(rows, |row| row.flagged))
        .bind(column(rows, |row| row.version))
        .bind(column(rows, |row| row.newest))
        .bind(column(rows, |row| row.facts.as_slice()))
        .bind(column(rows, |row| row.source_area.as_deref()))
        .bind(column(rows, |row| row.source_matter.as_deref()))
        .bind(column(rows, |row| row.colour.as_deref()))
        .bind(column(rows, |row| row.escalated.as_deref()))
        .bind(column(rows, |row| row.stands_since))
        .execute(c)
        .await?;
    Ok(done.rows_affected())
}

async fn upsert_sqlite(c: &mut SqliteConnection, rows: &[ClueRow]) -> Result<u64> {
    let head = format!("{INSERT} VALUES");
    let mut written = 0;
    for chunk in bulk::chunks(rows) {
        let mut query = sqlx::query(AssertSqlSafe(bulk::statement(
            &head,
            COLUMN_COUNT,
            chunk.len(),
            UPDATE,
        )));
        for row in chunk.iter().cloned() {
            query = query
                .bind(row.partition)
                .bind(row.clue_id)
                .bind(row.number)
                .bind(row.source)
                .bind(row.source_id)
                .bind(row.stage)
                .bind(row.holder)
                .bind(row.held_since)
                .bind(row.agency)
                .bind(row.area)
                .bind(row.matter)
                .bind(row.reported_at)
                .bind(row.deadline)
                .bind(row.closed_at)
                .bind(row.flagged)
                .bind(row.version)
                .bind(row.newest)
                .bind(row.facts)
                .bind(row.source_area)
                .bind(row.source_matter)
                .bind(row.colour)
                .bind(row.escalated)
                .bind(row.stands_since);
        }
        written += query.execute(&mut *c).await?.rows_affected();
    }
    Ok(written)
}
