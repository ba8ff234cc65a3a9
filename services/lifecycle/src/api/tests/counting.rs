//! The census of wake-ups, and how long whoever is due waits, step by step.

use std::collections::BTreeSet;
use std::time::Duration;

use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Command, Envelope};
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_stream::Handler as _;

use super::harness::{Harness, PARTITIONS, clue, now};
use super::steps::Steps;
use super::waking::{ASSIGN, WAIT, change, differences, kill, resumes, suspend, until, wakeups_become};

const CLUES: u32 = 20;

fn source_ids() -> impl Iterator<Item = String> {
    (1..=CLUES).map(|number| number.to_string())
}

/// Clues that are suspended, all until the same time; the loop does not run any more.
async fn suspended() -> Harness {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    for id in source_ids() {
        harness.report(&id).await;
        harness.post(&clue(&id).to_string(), &[WAIT], ASSIGN).await;
        suspend(&harness, &id, until()).await;
    }
    wakeups_become(&harness, &[until(); CLUES as usize]).await;
    kill(running).await;
    harness
}

/// As a program wrote it that knew of no wake-ups, and wrote states otherwise.
async fn as_of_an_older_program(harness: &Harness) {
    for statement in [
        "DELETE FROM clue_wakeup",
        "UPDATE clue_checkpoint SET waking = 0",
        "UPDATE clue_state SET state = CAST(x'01' || substr(state, 2) AS BLOB)",
    ] {
        change(harness, statement.to_owned()).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_of_an_older_program_wakes_its_clues() {
    let harness = suspended().await;
    as_of_an_older_program(&harness).await;
    let running = harness.run();
    wakeups_become(&harness, &[until(); CLUES as usize]).await;
    kill(running).await;
    assert_eq!(differences(&harness).await, []);
    harness.hand.set(until().plus_minutes(1));
    let _running = harness.run();
    for id in source_ids() {
        resumes(&harness, &id, 1).await;
    }
    wakeups_become(&harness, &[]).await;
    assert_eq!(differences(&harness).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_census_goes_in_pages_beside_what_is_due() {
    let harness = suspended().await;
    as_of_an_older_program(&harness).await;
    let mut steps = Steps::after(harness);
    let mut found = BTreeSet::new();
    for lane in 0..PARTITIONS {
        let full = steps.lifecycle.due(&[(lane, now())], 0).await.expect("looks");
        assert!(full.clues.is_empty() && full.more, "there is no room yet");
        loop {
            let due = steps.lifecycle.due(&[(lane, now())], 3).await.expect("looks");
            assert!(due.count() <= 3);
            let clues: Vec<ClueId> = due.clues.into_iter().flat_map(|(_, clues)| clues).collect();
            found.extend(clues.clone());
            let rows = steps.decide(lane, now(), Vec::new(), clues).await;
            steps.write(Some(rows)).await;
            if !due.more {
                break;
            }
        }
        steps.rest().await;
    }
    let expected: BTreeSet<ClueId> = source_ids().map(|id| clue(&id)).collect();
    assert_eq!(found, expected);
    wakeups_become(&steps.harness, &[until(); CLUES as usize]).await;
    // what was found is due in its time, though nobody has read the rows
    let mut due = BTreeSet::new();
    for lane in 0..PARTITIONS {
        due.extend(steps.due(lane, until(), 100).await);
    }
    assert_eq!(due, expected);
    for lane in 0..PARTITIONS {
        steps.lifecycle.forget(lane);
        assert_eq!(steps.due(lane, now(), 3).await, BTreeSet::new(), "it is over");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_census_mends_the_rows_of_clues_that_cannot_be_woken_now() {
    let harness = suspended().await;
    change(&harness, "DELETE FROM clue_wakeup".to_owned()).await;
    change(&harness, "UPDATE clue_checkpoint SET waking = 0".to_owned()).await;
    let mut steps = Steps::after(harness);
    for lane in 0..PARTITIONS {
        // as the loop leaves out those whose tick failed
        while steps
            .lifecycle
            .due(&[(lane, now())], 3)
            .await
            .expect("looks")
            .more
        {}
        steps.rest().await;
    }
    wakeups_become(&steps.harness, &[until(); CLUES as usize]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_any_more_once_nothing_is_due_or_the_lane_is_gone() {
    let harness = suspended().await;
    let mut steps = Steps::after(harness);
    let tardy = until().plus_minutes(1);
    let lane = partition_of(clue("1"), PARTITIONS);
    for round in 0..2 {
        assert_eq!(steps.lifecycle.backlog(), 0);
        let due = steps.lifecycle.due(&[(lane, tardy)], 1).await.expect("looks");
        assert!(due.more && due.count() == 1);
        assert_eq!(steps.lifecycle.backlog(), 60_000_000);
        if round == 0 {
            steps.lifecycle.forget(lane);
        } else {
            steps.due(lane, tardy, 100).await;
        }
    }
    assert_eq!(steps.lifecycle.backlog(), 0);
}

/// Where the clock runs fast a command takes longer to the log, by that clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_command_its_clue_wakes_up_to_the_grace_of_the_batch() {
    let harness = suspended().await;
    let mut steps = Steps::after(harness);
    let came = until().plus_minutes(30);
    for (id, grace, wakes) in [("1", 3_600, true), ("2", 1_799, false)] {
        steps.grace = Duration::from_secs(grace);
        let command = Envelope {
            id: CommandId::derive(id.as_bytes(), "sign", 0),
            clue: clue(id),
            causation: None,
            actor: Actor::agency("north".parse().expect("valid")),
            expected_version: None,
            occurred_at: None,
            received_at: came,
            command: Command::AcknowledgeClue,
            text: None,
        };
        let lane = partition_of(clue(id), PARTITIONS);
        let rows = steps
            .decide(lane, came.plus_minutes(5), vec![command], Vec::new())
            .await;
        steps.write(Some(rows)).await;
        let state = &steps.lifecycle.lanes[&lane]
            .aggregates
            .get(&clue(id))
            .expect("known")
            .state;
        assert_eq!(
            state.wakes_at() == Some(until()),
            wakes,
            "{id}: {:?}",
            state.wakes_at()
        );
    }
}
