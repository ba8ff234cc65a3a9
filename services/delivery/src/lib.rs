//! Delivery hands assignments to agencies' systems and brings their feedback in, over topics; and it tells a clue's source of each
//! step that the source wants to hear of (`callback`). At least once, in order for each clue, with the same id when something is
//! sent again.
//!
//! **Architecture Invariant:** delivery decides nothing about a clue. What an agency asks becomes a command like any other, in
//! that agency's own name, and lifecycle answers.

pub mod callback;
mod config;
mod facts;
mod feedback;
mod handler;
mod notice;
pub mod receiver;
mod reminder;
mod rows;
mod telling;

#[cfg(test)]
mod tests;

use bihuan_store::Migration;

pub use config::{Config, EVERY_AGENCY, Route};
pub use handler::Delivery;

pub const GROUP: &str = "delivery";

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        service: GROUP,
        number: 1,
        sql: include_str!("../migrations/0001_delivery.sql"),
    },
    Migration {
        service: GROUP,
        number: 2,
        sql: include_str!("../migrations/0002_callback.sql"),
    },
    Migration {
        service: GROUP,
        number: 3,
        sql: include_str!("../migrations/0003_link.sql"),
    },
    Migration {
        service: GROUP,
        number: 4,
        sql: include_str!("../migrations/0004_turn.sql"),
    },
    Migration {
        service: GROUP,
        number: 5,
        sql: include_str!("../migrations/0005_name.sql"),
    },
    Migration {
        service: GROUP,
        number: 6,
        sql: include_str!("../migrations/0006_reminder.sql"),
    },
];
