//! Rows of a hand-over log.

use bihuan_domain::clue::{LogRow, LogStep};

use super::*;

const LOG: &str = r#"
source = "s"
mode = "log"
format = "csv"
time_zone = "Asia/Shanghai"
[clue]
id = "id"
matter = "matter"
[log]
at = "at"
agency = "who"
step = { from = "what", values = { "派单" = "dispatched", "办结" = "closed", "怪" = "done" } }
"#;

fn row(given: &[(&str, &str)]) -> Outcome {
    let sound = [
        ("id", "1"),
        ("matter", "m1"),
        ("at", "2026-01-05 08:00:00"),
        ("who", "a1"),
        ("what", "派单"),
    ];
    let kept = sound
        .iter()
        .filter(|(name, _)| given.iter().all(|(changed, _)| changed != name));
    let given: Vec<_> = given.iter().chain(kept).copied().collect();
    run(LOG, &given, &rulebook())
}

fn logged(given: &[(&str, &str)]) -> (LogRow, Vec<Flag>) {
    let report = report(row(given));
    (report.log.expect("a row"), report.flags)
}

#[test]
fn a_row_says_when_who_and_what() {
    let (row, flags) = logged(&[]);
    let at = "2026-01-05T00:00:00Z".parse().expect("a time");
    let expected = LogRow {
        at,
        agency: AgencyId::new("a1").ok(),
        step: Some(LogStep::Dispatched),
    };
    // the areas of a log are elsewhere, if anywhere
    assert_eq!((row, flags), (expected, vec![Flag::AreaMissing]));
    assert_eq!(
        report(self::row(&[])).reported_at,
        at,
        "the report is its first row"
    );
}

#[test]
fn what_nobody_knows_is_flagged_and_says_only_what_it_says() {
    type Case<'a> = (
        &'a [(&'a str, &'a str)],
        Option<&'a str>,
        Option<LogStep>,
        Option<Flag>,
    );
    let cases: [Case<'_>; 5] = [
        (
            &[("who", "a9")],
            Some("a9"),
            Some(LogStep::Dispatched),
            Some(Flag::AgencyUnknown),
        ),
        (&[("who", "")], None, Some(LogStep::Dispatched), None),
        (&[("what", "")], Some("a1"), None, None),
        (&[("what", "?")], Some("a1"), None, Some(Flag::ValueUnknown)),
        (&[("what", "怪")], Some("a1"), None, Some(Flag::ValueUnknown)),
    ];
    for (given, agency, step, flag) in cases {
        let (row, flags) = logged(given);
        assert_eq!(
            (row.agency.as_ref().map(AgencyId::as_str), row.step),
            (agency, step),
            "{given:?}"
        );
        let said: Vec<_> = flags.into_iter().filter(|it| *it != Flag::AreaMissing).collect();
        assert_eq!(said, flag.into_iter().collect::<Vec<_>>(), "{given:?}");
    }
    let Outcome::Clue { unknown, .. } = row(&[("who", "a9"), ("what", "?")]) else {
        panic!("a clue")
    };
    let keys: Vec<_> = unknown.iter().map(|it| it.key).collect();
    assert_eq!(keys, ["log.agency", "log.step"]);
}

#[test]
fn a_row_of_no_known_time_has_no_place_in_the_log() {
    for (at, reason) in [
        ("", "time_missing"),
        ("soon", "time_unreadable"),
        ("2027-01-01 00:00:00", "time_in_future"),
    ] {
        assert_eq!(row(&[("at", at)]), quarantined(reason, "at"), "{at:?}");
    }
}

#[test]
fn rows_are_told_apart_by_all_that_they_say() {
    let digest = |given: &[(&str, &str)]| report(row(given)).digest;
    let sound = digest(&[]);
    assert_eq!(digest(&[("unmapped", "x")]), sound);
    for given in [
        ("at", "2026-01-05 08:00:01"),
        ("who", "a2"),
        ("what", "办结"),
        ("matter", "m2"),
    ] {
        assert_ne!(digest(&[given]), sound, "{given:?}");
    }
}

#[test]
fn the_report_is_no_later_than_its_first_row() {
    let mapping = LOG.replace("matter = \"matter\"", "reported_at = \"reported\"");
    for (reported, expected) in [
        ("2026-01-04 08:00:00", "2026-01-04T00:00:00Z"),
        ("2026-01-06 08:00:00", "2026-01-05T00:00:00Z"),
        ("?", "2026-01-05T00:00:00Z"),
    ] {
        let given = [
            ("id", "1"),
            ("at", "2026-01-05 08:00:00"),
            ("who", "a1"),
            ("what", "办结"),
            ("reported", reported),
        ];
        let report = report(run(&mapping, &given, &rulebook()));
        assert_eq!(report.reported_at.to_string(), expected, "{reported}");
    }
}
