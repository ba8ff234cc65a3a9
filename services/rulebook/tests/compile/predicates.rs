//! The example of docs/routing.md, as it stands there.

use std::path::Path;
use std::sync::Arc;

use bihuan_domain::clue::Attribute;
use bihuan_domain::code::{AreaCode, MatterCode};
use bihuan_domain::routing::{CompiledRulebook, Question};
use bihuan_rulebook::{Files, compile};
use jiff::civil::date;

/// The first block of this kind under the heading.
fn block(guide: &str, kind: &str) -> String {
    let (_, section) = guide.split_once("## Predicates").expect("the section");
    let (_, from) = section.split_once(&format!("```{kind}\n")).expect("a block");
    from.split_once("```").expect("its end").0.to_owned()
}

fn guide() -> Files {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/routing.md");
    let guide = std::fs::read_to_string(path).expect("the guide");
    let mut files = Files::default();
    let head = "label = \"t\"\ntitle = \"样例\"\ntime_zone = \"Asia/Shanghai\"\n";
    files.insert("rulebook.toml", format!("{head}{}", block(&guide, "toml")));
    files.insert(
        "areas.csv",
        "code,name,level\n3306,绍兴市,city\n330602,越城区,county\n",
    );
    files.insert("matters.csv", "code,name\nnoise,噪声\n");
    files.insert(
        "agencies.csv",
        "id,name\n330602-hbj,环保局\n330602-gaj,公安局\n330602-zhzf,综合执法局\n",
    );
    files.insert("duties.csv", block(&guide, "csv"));
    files
}

#[test]
fn the_guides_predicates_decide_as_it_says() {
    let (rulebook, findings) = compile(&guide());
    assert_eq!(findings, []);
    let rulebook = CompiledRulebook::new(Arc::new(rulebook.expect("a rulebook")));
    let (matter, area) = (
        MatterCode::new("noise").expect("valid"),
        AreaCode::new("330602").expect("valid"),
    );
    let decided = |hour: i8, kind: Option<&str>| {
        let attributes: Vec<_> = kind
            .map(|value| Attribute {
                name: "place_kind".to_owned(),
                value: value.to_owned(),
            })
            .into_iter()
            .collect();
        let answer = rulebook.decide(&Question {
            matter: Some(&matter),
            area: Some(&area),
            reported_at: date(2026, 1, 5).at(hour, 0, 0, 0),
            is_dated: true,
            severity: None,
            source: None,
            attributes: &attributes,
        });
        answer.row()
    };
    // the lines of the file: without a predicate, at night, on the street by day
    assert_eq!(decided(12, None), Some(2));
    assert_eq!(decided(12, Some("residential")), Some(2));
    assert_eq!(decided(23, None), Some(3));
    assert_eq!(decided(5, Some("street")), Some(3));
    assert_eq!(decided(12, Some("street")), Some(4));
}

#[test]
fn rows_that_may_both_hold_are_named() {
    let mut files = guide();
    let duties = String::from_utf8(files.remove("duties.csv").expect("a file")).expect("text");
    assert!(duties.contains("hour >= 22 || hour < 6"));
    files.insert(
        "duties.csv",
        duties.replace("hour >= 22 || hour < 6", "hour >= 21"),
    );
    let (rulebook, findings) = compile(&files);
    assert!(rulebook.is_some());
    let found: Vec<_> = findings.iter().map(|it| (it.code, it.line)).collect();
    assert_eq!(found, [("duty_tie_possible", Some(4))]);
}
