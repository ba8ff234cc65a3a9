//! When each source was heard last: any record of it, heartbeats and what cannot be read included. By intake's journal, so that a
//! restart forgets nothing.

use std::collections::BTreeMap;

use bihuan_contracts::intake::IntakeEvent;
use bihuan_domain::time::Timestamp;
use bihuan_store::{At, Connection, Result, Store, sql};
use serde::Serialize;
use utoipa::ToSchema;

/// When a source was heard last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LastHeard {
    pub source: String,
    /// RFC 3339.
    pub last_heard_at: String,
    /// How long ago that is.
    pub seconds: u64,
}

/// The newest times, by partition and source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard(BTreeMap<(u32, String), Timestamp>);

impl Heard {
    pub(crate) fn note(&mut self, partition: u32, event: &IntakeEvent) {
        let source = match event {
            IntakeEvent::RecordsAccepted { source, .. }
            | IntakeEvent::RecordsFedBack { source, .. }
            | IntakeEvent::RecordsSkipped { source, .. } => Some(source),
            IntakeEvent::RecordQuarantined { source, .. } => source.as_ref(),
            // people did that
            IntakeEvent::QuarantineReplayed { .. } | IntakeEvent::QuarantineDiscarded { .. } => None,
        };
        if let Some(source) = source {
            let newest = self
                .0
                .entry((partition, source.to_string()))
                .or_insert(event.at());
            *newest = event.at().max(*newest);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_map(self) -> BTreeMap<(u32, String), Timestamp> {
        self.0
    }

    pub(crate) async fn persist(&self, mut connection: Connection<'_>) -> Result<()> {
        for ((partition, source), at) in &self.0 {
            sql!(connection.reborrow(), c => sqlx::query(
                "INSERT INTO monitor_source (partition, source, last_heard_at) VALUES ($1, $2, $3)
                 ON CONFLICT (partition, source) DO UPDATE SET last_heard_at =
                     CASE WHEN excluded.last_heard_at > monitor_source.last_heard_at
                     THEN excluded.last_heard_at ELSE monitor_source.last_heard_at END"
            ).bind(*partition as i32).bind(source.clone()).bind(At(*at)).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}

pub(crate) async fn load(connection: Connection<'_>) -> Result<BTreeMap<(u32, String), Timestamp>> {
    let rows: Vec<(i32, String, At)> = sql!(connection, c => sqlx::query_as(
        "SELECT partition, source, last_heard_at FROM monitor_source"
    ).fetch_all(c).await)?;
    let keyed = rows
        .into_iter()
        .map(|(partition, source, at)| ((partition as u32, source), at.0));
    Ok(keyed.collect())
}

/// Every source that was ever heard, by name.
pub(crate) async fn sources(connection: Connection<'_>, now: Timestamp) -> Result<Vec<LastHeard>> {
    let mut newest: BTreeMap<String, Timestamp> = BTreeMap::new();
    for ((_, source), at) in load(connection).await? {
        let known = newest.entry(source).or_insert(at);
        *known = at.max(*known);
    }
    let shown = |(source, at): (String, Timestamp)| LastHeard {
        source,
        last_heard_at: at.to_string(),
        seconds: u64::try_from((now.as_micros() - at.as_micros()) / 1_000_000).unwrap_or(0),
    };
    Ok(newest.into_iter().map(shown).collect())
}

/// When each source was heard last.
pub async fn last_heard(store: &Store, now: Timestamp) -> crate::Result<Vec<LastHeard>> {
    Ok(sources(store.read().await?.conn(), now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(source: &str, seconds: i64) -> IntakeEvent {
        IntakeEvent::RecordsSkipped {
            source: source.parse().expect("valid"),
            topic: "t".to_owned(),
            partition: 0,
            first_offset: 0,
            last_offset: 0,
            count: 1,
            at: Timestamp::from_micros(seconds * 1_000_000),
        }
    }

    #[test]
    fn the_newest_counts_in_whatever_order_it_was_journalled() {
        let mut heard = Heard::default();
        for event in [
            skipped("grid", 5),
            skipped("grid", 9),
            skipped("grid", 7),
            skipped("hotline", 1),
        ] {
            heard.note(0, &event);
        }
        let expected = [("grid", 9), ("hotline", 1)];
        let expected =
            expected.map(|(source, at)| ((0, source.to_owned()), Timestamp::from_micros(at * 1_000_000)));
        assert_eq!(heard.into_map(), expected.into());
    }

    #[tokio::test]
    async fn what_is_stored_never_goes_back() {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Store::sqlite(directory.path()).await.expect("opened");
        store.migrate(&[crate::MIGRATIONS]).await.expect("migrated");
        for at in [50, 30, 60] {
            let mut heard = Heard::default();
            heard.note(at as u32 % 2, &skipped("grid", at));
            let mut tx = store.begin().await.expect("begins");
            heard.persist(tx.conn()).await.expect("written");
            tx.commit().await.expect("commits");
            let now = Timestamp::from_micros(100_000_000);
            let found = last_heard(&store, now).await.expect("read");
            let newest = at.max(50);
            assert_eq!(found.len(), 1);
            assert_eq!(found[0].seconds, 100 - newest as u64);
        }
    }
}
