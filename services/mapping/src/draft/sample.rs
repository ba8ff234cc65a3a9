//! A sample file as a table of texts, whatever it was written in: bounded, and with nothing said yet about what it means.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::format::csv::{Delimiter, Dialect};
use crate::format::encoding::{self, Encoding};
use crate::format::{Frame, csv, json, json_file};
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

/// The first records of a file.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) shape: Shape,
    /// As a mapping would name it.
    pub(super) encoding: &'static str,
    /// Of a table.
    pub(super) dialect: Dialect,
    /// JSON pointer to the records within a message.
    pub(super) rows: Option<String>,
    pub(super) columns: Vec<String>,
    /// Trimmed, `None` for empty, one cell for each column.
    pub(super) records: Vec<Vec<Option<String>>>,
    /// Records that could not be read.
    pub(super) broken: usize,
}

impl Sample {
    /// Reads at most so many records.
    pub(super) fn read(mut reader: impl Read, most: usize, above: u32) -> Result<Self, Unusable> {
        let mut head = Vec::new();
        reader
            .by_ref()
            .take(encoding::SAMPLE as u64)
            .read_to_end(&mut head)?;
        let encoding = encoding_name(&head);
        let shape = Shape::of(&head);
        let dialect = dialect(&head, above);
        let whole = io::Cursor::new(head).chain(reader);
        let mut sample = match shape {
            Shape::Csv => table(whole, dialect, most)?,
            Shape::Json => messages(whole, most)?,
            Shape::Spreadsheet => {
                return Err(Unusable::because(
                    "这是电子表格；请另存为 CSV 后再试",
                    "this is a spreadsheet; save it as CSV and try again",
                ));
            }
            Shape::Xml => {
                return Err(Unusable::because(
                    "这是 XML 或网页；请向平台要 CSV 或 JSON",
                    "this is XML or a web page; ask the platform for CSV or JSON",
                ));
            }
        };
        if sample.records.is_empty() {
            return Err(Unusable::because(
                "样本里没有可读的记录；请给出至少几条记录",
                "the sample has no record that can be read; give it a few",
            ));
        }
        sample.encoding = encoding;
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

fn table(reader: impl Read, dialect: Dialect, most: usize) -> Result<Sample, Unusable> {
    let table = csv::Table::open_as(reader, Encoding::Auto, dialect).map_err(|error| match error {
        csv::Error::Io(error) => Unusable::Io(error),
        csv::Error::Header(_) => Unusable::because(
            "没有表头，或表头的引号没有闭合",
            "there is no header, or a quote of it is not closed",
        ),
    })?;
    let columns = table.columns().to_vec();
    let (mut records, mut broken, mut bytes) = (Vec::new(), 0, 0);
    for frame in table.take(most) {
        let frame = frame?;
        bytes += frame.raw.len();
        if bytes > MAX_BYTES && !records.is_empty() {
            break;
        }
        match row(&frame, dialect.delimiter, columns.len()) {
            Some(row) => records.push(row),
            None => broken += 1,
        }
    }
    Ok(Sample {
        shape: Shape::Csv,
        encoding: "auto",
        dialect,
        rows: None,
        columns,
        records,
        broken,
    })
}

/// The delimiter that parts the header into most columns; a comma unless another one parts it into more.
fn dialect(head: &[u8], above: u32) -> Dialect {
    let columns = |delimiter| {
        let dialect = Dialect { delimiter, above };
        let table = csv::Table::open_as(io::Cursor::new(head), Encoding::Auto, dialect);
        table.map_or(0, |table| table.columns().len())
    };
    let mut best = (Delimiter::COMMA, columns(Delimiter::COMMA));
    for other in Delimiter::USUAL {
        let count = columns(other);
        if count > best.1 {
            best = (other, count);
        }
    }
    Dialect {
        delimiter: best.0,
        above,
    }
}

fn row(frame: &Frame, delimiter: Delimiter, columns: usize) -> Option<Vec<Option<String>>> {
    if frame.broken.is_some() {
        return None;
    }
    let text = encoding::text(&frame.raw);
    let cells = csv::decode_row(delimiter, columns, &text).ok()?;
    Some(cells.iter().map(|it| cell(&it.text)).collect())
}

fn messages(reader: impl Read, most: usize) -> Result<Sample, Unusable> {
    let (mut texts, mut broken, mut bytes) = (Vec::new(), 0, 0);
    for frame in json_file::Messages::open(reader, Encoding::Auto)?.take(most) {
        let frame = frame?;
        bytes += frame.raw.len();
        if bytes > MAX_BYTES && !texts.is_empty() {
            break;
        }
        match frame.broken {
            None => texts.push(encoding::text(&frame.raw).into_owned()),
            Some(_) => broken += 1,
        }
    }
    let rows = array_within(&texts);
    let mut flat = Flat::default();
    for text in &texts {
        match json::records(text, rows.as_deref()) {
            Ok(records) => records.iter().for_each(|record| {
                if flat.records.len() < most && !flat.record(record) {
                    broken += 1;
                }
            }),
            Err(_) => broken += 1,
        }
    }
    Ok(flat.sample(rows, broken))
}

/// The members of an object, in its order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Self)
    }
}

fn members(raw: &str) -> Vec<(String, &RawValue)> {
    serde_json::from_str::<Members<'_>>(raw).map_or_else(|_| Vec::new(), |members| members.0)
}

/// What arrays of records are called.
const ARRAYS: &[&str] = &[
    "data", "rows", "records", "list", "items", "results", "result", "features", "数据", "列表",
];

/// Where the records stand, if a message is not one itself: the one array of objects of a single message, else an array under a
/// usual name in every message that has no id of its own.
fn array_within(texts: &[String]) -> Option<String> {
    let first = texts.first().filter(|text| text.trim_start().starts_with('{'))?;
    let mut found = Vec::new();
    arrays(first, "", 0, &mut found);
    let has_id = members(first)
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("id"));
    let is_usual = |pointer: &str| {
        ARRAYS
            .iter()
            .any(|name| pointer.to_lowercase().ends_with(&format!("/{name}")))
    };
    let (pointer, _) = found
        .into_iter()
        .filter(|(pointer, _)| is_usual(pointer) || (texts.len() == 1 && !has_id))
        .max_by_key(|(_, length)| *length)?;
    let in_all = texts
        .iter()
        .all(|text| json::records(text, Some(&pointer)).is_ok());
    (in_all && (texts.len() == 1 || !has_id)).then_some(pointer)
}

fn arrays(raw: &str, path: &str, depth: usize, found: &mut Vec<(String, usize)>) {
    for (name, value) in members(raw) {
        let (path, value) = (pointer(path, &name), value.get());
        if value.starts_with('{') && depth < MAX_DEPTH {
            arrays(value, &path, depth + 1, found);
        } else if value.starts_with('[')
            && let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value)
            && elements.iter().any(|element| element.get().starts_with('{'))
        {
            found.push((path, elements.len()));
        }
    }
}

fn pointer(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Objects laid out as a table with a column for each pointer to a scalar.
#[derive(Default)]
struct Flat {
    columns: Vec<String>,
    at: HashMap<String, usize>,
    records: Vec<Vec<Option<String>>>,
}

impl Flat {
    /// `false`: it is no object.
    fn record(&mut self, raw: &str) -> bool {
        if !raw.starts_with('{') {
            return false;
        }
        let mut cells = vec![None; self.columns.len()];
        self.members(raw, "", 0, &mut cells);
        self.records.push(cells);
        true
    }

    fn members(&mut self, raw: &str, path: &str, depth: usize, cells: &mut Vec<Option<String>>) {
        for (name, value) in members(raw) {
            let (path, value) = (pointer(path, &name), value.get());
            if value.starts_with('{') && depth < MAX_DEPTH {
                self.members(value, &path, depth + 1, cells);
            } else if !value.starts_with(['{', '['])
                && let Some(at) = self.column(path)
            {
                cells.resize(self.columns.len().max(cells.len()), None);
                cells[at] = json::scalar(value).and_then(|text| cell(&text));
            }
        }
    }

    fn column(&mut self, path: String) -> Option<usize> {
        if let Some(at) = self.at.get(&path) {
            return Some(*at);
        }
        let at = self.columns.len();
        if at == MAX_COLUMNS {
            return None;
        }
        self.columns.push(path.clone());
        self.at.insert(path, at);
        Some(at)
    }

    fn sample(mut self, rows: Option<String>, broken: usize) -> Sample {
        for record in &mut self.records {
            record.resize(self.columns.len(), None);
        }
        Sample {
            shape: Shape::Json,
            encoding: "auto",
            dialect: Dialect::default(),
            rows,
            columns: self.columns,
            records: self.records,
            broken,
        }
    }
}
