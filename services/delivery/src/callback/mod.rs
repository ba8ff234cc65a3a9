//! Callbacks: every platform that has a record of a clue is told of each step that its mapping names, in order for each clue, at least once, with the same
//! key each time.
//!
//! ```text
//! clue.events.v1 ─► handler ─► row, CallbackDue ─► sender ─► receiver
//!                      ▲                             │
//!                      └── callback.commands.v1 ◄────┘  what came of it
//! ```
//!
//! **Architecture Invariant:** the sender writes no row. What came of an attempt goes through the log, so that only the holder
//! of the lane writes it down, in the transaction that moves the position.

pub(crate) mod answers;
mod breaker;
mod call;
pub(crate) mod catching_up;
pub(crate) mod due;
pub(crate) mod echo;
mod file;
mod guard;
mod receivers;
pub(crate) mod rows;
mod sender;
mod settings;
mod sign;
mod topic;
mod under_way;
pub mod verify;
mod words;

pub use rows::{DeadLetter, Listed, State, failed, get, listed, oldest};
pub use sender::Sender;
pub use settings::{Callbacks, Retry, Settings, Teller};
pub use sign::{Key, signature};
pub use words::words;
