//! Exactly-once effect: whatever fails, each record is counted once, its event is in the journal once, and its command arrives.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use bihuan_contracts::topics;
use bihuan_store::journal::Journal;
use bihuan_stream::Handler as _;
use bihuan_stream::faults::{self, Point};

use crate::counting::Counting;
use crate::world::{PARTITIONS, World, eventually};

const POINTS: [Point; 4] = [
    Point::BeforePublish,
    Point::AfterPublish,
    Point::BeforeCommit,
    Point::AfterCommit,
];

/// Every id of `0..count` has exactly one effect, in the database and on the log.
pub(crate) async fn assert_exactly_once(world: &World, group: &'static str, count: u32) {
    world.counts(group, count as usize).await;
    let counted = world.counted(group).await;
    let wrong: Vec<_> = counted.iter().filter(|(_, times)| **times != 1).collect();
    assert!(wrong.is_empty(), "counted more than once: {wrong:?}");
    assert_eq!(counted.len(), count as usize);

    let journal = world.journal(Journal::Clue).await;
    let mut ids = BTreeSet::new();
    let mut events = 0;
    for entries in journal.values() {
        for (index, entry) in entries.iter().enumerate() {
            assert_eq!(entry.sequence, index as i64 + 1, "the journal is dense");
            ids.insert(entry.payload.clone());
            events += 1;
        }
    }
    assert_eq!(
        (events, ids.len()),
        (count as usize, count as usize),
        "one event for each record"
    );
    assert_published(world, &journal).await;

    let commands = world.read_topic(topics::AGENCY_COMMANDS).await;
    let commands: BTreeSet<Vec<u8>> = commands.into_values().flatten().map(|it| it.payload).collect();
    assert_eq!(commands, ids, "a command for each record");
    assert_chained(world, group).await;
    assert_none_put_away(world).await;
}

pub(crate) async fn assert_none_put_away(world: &World) {
    let mut reader = world.store.read().await.expect("a connection");
    let listed = bihuan_store::quarantine::list(reader.conn(), None, None, 9)
        .await
        .expect("reads");
    assert!(listed.is_empty(), "no record is at fault: {listed:?}");
}

/// The log has the journal without a gap; repeats carry the same sequence.
pub(crate) async fn assert_published(
    world: &World,
    journal: &std::collections::BTreeMap<u32, Vec<bihuan_store::journal::Entry>>,
) {
    eventually(|| async {
        let topic = world.read_topic(topics::CLUE_EVENTS).await;
        for partition in 0..PARTITIONS {
            let mut newest = 0;
            for record in &topic[&partition] {
                let sequence = record.sequence.expect("numbered");
                assert!(
                    sequence <= newest + 1,
                    "partition {partition}: {sequence} after {newest} leaves a gap"
                );
                newest = newest.max(sequence);
                // the journal may have grown since it was read
                if let Some(entry) = journal[&partition].get(sequence as usize - 1) {
                    assert_eq!(record.payload, entry.payload, "as in the database");
                }
            }
            if newest < journal[&partition].len() as i64 {
                return Err(format!("partition {partition} of the log ends at {newest}"));
            }
        }
        Ok(())
    })
    .await;
}

/// The head in each lease is the digest of the journal.
async fn assert_chained(world: &World, group: &'static str) {
    let journal = world.journal(Journal::Clue).await;
    let mut reader = world.store.read().await.expect("a connection");
    for lease in bihuan_store::lease::list(reader.conn(), group)
        .await
        .expect("reads")
    {
        let head = bihuan_domain::digest::Digest::ZERO;
        let head = journal[&lease.partition]
            .iter()
            .fold(head, |head, entry| entry.chained(head));
        assert_eq!(lease.digest, head, "partition {}", lease.partition);
        assert_eq!(lease.out_sequence, journal[&lease.partition].len() as i64);
    }
}

async fn every_record_counts_once(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    world.send(topics::CLUE_COMMANDS, 0..150).await;
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 150..300).await;
    assert_exactly_once(&world, group, 300).await;
    worker.stop().await;
}

/// What the log acknowledged after the last batch, no batch says any more.
async fn a_lane_that_rests_says_how_far_it_is_published(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..60).await;
    world.counts(group, 60).await;
    eventually(|| async {
        let mut reader = world.store.read().await.expect("a connection");
        let leases = bihuan_store::lease::list(reader.conn(), group)
            .await
            .expect("reads");
        let written: i64 = leases.iter().map(|lease| lease.out_sequence).sum();
        let published: Vec<_> = leases
            .iter()
            .map(|lease| (lease.published_sequence, lease.out_sequence))
            .collect();
        if written == 60 && published.iter().all(|(published, written)| published == written) {
            Ok(())
        } else {
            Err(format!("published and written: {published:?}"))
        }
    })
    .await;
    worker.stop().await;
}

async fn a_restart_goes_on_where_it_stopped(world: World) {
    let counting = Counting::new(&world);
    let (group, next) = (counting.group(), counting.again(&world));
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..60).await;
    world.counts(group, 60).await;
    worker.stop().await;
    world.send(topics::CLUE_COMMANDS, 60..120).await;
    let worker = world.start(next);
    assert_exactly_once(&world, group, 120).await;
    worker.stop().await;
}

async fn repeated_commands_count_once(world: World) {
    let counting = Counting::new(&world).knowing_repeats();
    let group = counting.group();
    let worker = world.start(counting);
    for _ in 0..3 {
        world.send(topics::CLUE_COMMANDS, 0..60).await;
    }
    world.send(topics::CLUE_COMMANDS, 60..90).await;
    assert_exactly_once(&world, group, 90).await;
    worker.stop().await;
}

async fn a_failure_between_any_two_steps_changes_nothing(world: World) {
    let counting = Counting::new(&world);
    let (group, own) = (counting.group(), counting.faults.clone());
    let worker = world.start(counting);
    let mut sent = 0;
    for round in 0..4 {
        for point in POINTS {
            faults::arm(group, point, 1 + round % 2);
            world.send(topics::CLUE_COMMANDS, sent..sent + 20).await;
            sent += 20;
            eventually(|| async {
                if faults::left(group, point) == 0 {
                    Ok(())
                } else {
                    Err(format!("{point:?} was not reached"))
                }
            })
            .await;
        }
        own.handle.store(1, Ordering::Release);
        own.persist.store(1, Ordering::Release);
        world.send(topics::CLUE_COMMANDS, sent..sent + 20).await;
        sent += 20;
        world.counts(group, sent as usize).await;
    }
    assert_eq!(
        own.handle.load(Ordering::Acquire) + own.persist.load(Ordering::Acquire),
        0,
        "both were reached"
    );
    assert_exactly_once(&world, group, sent).await;
    worker.stop().await;
}

/// The database said yes and nobody heard it.
async fn a_commit_whose_acknowledgement_is_lost_is_recognised(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    faults::arm(group, Point::AfterCommit, 3);
    world.send(topics::CLUE_COMMANDS, 0..100).await;
    let worker = world.start(counting);
    assert_exactly_once(&world, group, 100).await;
    assert_eq!(faults::left(group, Point::AfterCommit), 0);
    worker.stop().await;
}

/// Killed between its commit and the publishing of its events.
async fn what_a_crash_left_unpublished_is_published_by_the_next(world: World) {
    let counting = Counting::new(&world);
    let (group, next) = (counting.group(), counting.again(&world));
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    world.counts(group, 30).await;
    faults::arm(group, Point::Delivery, u32::MAX);
    world.send(topics::CLUE_COMMANDS, 30..60).await;
    world.counts(group, 31).await;
    worker.kill().await;
    faults::arm(group, Point::Delivery, 0);
    let worker = world.start(next);
    assert_published(&world, &world.journal(Journal::Clue).await).await;
    world.send(topics::CLUE_COMMANDS, 60..90).await;
    assert_exactly_once(&world, group, 90).await;
    worker.stop().await;
}

/// The log gives up on an event, and no further record comes that would make the loop look.
async fn an_event_that_the_log_refused_is_published_again(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let worker = world.start(counting);
    world.send(topics::CLUE_COMMANDS, 0..30).await;
    world.counts(group, 30).await;
    faults::arm(group, Point::Delivery, 2);
    world.send(topics::CLUE_COMMANDS, 30..60).await;
    world.counts(group, 60).await;
    assert_published(&world, &world.journal(Journal::Clue).await).await;
    faults::arm(group, Point::Delivery, 1);
    world.send(topics::CLUE_COMMANDS, [60]).await;
    assert_exactly_once(&world, group, 61).await;
    worker.stop().await;
}

crate::on_both!(
    every_record_counts_once,
    a_lane_that_rests_says_how_far_it_is_published,
    a_restart_goes_on_where_it_stopped,
    repeated_commands_count_once,
    a_failure_between_any_two_steps_changes_nothing,
    a_commit_whose_acknowledgement_is_lost_is_recognised,
    what_a_crash_left_unpublished_is_published_by_the_next,
    an_event_that_the_log_refused_is_published_again,
);
