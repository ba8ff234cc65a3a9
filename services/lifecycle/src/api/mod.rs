//! Writing to clues over HTTP, and the answers. Writes go through the log like everybody's: what is accepted here is decided by
//! whoever holds the clue's partition, and the answer is found among the clue's events.
//!
//! **Architecture Invariant:** nothing here decides anything about a clue or writes to the store.

#![expect(
    clippy::result_large_err,
    reason = "a problem is made once a request, and only when that fails"
)]

mod commands;
mod outcome;
mod problems;
mod reference;
mod routes;
mod shown;

#[cfg(test)]
mod tests;

pub use commands::{Commands, Submitted};
pub use outcome::{Outcome, Ticket, TicketError};
pub use reference::{LookUp, find};
pub use routes::{Api, openapi, routes};
