//! Change-data-capture envelopes: what a database tells of its rows, as Debezium, Canal and Maxwell write it.
//!
//! A message is first taken apart ([`Envelope::records`]) into records that are messages of the same envelope with one row each,
//! so that each can travel, be put away and be read again by itself; then a record is opened ([`Envelope::open`]): its fields are
//! the row's columns, and beside them what the envelope says itself, under names that begin with `@`.

mod canal;
mod debezium;
mod maxwell;

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::format::Bad;
use crate::format::json::{self, Names};

/// Who wrapped the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    Debezium,
    Canal,
    Maxwell,
}

/// What happened to the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    Update,
    Delete,
    /// Found there when the capture began, or began again.
    Read,
}

/// One row, and what the envelope says of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    pub(crate) op: Op,
    /// A JSON object: the last known columns where it was deleted.
    pub(crate) row: &'a str,
    /// When it happened, in milliseconds since 1970.
    pub(crate) at: Option<Cow<'a, str>>,
    pub(crate) database: Option<Cow<'a, str>>,
    pub(crate) table: Option<Cow<'a, str>>,
}

/// Names of what the envelope itself says, as tokens of a JSON pointer.
pub(crate) const OWN: [&str; 4] = ["@op", "@ts", "@database", "@table"];

impl Op {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "c",
            Self::Update => "u",
            Self::Delete => "d",
            Self::Read => "r",
        }
    }
}

impl Change<'_> {
    /// What the envelope says under one of the names in [`OWN`].
    pub(crate) fn own(&self, name: &str) -> Option<String> {
        match name {
            "@op" => Some(self.op.as_str().to_owned()),
            "@ts" => self.at.as_deref().map(str::to_owned),
            "@database" => self.database.as_deref().map(str::to_owned),
            "@table" => self.table.as_deref().map(str::to_owned),
            _ => None,
        }
    }
}

impl Envelope {
    pub const ALL: [Self; 3] = [Self::Debezium, Self::Canal, Self::Maxwell];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debezium => "debezium",
            Self::Canal => "canal",
            Self::Maxwell => "maxwell",
        }
    }

    /// The records of a message; none where it tells of no row: a heartbeat, the mark of a transaction, a changed table.
    ///
    /// # Errors
    /// `json`: it is no JSON object; `envelope`: not one of this kind; `op_unknown`: something happened to a row that this program
    /// does not know.
    pub(crate) fn records(self, message: &str) -> Result<Vec<Cow<'_, str>>, Bad> {
        match self {
            Self::Canal => canal::records(message),
            Self::Debezium | Self::Maxwell => {
                let change = self.open(message)?;
                Ok(change.map(|_| Cow::Borrowed(message)).into_iter().collect())
            }
        }
    }

    /// The row of a record; `None` where it tells of none.
    pub(crate) fn open(self, record: &str) -> Result<Option<Change<'_>>, Bad> {
        match self {
            Self::Debezium => debezium::open(record),
            Self::Canal => canal::open(record),
            Self::Maxwell => maxwell::open(record),
        }
    }

    /// Whether a value stands for one that the database left out because it did not change: what it is nobody knows.
    pub(crate) fn is_unavailable(self, value: &str) -> bool {
        self == Self::Debezium && value == "__debezium_unavailable_value"
    }

    /// The part of a message's key that holds the columns: Debezium may put its schema beside them.
    pub(crate) fn key(self, key: &str) -> Cow<'_, str> {
        let wrapped = || Members::of(key, ["schema", "payload"]).ok();
        match (self, wrapped().map(|it| it.0)) {
            (Self::Debezium, Some([Some(_), Some(payload)])) => payload.into(),
            _ => key.into(),
        }
    }
}

/// Some members of a JSON object, as they are written. What says `null` is not there.
struct Members<'a, const N: usize>([Option<&'a str>; N]);

impl<'a, const N: usize> Members<'a, N> {
    fn of(object: &'a str, names: [&str; N]) -> Result<Self, Bad> {
        let found = Names::new(names).find(object)?;
        let mut members = [None; N];
        for (member, raw) in members.iter_mut().zip(found) {
            *member = raw.filter(|raw| *raw != "null");
        }
        Ok(Self(members))
    }
}

/// The text of a member that is a string or a number.
fn text(raw: Option<&str>) -> Option<Cow<'_, str>> {
    json::scalar(raw?)
}

fn is_object(raw: &str) -> bool {
    raw.starts_with('{')
}

fn elements(array: &str) -> Result<Vec<&str>, Bad> {
    let rows: Vec<&RawValue> = serde_json::from_str(array).map_err(|error| json::bad(&error))?;
    Ok(rows.into_iter().map(RawValue::get).collect())
}

fn foreign(envelope: Envelope) -> Bad {
    Bad::new(
        "envelope",
        format!("is no message of the envelope {}", envelope.as_str()),
    )
}

fn op_unknown(envelope: Envelope) -> Bad {
    Bad::new(
        "op_unknown",
        format!("{}: an operation that is not known here", envelope.as_str()),
    )
}

#[cfg(test)]
mod tests;
