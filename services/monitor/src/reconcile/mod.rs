//! Reconciliation: a platform's own list of what it has against what is here. What is missing on either side, whose state
//! differs, and whom to ask about it.
//!
//! [`Manifest`] is their list and [`Comparison`] the rules, both pure; [`reconcile`] puts ours beside it; [`kept`] remembers
//! the outcomes and [`daily`] makes one a day. Outcomes follow from files that are not ours, so they are the one thing of
//! monitor that no journal can build again; nothing else rests on them.

mod answer;
mod cause;
mod compare;
pub mod daily;
pub mod kept;
mod manifest;
mod officer;
mod ours;

pub use answer::{Counts, Group, Reconciliation, Row, Summary};
pub use cause::{Ask, Cause, Difference};
pub use compare::{Comparison, Coverage, Found};
pub use daily::{Lists, Plan};
pub use kept::{Outcome, Run, Unread};
pub use manifest::Manifest;
pub use ours::{Ours, PutAway, reconcile};
