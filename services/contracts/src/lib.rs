//! What the services say to each other: protobuf messages, their conversion to and from the domain's types, topics, headers
//! and partitions. The files under `proto/` are the contract; this crate reads and writes nothing else.
//!
//! **Architecture Invariant:** decoding is total. Whatever bytes arrive, the answer is a message or a [`DecodeError`] that
//! names the field, never a panic. Ids, codes and words go through the domain's own parsers, so what was decoded is valid.

pub mod cloudevents;
pub mod command;
pub mod delivery;
pub mod dispute;
mod error;
pub mod event;
pub mod feedback;
mod fields;
pub mod header;
pub mod intake;
pub mod json;
mod message;
mod partition;
pub mod record;
mod reference;
pub mod schema;
pub mod topics;
mod wire;

pub use error::DecodeError;
pub use message::{Message, traceparent};
pub use partition::partition_of;
pub use reference::{Reference, ReferenceError};

/// What prost makes of `proto/`; `tests/generated.rs` compares and regenerates it.
#[expect(
    clippy::pedantic,
    clippy::large_enum_variant,
    unreachable_pub,
    reason = "generated code, seen by this crate alone"
)]
mod generated {
    pub mod clue {
        pub mod v1 {
            include!("generated/bihuan.clue.v1.rs");
        }
    }
    pub mod intake {
        pub mod v1 {
            include!("generated/bihuan.intake.v1.rs");
        }
    }
    pub mod delivery {
        pub mod v1 {
            include!("generated/bihuan.delivery.v1.rs");
        }
    }
    pub mod dispute {
        pub mod v1 {
            include!("generated/bihuan.dispute.v1.rs");
        }
    }
}
