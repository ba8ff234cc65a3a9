//! Several workers of one group.

use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_stream::Handler as _;

use crate::counting::Counting;
use crate::effects::assert_exactly_once;
use crate::world::World;

/// Two processes that both believe to hold every lane take it from each other again and again. On Kafka the group divides the
/// lanes instead, until one of them leaves without a word.
async fn two_workers_that_fight_for_a_lane_count_once(world: World) {
    let other = world.other_process().await;
    let counting = Counting::new(&world);
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
    assert_exactly_once(&world, group, 1_000).await;
    one.stop().await;
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

crate::on_both!(two_workers_that_fight_for_a_lane_count_once);

mod kafka {
    use super::a_group_that_changes_all_the_time_counts_once;
    crate::on_kafka!(a_group_that_changes_all_the_time_counts_once);
}
