//! What was broken off is brought to its end by whoever looks: the row says all that it takes, and the ids follow from it.

use std::time::Duration;

use bihuan_domain::time::Timestamp;
use bihuan_rulebook::{Activations, State};
use bihuan_store::activation::Request;
use tokio_util::sync::CancellationToken;

use super::carrying::Carrier;
use crate::failure::Failure;
use crate::installation::Installation;

/// How often it is looked for what is unfinished.
const LOOK: Duration = Duration::from_secs(5);
/// At most so many looks go by before it is asked for again.
const SELDOM: u32 = 128;

/// What was unfinished when it was looked last, and how often it was seen since it was seen first. There is one at a time.
#[derive(Default)]
struct Seen {
    what: Option<(u32, State)>,
    again: u32,
}

impl Seen {
    /// Whether it is to be asked for. Not when it is seen first: whoever began it may be at it. Then ever more seldom: lifecycle may
    /// be away, or not able to use it.
    fn is_due(&mut self, found: Option<(u32, State)>) -> bool {
        if self.what != found {
            (self.what, self.again) = (found, 0);
            return false;
        }
        self.again += 1;
        found.is_some()
            && (self.again.is_multiple_of(SELDOM) || (self.again < SELDOM && self.again.is_power_of_two()))
    }
}

fn unfinished(known: &Activations, now: Timestamp) -> Option<(&Request, State)> {
    let pending = known.pending(now);
    pending.filter(|(_, state)| matches!(state, State::UnderWay | State::BeingWithdrawn))
}

/// Asks for what is unfinished now, for a process that runs all services and ends.
pub(crate) async fn finish(installation: &Installation) -> Result<(), Failure> {
    let (carrier, now) = (Carrier::of(installation), installation.now());
    match unfinished(&carrier.known().await?, now) {
        Some((request, _)) => carrier.ask(request, now).await,
        None => Ok(()),
    }
}

/// Looks now and then until shutdown.
pub(crate) fn now_and_then(installation: &Installation, shutdown: &CancellationToken) {
    let (carrier, clock) = (Carrier::of(installation), installation.clock.clone());
    let stop = shutdown.clone();
    tokio::spawn(async move {
        let mut seen = Seen::default();
        while let Some(looked) = stop
            .run_until_cancelled(look(&carrier, &mut seen, clock.now()))
            .await
        {
            if let Err(failure) = looked {
                // the services say what is away
                tracing::debug!(%failure, "activations not looked at");
            }
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    });
}

async fn look(carrier: &Carrier, seen: &mut Seen, now: Timestamp) -> Result<(), Failure> {
    let known = carrier.known().await?;
    let found = unfinished(&known, now);
    let is_due = seen.is_due(found.map(|(request, state)| (request.number, state)));
    let Some((request, state)) = found.filter(|_| is_due) else {
        return Ok(());
    };
    tracing::warn!(
        activation = request.number,
        rulebook.version = request.version,
        state = state.as_str(),
        "unfinished, and asked for again in the partitions that lack it"
    );
    carrier.ask(request, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unfinished_is_asked_for_ever_more_seldom() {
        let mut seen = Seen::default();
        let one = Some((2, State::UnderWay));
        assert!(!seen.is_due(None) && !seen.is_due(None));
        let due: Vec<u32> = (0..=384).filter(|_| seen.is_due(one)).collect();
        assert_eq!(due, [1, 2, 4, 8, 16, 32, 64, 128, 256, 384]);
        // it is another matter now
        let withdrawn = Some((2, State::BeingWithdrawn));
        assert!(!seen.is_due(withdrawn) && seen.is_due(withdrawn));
        assert!(!seen.is_due(None) && !seen.is_due(one) && seen.is_due(one));
    }
}
