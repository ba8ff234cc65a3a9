//! Between the generated messages of disputes and the domain's types.

pub(crate) mod command;
mod deadline;
pub(crate) mod event;
mod jurisdiction;
mod papers;
mod words;

use crate::DecodeError;

/// A number that is no value of an enumeration.
fn unknown(field: &'static str, number: i32) -> DecodeError {
    DecodeError::invalid(field, format!("{number} is no value of this enumeration"))
}
