//! A store with journals, and monitor reading them as the batch loop would: handle, then rows and position in one transaction.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use bihuan_contracts::event::{self, ClueEvent};
use bihuan_contracts::intake::{self, IntakeEvent};
use bihuan_contracts::{delivery, topics};
use bihuan_domain::clue::Occurrence;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::{GROUP, MIGRATIONS, Monitor, ReportQuery, accounts, report, verify};
use bihuan_rulebook::Library;
use bihuan_store::journal::{self, Entry, Journal};
use bihuan_store::lease::{self, Lease, Position};
use bihuan_store::{Store, Tx, sql};
use bihuan_stream::{Batch, Effects, Handler, LaneBatch, Record};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) monitor: Monitor,
    leases: BTreeMap<u32, Lease>,
    ends: BTreeMap<(&'static str, u32), i64>,
    newest: BTreeMap<Uuid, i64>,
    unread: BTreeMap<u32, Vec<Record>>,
    _directory: Option<tempfile::TempDir>,
}

/// One world on SQLite and, if the tests were given a PostgreSQL, one there.
pub(crate) async fn worlds() -> Vec<World> {
    let directory = tempfile::tempdir().expect("a directory");
    let sqlite = Store::sqlite(directory.path()).await.expect("opens");
    let mut worlds = vec![World::new(sqlite, Some(directory)).await];
    if let Some(url) = postgres_url() {
        worlds.push(World::new(postgres(&url).await, None).await);
    }
    worlds
}

fn postgres_url() -> Option<String> {
    let path = std::env::var_os("BIHUAN_TEST_CONFIG")?;
    let text = std::fs::read_to_string(path).expect("the test configuration is readable");
    let config: toml::Table = text.parse().expect("the test configuration is TOML");
    Some(
        config["store"]["url"]
            .as_str()
            .expect("[store] url is text")
            .to_owned(),
    )
}

/// A schema of its own for each test.
async fn postgres(url: &str) -> Store {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let schema = format!(
        "monitor_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::SeqCst)
    );
    let admin = Store::postgres(url, 1).await.expect("the test database is there");
    let mut tx = admin.begin().await.expect("begins");
    let text = sqlx::AssertSqlSafe(format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"
    ));
    sql!(tx.conn(), c => sqlx::raw_sql(text).execute(c).await.map(|_| ())).expect("a schema");
    tx.commit().await.expect("commits");
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}options=-c%20search_path%3D{schema}");
    Store::postgres(&url, 4).await.expect("connects")
}

async fn persist(rows: Option<<Monitor as Handler>::Rows>, tx: &mut Tx) {
    if let Some(rows) = rows {
        Monitor::persist(rows, tx).await.expect("persists");
    }
}

impl World {
    async fn new(store: Store, directory: Option<tempfile::TempDir>) -> Self {
        store
            .migrate(&[MIGRATIONS, bihuan_dispute::MIGRATIONS])
            .await
            .expect("migrates");
        Self {
            monitor: Monitor::new(store.clone()),
            store,
            leases: BTreeMap::new(),
            ends: BTreeMap::new(),
            newest: BTreeMap::new(),
            unread: BTreeMap::new(),
            _directory: directory,
        }
    }

    pub(crate) async fn clue(&mut self, partition: u32, occurrences: Vec<Occurrence>) {
        for occurrence in occurrences {
            let clue = Some(occurrence.clue.0);
            let event = ClueEvent::Clue(occurrence);
            let (name, at) = (event::type_name(&event), event.at());
            self.journal(Journal::Clue, partition, clue, (name, at), event::encode(&event))
                .await;
        }
    }

    pub(crate) async fn intake(&mut self, partition: u32, event: IntakeEvent) {
        let (name, at) = (intake::type_name(&event), event.at());
        self.journal(
            Journal::Intake,
            partition,
            None,
            (name, at),
            intake::encode(&event),
        )
        .await;
    }

    pub(crate) async fn delivery(&mut self, partition: u32, event: delivery::DeliveryEvent) {
        let (name, at) = (delivery::type_name(&event), event.at());
        self.journal(
            Journal::Delivery,
            partition,
            None,
            (name, at),
            delivery::encode(&event),
        )
        .await;
    }

    async fn journal(
        &mut self,
        journal: Journal,
        partition: u32,
        clue: Option<Uuid>,
        (type_name, at): (&'static str, Timestamp),
        payload: Vec<u8>,
    ) {
        let topic = match journal {
            Journal::Clue => topics::CLUE_EVENTS,
            Journal::Intake => topics::INTAKE_EVENTS,
            Journal::Delivery => topics::DELIVERY_EVENTS,
            Journal::Dispute => topics::DISPUTE_EVENTS,
        };
        let end = self.ends.entry((topic, partition)).or_default();
        *end += 1;
        let sequence = *end;
        let previous = clue.and_then(|clue| self.newest.insert(clue, sequence));
        let payload_read = payload.clone();
        let type_name_text = type_name.to_owned();
        let entry = Entry {
            partition,
            sequence,
            clue,
            previous,
            at,
            type_name: type_name_text,
            payload,
        };
        let mut tx = self.store.begin().await.expect("begins");
        journal::append(tx.conn(), journal, &[entry])
            .await
            .expect("appends");
        tx.commit().await.expect("commits");
        self.unread.entry(partition).or_default().push(Record {
            topic: topic.into(),
            partition,
            offset: sequence,
            type_name: type_name.into(),
            sequence: Some(sequence),
            key: Vec::new(),
            headers: Vec::new(),
            payload: payload_read,
            tombstone: false,
            logged_at: None,
        });
    }

    fn batch(&self) -> Batch {
        let unread = self.unread.iter();
        let lanes = unread.map(|(partition, records)| LaneBatch::new(*partition, records.clone()));
        Batch {
            lanes: lanes.collect(),
            now: Timestamp::EPOCH,
            grace: std::time::Duration::ZERO,
        }
    }

    /// Works through everything that is unread, in one batch.
    pub(crate) async fn read(&mut self) {
        let batch = self.batch();
        let rows = self.monitor.handle(&batch, &mut Effects::default()).await;
        let rows = rows.expect("handles");
        let mut moved = Vec::new();
        for lane in &batch.lanes {
            let lease = self.lease(lane.partition).await;
            for record in &lane.records {
                let sequence = record.sequence.unwrap_or_default();
                let position = Position {
                    next: record.offset + 1,
                    sequence,
                    read: sequence,
                };
                lease.positions.set(&record.topic, record.partition, position);
            }
            moved.push(lane.partition);
        }
        let mut tx = self.store.begin().await.expect("begins");
        let leases: Vec<&Lease> = moved
            .iter()
            .filter_map(|partition| self.leases.get(partition))
            .collect();
        assert!(
            lease::advance(tx.conn(), &leases).await.expect("advances"),
            "not fenced"
        );
        persist(rows, &mut tx).await;
        tx.commit().await.expect("commits");
        for partition in moved {
            self.lease(partition).await.commits += 1;
        }
        self.unread.clear();
    }

    /// Works through everything that is unread and loses it: the database took nothing of it.
    pub(crate) async fn read_in_vain(&mut self) {
        let batch = self.batch();
        let rows = self.monitor.handle(&batch, &mut Effects::default()).await;
        let rows = rows.expect("handles");
        let mut tx = self.store.begin().await.expect("begins");
        persist(rows, &mut tx).await;
        drop(tx);
        for lane in &batch.lanes {
            self.monitor.forget(lane.partition);
        }
    }

    async fn lease(&mut self, partition: u32) -> &mut Lease {
        if !self.leases.contains_key(&partition) {
            let lease = lease::acquire(&self.store, GROUP, partition)
                .await
                .expect("acquires");
            self.leases.insert(partition, lease);
        }
        self.leases.get_mut(&partition).expect("was inserted")
    }

    /// Intake has read so many records by position.
    pub(crate) async fn received(&self, read: i64) {
        let mut lease = lease::acquire(&self.store, "intake", 0).await.expect("acquires");
        lease.positions.set(
            topics::CLUE_INBOUND,
            0,
            Position {
                next: read,
                sequence: 0,
                read,
            },
        );
        let mut tx = self.store.begin().await.expect("begins");
        assert!(
            lease::advance(tx.conn(), &[&lease]).await.expect("advances"),
            "not fenced"
        );
        tx.commit().await.expect("commits");
    }

    /// Changes the tables behind monitor's back.
    pub(crate) async fn tamper(&self, statement: &'static str) {
        let mut tx = self.store.begin().await.expect("begins");
        sql!(tx.conn(), c => sqlx::raw_sql(statement).execute(c).await.map(|_| ())).expect("executes");
        tx.commit().await.expect("commits");
    }

    pub(crate) async fn report(&self, query: &ReportQuery, now: Timestamp) -> bihuan_domain::figures::Report {
        report::closure(&self.store, query, now, &Rulebook::none())
            .await
            .expect("reports")
    }

    pub(crate) async fn differences(&self) -> Vec<verify::Difference> {
        let mut reader = self.store.snapshot().await.expect("a snapshot");
        verify::verify(&mut reader, &Library::new(self.store.clone()))
            .await
            .expect("verifies")
            .1
    }

    pub(crate) async fn accounts(&self, now: Timestamp) -> accounts::Accounts {
        accounts::accounts(&self.store, now).await.expect("accounts")
    }
}
