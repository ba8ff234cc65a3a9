//! Whose duty it is: the rulebook as data, and the decision over it.

mod rulebook;

pub use rulebook::{Agency, Area, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook};
