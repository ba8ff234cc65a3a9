//! The closure report as it is printed and served: keys and their order are a contract.

use jiff::civil::Date;
use serde::Serialize;

use super::{Basis, By, Counts, Figure, Flow, Records, Split};

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// RFC 3339.
    pub as_of: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub by: Option<By>,
    pub basis: Basis,
    /// Version of the rulebook that the names are from.
    pub rulebook: String,
    /// Of a shadow run: nobody handles these clues here. Only then is it said.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
    /// `None` where records have no place: with a period, or in the past.
    pub records: Option<Records>,
    pub counts: Counts,
    pub partition: Split,
    pub classes: Classes,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    pub figures: Vec<Figure>,
    pub rows: Vec<Row>,
}

/// Clues by how they came to us: those that were never ours to dispatch stand on lines of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Classes {
    pub ordinary: ClassLine,
    pub self_handled: ClassLine,
    pub closed_at_source: ClassLine,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClassLine {
    pub clues: u64,
    pub closed: u64,
    pub open: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Empty: the clue has none.
    pub key: String,
    pub name: String,
    /// In rows by source only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records: Option<Records>,
    pub counts: Counts,
    pub partition: Split,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow: Option<Flow>,
    pub figures: Vec<Figure>,
}
