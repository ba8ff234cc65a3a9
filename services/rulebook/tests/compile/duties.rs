use bihuan_rulebook::{Severity, compile};

use super::{AGENCIES, AREAS, DUTIES, Expected, check, error, place, sample, says, warning};

/// Adds rows from line 5 on.
#[track_caller]
fn with_duty(rows: &str, expected: Option<Expected>) {
    let mut files = sample();
    files.insert(
        "agencies.csv",
        format!("{AGENCIES}b,乙局,county,330602,\nu,开发区,town,330602,\nv,府山街道办,town,330602002,\n"),
    );
    files.insert("areas.csv", format!("{AREAS}330602002,府山街道,,town\n"));
    files.insert("duties.csv", format!("{DUTIES}{rows}"));
    match expected {
        Some(expected) => check(&files, expected),
        None => assert_eq!(
            compile(&files)
                .1
                .iter()
                .filter(|f| f.severity > Severity::Note)
                .count(),
            0
        ),
    }
}

#[test]
fn a_rulebook_may_not_contradict_itself() {
    let tie = error("duty_tie", "duties.csv", 5, Some("agency"));
    with_duty("01,330602,,b,,2026-01-02,county,,\n", Some(tie));
    with_duty("*,330602,,b,,,,,\n", Some(tie));
    // not on the same day, not of the same rank, not for the same role
    with_duty("01,330602,,b,,2026-01-01,county,,\n", None);
    with_duty("01,330602,,b,,,city,,\n", None);
    with_duty("01,330602,penalty,b,,,county,,\n", None);
    with_duty(
        "01,330602,assisting,b,,,county,,\n01,330602,assisting,t,,,county,,\n",
        None,
    );
    let penalties = "01,330602,penalty,b,,,county,,\n01,330602,penalty,a,,,county,,\n";
    with_duty(penalties, Some(warning("duty_tie", "duties.csv", 6, "agency")));
    with_duty(
        "01,330602,,a,2026-06-01,,county,,\n",
        Some(warning("duty_duplicate", "duties.csv", 5, "agency")),
    );
    // two towns delegated over one county meet only where one lies in the other
    with_duty(
        "020101,330602,,t,,,delegation,,\n020101,330602,,v,,,delegation,,\n",
        None,
    );
    with_duty(
        "020101,330602,,t,,,delegation,,\n020101,330602,,u,,,delegation,,\n",
        Some(error("duty_tie", "duties.csv", 6, Some("agency"))),
    );
    with_duty(
        "01,330602,,a,,,delegation,,\n",
        Some(warning("delegation_not_to_town", "duties.csv", 5, "agency")),
    );
}

#[test]
fn what_nobody_does_is_said() {
    says(
        "duties.csv",
        "*,330602",
        "02,330602",
        error("category_unknown", "duties.csv", 3, Some("matter")),
    );
    says(
        "duties.csv",
        "*,330602",
        "010102,330602",
        warning("matter_unrouted", "matters.csv", 4, "code"),
    );
    let mut files = sample();
    files.insert("agencies.csv", format!("{AGENCIES}b,乙局,county,330602,\n"));
    let (rulebook, findings) = compile(&files);
    assert!(rulebook.is_some());
    let expected = (
        Severity::Note,
        "agency_without_duty",
        "agencies.csv",
        Some(4),
        Some("id"),
    );
    assert_eq!(findings.iter().map(place).collect::<Vec<_>>(), [expected]);
}
