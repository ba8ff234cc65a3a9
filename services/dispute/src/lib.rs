//! Disputes over whose duty a clue is: the only writer of their state. Opens them as clues come into dispute, decides, lets the time of
//! steps pass, and tells the clue what came of it.
//!
//! **Architecture Invariant:** a dispute begins with an event of its clue, and in no other way; nobody else writes `dispute` or
//! `dispute.events.v1`; state = fold(events), and [`verify`](verify::verify) says so.

mod aggregate;
pub mod api;
mod asked;
mod deciding;
mod follow;
mod handler;
mod heard;
mod lane;
mod precedents;
mod rows;
mod shown;
mod tell;
mod texts;
mod unreadable;
pub mod verify;

#[cfg(test)]
mod tests;

use bihuan_store::Migration;

pub use handler::Disputes;
pub use precedents::{Proposed, precedents, similar};
pub use rows::wakes_by;
pub use shown::{Cursor, Filter, Shown, history, list, page, show};
pub use texts::of_dispute as texts;
pub use unreadable::again;

/// What it goes by between a clue and its dispute, as functions: whoever simulates the two goes by the same.
pub mod rules {
    pub use crate::follow::{awaited, end, has_taken_up, opener};
    pub use crate::tell::told;
}

pub const GROUP: &str = "dispute";

pub const MIGRATIONS: &[Migration] = &[Migration {
    service: GROUP,
    number: 1,
    sql: include_str!("../migrations/0001_dispute.sql"),
}];
