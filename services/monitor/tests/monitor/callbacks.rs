//! The second account of a source: what it was to be told, and where that stands.

use bihuan_contracts::delivery::{Callback, DeliveryEvent};
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;

use crate::life::monday;
use crate::world::worlds;

fn callback(source: &str, version: u32) -> Callback {
    let source = SourceId::new(source).expect("valid");
    Callback {
        clue: ClueId::derive(&source, "1"),
        version,
        link: None,
        source,
    }
}

pub(crate) fn due(source: &str, version: u32) -> DeliveryEvent {
    DeliveryEvent::CallbackDue {
        callback: callback(source, version),
        event: "dispatched".to_owned(),
        at: monday(),
    }
}

fn acknowledged(source: &str, version: u32) -> DeliveryEvent {
    DeliveryEvent::CallbackAcknowledged {
        callback: callback(source, version),
        attempts: 2,
        at: monday(),
    }
}

pub(crate) fn failed(source: &str, version: u32) -> DeliveryEvent {
    DeliveryEvent::CallbackFailed {
        callback: callback(source, version),
        attempts: 4,
        reason: "gone".to_owned(),
        status: Some(410),
        at: monday(),
    }
}

fn resent(source: &str, version: u32) -> DeliveryEvent {
    DeliveryEvent::CallbackResent {
        callback: callback(source, version),
        actor: Actor::service(Role::Operator),
        at: monday(),
    }
}

#[tokio::test]
async fn due_is_acknowledged_pending_or_failed_and_each_source_by_itself() {
    for mut world in worlds().await {
        let story = [
            due("grid", 2),
            due("grid", 3),
            due("hotline", 2),
            acknowledged("grid", 2),
            failed("grid", 3),
            failed("hotline", 2),
            resent("hotline", 2),
            acknowledged("hotline", 2),
            due("hotline", 5),
        ];
        for event in story {
            world.delivery(0, event).await;
        }
        world.read().await;
        let accounts = world.accounts(monday()).await;
        let counts: Vec<_> = accounts
            .callbacks
            .iter()
            .map(|it| {
                (
                    it.source.as_str(),
                    [it.due, it.acknowledged, it.pending, it.failed],
                )
            })
            .collect();
        assert_eq!(counts, [("grid", [2, 1, 0, 1]), ("hotline", [2, 1, 1, 0])]);
        let equation = |accounts: &bihuan_monitor::accounts::Accounts| {
            let found = accounts
                .equations
                .iter()
                .find(|it| it.id == "callbacks_are_settled");
            found.map(|it| (it.left.sum, it.right.sum, it.balanced))
        };
        assert_eq!(equation(&accounts), Some((4, 4, true)));
        assert_eq!(world.differences().await, []);
        // one source makes up for another in the sum, not in the account
        world
            .tamper("UPDATE monitor_callback SET records = records + (CASE source WHEN 'grid' THEN 1 ELSE -1 END) WHERE state = 'acknowledged'")
            .await;
        assert_eq!(equation(&world.accounts(monday()).await), Some((4, 4, false)));
        assert_eq!(world.differences().await.len(), 2);
    }
}
