//! Lifecycle without its loop: the test says what comes in a batch, what is committed when, and how many that are due are asked for.

use std::collections::BTreeSet;
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::Envelope;
use bihuan_domain::id::ClueId;
use bihuan_domain::time::Timestamp;
use bihuan_stream::{Batch, Effects, Handler as _, LaneBatch, Record};

use super::harness::{Harness, PARTITIONS};
use crate::handler::Lifecycle;
use crate::lane::Rows;

pub(super) struct Steps {
    pub(super) harness: Harness,
    pub(super) lifecycle: Lifecycle,
    effects: Effects,
    /// By which time commands are on the log.
    pub(super) grace: Duration,
}

impl Steps {
    /// Where the harness stands, whose loop does not run any more.
    pub(super) fn after(harness: Harness) -> Self {
        let lifecycle = Lifecycle::new(harness.store.clone(), harness.library(), PARTITIONS, "local");
        Self {
            harness,
            lifecycle,
            effects: Effects::default(),
            grace: Duration::from_secs(2),
        }
    }

    /// A batch of one lane: decided, and not written yet.
    pub(super) async fn decide(
        &mut self,
        lane: u32,
        now: Timestamp,
        commands: Vec<Envelope>,
        ticks: Vec<ClueId>,
    ) -> Rows {
        let records = commands.into_iter().map(record).collect();
        let mut lane = LaneBatch::new(lane, records);
        lane.watermark = now;
        lane.ticks = ticks;
        let batch = Batch {
            lanes: vec![lane],
            now,
            grace: self.grace,
        };
        let rows = self.lifecycle.handle(&batch, &mut self.effects).await;
        rows.expect("handled").expect("rows")
    }

    pub(super) async fn write(&mut self, rows: Option<Rows>) {
        let mut tx = self.harness.store.begin().await.expect("begins");
        if let Some(rows) = rows {
            Lifecycle::persist(rows, &mut tx).await.expect("written");
        }
        tx.commit().await.expect("commits");
    }

    /// Writes whatever is behind.
    pub(super) async fn rest(&mut self) {
        let rows = self.lifecycle.rest(false);
        self.write(rows).await;
    }

    /// Who is handed out at `until`, at most `most` at once, until there are no more.
    pub(super) async fn due(&mut self, lane: u32, until: Timestamp, most: usize) -> BTreeSet<ClueId> {
        let mut found = BTreeSet::new();
        for _ in 0..1_000 {
            let due = self.lifecycle.due(&[(lane, until)], most).await.expect("looks");
            assert!(due.count() <= most, "{} of {most}", due.count());
            found.extend(due.clues.into_iter().flat_map(|(_, clues)| clues));
            if !due.more {
                return found;
            }
        }
        panic!("there are always more");
    }
}

fn record(envelope: Envelope) -> Record {
    let partition = partition_of(envelope.clue, PARTITIONS);
    let message = command::message(&ClueCommand::Clue(envelope), partition, "test");
    Record {
        topic: message.topic.to_string().into(),
        partition,
        offset: 0,
        type_name: "".into(),
        sequence: None,
        key: message.key,
        headers: Vec::new(),
        payload: message.payload,
        tombstone: false,
        logged_at: None,
    }
}
