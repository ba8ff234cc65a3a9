mod container;
mod crafted;

use std::io::Cursor;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};

use super::*;
use crate::format::Written;
use crate::format::csv::Delimiter;

fn workbook(write: impl FnOnce(&mut Worksheet) -> Result<(), XlsxError>) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    write(sheet).expect("a sheet");
    book.save_to_buffer().expect("a workbook")
}

fn below(above: u32) -> Dialect {
    Dialect {
        delimiter: Delimiter::COMMA,
        above,
    }
}

fn open(book: &[u8], above: u32) -> Result<Sheet<Cursor<Vec<u8>>>, Error> {
    Sheet::open(Cursor::new(book.to_vec()), None, below(above))
}

fn rows(sheet: Sheet<Cursor<Vec<u8>>>) -> Vec<(u64, String)> {
    let mut rows = Vec::new();
    sheet
        .rows(|frame| {
            assert_eq!(frame.ordinal, rows.len() as u64);
            rows.push((frame.line, String::from_utf8(frame.raw).expect("text")));
            ControlFlow::Continue(())
        })
        .expect("read");
    rows
}

fn row(line: u64, text: &str) -> (u64, String) {
    (line, text.to_owned())
}

#[test]
fn each_kind_of_cell_is_written_so_that_nothing_is_lost() {
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let book = workbook(|sheet| {
        for (column, name) in (0_u16..).zip([
            "text", "number", "whole", "time", "day", "truth", "failed", "formula",
        ]) {
            sheet.write(0, column, name)?;
        }
        sheet.write(1, 0, "say \"hi\",\n330602202601050017")?;
        sheet.write(1, 1, 0.1)?;
        sheet.write(1, 2, 330_602_202_601_050_000_f64)?;
        sheet.write_with_format(1, 3, ExcelDateTime::parse_from_str("2026-01-05 08:30:00")?, &date)?;
        sheet.write_with_format(1, 4, ExcelDateTime::parse_from_str("2026-01-05")?, &date)?;
        sheet.write(1, 5, true)?;
        sheet.write(1, 6, Formula::new("=NA()").set_result("#N/A"))?;
        sheet.write(1, 7, Formula::new("=1+1").set_result("2"))?;
        // beside the table
        sheet.write(1, 9, "note")?;
        sheet.write(4, 0, "#N/A")?;
        sheet.write(6, 0, " ")?;
        Ok(())
    });
    let sheet = open(&book, 0).expect("opens");
    assert_eq!(
        sheet.columns().join(","),
        "text,number,whole,time,day,truth,failed,formula"
    );
    let expected = "\"say \"\"hi\"\",\n330602202601050017\",0.1,330602202601050000,2026-01-05T08:30:00,2026-01-05,true,#N/A,2";
    assert_eq!(rows(sheet), [row(2, expected), row(5, "\"#N/A\",,,,,,,")]);
}

#[test]
fn a_bare_cell_says_what_it_is() {
    for (bare, expected) in [
        ("#N/A", Written::Error),
        ("12", Written::Number),
        ("-0.5", Written::Number),
        ("2026-01-05", Written::Time),
        ("2026-01-05T08:30:00.500", Written::Time),
        ("08:30:00", Written::Time),
        ("true", Written::Text),
        ("***", Written::Text),
        ("", Written::Text),
    ] {
        assert_eq!(written(bare), expected, "{bare}");
    }
}

#[test]
fn merged_cells_hold_their_value_in_each_of_them() {
    let plain = Format::new();
    let book = workbook(|sheet| {
        sheet.merge_range(0, 0, 0, 2, "a title", &plain)?;
        sheet.merge_range(1, 0, 2, 0, "id", &plain)?;
        sheet.write(2, 1, "area")?;
        sheet.write(2, 2, "note")?;
        sheet.write(3, 0, "1")?;
        sheet.merge_range(3, 1, 4, 1, "north", &plain)?;
        sheet.write(4, 0, "2")?;
        sheet.write(5, 0, "3")?;
        sheet.merge_range(5, 1, 5, 2, "south", &plain)?;
        // two rows that are one record
        sheet.merge_range(6, 0, 7, 0, "4", &plain)?;
        sheet.merge_range(6, 1, 7, 1, "west", &plain)?;
        Ok(())
    });
    let sheet = open(&book, 2).expect("opens");
    assert_eq!(
        (sheet.columns().join(","), sheet.merged()),
        ("id,area,note".to_owned(), 4)
    );
    assert_eq!(
        rows(sheet),
        [
            row(4, "\"1\",\"north\","),
            row(5, "\"2\",\"north\","),
            row(6, "\"3\",\"south\",\"south\""),
            row(7, "\"4\",\"west\","),
        ]
    );
    let named = |above| {
        open(&book, above)
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert!(named(0).contains("A1:C1"), "{}", named(0));
    assert!(
        named(1).contains("A2:A3"),
        "it goes on below the header: {}",
        named(1)
    );
}

#[test]
fn the_sheet_that_is_meant_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_name("hidden")
        .expect("a name")
        .set_hidden(true);
    for (name, value) in [("明细", "1"), ("二", "2")] {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        sheet.write(0, 0, "id").expect("written");
        sheet.write(1, 0, value).expect("written");
    }
    book.add_worksheet().set_name("empty").expect("a name");
    book.worksheet_from_index(1).expect("there").set_active(true);
    let bytes = book.save_to_buffer().expect("a workbook");
    let read = |wanted: Option<SheetName>, above| {
        Sheet::open(Cursor::new(bytes.clone()), wanted.as_ref(), below(above))
            .map(|sheet| rows(sheet)[0].1.clone())
    };
    let name = |name: &str| Some(SheetName::Name(name.to_owned()));
    assert_eq!(read(None, 0).expect("the first visible"), "\"1\"");
    assert_eq!(read(name("二"), 0).expect("by name"), "\"2\"");
    assert_eq!(read(Some(SheetName::Number(3)), 0).expect("by number"), "\"2\"");
    let refused = |wanted, above| read(wanted, above).expect_err("refused");
    assert!(matches!(refused(name("三"), 0), Error::SheetMissing { sheets, .. } if sheets.len() == 4));
    assert!(matches!(
        refused(Some(SheetName::Number(9)), 0),
        Error::SheetMissing { .. }
    ));
    assert!(matches!(refused(name("empty"), 0), Error::SheetEmpty(_)));
    assert!(matches!(
        refused(name("二"), 7),
        Error::HeaderMissing { row: 8, .. }
    ));
}

#[test]
fn what_is_no_sound_workbook_is_refused() {
    let sound = workbook(|sheet| sheet.write(0, 0, "id").map(|_| ()));
    let refused = |bytes: &[u8]| open(bytes, 0).err().expect("refused");
    assert!(matches!(refused(b"id,title\n"), Error::NotAWorkbook));
    assert!(matches!(refused(b""), Error::NotAWorkbook));
    assert!(matches!(refused(&sound[..sound.len() / 2]), Error::Damaged(_)));
    assert!(matches!(
        refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and nothing"),
        Error::Damaged(_)
    ));
    for error in [Error::Password, refused(b"x")] {
        let said = error.say();
        assert!(!said.zh.is_ascii() && said.en.is_ascii(), "{said:?}");
    }
}

#[test]
fn the_old_kind_of_workbook_is_read_too() {
    use container::Value::{Number, Text};
    let book = container::xls(
        &[
            (0, 0, Text("编号")),
            (0, 1, Text("area")),
            (1, 0, Text("007")),
            (1, 1, Text("north")),
            (2, 0, Number(330_602_202_601_050_000.0)),
        ],
        [1, 2, 1, 1],
    );
    let sheet = open(&book, 0).expect("opens");
    assert_eq!(
        (sheet.columns().join(","), sheet.merged()),
        ("编号,area".to_owned(), 1)
    );
    assert_eq!(
        rows(sheet),
        [
            row(2, "\"007\",\"north\""),
            row(3, "330602202601050000,\"north\"")
        ]
    );
}

#[test]
fn a_password_is_told_from_damage() {
    let encrypted = container::compound("EncryptedPackage", b"secret");
    assert!(matches!(open(&encrypted, 0).err(), Some(Error::Password)));
    let other = container::compound("Notes", b"no workbook");
    assert!(matches!(open(&other, 0).err(), Some(Error::Damaged(_))));
}

/// Counts the bytes that are read.
struct Counted {
    book: Cursor<Vec<u8>>,
    read: std::rc::Rc<std::cell::Cell<usize>>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.book.read(buffer)?;
        self.read.set(self.read.get() + read);
        Ok(read)
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.book.seek(to)
    }
}

#[test]
fn a_long_sheet_is_read_row_by_row() {
    const ROWS: u32 = 20_000;
    let book = workbook(|sheet| {
        sheet.write(0, 0, "id")?;
        for row in 1..=ROWS {
            // numbers, for texts are kept apart from the sheet
            sheet.write(row, 0, row)?;
            sheet.write(row, 1, f64::from(row * 7919 % 10_007) / 3.0)?;
        }
        Ok(())
    });
    let size = book.len();
    let read = std::rc::Rc::new(std::cell::Cell::new(0));
    let counted = Counted {
        book: Cursor::new(book),
        read: read.clone(),
    };
    let sheet = Sheet::open(counted, None, below(0)).expect("opens");
    let (opened, mut halfway, mut count) = (read.get(), 0, 0);
    sheet
        .rows(|_| {
            count += 1;
            if count == ROWS / 2 {
                halfway = read.get() - opened;
            }
            ControlFlow::Continue(())
        })
        .expect("read");
    assert_eq!(count, ROWS);
    assert!(
        halfway > size / 4 && halfway < size * 3 / 4,
        "{halfway} of {size} at half of the rows"
    );
}
