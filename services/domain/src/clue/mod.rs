//! The life of a clue: commands ask, [`decide`] answers with events, [`evolve`] folds events into state.
//!
//! One file a rule under `decide/`; find "an agency returns a clue" in `decide/returns.rs`.

mod clocks;
mod codes;
mod command;
mod decide;
mod designation;
mod env;
mod event;
mod evolve;
mod outcome;
mod report;
mod sequel;
mod snapshot;
mod state;
mod task;
mod waking;
mod words;

#[cfg(test)]
pub(crate) mod properties;
#[cfg(test)]
pub(crate) mod testing;

pub(crate) use clocks::is_had;
pub use clocks::{
    Clocks, ExtensionRequest, Grant, Ladder, NoticeState, Reached, Recipient, RungKind, RungRule, Running,
    Timing, When, counted, recomputed,
};
pub use codes::Codes;
pub use command::{Actor, Command, Envelope, Role, Text};
pub use decide::{Decision, Rejection, decide};
pub use designation::Designation;
pub use env::{Binding, ClosedBeforeReported, ClosingAuthority, Env, Policy, SuspensionLimits, Verification};
pub use event::{CallBack, Event, Occurrence, Repeat, RoutingDecision};
pub use evolve::evolve;
pub(crate) use outcome::words;
pub use outcome::{ClosureClass, Conclusion, Evidence, EvidenceKind, Measure, Resolution};
pub use report::{Attribute, Class, Datum, Flag, History, Location, LogRow, LogStep, Origin, Report};
pub use snapshot::{
    Deletion, Discrepancy, Field, Here, Print, Said, Snapshot, SourceRecord, SourceStatus, TimeBasis,
    WITHDRAWN,
};
pub use state::{
    Assignment, Clue, Holder, LinkedRecord, Progress, ReturnRequest, Stage, State, Suspension, Tally,
    Verified,
};
pub use task::{Task, TaskCommand, TaskDue, TaskEvent, TaskKind, TaskStanding};
pub use waking::wake;
pub(crate) use words::codes;
pub use words::{Code, rejection_words};
