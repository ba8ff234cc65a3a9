//! Workbooks, XML, and what tools write of a database's changes.

use std::fmt::Write as _;

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, XlsxError};

use super::*;
use crate::Envelope;

fn workbook() -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("说明")?.write(0, 0, "导出说明")?;
    let sheet = book.add_worksheet().set_name("明细")?;
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm");
    for (at, name) in (0_u16..).zip(["编号", "上报时间", "事项", "联系电话", "办结时间"]) {
        sheet.write(1, at, name)?;
    }
    sheet.write(0, 0, "诉求清单")?;
    for row in 2..12_u32 {
        sheet.write(row, 0, format!("GD{row}"))?;
        sheet.write_with_format(
            row,
            1,
            ExcelDateTime::parse_from_str("2026-05-03 08:05:00")?,
            &date,
        )?;
        sheet.write(row, 2, "占道经营")?;
        sheet.write(row, 3, PHONES[0])?;
        sheet.write(row, 4, if row % 2 == 0 { "——" } else { "2026/5/4 9:10" })?;
    }
    sheet.write(12, 0, "合计")?;
    sheet.write(12, 2, 10)?;
    book.save_to_buffer()
}

#[test]
fn a_workbook_is_drafted_from_like_any_table() {
    let wanted = Wanted {
        source: SourceId::new("s").expect("a name"),
        rulebook: None,
        rows: 100,
        header_row: 2,
        sheet: Some(SheetName::Name("明细".to_owned())),
        lang: Lang::En,
    };
    let draft = draft(&workbook().expect("a workbook")[..], &wanted).expect("a draft");
    let mapping = read(&draft);
    assert_eq!((mapping.mode(), draft.records), (Mode::History, 10));
    holds(
        &draft,
        &[
            "format      = \"xlsx\"\nsheet       = \"明细\"\nheader_row  = 2\n",
            "time_zone   = \"Asia/Shanghai\"",
            "personal    = [\"联系电话\"]",
            "skip        = { from = \"编号\", values = [\"合计\"] }",
            "reported_at = \"上报时间\"",
            "closed_at   = { from = \"办结时间\", null = [\"——\"], time = \"%Y/%m/%d %H:%M\" }",
        ],
    );
}

#[test]
fn xml_is_drafted_from_by_the_elements_that_repeat() {
    let mut text = String::from("<?xml version=\"1.0\"?>\n<export xmlns=\"urn:x\"><page total=\"9\"/><list>");
    for at in 0..9 {
        let _ = write!(
            text,
            "<case id=\"C{at}\"><time>2026-05-03T08:05:00+08:00</time><kind>占道经营</kind><address code=\"330602001\">某路</address>\
             <reporter><phone>{}</phone></reporter><photo>a</photo><photo>b</photo></case>",
            PHONES[at % 3]
        );
    }
    let draft = drafted(format!("{text}</list></export>").as_bytes());
    let mapping = read(&draft);
    assert_eq!((mapping.rows(), draft.records), (Some("/export/list/case"), 9));
    holds(
        &draft,
        &[
            "format      = \"xml\"",
            "id          = \"/@id\"",
            "area        = \"/address/@code\"",
            "personal    = [\"/reporter/phone\"]",
        ],
    );
    assert!(!json!(draft).to_string().contains(PHONES[0]));
}

#[test]
fn the_envelope_of_a_databases_changes_is_recognised() {
    let row = |at: usize| json!({"case_id": format!("C{at}"), "created_at": 1_767_571_200_123_u64, "state": (at % 3).to_string(), "category": "占道经营"});
    let debezium = |at| json!({"before": null, "after": row(at), "source": {"table": "t_case", "db": "d"}, "op": "c", "ts_ms": 1_767_571_200_123_u64});
    let wrapped = |at| json!({"schema": {}, "payload": debezium(at)});
    let canal = |at| json!({"type": "INSERT", "database": "d", "table": "t_case", "es": 1_767_571_200_123_u64, "isDdl": false, "data": [row(at), row(at + 100)], "old": null});
    let maxwell = |at| json!({"type": "insert", "database": "d", "table": "t_case", "ts": 1_767_571_200, "data": row(at)});
    let each: [(Envelope, &dyn Fn(usize) -> serde_json::Value); 4] = [
        (Envelope::Debezium, &debezium),
        (Envelope::Debezium, &wrapped),
        (Envelope::Canal, &canal),
        (Envelope::Maxwell, &maxwell),
    ];
    for (envelope, message) in each {
        let lines: Vec<String> = (0..20).map(|at| message(at).to_string()).collect();
        let draft = drafted(lines.join("\n").as_bytes());
        let mapping = read(&draft);
        assert_eq!(
            (mapping.envelope(), mapping.mode()),
            (Some(envelope), Mode::Snapshot)
        );
        holds(
            &draft,
            &[
                "# unsure: deletions may be messages without a value",
                "id          = \"/case_id\"",
                "version     = { from = \"/@ts\", time = \"unix_ms\" }",
            ],
        );
    }
    let other = json!({"type": "insert", "database": "d", "table": "t_log", "ts": 1_767_571_200, "data": {"text": "x"}});
    let lines: Vec<String> = (0..9)
        .map(|at| maxwell(at).to_string())
        .chain([other.to_string()])
        .collect();
    let draft = drafted(lines.join("\n").as_bytes());
    read(&draft);
    holds(
        &draft,
        &["skip        = { from = \"/@table\", values = [\"t_log\"] }"],
    );
}

#[test]
fn what_agencies_say_is_not_taken_for_reports_without_a_word() {
    let feedback = drafted(&fixture("shaoxing-agencies.jsonl"));
    assert!(has(&feedback, "feedback", "kind"), "{}", feedback.mapping);
    for reports in [
        "shaoxing-platform-1.jsonl",
        "shaoxing-grid.jsonl",
        "baltimore311.csv",
    ] {
        assert!(!has(&drafted(&fixture(reports)), "feedback", "kind"), "{reports}");
    }
}
