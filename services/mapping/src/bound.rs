//! A mapping fitted to what it reads: columns are looked up once in a header, pointers are found in one pass over a message.

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::check::delimited_otherwise;
use super::envelope::Op;
use super::problem::{Problem, nearest};
use super::{Mapping, Outcome, Receipt, Registry, Use, apply};
use crate::format::csv::{Cell, Delimiter};
use crate::format::json::{self, Names};
use crate::format::xml::{self, Hidden, Paths};
use crate::format::{Bad, Fields, Format, Slot, Value, Written, csv, encoding, sheet};

/// A mapping that can read records.
#[derive(Clone, Debug)]
pub struct Bound<'m> {
    mapping: &'m Mapping,
    layout: Layout,
}

#[derive(Clone, Debug)]
enum Layout {
    Columns {
        cells: Cells,
        count: usize,
        /// The column of each name of the mapping; `None`: there is none, and nothing needs it.
        at: Vec<Option<usize>>,
        personal: Vec<usize>,
    },
    Json(Names),
    Xml(Paths),
}

/// How the cells of a row are written.
#[derive(Clone, Copy, Debug)]
enum Cells {
    Delimited(Delimiter),
    /// Text in quotes, everything else bare.
    OfSheet,
}

impl Cells {
    const fn delimiter(self) -> Delimiter {
        match self {
            Self::Delimited(delimiter) => delimiter,
            Self::OfSheet => Delimiter::COMMA,
        }
    }

    fn written(self, cell: &Cell<'_>) -> Written {
        match self {
            // a sheet that was saved as CSV
            Self::Delimited(_) if sheet::is_error(&cell.text) => Written::Error,
            Self::OfSheet if !cell.is_quoted() => sheet::written(&cell.text),
            Self::Delimited(_) | Self::OfSheet => Written::Text,
        }
    }
}

/// The fields of one record.
#[derive(Debug)]
pub struct Row<'a> {
    values: Vec<Option<Value<'a>>>,
    deleted: bool,
}

impl Row<'_> {
    fn value(&self, slot: Slot<'_>) -> Option<&Value<'_>> {
        self.values.get(slot.index)?.as_ref()
    }
}

impl Fields for Row<'_> {
    fn get(&self, slot: Slot<'_>) -> Option<Cow<'_, str>> {
        self.value(slot).map(|value| Cow::Borrowed(&*value.text))
    }

    fn written(&self, slot: Slot<'_>) -> Written {
        self.value(slot).map(|value| value.written).unwrap_or_default()
    }

    fn is_deleted(&self) -> bool {
        self.deleted
    }
}

/// The bytes of a record as a person may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// With every personal field blanked.
    Text(String),
    /// It cannot be told where personal fields stand, so none of it is shown. `sha256` is in hexadecimal digits.
    Withheld { length: usize, sha256: String },
}

impl Shown {
    pub fn withheld(bytes: &[u8]) -> Self {
        Self::Withheld {
            length: bytes.len(),
            sha256: hex::encode(Sha256::digest(bytes)),
        }
    }
}

impl Mapping {
    /// Fits the mapping to the header of a table.
    ///
    /// # Errors
    /// `column_unknown` for every column that it names and the header does not.
    pub fn bind_columns(&self, columns: &[String]) -> Result<Bound<'_>, Vec<Problem>> {
        let at = |name: &str| columns.iter().position(|column| column == name.trim());
        let uses = self.uses.iter().chain(&self.personal);
        let unknown: Vec<_> = uses
            .filter(|used| at(&used.name).is_none())
            .map(|used| column_unknown(used, columns))
            .collect();
        if !unknown.is_empty() {
            return Err(delimited_otherwise(self, columns).map_or(unknown, |problem| vec![problem]));
        }
        let layout = Layout::Columns {
            cells: match self.format {
                Format::Xlsx => Cells::OfSheet,
                _ => Cells::Delimited(self.dialect.delimiter),
            },
            count: columns.len(),
            at: self.names.iter().map(|name| at(name)).collect(),
            personal: self.personal().filter_map(at).collect(),
        };
        Ok(Bound {
            mapping: self,
            layout,
        })
    }

    /// Fits the mapping to messages that hold a record each, or to records cut out of a file without a header.
    pub fn bind_message(&self) -> Bound<'_> {
        match self.format {
            Format::Xml => Bound {
                mapping: self,
                layout: Layout::Xml(Paths::new(self.names.iter().map(String::as_str))),
            },
            Format::Csv | Format::Json | Format::Xlsx | Format::Protobuf => self.bind_json(),
        }
    }

    /// Fits the mapping to JSON.
    pub fn bind_json(&self) -> Bound<'_> {
        Bound {
            mapping: self,
            layout: Layout::Json(Names::new(self.names.iter().map(String::as_str))),
        }
    }

    /// A message of the source as a person may see it, whatever state it is in. A row of a table needs its header:
    /// [`Bound::shown`].
    pub fn shown(&self, message: &[u8]) -> Shown {
        if self.personal.is_empty() {
            return Shown::Text(encoding::text(message).into_owned());
        }
        let hidden: Vec<String> = self.personal().filter_map(member).collect();
        let text = encoding::text(message);
        let blanked = match self.format {
            Format::Json => json::blanked(unmarked(&text), &|key| hidden.iter().any(|name| name == key)),
            Format::Xml => xml::blanked(&text, &Hidden::new(&hidden)),
            Format::Csv | Format::Xlsx | Format::Protobuf => return Shown::withheld(message),
        };
        blanked.map_or_else(|_| Shown::withheld(message), Shown::Text)
    }
}

/// Without the mark that some programs write before every text.
pub(crate) fn unmarked(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn is_object(raw: &[u8]) -> bool {
    unmarked(&encoding::text(raw)).trim_start().starts_with('{')
}

/// The member that a pointer ends at: an element of an array is hidden with its array.
fn member(name: &str) -> Option<String> {
    json::tokens(name)
        .into_iter()
        .rev()
        .find(|token| token.parse::<usize>().is_err())
}

pub(crate) fn column_unknown(used: &Use, columns: &[String]) -> Problem {
    let name = &used.name;
    if let Some(meant) = columns.iter().find(|column| visible(column) == visible(name)) {
        return unseen(used, meant);
    }
    let advice = match nearest(name, columns.iter().map(String::as_str)) {
        Some(meant) => [format!("是否指 {meant}？"), format!("did you mean {meant}?")],
        None => [
            format!("有这些列：{}；若表头在下面，写 header_row", columns.join("、")),
            format!(
                "the columns are {}; if the header stands further down, say header_row",
                columns.join(", ")
            ),
        ],
    };
    let what = [&*format!("没有列 {name}"), &*format!("there is no column {name}")];
    Problem::new(
        "column_unknown",
        &used.key,
        used.place,
        what,
        [&advice[0], &advice[1]],
    )
}

/// What is left of a name without spaces of any kind and marks that no screen shows, in full and half width.
fn visible(name: &str) -> String {
    let is_seen = |c: &char| {
        !c.is_whitespace()
            && !c.is_control()
            && !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2060}')
    };
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        other => other,
    };
    name.chars().filter(is_seen).map(half).collect()
}

/// The names look the same and are not.
fn unseen(used: &Use, meant: &str) -> Problem {
    let name = &used.name;
    let escaped = meant.escape_debug();
    Problem::new(
        "column_unknown",
        &used.key,
        used.place,
        [
            &format!("没有列 {name}：表头写作 \"{escaped}\"，两者空格、全角半角或不可见字符不同"),
            &format!(
                "there is no column {name}: the header says \"{escaped}\", which differs in spaces, width or marks that no screen shows"
            ),
        ],
        [
            &format!("照写 \"{escaped}\"，或改表头"),
            &format!("write \"{escaped}\", or mend the header"),
        ],
    )
}

impl Bound<'_> {
    pub const fn mapping(&self) -> &Mapping {
        self.mapping
    }

    /// The fields of one record: a row of a table, a JSON object, or the row in an envelope. `None`: the envelope holds no row.
    ///
    /// # Errors
    /// `csv_quote`, `csv_fields`, `json`, `envelope`, `op_unknown`, `value_unavailable` or one of XML's: it is no such record.
    pub fn read<'a>(&self, record: &'a str) -> Result<Option<Row<'a>>, Bad> {
        let Some(envelope) = self.mapping.envelope else {
            return self.fields(record).map(Some);
        };
        let Some(change) = envelope.open(unmarked(record))? else {
            return Ok(None);
        };
        let mut row = self.fields(change.row)?;
        let mut values = row.values.iter().flatten();
        if values.any(|value| envelope.is_unavailable(&value.text)) {
            return Err(Bad::new("value_unavailable", "the database did not send a field"));
        }
        row.deleted = change.op == Op::Delete;
        for (index, name) in &self.mapping.own {
            row.values[*index] = change.own(name).map(|text| Value {
                text: Cow::Owned(text),
                written: Written::Text,
            });
        }
        Ok(Some(row))
    }

    fn fields<'a>(&self, record: &'a str) -> Result<Row<'a>, Bad> {
        let values = match &self.layout {
            Layout::Json(names) => names.read(unmarked(record))?,
            Layout::Xml(paths) => paths.read(record)?,
            Layout::Columns { cells, count, at, .. } => {
                let row = csv::decode_row(cells.delimiter(), *count, record)?;
                // a text that several fields use is copied only where its cell held doubled quotes
                let value = |column: &usize| Value {
                    text: row[*column].text.clone(),
                    written: cells.written(&row[*column]),
                };
                at.iter().map(|column| column.as_ref().map(value)).collect()
            }
        };
        Ok(Row {
            values,
            deleted: false,
        })
    }

    /// Reads a record and says what it is.
    pub fn outcome(&self, raw: &[u8], registry: &dyn Registry, receipt: Receipt) -> Outcome {
        match self.read(&encoding::text(raw)) {
            Ok(Some(row)) => apply(self.mapping, &row, registry, receipt),
            Ok(None) => Outcome::Skipped,
            Err(bad) => Outcome::Quarantine {
                reason: bad.reason,
                field: None,
            },
        }
    }

    /// A record as a person may see it.
    pub fn shown(&self, raw: &[u8]) -> Shown {
        match &self.layout {
            Layout::Columns {
                cells,
                count,
                personal,
                ..
            } if !personal.is_empty() => blank_row(cells.delimiter(), &encoding::text(raw), *count, personal)
                .map_or_else(|_| Shown::withheld(raw), Shown::Text),
            // of anything but an object nobody knows what its values are; null has none
            Layout::Json(_)
                if !self.mapping.personal.is_empty() && !is_object(raw) && raw.trim_ascii() != b"null" =>
            {
                Shown::withheld(raw)
            }
            _ => self.mapping.shown(raw),
        }
    }
}

/// The row with some of its cells replaced; the others as they are written, for their quotes may say what they hold.
fn blank_row(delimiter: Delimiter, record: &str, columns: usize, personal: &[usize]) -> Result<String, Bad> {
    let cells = csv::decode_row(delimiter, columns, record)?;
    let mut written: Vec<&str> = cells.iter().map(|cell| cell.raw).collect();
    for column in personal {
        written[*column] = "***";
    }
    Ok(written.join(&delimiter.as_char().to_string()))
}

#[cfg(test)]
mod tests;
