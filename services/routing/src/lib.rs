//! Routing decides whose duty a clue is and says why, by the rulebook that holds at that point of the journal.
//!
//! It keeps nothing: what it needs of a clue stands in the journal, and what it decides it sends as a command.
//!
//! **Architecture Invariant:** routing never guesses. No match or a tie is a `HoldForTriage` with the reason.

mod facts;
mod handler;

pub use handler::Routing;

pub const GROUP: &str = "routing";
