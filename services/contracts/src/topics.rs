//! The names of the topics, and which guarantee each of them carries.

/// What sources send, and what people ask of intake.
pub const CLUE_INBOUND: &str = "clue.inbound.v1";
/// What is asked of clues.
pub const CLUE_COMMANDS: &str = "clue.commands.v1";
/// What agencies' systems send back.
pub const AGENCY_COMMANDS: &str = "agency.commands.v1";
/// What became of callbacks, and what people ask of them.
pub const CALLBACK_COMMANDS: &str = "callback.commands.v1";
/// What is asked of disputes.
pub const DISPUTE_COMMANDS: &str = "dispute.commands.v1";
/// What happened to clues.
pub const CLUE_EVENTS: &str = "clue.events.v1";
/// What became of records.
pub const INTAKE_EVENTS: &str = "intake.events.v1";
/// What happened to disputes.
pub const DISPUTE_EVENTS: &str = "dispute.events.v1";
/// What was handed to agencies and what came back.
pub const DELIVERY_EVENTS: &str = "delivery.events.v1";

/// Which guarantee a topic carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One writer per partition, a dense `sequence`, kept for ever.
    Journal,
    /// Many writers, no sequence, forgotten after days; a repeat carries the same id.
    Queue,
}

pub const JOURNALS: &[&str] = &[CLUE_EVENTS, INTAKE_EVENTS, DISPUTE_EVENTS, DELIVERY_EVENTS];

pub const QUEUES: &[&str] = &[
    CLUE_INBOUND,
    CLUE_COMMANDS,
    AGENCY_COMMANDS,
    CALLBACK_COMMANDS,
    DISPUTE_COMMANDS,
];

/// A topic that is not ours, such as a source's own, is a queue.
pub fn kind(topic: &str) -> Kind {
    if JOURNALS.contains(&topic) {
        Kind::Journal
    } else {
        Kind::Queue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_journals_are_journals() {
        assert!(JOURNALS.iter().all(|topic| kind(topic) == Kind::Journal));
        assert!(QUEUES.iter().all(|topic| kind(topic) == Kind::Queue));
        assert_eq!(kind("city.hotline.v3"), Kind::Queue);
    }
}
