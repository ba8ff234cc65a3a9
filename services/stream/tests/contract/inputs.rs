//! What is read: positions, skips, starts, tails.

use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_store::lease::{self, Position};
use bihuan_stream::faults::{self, Point};
use bihuan_stream::{Handler as _, Log, Start};

use crate::counting::Counting;
use crate::world::{PARTITIONS, World, eventually, message, typed};

async fn position(world: &World, group: &str, topic: &str, partition: u32) -> Position {
    let mut reader = world.store.read().await.expect("a connection");
    let leases = lease::list(reader.conn(), group).await.expect("reads");
    let lease = leases
        .iter()
        .find(|lease| lease.partition == partition % PARTITIONS);
    lease
        .and_then(|lease| lease.positions.get(topic, partition))
        .unwrap_or_default()
}

async fn positions_that_only_skip_are_written_down(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let worker = world.start(counting);
    let commands = topics::CLUE_COMMANDS;
    world
        .send_messages(
            (0..20)
                .map(|id| typed(commands, 1, &id.to_string(), "test.unwanted"))
                .collect(),
        )
        .await;
    eventually(|| async {
        let position = position(&world, group, commands, 1).await;
        if (position.next, position.read) == (20, 20) {
            Ok(())
        } else {
            Err(format!("{position:?}"))
        }
    })
    .await;
    assert!(world.counted(group).await.is_empty());
    worker.stop().await;
}

/// The sequence of a journal goes on from what was skipped in memory, though the database has not heard of it.
async fn skips_survive_a_failure(world: World) {
    let leading = Counting::new(&world);
    let events = world.start(leading);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    let counting = Counting::new(&world).only_reading(topics::CLUE_EVENTS);
    let group = counting.group();
    let own = counting.faults.clone();
    let worker = world.start(counting);
    world.counts(group, 30).await;
    let commands = topics::CLUE_COMMANDS;
    for round in 0..8 {
        // the second half of each round fails while the skips of the first half are only in memory
        let skipped = (0..5)
            .map(|id| message(commands, 0, &format!("skipped-{round}-{id}")))
            .collect();
        world.send_messages(skipped).await;
        tokio::time::sleep(Duration::from_millis(if round % 2 == 0 { 0 } else { 200 })).await;
        own.persist.store(1, std::sync::atomic::Ordering::Release);
        faults::arm(group, Point::BeforeCommit, 1);
        world
            .send(commands, 100 * (round + 1)..100 * (round + 1) + 3)
            .await;
        world.counts(group, 30 + 3 * (round as usize + 1)).await;
    }
    let counted = world.counted(group).await;
    assert!(counted.values().all(|times| *times == 1));
    events.stop().await;
    worker.stop().await;
    let read = position(&world, group, topics::CLUE_EVENTS, 0).await;
    assert_eq!(read.sequence, read.read, "each event is counted as read once");
}

/// What arrives while the group is away before it ever committed anything must not be lost.
async fn the_end_to_start_from_is_remembered(world: World) {
    let inbound = topics::CLUE_INBOUND;
    world.send(inbound, 0..30).await;
    let counting = Counting::new(&world).following(inbound, Start::End);
    let (group, next) = (counting.group(), counting.again(&world));
    let worker = world.start(counting);
    eventually(|| async {
        let mut reader = world.store.read().await.expect("a connection");
        let leases = lease::list(reader.conn(), group).await.expect("reads");
        if leases.len() == PARTITIONS as usize {
            Ok(())
        } else {
            Err("not joined".to_owned())
        }
    })
    .await;
    worker.kill().await;
    world.send(inbound, 30..60).await;
    let worker = world.start(next);
    world.counts(group, 30).await;
    let counted = world.counted(group).await;
    assert_eq!(
        counted
            .keys()
            .filter(|id| id.parse::<u32>().is_ok_and(|id| id < 30))
            .count(),
        0,
        "{counted:?}"
    );
    worker.stop().await;
}

async fn a_tail_sees_what_is_published_after_it_was_registered(world: World) {
    world.send(topics::AGENCY_COMMANDS, 0..5).await;
    let mut tail = world
        .log
        .tail(&[topics::AGENCY_COMMANDS])
        .await
        .expect("registers");
    world.send(topics::AGENCY_COMMANDS, 5..35).await;
    let mut seen = Vec::new();
    while seen.len() < 30 {
        let record = tokio::time::timeout(Duration::from_secs(20), tail.next())
            .await
            .expect("in time")
            .expect("a record");
        assert_eq!(&*record.topic, topics::AGENCY_COMMANDS);
        seen.push(
            String::from_utf8(record.payload)
                .expect("text")
                .parse::<u32>()
                .expect("an id"),
        );
    }
    seen.sort_unstable();
    assert_eq!(seen, (5..35).collect::<Vec<_>>());
}

async fn trimming_keeps_what_the_slowest_group_needs(world: World) {
    let Log::Local(log) = &world.log else { return };
    let quick = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    let slow = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    let (quick_group, slow_group, slow_again) = (quick.group(), slow.group(), slow.again(&world));
    let (quick, slow) = (world.start(quick), world.start(slow));
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    world.counts(slow_group, 30).await;
    slow.stop().await;
    world.send(topics::CLUE_COMMANDS, 30..90).await;
    world.counts(quick_group, 90).await;
    assert_eq!(log.trim().await.expect("trims"), 30);
    let kept: usize = world
        .read_topic(topics::CLUE_COMMANDS)
        .await
        .values()
        .map(Vec::len)
        .sum();
    assert_eq!(kept, 60);
    let slow = world.start(slow_again);
    world.counts(slow_group, 90).await;
    assert_eq!(
        world.log.ends(topics::CLUE_COMMANDS).await.expect("ends")[&0],
        30,
        "offsets go on after a trim"
    );
    quick.stop().await;
    slow.stop().await;
}

/// A group that has joined and read nothing yet needs everything.
async fn trimming_waits_for_a_group_that_has_read_nothing(world: World) {
    let Log::Local(log) = &world.log else { return };
    let stuck = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    stuck
        .faults
        .handle
        .store(u32::MAX, std::sync::atomic::Ordering::Release);
    let stuck = world.start(stuck);
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    let quick = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    let quick_group = quick.group();
    let quick = world.start(quick);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    world.counts(quick_group, 30).await;
    assert_eq!(log.trim().await.expect("trims"), 0);
    quick.stop().await;
    stuck.kill().await;
}

crate::on_both!(
    trimming_waits_for_a_group_that_has_read_nothing,
    positions_that_only_skip_are_written_down,
    skips_survive_a_failure,
    the_end_to_start_from_is_remembered,
    a_tail_sees_what_is_published_after_it_was_registered,
    trimming_keeps_what_the_slowest_group_needs,
);
