//! What is wrong with a record, and the flag that says so.

use bihuan_domain::code::SourceId;

use super::*;

const CLOSED: (&str, &str) = ("closed", "2026-01-06 08:00:00");

type Case = (&'static [(&'static str, &'static str)], &'static [Flag]);

#[test]
fn what_is_wrong_with_a_record_becomes_a_flag() {
    const CASES: &[Case] = &[
        (&[("matter", "")], &[Flag::MatterMissing]),
        (&[("matter", "m9")], &[Flag::MatterUnknown]),
        (&[("area", " ")], &[Flag::AreaMissing]),
        (&[("area", "Unspecified")], &[Flag::AreaUnknown]),
        (&[("agency", "a9")], &[Flag::AgencyUnknown]),
        (&[("agency", "")], &[]),
        (&[("conclusion", "done")], &[]),
        (&[("conclusion", "done"), CLOSED], &[Flag::ConclusionUnknown]),
        (&[("conclusion", "rectified"), CLOSED], &[]),
        (&[("reported", "")], &[Flag::ReportedAtMissing]),
        (&[("reported", "yesterday")], &[Flag::ReportedAtUnreadable]),
        (
            &[("reported", "0001-01-01 00:00:00")],
            &[Flag::ReportedAtUnreadable],
        ),
        (&[("reported", "2026-02-01T00:10:00Z")], &[]),
        (&[("reported", "2026-02-01T00:10:01Z")], &[Flag::ReportedInFuture]),
        (&[("reported", "9999-01-01T00:00:00Z")], &[Flag::ReportedInFuture]),
        (&[("closed", "soon")], &[Flag::ClosedAtUnreadable]),
        (&[("closed", "2027-01-01 00:00:00")], &[Flag::ClosedAtUnreadable]),
        (
            &[("closed", "2026-01-05 07:59:59")],
            &[Flag::ClosedBeforeReported],
        ),
        (&[("closed", "2026-01-05 08:00:00")], &[]),
        (
            &[("closed", "2026-01-05 07:59:59"), ("reported", "?")],
            &[Flag::ReportedAtUnreadable],
        ),
        (&[("due", "soon")], &[Flag::DueAtUnreadable]),
        (
            &[("lng", "x"), ("lat", "30"), ("datum", "WGS-84")],
            &[Flag::LocationUnreadable],
        ),
        (
            &[("lng", "181"), ("lat", "30"), ("datum", "WGS-84")],
            &[Flag::LocationUnreadable],
        ),
        (
            &[("lng", "120"), ("lat", "NaN"), ("datum", "WGS-84")],
            &[Flag::LocationUnreadable],
        ),
        (
            &[("lng", "120"), ("datum", "WGS-84")],
            &[Flag::LocationUnreadable],
        ),
        (&[("lng", "120"), ("lat", "30")], &[Flag::LocationUnreadable]),
        (&[("datum", "WGS-84")], &[]),
        (&[("severity", "高")], &[Flag::ValueUnknown]),
        (&[("class", "self_handled")], &[]),
        (&[("class", "odd")], &[Flag::ValueUnknown]),
        (&[("title", "a\u{0}b")], &[Flag::ValueUnreadable]),
        (&[("channel", "a\u{fffd}b")], &[Flag::ValueUnreadable]),
        (
            &[("matter", ""), ("area", ""), ("due", "x")],
            &[Flag::MatterMissing, Flag::AreaMissing, Flag::DueAtUnreadable],
        ),
    ];
    for (changes, flags) in CASES {
        assert_eq!(report(with(changes)).flags, *flags, "{changes:?}");
    }
}

/// A record of a source with tables of values that lead `A1`, `YC` and `甲` somewhere.
fn translated(changes: &[(&'static str, &'static str)]) -> (Report, Vec<UnknownCode>) {
    let table = |mapping: &str, field: &str, values: &str| {
        let plain = format!("{field} = \"{field}\"");
        assert!(mapping.contains(&plain), "{field}");
        mapping.replace(
            &plain,
            &format!("{field} = {{ from = \"{field}\", values = {{ {values} }} }}"),
        )
    };
    let mapping = table(HISTORY, "matter", "A1 = \"m1\"");
    let mapping = table(&mapping, "agency", "'甲' = \"a1\"");
    let mapping = table(&mapping, "class", "'甲' = \"self_handled\"");
    let mapping = table(&mapping, "conclusion", "'甲' = \"rectified\"");
    let mut rulebook = rulebook();
    let source = SourceId::new("s").expect("an id");
    let matter = MatterCode::new("m1").expect("a code");
    rulebook.crosswalk.insert((source, "K7".to_owned()), matter);
    let given = [
        changes,
        &[("id", "1"), ("reported", "2026-01-05 08:00:00"), CLOSED],
    ]
    .concat();
    match run(&mapping, &given, &CompiledRulebook::new(Arc::new(rulebook))) {
        Outcome::Clue { report, unknown, .. } => (report, unknown),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_word_that_values_lack_leads_nowhere_though_the_rulebook_has_it() {
    let (known, unknown) = translated(&[
        ("matter", "A1"),
        ("area", "YC"),
        ("agency", "甲"),
        ("conclusion", "甲"),
    ]);
    assert_eq!((known.flags.as_slice(), unknown.as_slice()), (&[][..], &[][..]));
    assert!(known.matter.is_some() && known.area.is_some());

    let (found, unknown) = translated(&[
        ("matter", "m1"),
        ("area", "330602001"),
        ("agency", "a1"),
        ("class", "self_handled"),
        ("conclusion", "rectified"),
    ]);
    assert_eq!((found.matter, found.area), (None, None));
    assert_eq!(found.class, Class::Ordinary);
    let history = found.history.expect("a history");
    assert_eq!((history.agency, history.conclusion), (None, Conclusion::Unstated));
    assert_eq!(
        found.flags,
        [
            Flag::MatterUnknown,
            Flag::AreaUnknown,
            Flag::AgencyUnknown,
            Flag::ConclusionUnknown,
            Flag::ValueUnknown
        ]
    );
    let mut named: Vec<_> = unknown.iter().map(|it| (it.key, it.code.as_deref())).collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            ("clue.area", Some("330602001")),
            ("clue.class", Some("self_handled")),
            ("clue.matter", Some("m1")),
            ("history.agency", Some("a1")),
            ("history.conclusion", Some("rectified")),
        ]
    );

    // nor by its name
    let (found, _) = translated(&[("matter", "A1"), ("area", "名Town")]);
    assert_eq!((found.area, found.flags), (None, vec![Flag::AreaUnknown]));
    // the crosswalk names the source, so it may lead what the mapping lacks
    let (found, unknown) = translated(&[("matter", "K7"), ("area", "YC")]);
    assert_eq!(
        found.matter.map(|matter| matter.to_string()).as_deref(),
        Some("m1")
    );
    assert_eq!((found.flags, unknown), (vec![], vec![]));
}
