//! The clocks of a clue: which run, since when, and when each is due.
//!
//! Pure: what runs follows from the clue's history ([`Timing`]), when it is due from the limits of the rulebook that decides about
//! the clue and from the calendar in force when the clock was set or moved. Every event after which the clocks stand otherwise carries
//! them ([`Clocks`]), with both versions, so that each can be computed again.

mod ladder;
mod running;
mod timing;

#[cfg(test)]
mod tests;

pub(super) use ladder::due_rung;
use ladder::next_rung;
pub use ladder::{Ladder, Recipient, RungKind, RungRule, When};
pub(crate) use running::is_had;
pub use running::{Clocks, Running, counted, recomputed};
pub(super) use running::{after, limit};
pub use timing::{ExtensionRequest, Grant, NoticeState, Reached, Timing};
