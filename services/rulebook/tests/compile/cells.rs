use super::{MATTERS, check, error, sample, says, warning};

#[test]
fn cells_hold_what_their_column_is_for() {
    says(
        "areas.csv",
        ",,county",
        ",,district",
        error("level_invalid", "areas.csv", 3, Some("level")),
    );
    says(
        "agencies.csv",
        "county",
        "district",
        error("level_invalid", "agencies.csv", 2, Some("level")),
    );
    says(
        "agencies.csv",
        "014T",
        "014A",
        error("credit_code_invalid", "agencies.csv", 2, Some("credit_code")),
    );
    says(
        "duties.csv",
        "first_handler",
        "handler",
        error("role_invalid", "duties.csv", 2, Some("role")),
    );
    says(
        "duties.csv",
        ",county",
        ",district",
        error("layer_invalid", "duties.csv", 2, Some("layer")),
    );
    for date in ["2026/1/1", "20260101", "2026-02-30", "1.1.2026"] {
        says(
            "duties.csv",
            "2026-01-01",
            date,
            error("date_invalid", "duties.csv", 2, Some("from")),
        );
    }
    for to in ["2026-01-01", "2025-12-31"] {
        says(
            "duties.csv",
            "2026-07-01",
            to,
            error("from_after_to", "duties.csv", 4, Some("to")),
        );
    }
    for (when, code) in [
        ("severity == 2", "predicate_type"),
        ("severity = 2", "predicate_syntax"),
        ("weather == 'rain'", "predicate_unknown_fact"),
        ("hour + 1 > 2", "predicate_unsupported"),
    ] {
        says(
            "duties.csv",
            "条例,",
            &format!("条例,{when}"),
            error(code, "duties.csv", 2, Some("when")),
        );
    }
    says(
        "duties.csv",
        "条例,",
        "条例,hour > 23",
        warning("predicate_never", "duties.csv", 2, "when"),
    );
    says(
        "crosswalk.csv",
        "matter\ngrid,A1,010101",
        "matter,when\ngrid,A2,010101,\ngrid,A1,010101,severity == 2",
        error("predicate_unsupported", "crosswalk.csv", 3, Some("when")),
    );
    says(
        "limits.csv",
        "5wd",
        "5 days",
        error("limit_unit_unknown", "limits.csv", 2, Some("limit")),
    );
    says(
        "limits.csv",
        "handle",
        "handel",
        error("step_unknown", "limits.csv", 2, Some("step")),
    );
}

#[test]
fn references_lead_somewhere() {
    let unknown = |line, file, column| error("reference_unknown", file, line, Some(column));
    says(
        "agencies.csv",
        "county,330602",
        "county,330699",
        unknown(2, "agencies.csv", "area"),
    );
    says(
        "duties.csv",
        "*,330602",
        "*,330699",
        unknown(3, "duties.csv", "area"),
    );
    says("duties.csv", ",,a,", ",,b,", unknown(3, "duties.csv", "agency"));
    says(
        "duties.csv",
        "010101,",
        "999999,",
        unknown(4, "duties.csv", "matter"),
    );
    says(
        "crosswalk.csv",
        "010101",
        "999999",
        unknown(2, "crosswalk.csv", "matter"),
    );
    says("limits.csv", "01,", "99,", unknown(2, "limits.csv", "matter"));
    says(
        "duties.csv",
        "010101,",
        "0201,",
        error("category_unknown", "duties.csv", 4, Some("matter")),
    );
    says(
        "duties.csv",
        "010101,",
        ",",
        error("code_invalid", "duties.csv", 4, Some("matter")),
    );
    let mut files = sample();
    files.insert("matters.csv", MATTERS.replace("020101", "01"));
    files.remove("limits.csv");
    check(&files, warning("reference_ambiguous", "duties.csv", 2, "matter"));
}
