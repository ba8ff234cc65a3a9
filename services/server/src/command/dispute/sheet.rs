//! An agenda as a workbook: one sheet, with empty columns for what the meeting comes to. Everything but numbers is text, so nothing
//! is a formula, whatever it begins with.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use bihuan_domain::lang::Lang;
use bihuan_monitor::words::agenda::{AgendaRow, agenda_header};
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::minutes_file::COLUMNS;
use crate::failure::Failure;

const WIDTHS: [f64; 7] = [6.0, 16.0, 60.0, 8.0, 8.0, 40.0, 48.0];
/// Which of the columns are numbers.
const NUMBERS: [usize; 3] = [0, 3, 4];

pub(super) fn write(rows: &[AgendaRow], lang: Lang, path: &Path) -> Result<(), Failure> {
    let written = workbook(rows, lang).map_err(std::io::Error::other);
    let written = written.and_then(|mut book| {
        let file = BufWriter::new(File::create(path)?);
        book.save_to_writer(file).map_err(std::io::Error::other)
    });
    written.map_err(|error| {
        let path = path.display();
        Failure::usage(
            format!("无法写入 {path}：{error}"),
            format!("{path} cannot be written: {error}"),
        )
    })
}

fn workbook(rows: &[AgendaRow], lang: Lang) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    let sheet = book.add_worksheet().set_name(lang.choose("议题", "agenda"))?;
    // what the minutes say is written beside the item, under the names that minutes have
    let shown = agenda_header(lang);
    let header = shown[..shown.len() - 1].iter().copied().chain(COLUMNS);
    for (name, column) in header.zip(0..) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    for (width, column) in WIDTHS.iter().zip(0..) {
        sheet.set_column_width(column, *width)?;
    }
    for (row, line) in rows.iter().zip(1..) {
        for ((cell, at), column) in row.cells().iter().zip(0..).zip(0..) {
            match cell.parse::<f64>() {
                Ok(number) if NUMBERS.contains(&at) => sheet.write_number(line, column, number)?,
                _ => sheet.write_string_with_format(line, column, cell, &wrapped)?,
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(book)
}
