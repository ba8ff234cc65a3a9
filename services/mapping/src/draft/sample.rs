//! A sample file as a table of texts, whatever it was written in: bounded, and with nothing said yet about what it means.

mod elements;
mod empty;
mod flat;
mod messages;
mod table;

use std::collections::BTreeSet;
use std::io::{self, Read};

use super::Wanted;
use crate::envelope::Envelope;
use crate::format::csv::Dialect;
use crate::format::encoding;
use crate::format::sheet::SheetName;
use crate::problem::Bilingual;

/// More columns than that are not looked at.
const MAX_COLUMNS: usize = 512;
/// How deep objects may lie in each other.
const MAX_DEPTH: usize = 8;
/// How many bytes of a file are looked at.
const MAX_BYTES: usize = 64 << 20;
/// How much of a cell is looked at, in bytes.
const MAX_CELL: usize = 400;

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Csv,
    Json,
    Spreadsheet,
    Xml,
}

impl Shape {
    /// By the first bytes.
    pub fn of(head: &[u8]) -> Self {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\xd0\xcf\x11\xe0") {
            return Self::Spreadsheet;
        }
        let first = head.iter().filter(|byte| **byte != 0).skip_while(|byte| {
            byte.is_ascii_whitespace() || matches!(byte, 0xef | 0xbb | 0xbf | 0xfe | 0xff)
        });
        match first.clone().next() {
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => Self::Xml,
            _ => Self::Csv,
        }
    }

    /// What a mapping calls it.
    pub(super) const fn format(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Spreadsheet => "xlsx",
            Self::Xml => "xml",
        }
    }

    pub(super) const fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Spreadsheet)
    }
}

/// Why no mapping can be drafted from a sample.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{}", .0.en)]
    Because(Bilingual),
}

impl Unusable {
    pub(super) fn because(zh: &str, en: &str) -> Self {
        Self::Because(Bilingual {
            zh: zh.to_owned(),
            en: en.to_owned(),
        })
    }
}

/// A cell is `None` where it is empty.
pub(super) type Row = Vec<Option<String>>;

/// The first records of a file.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) shape: Shape,
    /// As a mapping would name it.
    pub(super) encoding: &'static str,
    /// Of a table.
    pub(super) dialect: Dialect,
    /// Of a workbook, if another one than the first that is visible.
    pub(super) sheet: Option<SheetName>,
    /// JSON pointer to the records within a message, or path of the element that is one.
    pub(super) rows: Option<String>,
    /// The tool that wrapped a database's rows.
    pub(super) envelope: Option<Envelope>,
    /// Of an envelope: tables whose rows are rarer than those of the one that is drafted from.
    pub(super) tables: BTreeSet<String>,
    pub(super) columns: Vec<String>,
    /// Trimmed, one cell for each column; words that stand for empty are.
    pub(super) records: Vec<Row>,
    /// Of each column, its words that stand for empty.
    pub(super) nulls: Vec<BTreeSet<String>>,
    /// Lines of totals, which are left out: the column and the word.
    pub(super) totals: Vec<(usize, String)>,
    /// Records that could not be read.
    pub(super) broken: usize,
}

impl Sample {
    fn new(shape: Shape, columns: Vec<String>, records: Vec<Row>, broken: usize) -> Self {
        Self {
            shape,
            encoding: "auto",
            dialect: Dialect::default(),
            sheet: None,
            rows: None,
            envelope: None,
            tables: BTreeSet::new(),
            nulls: vec![BTreeSet::new(); columns.len()],
            columns,
            records,
            totals: Vec::new(),
            broken,
        }
    }

    /// Reads at most so many records.
    pub(super) fn read(mut reader: impl Read, wanted: &Wanted<'_>) -> Result<Self, Unusable> {
        let (most, above) = (wanted.rows, wanted.header_row - 1);
        let mut head = Vec::new();
        reader
            .by_ref()
            .take(encoding::SAMPLE as u64)
            .read_to_end(&mut head)?;
        let encoding = encoding_name(&head);
        let shape = Shape::of(&head);
        let dialect = table::dialect(&head, above);
        let whole = io::Cursor::new(head).chain(reader);
        let mut sample = match shape {
            Shape::Csv => table::delimited(whole, dialect, most)?,
            Shape::Spreadsheet => table::sheet(whole, wanted.sheet.as_ref(), above, most)?,
            Shape::Json => messages::read(whole, most)?,
            Shape::Xml => elements::read(whole, most)?,
        };
        sample.leave_out_totals();
        if sample.records.is_empty() {
            return Err(Unusable::because(
                "样本里没有可读的记录；请给出至少几条记录",
                "the sample has no record that can be read; give it a few",
            ));
        }
        if matches!(shape, Shape::Csv | Shape::Json) {
            sample.encoding = encoding;
        }
        sample.empty_placeholders();
        Ok(sample)
    }
}

fn encoding_name(head: &[u8]) -> &'static str {
    match encoding::found(head).name() {
        "gb18030" => "gb18030",
        "UTF-16LE" | "UTF-16BE" => "utf-16",
        _ if head.is_ascii() => "auto",
        _ => "utf-8",
    }
}

fn cell(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text[..text.floor_char_boundary(MAX_CELL)].to_owned())
}
