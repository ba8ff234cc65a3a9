//! The truth table of the lease.

use bihuan_domain::digest::Digest;
use bihuan_store::lease::{self, Lease, Position, Positions};
use bihuan_store::{Result, Store};

use crate::world::World;

async fn advance(store: &Store, leases: &[&Lease]) -> Result<bool> {
    let mut tx = store.begin().await?;
    let moved = lease::advance(tx.conn(), leases).await?;
    if moved {
        tx.commit().await?;
    }
    Ok(moved)
}

fn moved_to(lease: &Lease, next: i64) -> Lease {
    let mut lease = lease.clone();
    lease.positions.set(
        "clue.commands.v1",
        lease.partition,
        Position {
            next,
            sequence: 0,
            read: next,
        },
    );
    lease.out_sequence = 2 * next;
    lease.digest = Digest::of([&next.to_be_bytes()[..]]);
    lease
}

async fn stored(world: &World, group: &str) -> Vec<Lease> {
    lease::list(world.read().await.conn(), group)
        .await
        .expect("reads")
}

async fn a_lane_begins_at_nothing_and_each_holder_has_a_higher_epoch(world: World) {
    let first = lease::acquire(&world.store, "g", 3).await.expect("acquires");
    assert_eq!((first.epoch, first.commits, first.out_sequence), (1, 0, 0));
    assert_eq!(
        (first.positions.clone(), first.digest),
        (Positions::default(), Digest::ZERO)
    );
    let second = lease::acquire(&world.store, "g", 3).await.expect("acquires");
    assert_eq!(second, Lease { epoch: 2, ..first });
    let other = lease::acquire(&world.store, "h", 3).await.expect("acquires");
    assert_eq!(other.epoch, 1, "groups are apart");
    assert_eq!(stored(&world, "g").await, [second]);
}

async fn the_holder_moves(world: World) {
    let mut held = moved_to(&lease::acquire(&world.store, "g", 0).await.expect("acquires"), 5);
    assert!(advance(&world.store, &[&held]).await.expect("moves"));
    held.commits += 1;
    assert_eq!(stored(&world, "g").await, [held.clone()]);
    let mut held = moved_to(&held, 9);
    assert!(advance(&world.store, &[&held]).await.expect("moves on"));
    held.commits += 1;
    assert_eq!(stored(&world, "g").await, [held]);
}

/// Epoch higher: somebody else acquired the lane.
async fn an_earlier_holder_is_fenced(world: World) {
    let earlier = lease::acquire(&world.store, "g", 0).await.expect("acquires");
    let later = lease::acquire(&world.store, "g", 0).await.expect("acquires");
    assert!(
        !advance(&world.store, &[&moved_to(&earlier, 7)])
            .await
            .expect("answers")
    );
    assert_eq!(stored(&world, "g").await.first(), Some(&later), "nothing moved");
    assert!(
        advance(&world.store, &[&moved_to(&later, 1)])
            .await
            .expect("moves")
    );
}

/// Epoch equal, commits higher: this very batch committed already.
async fn the_same_batch_commits_once(world: World) {
    let held = lease::acquire(&world.store, "g", 0).await.expect("acquires");
    assert!(
        advance(&world.store, &[&moved_to(&held, 5)])
            .await
            .expect("moves")
    );
    assert!(
        !advance(&world.store, &[&moved_to(&held, 5)])
            .await
            .expect("answers"),
        "again"
    );
    assert_eq!(stored(&world, "g").await[0].commits, 1);
}

async fn of_several_lanes_all_move_or_none(world: World) {
    let one = lease::acquire(&world.store, "g", 0).await.expect("acquires");
    let two = lease::acquire(&world.store, "g", 1).await.expect("acquires");
    lease::acquire(&world.store, "g", 1).await.expect("somebody else");
    assert!(
        !advance(&world.store, &[&moved_to(&one, 5), &moved_to(&two, 5)])
            .await
            .expect("answers")
    );
    assert!(stored(&world, "g").await.iter().all(|lease| lease.commits == 0));
    let two = lease::acquire(&world.store, "g", 1).await.expect("acquires");
    assert!(
        advance(&world.store, &[&moved_to(&one, 5), &moved_to(&two, 5)])
            .await
            .expect("moves")
    );
    assert!(stored(&world, "g").await.iter().all(|lease| lease.commits == 1));
}

/// Who acquires while the holder is about to commit sees what it committed.
async fn acquiring_waits_for_a_commit_that_is_under_way(world: World) {
    let held = moved_to(&lease::acquire(&world.store, "g", 0).await.expect("acquires"), 5);
    let mut tx = world.store.begin().await.expect("begins");
    assert!(lease::advance(tx.conn(), &[&held]).await.expect("moves"));
    let other = world.other_process().await;
    let acquiring = tokio::spawn(async move { lease::acquire(&other, "g", 0).await });
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!acquiring.is_finished());
    tx.commit().await.expect("commits");
    let taken = acquiring.await.expect("no panic").expect("acquires");
    assert_eq!(
        (taken.epoch, taken.commits, taken.positions),
        (2, 1, held.positions)
    );
}

async fn positions_are_kept_by_topic_and_partition(world: World) {
    let mut lease = lease::acquire(&world.store, "g", 1).await.expect("acquires");
    let position = |next| Position {
        next,
        sequence: next * 10,
        read: next + 1,
    };
    lease.positions.set("a/b", 1, position(1));
    lease.positions.set("a/b", 7, position(2));
    lease.positions.set("clue.events.v1", 1, position(3));
    lease.positions.set("a/b", 1, position(4));
    assert!(advance(&world.store, &[&lease]).await.expect("moves"));
    let positions = stored(&world, "g").await.remove(0).positions;
    let found: Vec<_> = positions.iter().collect();
    assert_eq!(
        found,
        [
            ("a/b", 1, position(4)),
            ("a/b", 7, position(2)),
            ("clue.events.v1", 1, position(3))
        ]
    );
    assert_eq!(positions.get("a/b", 2), None);
}

crate::on_both!(
    a_lane_begins_at_nothing_and_each_holder_has_a_higher_epoch,
    the_holder_moves,
    an_earlier_holder_is_fenced,
    the_same_batch_commits_once,
    of_several_lanes_all_move_or_none,
    acquiring_waits_for_a_commit_that_is_under_way,
    positions_are_kept_by_topic_and_partition,
);
