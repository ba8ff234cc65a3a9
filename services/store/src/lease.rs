//! Who may write a lane, and how far it got. The lease row is the only commit point of the batch loop.
//!
//! | row's (epoch, commits) against the holder's | outcome of [`advance`]                               |
//! |---------------------------------------------|------------------------------------------------------|
//! | equal                                       | moves: effects and position commit together          |
//! | epoch higher                                | fenced: somebody else acquired the lane              |
//! | epoch equal, commits higher                 | fenced: this very batch committed already            |

use std::collections::BTreeMap;

use bihuan_domain::digest::Digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::check_rows;
use crate::{Bytes32, Connection, Error, Result, Store, sql};

/// A lane of a consumer group as its holder sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Lease {
    pub group: String,
    pub partition: u32,
    pub epoch: i64,
    pub commits: i64,
    pub positions: Positions,
    /// Newest sequence written to the group's journal.
    pub out_sequence: i64,
    /// Newest sequence known to be on the log.
    pub published_sequence: i64,
    /// Head of the journal's digest chain.
    pub digest: Digest,
}

/// By topic and its partition. A lane reads few inputs, so they are searched one by one, without building a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Positions(Vec<Input>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Input {
    topic: String,
    partition: u32,
    position: Position,
}

/// How far one partition of one topic was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The offset to read next.
    pub next: i64,
    /// Newest sequence accepted, on a journal.
    #[serde(default)]
    pub sequence: i64,
    /// Records read so far: the left side of the accounts.
    #[serde(default)]
    pub read: i64,
}

impl Positions {
    pub fn get(&self, topic: &str, partition: u32) -> Option<Position> {
        self.0
            .iter()
            .find(|input| input.is(topic, partition))
            .map(|input| input.position)
    }

    pub fn set(&mut self, topic: &str, partition: u32, position: Position) {
        match self.0.iter_mut().find(|input| input.is(topic, partition)) {
            Some(input) => input.position = position,
            None => self.0.push(Input {
                topic: topic.to_owned(),
                partition,
                position,
            }),
        }
    }

    /// (topic, partition, position)
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32, Position)> {
        self.0
            .iter()
            .map(|input| (input.topic.as_str(), input.partition, input.position))
    }
}

impl Input {
    fn is(&self, topic: &str, partition: u32) -> bool {
        self.partition == partition && self.topic == topic
    }
}

impl Serialize for Positions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.iter()
                .map(|(topic, partition, position)| (format!("{topic}/{partition}"), position)),
        )
    }
}

impl<'de> Deserialize<'de> for Positions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = BTreeMap::<String, Position>::deserialize(deserializer)?;
        let mut positions = Self::default();
        for (key, position) in stored {
            let input = key
                .rsplit_once('/')
                .and_then(|(topic, partition)| Some((topic, partition.parse().ok()?)));
            let (topic, partition) =
                input.ok_or_else(|| D::Error::custom(format!("{key:?} is not topic/partition")))?;
            positions.set(topic, partition, position);
        }
        Ok(positions)
    }
}

type Row = (i32, i64, i64, String, i64, i64, Vec<u8>);

impl Lease {
    fn of(group: &str, row: Row) -> Result<Self> {
        let (partition, epoch, commits, positions, out_sequence, published_sequence, digest) = row;
        Ok(Self {
            group: group.to_owned(),
            partition: partition as u32,
            epoch,
            commits,
            positions: serde_json::from_str(&positions)
                .map_err(|error| Error::corrupt("lease positions", &error))?,
            out_sequence,
            published_sequence,
            digest: Bytes32::parse(&digest)?,
        })
    }
}

/// Takes the lane over: every earlier holder is fenced from now on.
pub async fn acquire(store: &Store, group: &str, partition: u32) -> Result<Lease> {
    let mut tx = store.begin().await?;
    let row: Row = sql!(tx.conn(), c => sqlx::query_as(
        "INSERT INTO lease (consumer_group, partition, epoch, commits, positions, out_sequence, published_sequence, digest)
         VALUES ($1, $2, 1, 0, '{}', 0, 0, $3)
         ON CONFLICT (consumer_group, partition) DO UPDATE SET epoch = lease.epoch + 1
         RETURNING partition, epoch, commits, positions, out_sequence, published_sequence, digest"
    ).bind(group).bind(partition as i32).bind(&Digest::ZERO.0[..]).fetch_one(c).await)?;
    tx.commit().await?;
    Lease::of(group, row)
}

/// Every lane of the group, without touching it.
pub async fn list(connection: Connection<'_>, group: &str) -> Result<Vec<Lease>> {
    let rows: Vec<Row> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, epoch, commits, positions, out_sequence, published_sequence, digest
         FROM lease WHERE consumer_group = $1 ORDER BY partition"
    ).bind(group).fetch_all(c).await)?;
    rows.into_iter().map(|row| Lease::of(group, row)).collect()
}

/// Moves the leases to the values they hold now, from the state that they were read in. `false`: fenced, and the caller must
/// roll back. On success the caller counts `commits` up by one.
pub async fn advance(connection: Connection<'_>, leases: &[&Lease]) -> Result<bool> {
    let written = match connection {
        Connection::Postgres(c) => advance_postgres(c, leases).await?,
        Connection::Sqlite(c) => {
            let mut written = 0;
            for lease in leases {
                written += advance_sqlite(c, lease).await?;
            }
            written
        }
    };
    if written > leases.len() as u64 {
        check_rows("lease", leases.len() as u64, written)?;
    }
    Ok(written == leases.len() as u64)
}

fn positions_text(lease: &Lease) -> Result<String> {
    serde_json::to_string(&lease.positions).map_err(|error| Error::corrupt("lease positions", &error))
}

async fn advance_postgres(c: &mut sqlx::PgConnection, leases: &[&Lease]) -> Result<u64> {
    let column = |of: fn(&Lease) -> i64| leases.iter().map(|lease| of(lease)).collect::<Vec<_>>();
    let group = leases.first().map_or("", |lease| lease.group.as_str());
    let positions = leases
        .iter()
        .map(|lease| positions_text(lease))
        .collect::<Result<Vec<_>>>()?;
    let done = sqlx::query(
        "UPDATE lease SET commits = lease.commits + 1, positions = new.positions, out_sequence = new.out_sequence,
             published_sequence = new.published_sequence, digest = new.digest
         FROM unnest($2::int[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::bytea[])
             AS new (partition, epoch, commits, positions, out_sequence, published_sequence, digest)
         WHERE lease.consumer_group = $1 AND lease.partition = new.partition
             AND lease.epoch = new.epoch AND lease.commits = new.commits",
    )
    .bind(group)
    .bind(leases.iter().map(|lease| lease.partition as i32).collect::<Vec<_>>())
    .bind(column(|lease| lease.epoch))
    .bind(column(|lease| lease.commits))
    .bind(positions)
    .bind(column(|lease| lease.out_sequence))
    .bind(column(|lease| lease.published_sequence))
    .bind(leases.iter().map(|lease| lease.digest.0.to_vec()).collect::<Vec<_>>())
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}

async fn advance_sqlite(c: &mut sqlx::SqliteConnection, lease: &Lease) -> Result<u64> {
    let done = sqlx::query(
        "UPDATE lease SET commits = commits + 1, positions = $5, out_sequence = $6, published_sequence = $7, digest = $8
         WHERE consumer_group = $1 AND partition = $2 AND epoch = $3 AND commits = $4",
    )
    .bind(&lease.group)
    .bind(lease.partition as i32)
    .bind(lease.epoch)
    .bind(lease.commits)
    .bind(positions_text(lease)?)
    .bind(lease.out_sequence)
    .bind(lease.published_sequence)
    .bind(&lease.digest.0[..])
    .execute(c)
    .await?;
    Ok(done.rows_affected())
}
