//! Disputes over duty: what is asked of them and what happened to them.

pub mod command;
pub mod event;
mod from_json;

pub use command::DisputeCommand;
pub use event::DisputeEvent;
pub(crate) use from_json::claim;
pub use from_json::{Request, from_json};
