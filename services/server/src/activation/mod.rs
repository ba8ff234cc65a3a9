//! Activations and withdrawals on their way into every partition. The store arbitrates: whoever has the row of a number asks for that
//! activation; one is under way or waits for its time, and anybody may bring it to its end.

mod refusal;

use std::time::Duration;

use bihuan_contracts::Message;
use bihuan_contracts::command::{self, ActivateRulebook, ClueCommand, WithdrawRulebook};
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::code::RulebookVersion;
use bihuan_domain::id::CommandId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, Files, State, is_withdrawn};
use bihuan_store::activation::{self, Request, Withdrawal};

pub(crate) use self::refusal::civil;
use self::refusal::{in_the_past, in_the_way, nothing_waits};
use crate::failure::Failure;
use crate::installation::Installation;

const PRODUCER: &str = "operator";

/// Who asks, and why.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    pub(crate) by: String,
    pub(crate) why: String,
}

/// The first use: about all clues, whenever they were reported. Where somebody else was first, theirs is brought to its end and
/// returned.
pub(crate) async fn first(
    installation: &Installation,
    files: &Files,
    rulebook: &Rulebook,
) -> Result<Request, Failure> {
    let asking = Asking {
        by: Role::Operator.as_str().to_owned(),
        why: "first use".to_owned(),
    };
    loop {
        let mut tx = installation.store.begin().await?;
        bihuan_rulebook::remember(tx.conn(), files, rulebook).await?;
        let known = Activations::read(tx.conn(), installation.config.partitions).await?;
        let first = known.requests.iter().find(|it| it.from.is_none());
        let request = match first {
            Some(first) => first.clone(),
            None => new(&known, rulebook, None, installation.now(), asking.clone(), None),
        };
        if first.is_some() || activation::request(tx.conn(), &request).await? {
            tx.commit().await?;
            carry_on(installation, &request).await?;
            return Ok(request);
        }
    }
}

/// Has the rulebook decide about clues that are reported from `at` on; `None`: from now on, and where nothing holds yet, about all.
pub(crate) async fn activate(
    installation: &Installation,
    (files, rulebook): (&Files, &Rulebook),
    at: Option<Timestamp>,
    asking: Asking,
    backtest: Option<String>,
) -> Result<Request, Failure> {
    loop {
        let now = installation.now();
        let mut tx = installation.store.begin().await?;
        bihuan_rulebook::remember(tx.conn(), files, rulebook).await?;
        let known = Activations::read(tx.conn(), installation.config.partitions).await?;
        let pending = known.pending(now);
        // whoever asks again is answered alike, and brings to its end what was broken off
        let again = pending.or_else(|| known.holds(now).map(|it| (it, State::Holds)));
        let again = again.filter(|(it, state)| {
            *state != State::BeingWithdrawn
                && it.version == rulebook.version.as_str()
                && (&it.by, &it.why) == (&asking.by, &asking.why)
                && (at == it.from || (at.is_none() && it.from.is_none_or(|from| from <= now)))
        });
        if let Some((request, _)) = again {
            let request = request.clone();
            drop(tx);
            carry_on(installation, &request).await?;
            return Ok(request);
        }
        if let Some((pending, state)) = pending {
            return Err(in_the_way(pending, state, rulebook));
        }
        if let Some(at) = at.filter(|at| *at < now) {
            return Err(in_the_past(at, rulebook));
        }
        let from = if known.is_empty() { at } else { at.or(Some(now)) };
        let request = new(&known, rulebook, from, now, asking.clone(), backtest.clone());
        if activation::request(tx.conn(), &request).await? {
            tx.commit().await?;
            carry_on(installation, &request).await?;
            return Ok(request);
        }
    }
}

fn new(
    known: &Activations,
    rulebook: &Rulebook,
    from: Option<Timestamp>,
    asked_at: Timestamp,
    Asking { by, why }: Asking,
    backtest: Option<String>,
) -> Request {
    Request {
        number: known.requests.last().map_or(1, |it| it.number + 1),
        version: rulebook.version.to_string(),
        from,
        asked_at,
        by,
        why,
        backtest,
        withdrawal: None,
    }
}

/// Withdraws the activation that waits for its time, or goes on with that; `version`: only if it is this one.
pub(crate) async fn withdraw(
    installation: &Installation,
    version: Option<&str>,
    asking: Asking,
    rulebook: &Rulebook,
) -> Result<Request, Failure> {
    let now = installation.now();
    let mut tx = installation.store.begin().await?;
    let known = Activations::read(tx.conn(), installation.config.partitions).await?;
    let waits = |it: &&Request| it.withdrawal.is_none() && it.from.is_some_and(|from| from > now);
    let unfinished = |it: &&Request| known.state(it, now) == State::BeingWithdrawn;
    let mut requests = known.requests.iter();
    let found = requests.find(|it| waits(it) || unfinished(it)).cloned();
    let is_meant = |it: &Request| version.is_none_or(|version| it.version == version);
    let Some(mut request) = found.filter(is_meant) else {
        return Err(nothing_waits(&known, version, now, rulebook));
    };
    if request.withdrawal.is_none() {
        let withdrawal = Withdrawal {
            at: now,
            by: asking.by,
            why: asking.why,
        };
        activation::request_withdrawal(tx.conn(), request.number, &withdrawal).await?;
        request.withdrawal = Some(withdrawal);
    }
    tx.commit().await?;
    take_back(installation, &request).await?;
    Ok(request)
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

/// Asks the partitions that lack it, and waits until none does.
async fn carry_on(installation: &Installation, request: &Request) -> Result<(), Failure> {
    let missing = async || {
        let known = Activations::of(&installation.store, installation.config.partitions).await?;
        Ok::<_, Failure>(known.missing(request))
    };
    let now = installation.now();
    let asked = missing()
        .await?
        .into_iter()
        .map(|it| activation_of(request, it, now));
    let asked = asked.collect::<Result<Vec<_>, _>>()?;
    if asked.is_empty() {
        return Ok(());
    }
    installation.log.publish(asked).await?;
    while !missing().await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// The same of its withdrawal. A partition that does not have the activation yet gets that first: whatever of it is still on its way
/// then comes too late.
async fn take_back(installation: &Installation, request: &Request) -> Result<(), Failure> {
    let Some(withdrawal) = &request.withdrawal else {
        return Ok(());
    };
    let partitions = installation.config.partitions;
    let known = Activations::of(&installation.store, partitions).await?;
    let mut asked = Vec::new();
    for partition in known.missing(request) {
        asked.push(activation_of(request, partition, withdrawal.at)?);
    }
    for partition in known.partitions(|rows| !is_withdrawn(rows, request)) {
        let withdraw = ClueCommand::WithdrawRulebook(WithdrawRulebook {
            id: id(request, "withdraw", partition),
            activation: request.number,
            version: version(request)?,
            why: withdrawal.why.clone(),
            actor: actor(&withdrawal.by),
            received_at: withdrawal.at,
        });
        asked.push(command::message(&withdraw, partition, PRODUCER));
    }
    installation.log.publish(asked).await?;
    loop {
        let known = Activations::of(&installation.store, partitions).await?;
        if known.state(request, withdrawal.at) == State::Withdrawn {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
