//! The rows of a sheet, one after the other.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use calamine::{Data, Range, Reader as _};

use super::cell::Cell;
use super::shown::shown;
use super::{Book, Error};

/// What a sheet has in every spreadsheet program. A cell that says it lies beyond would have memory taken for all before it.
const MAX_ROWS: u32 = 1 << 20;
pub(super) const MAX_COLUMNS: u32 = 1 << 14;

/// `cell_beyond`: whoever wrote the cell is no spreadsheet program.
pub(super) fn check_place(row: u32, column: u32) -> Result<(), Error> {
    if row < MAX_ROWS && column < MAX_COLUMNS {
        return Ok(());
    }
    let (row, column) = (u64::from(row) + 1, u64::from(column) + 1);
    Err(Error::Damaged(format!(
        "cell_beyond: row {row}, column {column}; a sheet has {MAX_ROWS} rows and {MAX_COLUMNS} columns"
    )))
}

/// A row of which something can be seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// From 0.
    pub(super) number: u32,
    cells: Vec<Option<Cell>>,
}

impl Row {
    pub(super) fn get(&self, column: u32) -> Option<Cell> {
        self.cells.get(column as usize)?.clone()
    }

    pub(super) fn set(&mut self, column: u32, cell: Option<Cell>) {
        let column = column as usize;
        if column >= self.cells.len() {
            self.cells.resize(column + 1, None);
        }
        self.cells[column] = cell;
    }

    /// Whether one of the first `width` cells holds anything.
    pub(super) fn is_filled(&self, width: usize) -> bool {
        self.cells.iter().take(width).any(Option::is_some)
    }

    /// The names of columns, up to the last that has one.
    pub(super) fn into_names(self) -> Vec<String> {
        let last = self.cells.iter().rposition(Option::is_some);
        let names = self.cells.into_iter().take(last.map_or(0, |last| last + 1));
        names
            .map(|cell| cell.map(|cell| cell.text.trim().to_owned()).unwrap_or_default())
            .collect()
    }

    /// The first `width` cells: what stands beside a table has no column.
    pub(super) fn into_csv(self, width: usize) -> String {
        let mut row = String::new();
        for column in 0..width {
            if column > 0 {
                row.push(',');
            }
            if let Some(Some(cell)) = self.cells.get(column) {
                cell.write(&mut row);
            }
        }
        row
    }
}

/// Hands on each row that has a cell, until it is told to stop.
pub(super) fn each<R: Read + Seek>(
    book: &mut Book<R>,
    sheet: &str,
    take: impl FnMut(Row) -> ControlFlow<()>,
) -> Result<(), Error> {
    match book {
        Book::Xlsx(book) => streamed(book, sheet, take),
        Book::Xls(book) => {
            loaded(&book.worksheet_range(sheet)?, take);
            Ok(())
        }
        Book::Ods(book) => {
            loaded(&book.worksheet_range(sheet)?, take);
            Ok(())
        }
    }
}

fn streamed<R: Read + Seek>(
    book: &mut calamine::Xlsx<R>,
    sheet: &str,
    mut take: impl FnMut(Row) -> ControlFlow<()>,
) -> Result<(), Error> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let mut row = Row::default();
    while let Some((found, style)) = cells.next_cell_with_style_id()? {
        let (number, column) = found.get_position();
        check_place(number, column)?;
        let data = Data::from(found.get_value().clone());
        let style = cells.styles().get(style);
        let format = style.and_then(|style| style.number_format.as_ref());
        let padded = format.and_then(|format| shown(&data, &format.format_code));
        let Some(cell) = padded.or_else(|| Cell::of(&data)) else {
            continue;
        };
        if number != row.number {
            let whole = std::mem::take(&mut row);
            row.number = number;
            if !whole.cells.is_empty() && take(whole).is_break() {
                return Ok(());
            }
        }
        row.set(column, Some(cell));
    }
    if !row.cells.is_empty() {
        let _last = take(row);
    }
    Ok(())
}

fn loaded(range: &Range<Data>, mut take: impl FnMut(Row) -> ControlFlow<()>) {
    let Some((first, left)) = range.start() else {
        return;
    };
    for (number, cells) in (first..).zip(range.rows()) {
        let mut row = Row {
            number,
            cells: Vec::new(),
        };
        for (column, data) in (left..).zip(cells) {
            if let Some(cell) = Cell::of(data) {
                row.set(column, Some(cell));
            }
        }
        if !row.cells.is_empty() && take(row).is_break() {
            return;
        }
    }
}
