//! The store: one code path over two databases, PostgreSQL for a city and SQLite for a laptop or a pilot.
//!
//! [`Tx`] and [`Connection`] are enums of concrete sqlx types and [`sql!`] expands a body once per driver, so there are no
//! generic bounds, no `Any` and no `dyn`; `$1` works on both. What every service may use lives here: [`lease`]s, [`journal`]s,
//! [`document`]s, [`activation`]s, [`text`]s, [`quarantine`]. A service's own tables live in its own crate.

pub mod activation;
pub mod bulk;
pub mod chain;
mod connection;
pub mod document;
mod error;
pub mod installation;
pub mod journal;
pub mod lease;
mod migrate;
pub mod quarantine;
mod sqlite;
pub mod text;
mod types;

pub use connection::{Connection, Reader, Store, Tx};
pub use error::{Error, Result};
pub use migrate::Migration;
pub use sqlite::{DATABASE_FILE, DirectoryLock};
pub use types::{At, Bytes32};
