//! What is wrong with a record, and the flag that says so.

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
