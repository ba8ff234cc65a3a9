use bihuan_domain::clue::{Field, Snapshot, SourceStatus, TimeBasis};

use super::*;

const SNAPSHOT: &str = r#"
source = "s"
mode = "snapshot"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "id"
reported_at = "reported"
title = "title"
attributes = ["channel"]
[snapshot]
version = "updated"
status = { from = "status", values = { "1" = "open", "9" = "closed", "7" = "urged" } }
deleted = { from = "del", values = { "1" = true } }
agency = { from = "dept", values = { "城管局" = "chengguan" }, default = "chengguan" }
changed_at = { from = "status_time", time = "%Y-%m-%d %H:%M" }
conclusion = { from = "how", values = { "好" = "rectified" } }
"#;

const FIRST: [(&str, &str); 4] = [
    ("id", "1"),
    ("reported", "2026-01-05 08:00:00"),
    ("title", "占道经营"),
    ("status", "1"),
];

fn version(changes: &[(&'static str, &'static str)]) -> Report {
    let kept = FIRST
        .iter()
        .filter(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    let given: Vec<_> = changes.iter().chain(kept).copied().collect();
    report(run(SNAPSHOT, &given, &Rulebook::none()))
}

fn snapshot(changes: &[(&'static str, &'static str)]) -> Snapshot {
    version(changes).snapshot.expect("a snapshot")
}

#[test]
fn a_version_is_a_time_or_a_number_or_the_order_counts() {
    let at: Timestamp = "2026-01-06T00:00:00Z".parse().expect("a time");
    let table = [
        ("2026-01-06 08:00:00", Some(at.as_micros()), TimeBasis::Version),
        ("2026-01-06T00:00:00Z", Some(at.as_micros()), TimeBasis::Version),
        ("17", Some(17), TimeBasis::Receipt),
        ("-3", Some(-3), TimeBasis::Receipt),
        ("20260106080000", Some(20_260_106_080_000), TimeBasis::Receipt),
        ("v17", None, TimeBasis::Receipt),
        // all that follow would be older
        ("2099-01-01 08:00:00", None, TimeBasis::Receipt),
        ("", None, TimeBasis::Receipt),
    ];
    for (text, expected, basis) in table {
        let report = version(&[("updated", text)]);
        let unreadable = report.flags.contains(&Flag::VersionUnreadable);
        assert_eq!(
            unreadable,
            matches!(text, "v17" | "2099-01-01 08:00:00"),
            "{text}"
        );
        let found = report.snapshot.expect("a snapshot");
        assert_eq!((found.version, found.basis), (expected, basis), "{text}");
        let changed_at = if basis == TimeBasis::Version {
            at
        } else {
            receipt().received_at
        };
        assert_eq!(found.changed_at, changed_at, "{text}");
    }
}

#[test]
fn the_time_of_the_status_stands_beside_that_of_the_version() {
    let both = [
        ("updated", "2026-01-06 08:00:00"),
        ("status_time", "2026-01-05 09:00"),
    ];
    let found = snapshot(&both);
    let status_at = found.status_at.map(|at| at.to_string());
    assert_eq!(status_at.as_deref(), Some("2026-01-05T01:00:00Z"));
    assert_eq!(
        found.basis,
        TimeBasis::Version,
        "for what changes without the status"
    );
    let unreadable = version(&[("updated", "2026-01-06 08:00:00"), ("status_time", "昨天")]);
    assert_eq!(
        unreadable.flags,
        [Flag::MatterMissing, Flag::AreaMissing, Flag::ValueUnreadable]
    );
    assert_eq!(unreadable.snapshot.map(|it| it.basis), Some(TimeBasis::Version));
}

#[test]
fn a_word_for_no_status_is_none_and_no_word_is_open() {
    let table = [
        ("1", "", Some(SourceStatus::Open), false),
        ("9", "0", Some(SourceStatus::Closed), false),
        ("9", "1", Some(SourceStatus::Deleted), false),
        ("7", "", Some(SourceStatus::Urged), false),
        ("", "", Some(SourceStatus::Open), false),
        ("办结", "", None, true),
    ];
    for (status, deleted, expected, flagged) in table {
        let report = version(&[("status", status), ("del", deleted)]);
        assert_eq!(
            report.flags.contains(&Flag::SourceStatusUnknown),
            flagged,
            "{status}"
        );
        assert_eq!(report.snapshot.and_then(|it| it.status), expected, "{status}");
    }
    let closed = snapshot(&[("status", "9"), ("how", "好")]);
    assert_eq!(closed.conclusion, Conclusion::Rectified);
}

#[test]
fn versions_that_say_the_same_are_the_same_and_others_differ_in_named_fields() {
    let first = version(&[("updated", "1")]);
    let later = version(&[("updated", "2"), ("status_time", "2026-01-05 09:00")]);
    assert_eq!(first.digest, later.digest, "neither version nor time is content");
    let changed = |changes: &[(&'static str, &'static str)]| {
        let other = version(changes);
        let record = |report: &Report| report.snapshot.clone().expect("a snapshot").prints;
        let (old, new) = (record(&first), record(&other));
        // attachments only add: they are no part of it
        assert_eq!(old.len(), Field::ALL.len() - 1);
        let fields: Vec<_> = old
            .iter()
            .zip(&new)
            .filter(|(old, new)| old != new)
            .map(|(old, _)| old.field)
            .collect();
        assert_eq!(other.digest == first.digest, fields.is_empty(), "{changes:?}");
        fields
    };
    assert_eq!(changed(&[]), []);
    assert_eq!(changed(&[("title", "占道")]), [Field::Title]);
    assert_eq!(
        changed(&[("channel", "video"), ("status", "7")]),
        [Field::Attributes, Field::Status]
    );
    assert_eq!(
        changed(&[("reported", "2026-01-05 08:00:01")]),
        [Field::ReportedAt]
    );
    assert_eq!(changed(&[("del", "1")]), [Field::Status]);
    assert_eq!(changed(&[("dept", "住建局")]), [Field::Agency]);
}

#[test]
fn who_has_it_there_stays_under_its_own_name_if_nobody_knows_it() {
    let there = |dept: &'static str| snapshot(&[("dept", dept)]).agency;
    assert_eq!(there("城管局"), AgencyId::new("chengguan").ok());
    assert_eq!(there("住建局"), AgencyId::new("住建局").ok());
    let silent = SNAPSHOT.replace("agency =", "# agency =");
    let report = report(run(&silent, &FIRST, &Rulebook::none()));
    let snapshot = report.snapshot.expect("a snapshot");
    assert!(snapshot.agency.is_none() && snapshot.prints.iter().all(|it| it.field != Field::Agency));
}

/// A cell that a sheet could not compute says that there is a value, and not which.
#[test]
fn what_could_not_be_computed_changes_nothing_of_what_is_known() {
    let text = SNAPSHOT
        .replace("\"json\"", "\"csv\"")
        .replace("changed_at", "# changed_at")
        .replace("conclusion", "# conclusion")
        .replace("agency", "# agency");
    let mapping = Mapping::parse(&text).expect("good");
    let columns = ["id", "reported", "title", "channel", "updated", "status", "del"].map(str::to_owned);
    let bound = mapping.bind_columns(&columns).expect("bound");
    let outcome = |row: &str| bound.outcome(row.as_bytes(), &Rulebook::none(), receipt());
    for (row, status, title) in [
        (
            "1,2026-01-05 08:00:00,占道,网格,5,9,",
            Some(SourceStatus::Closed),
            Some("占道"),
        ),
        ("1,2026-01-05 08:00:00,,网格,5,,", Some(SourceStatus::Open), None),
        ("1,2026-01-05 08:00:00,#N/A,网格,5,#REF!,", None, None),
        ("1,2026-01-05 08:00:00,占道,网格,5,9,#N/A", None, Some("占道")),
    ] {
        let Outcome::Clue { report, text, .. } = outcome(row) else {
            panic!("{row}");
        };
        assert_eq!(report.snapshot.and_then(|it| it.status), status, "{row}");
        assert_eq!(text.and_then(|text| text.title).as_deref(), title, "{row}");
    }
}

/// A platform that has no word for it, but a time.
#[test]
fn a_time_of_closing_says_that_a_record_is_closed() {
    const WEEKLY: &str = "source = \"weekly\"\nmode = \"snapshot\"\nformat = \"csv\"\ntime_zone = \"Asia/Shanghai\"\n\
         [clue]\nid = \"id\"\nreported_at = \"reported\"\n\
         [snapshot]\nclosed_at = \"closed\"\nstatus = { from = \"status\", values = { \"撤回\" = \"withdrawn\" } }\n";
    let read = |closed: &'static str, status: &'static str| {
        let fields = [
            ("id", "1"),
            ("reported", "2026-01-05 09:00"),
            ("closed", closed),
            ("status", status),
        ];
        report(run(WEEKLY, &fields, &Rulebook::none()))
    };
    let said = |report: &Report| {
        let snapshot = report.snapshot.clone().expect("a snapshot");
        (snapshot.status, snapshot.status_at.map(|at| at.to_string()))
    };
    let open = read("", "");
    assert_eq!(said(&open), (Some(SourceStatus::Open), None));
    let closed = read("2026-01-06 09:00", "");
    let at = Some("2026-01-06T01:00:00Z".to_owned());
    assert_eq!(said(&closed), (Some(SourceStatus::Closed), at));
    assert!(!closed.flags.contains(&Flag::ClosedBeforeReported));
    assert_ne!(open.digest, closed.digest);
    assert_eq!(
        said(&read("2026-01-06 09:00", "撤回")),
        (Some(SourceStatus::Withdrawn), None),
        "a word counts before a time"
    );
    let before = read("2026-01-04 09:00", "");
    assert!(before.flags.contains(&Flag::ClosedBeforeReported));
    for unfit in ["昨天", "2099-01-01 09:00"] {
        let open = read(unfit, "");
        assert_eq!(said(&open), (Some(SourceStatus::Open), None), "{unfit}");
        assert!(open.flags.contains(&Flag::ClosedAtUnreadable), "{unfit}");
    }
}

#[test]
fn attachments_are_addresses_and_no_part_of_what_makes_two_records_the_same() {
    let text = |mode: &str| {
        let section = if mode == "snapshot" { "[snapshot]\n" } else { "" };
        format!(
            "source = \"grid\"\nmode = \"{mode}\"\nformat = \"csv\"\n[clue]\nid = \"id\"\n\
             attachments = {{ from = \"photos\", each = \";\" }}\n{section}"
        )
    };
    let read = |mode: &str, photos: &str| {
        let fields = [("id", "1"), ("photos", photos)];
        report(run(&text(mode), &fields, &Rulebook::none()))
    };
    let twice = read("snapshot", "a.jpg; b.jpg;a.jpg;;");
    assert_eq!(twice.attachments, ["a.jpg", "b.jpg"]);
    assert_eq!(twice.digest, read("snapshot", "").digest);
    assert_ne!(read("event", "a.jpg").digest, read("event", "").digest);
    let long = "x".repeat(3000);
    let unfit = read("snapshot", &long);
    assert!(unfit.attachments.is_empty() && unfit.flags.contains(&Flag::ValueUnreadable));
}
