//! The life of a clue: commands ask, [`decide`] answers with events, [`evolve`] folds events into state.
//!
//! One file a rule under `decide/`; find "an agency returns a clue" in `decide/returns.rs`.

mod codes;
mod command;
mod decide;
mod env;
mod event;
mod evolve;
mod outcome;
mod report;
mod snapshot;
mod state;
mod words;

#[cfg(test)]
mod properties;
#[cfg(test)]
pub(crate) mod testing;

pub use codes::Codes;
pub use command::{Actor, Command, Envelope, Role, Text};
pub use decide::{Decision, Rejection, decide};
pub use env::{ClosedBeforeReported, ClosingAuthority, Env, Policy, Verification};
pub use event::{CallBack, Event, Occurrence, Repeat, RoutingDecision};
pub use evolve::evolve;
pub use outcome::{ClosureClass, Conclusion, Evidence, EvidenceKind, Measure, Resolution};
pub use report::{Attribute, Class, Datum, Flag, History, Location, Origin, Report};
pub use snapshot::{
    Deletion, Discrepancy, Field, Here, Print, Said, Snapshot, SourceRecord, SourceStatus, TimeBasis,
    WITHDRAWN,
};
pub use state::{
    Assignment, Clue, Holder, LinkedRecord, Progress, ReturnRequest, Stage, State, Suspension, Tally,
    Verified,
};
pub use words::{Code, rejection_words};
