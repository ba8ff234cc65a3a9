//! Whose duty it is: the rulebook as data, and the decision over it.
//!
//! A decision never guesses: what no row covers, or two agencies' rows cover equally, goes to triage with the reason.

mod compiled;
mod decide;
mod explain;
mod gazetteer;
mod rulebook;
mod words;

pub use compiled::CompiledRulebook;
pub use decide::{Answer, Question, Triage, decide};
pub use explain::{Explanation, RowVerdict, Verdict, explain};
pub use gazetteer::{Gazetteer, Named};
pub use rulebook::{Agency, Area, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook};

#[cfg(test)]
mod tests;
