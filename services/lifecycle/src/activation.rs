//! A rulebook is activated, or its activation withdrawn: in every partition by an event of its own, so that all processes change
//! at the same clue.

use bihuan_contracts::command::{ActivateRulebook, WithdrawRulebook};
use bihuan_contracts::event::ClueEvent;
use bihuan_domain::clue::{Command, Envelope};
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
    if let Err(error) = library.get(&version).await {
        if error.is_transient() {
            return Err(unavailable(error));
        }
        tracing::error!(partition, rulebook.version = version, error = %error, "rulebook not activated");
        return Ok(());
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
    if let Some(number) = asked.activation {
        return lane.schedule.find(number).is_some();
    }
    let holds = lane.schedule.now(Timestamp::from_micros(i64::MAX));
    holds.is_some_and(|it| it.version == asked.version.as_str())
}

/// Journals the withdrawal, unless the partition has it or the time of the activation has come: clues may have been decided by it,
/// whenever the withdrawal was asked for. What the partition never journalled, because it could not use the rulebook, is withdrawn
/// all the same, so that something else can be activated.
pub(crate) async fn withdraw(
    store: &Store,
    (partition, lane): (u32, &mut Lane),
    asked: WithdrawRulebook,
    now: Timestamp,
    effects: &mut Effects,
) -> Result<(), Error> {
    let number = asked.activation;
    let known = lane.schedule.find(number);
    if known.is_some_and(|it| it.withdrawn.is_some()) {
        return Ok(());
    }
    let holds = known.is_some_and(|it| it.from.is_none_or(|from| from <= now));
    if holds {
        tracing::warn!(
            partition,
            activation = number,
            "not withdrawn: the time of the activation has come"
        );
        return Ok(());
    }
    let is_known = known.is_some();
    let version = asked.version.to_string();
    let event = ClueEvent::RulebookWithdrawn {
        activation: number,
        version: asked.version,
        why: asked.why,
        at: lane.activate_at(store, partition, asked.received_at).await?,
        command: asked.id,
        actor: asked.actor,
    };
    let sequence = effects.event(partition, unreadable::of_partition(&event));
    if is_known {
        lane.schedule.withdraw(number, sequence);
        lane.unsaved.withdrawals.push((number, sequence));
    } else {
        let never = Activation::never(number, version, sequence);
        lane.schedule.activate(never.clone());
        lane.unsaved.activations.push(never);
    }
    Ok(())
}

/// Whether the partition journalled an activation of this version, so that clues can be offered to it.
pub(crate) fn can_be_offered(lane: &Lane, partition: u32, envelope: &Envelope) -> bool {
    let Command::OfferClue { rulebook } = &envelope.command else {
        return true;
    };
    let known = lane.schedule.has(rulebook.as_str());
    if !known {
        tracing::warn!(partition, clue = %envelope.clue, rulebook.version = %rulebook, "not offered: never activated here");
    }
    known
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bihuan_contracts::command::{self, ClueCommand};
    use bihuan_contracts::event;
    use bihuan_domain::clue::{Actor, Role};
    use bihuan_domain::id::{ClueId, CommandId};
    use bihuan_domain::routing::Rulebook;
    use bihuan_rulebook::{Files, compile, remember};
    use bihuan_store::activation;
    use bihuan_store::journal::{self, Journal};
    use bihuan_stream::local::{self, LocalLog};
    use bihuan_stream::{Context, Limits, Log, Status, run};
    use tokio::task::JoinHandle;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::{Lifecycle, MIGRATIONS};

    const RULEBOOK: &str = "title = \"a\"\ntime_zone = \"Asia/Shanghai\"\n";

    /// Lifecycle over a store in a folder, with one partition.
    struct World {
        _directory: tempfile::TempDir,
        store: Store,
        log: Log,
        shutdown: CancellationToken,
    }

    impl World {
        async fn new() -> Self {
            let directory = tempfile::tempdir().expect("a folder");
            let store = Store::sqlite(directory.path()).await.expect("opens");
            store
                .migrate(&[local::MIGRATIONS, MIGRATIONS])
                .await
                .expect("migrates");
            Self {
                _directory: directory,
                log: Log::Local(LocalLog::new(store.clone(), 1)),
                store,
                shutdown: CancellationToken::new(),
            }
        }

        fn start(&self) -> JoinHandle<bihuan_stream::Result<()>> {
            let context = Context {
                store: self.store.clone(),
                log: self.log.clone(),
                clock: Arc::new(|| Timestamp::from_micros(5_000)),
                shutdown: self.shutdown.clone(),
                limits: Limits::default(),
                status: Status::default(),
            };
            let library = Library::new(self.store.clone());
            tokio::spawn(run(
                Lifecycle::new(self.store.clone(), library, 1, "local"),
                context,
            ))
        }

        async fn remembered(&self, label: &str) -> Rulebook {
            let mut files = Files::default();
            files.insert("rulebook.toml", format!("label = \"{label}\"\n{RULEBOOK}"));
            files.insert("areas.csv", "code,name,level\n330602,a,county\n".to_owned());
            files.insert(
                "agencies.csv",
                "id,name,level,area\na,a,county,330602\n".to_owned(),
            );
            files.insert("matters.csv", "code,name\nm,m\n".to_owned());
            files.insert("duties.csv", "matter,area,agency\nm,330602,a\n".to_owned());
            let (rulebook, findings) = compile(&files);
            let rulebook = rulebook.unwrap_or_else(|| panic!("{findings:?}"));
            let mut tx = self.store.begin().await.expect("begins");
            remember(tx.conn(), &files, &rulebook).await.expect("remembers");
            tx.commit().await.expect("commits");
            rulebook
        }

        async fn publish(&self, asked: &ClueCommand) {
            let message = command::message(asked, 0, "operator");
            self.log.publish(vec![message]).await.expect("publishes");
        }

        async fn journalled(&self) -> Vec<Activation> {
            let mut reader = self.store.read().await.expect("reads");
            activation::of_partition(reader.conn(), 0).await.expect("reads")
        }

        async fn until(&self, what: &str, is: impl Fn(&[Activation]) -> bool) {
            for _ in 0..1_000 {
                if is(&self.journalled().await) {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            panic!("never {what}: {:?}", self.journalled().await);
        }

        /// As it was asked before activations were counted.
        async fn activate_uncounted(&self, rulebook: &Rulebook, at: i64) {
            let asked = ActivateRulebook {
                from: None,
                activation: None,
                received_at: Timestamp::from_micros(at),
                ..asked(rulebook, 0, None)
            };
            self.publish(&ClueCommand::ActivateRulebook(asked)).await;
            let version = rulebook.version.as_str();
            self.until("activated", |all| {
                all.last().is_some_and(|last| last.version == version)
            })
            .await;
        }

        /// Puts the row in the place of those from `sequence` on.
        async fn replace(&self, sequence: i64, row: &Activation) {
            let mut tx = self.store.begin().await.expect("begins");
            let bihuan_store::Connection::Sqlite(connection) = tx.conn() else {
                panic!("in a folder");
            };
            let deleted = sqlx::query("DELETE FROM rulebook_activation WHERE sequence >= $1");
            let _ = deleted.bind(sequence).execute(connection).await.expect("deletes");
            activation::insert(tx.conn(), 0, row).await.expect("inserts");
            tx.commit().await.expect("commits");
        }

        async fn active(&self, now: i64) -> Option<String> {
            let mut reader = self.store.read().await.expect("reads");
            let active = activation::active(reader.conn(), Timestamp::from_micros(now)).await;
            active.expect("reads")
        }

        async fn events(&self) -> Vec<&'static str> {
            let mut reader = self.store.read().await.expect("reads");
            let entries = journal::after(reader.conn(), Journal::Clue, 0, 0, 100).await;
            let name = |payload: &[u8]| event::type_name(&event::decode(payload).expect("decodes"));
            let entries = entries.expect("reads");
            entries.iter().map(|entry| name(&entry.payload)).collect()
        }
    }

    fn asked(rulebook: &Rulebook, number: u32, from: Option<i64>) -> ActivateRulebook {
        let cause = format!("{}/{number}", rulebook.version);
        ActivateRulebook {
            id: CommandId::derive(cause.as_bytes(), "operator", number),
            version: rulebook.version.clone(),
            from: from.map(Timestamp::from_micros),
            activation: Some(number),
            why: Some("a decree".to_owned()),
            backtest: None,
            actor: Actor::service(Role::Operator),
            received_at: Timestamp::from_micros(1_000),
        }
    }

    fn withdrawal(rulebook: &Rulebook, number: u32, at: i64) -> ClueCommand {
        ClueCommand::WithdrawRulebook(WithdrawRulebook {
            id: CommandId::derive(b"withdraw", "operator", number),
            activation: number,
            version: rulebook.version.clone(),
            why: "too early".to_owned(),
            actor: Actor::service(Role::Operator),
            received_at: Timestamp::from_micros(at),
        })
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_slow_clock_does_not_put_an_activation_before_an_earlier_one() {
        let world = World::new().await;
        let (first, second, third) = (
            world.remembered("first").await,
            world.remembered("second").await,
            world.remembered("third").await,
        );
        let running = world.start();
        world.activate_uncounted(&first, 4_000).await;
        world.activate_uncounted(&second, 1_000).await;
        assert_eq!(
            world.active(5_000).await.as_deref(),
            Some(second.version.as_str())
        );
        running.abort();
        let _ = running.await;
        // what was activated last is also known to a process that was not there
        let _running = world.start();
        world.activate_uncounted(&third, 2_000).await;
        assert_eq!(world.active(5_000).await.as_deref(), Some(third.version.as_str()));
        let activated = activation::activated_at(world.store.read().await.expect("reads").conn(), 0).await;
        assert_eq!(activated.expect("reads"), Some(Timestamp::from_micros(4_002)));
        world.shutdown.cancel();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_activation_is_journalled_once_and_withdrawn_before_its_time_only() {
        let world = World::new().await;
        let (first, second) = (world.remembered("first").await, world.remembered("second").await);
        let _running = world.start();
        let activate =
            |rulebook: &Rulebook, number, from| ClueCommand::ActivateRulebook(asked(rulebook, number, from));
        for asked in [
            activate(&first, 1, None),
            activate(&first, 1, None),
            // of a rulebook that the store does not have nothing comes
            ClueCommand::ActivateRulebook(ActivateRulebook {
                version: "abc".parse().expect("valid"),
                ..asked(&first, 7, None)
            }),
            activate(&second, 2, Some(5_001)),
            withdrawal(&second, 2, 4_000),
            withdrawal(&second, 2, 4_000),
            // what comes too late
            activate(&second, 2, Some(5_001)),
            // it is 5,000: asked for before the time, carried out after it
            activate(&second, 3, Some(5_000)),
            withdrawal(&second, 3, 4_000),
            withdrawal(&first, 1, 4_000),
            activate(&second, 4, Some(6_000)),
        ] {
            world.publish(&asked).await;
        }
        world
            .until("all", |all| all.iter().any(|it| it.number == Some(4)))
            .await;
        let activated = "bihuan.clue.v1.RulebookActivated";
        let withdrawn = "bihuan.clue.v1.RulebookWithdrawn";
        assert_eq!(
            world.events().await,
            [activated, activated, withdrawn, activated, activated]
        );
        let of = |it: &Activation| (it.sequence, it.number, it.withdrawn);
        let journalled = world.journalled().await;
        let journalled: Vec<_> = journalled.iter().map(of).collect();
        assert_eq!(
            journalled,
            [
                (1, Some(1), None),
                (2, Some(2), Some(3)),
                (4, Some(3), None),
                (5, Some(4), None)
            ]
        );
        for (now, rulebook) in [(4_999, &first), (5_000, &second)] {
            assert_eq!(
                world.active(now).await.as_deref(),
                Some(rulebook.version.as_str())
            );
        }
        world.shutdown.cancel();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_cannot_be_used_is_withdrawn_all_the_same_and_never_comes() {
        let world = World::new().await;
        let (first, second) = (world.remembered("first").await, world.remembered("second").await);
        let mut unusable = first.clone();
        unusable.version = "abc".parse().expect("valid");
        let running = world.start();
        let activate =
            |rulebook: &Rulebook, number, from| ClueCommand::ActivateRulebook(asked(rulebook, number, from));
        for asked in [
            activate(&unusable, 1, None),
            withdrawal(&unusable, 1, 10),
            withdrawal(&unusable, 1, 10),
            activate(&first, 2, None),
        ] {
            world.publish(&asked).await;
        }
        world.until("both", |all| all.len() == 2).await;
        assert_eq!(world.active(5_000).await.as_deref(), Some(first.version.as_str()));
        running.abort();
        let _ = running.await;
        // what is still on its way, to a process that was not there
        let _running = world.start();
        world.publish(&activate(&second, 1, None)).await;
        world.publish(&activate(&second, 3, Some(6_000))).await;
        world
            .until("the third", |all| all.iter().any(|it| it.number == Some(3)))
            .await;
        let of = |it: &Activation| (it.sequence, it.number, it.withdrawn);
        let journalled: Vec<_> = world.journalled().await.iter().map(of).collect();
        assert_eq!(
            journalled,
            [(1, Some(1), Some(1)), (2, Some(2), None), (3, Some(3), None)]
        );
        let mut reader = world.store.snapshot().await.expect("reads");
        assert_eq!(
            crate::verify(&mut reader, &Library::new(world.store.clone()))
                .await
                .expect("verifies")
                .differences,
            []
        );
        world.shutdown.cancel();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_clue_is_offered_to_what_was_activated_only() {
        let world = World::new().await;
        let first = world.remembered("first").await;
        let _running = world.start();
        for asked in [
            ClueCommand::ActivateRulebook(asked(&first, 1, None)),
            ClueCommand::WithdrawRulebook(WithdrawRulebook {
                version: "abc".parse().expect("valid"),
                ..match withdrawal(&first, 2, 10) {
                    ClueCommand::WithdrawRulebook(it) => it,
                    other => panic!("{other:?}"),
                }
            }),
        ] {
            world.publish(&asked).await;
        }
        world.until("both", |all| all.len() == 2).await;
        let now = Timestamp::from_micros(5_000);
        let schedule = Library::new(world.store.clone())
            .schedule(0)
            .await
            .expect("reads");
        let lane = Lane::take_over(&world.store, 0, schedule, now)
            .await
            .expect("ours");
        for (version, expected) in [(first.version.as_str(), true), ("abc", false), ("abd", false)] {
            let envelope = Envelope {
                id: CommandId::derive(b"offer", "routing", 0),
                clue: ClueId::derive(&"s".parse().expect("valid"), version),
                causation: None,
                actor: Actor::service(Role::Routing),
                expected_version: None,
                occurred_at: None,
                received_at: now,
                command: Command::OfferClue {
                    rulebook: version.parse().expect("valid"),
                },
                text: None,
            };
            assert_eq!(can_be_offered(&lane, 0, &envelope), expected, "{version}");
        }
        world.shutdown.cancel();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn verify_compares_every_column_of_an_activation_with_the_journal() {
        let world = World::new().await;
        let (first, second) = (world.remembered("first").await, world.remembered("second").await);
        let _running = world.start();
        for asked in [
            ClueCommand::ActivateRulebook(asked(&first, 1, None)),
            ClueCommand::ActivateRulebook(asked(&second, 2, Some(6_000))),
            withdrawal(&second, 2, 4_000),
        ] {
            world.publish(&asked).await;
        }
        world
            .until("withdrawn", |all| all.iter().any(|it| it.withdrawn.is_some()))
            .await;
        let checks = async || {
            let mut reader = world.store.snapshot().await.expect("reads");
            let verified = crate::verify(&mut reader, &Library::new(world.store.clone()))
                .await
                .expect("verifies");
            verified.differences.iter().map(|it| it.check).collect::<Vec<_>>()
        };
        assert_eq!(checks().await, [""; 0]);
        let journalled = world.journalled().await;
        let rows = [
            Activation {
                version: first.version.to_string(),
                ..journalled[1].clone()
            },
            Activation {
                from: None,
                ..journalled[1].clone()
            },
            Activation {
                number: Some(3),
                ..journalled[1].clone()
            },
            Activation {
                withdrawn: None,
                ..journalled[1].clone()
            },
            Activation {
                sequence: 9,
                ..journalled[1].clone()
            },
        ];
        for row in rows.iter().chain([&journalled[1]]) {
            world.replace(2, row).await;
            let expected = match row.sequence {
                _ if *row == journalled[1] => 0,
                2 => 1,
                _ => 2,
            };
            assert_eq!(
                checks().await,
                vec!["activations_are_journalled"; expected],
                "{row:?}"
            );
        }
        world.shutdown.cancel();
    }
}
