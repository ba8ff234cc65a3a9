//! What every service runs on: settings, time, readiness, logs, metrics, stopping, waiting, and how errors look over HTTP.
//!
//! **Architecture Invariant:** [`clock`] is the only place that reads the wall clock; everything else is given a time.
//! **Architecture Invariant:** nothing here knows a clue, a topic or a table.

mod asked;
pub mod backoff;
pub mod bind;
pub mod body;
pub mod clock;
pub mod config;
pub mod health;
pub mod language;
pub mod problem;
pub mod shutdown;
pub mod telemetry;

pub use asked::Asked;
pub use backoff::Backoff;
pub use clock::{Clock, Course, Dial};
pub use config::Config;
pub use health::{Health, Part, State};
pub use problem::Problem;
