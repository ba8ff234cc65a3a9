//! What people look at: every clue, what became of every record, the figures, and the proof that nothing is missing.
//!
//! [`Monitor`] projects the journals into tables; [`report`], [`listing`] and [`accounts`] read them; [`verify`] recomputes
//! them from the journals.
//!
//! **Architecture Invariant:** everything here follows from journals alone, so the tables can be dropped and built again, but for
//! what [`reconcile`] came to, which follows from the platforms' lists. Nothing here writes a journal or sends a command.

pub mod absence;
pub mod accounts;
pub mod agenda;
pub mod callbacks;
pub mod cases;
pub mod clocks;
mod codec;
mod counting;
pub mod disputes;
pub mod duty;
mod error;
pub mod feedback;
mod filter;
pub mod gauges;
pub mod heard;
pub mod holders;
mod ladder;
pub mod links;
pub mod listing;
mod names;
pub mod notices;
pub mod pages;
pub mod precedents;
mod projection;
pub mod proposals;
pub mod quarantine;

pub mod reconcile;
mod records;
pub mod report;
pub mod routes;
mod rows;
pub mod rulebook;
pub mod shadow;
mod streaming;
mod tally;
pub mod tasks;
pub mod trend;
pub mod triage;
pub mod verify;
pub mod words;

pub use disputes::DisputeQuery;
pub use error::{Error, Result};
pub use filter::{Cursor, Escalated, Filter, Stages};
pub use projection::Monitor;
pub use report::ReportQuery;

/// Consumer group, lease name and metric label.
pub const GROUP: &str = "monitor";

/// The tables of this service.
pub const MIGRATIONS: &[bihuan_store::Migration] = &[
    bihuan_store::Migration {
        service: GROUP,
        number: 1,
        sql: include_str!("../migrations/0001_monitor.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 2,
        sql: include_str!("../migrations/0002_source_names.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 3,
        sql: include_str!("../migrations/0003_reconciliation.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 4,
        sql: include_str!("../migrations/0004_feedback.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 5,
        sql: include_str!("../migrations/0005_callback.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 6,
        sql: include_str!("../migrations/0006_last_heard.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 7,
        sql: include_str!("../migrations/0007_link.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 8,
        sql: include_str!("../migrations/0008_link_index.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 9,
        sql: include_str!("../migrations/0009_triage_index.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 10,
        sql: include_str!("../migrations/0010_notice.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 11,
        sql: include_str!("../migrations/0011_colour.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 12,
        sql: include_str!("../migrations/0012_left_over.sql"),
    },
    bihuan_store::Migration {
        service: GROUP,
        number: 13,
        sql: include_str!("../migrations/0013_precedent_and_task.sql"),
    },
];
