//! A long workbook is read row by row: what is held does not grow with the rows. Alone in its process, for it looks at the memory of
//! all of it.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::ControlFlow;

use bihuan_mapping::format::csv::{Delimiter, Dialect};
use bihuan_mapping::format::sheet::Sheet;
use zip::write::{SimpleFileOptions, ZipWriter};

const ROWS: u64 = 1_000_000;
const MB: u64 = 1024;

/// Kilobytes in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("of this process");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("said");
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

/// Numbers, for texts are kept apart from the sheet.
fn write(file: File) -> io::Result<()> {
    let mut book = ZipWriter::new(file);
    let options = SimpleFileOptions::default().compression_level(Some(1));
    for (name, text) in [
        (
            "_rels/.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
        ),
        (
            "xl/workbook.xml",
            r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#,
        ),
    ] {
        book.start_file(name, options)?;
        book.write_all(text.as_bytes())?;
    }
    book.start_file("xl/worksheets/sheet1.xml", options)?;
    let mut sheet = BufWriter::new(&mut book);
    write!(
        sheet,
        "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"
    )?;
    for row in 2..ROWS + 2 {
        write!(sheet, "<row r=\"{row}\"><c r=\"A{row}\"><v>{row}</v></c></row>")?;
    }
    write!(sheet, "</sheetData></worksheet>")?;
    sheet.flush()?;
    drop(sheet);
    book.finish()?;
    Ok(())
}

#[test]
fn a_million_rows_take_no_more_memory_than_a_few() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.xlsx");
    write(File::create(&path).expect("a file")).expect("written");
    let dialect = Dialect {
        delimiter: Delimiter::COMMA,
        above: 0,
    };
    let before = resident();
    let sheet = Sheet::open(File::open(&path).expect("a file"), None, dialect).expect("opens");
    let (mut rows, mut early, mut most) = (0_u64, 0, 0);
    sheet
        .rows(|_| {
            rows += 1;
            if rows.is_multiple_of(50_000) {
                most = most.max(resident());
            }
            if rows == 50_000 {
                early = most;
            }
            ControlFlow::Continue(())
        })
        .expect("read");
    assert_eq!(rows, ROWS);
    println!("{before} kB before, {early} kB after 50,000 rows, {most} kB at most");
    assert!(
        most - early < 4 * MB,
        "{early} kB after 50,000 rows, {most} kB at most"
    );
    assert!(
        most - before.min(most) < 32 * MB,
        "{before} kB before, {most} kB at most"
    );
}
