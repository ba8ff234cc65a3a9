//! Asking something of disputes, and looking at them: over HTTP and from the command line. Writes go through the log like
//! everybody's; the answer is found among the dispute's events.
//!
//! **Architecture Invariant:** nothing here decides anything about a dispute or writes to the store.

#![expect(
    clippy::result_large_err,
    reason = "a problem is made once a request, and only when that fails"
)]

mod answered;
mod asked;
mod commands;
mod outcome;
mod problems;
mod routes;
mod told;

pub use commands::{Commands, Submitted};
pub use outcome::{Outcome, Ticket, TicketError};
pub use routes::{Api, FindClue, Routed, openapi, routes};
pub use told::{Told, summary};
