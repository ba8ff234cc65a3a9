//! A rulebook is activated, or its activation withdrawn: in every partition by an event of its own, so that all processes change
//! at the same clue.

use bihuan_contracts::command::{ActivateRulebook, WithdrawRulebook};
use bihuan_contracts::event::ClueEvent;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::Library;
use bihuan_store::Store;
use bihuan_store::activation::Activation;
use bihuan_stream::{Effects, Error};

use crate::handler::unavailable;
use crate::lane::Lane;
use crate::unreadable;

/// Journals the activation, unless the partition has it.
pub(crate) async fn activate(
    store: &Store,
    library: &Library,
    (partition, lane): (u32, &mut Lane),
    asked: ActivateRulebook,
    effects: &mut Effects,
) -> Result<(), Error> {
    let version = asked.version.as_str().to_owned();
    if is_known(lane, &asked) {
        return Ok(());
    }
    match library.get(&version).await {
        Ok(_) => {}
        Err(error) if error.is_transient() => return Err(unavailable(error)),
        Err(error) => {
            tracing::error!(partition, rulebook.version = version, error = %error, "rulebook not activated");
            return Ok(());
        }
    }
    let at = lane.activate_at(store, partition, asked.received_at).await?;
    let (from, number) = (asked.from, asked.activation);
    let event = ClueEvent::RulebookActivated {
        version: asked.version,
        from,
        activation: number,
        why: asked.why,
        backtest: asked.backtest,
        at,
        command: asked.id,
        actor: asked.actor,
    };
    let activation = Activation {
        sequence: effects.event(partition, unreadable::of_partition(&event)),
        version,
        from,
        number,
        withdrawn: None,
    };
    lane.schedule.activate(activation.clone());
    lane.unsaved.activations.push(activation);
    Ok(())
}

/// One that was asked before they were counted is known by what holds.
fn is_known(lane: &Lane, asked: &ActivateRulebook) -> bool {
    match asked.activation {
        Some(number) => lane.schedule.find(number).is_some(),
        None => {
            let holds = lane
                .schedule
                .now(asked.from.unwrap_or(Timestamp::from_micros(i64::MAX)));
            holds.is_some_and(|it| it.version == asked.version.as_str())
        }
    }
}

/// Journals the withdrawal, unless the partition has it. Whoever asks makes sure that the activation is asked for before, and that
/// its time has not come.
pub(crate) async fn withdraw(
    store: &Store,
    (partition, lane): (u32, &mut Lane),
    asked: WithdrawRulebook,
    effects: &mut Effects,
) -> Result<(), Error> {
    let number = asked.activation;
    let known = lane.schedule.find(number).filter(|it| it.withdrawn.is_none());
    let waits = known
        .and_then(|it| it.from)
        .is_some_and(|from| asked.received_at < from);
    if !waits {
        tracing::warn!(partition, activation = number, "nothing to withdraw");
        return Ok(());
    }
    let event = ClueEvent::RulebookWithdrawn {
        activation: number,
        version: asked.version,
        why: asked.why,
        at: lane.activate_at(store, partition, asked.received_at).await?,
        command: asked.id,
        actor: asked.actor,
    };
    let sequence = effects.event(partition, unreadable::of_partition(&event));
    lane.schedule.withdraw(number, sequence);
    lane.unsaved.withdrawals.push((number, sequence));
    Ok(())
}
