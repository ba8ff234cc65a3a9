//! Whose duty it is: the rulebook as data, and the decision over it.
//!
//! A decision never guesses: what no row covers, or two agencies' rows cover equally, goes to triage with the reason.

mod backtest;
mod case;
mod compiled;
mod decide;
mod explain;
mod gazetteer;
pub mod learn;
mod predicate;
mod rows;
mod rulebook;
mod schema;
mod subject;
mod words;

pub use backtest::{Backtest, Backtesting, Change, Load, Rerouted};
pub use case::Case;
pub use compiled::CompiledRulebook;
pub use decide::{Answer, Question, Triage, decide};
pub use explain::{Explanation, RowVerdict, Verdict, explain};
pub use gazetteer::{Gazetteer, Named};
pub use predicate::{Comparison, Literal, Operand, Predicate, Says, TextTest, Unanswered, Value};
pub use rulebook::{Agency, Area, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook, When};
pub use schema::{Declared, Fact, Schema, Type};
pub use subject::Subject;

#[cfg(test)]
mod tests;
