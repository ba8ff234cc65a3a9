//! The rows of a sheet, one after the other.

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use calamine::{Data, Range, Reader as _};

use super::cell::Cell;
use super::{Book, Error};

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
    while let Some(found) = cells.next_cell()? {
        let (number, column) = found.get_position();
        let Some(cell) = Cell::of(&Data::from(found.get_value().clone())) else {
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
