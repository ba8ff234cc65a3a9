//! What waits in triage is offered to the rulebook that holds meanwhile: routing is asked again, by that version.
//!
//! Anybody may look, and several do: an offer is a command whose id follows from the decision that held the clue and from the
//! activation, so that a second one changes nothing. How far a partition was looked through is remembered, for each activation.
//! Clues that come to triage later, by an older rulebook because they were reported before, have newer events and are found next
//! time.

use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand};
use bihuan_contracts::event::{self, ClueEvent};
use bihuan_domain::clue::{Actor, Command, Envelope, Event, Occurrence, Role};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::CommandId;
use bihuan_domain::time::Timestamp;
use bihuan_monitor::triage;
use bihuan_rulebook::{Library, Schedule};
use bihuan_store::Store;
use bihuan_store::activation::{self, Activation};
use bihuan_store::journal::{self, Journal};
use bihuan_stream::Log;
use tokio_util::sync::CancellationToken;

use crate::barrier;
use crate::failure::Failure;
use crate::installation::Installation;
use crate::services::Services;

/// How often it is looked for clues to offer.
const LOOK: Duration = Duration::from_secs(5);
/// Clues that are looked at before they are remembered.
const PAGE: u32 = 500;
const PRODUCER: &str = "routing";

/// Whose duty it is to look, with what it takes.
struct Look {
    store: Store,
    library: Library,
    log: Log,
    partitions: u32,
}

impl Look {
    fn of(installation: &Installation) -> Self {
        Self {
            store: installation.store.clone(),
            library: installation.library.clone(),
            log: installation.log.clone(),
            partitions: installation.config.partitions,
        }
    }

    async fn through(&self, now: Timestamp) -> Result<usize, Failure> {
        let mut offered = 0;
        for partition in 0..self.partitions {
            let schedule = self.library.schedule(partition).await?;
            if let Some(activation) = schedule.now(now) {
                offered += self.partition(partition, (&schedule, activation), now).await?;
            }
        }
        Ok(offered)
    }

    async fn partition(
        &self,
        partition: u32,
        (schedule, activation): (&Schedule, &Activation),
        now: Timestamp,
    ) -> Result<usize, Failure> {
        let version: RulebookVersion = match activation.version.parse() {
            Ok(version) => version,
            Err(error) => {
                tracing::error!(partition, rulebook.version = activation.version, %error, "nothing offered");
                return Ok(0);
            }
        };
        let mut offered = 0;
        loop {
            let mut reader = self.store.read().await?;
            let after = activation::offered(reader.conn(), partition, activation.sequence).await?;
            let page = triage::newest(reader.conn(), partition, after, PAGE).await?;
            let Some(through) = page.last().copied() else {
                return Ok(offered);
            };
            let mut offers = Vec::new();
            for newest in page {
                let entries = journal::chain(reader.conn(), Journal::Clue, partition, newest).await?;
                let mut events = Vec::with_capacity(entries.len());
                for entry in entries {
                    // what a newer program wrote is for that to offer
                    if let Ok(ClueEvent::Clue(occurrence)) = event::decode(&entry.payload) {
                        events.push((entry.sequence, occurrence));
                    }
                }
                if let Some(held) = held_by_older(&events, (schedule, activation)) {
                    offers.push(command::message(
                        &offer(partition, held, activation.sequence, &version, now),
                        partition,
                        PRODUCER,
                    ));
                }
            }
            drop(reader);
            offered += offers.len();
            self.log.publish(offers).await?;
            let mut tx = self.store.begin().await?;
            activation::set_offered(tx.conn(), partition, activation.sequence, through).await?;
            tx.commit().await?;
        }
    }
}

/// The decision by which routing holds the clue for triage, if that was of an older rulebook; with its sequence. A clue that an agency
/// had before, or that a person put there, is left to people.
fn held_by_older<'e>(
    events: &'e [(i64, Occurrence)],
    (schedule, activation): (&Schedule, &Activation),
) -> Option<(i64, &'e Occurrence)> {
    let is_assignment =
        |event: &Event| matches!(event, Event::ClueAssigned { .. } | Event::ClueTransferred { .. });
    if events.iter().any(|(_, it)| is_assignment(&it.event)) {
        return None;
    }
    let mut backwards = events.iter().rev();
    let (sequence, held) = backwards.find(|(_, it)| matches!(it.event, Event::ClueHeldForTriage { .. }))?;
    let Event::ClueHeldForTriage { decision } = &held.event else {
        return None;
    };
    let by = decision.rulebook.as_str();
    let is_older = by != activation.version && schedule.is_newer(activation, by);
    (held.actor.role == Role::Routing && is_older).then_some((*sequence, held))
}

fn offer(
    partition: u32,
    (sequence, held): (i64, &Occurrence),
    activated: i64,
    version: &RulebookVersion,
    now: Timestamp,
) -> ClueCommand {
    let cause = format!("{partition}/{sequence}/{activated}");
    ClueCommand::Clue(Envelope {
        id: CommandId::derive(cause.as_bytes(), "offering", 0),
        clue: held.clue,
        causation: Some(format!("clue.events.v1/{partition}/{activated}")),
        actor: Actor::service(Role::Routing),
        // not if it was corrected since, and is asked about anew
        expected_version: Some(held.version),
        occurred_at: None,
        received_at: now,
        command: Command::OfferClue {
            rulebook: version.clone(),
        },
        text: None,
    })
}

/// Until nothing is under way, what waits in triage for a newer rulebook included: for a process that runs all services and ends.
pub(crate) async fn settled(installation: &Installation, services: &Services) -> Result<(), Failure> {
    barrier::settled(installation, Some(services)).await?;
    if Look::of(installation).through(installation.now()).await? > 0 {
        barrier::settled(installation, Some(services)).await?;
    }
    Ok(())
}

/// Looks now and then until shutdown.
pub(crate) fn now_and_then(installation: &Installation, shutdown: &CancellationToken) {
    let (look, clock) = (Look::of(installation), installation.clock.clone());
    let stop = shutdown.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                looked = look.through(clock.now()) => match looked {
                    Ok(0) => {}
                    Ok(offered) => tracing::info!(offered, "clues in triage were offered to the rulebook that holds now"),
                    Err(failure) => tracing::debug!(%failure, "nothing offered yet"),
                }
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    });
}
