//! Comma-separated values, RFC 4180: records cut out of a stream, a row cut into cells.
//!
//! Written by hand because the readers of the ecosystem guess their way through a quote that is never closed, and swallow the
//! records behind it. Here such a line alone is broken and the next line starts afresh.

mod row;

use std::io::{self, Read};

use super::encoding::{self, Encoding, Utf8Reader};
use super::window::{Patience, Window};
use super::{Bad, Frame, MAX_RECORD};
use crate::problem::Bilingual;
pub use row::{Cell, Delimiter, cells, decode_row};

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

impl Error {
    /// The same in both languages.
    pub fn say(&self) -> Bilingual {
        let zh = match self {
            Self::Header(bad) if bad.reason == "csv_empty" => {
                "文件没有表头；若表头不在该行，请改 header_row".to_owned()
            }
            Self::Header(_) => "表头的引号未闭合".to_owned(),
            Self::Io(error) => error.to_string(),
        };
        Bilingual {
            zh,
            en: self.to_string(),
        }
    }
}

/// How a source writes its tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    pub delimiter: Delimiter,
    /// Lines above the header, such as a title.
    pub above: u32,
}

/// A file with a header; iterates over its records.
pub struct Table<R> {
    frames: Frames<Utf8Reader<R>>,
    encoding: &'static str,
    columns: Vec<String>,
}

impl<R: Read> Table<R> {
    /// Reads the header, which is the first line, of cells between commas.
    pub fn open(reader: R, encoding: Encoding) -> Result<Self, Error> {
        Self::open_as(reader, encoding, Dialect::default())
    }

    /// Reads the header. A file with a header and no records is a table of none.
    pub fn open_as(reader: R, encoding: Encoding, dialect: Dialect) -> Result<Self, Error> {
        let reader = Utf8Reader::open(reader, encoding)?;
        let encoding = reader.encoding();
        let mut frames = Frames::delimited(reader, dialect.delimiter);
        frames.pass_lines(dialect.above)?;
        let Some(header) = frames.next().transpose()? else {
            return Err(Error::Header(Bad::new(
                "csv_empty",
                "the file has no header; if it stands in another line, mend header_row",
            )));
        };
        let columns = match header.broken {
            None => row::cut(dialect.delimiter, &encoding::text(&header.raw))
                .map(|cells| cells.iter().map(|cell| cell.text.trim().to_owned()).collect()),
            Some(_) => Err(Bad::new("csv_header", "a quote of the header is not closed")),
        };
        frames.ordinal = 0;
        Ok(Self {
            frames,
            encoding,
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

    /// What the file turned out to be written in.
    pub const fn encoding(&self) -> &'static str {
        self.encoding
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
    delimiter: Delimiter,
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
    #[cfg(test)]
    fn new(reader: R) -> Self {
        Self::delimited(reader, Delimiter::COMMA)
    }

    fn delimited(reader: R, delimiter: Delimiter) -> Self {
        Self {
            window: Window::new(reader),
            delimiter,
            patience: Patience::default(),
            ordinal: 0,
            within: false,
        }
    }

    /// Moves on over lines, whatever they hold.
    fn pass_lines(&mut self, count: u32) -> io::Result<()> {
        let mut passed = 0;
        while passed < count {
            let Some(end) = self.window.line_end(0, MAX_RECORD)? else {
                break;
            };
            passed += u32::from(self.window.bytes()[..end].ends_with(b"\n"));
            self.window.skip(end);
        }
        Ok(())
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
        let mut scan = Scan::new(self.delimiter);
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
struct Scan {
    delimiter: Delimiter,
    place: Place,
    /// Length so far of the quoted cell that is open.
    cell: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
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
    const fn new(delimiter: Delimiter) -> Self {
        Self {
            delimiter,
            place: Place::Start,
            cell: 0,
        }
    }

    fn line(&mut self, line: &[u8]) -> Verdict {
        let content = line.strip_suffix(b"\n").unwrap_or(line);
        let content = content.strip_suffix(b"\r").unwrap_or(content);
        for byte in content {
            self.place = match (self.place, byte) {
                (Place::Start, b'"') => {
                    self.cell = 0;
                    Place::Quoted
                }
                (Place::Start | Place::Plain | Place::Quote, byte) if *byte == self.delimiter.byte() => {
                    Place::Start
                }
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

#[cfg(test)]
mod tests;
