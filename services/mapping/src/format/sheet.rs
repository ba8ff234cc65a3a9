//! A sheet of a workbook as rows of CSV, so that a record of it travels, is blanked, shown and quarantined as any other row.
//!
//! Text stands in quotes, everything else bare: that tells the id that is text from the one that is a number, and the word `#N/A`
//! from a formula that fails. `.xlsx` is read row by row; `.xls` and `.ods` are loaded, as their formats ask for it. The texts that a
//! workbook keeps once for all its cells are held in memory; how much that can be is known before anything is (see [`unpacked`]).

mod cell;
mod error;
mod merged;
mod rows;
mod shown;
mod unpacked;

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use calamine::{Ods, Reader as _, Sheet as Listed, SheetType, SheetVisible, Xls, Xlsx};

use super::Frame;
use super::csv::Dialect;
pub use cell::{is_error, written};
pub use error::Error;
use merged::Merged;
use rows::Row;

/// Which sheet of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SheetName {
    Name(String),
    /// From 1.
    Number(u32),
}

/// A workbook of which one sheet is read.
pub struct Sheet<R> {
    book: Book<BufReader<R>>,
    name: String,
    merged: Merged,
    dialect: Dialect,
    columns: Vec<String>,
}

pub(super) enum Book<R> {
    Xlsx(Xlsx<R>),
    Xls(Xls<R>),
    Ods(Ods<R>),
}

/// What stands near the start of an `.ods`.
const ODS: &[u8] = b"opendocument.spreadsheet";

impl<R: Read + Seek> Book<R> {
    /// The first bytes say what it is, for the ending of a file's name may not.
    fn open(mut reader: R) -> Result<Self, Error> {
        let mut start = [0; 100];
        let mut length = 0;
        while length < start.len() {
            match reader.read(&mut start[length..])? {
                0 => break,
                read => length += read,
            }
        }
        reader.seek(SeekFrom::Start(0))?;
        let start = &start[..length];
        if start.starts_with(b"\xd0\xcf\x11\xe0") {
            // an encrypted .xlsx lies in such a container too
            if let Err(calamine::XlsxError::Password) = Xlsx::new(&mut reader) {
                return Err(Error::Password);
            }
            reader.seek(SeekFrom::Start(0))?;
            return Ok(Self::Xls(Xls::new(reader)?));
        }
        if !start.starts_with(b"PK") {
            return Err(Error::NotAWorkbook);
        }
        unpacked::check(&mut reader)?;
        reader.seek(SeekFrom::Start(0))?;
        let is_ods = start.windows(ODS.len()).any(|part| part == ODS);
        Ok(if is_ods {
            Self::Ods(Ods::new(reader)?)
        } else {
            Self::Xlsx(Xlsx::new(reader)?)
        })
    }

    fn sheets(&self) -> Vec<Listed> {
        let listed = match self {
            Self::Xlsx(book) => book.sheets_metadata(),
            Self::Xls(book) => book.sheets_metadata(),
            Self::Ods(book) => book.sheets_metadata(),
        };
        let is_table = |sheet: &&Listed| sheet.typ == SheetType::WorkSheet;
        listed.iter().filter(is_table).cloned().collect()
    }

    /// The sheet that is meant.
    fn choose(&self, wanted: Option<&SheetName>) -> Result<String, Error> {
        let sheets = self.sheets();
        let found = match wanted {
            None => sheets.iter().find(|sheet| sheet.visible == SheetVisible::Visible),
            Some(SheetName::Number(number)) => sheets.get(*number as usize - 1),
            Some(SheetName::Name(name)) => sheets.iter().find(|sheet| sheet.name.trim() == name.trim()),
        };
        found
            .map(|sheet| sheet.name.clone())
            .ok_or_else(|| Error::SheetMissing {
                wanted: wanted.cloned(),
                sheets: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
            })
    }
}

impl<R: Read + Seek> Sheet<R> {
    /// Reads the header. A sheet with a header and no rows below it is a table of none.
    ///
    /// # Errors
    /// It is no workbook, or protected by a password, or damaged; it has no such sheet, or the sheet no header there.
    pub fn open(reader: R, wanted: Option<&SheetName>, dialect: Dialect) -> Result<Self, Error> {
        let mut book = Book::open(BufReader::with_capacity(1 << 16, reader))?;
        let name = book.choose(wanted)?;
        let merged = Merged::of(&mut book, &name)?;
        let mut this = Self {
            book,
            name,
            merged,
            dialect,
            columns: Vec::new(),
        };
        this.columns = this.header()?;
        Ok(this)
    }

    fn header(&mut self) -> Result<Vec<String>, Error> {
        self.merged.check_header(self.dialect.above)?;
        let (mut merged, above) = (self.merged.clone(), self.dialect.above);
        let (mut header, mut is_empty) = (None, true);
        self.each_row(|mut row| {
            is_empty = false;
            merged.fill(&mut row, usize::MAX);
            if row.number < above {
                return ControlFlow::Continue(());
            }
            header = (row.number == above).then_some(row);
            ControlFlow::Break(())
        })?;
        match header.map(Row::into_names) {
            Some(names) if !names.is_empty() => Ok(names),
            _ if is_empty => Err(Error::SheetEmpty(self.name.clone())),
            _ => Err(Error::HeaderMissing {
                sheet: self.name.clone(),
                row: above + 1,
            }),
        }
    }

    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many regions of merged cells the rows below the header have.
    pub fn merged(&self) -> usize {
        self.merged.below(self.dialect.above)
    }

    /// Cuts the sheet into records until it ends or `take` has enough. Only one row is held at a time.
    ///
    /// # Errors
    /// The sheet cannot be read on.
    pub fn rows(mut self, mut take: impl FnMut(Frame) -> ControlFlow<()>) -> Result<(), Error> {
        let (mut merged, above) = (self.merged.clone(), self.dialect.above);
        let width = self.columns.len();
        let mut ordinal = 0;
        self.each_row(|mut row| {
            if row.number <= above {
                merged.fill(&mut row, width);
                return ControlFlow::Continue(());
            }
            // what only merged cells reach into is the row that they belong to
            let is_record = row.is_filled(width);
            merged.fill(&mut row, width);
            if !is_record {
                return ControlFlow::Continue(());
            }
            let frame = Frame {
                line: u64::from(row.number) + 1,
                ordinal,
                raw: row.into_csv(width).into_bytes(),
                broken: None,
            };
            ordinal += 1;
            take(frame)
        })
    }

    fn each_row(&mut self, take: impl FnMut(Row) -> ControlFlow<()>) -> Result<(), Error> {
        rows::each(&mut self.book, &self.name, take)
    }
}

#[cfg(test)]
mod tests;
