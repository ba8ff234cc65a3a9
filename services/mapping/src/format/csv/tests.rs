use std::borrow::Cow;

use proptest::prelude::*;

use super::*;

fn frames(file: &str) -> Vec<(u64, u64, String, Option<&'static str>)> {
    Frames::new(file.as_bytes())
        .map(|frame| frame.expect("no IO"))
        .map(|frame| {
            (
                frame.line,
                frame.ordinal,
                String::from_utf8(frame.raw).expect("text"),
                frame.broken,
            )
        })
        .collect()
}

#[test]
fn records_are_cut_where_their_quotes_say() {
    let file = "a,b\r\n\n1,\"x\ny\"\n2,5\" pipe\n\"\",\"say \"\"hi\"\"\"";
    let expected = [
        (1, 0, "a,b\r\n"),
        (3, 1, "1,\"x\ny\"\n"),
        (5, 2, "2,5\" pipe\n"),
        (6, 3, "\"\",\"say \"\"hi\"\"\""),
    ];
    assert_eq!(
        frames(file),
        expected.map(|(line, ordinal, raw)| (line, ordinal, raw.to_owned(), None))
    );
}

fn row(delimiter: Delimiter, columns: usize, record: &str) -> Result<Vec<String>, Bad> {
    let cells = decode_row(delimiter, columns, record)?;
    Ok(cells.into_iter().map(|cell| cell.text.into_owned()).collect())
}

#[test]
fn cells_are_parted_by_what_the_mapping_says() {
    let delimiter = |sign| Delimiter::new(sign).expect("a sign");
    for (sign, record, expected) in [
        (';', "1;\"a;b\";c,d\n", ["1", "a;b", "c,d"]),
        ('\t', "1\t2\t\"3\t\"", ["1", "2", "3\t"]),
        ('|', "1||\"\"", ["1", "", ""]),
    ] {
        assert_eq!(
            row(delimiter(sign), 3, record).expect("three"),
            expected,
            "{sign}"
        );
    }
    for no in ['"', 'a', '1', ' ', '\n', '；'] {
        assert_eq!(Delimiter::new(no), None, "{no:?}");
    }
}

#[test]
fn a_header_may_stand_below_a_title() {
    let dialect = Dialect {
        delimiter: Delimiter::new(';').expect("a sign"),
        above: 2,
    };
    let file = "诉求\"清单\n\n编号; 标题 \n1;\"a;\nb\"\n";
    let utf16: Vec<u8> = format!("\u{feff}{file}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, encoding) in [(file.as_bytes(), "UTF-8"), (&utf16, "UTF-16LE")] {
        let table = Table::open_as(bytes, Encoding::Auto, dialect).expect("a header");
        assert_eq!(
            (table.columns(), table.encoding()),
            (&["编号".to_owned(), "标题".to_owned()][..], encoding)
        );
        let frames: Vec<_> = table.map(|frame| frame.expect("no IO")).collect();
        assert_eq!(frames.len(), 1);
        assert_eq!(
            (frames[0].line, frames[0].ordinal, frames[0].broken),
            (4, 0, None)
        );
    }
    let beyond = Dialect { above: 9, ..dialect };
    assert!(
        matches!(Table::open_as(file.as_bytes(), Encoding::Auto, beyond), Err(Error::Header(bad)) if bad.reason == "csv_empty")
    );
}

#[test]
fn a_broken_quote_costs_its_own_line_only() {
    for (broken, why) in [
        ("1,\"open\n", "never closed"),
        ("1,\"x\" y\n", "text behind"),
        ("1,\"open\r\n", "never closed"),
    ] {
        let found = frames(&format!("{broken}2,b\n3,\"c, d\"\n"));
        assert_eq!(found.len(), 3, "{why}: {found:?}");
        assert_eq!(found[0], (1, 0, broken.to_owned(), Some("csv_quote")), "{why}");
        assert_eq!(found[2], (3, 2, "3,\"c, d\"\n".to_owned(), None), "{why}");
    }
}

#[test]
fn an_open_quote_is_not_followed_for_ever() {
    let rows = "9,nothing quoted here at all\n".repeat(50_000);
    let found = frames(&format!("1,\"open\n{rows}2,\"x\"\n"));
    assert_eq!(found.len(), 50_002);
    assert_eq!(found.iter().filter(|frame| frame.3.is_some()).count(), 1);
}

#[test]
fn a_file_of_open_quotes_takes_linear_time() {
    // each line leaves a quote open for the next, and so on to the end of the file
    let found = frames(&"a\",\"\n".repeat(200_000));
    assert!(found.len() > 1);
}

#[test]
fn an_endless_line_is_one_broken_record() {
    let found = frames(&format!("{}\n1,2\n", "x".repeat(MAX_RECORD * 2 + 5)));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].3, Some("record_too_long"));
    assert_eq!((found[1].0, found[1].2.as_str()), (2, "1,2\n"));
}

fn header_error(bytes: &[u8]) -> &'static str {
    match Table::open(bytes, Encoding::Auto).map(|_| ()) {
        Err(Error::Header(bad)) => bad.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_starts_with_a_header() {
    assert_eq!(header_error(b""), "csv_empty");
    assert_eq!(header_error(b"\xef\xbb\xbf\r\n\r\n"), "csv_empty");
    assert_eq!(header_error(b"id,\"title\n1,2\n"), "csv_header");
    let mut table = Table::open("\u{feff}id, title \n".as_bytes(), Encoding::Auto).expect("a header");
    assert_eq!(table.columns(), ["id", "title"]);
    assert!(table.next().is_none(), "no record under the header");
    let mut table = Table::open("id\n7\n".as_bytes(), Encoding::Auto).expect("a header");
    let first = table.next().expect("one").expect("no IO");
    assert_eq!((first.line, first.ordinal), (2, 0));
}

#[test]
fn rows_have_as_many_cells_as_the_header() {
    assert_eq!(
        row(Delimiter::COMMA, 3, "1,\"a \"\"b\"\", c\",\r\n").expect("three"),
        ["1", "a \"b\", c", ""]
    );
    assert_eq!(
        row(Delimiter::COMMA, 3, "1,2\n").expect_err("two").reason,
        "csv_fields"
    );
    assert_eq!(
        row(Delimiter::COMMA, 1, "1,2\n").expect_err("two").reason,
        "csv_fields"
    );
    assert_eq!(
        row(Delimiter::COMMA, 2, "1,\"x\" y").expect_err("stray").reason,
        "csv_quote"
    );
    assert_eq!(
        row(Delimiter::COMMA, 1, "\"x").expect_err("open").reason,
        "csv_quote"
    );
}

/// Bytes that are mostly punctuation of CSV.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        Just(b'"'),
        Just(b','),
        Just(b'\n'),
        Just(b'\r'),
        Just(b'a'),
        any::<u8>()
    ];
    proptest::collection::vec(byte, 0..300)
}

proptest! {
    #[test]
    fn no_byte_is_lost(input in bytes()) {
        let mut frames = Frames::new(input.as_slice());
        let mut pieces = Vec::new();
        while let Some((raw, _)) = frames.advance().expect("no IO") {
            prop_assert!(!raw.is_empty());
            pieces.extend(raw);
        }
        prop_assert_eq!(pieces, input);
    }

    #[test]
    fn a_record_that_is_not_broken_can_be_cut(input in bytes()) {
        for frame in Frames::new(input.as_slice()) {
            let frame = frame.expect("no IO");
            if frame.broken.is_none() {
                prop_assert!(cells(&String::from_utf8_lossy(&frame.raw)).is_ok());
            }
        }
    }

    #[test]
    fn what_a_writer_of_csv_wrote_comes_back(rows in proptest::collection::vec(proptest::collection::vec(".*", 2..5), 0..5)) {
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).expect("to memory");
        }
        let file = writer.into_inner().expect("to memory");
        let read: Vec<Vec<String>> = Frames::new(file.as_slice())
            .map(|frame| frame.expect("no IO"))
            .map(|frame| cells(&encoding::text(&frame.raw)).expect("well-formed").into_iter().map(Cow::into_owned).collect())
            .collect();
        prop_assert_eq!(read, rows);
    }
}
