//! Black-box tests of the check: every code of a finding, with its place; and the sample rulebooks.

mod boundaries;
mod calendar;
mod cells;
mod duties;
mod files;
mod golden;
mod learned;
mod predicates;
mod review;

use std::fs;
use std::path::Path;

use bihuan_domain::code::{AreaCode, Level, MatterCode, SourceId};
use bihuan_domain::lang::Lang;
use bihuan_domain::routing::{DutyRole, Layer, MatterPattern};
use bihuan_rulebook::{Files, Finding, Severity, compile};

const TOML: &str =
    "label = \"t\"\ntitle = \"样例\"\ntime_zone = \"Asia/Shanghai\"\n[policy.returns]\nlimit = 3\n";
const AREAS: &str =
    "code,name,name_en,level\n3306,绍兴市,,city\n330602,越城区,,county\n330602001,塔山街道,,town\n";
const AGENCIES: &str =
    "id,name,level,area,credit_code\na,甲局,county,330602,11330600002577014T\nt,塔山街道办,town,330602001,\n";
const MATTERS: &str = "code,name,category\n010101,占道,01\n010102,垃圾,01\n020101,广告,\n";
const DUTIES: &str = "matter,area,role,agency,from,to,layer,basis,when\n\
    01,330602,first_handler,a,2026-01-01,,county,条例,\n\
    *,330602,,a,,,,,\n\
    010101,330602001,,t,2026-01-01,2026-07-01,delegation,,\n";

fn sample() -> Files {
    let mut files = Files::default();
    for (name, text) in [
        ("rulebook.toml", TOML),
        ("areas.csv", AREAS),
        ("agencies.csv", AGENCIES),
        ("matters.csv", MATTERS),
        ("duties.csv", DUTIES),
        ("crosswalk.csv", "source,code,matter\ngrid,A1,010101\n"),
        ("limits.csv", "matter,step,limit\n01,handle,5wd\n*,,10d\n"),
        (
            "holidays.json",
            "{\"holidays\":{\"2026-01-01\":\"元旦\",\"2026-02-17\":\"春节\",\"2026-04-05\":\"清明\",\"2026-05-01\":\"劳动节\",\
             \"2026-06-19\":\"端午\",\"2026-09-25\":\"中秋\",\"2026-10-01\":\"国庆\"},\"workdays\":{}}",
        ),
    ] {
        files.insert(name, text);
    }
    files
}

#[test]
fn a_rulebook_in_order_compiles_without_a_word() {
    let (rulebook, findings) = compile(&sample());
    assert_eq!(findings, []);
    let rulebook = rulebook.expect("a rulebook");
    assert_eq!(rulebook.version, sample().version());
    assert_eq!(
        (rulebook.label.as_str(), rulebook.title_en.as_str()),
        ("t", "样例")
    );
    assert_eq!(
        (rulebook.policy.returns.limit, rulebook.policy.returns.approval),
        (3, true)
    );
    assert_eq!(rulebook.zone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(
        rulebook.areas[&AreaCode::new("330602001").expect("an area")].level,
        Level::Town
    );
    let grid = SourceId::new("grid").expect("a source");
    assert_eq!(rulebook.matter_for(&grid, "A1"), MatterCode::new("010101").ok());
    let [first, second, third] = rulebook.duties.as_slice() else {
        panic!("three duties")
    };
    assert!(matches!(&first.matter, MatterPattern::Category(code) if code.as_str() == "01"));
    assert_eq!(
        (second.line, second.role, second.layer),
        (3, DutyRole::FirstHandler, Layer::City)
    );
    assert_eq!(
        (third.layer, third.to.map(|to| to.to_string())),
        (Layer::Delegation, Some("2026-07-01".into()))
    );
}

#[test]
fn optional_columns_and_files_may_be_left_out() {
    let mut files = Files::default();
    files.insert("rulebook.toml", TOML);
    files.insert(
        "areas.csv",
        "\u{feff}code,name\r\n3306,绍兴\r\n330602,越城\r\n330602001,塔山\r\n",
    );
    files.insert("agencies.csv", "id,name\na,甲\n");
    files.insert("matters.csv", "name,code\n占道,1\n");
    files.insert("duties.csv", "agency,matter,area\na,1,3306\n");
    let (rulebook, findings) = compile(&files);
    assert_eq!(findings, []);
    let rulebook = rulebook.expect("a rulebook");
    let levels: Vec<_> = rulebook.areas.values().map(|area| area.level).collect();
    assert_eq!(levels, [Level::City, Level::County, Level::Town]);
}

/// What a finding must say: severity, code, file, line, column.
type Expected = (
    Severity,
    &'static str,
    &'static str,
    Option<u32>,
    Option<&'static str>,
);

fn place(finding: &Finding) -> (Severity, &str, &str, Option<u32>, Option<&str>) {
    (
        finding.severity,
        finding.code,
        &finding.file,
        finding.line,
        finding.column.as_deref(),
    )
}

/// Replaces `old` in a file of the sample: there must be this finding and no other that is worse than a note.
#[track_caller]
fn says(file: &str, old: &str, new: &str, expected: Expected) {
    let mut files = sample();
    let text = String::from_utf8(files.remove(file).expect("a file")).expect("text");
    assert!(text.contains(old), "{file} does not hold {old:?}");
    files.insert(file, text.replacen(old, new, 1));
    check(&files, expected);
}

#[track_caller]
fn check(files: &Files, expected: Expected) {
    let (rulebook, findings) = compile(files);
    let places: Vec<_> = findings
        .iter()
        .map(place)
        .filter(|place| place.1 != "agency_without_duty")
        .collect();
    assert_eq!(places, [expected]);
    assert_eq!(rulebook.is_none(), expected.0 == Severity::Error);
    for finding in &findings {
        for lang in [Lang::Zh, Lang::En] {
            assert!(!finding.message(lang).is_empty() && !finding.advice(lang).is_empty());
        }
    }
}

const fn error(code: &'static str, file: &'static str, line: u32, column: Option<&'static str>) -> Expected {
    (Severity::Error, code, file, Some(line), column)
}

const fn warning(code: &'static str, file: &'static str, line: u32, column: &'static str) -> Expected {
    (Severity::Warning, code, file, Some(line), Some(column))
}

#[test]
fn all_that_is_wrong_is_said_at_once_and_in_stable_json() {
    let mut files = sample();
    files.insert(
        "duties.csv",
        "matter,area,agency,role,when\n999999,330699,b,chief,weather == 1\n",
    );
    let (rulebook, findings) = compile(&files);
    assert!(rulebook.is_none());
    let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
    assert_eq!(errors.len(), 5);
    let json = serde_json::to_value(errors[1]).expect("serializable");
    assert_eq!(json["severity"], "error");
    assert_eq!(
        (&json["column"], &json["column_number"]),
        (&"matter".into(), &1.into())
    );
    assert_eq!(json["value"], "999999");
}

#[test]
fn the_shipped_rulebooks_are_in_order() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/rulebooks");
    let mut seen = 0;
    for entry in fs::read_dir(&root).expect("deploy/rulebooks") {
        let path = entry.expect("an entry").path();
        if !path.is_dir() {
            continue;
        }
        let files = Files::read_dir(&path).expect("readable");
        let (rulebook, findings) = compile(&files);
        let errors: Vec<_> = findings.iter().filter(|finding| finding.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        assert!(
            rulebook.is_some_and(|rulebook| !rulebook.duties.is_empty()),
            "{}",
            path.display()
        );
        assert_eq!(
            Files::from_bytes(&files.to_bytes()).map(|files| files.version()),
            Ok(files.version())
        );
        seen += 1;
    }
    assert!(seen > 0, "no rulebook under {}", root.display());
}
