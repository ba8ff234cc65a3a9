//! Records that cannot be handled: put away one by one, until nearly all of them are bad.

use bihuan_contracts::topics;
use bihuan_store::{lease, quarantine, sql};
use bihuan_stream::{Handler as _, Limits, Phase};

use crate::counting::Counting;
use crate::effects::assert_exactly_once;
use crate::world::{World, event, eventually, message};

async fn put_away(world: &World) -> Vec<String> {
    let mut reader = world.store.read().await.expect("a connection");
    let listed = quarantine::list(reader.conn(), None, None, 10_000)
        .await
        .expect("reads");
    let mut bytes: Vec<String> = listed
        .iter()
        .map(|it| String::from_utf8_lossy(&it.bytes).into_owned())
        .collect();
    bytes.sort();
    bytes
}

async fn a_poisoned_record_goes_to_quarantine_alone(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let commands = topics::CLUE_COMMANDS;
    world.send(commands, 0..50).await;
    world
        .send_messages(vec![
            message(commands, 1, "poison-1"),
            message(commands, 2, "poison-2"),
        ])
        .await;
    world.send(commands, 50..100).await;
    world.send_messages(vec![message(commands, 1, "poison-3")]).await;
    let worker = world.start(counting);
    world.counts(group, 100).await;
    eventually(|| async {
        if put_away(&world).await.len() == 3 {
            Ok(())
        } else {
            Err("not all are put away".to_owned())
        }
    })
    .await;
    assert_eq!(put_away(&world).await, ["poison-1", "poison-2", "poison-3"]);
    assert!(world.counted(group).await.values().all(|times| *times == 1));
    worker.stop().await;
    let mut reader = world.store.read().await.expect("a connection");
    let leases = lease::list(reader.conn(), group).await.expect("reads");
    let read: i64 = leases
        .iter()
        .filter_map(|lease| lease.positions.get(commands, lease.partition))
        .map(|it| it.read)
        .sum();
    assert_eq!(read, 103, "each is counted as read once");
}

/// A table that is missing, or a right: every record fails, and none is at fault.
async fn a_mistake_of_the_installation_puts_nothing_away(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    rename_table(&world, "ALTER TABLE counted RENAME TO hidden").await;
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    worker.waiting().await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(put_away(&world).await, Vec::<String>::new());
    rename_table(&world, "ALTER TABLE hidden RENAME TO counted").await;
    assert_exactly_once(&world, group, 30).await;
    worker.stop().await;
}

async fn rename_table(world: &World, statement: &'static str) {
    let mut tx = world.store.begin().await.expect("begins");
    sql!(tx.conn(), c => sqlx::query(statement).execute(c).await.map(|_| ())).expect("renames");
    tx.commit().await.expect("commits");
}

async fn an_input_that_is_nearly_all_bad_stops_alone_and_a_restart_tries_again(world: World) {
    let counting = Counting::new(&world)
        .putting_away("bad")
        .only_reading(topics::CLUE_INBOUND);
    let (group, next) = (counting.group(), counting.again(&world));
    let inbound = topics::CLUE_INBOUND;
    let bad = |count: u32| {
        (0..count)
            .map(|id| message(inbound, 1, &format!("bad-{id}")))
            .collect()
    };
    world.send_messages(bad(1_500)).await;
    let worker = world.start_with(
        counting,
        Limits {
            records: 100,
            bytes: 1 << 20,
            ..Limits::default()
        },
    );
    let reason = worker.halted().await;
    assert!(
        reason.starts_with("clue.inbound.v1/1: of the last 1000 records"),
        "{reason}"
    );
    let stopped = put_away(&world).await.len();
    // the batch that trips it, and the one that was decided meanwhile
    assert!(
        (950..=1_200).contains(&stopped),
        "{stopped} were read before it stopped"
    );
    world.send(inbound, (0..30).filter(|id| id % 3 != 1)).await;
    world.counts(group, 20).await;
    assert!(matches!(worker.status.phase(), Phase::Halted(_)), "still shown");
    worker.stop().await;

    let worker = world.start_with(
        next,
        Limits {
            records: 100,
            bytes: 1 << 20,
            ..Limits::default()
        },
    );
    eventually(|| async {
        if put_away(&world).await.len() == 1_500 {
            Ok(())
        } else {
            Err("not all are read".to_owned())
        }
    })
    .await;
    world.send(inbound, [1, 4, 7]).await;
    world.counts(group, 23).await;
    assert_eq!(worker.status.phase(), Phase::Running);
    worker.stop().await;
}

/// A projection that skips one of our own events is wrong: it waits instead.
async fn an_event_that_cannot_be_handled_halts_its_lane(world: World) {
    let counting = Counting::new(&world).only_reading(topics::DISPUTE_EVENTS);
    let group = counting.group();
    let mut poison = event(topics::DISPUTE_EVENTS, 0, 3, "test.counted");
    poison.payload = b"poison".to_vec();
    let good = |partition, sequence| event(topics::DISPUTE_EVENTS, partition, sequence, "test.counted");
    world
        .send_messages(vec![
            good(0, 1),
            good(0, 2),
            poison,
            good(0, 4),
            good(1, 1),
            good(1, 2),
        ])
        .await;
    let worker = world.start(counting);
    let reason = worker.halted().await;
    assert!(reason.starts_with("dispute.events.v1/0 at 2: poison"), "{reason}");
    world.counts(group, 4).await;
    assert_eq!(put_away(&world).await, Vec::<String>::new());
    worker.stop().await;
}

mod both {
    use super::{
        a_mistake_of_the_installation_puts_nothing_away, a_poisoned_record_goes_to_quarantine_alone,
        an_input_that_is_nearly_all_bad_stops_alone_and_a_restart_tries_again,
    };
    crate::on_both!(
        a_mistake_of_the_installation_puts_nothing_away,
        a_poisoned_record_goes_to_quarantine_alone,
        an_input_that_is_nearly_all_bad_stops_alone_and_a_restart_tries_again,
    );
}
crate::on_kafka!(an_event_that_cannot_be_handled_halts_its_lane);
