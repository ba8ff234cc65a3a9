//! Clues wake by themselves: as records are handled, in the same batches, and each exactly once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use bihuan_contracts::topics;
use bihuan_domain::time::Timestamp;
use bihuan_stream::Limits;
use bihuan_stream::faults::{self, Point};

use crate::effects::assert_none_put_away;
use crate::waking::{Seen, Waking, clue};
use crate::world::{Hand, PARTITIONS, World, eventually, message};

const COMMANDS: &str = topics::CLUE_COMMANDS;

/// Later than any log's clock.
const fn noon() -> Timestamp {
    Timestamp::from_micros(4_000_000_000_000_000)
}

fn limits(records: usize) -> Limits {
    Limits {
        records,
        ..Limits::default()
    }
}

/// Waits until so many records were handled, and for a look after that.
async fn handled(world: &World, records: usize) {
    eventually(|| async {
        let journal = world.journal(bihuan_store::journal::Journal::Clue).await;
        let found = journal
            .into_values()
            .flatten()
            .filter(|entry| entry.clue.is_none())
            .count();
        if found >= records {
            Ok(())
        } else {
            Err(format!("{found} of {records} records were handled"))
        }
    })
    .await;
}

/// Long enough for several looks.
async fn a_while() {
    tokio::time::sleep(Duration::from_millis(2_500)).await;
}

async fn clues_wake_without_any_record_once_the_grace_is_over(world: World) {
    world.wake_at(noon(), 0..30).await;
    let hand = Hand::at(noon().plus_micros(1_900_000));
    let worker = world.start_at(Waking::new(&world), limits(1_000), &hand);
    a_while().await;
    assert!(world.woken().await.is_empty(), "the grace is two seconds");
    hand.set(noon().plus_micros(2_000_000));
    world.all_wake(0..30).await;
    a_while().await;
    world.all_wake(0..30).await;
    worker.stop().await;
}

async fn a_mass_of_ticks_takes_half_of_each_batch_and_records_go_between(world: World) {
    world.wake_at(noon(), 0..3_000).await;
    let waking = Waking::new(&world);
    let seen = waking.seen.clone();
    let worker = world.start_at(waking, limits(20), &Hand::at(noon().plus_minutes(1)));
    eventually(|| async {
        match world.woken().await.len() {
            0 => Err("nobody woke".to_owned()),
            _ => Ok(()),
        }
    })
    .await;
    world.send(COMMANDS, 0..60).await;
    handled(&world, 60).await;
    let woken = world.woken().await.len();
    assert!(woken < 3_000, "the records waited for all ticks");
    world.all_wake(0..3_000).await;
    worker.stop().await;
    let mut batches: BTreeMap<u32, usize> = BTreeMap::new();
    for it in seen.lock().expect("no panic").iter() {
        *batches.entry(it.ordinal).or_default() += it.ticks.len();
    }
    assert_eq!(batches.values().max(), Some(&10), "half of a batch");
}

async fn those_that_are_next_are_found_while_a_commit_goes_on(world: World) {
    world.wake_at(noon(), 0..3_000).await;
    let waking = Waking::new(&world);
    let looks = waking.looks.clone();
    looks.awaited.store(3, Ordering::Release);
    let worker = world.start_at(waking, limits(100), &Hand::at(noon().plus_minutes(1)));
    for from in 0..40 {
        world.send(COMMANDS, [from]).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    handled(&world, 40).await;
    world.all_wake(0..3_000).await;
    worker.stop().await;
    let times = looks.ahead.load(Ordering::Acquire);
    assert!(
        times > 0,
        "nobody looked while a batch was on its way into the store"
    );
}

async fn a_failure_between_any_two_steps_wakes_nobody_twice(world: World) {
    let points = [
        Point::BeforePublish,
        Point::AfterPublish,
        Point::BeforeCommit,
        Point::AfterCommit,
    ];
    world.wake_at(noon(), 0..120).await;
    for point in points {
        faults::arm("waking", point, 3);
    }
    world.send(COMMANDS, 0..60).await;
    let waking = Waking::new(&world);
    waking.cannot_look.store(2, Ordering::Release);
    let worker = world.start_at(waking, limits(20), &Hand::at(noon().plus_minutes(1)));
    world.all_wake(0..120).await;
    handled(&world, 60).await;
    worker.stop().await;
    for point in points {
        assert_eq!(faults::left("waking", point), 0, "{point:?} came");
    }
    world.all_wake(0..120).await;
    assert_none_put_away(&world).await;
}

async fn a_killed_worker_leaves_the_rest_to_the_next(world: World) {
    world.wake_at(noon(), 0..600).await;
    let hand = Hand::at(noon().plus_minutes(1));
    for _ in 0..4 {
        let worker = world.start_at(Waking::new(&world), limits(20), &hand);
        tokio::time::sleep(Duration::from_millis(150)).await;
        worker.kill().await;
    }
    let worker = world.start_at(Waking::new(&world), limits(100), &hand);
    world.all_wake(0..600).await;
    worker.stop().await;
}

async fn two_workers_that_fight_for_a_lane_wake_nobody_twice(world: World) {
    world.wake_at(noon(), 0..900).await;
    let hand = Hand::at(noon().plus_minutes(1));
    let other = world.rival().await;
    let one = world.start_at(Waking::new(&world), limits(20), &hand);
    let two = other.start_at(Waking::new(&other), limits(20), &hand);
    for from in (0..300).step_by(30) {
        world.send(COMMANDS, from..from + 30).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    two.kill().await;
    world.all_wake(0..900).await;
    one.stop().await;
    world.all_wake(0..900).await;
    assert_none_put_away(&world).await;
}

async fn a_clue_that_cannot_be_woken_is_left_out_alone(world: World) {
    world.wake_at(noon(), 0..90).await;
    world.send(COMMANDS, 0..60).await;
    let poison = message(COMMANDS, 1, "poison");
    world.send_messages(vec![poison]).await;
    let bad = [7, 8, 40];
    let waking = Waking::new(&world).poisoned(bad);
    let hand = Hand::at(noon().plus_minutes(1));
    let worker = world.start_at(waking, limits(1_000), &hand);
    let good = || (0..90).filter(|number| !bad.contains(number));
    world.all_wake(good()).await;
    handled(&world, 60).await;
    eventually(|| async {
        let left_out = worker.status.left_out();
        let left_out: BTreeSet<_> = left_out.into_values().flatten().collect();
        if left_out == bad.into_iter().map(clue).collect() {
            Ok(())
        } else {
            Err(format!("{left_out:?} are left out"))
        }
    })
    .await;
    let mut reader = world.store.read().await.expect("a connection");
    let away = bihuan_store::quarantine::list(reader.conn(), None, None, 9).await;
    let away = away.expect("reads");
    assert_eq!(away.len(), 1, "the record that is at fault itself: {away:?}");
    drop(reader);
    world.send(COMMANDS, 60..90).await;
    handled(&world, 90).await;
    worker.stop().await;

    let mended = world.start_at(Waking::new(&world), limits(1_000), &hand);
    world.all_wake(0..90).await;
    assert!(mended.status.left_out().is_empty());
    mended.stop().await;
}

/// What waits on the log may have been asked before the time that a clue wakes at.
async fn what_waited_while_nobody_read_comes_before_what_is_due(world: World) {
    world.send(COMMANDS, 0..300).await;
    world.wake_at(noon(), 0..3).await;
    let waking = Waking::new(&world);
    let seen = waking.seen.clone();
    let worker = world.start_at(waking, limits(7), &Hand::at(noon().plus_minutes(1)));
    world.all_wake(0..3).await;
    worker.stop().await;
    ticks_come_behind(&seen.lock().expect("no panic"), 93);
}

/// That nothing waits here says nothing of the log: it may be slow, or fetching paused.
async fn what_the_log_has_and_has_not_delivered_comes_before_what_is_due(world: World) {
    let group = "heard";
    world.wake_of(group, noon(), 0..3).await;
    let hand = Hand::at(noon().plus_minutes(-1));
    let waking = Waking::new(&world).called(group);
    let seen = waking.seen.clone();
    let worker = world.start_at(waking, limits(30), &hand);
    world.send(COMMANDS, 0..3).await;
    handled(&world, 3).await;
    a_while().await;
    faults::arm(group, Point::Fetch, u32::MAX);
    world.send(COMMANDS, 3..303).await;
    hand.set(noon().plus_minutes(1));
    a_while().await;
    assert!(faults::left(group, Point::Fetch) > 0, "the log is slow");
    faults::arm(group, Point::Fetch, 0);
    world.all_wake(0..3).await;
    worker.stop().await;
    ticks_come_behind(&seen.lock().expect("no panic"), 94);
}

/// In each lane.
fn ticks_come_behind(seen: &[Seen], least: usize) {
    for lane in 0..PARTITIONS {
        let of_lane = seen.iter().filter(|it| it.lane == lane);
        let before = of_lane.take_while(|it| it.ticks.is_empty());
        let records: usize = before.map(|it| it.records).sum();
        assert!(
            records >= least,
            "only {records} came before the tick of lane {lane}"
        );
    }
}

async fn a_clock_that_jumps_neither_loses_nor_repeats(world: World) {
    let hour = |hours: i64| noon().plus_minutes(60 * hours);
    for (number, hours) in [(0, 0), (1, 1), (2, 2), (3, 3)] {
        world.wake_at(hour(hours), [number]).await;
    }
    let waking = Waking::new(&world);
    let seen = waking.seen.clone();
    let hand = Hand::at(hour(0).plus_minutes(1));
    let worker = world.start_at(waking, limits(10), &hand);
    world.all_wake(0..1).await;
    hand.set(hour(2).plus_minutes(1));
    world.all_wake(0..3).await;
    hand.set(hour(1).plus_minutes(1));
    world.wake_at(hour(1), [4]).await;
    world.wake_at(hour(2), [5]).await;
    world.all_wake([0, 1, 2, 4]).await;
    a_while().await;
    world.all_wake([0, 1, 2, 4]).await;
    hand.set(hour(2).plus_minutes(1));
    world.all_wake([0, 1, 2, 4, 5]).await;
    hand.set(hour(24));
    world.all_wake(0..6).await;
    worker.stop().await;
    let seen = seen.lock().expect("no panic");
    let mut ticked = seen.iter().filter(|it| !it.ticks.is_empty());
    assert!(
        ticked.all(|it| it.watermark >= noon()),
        "each knows up to when it may happen"
    );
}

crate::on_both!(
    clues_wake_without_any_record_once_the_grace_is_over,
    a_mass_of_ticks_takes_half_of_each_batch_and_records_go_between,
    those_that_are_next_are_found_while_a_commit_goes_on,
    a_failure_between_any_two_steps_wakes_nobody_twice,
    a_killed_worker_leaves_the_rest_to_the_next,
    two_workers_that_fight_for_a_lane_wake_nobody_twice,
    a_clue_that_cannot_be_woken_is_left_out_alone,
    what_waited_while_nobody_read_comes_before_what_is_due,
    what_the_log_has_and_has_not_delivered_comes_before_what_is_due,
    a_clock_that_jumps_neither_loses_nor_repeats,
);
