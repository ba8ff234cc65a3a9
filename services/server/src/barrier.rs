//! Waiting until everything that was on the log at a moment has gone the whole way: intake, lifecycle, routing,
//! dispute, delivery, monitor.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bihuan_contracts::topics;
use bihuan_store::lease;

use crate::failure::Failure;
use crate::installation::Installation;
use crate::services::{Role, Services};
use crate::session::Session;

/// How often positions are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long nothing may move while there is something to read.
const PATIENCE: Duration = Duration::from_mins(2);

/// The hops that a record may lead to, in order. A clue's commands and events go round once for being reported, once for being
/// assigned, and once for what its dispute says, of which that hears in turn.
const HOPS: [(Role, &str); 14] = [
    (Role::Intake, topics::CLUE_INBOUND),
    (Role::Lifecycle, topics::CLUE_COMMANDS),
    (Role::Routing, topics::CLUE_EVENTS),
    (Role::Lifecycle, topics::CLUE_COMMANDS),
    (Role::Dispute, topics::CLUE_EVENTS),
    (Role::Dispute, topics::DISPUTE_COMMANDS),
    (Role::Dispute, topics::DISPUTE_EVENTS),
    (Role::Lifecycle, topics::CLUE_COMMANDS),
    (Role::Dispute, topics::CLUE_EVENTS),
    (Role::Dispute, topics::DISPUTE_EVENTS),
    (Role::Delivery, topics::CLUE_EVENTS),
    (Role::Monitor, topics::CLUE_EVENTS),
    (Role::Monitor, topics::INTAKE_EVENTS),
    (Role::Monitor, topics::DELIVERY_EVENTS),
];

/// Returns when all that is on the log now has been worked through. `services` are those that run in this process.
pub(crate) async fn settled(installation: &Installation, services: Option<&Services>) -> Result<(), Failure> {
    for (role, topic) in HOPS {
        reached(installation, services, role, topic).await?;
    }
    Ok(())
}

/// The same for one topic, for so many seconds at most.
pub(crate) async fn reached_within(
    session: &Session,
    seconds: u64,
    role: Role,
    topic: &str,
) -> Result<(), Failure> {
    let reached = reached(&session.installation, session.services(), role, topic);
    let unanswered = |_| {
        let role = role.name();
        Failure::unreachable(
            format!("已提交，但 {role} 在 {seconds} 秒内未处理完；bihuan serve 是否在运行？"),
            format!(
                "it is on the log, but {role} did not get to it within {seconds} s; is bihuan serve running?"
            ),
        )
    };
    tokio::time::timeout(Duration::from_secs(seconds), reached)
        .await
        .map_err(unanswered)?
}

/// Returns when `role` has read everything that is on `topic` now.
pub(crate) async fn reached(
    installation: &Installation,
    services: Option<&Services>,
    role: Role,
    topic: &str,
) -> Result<(), Failure> {
    let mut open: BTreeMap<u32, i64> = installation.log.ends(topic).await?;
    let mut before = BTreeMap::new();
    let mut moved = Instant::now();
    loop {
        let positions = positions(installation, services, role, topic).await?;
        if positions != before {
            before.clone_from(&positions);
            moved = Instant::now();
        }
        open.retain(|partition, end| positions.get(partition).copied().unwrap_or(0) < *end);
        if open.is_empty() {
            return Ok(());
        }
        if let Some(services) = services
            && let Some(bihuan_stream::Phase::Halted(reason)) =
                services.status(role).map(bihuan_stream::Status::phase)
        {
            return Err(Failure::usage(
                format!("{} 停止：{reason}", role.name()),
                format!("{} halted: {reason}", role.name()),
            ));
        }
        if moved.elapsed() > PATIENCE {
            let (role, seconds) = (role.name(), PATIENCE.as_secs());
            return Err(Failure::unreachable(
                format!("{role} 在 {topic} 上 {seconds} 秒没有进展；该服务在运行吗？见 /readyz"),
                format!("{role} has not moved on {topic} for {seconds} s; does it run? see /readyz"),
            ));
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// How far the role has read each partition of the topic: in memory where it runs here, else as committed.
async fn positions(
    installation: &Installation,
    services: Option<&Services>,
    role: Role,
    topic: &str,
) -> Result<BTreeMap<u32, i64>, Failure> {
    let lanes: Vec<_> = if let Some(status) = services.and_then(|services| services.status(role)) {
        status.positions().into_values().collect()
    } else {
        let mut reader = installation.store.read().await?;
        lease::list(reader.conn(), role.name())
            .await?
            .into_iter()
            .map(|lease| lease.positions)
            .collect()
    };
    let of_topic = lanes.iter().flat_map(|positions| {
        positions
            .iter()
            .filter(|(name, _, _)| *name == topic)
            .map(|(_, partition, position)| (partition, position.next))
            .collect::<Vec<_>>()
    });
    Ok(of_topic.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monitor_is_waited_for_last_on_all_that_is_written() {
        let written = HOPS.iter().rposition(|(role, _)| *role != Role::Monitor);
        for topic in [
            topics::CLUE_EVENTS,
            topics::INTAKE_EVENTS,
            topics::DELIVERY_EVENTS,
        ] {
            let counted = HOPS.iter().rposition(|hop| *hop == (Role::Monitor, topic));
            assert!(counted > written, "{topic}");
        }
    }
}
