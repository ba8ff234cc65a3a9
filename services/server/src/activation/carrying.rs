//! Into every partition: by commands whose ids follow from the number, so that it does not matter who asks and how often.

use std::time::Duration;

use bihuan_contracts::Message;
use bihuan_contracts::command::{self, ActivateRulebook, ClueCommand, WithdrawRulebook};
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::CommandId;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, State, is_withdrawn};
use bihuan_store::Store;
use bihuan_store::activation::Request;
use bihuan_stream::Log;

use crate::failure::Failure;
use crate::installation::Installation;

const PRODUCER: &str = "operator";

/// Brings what was asked for to the partitions that lack it.
pub(super) struct Carrier {
    store: Store,
    log: Log,
    partitions: u32,
}

impl Carrier {
    pub(super) fn of(installation: &Installation) -> Self {
        Self {
            store: installation.store.clone(),
            log: installation.log.clone(),
            partitions: installation.config.partitions,
        }
    }

    pub(super) async fn known(&self) -> Result<Activations, Failure> {
        Ok(Activations::of(&self.store, self.partitions).await?)
    }

    /// Asks the partitions that lack the activation, or its withdrawal. Those get the activation first: of one whose time has come
    /// no partition may take the withdrawal before what another took after it.
    pub(super) async fn ask(&self, request: &Request, now: Timestamp) -> Result<(), Failure> {
        let known = self.known().await?;
        let mut asked = Vec::new();
        for partition in known.missing(request) {
            asked.push(activation_of(request, partition, now)?);
        }
        if request.withdrawal.is_some() {
            for partition in known.partitions(|rows| !is_withdrawn(rows, request)) {
                asked.extend(withdrawal_of(request, partition)?);
            }
        }
        if !asked.is_empty() {
            self.log.publish(asked).await?;
        }
        Ok(())
    }
}

/// Asks for the activation, and waits until no partition lacks it.
pub(crate) async fn carry_on(installation: &Installation, request: &Request) -> Result<(), Failure> {
    let carrier = Carrier::of(installation);
    carrier.ask(request, installation.now()).await?;
    while !carrier.known().await?.missing(request).is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The same of its withdrawal; how it ended: withdrawn, or its time had come.
pub(super) async fn take_back(installation: &Installation, request: &Request) -> Result<State, Failure> {
    let carrier = Carrier::of(installation);
    carrier.ask(request, installation.now()).await?;
    loop {
        let state = carrier.known().await?.state(request, installation.now());
        if state != State::BeingWithdrawn {
            return Ok(state);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn actor(by: &str) -> Actor {
    let mut actor = Actor::service(Role::Operator);
    if by != Role::Operator.as_str() {
        actor.person = Some(by.to_owned());
    }
    actor
}

fn version(request: &Request) -> Result<RulebookVersion, Failure> {
    request
        .version
        .parse()
        .map_err(|error: bihuan_domain::code::ParseError| {
            let version = &request.version;
            Failure::usage(
                format!("存储中的规则库版本 {version} 无法读取"),
                format!("the stored rulebook version {version} cannot be read: {error}"),
            )
        })
}

/// For every partition the same id, whoever asks and however often.
fn id(request: &Request, what: &str, partition: u32) -> CommandId {
    let cause = format!("{what}/{}/{}", request.number, request.version);
    CommandId::derive(cause.as_bytes(), PRODUCER, partition)
}

fn activation_of(request: &Request, partition: u32, now: Timestamp) -> Result<Message, Failure> {
    let asked = ClueCommand::ActivateRulebook(ActivateRulebook {
        id: id(request, "activate", partition),
        version: version(request)?,
        from: request.from,
        activation: Some(request.number),
        why: Some(request.why.clone()),
        backtest: request.backtest.clone(),
        actor: actor(&request.by),
        received_at: now,
    });
    Ok(command::message(&asked, partition, PRODUCER))
}

fn withdrawal_of(request: &Request, partition: u32) -> Result<Option<Message>, Failure> {
    let Some(withdrawal) = &request.withdrawal else {
        return Ok(None);
    };
    let withdraw = ClueCommand::WithdrawRulebook(WithdrawRulebook {
        id: id(request, "withdraw", partition),
        activation: request.number,
        version: version(request)?,
        why: withdrawal.why.clone(),
        actor: actor(&withdrawal.by),
        received_at: withdrawal.at,
    });
    Ok(Some(command::message(&withdraw, partition, PRODUCER)))
}
