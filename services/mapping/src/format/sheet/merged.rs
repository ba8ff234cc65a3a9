//! Merged cells: a person sees the value of the first in every one of them, and so do we.

use std::io::{Read, Seek};

use calamine::Dimensions;

use super::cell::Cell;
use super::rows::{Row, check_place};
use super::{Book, Error};

/// The merged regions of a sheet, followed from row to row.
#[derive(Clone, Debug, Default)]
pub(super) struct Merged {
    /// In the order of their first rows.
    regions: Vec<Dimensions>,
    /// How many of them began.
    begun: usize,
    /// Those that reach into the current row, with their value.
    open: Vec<(Dimensions, Option<Cell>)>,
}

impl Merged {
    /// They stand behind the rows, so that the sheet is passed once before it is read. An `.ods` does not tell them.
    pub(super) fn of<R: Read + Seek>(book: &mut Book<R>, sheet: &str) -> Result<Self, Error> {
        let mut regions = match book {
            Book::Xlsx(book) => book.merge_cells_by_sheet_name(sheet)?,
            Book::Xls(book) => book.merge_cells_by_sheet_name(sheet)?,
            Book::Ods(_) => Vec::new(),
        };
        for region in &regions {
            check_place(region.end.0, region.end.1)?;
        }
        regions.sort_unstable();
        Ok(Self {
            regions,
            ..Self::default()
        })
    }

    /// A name may stand in several rows, down to that of the header; it may not be the name of several columns.
    pub(super) fn check_header(&self, row: u32) -> Result<(), Error> {
        let is_unclear = |region: &&Dimensions| {
            (region.start.0..=region.end.0).contains(&row)
                && (region.start.1 != region.end.1 || region.end.0 != row)
        };
        match self.regions.iter().find(is_unclear) {
            Some(region) => Err(Error::HeaderMerged(name(region))),
            None => Ok(()),
        }
    }

    /// How many reach below a row.
    pub(super) fn below(&self, row: u32) -> usize {
        self.regions.iter().filter(|region| region.end.0 > row).count()
    }

    /// Writes the value of a region into each of its cells within the first `width` columns. Rows come in order.
    pub(super) fn fill(&mut self, row: &mut Row, width: usize) {
        self.open.retain(|(region, _)| region.end.0 >= row.number);
        while let Some(region) = self.regions.get(self.begun).filter(|it| it.start.0 <= row.number) {
            // the row in which it began may be empty and not be told
            let value = (region.start.0 == row.number)
                .then(|| row.get(region.start.1))
                .flatten();
            if region.end.0 >= row.number {
                self.open.push((*region, value));
            }
            self.begun += 1;
        }
        for (region, value) in &self.open {
            let end = region
                .end
                .1
                .min(u32::try_from(width).unwrap_or(u32::MAX).saturating_sub(1));
            for column in region.start.1..=end {
                row.set(column, value.clone());
            }
        }
    }
}

/// As a spreadsheet names it, such as `B1:D1`.
fn name(region: &Dimensions) -> String {
    let cell = |(row, column): (u32, u32)| format!("{}{}", letters(column), row + 1);
    format!("{}:{}", cell(region.start), cell(region.end))
}

fn letters(column: u32) -> String {
    let last = char::from(b'A' + (column % 26) as u8);
    match column / 26 {
        0 => last.to_string(),
        before => format!("{}{last}", letters(before - 1)),
    }
}
