//! Workbooks that no spreadsheet program writes: small files that ask for much memory.

use std::io::Write as _;

use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;

const SHEET: &str = "xl/worksheets/sheet1.xml";
const TEXTS: &str = "xl/sharedStrings.xml";

/// A sound workbook in which one part is changed.
fn with_part(name: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    let sound = workbook(|sheet| {
        sheet.write(0, 0, "id")?;
        sheet.write(1, 0, "1")?;
        sheet.merge_range(1, 1, 2, 1, "north", &Format::new()).map(|_| ())
    });
    let mut archive = ZipArchive::new(Cursor::new(sound)).expect("a zip");
    let mut changed = ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("there");
        let own = part.name().expect("a name").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("text");
        if own == name {
            text = change.take().expect("once")(text);
        }
        changed
            .start_file(own, SimpleFileOptions::default())
            .expect("started");
        changed.write_all(text.as_bytes()).expect("written");
    }
    assert!(change.is_none(), "no {name}");
    changed.finish().expect("finished").into_inner()
}

fn replaced(name: &str, from: &str, to: &str) -> Vec<u8> {
    with_part(name, |text| {
        assert!(text.contains(from), "{text}");
        text.replace(from, to)
    })
}

fn refused(book: &[u8]) -> String {
    let found = open(book, 0).and_then(|sheet| sheet.rows(|_| ControlFlow::Continue(())));
    found.expect_err("refused").to_string()
}

#[test]
fn a_cell_beyond_every_sheet_is_damage_and_takes_no_memory() {
    for (from, to) in [
        ("r=\"A2\"", "r=\"ZZZZZZ2\""),
        ("r=\"A2\"", "r=\"XFE2\""),
        ("r=\"A2\"", "r=\"A1048577\""),
        ("ref=\"B2:B3\"", "ref=\"B2:ZZZZZZ3\""),
    ] {
        let said = refused(&replaced(SHEET, from, to));
        assert!(said.contains("cell_beyond"), "{to}: {said}");
    }
    let last = open(&replaced(SHEET, "r=\"A2\"", "r=\"XFD1048576\""), 0).expect("opens");
    assert_eq!(rows(last), [], "beside the table, and it has no column there");
}

/// Texts of so many bytes, all the same.
fn many(bytes: usize) -> String {
    let (open, text) = (
        "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">",
        "<si><t>a</t></si>",
    );
    format!("{open}{}</sst>", text.repeat(bytes / text.len()))
}

#[test]
fn a_small_file_that_unpacks_into_much_is_refused_before_it_is_held() {
    let bomb = with_part(TEXTS, |_| many(20 << 20));
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    let error = open(&bomb, 0).err().expect("refused");
    assert!(
        matches!(&error, Error::TooLarge { part, most: 16 } if part == TEXTS),
        "{error}"
    );
    let said = error.say();
    assert!(
        said.zh.contains("解压后过大") && said.en.contains("too large when unpacked"),
        "{said:?}"
    );
    // what people write shrinks less
    let sound = with_part(TEXTS, |_| many(15 << 20));
    assert!(open(&sound, 0).is_ok());
}

/// The size of a part in the directory and before the part itself, made small.
fn understated(mut book: Vec<u8>, name: &str) -> Vec<u8> {
    for (mark, size, named) in [(b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)] {
        let starts: Vec<_> = (0..book.len() - 4)
            .filter(|at| book[*at..].starts_with(mark))
            .collect();
        let of_part = |at: &&usize| book[**at + named..].starts_with(name.as_bytes());
        let at = *starts.iter().find(of_part).expect("the part");
        book[at + size..at + size + 4].copy_from_slice(&100_u32.to_le_bytes());
    }
    book
}

#[test]
fn a_part_is_read_no_further_than_the_directory_says() {
    let bomb = understated(with_part(TEXTS, |_| many(20 << 20)), TEXTS);
    let mut archive = ZipArchive::new(Cursor::new(bomb.as_slice())).expect("a zip");
    assert_eq!(archive.by_name(TEXTS).expect("there").size(), 100);
    let error = open(&bomb, 0).err();
    assert!(matches!(error, Some(Error::Damaged(_))), "{error:?}");
}

#[test]
fn texts_that_are_promised_and_not_there_take_no_memory() {
    let hidden = format!("<!--{}--><sst", " ".repeat(5000));
    for (from, to) in [
        ("uniqueCount=\"", "uniqueCount=\"4000000"),
        ("uniqueCount=\"", "uniqueCount=\"99999999999999999999"),
        ("<sst", &hidden),
    ] {
        let said = refused(&replaced(TEXTS, from, to));
        assert!(said.contains("promises"), "{to}: {said}");
    }
    let sloppy = replaced(TEXTS, "uniqueCount=\"", "uniqueCount=\"100000");
    assert!(open(&sloppy, 0).is_ok(), "as many as there are cells");
}

#[test]
fn an_id_that_the_sheet_pads_with_zeros_is_read_as_it_is_shown() {
    let padded = Format::new().set_num_format("000000");
    let book = workbook(|sheet| {
        sheet.write(0, 0, "id")?;
        sheet.write_with_format(1, 0, 7, &padded)?;
        sheet.write(2, 0, 7)?;
        Ok(())
    });
    assert_eq!(
        rows(open(&book, 0).expect("opens")),
        [row(2, "000007"), row(3, "7")]
    );
}
