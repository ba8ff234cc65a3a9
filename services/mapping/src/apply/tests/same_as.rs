//! Records that stand for the same clue.

use bihuan_domain::code::SourceId;
use bihuan_domain::id::ClueId;

use super::*;

const MAPPING: &str = "source = \"grid\"\nformat = \"csv\"\n[clue]\nid = \"id\"\nsame_as = ";

fn outcome(form: &str, given: &[(&str, &str)]) -> Outcome {
    let given = [&[("id", "G-1")], given].concat();
    run(&format!("{MAPPING}{form}\n"), &given, &Rulebook::none())
}

fn clue(source: &str, id: &str) -> ClueId {
    ClueId::derive(&SourceId::new(source).expect("valid"), id)
}

#[test]
fn a_record_becomes_one_of_the_clue_that_it_names() {
    let hotline = "{ source = \"hotline\", from = \"no\" }";
    let joined = "{ source = \"hotline\", from = [\"year\", \"no\"], join = \"-\" }";
    let told = "{ source = { from = \"who\", values = { \"12345\" = \"hotline\" } }, from = \"no\", null = [\"无\"] }";
    for (form, given, expected) in [
        (hotline, &[("no", " H-7 ")][..], ("hotline", "H-7")),
        (hotline, &[("no", "")], ("grid", "G-1")),
        (hotline, &[], ("grid", "G-1")),
        (joined, &[("year", "2026"), ("no", "7")], ("hotline", "2026-7")),
        // part of an id names nothing
        (joined, &[("year", "2026"), ("no", "")], ("grid", "G-1")),
        (told, &[("who", "12345"), ("no", "H-7")], ("hotline", "H-7")),
        (told, &[("who", "12345"), ("no", "无")], ("grid", "G-1")),
        (
            "{ source = \"grid\", from = \"no\" }",
            &[("no", "G-1")],
            ("grid", "G-1"),
        ),
        (
            "{ source = \"grid\", from = \"no\" }",
            &[("no", "G-2")],
            ("grid", "G-2"),
        ),
    ] {
        let Outcome::Clue { clue_id, report, .. } = outcome(form, given) else {
            panic!("{form} {given:?}");
        };
        assert_eq!(clue_id, clue(expected.0, expected.1), "{form} {given:?}");
        assert_eq!(
            (report.source.as_str(), &*report.source_id),
            ("grid", "G-1"),
            "it keeps its own name"
        );
    }
}

#[test]
fn what_cannot_be_told_for_certain_is_put_away() {
    let told = "{ source = { from = \"who\", values = { \"12345\" = \"hotline\" } }, from = \"no\" }";
    let hotline = "{ source = \"hotline\", from = \"no\" }";
    for (form, given) in [
        (told, &[("who", "12319"), ("no", "7")][..]),
        (told, &[("who", ""), ("no", "7")]),
        (
            "{ source = { from = \"who\" }, from = \"no\" }",
            &[("who", "not a source"), ("no", "7")],
        ),
        // a spreadsheet took its last digits
        (hotline, &[("no", "20260105000000000")]),
        (hotline, &[("no", "2.02601E+16")]),
        (hotline, &[("no", "a\u{fffd}")]),
    ] {
        let Outcome::Quarantine { reason, field } = outcome(form, given) else {
            panic!("{form} {given:?}");
        };
        assert_eq!((reason, field.as_deref()), ("same_as_invalid", Some("same_as")));
    }
}

/// Whatever a mapping says of other records, the digest of one that names none is the same for each record as mapped.
#[test]
fn another_name_is_another_content() {
    let digest = |form: &str, no| match outcome(form, &[("no", no)]) {
        Outcome::Clue { report, .. } => report.digest,
        other => panic!("{other:?}"),
    };
    let hotline = "{ source = \"hotline\", from = \"no\" }";
    assert_ne!(digest(hotline, "1"), digest(hotline, "2"));
    assert_ne!(digest(hotline, "1"), digest(hotline, ""));
    assert_ne!(
        digest(hotline, "1"),
        digest("{ source = \"other\", from = \"no\" }", "1")
    );
}

#[test]
fn whether_several_may_name_the_same_is_for_the_mapping_to_say() {
    let mapping = |more: &str| {
        let same_as = format!("{{ source = \"hotline\", from = \"no\"{more} }}");
        Mapping::parse(&format!("{MAPPING}{same_as}\n"))
    };
    let of = |more| mapping(more).map(|it| (it.names_others(), it.shares_others()));
    assert_eq!(of("").ok(), Some((true, false)));
    assert_eq!(of(", many = false").ok(), Some((true, false)));
    assert_eq!(of(", many = true").ok(), Some((true, true)));
    let problems = of(", many = \"yes\"").expect_err("no truth value");
    assert!(problems[0].to_string().contains("true"), "{problems:?}");
    let outcome = outcome("{ source = \"hotline\", from = \"no\" }", &[("no", "H-7")]);
    let Outcome::Clue { same_as, .. } = outcome else {
        panic!("{outcome:?}");
    };
    let hotline = SourceId::new("hotline").expect("valid");
    assert_eq!(same_as, Some(Name::new(&hotline, "H-7")));
}
