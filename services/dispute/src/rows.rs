//! The SQL of the rows of disputes.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::topics;
use bihuan_domain::code::AgencyId;
use bihuan_domain::dispute::{Dispute, Step};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Error, Result, bulk, sql};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::GROUP;
use crate::aggregate::Aggregate;

/// A row of `dispute`, encoded, with the agencies that the dispute concerns.
pub(crate) struct Row {
    partition: u32,
    dispute: DisputeId,
    clue: ClueId,
    version: u32,
    sequence: i64,
    state: Vec<u8>,
    step: Option<Step>,
    forum: Option<&'static str>,
    county: Option<String>,
    due_at: Option<Timestamp>,
    agencies: BTreeSet<AgencyId>,
}

impl Row {
    pub(crate) fn of(partition: u32, id: DisputeId, aggregate: &Aggregate) -> Self {
        let dispute = aggregate.state.dispute.as_ref();
        Self {
            partition,
            dispute: id,
            clue: aggregate.clue,
            version: aggregate.state.version,
            sequence: aggregate.sequence,
            state: aggregate.to_bytes(),
            step: dispute.and_then(Dispute::step),
            forum: dispute.map(|it| it.forum.level().as_str()),
            county: dispute.and_then(|it| it.forum.county()).map(ToString::to_string),
            due_at: dispute.and_then(Dispute::deadline).map(|it| it.at),
            agencies: dispute.map(concerned).unwrap_or_default(),
        }
    }

    /// What stands in the columns that are looked up by.
    pub(crate) fn columns(&self) -> Columns {
        Columns {
            clue: self.clue,
            version: self.version,
            step: self.step.map(|it| it.as_str().to_owned()),
            forum: self.forum.map(str::to_owned),
            county: self.county.clone(),
            due_at: self.due_at,
        }
    }
}

/// The columns of a row that follow from its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) clue: ClueId,
    pub(crate) version: u32,
    pub(crate) step: Option<String>,
    pub(crate) forum: Option<String>,
    pub(crate) county: Option<String>,
    pub(crate) due_at: Option<Timestamp>,
}

/// Everybody whom the dispute is to be shown to.
pub(crate) fn concerned(dispute: &Dispute) -> BTreeSet<AgencyId> {
    let ruled = dispute.rulings.iter().flat_map(|it| {
        let assisting = it.ruling.assisting.iter();
        assisting.chain([&it.ruling.responsible])
    });
    let parties = dispute.parties.iter().map(|it| &it.agency);
    parties.chain(&dispute.lead).chain(ruled).cloned().collect()
}

/// A row as it is stored.
pub(crate) struct Found {
    pub(crate) partition: u32,
    pub(crate) dispute: DisputeId,
    pub(crate) sequence: i64,
    pub(crate) state: Vec<u8>,
    pub(crate) columns: Columns,
}

type Stored = (
    i32,
    Uuid,
    Uuid,
    i32,
    i64,
    Vec<u8>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<At>,
);

const COLUMNS: &str = "d.partition, d.dispute_id, d.clue_id, d.version, d.sequence, d.state, d.step, d.forum, d.county, d.due_at";

fn found((partition, dispute, clue, version, sequence, state, step, forum, county, due_at): Stored) -> Found {
    Found {
        partition: partition as u32,
        dispute: DisputeId(dispute),
        sequence,
        state,
        columns: Columns {
            clue: ClueId(clue),
            version: version as u32,
            step,
            forum,
            county,
            due_at: due_at.map(|At(at)| at),
        },
    }
}

impl Found {
    /// The dispute, folded again where its state is of another format.
    pub(crate) async fn aggregate(&self, connection: Connection<'_>) -> Result<Aggregate> {
        let clue = self.columns.clue;
        match Aggregate::state_from_bytes(&self.state) {
            Some(state) => Ok(Aggregate {
                clue,
                state,
                sequence: self.sequence,
            }),
            None => Aggregate::refold(connection, self.partition, clue, self.sequence).await,
        }
    }
}

async fn aggregates(
    mut connection: Connection<'_>,
    rows: Vec<Stored>,
) -> Result<Vec<(DisputeId, Aggregate)>> {
    let mut aggregates = Vec::with_capacity(rows.len());
    for row in rows.into_iter().map(found) {
        aggregates.push((row.dispute, row.aggregate(connection.reborrow()).await?));
    }
    Ok(aggregates)
}

/// Every open dispute of the partition.
pub(crate) async fn open(
    mut connection: Connection<'_>,
    partition: u32,
) -> Result<Vec<(DisputeId, Aggregate)>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM dispute d WHERE d.partition = $1 AND d.step IS NOT NULL"
    ));
    let rows: Vec<Stored> = sql!(connection.reborrow(), c => sqlx::query_as(text)
        .bind(partition as i32).fetch_all(c).await)?;
    aggregates(connection, rows).await
}

/// Those of the given ids that are there.
pub(crate) async fn load(
    mut connection: Connection<'_>,
    partition: u32,
    ids: &[DisputeId],
) -> Result<Vec<(DisputeId, Aggregate)>> {
    let mut rows: Vec<Stored> = Vec::new();
    for chunk in bulk::chunks(ids) {
        let head = format!("SELECT {COLUMNS} FROM dispute d WHERE (d.partition, d.dispute_id) IN (VALUES");
        let text = AssertSqlSafe(bulk::numbered(&head, 2, chunk.len(), ")"));
        rows.extend::<Vec<Stored>>(sql!(connection.reborrow(), c => {
            let mut query = sqlx::query_as(text);
            for id in chunk {
                query = query.bind(partition as i32).bind(id.0);
            }
            query.fetch_all(c).await
        })?);
    }
    aggregates(connection, rows).await
}

/// Writes where the disputes stand now. What has ended goes first: a clue may come into dispute again in the same batch.
pub(crate) async fn upsert(mut connection: Connection<'_>, rows: &mut [Row]) -> Result<()> {
    rows.sort_by_key(|row| row.step.is_some());
    let mut written = 0;
    for chunk in bulk::chunks(rows) {
        let head = "INSERT INTO dispute
            (partition, dispute_id, clue_id, version, sequence, state, step, forum, county, due_at) VALUES";
        let tail = "ON CONFLICT (partition, dispute_id) DO UPDATE
            SET clue_id = excluded.clue_id, version = excluded.version, sequence = excluded.sequence,
                state = excluded.state, step = excluded.step, forum = excluded.forum,
                county = excluded.county, due_at = excluded.due_at";
        let text = AssertSqlSafe(bulk::numbered(head, 10, chunk.len(), tail));
        written += sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for row in chunk {
                query = query
                    .bind(row.partition as i32)
                    .bind(row.dispute.0)
                    .bind(row.clue.0)
                    .bind(row.version as i32)
                    .bind(row.sequence)
                    .bind(row.state.clone())
                    .bind(row.step.map(Step::as_str))
                    .bind(row.forum)
                    .bind(row.county.clone())
                    .bind(row.due_at.map(At));
            }
            query.execute(c).await.map(|done| done.rows_affected())
        })?;
    }
    if written != rows.len() as u64 {
        return Err(Error::RowCount {
            what: "disputes",
            expected: rows.len() as u64,
            written,
        });
    }
    name_agencies(connection, rows).await
}

/// Adds agencies; those that are there already stay.
async fn name_agencies(mut connection: Connection<'_>, rows: &[Row]) -> Result<()> {
    let of_row = |row: &Row| {
        let (partition, dispute) = (row.partition, row.dispute);
        let agencies = row.agencies.iter().cloned();
        agencies
            .map(move |agency| (agency, partition, dispute))
            .collect::<Vec<_>>()
    };
    let all: Vec<_> = rows.iter().flat_map(of_row).collect();
    for chunk in bulk::chunks(&all) {
        let head = "INSERT INTO dispute_agency (agency, partition, dispute_id) VALUES";
        let text = AssertSqlSafe(bulk::numbered(head, 3, chunk.len(), "ON CONFLICT DO NOTHING"));
        sql!(connection.reborrow(), c => {
            let mut query = sqlx::query(text);
            for (agency, partition, dispute) in chunk {
                query = query.bind(agency.to_string()).bind(*partition as i32).bind(dispute.0);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Whom each dispute of the partition is to be shown to.
pub(crate) async fn agencies(
    connection: Connection<'_>,
    partition: u32,
) -> Result<BTreeMap<DisputeId, BTreeSet<AgencyId>>> {
    let text = "SELECT dispute_id, agency FROM dispute_agency WHERE partition = $1";
    let rows: Vec<(Uuid, String)> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).fetch_all(c).await)?;
    let mut agencies: BTreeMap<DisputeId, BTreeSet<AgencyId>> = BTreeMap::new();
    for (dispute, agency) in rows {
        // a name that is none stands for nobody
        let named = agencies.entry(DisputeId(dispute)).or_default();
        named.extend(AgencyId::new(&agency).ok());
    }
    Ok(agencies)
}

/// Every row of the partition after `after`, by dispute id.
pub(crate) async fn page(
    connection: Connection<'_>,
    partition: u32,
    after: Uuid,
    limit: i64,
) -> Result<Vec<Found>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM dispute d WHERE d.partition = $1 AND d.dispute_id > $2 ORDER BY d.dispute_id LIMIT $3"
    ));
    let rows: Vec<Stored> = sql!(connection, c => sqlx::query_as(text)
        .bind(partition as i32).bind(after).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(found).collect())
}

/// The partitions that have rows.
pub(crate) async fn partitions(connection: Connection<'_>) -> Result<Vec<u32>> {
    let partitions: Vec<i32> = sql!(connection, c => sqlx::query_scalar("SELECT DISTINCT partition FROM dispute")
        .fetch_all(c).await)?;
    Ok(partitions.into_iter().map(|it| it as u32).collect())
}

/// How many open disputes of all partitions are to do something by themselves by then and have not.
pub async fn wakes_by(connection: Connection<'_>, until: Timestamp) -> Result<i64> {
    Ok(
        sql!(connection, c => sqlx::query_scalar("SELECT count(*) FROM dispute WHERE step IS NOT NULL AND due_at < $1")
        .bind(At(until)).fetch_one(c).await)?,
    )
}

/// How many messages of the partition were put away.
pub(crate) async fn put_away(connection: Connection<'_>, partition: u32) -> Result<i64> {
    Ok(sql!(connection, c => sqlx::query_scalar(
        "SELECT count(*) FROM quarantine WHERE consumer_group = $1 AND partition = $2 AND topic = $3"
    ).bind(GROUP).bind(partition as i32).bind(topics::DISPUTE_COMMANDS).fetch_one(c).await)?)
}

/// The newest event of each clue of the partition that ever came into dispute.
pub(crate) async fn disputed(connection: Connection<'_>, partition: u32) -> Result<Vec<(ClueId, i64)>> {
    let rows: Vec<(Uuid, i64)> = sql!(connection, c => sqlx::query_as(
        "SELECT clue_id, max(sequence) FROM clue_event
         WHERE partition = $1 AND clue_id IN (
             SELECT clue_id FROM clue_event WHERE partition = $1 AND type = 'bihuan.clue.v1.ClueDisputed')
         GROUP BY clue_id ORDER BY clue_id"
    ).bind(partition as i32).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(clue, newest)| (ClueId(clue), newest))
        .collect())
}

/// The dispute, in whatever partition.
pub(crate) async fn one(connection: Connection<'_>, dispute: DisputeId) -> Result<Option<Found>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM dispute d WHERE d.dispute_id = $1 ORDER BY d.forum IS NULL, d.partition LIMIT 1"
    ));
    let row: Option<Stored> =
        sql!(connection, c => sqlx::query_as(text).bind(dispute.0).fetch_optional(c).await)?;
    Ok(row.map(found))
}

/// What a list is narrowed to.
pub(crate) struct Asked<'a> {
    pub(crate) open: Option<bool>,
    pub(crate) clue: Option<ClueId>,
    pub(crate) agency: Option<&'a AgencyId>,
    pub(crate) forum: Option<&'static str>,
    pub(crate) county: Option<&'a str>,
    pub(crate) due_before: Option<Timestamp>,
    /// Only those after this one: until when it may take, if it is open, and its id.
    pub(crate) after: Option<(Option<Timestamp>, DisputeId)>,
    pub(crate) most: i64,
}

/// Opened disputes: the open ones by when they are due, then the others.
pub(crate) async fn list(connection: Connection<'_>, asked: &Asked<'_>) -> Result<Vec<Found>> {
    let text = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM dispute d
         WHERE d.forum IS NOT NULL
           AND ($1 IS NULL OR d.clue_id = $1)
           AND ($2 IS NULL OR EXISTS (
               SELECT 1 FROM dispute_agency a
               WHERE a.agency = $2 AND a.partition = d.partition AND a.dispute_id = d.dispute_id))
           AND ($3 IS NULL OR d.forum = $3)
           AND ($4 IS NULL OR d.county = $4)
           AND ($5 IS NULL OR d.due_at < $5)
           AND ($6 IS NULL OR (d.step IS NOT NULL) = $6)
           AND ($8 IS NULL
               OR ($9 IS NOT NULL AND (d.step IS NULL OR d.due_at > $9 OR (d.due_at = $9 AND d.dispute_id > $8)))
               OR ($9 IS NULL AND d.step IS NULL AND d.dispute_id > $8))
         ORDER BY d.step IS NULL, d.due_at, d.dispute_id LIMIT $7"
    ));
    let rows: Vec<Stored> = sql!(connection, c => sqlx::query_as(text)
        .bind(asked.clue.map(|it| it.0))
        .bind(asked.agency.map(ToString::to_string))
        .bind(asked.forum)
        .bind(asked.county.map(str::to_owned))
        .bind(asked.due_before.map(At))
        .bind(asked.open)
        .bind(asked.most)
        .bind(asked.after.map(|(_, dispute)| dispute.0))
        .bind(asked.after.and_then(|(due_at, _)| due_at).map(At))
        .fetch_all(c).await)?;
    Ok(rows.into_iter().map(found).collect())
}
