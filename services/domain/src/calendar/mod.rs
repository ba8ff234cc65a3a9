//! How long something may take, and until when: working days and working hours of a place, and the limits that a rulebook sets.
//!
//! A [`Calendar`] answers from tables that it builds at its first question, so that ten years ahead cost as much as one day. What
//! each unit means stands on [`Unit`]; `docs/calendar.md` says it for those who work by it.

mod days;
mod deadline;
mod explain;
mod hours;
mod inverse;
mod limit;
mod limits;
mod pauses;
mod profile;
mod tables;
mod words;
mod zone;

pub use crate::code::CalendarVersion;
pub use days::{CalendarPolicy, DayName, Days, Weekend};
pub use deadline::{Calendar, Due, OutOfRange};
pub use explain::{Part, Working};
pub use hours::{HoursError, HoursRow, MonthDay, Season, Session, parse_sessions};
pub use limit::{Limit, LimitError, Unit};
pub use limits::{LimitRow, Limits, Step};
pub use pauses::Pause;
pub use words::Start;

#[cfg(test)]
mod tests;
