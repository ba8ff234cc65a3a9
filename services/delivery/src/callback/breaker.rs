//! A receiver that fails again and again is left alone for a while; then one call finds out whether it is back.

use std::collections::HashMap;
use std::time::Duration;

use bihuan_runtime::Backoff;
use tokio::time::Instant;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// A receiver that asks for more is called again nevertheless, with another clue's callback.
const LONGEST_ASKED: Duration = Duration::from_hours(1);

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

    /// How many calls the receiver may get now beside those that are under way: of one that was left alone, the one that finds
    /// out.
    pub(super) fn room(&self, receiver: &str, now: Instant) -> usize {
        match self
            .receivers
            .get(receiver)
            .and_then(|it| Some((it, it.open_until?)))
        {
            None => usize::MAX,
            Some((known, until)) if until <= now && !known.probed => 1,
            Some(_) => 0,
        }
    }

    /// It is called. That of one that was left alone asks for an answer.
    pub(super) fn called(&mut self, receiver: &str) {
        if let Some(known) = self.receivers.get_mut(receiver) {
            known.probed = known.open_until.is_some();
        }
    }

    /// The call was not made after all, and says nothing of the receiver: another one has to find out.
    pub(super) fn not_asked(&mut self, receiver: &str) {
        if let Some(known) = self.receivers.get_mut(receiver) {
            known.probed = false;
        }
    }

    /// It wants to be left alone for so long, whoever calls.
    pub(super) fn asked(&mut self, receiver: &str, wait: Duration, now: Instant) {
        let known = self.receivers.entry(receiver.to_owned()).or_default();
        let until = now + wait.min(LONGEST_ASKED);
        known.open_until = Some(known.open_until.map_or(until, |open| open.max(until)));
        known.probed = false;
        gauge(receiver, 1.0);
    }

    pub(super) fn answered(&mut self, receiver: &str, now: Instant) {
        // a call that was under way when it asked to be left alone takes nothing back
        let asks = |it: &Receiver| !it.probed && it.open_until.is_some_and(|until| until > now);
        if self.receivers.get(receiver).is_some_and(asks) {
            return;
        }
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
        // one that asked to be left alone is so without failures in a row
        if known.failures < self.threshold && known.open_until.is_none() {
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

    fn lets(breakers: &mut Breakers, receiver: &str, now: Instant) -> bool {
        let lets = breakers.room(receiver, now) > 0;
        if lets {
            breakers.called(receiver);
        }
        lets
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_one_call_finds_out() {
        let mut breakers = Breakers::new(2);
        let now = Instant::now();
        let later = now + LONGEST;
        assert!(lets(&mut breakers, "a", now));
        breakers.failed("a", now);
        breakers.answered("a", Instant::now() + LONGEST_ASKED);
        breakers.failed("a", now);
        assert!(lets(&mut breakers, "a", now), "not in a row");
        breakers.failed("a", now);
        assert!(
            !lets(&mut breakers, "a", now) && lets(&mut breakers, "b", now),
            "of one receiver"
        );
        assert!(lets(&mut breakers, "a", later), "the probe");
        assert!(!lets(&mut breakers, "a", later), "one at a time");
        breakers.failed("a", later);
        assert!(!lets(&mut breakers, "a", later));
        assert!(lets(&mut breakers, "a", later + LONGEST));
        breakers.answered("a", Instant::now() + LONGEST_ASKED);
        assert!(
            lets(&mut breakers, "a", now) && lets(&mut breakers, "a", now),
            "closed"
        );
    }

    #[test]
    fn one_that_asked_to_be_left_alone_is_so_whatever_other_calls_say() {
        let mut breakers = Breakers::new(5);
        let now = Instant::now();
        breakers.asked("a", LONGEST, now);
        breakers.answered("a", now);
        assert_eq!(
            breakers.room("a", now),
            0,
            "a call that was under way takes nothing back"
        );
        let later = now + LONGEST;
        assert!(lets(&mut breakers, "a", later), "the probe");
        breakers.failed("a", later);
        assert_eq!(breakers.room("a", later), 0);
        assert!(
            lets(&mut breakers, "a", later + LONGEST),
            "a failed probe is followed by another"
        );
        breakers.answered("a", later + LONGEST);
        assert_eq!(breakers.room("a", later + LONGEST), usize::MAX);
    }

    #[test]
    fn a_probe_that_found_nothing_out_leaves_it_to_another() {
        let mut breakers = Breakers::new(1);
        let now = Instant::now();
        breakers.failed("a", now);
        let later = now + LONGEST;
        for _ in 0..3 {
            assert_eq!(breakers.room("a", later), 1);
            breakers.called("a");
            assert_eq!(breakers.room("a", later), 0);
            breakers.not_asked("a");
        }
        breakers.called("a");
        breakers.answered("a", Instant::now() + LONGEST_ASKED);
        assert_eq!(breakers.room("a", later), usize::MAX);
    }
    #[test]
    fn a_receiver_that_asks_for_patience_is_left_alone_as_long_as_it_asks() {
        let mut breakers = Breakers::new(u32::MAX);
        let now = Instant::now();
        breakers.asked("a", Duration::from_mins(5), now);
        assert_eq!(breakers.room("a", now + Duration::from_mins(4)), 0);
        assert_eq!(breakers.room("a", now + Duration::from_mins(5)), 1);
        breakers.asked("a", Duration::from_hours(24), now);
        assert_eq!(breakers.room("a", now + LONGEST_ASKED), 1);
        breakers.answered("a", Instant::now() + LONGEST_ASKED);
        assert_eq!(breakers.room("a", now), usize::MAX);
    }
}
