//! Tables: delimited texts and the sheets of workbooks.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::{MAX_BYTES, Row, Sample, Shape, Unusable, cell};
use crate::format::Frame;
use crate::format::csv::{self, Delimiter, Dialect};
use crate::format::encoding::{self, Encoding};
use crate::format::sheet::{Sheet, SheetName};

pub(super) fn delimited(reader: impl Read, dialect: Dialect, most: usize) -> Result<Sample, Unusable> {
    let table = csv::Table::open_as(reader, Encoding::Auto, dialect).map_err(|error| match error {
        csv::Error::Io(error) => Unusable::Io(error),
        csv::Error::Header(_) => Unusable::because(
            "没有表头，或表头的引号没有闭合",
            "there is no header, or a quote of it is not closed",
        ),
    })?;
    let mut rows = Rows::new(table.columns().to_vec(), dialect.delimiter);
    for frame in table.take(most) {
        if rows.add(&frame?).is_break() {
            break;
        }
    }
    Ok(rows.sample(Shape::Csv, dialect))
}

/// A sheet, the first that is visible unless another is named. A workbook is loaded whole, for its rows are found from its end.
pub(super) fn sheet(
    mut reader: impl Read,
    name: Option<&SheetName>,
    above: u32,
    most: usize,
) -> Result<Sample, Unusable> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes)?;
    let dialect = Dialect {
        above,
        ..Dialect::default()
    };
    let sheet =
        Sheet::open(io::Cursor::new(bytes), name, dialect).map_err(|error| Unusable::Because(error.say()))?;
    let mut rows = Rows::new(sheet.columns().to_vec(), Delimiter::COMMA);
    let taken = sheet.rows(|frame| {
        if rows.records.len() + rows.broken == most {
            return ControlFlow::Break(());
        }
        rows.add(&frame)
    });
    taken.map_err(|error| Unusable::Because(error.say()))?;
    Ok(Sample {
        sheet: name.cloned(),
        ..rows.sample(Shape::Spreadsheet, dialect)
    })
}

/// Rows below a header, as they are read.
struct Rows {
    columns: Vec<String>,
    delimiter: Delimiter,
    records: Vec<Row>,
    broken: usize,
    bytes: usize,
}

impl Rows {
    const fn new(columns: Vec<String>, delimiter: Delimiter) -> Self {
        Self {
            columns,
            delimiter,
            records: Vec::new(),
            broken: 0,
            bytes: 0,
        }
    }

    /// Breaks once enough was looked at.
    fn add(&mut self, frame: &Frame) -> ControlFlow<()> {
        self.bytes += frame.raw.len();
        if self.bytes > MAX_BYTES && !self.records.is_empty() {
            return ControlFlow::Break(());
        }
        match self.row(frame) {
            Some(row) => self.records.push(row),
            None => self.broken += 1,
        }
        ControlFlow::Continue(())
    }

    fn row(&self, frame: &Frame) -> Option<Row> {
        if frame.broken.is_some() {
            return None;
        }
        let text = encoding::text(&frame.raw);
        let cells = csv::decode_row(self.delimiter, self.columns.len(), &text).ok()?;
        Some(cells.iter().map(|it| cell(&it.text)).collect())
    }

    fn sample(self, shape: Shape, dialect: Dialect) -> Sample {
        Sample {
            dialect,
            ..Sample::new(shape, self.columns, self.records, self.broken)
        }
    }
}

/// The delimiter that parts the header into most columns; a comma unless another one parts it into more.
pub(super) fn dialect(head: &[u8], above: u32) -> Dialect {
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
