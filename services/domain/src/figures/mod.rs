//! How each figure is computed. [`Facts`] is what figures need of one clue, folded from its events; [`Facts::at`] says where
//! the clue stood at any moment of the past; [`ReportBuilder`] counts many of them in constant memory.
//!
//! **Architecture Invariant:** a figure is a function of events alone. Every figure carries its formula and version, and a
//! ratio of nothing is no number, never 0 or 1.

mod assisting;
mod builder;
mod condition;
mod counts;
mod disputes;
mod duty;
mod facts;
mod figure;
mod flow;
mod passage;
mod punctuality;
mod query;
mod records;
mod report;
mod running_clock;
mod shadow;
mod standing;
mod step;
mod task;
mod times;
mod told;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;

pub use assisting::{Assisted, Assisting};
pub use builder::ReportBuilder;
pub use condition::{Closing, Condition, Dispatch};
pub use counts::{Counts, Split};
pub use disputes::{DisputeCounts, DisputeKind, DisputeReport, Disputed, DisputedClue, Disputes, HandOver};
pub use duty::{Between, DutyCounts, DutyDisputes, DutyKind, DutyLine, DutyReport, StepLine};
pub use facts::{Facts, Linked};
pub use figure::{Figure, FigureKind, figures};
pub use flow::Flow;
pub use passage::Passage;
pub use punctuality::{Draft, Ended, Punctuality};
pub use query::{Basis, By, Period, Query};
pub use records::Records;
pub use report::{ClassLine, Classes, Report, Row};
pub use running_clock::RunningClock;
pub use shadow::{
    Clocks, Codes, Compared, ComparedRow, Comparing, Comparison, Deadlines, Instead, Right, Rights, Rule,
    Spread, Within,
};
pub use standing::{HolderKind, Standing};
pub use step::{Mark, Step};
pub use task::Task;
pub use times::TaskCounts;
pub use told::LinkCondition;
