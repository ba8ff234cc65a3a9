//! What could not be read, for people: where it came from and why, without its bytes, which may hold personal data.

use bihuan_store::quarantine::{self, Fate, Quarantined};
use bihuan_store::{Connection, Store, sql};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Result;

/// The newest records in quarantine, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuarantinePage {
    pub totals: Vec<Total>,
    pub records: Vec<Listed>,
}

/// How many records one service could not read for one reason, by what became of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow, ToSchema)]
pub struct Total {
    pub service: String,
    pub reason: String,
    /// `waiting`, `replayed` or `discarded`.
    pub fate: String,
    pub records: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Listed {
    pub id: String,
    pub service: String,
    pub topic: String,
    pub partition: u32,
    pub offset: i64,
    #[schema(required)]
    pub source: Option<String>,
    #[schema(required)]
    pub file: Option<String>,
    #[schema(required)]
    pub line: Option<i64>,
    /// Stable code.
    pub reason: String,
    #[schema(required)]
    pub field: Option<String>,
    /// Digest of the mapping that could not read it.
    #[schema(required)]
    pub mapping: Option<String>,
    pub bytes: usize,
    /// RFC 3339.
    pub received_at: String,
    pub fate: &'static str,
    #[schema(required)]
    pub fate_at: Option<String>,
    /// Staff reference.
    #[schema(required)]
    pub fate_by: Option<String>,
    #[schema(required)]
    pub fate_reason: Option<String>,
}

impl From<Quarantined> for Listed {
    fn from(record: Quarantined) -> Self {
        let fate = record.fate.name();
        let (fate_at, fate_by, fate_reason) = match record.fate {
            Fate::Waiting => (None, None, None),
            Fate::Replayed { at, by } => (Some(at.to_string()), Some(by), None),
            Fate::Discarded { at, by, reason } => (Some(at.to_string()), Some(by), Some(reason)),
        };
        Self {
            id: record.id.to_string(),
            service: record.group,
            topic: record.topic,
            partition: record.topic_partition,
            offset: record.offset,
            source: record.source,
            file: record.file,
            line: record.line,
            reason: record.reason,
            field: record.field,
            mapping: record.mapping,
            bytes: record.bytes.len(),
            received_at: record.received_at.to_string(),
            fate,
            fate_at,
            fate_by,
            fate_reason,
        }
    }
}

/// The newest `limit` records of one fate and reason, where given.
pub async fn list(
    store: &Store,
    fate: Option<&str>,
    reason: Option<&str>,
    limit: u32,
) -> Result<QuarantinePage> {
    let mut reader = store.snapshot().await?;
    let records = quarantine::list(reader.conn(), fate, reason, i64::from(limit)).await?;
    let totals = totals(reader.conn()).await?;
    Ok(QuarantinePage {
        totals,
        records: records.into_iter().map(Listed::from).collect(),
    })
}

/// How many records there are, by service, reason and fate.
pub(crate) async fn totals(connection: Connection<'_>) -> Result<Vec<Total>> {
    Ok(sql!(connection, c => sqlx::query_as(
        "SELECT consumer_group AS service, reason, fate, count(*) AS records FROM quarantine
         GROUP BY consumer_group, reason, fate ORDER BY consumer_group, reason, fate"
    ).fetch_all(c).await)?)
}
