//! A batch may be decided while the one before it is being committed, by handlers that say so: what is decided on top of a
//! commit that fails counts for nothing.

use std::sync::atomic::Ordering;

use bihuan_contracts::topics;
use bihuan_stream::Handler as _;

use crate::counting::Counting;
use crate::effects::assert_exactly_once;
use crate::world::World;

async fn a_batch_is_decided_while_the_one_before_it_commits(world: World) {
    let counting = Counting::new(&world);
    let (group, faults) = (counting.group(), counting.faults.clone());
    faults.hold.store(3, Ordering::Release);
    world.send(topics::CLUE_COMMANDS, 0..300).await;
    let worker = world.start(counting);
    assert_exactly_once(&world, group, 300).await;
    assert_ne!(faults.overlapped.load(Ordering::Acquire), 0);
    worker.stop().await;
}

async fn what_was_decided_on_top_of_a_commit_that_failed_is_decided_again(world: World) {
    let counting = Counting::new(&world);
    let (group, faults) = (counting.group(), counting.faults.clone());
    faults.hold.store(2, Ordering::Release);
    faults.persist.store(2, Ordering::Release);
    world.send(topics::CLUE_COMMANDS, 0..300).await;
    let worker = world.start(counting);
    assert_exactly_once(&world, group, 300).await;
    assert_ne!(faults.overlapped.load(Ordering::Acquire), 0);
    assert_eq!(faults.persist.load(Ordering::Acquire), 0, "both failures came");
    worker.stop().await;
}

/// Its own rows are what it must see.
async fn a_handler_that_asks_the_store_decides_after_the_commit(world: World) {
    let counting = Counting::new(&world).knowing_repeats();
    let (group, faults) = (counting.group(), counting.faults.clone());
    faults.hold.store(2, Ordering::Release);
    world.send(topics::CLUE_COMMANDS, 0..300).await;
    let worker = world.start(counting);
    assert_exactly_once(&world, group, 300).await;
    assert_eq!(faults.overlapped.load(Ordering::Acquire), 0);
    worker.stop().await;
}

crate::on_both!(
    a_batch_is_decided_while_the_one_before_it_commits,
    what_was_decided_on_top_of_a_commit_that_failed_is_decided_again,
    a_handler_that_asks_the_store_decides_after_the_commit,
);
