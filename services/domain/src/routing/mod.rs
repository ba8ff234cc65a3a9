//! Whose duty it is: the rulebook as data, and the decision over it.
//!
//! A decision never guesses: what no row covers, or two agencies' rows cover equally, goes to triage with the reason.

mod backtest;
mod case;
mod competence;
mod compiled;
mod coverage;
mod decide;
mod diff;
mod explain;
mod gaps;
mod gazetteer;
pub mod learn;
mod predicate;
mod row_days;
mod rows;
mod rulebook;
mod schema;
mod subject;
mod waiting;
mod words;

pub use backtest::{Backtest, Backtesting, Load, Rerouted, Shift};
pub use case::{Case, First};
pub use competence::{Competence, Conditional, Extent};
pub use compiled::CompiledRulebook;
pub use coverage::{Coverage, CoverageCell, CoverageRow};
pub use decide::{Answer, Question, Triage, decide};
pub use diff::{Catalogue, Diff, Move, Part};
pub use explain::{Explanation, RowVerdict, Verdict, explain};
pub use gaps::{Gap, GapKind, Gaps};
pub use gazetteer::{Gazetteer, Named};
pub use predicate::{Comparison, Literal, Operand, Predicate, Says, TextTest, Unanswered, Value};
pub use row_days::RowDays;
pub use rulebook::{
    Agency, Area, DUTY_COLUMNS, Duty, DutyRole, Layer, Matter, MatterPattern, Rulebook, When,
};
pub use schema::{Declared, Fact, Schema, Type};
pub use subject::Subject;
pub use waiting::{Cause, Draft, Group, Waiting};

#[cfg(test)]
mod tests;
