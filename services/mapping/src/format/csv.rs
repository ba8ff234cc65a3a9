//! Comma-separated values, RFC 4180: records cut out of a stream, a row cut into cells.
//!
//! Written by hand because the readers of the ecosystem guess their way through a quote that is never closed, and swallow the
//! records behind it. Here such a line alone is broken and the next line starts afresh.

use std::borrow::Cow;
use std::io::{self, Read};

use super::encoding::{self, Encoding, Utf8Reader};
use super::window::{Patience, Window};
use super::{Bad, Frame, MAX_RECORD};

/// A quoted cell that runs on for longer than this was never closed.
const MAX_CELL: usize = 1 << 20;

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Io(#[from] io::Error),
    /// `csv_empty`: there is not even a header; `csv_header`: the header's quotes are broken.
    #[error("{0}")]
    Header(Bad),
}

/// A file with a header; iterates over its records.
pub struct Table<R> {
    frames: Frames<Utf8Reader<R>>,
    columns: Vec<String>,
}

impl<R: Read> Table<R> {
    /// Reads the header. A file with a header and no records is a table of none.
    pub fn open(reader: R, encoding: Encoding) -> Result<Self, Error> {
        let mut frames = Frames::new(Utf8Reader::open(reader, encoding)?);
        let Some(header) = frames.next().transpose()? else {
            return Err(Error::Header(Bad::new("csv_empty", "the file has no header")));
        };
        let columns = match header.broken {
            None => cells(&encoding::text(&header.raw))
                .map(|cells| cells.iter().map(|cell| cell.trim().to_owned()).collect()),
            Some(_) => Err(Bad::new("csv_header", "a quote of the header is not closed")),
        };
        frames.ordinal = 0;
        Ok(Self {
            frames,
            columns: columns.map_err(|bad| {
                Error::Header(Bad {
                    reason: "csv_header",
                    ..bad
                })
            })?,
        })
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

impl<R: Read> Iterator for Table<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        self.frames.next()
    }
}

/// The records of a stream of UTF-8, the header being one of them. Blank lines are none.
pub struct Frames<R> {
    window: Window<R>,
    patience: Patience,
    ordinal: u64,
    /// The front of the window continues a line that is too long.
    within: bool,
}

/// What a piece is: no record, a sound one, or a broken one with the reason.
type Content = Option<Option<&'static str>>;

/// What stands at the front of the window: so many bytes of …
enum Piece {
    Blank(usize),
    /// … the rest of a line whose start was reported as too long.
    Rest(usize),
    Record(usize),
    Broken(usize, &'static str),
}

impl<R: Read> Frames<R> {
    pub fn new(reader: R) -> Self {
        Self {
            window: Window::new(reader),
            patience: Patience::default(),
            ordinal: 0,
            within: false,
        }
    }

    fn piece(&mut self) -> io::Result<Option<Piece>> {
        let Some(first) = self.window.line_end(0, MAX_RECORD)? else {
            return Ok(None);
        };
        let line = &self.window.bytes()[..first];
        let whole = line.ends_with(b"\n") || first < MAX_RECORD;
        if std::mem::replace(&mut self.within, !whole) {
            return Ok(Some(Piece::Rest(first)));
        }
        if !whole {
            return Ok(Some(Piece::Broken(first, "record_too_long")));
        }
        if line.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            return Ok(Some(Piece::Blank(first)));
        }
        if !line.contains(&b'"') {
            return Ok(Some(Piece::Record(first)));
        }
        let mut scan = Scan::default();
        let mut end = first;
        let mut seen = 0;
        loop {
            match scan.line(&self.window.bytes()[seen..end]) {
                Verdict::Complete => return Ok(Some(Piece::Record(end))),
                Verdict::Open if end < MAX_RECORD && scan.cell <= MAX_CELL && self.patience.is_left() => {}
                Verdict::Open | Verdict::Stray => break,
            }
            seen = end;
            match self.window.line_end(end, MAX_RECORD)? {
                Some(next) => end = next,
                None => break,
            }
        }
        self.patience.spend(end - first);
        Ok(Some(Piece::Broken(first, "csv_quote")))
    }

    /// The next piece of the input; the pieces together are the input.
    fn advance(&mut self) -> io::Result<Option<(Vec<u8>, Content)>> {
        let Some(piece) = self.piece()? else {
            return Ok(None);
        };
        let (count, kind) = match piece {
            Piece::Blank(count) | Piece::Rest(count) => (count, None),
            Piece::Record(count) => (count, Some(None)),
            Piece::Broken(count, reason) => (count, Some(Some(reason))),
        };
        self.patience.earn(count);
        Ok(Some((self.window.take(count), kind)))
    }
}

impl<R: Read> Iterator for Frames<R> {
    type Item = io::Result<Frame>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = self.window.line();
            match self.advance().transpose()? {
                Err(error) => return Some(Err(error)),
                Ok((_, None)) => {}
                Ok((raw, Some(broken))) => {
                    let ordinal = self.ordinal;
                    self.ordinal += 1;
                    return Some(Ok(Frame {
                        line,
                        ordinal,
                        raw,
                        broken,
                    }));
                }
            }
        }
    }
}

/// Follows the quotes of a record from line to line.
#[derive(Default)]
struct Scan {
    place: Place,
    /// Length so far of the quoted cell that is open.
    cell: usize,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Place {
    #[default]
    Start,
    Plain,
    Quoted,
    /// Behind a quote within a quoted cell: the cell ends, or it was the first of two.
    Quote,
}

enum Verdict {
    Complete,
    /// A quoted cell goes on behind the line.
    Open,
    /// Text behind a closing quote.
    Stray,
}

impl Scan {
    fn line(&mut self, line: &[u8]) -> Verdict {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        for byte in content {
            self.place = match (self.place, byte) {
                (Place::Start, b'"') => {
                    self.cell = 0;
                    Place::Quoted
                }
                (Place::Start | Place::Plain | Place::Quote, b',') => Place::Start,
                (Place::Start | Place::Plain, _) => Place::Plain,
                (Place::Quoted, b'"') => Place::Quote,
                (Place::Quoted, _) | (Place::Quote, b'"') => {
                    self.cell += 1;
                    Place::Quoted
                }
                (Place::Quote, _) => return Verdict::Stray,
            };
        }
        self.cell += line.len() - content.len();
        if self.place == Place::Quoted {
            Verdict::Open
        } else {
            Verdict::Complete
        }
    }
}

/// The cells of one record.
///
/// # Errors
/// `csv_quote`: a quoted cell is not closed, or text follows its closing quote.
pub fn cells(record: &str) -> Result<Vec<Cow<'_, str>>, Bad> {
    let record = record.strip_suffix('\n').unwrap_or(record);
    let mut rest = record.strip_suffix('\r').unwrap_or(record);
    let mut cells = Vec::with_capacity(16);
    loop {
        let (cell, behind) = if let Some(quoted) = rest.strip_prefix('"') {
            unquote(quoted)?
        } else {
            plain(rest)
        };
        cells.push(cell);
        match behind {
            None => return Ok(cells),
            Some(next) => rest = next,
        }
    }
}

/// A cell, and what stands behind the comma that follows it, if one does.
type Cell<'a> = (Cow<'a, str>, Option<&'a str>);

fn plain(text: &str) -> Cell<'_> {
    match text.split_once(',') {
        None => (text.into(), None),
        Some((cell, behind)) => (cell.into(), Some(behind)),
    }
}

fn unquote(text: &str) -> Result<Cell<'_>, Bad> {
    let mut from = 0;
    loop {
        let Some(quote) = text[from..].find('"').map(|at| from + at) else {
            return Err(Bad::new("csv_quote", "a quoted cell is not closed"));
        };
        let behind = &text[quote + 1..];
        if behind.starts_with('"') {
            from = quote + 2;
            continue;
        }
        let cell = &text[..quote];
        let cell = if from == 0 {
            cell.into()
        } else {
            cell.replace("\"\"", "\"").into()
        };
        return match behind.strip_prefix(',') {
            Some(next) => Ok((cell, Some(next))),
            None if behind.is_empty() => Ok((cell, None)),
            None => Err(Bad::new("csv_quote", "text follows a closing quote")),
        };
    }
}

/// The cells of a record of a table with so many columns.
///
/// # Errors
/// `csv_quote`, or `csv_fields`: it has more or fewer cells than the header.
pub fn decode_row(columns: usize, record: &str) -> Result<Vec<Cow<'_, str>>, Bad> {
    let cells = cells(record)?;
    if cells.len() == columns {
        Ok(cells)
    } else {
        Err(Bad::new(
            "csv_fields",
            format!("{} cells under {columns} columns", cells.len()),
        ))
    }
}

#[cfg(test)]
mod tests;
