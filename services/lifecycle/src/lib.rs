//! Lifecycle owns the clue: the only writer of its state. Decides, persists, publishes.
//!
//! **Architecture Invariant:** nobody else writes `clue_state` or `clue.events.v1`; state = fold(events), and [`verify`] says so.

mod activation;
mod aggregate;
pub mod api;
mod behind;
mod census;
mod handler;
mod history;
mod lane;
mod loading;
mod numbers;
pub mod parked;
mod parking;
mod provisional;
mod rows;
mod unreadable;
mod verify;
mod wakeups;
mod waking;

use bihuan_store::Migration;

pub use aggregate::Aggregate;
pub use handler::Lifecycle;
pub use history::history;
pub use unreadable::again;
pub use verify::{Difference, Verified, verify};
pub use wakeups::rows::wakes_by;

pub const GROUP: &str = "lifecycle";

pub const MIGRATIONS: &[Migration] = &[
    Migration {
        service: GROUP,
        number: 1,
        sql: include_str!("../migrations/0001_lifecycle.sql"),
    },
    Migration {
        service: GROUP,
        number: 2,
        sql: include_str!("../migrations/0002_checkpoint.sql"),
    },
    Migration {
        service: GROUP,
        number: 3,
        sql: include_str!("../migrations/0003_parked.sql"),
    },
    Migration {
        service: GROUP,
        number: 4,
        sql: include_str!("../migrations/0004_wakeup.sql"),
    },
    Migration {
        service: GROUP,
        number: 5,
        sql: include_str!("../migrations/0005_provisional.sql"),
    },
];
