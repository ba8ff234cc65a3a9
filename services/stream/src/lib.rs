//! Moves records through a service: at-least-once delivery, exactly-once effect.
//!
//! A service is a [`Handler`]; [`run`] feeds it batches from a [`Log`] (Kafka or the local one) and commits what it decided
//! together with the position, in one fenced transaction. This is the only crate that knows rdkafka.
//!
//! **Architecture Invariant:** a position never moves without its effects, and nothing but the lease row decides what counts.

mod answers;
mod batch;
mod effects;
mod error;
pub mod faults;
mod fed;
mod generations;
mod handler;
pub mod kafka;
mod lane;
pub mod local;
mod log;
mod outbox;
mod record;
mod requests;
mod status;
mod submit;

pub use answers::{Answers, Waiter};
pub use batch::{Context, Limits, run};
pub use effects::{Effects, NewEvent};
pub use error::{Error, Result};
pub use fed::FedLog;
pub use generations::Generations;
pub use handler::{Batch, Due, Handler, Inputs, LaneBatch, Start};
pub use log::{Consumer, Delivery, Log, Resume, Resumption, Tail};
pub use record::{Record, again};
pub use requests::Requests;
pub use status::{Phase, Status};
pub use submit::{KeyReused, SubmitError};
