//! From bytes to records, and from a record to its fields. Says nothing about what a field means: that is [`crate::apply`].
//!
//! A record that cannot be read never takes its neighbours with it: every framing re-synchronises and goes on.

pub mod csv;
pub mod encoding;
pub mod json;
pub mod json_file;
pub mod sheet;
mod window;
pub mod xml;
pub mod xml_file;

use std::borrow::Cow;

/// The longest record that is read, in bytes; a longer one is quarantined by its first bytes.
pub const MAX_RECORD: usize = 16 << 20;

/// How a source writes its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    Csv,
    Json,
    /// A sheet of a workbook.
    Xlsx,
    Xml,
    /// Bihuan's own messages (`proto/`).
    Protobuf,
}

impl Format {
    /// Whether its records are rows below a header.
    pub const fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Xlsx => "xlsx",
            Self::Xml => "xml",
            Self::Protobuf => "protobuf",
        }
    }
}

/// Why a record cannot be read: a stable code, and where in the record if that is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}: {detail}")]
pub struct Bad {
    pub reason: &'static str,
    pub detail: String,
}

impl Bad {
    pub(crate) fn new(reason: &'static str, detail: impl Into<String>) -> Self {
        Self {
            reason,
            detail: detail.into(),
        }
    }
}

/// A record of a file, as the framing cut it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Line of the file on which it starts, or row of the sheet, from 1.
    pub line: u64,
    /// Counts the records of the file from 0, broken ones too; with the file's digest it identifies the record.
    pub ordinal: u64,
    /// With its line end.
    pub raw: Vec<u8>,
    /// Why it is no record: `csv_quote`, `json`, `xml`, `record_too_long`.
    pub broken: Option<&'static str>,
}

/// One field that a mapping asks for: `index` numbers the names that the mapping uses, in [`crate::Mapping::names`].
#[derive(Clone, Copy, Debug)]
pub struct Slot<'a> {
    pub index: usize,
    /// A column, or a JSON pointer.
    pub name: &'a str,
}

/// How a value was written, where that says more than its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    #[default]
    Text,
    Number,
    /// The cell of a sheet that holds a time, or a part of one.
    Time,
    /// What a spreadsheet writes where a formula fails, such as `#N/A`.
    Error,
    /// A truth value, an array or an object of JSON: no name of anything.
    Other,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value<'a> {
    pub text: Cow<'a, str>,
    pub written: Written,
}

impl<'a> Value<'a> {
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self {
            text: text.into(),
            written: Written::Text,
        }
    }
}

/// The fields of one record. `None`: the record does not have the field, or says `null`.
pub trait Fields {
    fn get(&self, slot: Slot<'_>) -> Option<Cow<'_, str>>;

    fn written(&self, _slot: Slot<'_>) -> Written {
        Written::Text
    }

    /// The source removed the record; the fields are the last that it had.
    fn is_deleted(&self) -> bool {
        false
    }
}
