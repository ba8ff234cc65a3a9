//! A mapping fitted to what it reads: columns are looked up once in a header, pointers are found in one pass over a message.

use std::borrow::Cow;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::envelope::Op;
use super::problem::{Problem, nearest};
use super::{Mapping, Outcome, Receipt, Registry, Use, apply};
use crate::format::json::{self, Names};
use crate::format::{Bad, Fields, Format, Slot, csv, encoding};

/// A mapping that can read records.
#[derive(Clone, Debug)]
pub struct Bound<'m> {
    mapping: &'m Mapping,
    layout: Layout,
}

#[derive(Clone, Debug)]
enum Layout {
    Columns {
        count: usize,
        /// The column of each name of the mapping.
        at: Vec<usize>,
        personal: Vec<usize>,
    },
    Json(Names),
}

/// The fields of one record.
#[derive(Debug)]
pub struct Row<'a> {
    values: Vec<Option<Cow<'a, str>>>,
    deleted: bool,
}

impl Fields for Row<'_> {
    fn get(&self, slot: Slot<'_>) -> Option<Cow<'_, str>> {
        self.values.get(slot.index)?.as_deref().map(Cow::Borrowed)
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
            return Err(unknown);
        }
        let layout = Layout::Columns {
            count: columns.len(),
            at: self.names.iter().filter_map(|name| at(name)).collect(),
            personal: self.personal().filter_map(at).collect(),
        };
        Ok(Bound {
            mapping: self,
            layout,
        })
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
        if self.format != Format::Json {
            return Shown::withheld(message);
        }
        let hidden: Vec<String> = self.personal().filter_map(member).collect();
        let is_personal = |key: &str| hidden.iter().any(|name| name == key);
        json::blanked(&encoding::text(message), &is_personal)
            .map_or_else(|_| Shown::withheld(message), Shown::Text)
    }
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
    let advice = match nearest(name, columns.iter().map(String::as_str)) {
        Some(meant) => [format!("是否指 {meant}？"), format!("did you mean {meant}?")],
        None => [
            format!("有这些列：{}", columns.join("、")),
            format!("the columns are {}", columns.join(", ")),
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

impl Bound<'_> {
    pub const fn mapping(&self) -> &Mapping {
        self.mapping
    }

    /// The fields of one record: a row of a table, a JSON object, or the row in an envelope. `None`: the envelope holds no row.
    ///
    /// # Errors
    /// `csv_quote`, `csv_fields`, `json`, `envelope`, `op_unknown` or `value_unavailable`: it is no such record.
    pub fn read<'a>(&self, record: &'a str) -> Result<Option<Row<'a>>, Bad> {
        let Some(envelope) = self.mapping.envelope else {
            return self.fields(record).map(Some);
        };
        let Some(change) = envelope.open(record)? else {
            return Ok(None);
        };
        let mut row = self.fields(change.row)?;
        if row
            .values
            .iter()
            .flatten()
            .any(|value| envelope.is_unavailable(value))
        {
            return Err(Bad::new("value_unavailable", "the database did not send a field"));
        }
        row.deleted = change.op == Op::Delete;
        for (index, name) in &self.mapping.own {
            row.values[*index] = change.own(name).map(Cow::Owned);
        }
        Ok(Some(row))
    }

    fn fields<'a>(&self, record: &'a str) -> Result<Row<'a>, Bad> {
        let values = match &self.layout {
            Layout::Json(names) => names.read(record)?,
            Layout::Columns { count, at, .. } => {
                let cells = csv::decode_row(*count, record)?;
                // a text that several fields use is copied only where its cell held doubled quotes
                at.iter().map(|column| Some(cells[*column].clone())).collect()
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
            Layout::Columns { count, personal, .. } if !personal.is_empty() => {
                blank_row(&encoding::text(raw), *count, personal)
                    .map_or_else(|_| Shown::withheld(raw), Shown::Text)
            }
            // of anything but an object nobody knows what its values are; null has none
            Layout::Json(_)
                if !self.mapping.personal.is_empty()
                    && !raw.trim_ascii_start().starts_with(b"{")
                    && raw.trim_ascii() != b"null" =>
            {
                Shown::withheld(raw)
            }
            _ => self.mapping.shown(raw),
        }
    }
}

/// The row written anew: a cell's quotes are kept where they are needed.
fn blank_row(record: &str, columns: usize, personal: &[usize]) -> Result<String, Bad> {
    let mut cells = csv::decode_row(columns, record)?;
    for column in personal {
        cells[*column] = "***".into();
    }
    let written: Vec<Cow<'_, str>> = cells
        .into_iter()
        .map(|cell| {
            if cell.contains(['"', ',', '\n', '\r']) {
                format!("\"{}\"", cell.replace('"', "\"\"")).into()
            } else {
                cell
            }
        })
        .collect();
    Ok(written.join(","))
}

#[cfg(test)]
mod tests;
