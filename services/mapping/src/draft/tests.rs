mod found;
mod other_formats;

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::format::csv::Table;
use crate::{Mapping, Mode, check};

fn drafted(sample: &[u8]) -> Draft {
    in_lang(sample, Lang::En)
}

fn in_lang(sample: &[u8], lang: Lang) -> Draft {
    let wanted = Wanted {
        source: SourceId::new("platform").expect("a name"),
        rulebook: None,
        rows: 10_000,
        header_row: 1,
        sheet: None,
        lang,
    };
    draft(sample, &wanted).unwrap_or_else(|error| panic!("{error}"))
}

/// A draft has to be a mapping once the zone is decided.
#[track_caller]
fn read(draft: &Draft) -> Mapping {
    let decided = draft
        .mapping
        .replace("time_zone   = \"\"", "time_zone   = \"UTC\"");
    Mapping::parse(&decided).unwrap_or_else(|problems| panic!("{problems:#?}\n{}", draft.mapping))
}

fn has(draft: &Draft, code: &str, key: &str) -> bool {
    draft
        .notes
        .iter()
        .any(|note| note.code == code && note.key == key)
}

#[track_caller]
fn holds(draft: &Draft, lines: &[&str]) {
    for line in lines {
        assert!(draft.mapping.contains(line), "no {line:?} in\n{}", draft.mapping);
    }
}

const PHONES: [&str; 3] = ["13800138000", "13900139001", "13700137002"];
const PERSONS: [&str; 3] = ["张三丰", "李四光", "王五一"];
const PROSE: &str = "楼下每天有人占道摆摊，油烟很大，来电人住三单元五零二室，希望尽快处理";

/// A platform that sends the whole record again, in GB 18030.
fn hotline() -> Vec<u8> {
    let mut text = String::from(
        "工单编号,事项名称,所属镇街,上报时间,更新时间,办理状态,诉求人,联系电话,身份证号,诉求内容,经度,纬度\r\n",
    );
    let states = ["待办", "处理中", "已办结", "退回重办", "作废", "挂账中"];
    for at in 0..36 {
        let (id, day, state, person) = (20_260_501 + at % 30, 1 + at % 28, states[at % 6], at % 3);
        let _ = write!(
            text,
            "GD{id},占道经营,塔山街道,2026年5月{day}日 8时5分,2026/5/{day} 9:05:07,{state},{},{},11010519491231002X,{PROSE}{at},120.5{at:02},30.1{at:02}\r\n",
            PERSONS[person], PHONES[person]
        );
    }
    encoding_rs::GB18030.encode(&text).0.into_owned()
}

#[test]
fn a_feed_of_whole_records_becomes_a_snapshot_mapping() {
    let draft = drafted(&hotline());
    let mapping = read(&draft);
    assert_eq!(mapping.mode(), Mode::Snapshot);
    holds(
        &draft,
        &[
            "encoding    = \"gb18030\"",
            "time_zone   = \"Asia/Shanghai\"",
            "personal    = [\"诉求人\", \"联系电话\", \"身份证号\"]",
            "id          = \"工单编号\"",
            "reported_at = { from = \"上报时间\", time = \"%Y年%m月%d日 %H时%M分\" }",
            "matter      = \"事项名称\"",
            "area        = \"所属镇街\"",
            "description = \"诉求内容\"",
            "version     = { from = \"更新时间\", time = \"%Y/%m/%d %H:%M:%S%.f\" }",
            "\"已办结\" = \"closed\"\n",
            "\"退回重办\" = \"reopened\"\n",
            "\"作废\" = \"withdrawn\"\n",
            "\"挂账中\" = \"open\"  # unsure",
        ],
    );
    assert!(has(&draft, "snapshot", "mode") && has(&draft, "datum", "clue.datum"));
    let columns = Table::open(&hotline()[..], mapping.encoding())
        .expect("a header")
        .columns()
        .to_vec();
    assert_eq!(check(&mapping, Some(&columns)), []);
}

#[test]
fn nothing_of_a_person_and_no_free_text_stands_in_a_draft() {
    let text = String::from_utf8(
        encoding_rs::GB18030
            .decode(&hotline())
            .0
            .into_owned()
            .into_bytes(),
    )
    .expect("text");
    // a column whose header says nothing, with names that come again and again
    let renamed = text.replace("诉求人,联系电话", "对方,号");
    for sample in [hotline(), renamed.into_bytes()] {
        for lang in [Lang::Zh, Lang::En] {
            let draft = in_lang(&sample, lang);
            let said = json!(draft).to_string();
            let secrets = PHONES.iter().chain(&PERSONS);
            for secret in secrets.chain(&["11010519491231002X", "油烟", "120.5"]) {
                assert!(!said.contains(secret), "{secret} in\n{said}");
            }
        }
    }
}

#[test]
fn a_status_that_is_no_known_word_and_stands_once_is_not_named() {
    let once = ["张三丰接", "催办张三丰", "转办：张三丰"];
    let rows: Vec<_> = (0..12)
        .map(|at| format!("{at},2026-05-03,{}", once.get(at).unwrap_or(&"办结")))
        .collect();
    let rows = rows.join(
        "
",
    );
    let draft = drafted(format!("编号,更新时间,状态\n{rows}").as_bytes());
    assert_eq!(read(&draft).mode(), Mode::Snapshot);
    assert!(!draft.mapping.contains("张三丰"), "{}", draft.mapping);
}

#[test]
fn a_table_without_header_is_refused_lest_its_first_record_be_taken_for_one() {
    for headless in [
        "张三丰,13800138000,占道经营\n李四光,13900139001,占道经营\n",
        "GD1,占道经营,2026/5/3 8:05\nGD2,占道经营,2026/5/3 8:06\n",
        "张三丰,占道经营\n李四光,占道经营\n",
    ] {
        let wanted = Wanted {
            source: SourceId::new("s").expect("a name"),
            rulebook: None,
            rows: 10,
            header_row: 1,
            sheet: None,
            lang: Lang::En,
        };
        let refused = draft(headless.as_bytes(), &wanted);
        assert!(
            matches!(refused, Err(Unusable::Because(_))),
            "{headless}: {refused:?}"
        );
    }
}

#[test]
fn what_has_no_record_is_named() {
    let wanted = Wanted {
        source: SourceId::new("s").expect("a name"),
        rulebook: None,
        rows: 10,
        header_row: 1,
        sheet: None,
        lang: Lang::En,
    };
    for (sample, says) in [
        (&b"PK\x03\x04rest"[..], "damaged"),
        (b"\xd0\xcf\x11\xe0rest", "damaged"),
        (b"<html><body><p>1</p></body></html>", "web page"),
        (b"", "no header"),
        (b"a,b\n", "no record"),
        (b"[]", "no record"),
    ] {
        let error = draft(sample, &wanted).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
    for (sample, delimiter) in [
        (&b"id;title,where;place\n1;2;3\n"[..], "delimiter   = \";\""),
        (b"id\ttitle\n1\t2\n", "delimiter   = \"\\u0009\""),
        (b"id,title|place\n1,2\n", ""),
    ] {
        let drafted = draft(sample, &wanted).expect("a table").mapping;
        let said = drafted.lines().find(|line| line.starts_with("delimiter"));
        assert_eq!(said.unwrap_or_default(), delimiter);
        Mapping::parse(&drafted).expect("good");
    }
}

/// Nested objects below a message, numbers as ids, epoch times, heartbeats.
fn feed(at: usize) -> serde_json::Value {
    json!({
        "type": if at.is_multiple_of(10) { "heartbeat" } else { "event" },
        "eventId": 12_345_678_901_234_567_u64 + at as u64,
        "base": { "title": format!("t{at}"), "category": "占道经营", "areaCode": "330602001" },
        "reporter": { "name": PERSONS[at % 3], "phone": PHONES[at % 3] },
        "times": { "reportTime": 1_767_571_200_123_u64 + at as u64, "updateTime": 1_767_571_900_123_u64 },
        "status": { "code": if at.is_multiple_of(2) { "待办" } else { "已办结" } },
        "isDeleted": usize::from(at.is_multiple_of(7)),
        "pictures": [{ "url": "x" }],
    })
}

#[test]
fn json_is_laid_out_by_pointers_wherever_its_records_stand() {
    let records: Vec<_> = (0..40).map(feed).collect();
    let lines: Vec<_> = records.iter().map(ToString::to_string).collect();
    let paged = json!({ "code": 0, "page": { "total": 40, "list": records } });
    for (sample, rows) in [
        (lines.join("\n"), None),
        (json!(records).to_string(), None),
        (paged.to_string(), Some("/page/list")),
        (
            serde_json::to_string_pretty(&paged).expect("JSON"),
            Some("/page/list"),
        ),
        (
            format!("{}\n{}\n", json!({"data": records}), json!({"data": records})),
            Some("/data"),
        ),
    ] {
        let draft = drafted(sample.as_bytes());
        let mapping = read(&draft);
        assert_eq!(
            (mapping.rows(), mapping.mode()),
            (rows, Mode::Snapshot),
            "{}",
            draft.mapping
        );
        holds(
            &draft,
            &[
                "personal    = [\"/reporter/name\", \"/reporter/phone\"]",
                "skip        = { from = \"/type\", values = [\"heartbeat\"] }",
                "id          = \"/eventId\"",
                "reported_at = { from = \"/times/reportTime\", time = \"unix_ms\" }",
                "matter      = \"/base/category\"",
                "area        = \"/base/areaCode\"",
                "title       = \"/base/title\"",
                "[snapshot.deleted.values]\n\"1\" = \"true\"",
            ],
        );
        assert!(has(&draft, "id_long", "clue.id"));
        assert!(!draft.mapping.contains("time_zone"), "epoch times need none");
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name);
    std::fs::read(path).expect("a fixture")
}

#[test]
fn what_cities_publish_becomes_a_history() {
    let nyc = drafted(&fixture("nyc311.csv"));
    assert_eq!(read(&nyc).mode(), Mode::History);
    holds(
        &nyc,
        &[
            "id          = \"unique_key\"",
            "reported_at = \"created_date\"",
            "matter      = \"complaint_type\"",
            "area        = \"borough\"",
            "agency      = \"agency\"",
            "closed_at   = \"closed_date\"",
        ],
    );
    assert!(has(&nyc, "time_zone", "time_zone") && has(&nyc, "codes_unchecked", "clue.area"));
    let baltimore = drafted(&fixture("baltimore311.csv"));
    assert_eq!(read(&baltimore).mode(), Mode::History);
    holds(
        &baltimore,
        &[
            "id          = \"SRRecordID\"",
            "due_at      = { from = \"DueDate\", time = \"%m/%d/%Y %I:%M:%S %p\" }",
            "closed_at   = { from = \"CloseDate\", time = \"%m/%d/%Y %I:%M:%S %p\" }",
            "# unsure: ServiceRequestNum would do as well",
        ],
    );
}

#[test]
fn a_feed_of_events_becomes_an_event_mapping() {
    let grid = drafted(&fixture("shaoxing-grid.jsonl"));
    assert_eq!(read(&grid).mode(), Mode::Event);
    holds(
        &grid,
        &[
            "matter      = \"/eventCode\"",
            "area        = \"/areaCode\"",
            "personal    = [\"/reporter/name\", \"/reporter/phone\"]",
            "longitude   = \"/lng\"",
        ],
    );
    assert!(has(&grid, "broken", "") && has(&grid, "id_missing", "clue.id"));
}

#[test]
fn what_a_sample_leaves_open_is_said() {
    let table: [(&str, &str, &str); 8] = [
        (
            "id,created_at\n1,01/02/2026 10:00\n2,03/04/2026 11:00\n",
            "day_or_month",
            "clue.reported_at",
        ),
        (
            "id,created_at\n1,2026-05-03\n,2026-05-04\n",
            "id_missing",
            "clue.id",
        ),
        (
            "id,created_at\n1.23457E+17,2026-05-03\n1.23458E+17,2026-05-04\n",
            "id_imprecise",
            "clue.id",
        ),
        (
            "caseId,id,created_at\na,b,2026-05-03\nc,d,2026-05-04\n",
            "id_several",
            "clue.id",
        ),
        (
            "id,when\n1,2026-05-03\n2,2026-05-04\n",
            "reported_at",
            "clue.reported_at",
        ),
        ("id,kind\n1,a\n2,b\n", "no_reported_at", "clue.reported_at"),
        (
            "id,created_at\n1,2026/5/3 8:05\n2,2026/5/3 8:05\n3,2026/5/3 8:05\n4,2026/5/3 8:05\n5,soon\n",
            "time_unread",
            "clue.reported_at",
        ),
        (
            "id,created,closed,status\n1,2026-05-03,2026-05-01,closed\n2,2026-05-03,,closed\n",
            "closed_untimed",
            "history.closed_at",
        ),
    ];
    for (sample, code, key) in table {
        let draft = drafted(sample.as_bytes());
        read(&draft);
        assert!(has(&draft, code, key), "{sample}: {:#?}", draft.notes);
        let note = draft.notes.iter().find(|note| note.code == code).expect("there");
        assert!(note.unsure && !note.says.zh.is_empty() && !note.says.en.is_empty());
        holds(&draft, &[&format!("# unsure: {}", note.says.en)]);
    }
}

#[test]
fn a_column_that_tells_the_day_from_the_month_speaks_for_the_others() {
    let draft = drafted(b"id,created,closed\n1,01/02/2026,13/02/2026\n2,03/04/2026,14/04/2026\n");
    holds(
        &draft,
        &["reported_at = { from = \"created\", time = \"%d/%m/%Y\" }"],
    );
    assert!(!has(&draft, "day_or_month", "clue.reported_at"));
}

#[test]
fn only_so_many_records_are_looked_at() {
    let text: Vec<_> = (0..50).map(|at| format!("{at},2026-05-03")).collect();
    let text = text.join("\n");
    let wanted = Wanted {
        source: SourceId::new("s").expect("a name"),
        rulebook: None,
        rows: 20,
        header_row: 1,
        sheet: None,
        lang: Lang::Zh,
    };
    let csv = draft(format!("id,created\n{text}").as_bytes(), &wanted).expect("a draft");
    assert_eq!(csv.records, 20);
    let records: Vec<_> = (0..50).map(feed).collect();
    let json = draft(json!(records).to_string().as_bytes(), &wanted).expect("a draft");
    assert_eq!(json.records, 20);
    assert!(json.mapping.contains("存疑 unsure："), "{}", json.mapping);
}

#[test]
fn names_with_every_mark_are_quoted() {
    let draft = drafted("\"case \"\"id\"\"\",\"created\\at\"\n1,2026-05-03\n2,2026-05-04\n".as_bytes());
    read(&draft);
    holds(&draft, &[r#""case \"id\"""#, r#""created\\at""#]);
}

proptest::proptest! {
    #[test]
    fn whatever_a_sample_holds_the_draft_is_a_mapping_that_fits_it(
        header in proptest::collection::vec("(id|编号|created|状态|status|updated|电话|lat|lng|[a-z\"#=\\\\\n\u{202e} ]{1,6})", 1..7),
        rows in proptest::collection::vec(proptest::collection::vec("([0-9]{1,3}|2026-05-0[1-9]|办结|open|[a-z\",\u{4e00} ]{0,5})", 7), 1..9),
    ) {
        let mut writer = ::csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("written");
        for row in &rows {
            writer.write_record(&row[..header.len()]).expect("written");
        }
        let sample = writer.into_inner().expect("written");
        let wanted = Wanted { source: SourceId::new("s").expect("a name"), rulebook: None, rows: 100, header_row: 1, sheet: None, lang: Lang::En };
        if let Ok(draft) = draft(&sample[..], &wanted) {
            let mapping = read(&draft);
            let columns = Table::open(&sample[..], mapping.encoding()).expect("a header").columns().to_vec();
            proptest::prop_assert_eq!(check(&mapping, Some(&columns)), vec![]);
        }
    }
}

/// A record without an id, or sent twice, does not make a house number the id.
#[test]
fn the_id_stands_in_front_even_if_it_is_not_perfect() {
    for spoilt in ["", "SR-1"] {
        let mut sample = "SR_NUMBER,SR_TYPE,STATUS,CREATED_DATE,CLOSED_DATE,STREET_NUMBER\n".to_owned();
        for at in 1..=30 {
            let id = if at == 7 {
                spoilt.to_owned()
            } else {
                format!("SR-{at}")
            };
            let house = 100 + at;
            let row = format!("{id},Pothole,Open,01/{at:02}/2026 08:05:00 PM,,{house}\n");
            sample.push_str(&row);
        }
        let wanted = Wanted {
            source: SourceId::new("s").expect("a name"),
            rulebook: None,
            rows: 100,
            header_row: 1,
            sheet: None,
            lang: Lang::En,
        };
        let drafted = draft(sample.as_bytes(), &wanted).expect("a draft");
        assert!(
            drafted.mapping.contains("id          = \"SR_NUMBER\""),
            "{spoilt:?}: {}",
            drafted.mapping
        );
        assert!(
            drafted
                .notes
                .iter()
                .any(|note| note.code == "id_several" && note.unsure),
            "{:?}",
            drafted.notes
        );
    }
}

#[test]
fn titles_may_stand_above_the_header() {
    let sample = "绍兴市12345工单导出;;\n导出时间：2026年3月6日;;\n工单编号;受理时间;办理状态\nG-1;2026-03-05 09:07:00;已办结\n\
                  G-2;2026-03-05 10:07:00;办理中\n";
    let wanted = |header_row| Wanted {
        source: SourceId::new("s").expect("a name"),
        rulebook: None,
        rows: 10,
        header_row,
        sheet: None,
        lang: Lang::En,
    };
    let refused = draft(sample.as_bytes(), &wanted(1)).expect_err("a title");
    assert!(refused.to_string().contains("--header-row"), "{refused}");
    let drafted = draft(sample.as_bytes(), &wanted(3)).expect("a draft").mapping;
    assert!(
        drafted.contains("header_row  = 3") && drafted.contains("delimiter   = \";\""),
        "{drafted}"
    );
    assert!(drafted.contains("= \"工单编号\""), "{drafted}");
    Mapping::parse(&drafted).expect("good");
}
