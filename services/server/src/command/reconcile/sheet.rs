//! A reconciliation as a workbook. Every cell but line numbers and counts is text: an id of nineteen digits keeps them all, and
//! nothing is a formula, whatever it begins with.

use std::fs::File;
use std::io::{self, BufWriter};

use bihuan_domain::lang::Lang;
use bihuan_monitor::reconcile::Reconciliation;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::shown;

/// A sheet holds 1,048,576 rows; what is more goes on in the next one.
const ROWS: usize = 1_000_000;
const WIDTH: f64 = 18.0;

pub(super) fn write(done: &Reconciliation, lang: Lang, file: File) -> io::Result<()> {
    workbook(done, lang)
        .and_then(|mut book| book.save_to_writer(BufWriter::new(file)))
        .map_err(io::Error::other)
}

fn workbook(done: &Reconciliation, lang: Lang) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    let sheets = done
        .rows
        .chunks(ROWS)
        .chain(done.rows.is_empty().then_some(&[][..]));
    for (rows, number) in sheets.zip(1..) {
        let name = match number {
            1 => lang.choose("差异", "differences").to_owned(),
            further => format!("{} {further}", lang.choose("差异", "differences")),
        };
        let sheet = book.add_worksheet().set_name(name)?;
        headed(sheet, &shown::header(lang))?;
        for (row, line) in rows.iter().zip(1..) {
            for (cell, column) in shown::cells(row, lang).iter().zip(0..) {
                sheet.write_string(line, column, cell)?;
            }
            if let Some(of) = row.line {
                sheet.write_number(line, shown::LINE, of as f64)?;
            }
        }
    }
    let sheet = book.add_worksheet().set_name(lang.choose("数量", "counts"))?;
    headed(
        sheet,
        &[
            lang.choose("核对", "reconciliation"),
            lang.choose("数量", "count"),
        ],
    )?;
    for ((name, count), line) in done.summary.counts.told(lang).zip(1..) {
        sheet.write_string(line, 0, name)?;
        sheet.write_number(line, 1, count as f64)?;
    }
    Ok(book)
}

/// The header stays in sight.
fn headed(sheet: &mut Worksheet, header: &[&str]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (name, column) in header.iter().zip(0..) {
        sheet.write_string_with_format(0, column, *name, &bold)?;
        sheet.set_column_width(column, WIDTH)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}
