//! The service over the local log, as it runs.

mod assignments;
mod commands;
mod harness;
