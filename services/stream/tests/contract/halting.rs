//! What a person must look at stops its lane, and only that.

use bihuan_contracts::topics;
use bihuan_store::journal::Journal;
use bihuan_store::{lease, sql};
use bihuan_stream::Handler as _;
use bihuan_stream::faults::{self, Point};

use crate::counting::Counting;
use crate::world::{World, event, eventually, message, typed};

/// Journals are rows of our own on the local log, where nobody can write them wrongly: these two are for Kafka.
async fn a_journal_that_skips_a_sequence_halts_its_lane(world: World) {
    let counting = Counting::new(&world).only_reading(topics::DISPUTE_EVENTS);
    let (group, next) = (counting.group(), counting.again(&world));
    let journal = topics::DISPUTE_EVENTS;
    let numbered = |partition, sequences: &[i64]| {
        sequences
            .iter()
            .map(|sequence| event(journal, partition, *sequence, "test.counted"))
            .collect::<Vec<_>>()
    };
    world.send_messages(numbered(0, &[1, 2, 1, 2, 3, 5, 6])).await;
    world.send_messages(numbered(1, &[1, 2, 3])).await;
    let worker = world.start(counting);
    assert_eq!(
        worker.halted().await,
        "dispute.events.v1/0: expected sequence 4, got 5"
    );
    world.send_messages(numbered(1, &[4, 5])).await;
    world.counts(group, 8).await;
    let counted = world.counted(group).await;
    let expected = ["0-1", "0-2", "0-3", "1-1", "1-2", "1-3", "1-4", "1-5"];
    assert_eq!(
        counted.keys().map(String::as_str).collect::<Vec<_>>(),
        expected,
        "up to the gap, and the other lane"
    );
    assert!(
        counted.values().all(|times| *times == 1),
        "repeats are dropped: {counted:?}"
    );
    worker.stop().await;

    let worker = world.start(next);
    assert_eq!(
        worker.halted().await,
        "dispute.events.v1/0: expected sequence 4, got 5",
        "as before"
    );
    worker.stop().await;
}

async fn a_database_behind_its_log_halts(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    world
        .send_messages(vec![event(topics::CLUE_EVENTS, 1, 7, "test.counted")])
        .await;
    let worker = world.start(counting);
    let reason = worker.halted().await;
    assert!(
        reason.starts_with("clue.events.v1/1: the log holds sequence 7, the database only 0"),
        "{reason}"
    );
    world.send(topics::CLUE_COMMANDS, 0..9).await;
    world.counts(group, 6).await;
    assert!(
        world.journal(Journal::Clue).await[&1].is_empty(),
        "no number is used twice"
    );
    worker.stop().await;
}

/// Between taking a lane and asking the log how far its journal is there, another process took it, wrote and published.
async fn a_log_ahead_of_a_lane_that_was_lost_meanwhile_halts_nothing(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    faults::arm(group, Point::Taken, u32::MAX);
    let worker = world.start(counting);
    let waits = || async {
        let reached = faults::left(group, Point::Taken) < u32::MAX;
        reached.then_some(()).ok_or("not yet taken".to_owned())
    };
    eventually(waits).await;
    let mut other = lease::acquire(&world.store, group, 1).await.expect("takes");
    other.out_sequence = 7;
    let mut tx = world.store.begin().await.expect("begins");
    assert!(lease::advance(tx.conn(), &[&other]).await.expect("advances"));
    tx.commit().await.expect("commits");
    world
        .send_messages(vec![event(topics::CLUE_EVENTS, 1, 7, "test.counted")])
        .await;
    faults::arm(group, Point::Taken, 0);
    world.send(topics::CLUE_COMMANDS, 0..9).await;
    world.counts(group, 9).await;
    let journal = world.journal(Journal::Clue).await;
    assert_eq!(journal[&1].first().map(|entry| entry.sequence), Some(8));
    worker.stop().await;
}

async fn an_unknown_type_halts_its_lane_until_the_program_knows_it(world: World) {
    let counting = Counting::new(&world);
    let group = counting.group();
    let commands = topics::CLUE_COMMANDS;
    world
        .send_messages(vec![
            message(commands, 0, "a"),
            typed(commands, 0, "b", "test.unknown"),
            message(commands, 0, "c"),
        ])
        .await;
    let worker = world.start(counting);
    let reason = worker.halted().await;
    assert!(reason.ends_with("test.unknown; upgrade bihuan"), "{reason}");
    world
        .send_messages(vec![message(commands, 1, "d"), message(commands, 2, "e")])
        .await;
    world.counts(group, 2).await;
    worker.stop().await;
    let mut reader = world.store.read().await.expect("a connection");
    let leases = lease::list(reader.conn(), group).await.expect("reads");
    let next = leases[0]
        .positions
        .get(commands, 0)
        .map_or(0, |position| position.next);
    assert!(
        next <= 1,
        "the position stays before what was not understood: {next}"
    );
}

/// Restored under a running process, the database has forgotten what was committed: going on from memory would skip it.
async fn a_database_that_went_back_halts(world: World) {
    let counting = Counting::new(&world);
    let (group, next) = (counting.group(), counting.again(&world));
    let commands = topics::CLUE_COMMANDS;
    let worker = world.start(counting);
    world.send_messages(vec![message(commands, 0, "a")]).await;
    world.counts(group, 1).await;
    let mut tx = world.store.begin().await.expect("begins");
    let text = "UPDATE lease SET commits = commits - 1 WHERE consumer_group = $1 AND partition = 0";
    sql!(tx.conn(), c => sqlx::query(text).bind(group).execute(c).await.map(|_| ())).expect("forgets");
    tx.commit().await.expect("commits");
    world
        .send_messages(vec![message(commands, 0, "b"), message(commands, 1, "c")])
        .await;
    let reason = worker.halted().await;
    assert!(
        reason.starts_with("lane 0: this process has seen") && reason.ends_with("restart the processes"),
        "{reason}"
    );
    world.counts(group, 2).await;
    worker.stop().await;

    // begun anew, it goes by what the database knows
    let worker = world.start(next);
    world.counts(group, 3).await;
    worker.stop().await;
}

mod both {
    use super::{a_database_that_went_back_halts, an_unknown_type_halts_its_lane_until_the_program_knows_it};
    crate::on_both!(
        an_unknown_type_halts_its_lane_until_the_program_knows_it,
        a_database_that_went_back_halts
    );
}
crate::on_kafka!(
    a_journal_that_skips_a_sequence_halts_its_lane,
    a_database_behind_its_log_halts,
    a_log_ahead_of_a_lane_that_was_lost_meanwhile_halts_nothing
);
