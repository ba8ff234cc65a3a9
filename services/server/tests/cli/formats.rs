//! The same records as a workbook, as XML and as a delimited table of another encoding: imported, and the accounts balance.

use std::io::{Cursor, Read as _, Write as _};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError};
use serde_json::{Value, json};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::{Data, file};

const CLUE: &str = r#"
[clue]
id = "编号"
reported_at = "上报时间"
matter = "事项"
area = "区域"
title = "标题"
"#;

fn write(data: &Data, name: &str, content: impl AsRef<[u8]>) -> String {
    let path = data.path().join(name);
    std::fs::write(&path, content).expect("written");
    path.display().to_string()
}

fn mapping(data: &Data, head: &str) -> String {
    let text = format!("source = \"platform\"\ntime_zone = \"Asia/Shanghai\"\n{head}\n{CLUE}");
    write(data, "platform.toml", text)
}

/// A data directory, and a folder for the files of a platform.
fn places() -> (Data, Data) {
    (Data::empty(), Data::empty())
}

fn import(data: &Data, file_name: &str, mapping: &str) -> Value {
    let rulebook = file("deploy/rulebooks/shaoxing").display().to_string();
    let summary = data.json(&["import", file_name, "--mapping", mapping, "--rulebook", &rulebook]);
    data.run(&["verify"]).exits(0);
    let report = data.json(&["report", "closure"]);
    let records = &report["records"];
    assert_eq!(records["received"], summary["read"]);
    assert_eq!(records["new"], report["counts"]["clues"]);
    summary
}

fn came_to(summary: &Value) -> Value {
    json!([
        summary["read"],
        summary["dispositions"]["new"],
        summary["dispositions"]["quarantined"],
        summary["encoding"]
    ])
}

fn sheet(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let failed = || Formula::new("=NA()").set_result("#N/A");
    let at = || ExcelDateTime::parse_from_str("2026-01-05 08:30:00");
    sheet.set_name("明细")?;
    sheet.merge_range(0, 0, 0, 4, "市容诉求清单", &Format::new())?;
    for (column, name) in (0_u16..).zip(["编号", "上报时间", "事项", "区域", "标题"]) {
        sheet.write(1, column, name)?;
    }
    for row in 2..=4 {
        sheet.write_with_format(row, 1, at()?, &date)?;
        sheet.write(row, 4, "占道经营")?;
    }
    sheet.write(2, 0, "007")?;
    sheet.merge_range(2, 2, 3, 2, "06001", &Format::new())?;
    sheet.write(2, 3, 330_603)?;
    sheet.write(3, 0, 330_602_202_601_050_000_f64)?;
    sheet.write(3, 3, failed())?;
    sheet.write(4, 0, failed())?;
    Ok(())
}

#[test]
fn a_workbook_is_imported() {
    let (data, folder) = places();
    let mut book = Workbook::new();
    sheet(book.add_worksheet()).expect("a sheet");
    let book = write(&folder, "list.xlsx", book.save_to_buffer().expect("a workbook"));
    let mapping = mapping(&folder, "format = \"xlsx\"\nsheet = \"明细\"\nheader_row = 2");
    let checked = folder.json(&["mapping", "check", &mapping, &book]);
    assert_eq!(
        (
            &checked["good"],
            &checked["encoding"],
            &checked["notes"][0]["code"]
        ),
        (&true.into(), &Value::Null, &"cells_merged".into())
    );
    let flags = |record: usize| &checked["records"][record]["report"]["flags"];
    assert_eq!(flags(0), &json!([]));
    assert_eq!(
        flags(1),
        &json!(["area_missing", "value_unreadable", "id_imprecise"])
    );
    assert_eq!(came_to(&import(&data, &book, &mapping)), json!([3, 2, 1, []]));
    let clue = data.json(&["clue", "show", "platform/007"]);
    assert_eq!(clue["reported_at"], "2026-01-05T00:30:00Z", "{clue}");
    let page = data.json(&["quarantine", "list"]);
    assert_eq!(
        (&page["records"][0]["reason"], &page["records"][0]["line"]),
        (&"id_missing".into(), &5.into())
    );
    let again = import(&data, &book, &mapping);
    assert_eq!((&again["received"], &again["repeated"]), (&0.into(), &3.into()));
}

#[test]
fn a_file_of_xml_is_imported() {
    let (data, folder) = places();
    let record = |id: &str, rest: &str| {
        format!(
            "<记录 编号=\"{id}\"><上报时间>2026-01-05 08:30</上报时间><事项>06001</事项><区域 code=\"330603\">柯桥</区域>{rest}</记录>"
        )
    };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<导出>\n{}\n{}\n{}\n</导出>\n",
        record("007", "<标题>占道经营 &amp; 噪声</标题>"),
        record("008", "<标题>没有结束"),
        record("009", "<标题>油烟</标题>"),
    );
    let (bytes, _, _) = encoding_rs::GB18030.encode(&text);
    let export = write(&folder, "export.xml", bytes);
    let mapping = mapping(&folder, "format = \"xml\"\nrows = \"/导出/记录\"");
    let changed = std::fs::read_to_string(&mapping)
        .expect("a mapping")
        .replace("\"编号\"", "\"/@编号\"")
        .replace("\"区域\"", "\"/区域/@code\"");
    let mapping = write(&folder, "platform.toml", changed);
    assert_eq!(
        came_to(&import(&data, &export, &mapping)),
        json!([3, 2, 1, ["gb18030"]])
    );
    let clue = data.json(&["clue", "show", "platform/007"]);
    assert!(clue.to_string().contains("占道经营 & 噪声"), "{clue}");
    let page = data.json(&["quarantine", "list"]);
    assert_eq!(
        (&page["records"][0]["reason"], &page["records"][0]["line"]),
        (&"xml".into(), &4.into())
    );
    let declared = format!("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\n{text}");
    let declared = write(&folder, "declared.xml", declared.replace("GB2312", "UTF-8"));
    data.run(&["import", &declared, "--mapping", &mapping])
        .exits(2)
        .says("document type");
    data.run(&["--lang", "zh", "import", &declared, "--mapping", &mapping])
        .exits(2)
        .says("文档类型");
}

#[test]
fn a_table_in_another_hand_is_imported() {
    let (data, folder) = places();
    let text = "\u{feff}诉求清单\n2026 年 1 月\n编号;上报时间;事项;区域;标题\n3.30602E+17;2026-01-05;06001;330603;\"占道;经营\"\n";
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table = write(&folder, "list.csv", bytes);
    let commas = mapping(&folder, "format = \"csv\"\nheader_row = 3");
    let checked: Value = serde_json::from_str(
        &folder
            .run(&["mapping", "check", &commas, &table, "--format", "json"])
            .exits(1)
            .stdout(),
    )
    .expect("JSON");
    assert_eq!(checked["problems"][0]["code"], "delimiter");
    let mapping = mapping(&folder, "format = \"csv\"\nheader_row = 3\ndelimiter = \";\"");
    folder
        .run(&["mapping", "check", &mapping, &table])
        .exits(0)
        .says("encoding: UTF-16LE");
    let summary = import(&data, &table, &mapping);
    assert_eq!(came_to(&summary), json!([1, 1, 0, ["UTF-16LE"]]));
    let clue = data.json(&["clue", "show", "platform/3.30602E+17"]);
    assert!(clue.to_string().contains("id_imprecise"), "{clue}");
}

#[test]
fn a_workbook_that_cannot_be_read_is_told_in_both_languages() {
    let (data, folder) = places();
    let mut book = Workbook::new();
    sheet(book.add_worksheet()).expect("a sheet");
    let bytes = book.save_to_buffer().expect("a workbook");
    let (whole, cut) = (
        write(&folder, "list.xlsx", &bytes),
        write(&folder, "cut.xlsx", &bytes[..bytes.len() / 2]),
    );
    for (path, head, zh, en) in [
        (&cut, "", "已损坏", "is damaged"),
        (&whole, "sheet = \"汇总\"", "现有：明细", "it has 明细"),
        (&whole, "sheet = 2", "没有工作表 2", "has no sheet 2"),
        (&whole, "", "A1:E1", "header_row"),
        (&whole, "header_row = 99", "第 99 行不是表头", "row 99"),
    ] {
        let mapping = mapping(&folder, &format!("format = \"xlsx\"\n{head}"));
        for (lang, words) in [("zh", zh), ("en", en)] {
            for command in [
                &["import", path.as_str(), "--mapping", mapping.as_str()][..],
                &["mapping", "check", &mapping, path],
            ] {
                let arguments = [&["--lang", lang], command].concat();
                data.run(&arguments).exits(2).says(words);
            }
        }
    }
}

/// The workbook with one of its parts changed.
fn changed(book: &[u8], name: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(book)).expect("a zip");
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).expect("there");
        let own = part.name().expect("a name").into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).expect("text");
        if own == name {
            text = change(&text);
        }
        copy.start_file(own, SimpleFileOptions::default())
            .expect("started");
        copy.write_all(text.as_bytes()).expect("written");
    }
    copy.finish().expect("finished").into_inner()
}

#[test]
fn a_small_workbook_that_asks_for_much_memory_is_refused() {
    let (data, folder) = places();
    let mut book = Workbook::new();
    sheet(book.add_worksheet()).expect("a sheet");
    let sound = book.save_to_buffer().expect("a workbook");
    let beyond = changed(&sound, "xl/worksheets/sheet1.xml", |text| {
        text.replace("\"A3\"", "\"ZZZZZZ3\"")
    });
    let bomb = changed(&sound, "xl/sharedStrings.xml", |text| {
        text.replace(
            "</sst>",
            &format!("{}</sst>", "<si><t>a</t></si>".repeat(2 << 20)),
        )
    });
    let mapping = mapping(&folder, "format = \"xlsx\"\nheader_row = 2");
    for (bytes, zh, en) in [
        (beyond, "工作簿已损坏（cell_beyond", "is damaged (cell_beyond"),
        (bomb, "工作簿解压后过大", "too large when unpacked"),
    ] {
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        let path = write(&folder, "small.xlsx", bytes);
        for (lang, words) in [("zh", zh), ("en", en)] {
            data.run(&["--lang", lang, "import", &path, "--mapping", &mapping])
                .exits(2)
                .says(words);
        }
    }
}

#[test]
fn one_broken_character_is_flagged_and_garbles_no_other_record() {
    let (data, folder) = places();
    let mut table = "id,time,matter,area,title\n\
        7,2026-01-05,06001,330603,占道经营\n\
        8,2026-01-05,06001,330603,违法建设\n"
        .as_bytes()
        .to_vec();
    // without the last byte of 违
    let at = table
        .windows(3)
        .position(|it| it == "违".as_bytes())
        .expect("there")
        + 2;
    table.remove(at);
    let table = write(&folder, "list.csv", table);
    let text = "source = \"platform\"\nformat = \"csv\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"id\"\nreported_at = \"time\"\nmatter = \"matter\"\narea = \"area\"\ntitle = \"title\"\n";
    let mapping = write(&folder, "platform.toml", text);
    assert_eq!(
        came_to(&import(&data, &table, &mapping)),
        json!([2, 2, 0, ["UTF-8"]])
    );
    let clue = |id: &str| data.json(&["clue", "show", id]).to_string();
    let (sound, broken) = (clue("platform/7"), clue("platform/8"));
    assert!(
        sound.contains("占道经营") && !sound.contains("value_unreadable"),
        "{sound}"
    );
    assert!(
        broken.contains("\u{fffd}法建设") && broken.contains("value_unreadable"),
        "{broken}"
    );
}

#[test]
fn a_file_that_says_nothing_of_its_encoding_is_found_out() {
    let (_, folder) = places();
    let table =
        "编号,上报时间,事项,区域,标题\r7,2026-01-05,06001,330603,占道经营\r8,2026-01-05,06001,330603,油烟\r";
    let lines = "{\"编号\":\"7\",\"上报时间\":\"2026-01-05\",\"事项\":\"06001\",\"区域\":\"330603\",\"标题\":\"占道经营\"}\n{\"编号\":\"8\"}\n";
    let little = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let big = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_be_bytes).collect() };
    for (format, text) in [("csv", table), ("json", lines)] {
        let mapping = mapping(&folder, &format!("format = \"{format}\""));
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (little(text), "UTF-16LE"),
            (big(text), "UTF-16BE"),
            (encoding_rs::GB18030.encode(text).0.into_owned(), "gb18030"),
        ] {
            let data = Data::empty();
            let path = write(&folder, "list", bytes);
            assert_eq!(
                came_to(&import(&data, &path, &mapping)),
                json!([2, 2, 0, [encoding]]),
                "{format}"
            );
            let clue = data.json(&["clue", "show", "platform/7"]);
            assert!(clue.to_string().contains("占道经营"), "{clue}");
            folder
                .run(&["mapping", "check", &mapping, &path])
                .exits(0)
                .says(&format!("encoding: {encoding}"));
        }
    }
}
