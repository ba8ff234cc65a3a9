//! A deadline that goes by a calendar without the next year is computed again once one with it is activated.

use std::time::Duration;

use bihuan_domain::calendar::Step;
use bihuan_domain::clue::Running;
use bihuan_domain::time::Timestamp;

use super::harness::{Harness, clue, now};

const ASSIGN: &str = r#"{"type": "assign_clue", "agency": "north", "actor": {"role": "routing"}}"#;
const WAIT: (&str, &str) = ("prefer", "wait=20");
const LIMITS: (&str, &str) = ("limits.csv", "step,limit\noverall,260wd\n");
pub(super) const ONE_YEAR: (&str, &str) = (
    "holidays.json",
    r#"{"holidays": {"2026-01-01": "New Year,元旦,1"}, "workdays": {}}"#,
);
pub(super) const TWO_YEARS: (&str, &str) = (
    "holidays.json",
    r#"{"holidays": {"2026-01-01": "New Year,元旦,1", "2027-01-01": "New Year,元旦,1"}, "workdays": {}}"#,
);

async fn overall(harness: &Harness, source_id: &str) -> Option<Running> {
    let history = harness.commands.history(clue(source_id)).await.expect("reads");
    let clocks = history.iter().rev().find_map(|it| it.clocks.as_ref())?;
    clocks
        .running
        .iter()
        .find(|clock| clock.step == Step::Overall)
        .cloned()
}

async fn revised(harness: &Harness, source_id: &str) -> usize {
    let history = harness.commands.history(clue(source_id)).await.expect("reads");
    history
        .iter()
        .filter(|it| it.event.name() == "DeadlineRevised")
        .count()
}

async fn until_revised(harness: &Harness, source_id: &str) {
    for _ in 0..2_000 {
        if revised(harness, source_id).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{source_id} is not revised");
}

async fn differences(harness: &Harness) -> Vec<crate::Difference> {
    let mut reader = harness.store.snapshot().await.expect("reads");
    let verified = crate::verify(&mut reader, &harness.library()).await;
    verified.expect("verifies").differences
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_computed_again_once_and_no_command_is_needed() {
    let harness = Harness::without_lifecycle().await;
    let running = harness.run();
    harness.activate(1, &[LIMITS, ONE_YEAR]).await;
    let ids = ["1", "2", "3", "4", "5"];
    for id in ids {
        harness.report(id).await;
        harness.post(&clue(id).to_string(), &[WAIT], ASSIGN).await;
        assert!(overall(&harness, id).await.expect("runs").provisional);
    }
    let before = overall(&harness, "1").await.expect("runs").due_at;
    // some rows are written, others are behind: both are found
    harness.activate(2, &[LIMITS, TWO_YEARS]).await;
    harness.hand.set(now().plus_minutes(1));
    for id in ids {
        until_revised(&harness, id).await;
        let clock = overall(&harness, id).await.expect("runs");
        assert!(!clock.provisional);
        // 1 January 2027 is a Friday
        let after: Timestamp = clock.due_at;
        assert_eq!(after, before.plus_days(1), "{id}");
    }
    assert_eq!(differences(&harness).await, []);
    running.abort();
    let _ = running.await;
    let running = harness.run();
    harness.report("6").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for id in ids {
        assert_eq!(revised(&harness, id).await, 1, "{id}: once");
    }
    assert_eq!(differences(&harness).await, []);
    running.abort();
}
