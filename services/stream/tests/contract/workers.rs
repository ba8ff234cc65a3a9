//! Several workers of one group.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_stream::{Handler as _, Limits};

use crate::counting::Counting;
use crate::effects::{assert_exactly_once, assert_none_put_away};
use crate::world::World;

/// Two processes that both believe to hold every lane take it from each other again and again.
async fn fight(world: &World, counting: Counting) {
    let other = world.rival().await;
    let (group, rival) = (counting.group(), counting.again(&other));
    world.send(topics::CLUE_COMMANDS, 0..200).await;
    let one = world.start(counting);
    let two = other.start(rival);
    for from in (200..1_000).step_by(50) {
        world.send(topics::CLUE_COMMANDS, from..from + 50).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.counts(group, 700).await;
    two.kill().await;
    world.counts(group, 1_000).await;
    one.stop().await;
}

async fn two_workers_that_fight_for_a_lane_count_once(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    fight(&world, counting).await;
    assert_exactly_once(&world, group, 1_000).await;
}

/// Without a journal, whose numbers would clash, only the lease stands between them.
async fn two_workers_that_write_no_journal_count_once(world: World) {
    let counting = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    let group = counting.group();
    fight(&world, counting).await;
    let counted = world.counted(group).await;
    let wrong: Vec<_> = counted.iter().filter(|(_, times)| **times != 1).collect();
    assert!(
        wrong.is_empty() && counted.len() == 1_000,
        "{} counted, more than once {wrong:?}",
        counted.len()
    );
    assert_none_put_away(&world).await;
}

async fn a_group_that_changes_all_the_time_counts_once(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let other = world.other_process().await;
    let rival = || Counting::of_group(&other, group);
    let one = world.start(counting);
    let mut sent = 0;
    for round in 0..6 {
        let two = other.start(rival());
        for _ in 0..10 {
            world.send(topics::CLUE_COMMANDS, sent..sent + 40).await;
            sent += 40;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        if round % 2 == 0 {
            two.stop().await;
        } else {
            two.kill().await;
        }
    }
    assert_exactly_once(&world, group, sent).await;
    one.stop().await;
}

/// While one worker is stuck its channel fills up, fetching pauses, and the group changes. What it read before is stale then.
async fn a_rebalance_while_fetching_is_paused_loses_nothing(world: World) {
    let counting = Counting::new(&world).only_reading(topics::CLUE_COMMANDS);
    let (group, stuck) = (counting.group(), counting.faults.clone());
    let other = world.other_process().await;
    let rival = counting.again(&other);
    let limits = || Limits {
        records: 1_000,
        bytes: 1 << 20,
        ..Limits::default()
    };
    stuck.handle.store(u32::MAX, Ordering::Release);
    world.send(topics::CLUE_COMMANDS, 0..14_000).await;
    let one = world.start_with(counting, limits());
    tokio::time::sleep(Duration::from_secs(5)).await;
    let two = other.start_with(rival, limits());
    tokio::time::sleep(Duration::from_secs(4)).await;
    world.send(topics::CLUE_COMMANDS, 14_000..15_000).await;
    two.stop().await;
    stuck.handle.store(0, Ordering::Release);
    world.counts(group, 15_000).await;
    let counted = world.counted(group).await;
    assert!(counted.len() == 15_000 && counted.values().all(|times| *times == 1));
    one.stop().await;
}

crate::on_both!(
    two_workers_that_fight_for_a_lane_count_once,
    two_workers_that_write_no_journal_count_once,
);

mod kafka {
    use super::{
        a_group_that_changes_all_the_time_counts_once, a_rebalance_while_fetching_is_paused_loses_nothing,
    };
    crate::on_kafka!(
        a_group_that_changes_all_the_time_counts_once,
        a_rebalance_while_fetching_is_paused_loses_nothing,
    );
}
