//! One record in every format: a field means the same whatever way the record was written.

use std::io::Cursor;
use std::ops::ControlFlow;

use bihuan_domain::clue::{Flag, Origin, Report, Text};
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::Rulebook;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook};

use super::{Mapping, Outcome, Receipt};
use crate::format::csv::Table;
use crate::format::sheet::Sheet;
use crate::format::{Format, json, json_file, xml_file};

const FORMATS: [Format; 4] = [Format::Csv, Format::Json, Format::Xlsx, Format::Xml];

/// Names and texts; what is a number where the format knows numbers.
const TEXTS: [(&str, &str); 8] = [
    ("id", "007"),
    ("empty", ""),
    ("none", "无"),
    ("street", "解放路"),
    ("door", "8号"),
    ("path", "市容/占道/早餐"),
    ("local", "2026年1月5日 08:30"),
    ("slashed", "2026/1/5"),
];
const NUMBERS: [(&str, &str); 4] = [
    ("code", "12"),
    ("unix", "1767573000"),
    ("unix_ms", "1767573000000"),
    ("serial", "46027.354166666664"),
];

fn file(format: Format) -> Vec<u8> {
    let all = TEXTS.iter().chain(&NUMBERS);
    let list = |parts: Vec<&str>| parts.join(",");
    match format {
        Format::Csv => {
            let (names, texts) = (all.clone().map(|it| it.0).collect(), all.map(|it| it.1).collect());
            format!("{}\n{}\n", list(names), list(texts)).into_bytes()
        }
        Format::Json => {
            let texts = TEXTS.iter().map(|(name, text)| format!("{name:?}: {text:?}"));
            let numbers = NUMBERS.iter().map(|(name, text)| format!("{name:?}: {text}"));
            let members: Vec<_> = texts.chain(numbers).collect();
            format!("{{\"export\": {{\"r\": [{{{}}}]}}}}", members.join(", ")).into_bytes()
        }
        Format::Xml => {
            let elements: Vec<_> = all
                .map(|(name, text)| format!("<{name}>{text}</{name}>"))
                .collect();
            format!("<export><r>{}</r></export>", elements.concat()).into_bytes()
        }
        Format::Xlsx | Format::Protobuf => {
            let mut book = Workbook::new();
            let sheet = book.add_worksheet();
            for (column, (name, text)) in (0_u16..).zip(all) {
                sheet.write(0, column, *name).expect("a name");
                if NUMBERS.iter().any(|(number, _)| number == name) {
                    sheet
                        .write(1, column, text.parse::<f64>().expect("a number"))
                        .expect("written");
                } else {
                    sheet.write(1, column, *text).expect("written");
                }
            }
            book.save_to_buffer().expect("a workbook")
        }
    }
}

/// The records of a file, as they are cut.
fn records(mapping: &Mapping, file: &[u8]) -> (Option<Vec<String>>, Vec<Vec<u8>>) {
    let raw = |frame: std::io::Result<crate::format::Frame>| frame.expect("no IO").raw;
    match mapping.format() {
        Format::Csv => {
            let table = Table::open_as(file, mapping.encoding(), mapping.dialect()).expect("a header");
            (Some(table.columns().to_vec()), table.map(raw).collect())
        }
        Format::Json => {
            let messages = json_file::Messages::open(file, mapping.encoding())
                .expect("opens")
                .map(raw);
            let cut = |message: Vec<u8>| {
                let text = String::from_utf8(message).expect("text");
                let records = json::records(&text, mapping.rows()).expect("records");
                records
                    .into_iter()
                    .map(|record| record.as_bytes().to_vec())
                    .collect::<Vec<_>>()
            };
            (None, messages.flat_map(cut).collect())
        }
        Format::Xml => {
            let records = xml_file::Records::open(file, mapping.encoding(), mapping.rows()).expect("opens");
            (None, records.map(raw).collect())
        }
        Format::Xlsx | Format::Protobuf => {
            let book = Cursor::new(file.to_vec());
            let sheet = Sheet::open(book, mapping.sheet(), mapping.dialect()).expect("opens");
            let (columns, mut rows) = (sheet.columns().to_vec(), Vec::new());
            sheet
                .rows(|frame| {
                    rows.push(frame.raw);
                    ControlFlow::Continue(())
                })
                .expect("read");
            (Some(columns), rows)
        }
    }
}

fn mapping(format: Format, clue: &str) -> Mapping {
    let rows = match format {
        Format::Json | Format::Xml => "rows = \"/export/r\"",
        Format::Csv | Format::Xlsx | Format::Protobuf => "",
    };
    let text = format!(
        "source = \"s\"\nformat = \"{}\"\n{rows}\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"id\"\n{clue}\n",
        format.as_str()
    );
    Mapping::parse(&text).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn read(mapping: &Mapping, file: &[u8]) -> Vec<Outcome> {
    let (columns, records) = records(mapping, file);
    let bound = match &columns {
        Some(columns) => mapping.bind_columns(columns).expect("fits"),
        None => mapping.bind_message(),
    };
    let outcome = |(ordinal, raw): (usize, &Vec<u8>)| {
        let origin = Origin {
            record: RecordId::of_file("d", ordinal as u64),
            topic: String::new(),
            partition: 0,
            offset: 0,
            line: None,
        };
        let receipt = Receipt {
            received_at: "2026-06-01T00:00:00Z".parse().expect("a time"),
            origin,
            route: false,
        };
        bound.outcome(raw, &Rulebook::none(), receipt)
    };
    records.iter().enumerate().map(outcome).collect()
}

fn clue(outcome: Outcome) -> (Report, Text) {
    match outcome {
        Outcome::Clue { report, text, .. } => (report, text.unwrap_or_default()),
        other => panic!("{other:?}"),
    }
}

fn one(format: Format, fields: &str) -> (Report, Text) {
    let mut outcomes = read(&mapping(format, fields), &file(format));
    assert_eq!(outcomes.len(), 1, "{format:?}");
    clue(outcomes.remove(0))
}

#[test]
fn each_form_of_a_field_makes_the_same_text() {
    for format in FORMATS {
        for (form, expected) in [
            ("\"street\"", Some("解放路")),
            ("\"empty\"", None),
            ("{ from = [\"empty\", \"street\"] }", Some("解放路")),
            (
                "{ from = [\"street\", \"empty\", \"door\"], join = \"\" }",
                Some("解放路8号"),
            ),
            (
                "{ from = \"path\", split = { on = \"/\", part = -1 } }",
                Some("早餐"),
            ),
            ("{ from = \"none\", null = [\"无\"] }", None),
            ("{ from = [\"none\", \"door\"], null = [\"无\"] }", Some("8号")),
            (
                "{ from = \"code\", values = { 12 = \"twelve\" } }",
                Some("twelve"),
            ),
            (
                "{ from = \"empty\", values = { 12 = \"twelve\" }, default = \"other\" }",
                Some("other"),
            ),
            ("{ value = \"always\" }", Some("always")),
            ("\"unix_ms\"", Some("1767573000000")),
        ] {
            let (report, text) = one(format, &format!("title = {form}"));
            assert_eq!(report.source_id, "007");
            assert_eq!(text.title.as_deref(), expected, "{format:?} {form}");
        }
    }
}

#[test]
fn each_form_of_a_time_is_the_same_time() {
    for format in FORMATS {
        for (form, expected) in [
            ("{ from = \"unix\", time = \"unix\" }", "2026-01-05T00:30:00Z"),
            (
                "{ from = \"unix_ms\", time = \"unix_ms\" }",
                "2026-01-05T00:30:00Z",
            ),
            ("{ from = \"serial\", time = \"excel\" }", "2026-01-05T00:30:00Z"),
            (
                "{ from = \"local\", time = [\"%Y/%m/%d\", \"%Y年%m月%d日 %H:%M\"] }",
                "2026-01-05T00:30:00Z",
            ),
            (
                "{ from = \"slashed\", time = [\"%Y/%m/%d\", \"%Y年%m月%d日 %H:%M\"] }",
                "2026-01-04T16:00:00Z",
            ),
        ] {
            let (report, _) = one(format, &format!("reported_at = {form}"));
            assert_eq!(report.reported_at.to_string(), expected, "{format:?} {form}");
        }
    }
}

#[test]
fn a_time_of_a_sheet_is_read_whatever_the_mapping_expects_and_an_error_is_never_a_code() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, name) in (0_u16..).zip(["id", "at", "day", "hour", "matter", "kind"]) {
        sheet.write(0, column, name).expect("a name");
    }
    let date = Look::new().set_num_format("yyyy/m/d hh:mm");
    let at = |text| ExcelDateTime::parse_from_str(text).expect("a time");
    let failed = || Formula::new("=NA()").set_result("#N/A");
    for row in 1..=3 {
        sheet
            .write_with_format(row, 1, at("2026-01-05 08:30:00"), &date)
            .expect("written");
        sheet
            .write_with_format(row, 2, at("2026-01-05"), &date)
            .expect("written");
        sheet
            .write_with_format(row, 3, at("08:30:00"), &date)
            .expect("written");
        sheet.write(row, 4, failed()).expect("written");
        sheet.write(row, 5, failed()).expect("written");
    }
    sheet.write(1, 0, 330_602_202_601_050_017_f64).expect("written");
    sheet.write(2, 0, "330602202601050017").expect("written");
    sheet.write(3, 0, failed()).expect("written");
    let file = book.save_to_buffer().expect("a workbook");
    let fields = "reported_at = { from = \"at\", time = \"%d.%m.%Y\" }
        due_at = { from = [\"day\", \"hour\"], join = \" \" }
        place = { from = [\"day\", \"matter\"], join = \" \" }
        matter = { from = \"matter\", default = \"06001\" }
        attributes = [\"kind\"]";
    let mut outcomes = read(&mapping(Format::Xlsx, fields), &file).into_iter();
    let unreadable = [Flag::MatterMissing, Flag::AreaMissing, Flag::ValueUnreadable];
    for flags in [&[&unreadable[..], &[Flag::IdImprecise]].concat()[..], &unreadable] {
        let (report, text) = clue(outcomes.next().expect("a record"));
        assert_eq!((text.place, report.flags.as_slice()), (None, flags));
        assert_eq!((report.matter, report.attributes), (None, Vec::new()));
        assert_eq!(report.reported_at.to_string(), "2026-01-05T00:30:00Z");
        assert_eq!(
            report.source_due_at.map(|at| at.to_string()).as_deref(),
            Some("2026-01-05T00:30:00Z")
        );
    }
    let Some(Outcome::Quarantine { reason, .. }) = outcomes.next() else {
        panic!("an id that is an error is none")
    };
    assert_eq!(reason, "id_missing");
}

#[test]
fn an_id_that_was_a_number_is_flagged() {
    for (format, file, expected) in [
        (
            Format::Json,
            "{\"export\": {\"r\": [{\"id\": 9007199254740993}, {\"id\": \"9007199254740993\"}]}}",
            [true, false],
        ),
        (
            Format::Csv,
            "id\n330602202601050000\n330602202601050017\n",
            [true, false],
        ),
        (Format::Csv, "id\n3.30602E+17\n3E17\n", [true, false]),
        (
            Format::Xml,
            "<export><r><id>3.30602E+17</id></r><r><id>330602202601050000</id></r></export>",
            [true, false],
        ),
    ] {
        let outcomes = read(&mapping(format, ""), file.as_bytes());
        let found: Vec<_> = outcomes
            .into_iter()
            .map(|it| clue(it).0.flags.contains(&Flag::IdImprecise))
            .collect();
        assert_eq!(found, expected, "{file}");
    }
}

#[test]
fn a_blanked_row_of_a_sheet_still_says_what_is_text() {
    let mut mapping_text = mapping(Format::Xlsx, "title = \"a\"").text().to_owned();
    mapping_text.insert_str(0, "personal = [\"phone\"]\n");
    let mapping = Mapping::parse(&mapping_text).expect("good");
    let bound = mapping
        .bind_columns(&["id", "phone", "a"].map(str::to_owned))
        .expect("fits");
    let kept = bound.kept(b"\"330602202601050017\",13800000000,\"#N/A\"");
    assert_eq!(kept.bytes, b"\"330602202601050017\",***,\"#N/A\"");
}
