//! A receiver that fails again and again is left alone for a while; then one call finds out whether it is back.

use std::collections::HashMap;
use std::time::Duration;

use bihuan_runtime::Backoff;
use tokio::time::Instant;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);

/// The breakers of all receivers, by host and port.
pub(super) struct Breakers {
    /// Failures in a row that open one.
    threshold: u32,
    receivers: HashMap<String, Receiver>,
}

struct Receiver {
    failures: u32,
    /// Until when nobody calls.
    open_until: Option<Instant>,
    /// Somebody is finding out.
    probed: bool,
    rest: Backoff,
}

impl Default for Receiver {
    fn default() -> Self {
        Self {
            failures: 0,
            open_until: None,
            probed: false,
            rest: Backoff::new(SHORTEST, LONGEST),
        }
    }
}

impl Breakers {
    pub(super) fn new(threshold: u32) -> Self {
        Self {
            threshold: threshold.max(1),
            receivers: HashMap::new(),
        }
    }

    /// Whether the receiver may be called now. A `true` of an open breaker is the probe, and asks for an answer.
    pub(super) fn lets(&mut self, receiver: &str, now: Instant) -> bool {
        let Some(known) = self.receivers.get_mut(receiver) else {
            return true;
        };
        match known.open_until {
            None => true,
            Some(until) if until <= now && !known.probed => {
                known.probed = true;
                true
            }
            Some(_) => false,
        }
    }

    pub(super) fn answered(&mut self, receiver: &str) {
        if self
            .receivers
            .remove(receiver)
            .is_some_and(|it| it.open_until.is_some())
        {
            tracing::info!(receiver, "callback receiver is back");
        }
        gauge(receiver, 0.0);
    }

    /// It was not there, or not fit.
    pub(super) fn failed(&mut self, receiver: &str, now: Instant) {
        let known = self.receivers.entry(receiver.to_owned()).or_default();
        known.failures = known.failures.saturating_add(1);
        if known.failures < self.threshold {
            return;
        }
        if known.open_until.is_none() {
            tracing::warn!(
                receiver,
                failures = known.failures,
                "callback receiver is left alone for a while"
            );
        }
        // calls that were under way when it opened put it off no further
        if known.open_until.is_none() || known.probed {
            known.open_until = Some(now + known.rest.delay());
            known.probed = false;
        }
        gauge(receiver, 1.0);
    }
}

fn gauge(receiver: &str, open: f64) {
    metrics::gauge!("bihuan_callback_breaker_open", "receiver" => receiver.to_owned()).set(open);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_call_finds_out() {
        let mut breakers = Breakers::new(2);
        let now = Instant::now();
        let later = now + LONGEST;
        assert!(breakers.lets("a", now));
        breakers.failed("a", now);
        breakers.answered("a");
        breakers.failed("a", now);
        assert!(breakers.lets("a", now), "not in a row");
        breakers.failed("a", now);
        assert!(
            !breakers.lets("a", now) && breakers.lets("b", now),
            "of one receiver"
        );
        assert!(breakers.lets("a", later), "the probe");
        assert!(!breakers.lets("a", later), "one at a time");
        breakers.failed("a", later);
        assert!(!breakers.lets("a", later));
        assert!(breakers.lets("a", later + LONGEST));
        breakers.answered("a");
        assert!(breakers.lets("a", now) && breakers.lets("a", now), "closed");
    }
}
