//! Several receivers of one source: what one does is no concern of the others. And what a source says itself of what it was told.

use std::time::Duration;

use bihuan_domain::clue::{Conclusion, Event, Field, Snapshot, SourceStatus, TimeBasis};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

use super::callbacks::{QUICK, World, closed, telling};
use super::harness::{Harness, clue, now, report, reported};
use crate::callback::{Retry, State};
use crate::receiver::{Fault, Plan, receive};

/// Tells what it got to whoever has the other end.
async fn receiver(fault: Option<Fault>) -> (String, mpsc::UnboundedReceiver<crate::receiver::Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound").to_string();
    let (sender, received) = mpsc::unbounded_channel();
    let plan = Plan {
        faults: fault.into_iter().collect(),
        ..Plan::default()
    };
    tokio::spawn(receive(listener, plan, sender));
    (address, received)
}

const WAITING: usize = 150;

#[tokio::test]
async fn a_receiver_that_is_down_delays_no_other_of_its_source() {
    for breaker in [5, u32::MAX] {
        let (down, mut asked) = receiver(Some(Fault::Hang)).await;
        let (up, received) = receiver(None).await;
        let mapping = format!(
            "[callback.admitted]\nurl = \"http://{down}/\"\ntimeout = 1\n[callback.acknowledged]\nurl = \"http://{up}/\"\n"
        );
        let slow = Retry {
            attempts: 1_000,
            ..QUICK
        };
        let mut telling = telling(&mapping, slow);
        telling.settings.breaker = breaker;
        let harness = Harness::telling(telling).await;
        let mut world = World { harness, received };
        for id in 0..WAITING {
            let id = id.to_string();
            let events = vec![reported(&id), Event::ClueAdmitted];
            world.harness.happens(clue(&id), None, events).await;
        }
        while world.callbacks().await.len() < WAITING {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        timeout(Duration::from_secs(10), asked.recv())
            .await
            .expect("it is called");
        let begun = Instant::now();
        let events = vec![reported("other"), Event::ClueAcknowledged];
        world.harness.happens(clue("other"), None, events).await;
        world.receives_well(1).await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
        let waiting = world.callbacks().await;
        let down = waiting.iter().filter(|it| it.step == "admitted");
        assert!(down.clone().all(|it| it.state == State::Pending));
        assert_eq!(down.count(), WAITING);
    }
}

/// The record as its source sends it once it has closed it.
fn updated(source_id: &str, status: SourceStatus) -> Event {
    let mut report = report(source_id);
    report.snapshot = Some(Snapshot {
        version: Some(9),
        status: Some(status),
        status_at: None,
        changed_at: now(),
        basis: TimeBasis::Version,
        agency: None,
        conclusion: Conclusion::Rectified,
        prints: Vec::new(),
    });
    Event::SourceUpdated {
        report,
        changed: vec![Field::Title],
        same_version: false,
        corrected: Vec::new(),
    }
}

#[tokio::test]
async fn the_record_that_comes_back_closed_is_the_receipt_of_the_closing() {
    // hangs longer than the test lasts
    let mut world = World::new(&[Fault::Hang], None, "timeout = 60").await;
    let events = vec![reported("1"), closed()];
    world.harness.happens(clue("1"), None, events).await;
    world.receives().await;
    let open = vec![updated("1", SourceStatus::Open)];
    world.harness.happens(clue("1"), None, open).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        world.callbacks().await[0].state,
        State::Pending,
        "it says something else"
    );
    let echo = vec![updated("1", SourceStatus::Closed)];
    world.harness.happens(clue("1"), None, echo.clone()).await;
    let settled = world.settled().await;
    let [row] = settled.as_slice() else {
        panic!("{settled:?}")
    };
    assert_eq!(
        (row.state, row.reason.as_deref()),
        (State::Acknowledged, Some("echoed"))
    );
    assert!(row.body.is_none() && row.settled_at.is_some() && row.confirmed_at == row.settled_at);
    assert_eq!(world.verified().await, 1);
    // once
    world.harness.happens(clue("1"), None, echo).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.callbacks().await, settled);
    assert_eq!(world.verified().await, 1);
}

#[tokio::test]
async fn a_receipt_is_confirmed_by_the_record_and_a_dead_letter_settled() {
    for fault in [None, Some(Fault::Status(410))] {
        let faults: Vec<Fault> = fault.into_iter().collect();
        let mut world = World::new(&faults, None, "").await;
        let events = vec![reported("1"), closed()];
        world.harness.happens(clue("1"), None, events).await;
        let before = world.settled().await;
        let [row] = before.as_slice() else {
            panic!("{before:?}")
        };
        assert_eq!(row.state == State::Failed, fault.is_some());
        assert_eq!(row.confirmed_at, None);
        let echo = vec![updated("1", SourceStatus::Closed)];
        world.harness.happens(clue("1"), None, echo).await;
        let look = async {
            loop {
                let row = world.callbacks().await.remove(0);
                if row.confirmed_at.is_some() {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let row = timeout(Duration::from_secs(10), look).await.expect("in time");
        assert_eq!(row.state, State::Acknowledged);
        assert_eq!(row.reason.is_some(), fault.is_some());
        assert_eq!(world.verified().await, 1);
    }
}
