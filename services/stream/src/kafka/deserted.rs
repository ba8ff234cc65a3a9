//! A client that has no broker left.
//!
//! While a cluster answers that it has no broker at all, as one broker alone does for as long as its controller has not heard from it,
//! librdkafka forgets all that it knows, those of `bootstrap.servers` too, and from then on asks nobody any more
//! (<https://github.com/confluentinc/librdkafka/issues/5301>). What it was to send waits for ever. Nothing reports that but its statistics:
//! so these are looked at, and a new client takes the place of such a one.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rdkafka::ClientConfig;
use serde::Deserialize;

/// How often librdkafka says what it has.
const EVERY_MS: &str = "2000";

/// Asks for the statistics.
pub(super) fn watch(config: &mut ClientConfig) {
    config.set("statistics.interval.ms", EVERY_MS);
}

/// What a client's newest statistics say.
#[derive(Debug, Default)]
pub(super) struct Deserted(AtomicBool);

impl Deserted {
    pub(super) fn hear(&self, statistics: &[u8]) {
        self.0.store(is_deserted(statistics), Ordering::Release);
    }

    pub(super) fn is_so(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What of them matters.
#[derive(Deserialize)]
struct Statistics {
    brokers: BTreeMap<String, Broker>,
}

#[derive(Deserialize)]
struct Broker {
    source: String,
}

/// Whether they say that nobody is left who could be asked. Threads within the client and the group's coordinator are listed as brokers,
/// too, and are none.
pub(super) fn is_deserted(statistics: &[u8]) -> bool {
    let known: Result<Statistics, _> = serde_json::from_slice(statistics);
    known.is_ok_and(|known| {
        !known
            .brokers
            .values()
            .any(|broker| matches!(&*broker.source, "learned" | "configured"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_was_told_of_a_broker_or_learned_of_one_has_one() {
        let said = |sources: &[&str]| {
            let broker = |(number, source): (usize, &&str)| {
                (
                    number.to_string(),
                    serde_json::json!({"source": source, "state": "UP"}),
                )
            };
            let brokers: serde_json::Map<_, _> = sources.iter().enumerate().map(broker).collect();
            serde_json::json!({"name": "rdkafka#producer-1", "brokers": brokers}).to_string()
        };
        assert!(is_deserted(said(&[]).as_bytes()));
        assert!(is_deserted(said(&["internal", "logical"]).as_bytes()));
        assert!(!is_deserted(said(&["internal", "configured"]).as_bytes()));
        assert!(!is_deserted(said(&["logical", "learned"]).as_bytes()));
        assert!(!is_deserted(b"{}"), "nothing is known");
    }
}
