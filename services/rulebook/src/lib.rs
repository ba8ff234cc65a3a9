//! A rulebook directory becomes a checked [`bihuan_domain::routing::Rulebook`], or findings that say what to mend and where.
//!
//! **Architecture Invariant:** a rulebook with an error is no rulebook: nothing is decided with a part of one.

mod activations;
mod adding;
mod agencies;
mod areas;
mod boundaries;
mod calendar;
mod cases;
mod cell;
mod compile;
mod crosswalk;
mod disputes;
mod duties;
mod duty_checks;
mod files;
mod finding;
mod holidays;
mod hours;
mod ladder;
pub mod learned;
mod library;
mod limits;
mod manifest;
mod matters;
mod names;
mod predicate;
mod predicate_checks;
mod review;
mod schedule;
mod table;

pub use activations::{Activations, State, is_withdrawn};
pub use adding::{Lacking, with_duty};
pub use calendar::{calendar, calendar_ends};
pub use compile::compile;
pub use files::{ArchiveError, FILES, Files};
pub use finding::{Finding, Severity};
pub use library::{Library, LibraryError, remember};
pub use review::{Review, review};
pub use schedule::Schedule;
