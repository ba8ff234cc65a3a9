//! What a newcomer gets wrong, and what `mapping check` says about it: line, code, and advice in both languages.

use bihuan_domain::clue::Origin;
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

use super::format::{Format, Frame, csv, json_file};
use super::{Bilingual, Mapping, Receipt, Summary, check, misfit, preview};

/// Line, code, advice.
type Said = (u32, &'static str, Bilingual);

/// All that a check of the mapping on the sample would say, the parser's problems first.
fn said(mapping: &str, sample: &[u8]) -> Vec<Said> {
    let of = |problems: Vec<super::Problem>| -> Vec<Said> {
        let said = problems.into_iter().map(|it| (it.line, it.code, it.advice));
        said.collect()
    };
    let mapping = match Mapping::parse(mapping) {
        Ok(mapping) => mapping,
        Err(problems) => return of(problems),
    };
    let mut problems = misfit(&mapping, sample);
    let columns = |sample| csv::Table::open(sample, mapping.encoding()).map(|table| table.columns().to_vec());
    if problems.is_empty() && mapping.format() == Format::Csv {
        problems = check(&mapping, Some(&columns(sample).expect("a header")));
    }
    if !problems.is_empty() {
        return of(problems);
    }
    let summary = summary(&mapping, sample);
    let findings = summary.findings.into_iter();
    findings.map(|it| (it.line, it.code, it.advice)).collect()
}

fn summary(mapping: &Mapping, sample: &[u8]) -> Summary {
    let encoding = mapping.encoding();
    let (frames, bound): (Vec<Frame>, _) = if mapping.format() == Format::Csv {
        let table = csv::Table::open(sample, encoding).expect("a header");
        let columns = table.columns().to_vec();
        let frames = table.map(|frame| frame.expect("read")).collect();
        (frames, mapping.bind_columns(&columns).expect("checked"))
    } else {
        let messages = json_file::Messages::open(sample, encoding).expect("opens");
        (
            messages.map(|frame| frame.expect("read")).collect(),
            mapping.bind_json(),
        )
    };
    let mut summary = Summary::default();
    for frame in frames {
        let receipt = Receipt {
            received_at: "2026-06-01T00:00:00Z".parse::<Timestamp>().expect("a time"),
            origin: Origin {
                record: RecordId::of_file("sample", frame.ordinal),
                topic: String::new(),
                partition: 0,
                offset: 0,
                line: Some(frame.line),
            },
            route: false,
        };
        summary.add(mapping, &preview(&bound, &frame.raw, &Rulebook::none(), receipt));
    }
    summary.close(mapping);
    summary
}

const CSV: &str = "编号,上报时间,区域\n1,2026/5/3 8:05,Yuecheng\n2,2026/5/4 9:10,yuecheng\n";
const JSON: &str = "{\"data\":{\"id\":7,\"at\":\"2026-05-03 08:05:00\"}}\n";

/// A mapping that is wrong for its sample.
struct Mistake {
    what: &'static str,
    mapping: String,
    sample: &'static str,
    /// What is said first of all.
    line: u32,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
}

fn of_csv(
    what: &'static str,
    mapping: &str,
    (line, code): (u32, &'static str),
    [zh, en]: [&'static str; 2],
) -> Mistake {
    Mistake {
        what,
        mapping: format!("source = \"s\"\nformat = \"csv\"\n{mapping}"),
        sample: CSV,
        line,
        code,
        zh,
        en,
    }
}

fn of_json(
    what: &'static str,
    mapping: &str,
    (line, code): (u32, &'static str),
    [zh, en]: [&'static str; 2],
) -> Mistake {
    Mistake {
        what,
        mapping: format!("source = \"s\"\nformat = \"json\"\n{mapping}"),
        sample: JSON,
        line,
        code,
        zh,
        en,
    }
}

fn in_keys() -> Vec<Mistake> {
    vec![
        of_csv(
            "typo in a key",
            "[clue]\nid = \"编号\"\nreportd_at = \"上报时间\"\n",
            (5, "unknown_key"),
            ["是否想写 reported_at？", "did you mean reported_at?"],
        ),
        of_csv(
            "a key twice",
            "[clue]\nid = \"编号\"\nid = \"区域\"\n",
            (5, "key_twice"),
            ["只留一处", "keep one"],
        ),
        of_csv(
            "a section of another mode",
            "[clue]\nid = \"编号\"\n[history]\nclosed_at = \"x\"\n",
            (5, "history"),
            ["改 mode，或删去这一节", "change the mode, or remove the section"],
        ),
        of_csv(
            "a name with a mark that no screen shows",
            "[clue]\nid = \"\u{feff}编号\"\n",
            (4, "column_unknown"),
            ["照写 \"编号\"", "write \"编号\""],
        ),
        of_csv(
            "a name with a space within",
            "[clue]\nid = \"编号\"\narea = \"区 域\"\n",
            (5, "column_unknown"),
            ["照写 \"区域\"", "write \"区域\""],
        ),
        of_json(
            "a pointer without slash",
            "[clue]\nid = \"data/id\"\n",
            (4, "column_empty"),
            ["是否指 /data/id？", "did you mean /data/id?"],
        ),
        of_json(
            "records within an array",
            "[clue]\nid = \"/id\"\n",
            (4, "column_empty"),
            ["写 rows = ", "say rows = "],
        ),
        of_json(
            "a pointer with dots",
            "[clue]\nid = \"data.id\"\n",
            (4, "column_empty"),
            ["是否指 /data/id？", "did you mean /data/id?"],
        ),
    ]
}

fn in_values() -> Vec<Mistake> {
    let zone = "time_zone = \"Asia/Shanghai\"\n";
    let at = |time: &str| {
        format!("[clue]\nid = \"编号\"\nreported_at = {{ from = \"上报时间\", time = \"{time}\" }}\n")
    };
    vec![
        of_csv(
            "a pattern as Java writes it",
            &format!("{zone}{}", at("yyyy/MM/dd HH:mm")),
            (6, "time"),
            ["是否指 %Y/%m/%d %H:%M？", "did you mean %Y/%m/%d %H:%M?"],
        ),
        of_csv(
            "a pattern that the values do not follow",
            &format!("{zone}{}", at("%d/%m/%Y")),
            (6, "time_unreadable"),
            ["写 time = \"%Y/%m/%d %H:%M\"", "say time = \"%Y/%m/%d %H:%M\""],
        ),
        of_csv(
            "no time zone, with a pattern",
            &at("%Y/%m/%d %H:%M"),
            (5, "time_zone"),
            ["写上 time_zone", "say time_zone"],
        ),
        of_json(
            "no time zone, ISO 8601",
            "[clue]\nid = \"/data/id\"\nreported_at = \"/data/at\"\n",
            (5, "time_unreadable"),
            ["time_zone = \"Asia/Shanghai\"", "time_zone = \"Asia/Shanghai\""],
        ),
        of_csv(
            "values in another case",
            "[clue]\nid = \"编号\"\narea = { from = \"区域\", values = { Yuecheng = \"330602\" } }\n",
            (5, "code_unknown"),
            [
                "values 里写的是 \"Yuecheng\"，来源写的是 \"yuecheng\"",
                "values has \"Yuecheng\", the source says \"yuecheng\"",
            ],
        ),
        Mistake {
            sample: JSON,
            ..of_csv(
                "csv said of JSON",
                "[clue]\nid = \"id\"\n",
                (2, "format_other"),
                ["写 format = \"json\"", "say format = \"json\""],
            )
        },
    ]
}

#[test]
fn each_mistake_of_a_newcomer_is_named_with_its_line_and_what_to_write() {
    for mistake in in_keys().into_iter().chain(in_values()) {
        let said = said(&mistake.mapping, mistake.sample.as_bytes());
        let what = mistake.what;
        let (line, code, advice) = said.first().unwrap_or_else(|| panic!("{what}: nothing said"));
        assert_eq!((*line, *code), (mistake.line, mistake.code), "{what}: {said:?}");
        assert!(advice.zh.contains(mistake.zh), "{what}: {}", advice.zh);
        assert!(advice.en.contains(mistake.en), "{what}: {}", advice.en);
    }
}

#[test]
fn gb_18030_said_to_be_utf_8_is_named() {
    let mapping = "source = \"s\"\nformat = \"csv\"\nencoding = \"utf-8\"\n[clue]\nid = \"编号\"\n";
    let said = said(mapping, &encoding_rs::GB18030.encode(CSV).0);
    let (line, code, advice) = &said[0];
    assert_eq!((*line, *code), (3, "encoding_other"));
    assert!(advice.zh.contains("写 encoding = \"gb18030\"") && advice.en.contains("or \"auto\""));
}

#[test]
fn the_other_way_round_is_named_too() {
    let json = "source = \"s\"\nformat = \"json\"\n[clue]\nid = \"/id\"\n";
    assert_eq!(said(json, CSV.as_bytes())[0].1, "format_other");
    let gb = "source = \"s\"\nformat = \"csv\"\nencoding = \"gb18030\"\n[clue]\nid = \"编号\"\n";
    assert_eq!(said(gb, CSV.as_bytes())[0].1, "encoding_other");
    for right in ["auto", "utf-8"] {
        assert_eq!(said(&gb.replace("gb18030", right), CSV.as_bytes()), [], "{right}");
    }
    let ascii = said(gb, b"\xe7\xbc\x96\xe5\x8f\xb7\n1\n");
    assert_eq!(ascii[0].1, "encoding_other");
}

#[test]
fn a_good_sample_is_counted_and_nothing_is_found() {
    let text = "source = \"s\"\nformat = \"csv\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"编号\"\n\
        reported_at = { from = \"上报时间\", time = \"%Y/%m/%d %H:%M\" }\n";
    let mapping = Mapping::parse(text).expect("good");
    let summary = summary(&mapping, CSV.as_bytes());
    assert_eq!((summary.records, summary.dispositions["clue"]), (2, 2));
    assert_eq!(summary.findings, []);
    assert_eq!(
        summary.flags.len(),
        2,
        "neither matter nor area is mapped: {:?}",
        summary.flags
    );
}

/// Each bad time is another text, and the row of each would bury the one thing to write.
#[test]
fn bad_times_of_a_column_are_one_finding_and_too_many_of_them_a_problem() {
    let sample: Vec<_> = (1..=40)
        .map(|at| format!("{at},{}.5.2026 08:{at:02}\n", 1 + at % 28))
        .collect();
    let sample = format!("编号,上报时间\n{}41,soon\n", sample.concat());
    let text = "source = \"s\"\nformat = \"csv\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"编号\"\nreported_at = \"上报时间\"\n";
    let mapping = Mapping::parse(text).expect("good");
    let wrong = summary(&mapping, sample.as_bytes());
    let found: Vec<_> = wrong
        .findings
        .iter()
        .map(|it| (it.code, it.line, it.count))
        .collect();
    assert_eq!(found, [("time_unreadable", 6, 40), ("time_unreadable", 6, 1)]);
    let problem = wrong.misread(&mapping).expect("nothing is read");
    assert_eq!((problem.code, problem.line), ("time_unreadable", 6));
    assert!(problem.advice.en.contains("%d.%m.%Y %H:%M"), "{problem:?}");
    let mended = text.replace(
        "\"上报时间\"",
        "{ from = \"上报时间\", time = \"%d.%m.%Y %H:%M\" }",
    );
    let mapping = Mapping::parse(&mended).expect("good");
    assert_eq!(summary(&mapping, sample.as_bytes()).misread(&mapping), None);
}

#[test]
fn another_delimiter_is_all_that_is_said() {
    let mapping =
        "source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"编号\"\ntitle = \"标题\"\narea = \"区域\"\n";
    let said = said(mapping, "编号;标题;区域\n1;a;b\n".as_bytes());
    assert_eq!(said.iter().map(|it| it.1).collect::<Vec<_>>(), ["delimiter"]);
}
