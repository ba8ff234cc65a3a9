//! The service over the local log, as it runs.

mod assignments;
mod beside;
mod callbacks;
mod commands;
mod disputed;
mod harness;
mod linked;
mod receivers;
mod reminders;
