//! What a message is to the count of records, and what its value is.

use bihuan_contracts::{Message, topics};
use bihuan_store::lease;
use bihuan_stream::{Batch, Effects, Error, Handler, Inputs};
use std::sync::{Arc, Mutex};

use crate::world::{World, eventually, message};

/// Reads messages whose payload says how many records they hold.
struct Holding {
    seen: Arc<Mutex<Vec<(String, bool)>>>,
}

impl Handler for Holding {
    type Rows = ();

    fn group(&self) -> &'static str {
        "holding"
    }

    fn inputs(&self) -> Inputs {
        Inputs {
            lead: topics::CLUE_INBOUND.to_owned(),
            followers: Vec::new(),
        }
    }

    async fn handle(&mut self, batch: &Batch, effects: &mut Effects) -> Result<Option<()>, Error> {
        for lane in &batch.lanes {
            for record in &lane.records {
                let text = String::from_utf8_lossy(&record.payload).into_owned();
                let records = text.parse().unwrap_or(1);
                effects.holds(lane.partition, record, records);
                let mut seen = self.seen.lock().expect("whole");
                seen.push((text, record.tombstone));
            }
        }
        Ok(Some(()))
    }
}

/// How many messages were taken up, and how many records were counted.
async fn read(world: &World) -> (i64, i64) {
    let mut reader = world.store.read().await.expect("a connection");
    let leases = lease::list(reader.conn(), "holding").await.expect("reads");
    let positions = leases.iter().flat_map(|lease| lease.positions.iter());
    positions.fold((0, 0), |(next, read), (_, _, position)| {
        (next + position.next, read + position.read)
    })
}

async fn reads(world: &World, expected: (i64, i64)) {
    eventually(|| async {
        let found = read(world).await;
        if found == expected {
            Ok(())
        } else {
            Err(format!("{found:?}, not {expected:?}"))
        }
    })
    .await;
}

async fn a_message_counts_for_as_many_records_as_it_holds(world: World) {
    let seen = Arc::default();
    let start = || {
        let seen = Arc::clone(&seen);
        world.start(Holding { seen })
    };
    let worker = start();
    let holding = |records: &[&str]| -> Vec<Message> {
        let messages = records.iter().map(|it| message(topics::CLUE_INBOUND, 1, it));
        messages.collect()
    };
    world.send_messages(holding(&["3", "0", "1", "100"])).await;
    reads(&world, (4, 104)).await;
    worker.stop().await;
    let worker = start();
    world.send_messages(holding(&["2"])).await;
    reads(&world, (5, 106)).await;
    worker.stop().await;
}

async fn no_value_is_told_from_an_empty_one(world: World) {
    let seen = Arc::default();
    let worker = world.start(Holding {
        seen: Arc::clone(&seen),
    });
    let topic = topics::CLUE_INBOUND;
    world
        .send_messages(vec![
            message(topic, 0, ""),
            Message::tombstone(topic, 0, b"key".to_vec()),
            message(topic, 0, "1"),
        ])
        .await;
    reads(&world, (3, 3)).await;
    worker.stop().await;
    let text = |text: &str, tombstone| (text.to_owned(), tombstone);
    assert_eq!(
        *seen.lock().expect("whole"),
        [text("", false), text("", true), text("1", false)]
    );
}

crate::on_both!(
    a_message_counts_for_as_many_records_as_it_holds,
    no_value_is_told_from_an_empty_one
);
