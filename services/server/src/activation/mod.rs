//! Activations and withdrawals on their way into every partition. The store arbitrates: whoever has the row of a number asks for that
//! activation; one is under way or waits for its time, and anybody may bring it to its end.

mod carrying;
mod refusal;
mod unfinished;

use bihuan_domain::clue::Role;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, Files, State};
use bihuan_store::activation::{self, Request, Withdrawal};

pub(crate) use self::carrying::carry_on;
use self::carrying::take_back;
pub(crate) use self::refusal::civil;
use self::refusal::{in_the_past, in_the_way, nothing_waits, too_late, withdrawn_before};
pub(crate) use self::unfinished::{finish, now_and_then};
use crate::failure::Failure;
use crate::installation::Installation;

/// What of the time before an activation is too short to withdraw it: every partition must have that before the time comes.
const MARGIN_SECONDS: i64 = 60;

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
        let is_first = |it: &&Request| it.from.is_none() && it.withdrawal.is_none();
        let first = known.requests.iter().find(is_first);
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

/// Asks for the rulebook to decide about clues that are reported from `at` on; `None`: from now on, and where nothing holds yet, about
/// all. It is tested when nothing else forbids it, and that is looked at again after the test, which may take long. Whoever
/// asks again is answered alike; see [`carry_on`].
pub(crate) async fn ask(
    installation: &Installation,
    (files, rulebook): (&Files, &Rulebook),
    at: Option<Timestamp>,
    asking: Asking,
    test: impl AsyncFn() -> Result<String, Failure>,
) -> Result<Request, Failure> {
    let asked_at = installation.now();
    let mut tested = None;
    loop {
        let now = installation.now();
        let mut tx = installation.store.begin().await?;
        bihuan_rulebook::remember(tx.conn(), files, rulebook).await?;
        let known = Activations::read(tx.conn(), installation.config.partitions).await?;
        let pending = known.pending(now);
        let again = pending.or_else(|| known.holds(now).map(|it| (it, State::Holds)));
        let again = again.filter(|(it, state)| {
            *state != State::BeingWithdrawn
                && it.version == rulebook.version.as_str()
                && (&it.by, &it.why) == (&asking.by, &asking.why)
                && (at == it.from || (at.is_none() && it.from.is_none_or(|from| from <= now)))
        });
        if let Some((request, _)) = again {
            return Ok(request.clone());
        }
        if let Some((pending, state)) = pending {
            return Err(in_the_way(pending, state, rulebook));
        }
        if let Some(at) = at.filter(|at| *at < asked_at) {
            return Err(in_the_past(at, rulebook));
        }
        let Some(backtest) = &tested else {
            drop(tx);
            tested = Some(test().await?);
            continue;
        };
        let from = if known.is_unused() { at } else { at.or(Some(now)) };
        let request = new(
            &known,
            rulebook,
            from,
            now,
            asking.clone(),
            Some(backtest.clone()),
        );
        if activation::request(tx.conn(), &request).await? {
            tx.commit().await?;
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

/// Withdraws the activation that waits for its time, or that came nowhere yet; or goes on with that. `version`: only if it is this
/// one.
pub(crate) async fn withdraw(
    installation: &Installation,
    version: Option<&str>,
    asking: Asking,
    rulebook: &Rulebook,
) -> Result<Request, Failure> {
    let now = installation.now();
    let mut tx = installation.store.begin().await?;
    let known = Activations::read(tx.conn(), installation.config.partitions).await?;
    let can_be = |it: &&Request| can_be_withdrawn(&known, it, now);
    let found = known.requests.iter().find(can_be).cloned();
    let is_meant = |it: &Request| version.is_none_or(|version| it.version == version);
    let Some(mut request) = found.filter(is_meant) else {
        return Err(nothing_waits(&known, version, now, rulebook));
    };
    let mine = Withdrawal {
        at: now,
        by: asking.by,
        why: asking.why,
    };
    if request.withdrawal.is_none() {
        if activation::request_withdrawal(tx.conn(), request.number, &mine).await? {
            request.withdrawal = Some(mine.clone());
        } else {
            // of two at once the other was first, and what was read above is older
            let requests = activation::requests(tx.conn()).await?;
            let stored = requests.into_iter().find(|it| it.number == request.number);
            request = stored.unwrap_or(request);
        }
    }
    tx.commit().await?;
    if take_back(installation, &request).await? != State::Withdrawn {
        return Err(too_late(&request, rulebook));
    }
    match &request.withdrawal {
        Some(first) if (&first.by, &first.why) != (&mine.by, &mine.why) => {
            Err(withdrawn_before(&request, first, rulebook))
        }
        _ => Ok(request),
    }
}

fn can_be_withdrawn(known: &Activations, request: &Request, now: Timestamp) -> bool {
    if request.withdrawal.is_some() {
        return known.state(request, now) == State::BeingWithdrawn;
    }
    let margin = now.as_micros() + MARGIN_SECONDS * 1_000_000;
    let is_early = request.from.is_some_and(|from| from.as_micros() > margin);
    is_early || known.missing(request).len() == known.journalled.len()
}
