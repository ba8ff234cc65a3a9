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
/// Offers at once: routing and lifecycle have other things to do as well.
const MOST: usize = 5_000;
/// Looks that fail one after the other until that is told, and until it is told again.
const LASTING: (u32, u32) = (12, 720);
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

    /// One partition after the other, until there are enough offers for once: what is left is looked at next time.
    async fn through(&self, now: Timestamp) -> Round {
        let mut round = Round::default();
        for partition in 0..self.partitions {
            if round.room() == 0 {
                break;
            }
            let looked = self.of_partition((partition, round.room()), now).await;
            round.add(looked);
        }
        round
    }

    async fn of_partition(&self, (partition, most): (u32, usize), now: Timestamp) -> Result<usize, Failure> {
        let schedule = self.library.schedule(partition).await?;
        match schedule.now(now) {
            Some(activation) => {
                self.partition((partition, most), (&schedule, activation), now)
                    .await
            }
            None => Ok(0),
        }
    }

    /// At most a page more than `most`.
    async fn partition(
        &self,
        (partition, most): (u32, usize),
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
        while offered < most {
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
        Ok(offered)
    }
}

/// What came of looking once.
#[derive(Default)]
struct Round {
    offered: usize,
    /// The first of the partitions' failures.
    failed: Option<Failure>,
}

impl Round {
    /// How many more there may be.
    const fn room(&self) -> usize {
        MOST.saturating_sub(self.offered)
    }

    /// A partition that fails holds up no other.
    fn add(&mut self, looked: Result<usize, Failure>) {
        match looked {
            Ok(offered) => self.offered += offered,
            Err(failure) => {
                self.failed.get_or_insert(failure);
            }
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
    crate::activation::finish(installation).await?;
    loop {
        barrier::settled(installation, Some(services)).await?;
        match Look::of(installation).through(installation.now()).await {
            Round {
                failed: Some(failure),
                ..
            } => return Err(failure),
            Round { offered: 0, .. } => return Ok(()),
            Round { .. } => {}
        }
    }
}

/// Logs what came of looking; how often it failed until now.
fn tell(looked: &Round, failures: u32) -> u32 {
    if looked.offered > 0 {
        let offered = looked.offered;
        tracing::info!(
            offered,
            "clues in triage were offered to the rulebook that holds now"
        );
    }
    let Some(failure) = &looked.failed else {
        return 0;
    };
    if is_lasting(failures + 1) {
        tracing::warn!(%failure, failures = failures + 1, "what waits in triage is not offered everywhere");
    } else {
        tracing::debug!(%failure, "what waits in triage is not offered everywhere yet");
    }
    failures + 1
}

const fn is_lasting(failures: u32) -> bool {
    let (first, again) = LASTING;
    failures % again == first
}

/// Looks now and then until shutdown.
pub(crate) fn now_and_then(installation: &Installation, shutdown: &CancellationToken) {
    let (look, clock) = (Look::of(installation), installation.clock.clone());
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let mut failures = 0;
        while let Some(looked) = stop.run_until_cancelled(look.through(clock.now())).await {
            failures = tell(&looked, failures);
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_that_fails_holds_up_no_other_and_a_round_has_an_end() {
        let mut round = Round::default();
        round.add(Ok(10));
        round.add(Err(Failure::usage("坏了", "broken")));
        round.add(Err(Failure::usage("又坏了", "broken again")));
        assert_eq!(round.room(), MOST - 10);
        round.add(Ok(MOST));
        assert_eq!((round.offered, round.room()), (MOST + 10, 0));
        assert_eq!(round.failed.map(|it| it.to_string()).as_deref(), Some("broken"));
    }

    #[test]
    fn a_lasting_failure_is_told_and_seldom_again() {
        let told: Vec<u32> = (1..1_500).filter(|it| is_lasting(*it)).collect();
        assert_eq!(told, [12, 732, 1_452]);
        let failed = Round {
            offered: 0,
            failed: Some(Failure::usage("坏了", "broken")),
        };
        assert_eq!(tell(&failed, 11), 12);
        let well = Round {
            offered: 3,
            failed: None,
        };
        assert_eq!(tell(&well, 12), 0);
    }
}
