//! Identities derive from their input, so that a repeat carries the same one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::code::SourceId;
use crate::digest::Digest;

const CLUE: Uuid = Uuid::from_u128(0x6269_6875_616e_5c6c_9563_6c75_6500_0001);
const COMMAND: Uuid = Uuid::from_u128(0x6269_6875_616e_5c6c_9563_6d64_0000_0002);
const RECORD: Uuid = Uuid::from_u128(0x6269_6875_616e_5c6c_9572_6563_0000_0003);
const DISPUTE: Uuid = Uuid::from_u128(0x6269_6875_616e_5c6c_9564_6973_7000_0004);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(
    /// A clue, by the source that reported it and the id it has there.
    ClueId
);
id!(
    /// A command, by what caused it; a repeat of the cause gives the same id.
    CommandId
);
id!(
    /// A dispute over whose duty a clue is, by the clue and what opened it.
    DisputeId
);
id!(
    /// A record that was read: a line of a file or a CloudEvent.
    RecordId
);

/// Joins the parts so that ("a", "bc") and ("ab", "c") differ.
fn derive(namespace: Uuid, parts: &[&[u8]]) -> Uuid {
    let mut name = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        name.extend_from_slice(&(part.len() as u64).to_be_bytes());
        name.extend_from_slice(part);
    }
    Uuid::new_v5(&namespace, &name)
}

impl ClueId {
    pub fn derive(source: &SourceId, source_id: &str) -> Self {
        Self(derive(CLUE, &[source.as_str().as_bytes(), source_id.as_bytes()]))
    }
}

impl DisputeId {
    /// `opened_by` is the command that opens it; a clue may come into dispute again.
    pub fn derive(clue: ClueId, opened_by: CommandId) -> Self {
        Self(derive(DISPUTE, &[clue.0.as_bytes(), opened_by.0.as_bytes()]))
    }
}

impl CommandId {
    /// `cause` is the identity of the message that led to the command, `producer` the service that sends it, `ordinal` counts
    /// the commands of that producer for that cause.
    pub fn derive(cause: &[u8], producer: &str, ordinal: u32) -> Self {
        Self(derive(
            COMMAND,
            &[cause, producer.as_bytes(), &ordinal.to_be_bytes()],
        ))
    }

    /// The eight bytes by which a clue remembers that it handled this command.
    pub fn short(self) -> u64 {
        self.0.as_u64_pair().0
    }

    /// The id of the same cause with what it asks for in the half that [`short`](Self::short) leaves out: one cause that asks
    /// for two things is one command, and the ids tell that they differ. Marked as none that was derived without (UUID variant).
    #[must_use]
    pub fn asking(self, content: Digest) -> Self {
        let mut bytes = *self.0.as_bytes();
        bytes[8..].copy_from_slice(&content.0[..8]);
        bytes[8] |= 0xc0;
        Self(Uuid::from_bytes(bytes))
    }

    /// Whether both have one cause and are known to ask for different things.
    pub fn contradicts(self, other: Self) -> bool {
        let is_known = |it: Self| it.0.as_bytes()[8] & 0xc0 == 0xc0;
        self.short() == other.short() && self != other && is_known(self) && is_known(other)
    }
}

impl RecordId {
    pub fn of_file(digest: &str, ordinal: u64) -> Self {
        Self(derive(
            RECORD,
            &[b"file", digest.as_bytes(), &ordinal.to_be_bytes()],
        ))
    }

    pub fn of_cloud_event(source: &str, id: &str) -> Self {
        Self(derive(RECORD, &[b"ce", source.as_bytes(), id.as_bytes()]))
    }

    /// Of one of several records that the message with this identity holds, counted from 0. A message that holds one is its
    /// record: both have one identity.
    pub fn of_row(message: Self, index: u32) -> Self {
        Self(derive(
            RECORD,
            &[b"row", message.0.as_bytes(), &index.to_be_bytes()],
        ))
    }

    pub fn of_position(cluster: &str, topic: &str, partition: u32, offset: i64) -> Self {
        Self(derive(
            RECORD,
            &[
                b"log",
                cluster.as_bytes(),
                topic.as_bytes(),
                &partition.to_be_bytes(),
                &offset.to_be_bytes(),
            ],
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_input_gives_the_same_id_and_other_input_another() {
        let source = SourceId::new("nyc311").expect("valid");
        assert_eq!(ClueId::derive(&source, "1"), ClueId::derive(&source, "1"));
        assert_ne!(ClueId::derive(&source, "1"), ClueId::derive(&source, "2"));
        assert_ne!(CommandId::derive(b"a", "b", 0), CommandId::derive(b"a", "b", 1));
        assert_ne!(CommandId::derive(b"ab", "c", 0), CommandId::derive(b"a", "bc", 0));
    }

    #[test]
    fn a_clue_that_comes_into_dispute_again_has_another_dispute() {
        let clue = ClueId::derive(&SourceId::new("nyc311").expect("valid"), "1");
        let [first, second] = [0, 1].map(|n| CommandId::derive(b"a", "b", n));
        assert_eq!(DisputeId::derive(clue, first), DisputeId::derive(clue, first));
        assert_ne!(DisputeId::derive(clue, first), DisputeId::derive(clue, second));
    }

    #[test]
    fn the_records_of_a_message_are_told_from_it_and_from_each_other() {
        let messages = [
            RecordId::of_position("c", "t", 0, 1),
            RecordId::of_cloud_event("/s", "1"),
        ];
        let mut seen = std::collections::BTreeSet::from(messages);
        for message in messages {
            for index in 0..3 {
                assert!(seen.insert(RecordId::of_row(message, index)));
            }
        }
        assert_eq!(
            RecordId::of_row(messages[0], 1),
            RecordId::of_row(RecordId::of_position("c", "t", 0, 1), 1)
        );
    }

    #[test]
    fn one_cause_that_asks_for_two_things_is_one_command_and_contradicts_itself() {
        let cause = CommandId::derive(b"a", "b", 0);
        let [one, other] = [b"one", b"two"].map(|content| cause.asking(Digest::of([&content[..]])));
        assert_eq!((one.short(), other.short()), (cause.short(), cause.short()));
        assert!(one.contradicts(other) && !one.contradicts(one));
        assert!(
            !one.contradicts(cause) && !cause.contradicts(one),
            "nobody knows what it asked"
        );
        let elsewhere = CommandId::derive(b"b", "b", 0).asking(Digest::of([&b"two"[..]]));
        assert!(!one.contradicts(elsewhere));
        assert_eq!(one.to_string().parse(), Ok(one));
    }
}
