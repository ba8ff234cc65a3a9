//! A record of a table cut into its cells.

use std::borrow::Cow;

use crate::format::Bad;

/// What stands between two cells: one character of ASCII that is neither letter, digit, quote nor line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    pub const COMMA: Self = Self(b',');
    /// Those that platforms write, the usual one first.
    pub const USUAL: [Self; 4] = [Self::COMMA, Self(b';'), Self(b'\t'), Self(b'|')];

    pub fn new(character: char) -> Option<Self> {
        let is_one = character == '\t' || (character.is_ascii_punctuation() && character != '"');
        (is_one).then_some(Self(character as u8))
    }

    pub const fn byte(self) -> u8 {
        self.0
    }

    pub const fn as_char(self) -> char {
        self.0 as char
    }
}

impl Default for Delimiter {
    fn default() -> Self {
        Self::COMMA
    }
}

/// A cell of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell<'a> {
    pub text: Cow<'a, str>,
    /// As it is written, with its quotes.
    pub raw: &'a str,
}

impl Cell<'_> {
    pub fn is_quoted(&self) -> bool {
        self.raw.starts_with('"')
    }
}

/// The texts of the cells of one record, between commas.
///
/// # Errors
/// `csv_quote`: a quoted cell is not closed, or text follows its closing quote.
pub fn cells(record: &str) -> Result<Vec<Cow<'_, str>>, Bad> {
    let cells = cut(Delimiter::COMMA, record)?;
    Ok(cells.into_iter().map(|cell| cell.text).collect())
}

/// The cells of one record.
pub(super) fn cut(delimiter: Delimiter, record: &str) -> Result<Vec<Cell<'_>>, Bad> {
    let record = record.strip_suffix('\n').unwrap_or(record);
    let mut rest = record.strip_suffix('\r').unwrap_or(record);
    let mut cells = Vec::with_capacity(16);
    loop {
        let (text, raw) = if let Some(quoted) = rest.strip_prefix('"') {
            let (text, length) = unquote(quoted)?;
            (text, &rest[..length + 2])
        } else {
            let plain = rest.split(delimiter.as_char()).next().unwrap_or_default();
            (plain.into(), plain)
        };
        let behind = &rest[raw.len()..];
        cells.push(Cell { text, raw });
        rest = match behind.strip_prefix(delimiter.as_char()) {
            Some(next) => next,
            None if behind.is_empty() => return Ok(cells),
            None => return Err(Bad::new("csv_quote", "text follows a closing quote")),
        };
    }
}

/// The content of a quoted cell, and how long it is as written.
fn unquote(text: &str) -> Result<(Cow<'_, str>, usize), Bad> {
    let mut from = 0;
    loop {
        let Some(quote) = text[from..].find('"').map(|at| from + at) else {
            return Err(Bad::new("csv_quote", "a quoted cell is not closed"));
        };
        if text[quote + 1..].starts_with('"') {
            from = quote + 2;
            continue;
        }
        let cell = &text[..quote];
        let content = if from == 0 {
            cell.into()
        } else {
            cell.replace("\"\"", "\"").into()
        };
        return Ok((content, quote));
    }
}

/// The cells of a record of a table with so many columns.
///
/// # Errors
/// `csv_quote`, or `csv_fields`: it has more or fewer cells than the header.
pub fn decode_row(delimiter: Delimiter, columns: usize, record: &str) -> Result<Vec<Cell<'_>>, Bad> {
    let cells = cut(delimiter, record)?;
    if cells.len() == columns {
        Ok(cells)
    } else {
        Err(Bad::new(
            "csv_fields",
            format!("{} cells under {columns} columns", cells.len()),
        ))
    }
}
