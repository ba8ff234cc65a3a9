//! Each form that a field of a mapping may take.

use super::*;

/// The title that a field form makes of a record.
fn title(form: &str, given: &[(&str, &str)]) -> Option<String> {
    let mapping = format!("source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"id\"\ntitle = {form}\n");
    let given = [&[("id", "1")], given].concat();
    match run(&mapping, &given, &Rulebook::none()) {
        Outcome::Clue { text, .. } => text.and_then(|text| text.title),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_form_of_a_field_makes_its_text() {
    let given = [("a", " x "), ("b", ""), ("c", "y/z/w"), ("d", "N/A"), ("e", "1")];
    for (form, expected) in [
        ("\"a\"", Some("x")),
        ("\"b\"", None),
        ("\"absent\"", None),
        ("{ from = [\"b\", \"a\"] }", Some("x")),
        (
            "{ from = [\"a\", \"b\", \"c\"], join = \" · \" }",
            Some("x · y/z/w"),
        ),
        (
            "{ from = [\"b\"], join = \"-\", default = \"none\" }",
            Some("none"),
        ),
        ("{ from = \"c\", split = \"/\" }", Some("y")),
        ("{ from = \"c\", split = { on = \"/\", part = 2 } }", Some("z")),
        ("{ from = \"c\", split = { on = \"/\", part = -1 } }", Some("w")),
        (
            "{ from = \"c\", split = { on = \"/\", part = 4 }, default = \"-\" }",
            Some("-"),
        ),
        (
            "{ from = [\"a\", \"c\"], join = \"/\", split = { on = \"/\", part = -3 } }",
            Some("y"),
        ),
        ("{ from = \"d\", null = [\"N/A\"] }", None),
        ("{ from = [\"d\", \"a\"], null = \"N/A\" }", Some("x")),
        (
            "{ from = \"d\", null = [\"N/A\"], default = \"empty\" }",
            Some("empty"),
        ),
        ("{ from = \"e\", values = { 1 = \"one\", 2 = 2 } }", Some("one")),
        (
            "{ from = \"a\", values = { 1 = \"one\" }, default = \"d\" }",
            Some("x"),
        ),
        (
            "{ from = \"b\", values = { 1 = \"one\" }, default = \"d\" }",
            Some("d"),
        ),
        ("{ value = \"always\" }", Some("always")),
        ("{ value = 7 }", Some("7")),
    ] {
        assert_eq!(title(form, &given).as_deref(), expected, "{form}");
    }
}

#[test]
fn an_id_of_several_parts_needs_all_of_them() {
    let mapping = "source = \"s\"\nformat = \"csv\"\n[clue]\nid = { from = [\"a\", \"b\"], join = \"-\" }\n";
    assert_eq!(
        report(run(mapping, &[("a", "1"), ("b", "2")], &Rulebook::none())).source_id,
        "1-2"
    );
    assert_eq!(
        run(mapping, &[("a", "1")], &Rulebook::none()),
        quarantined("id_missing", "id")
    );
    // a part that means empty is missing too
    let mapping = mapping.replace("join", "null = [\"无\"], join");
    for (a, b) in [("2026", "无"), ("无", "7"), (" 无 ", "7")] {
        assert_eq!(
            run(&mapping, &[("a", a), ("b", b)], &Rulebook::none()),
            quarantined("id_missing", "id")
        );
    }
}

#[test]
fn digits_that_a_part_of_an_id_lost_show_in_the_id() {
    let lost = "330602202601050000";
    for (id, is_flagged) in [
        ("{ from = [\"k\", \"n\"], join = \"-\" }", true),
        (
            "{ from = [\"n\", \"k\"], join = \"-\", split = { on = \"-\", part = 2 } }",
            true,
        ),
        ("{ from = [\"absent\", \"n\"] }", true),
        (
            "{ from = \"n\", values = { \"330602202601050000\" = \"x\" } }",
            true,
        ),
        ("{ from = [\"k\", \"n\"] }", false),
    ] {
        let mapping = format!("source = \"s\"\nformat = \"csv\"\n[clue]\nid = {id}\n");
        let found = report(run(&mapping, &[("k", "A"), ("n", lost)], &Rulebook::none()));
        assert_eq!(found.flags.contains(&Flag::IdImprecise), is_flagged, "{id}");
    }
}

#[test]
fn an_id_in_json_is_text_or_a_number() {
    let mapping = |id: &str| {
        let text = format!("source = \"s\"\nformat = \"json\"\n[clue]\nid = {id}\n");
        Mapping::parse(&text).expect("a good mapping")
    };
    let (alone, joined) = (
        mapping("\"/id\""),
        mapping("{ from = [\"/id\", \"/k\"], join = \"-\" }"),
    );
    let read = |mapping: &Mapping, id: &str| {
        let message = format!("{{\"id\":{id},\"k\":\"A\"}}");
        let bound = mapping.bind_message();
        bound.outcome(message.as_bytes(), &Rulebook::none(), receipt())
    };
    for invalid in ["{\"x\":1}", "[\"a\"]", "[]", "{}", "true", "false"] {
        for mapping in [&alone, &joined] {
            assert_eq!(
                read(mapping, invalid),
                quarantined("id_invalid", "id"),
                "{invalid}"
            );
        }
    }
    assert_eq!(read(&alone, "null"), quarantined("id_missing", "id"));
    for (valid, id) in [("7", "7"), ("\"true\"", "true"), ("\"[a]\"", "[a]"), ("-1", "-1")] {
        assert_eq!(report(read(&alone, valid)).source_id, id);
    }
}

#[test]
fn the_first_pattern_that_reads_a_time_counts() {
    let mapping = "source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"id\"\nreported_at = { from = \"t\", time = [\"unix\", \"%Y-%m-%d %H:%M %z\"] }\n";
    for (text, expected) in [
        ("1767571200", "2026-01-05T00:00:00Z"),
        ("2026-01-05 08:00 +0800", "2026-01-05T00:00:00Z"),
    ] {
        let found = report(run(mapping, &[("id", "1"), ("t", text)], &Rulebook::none()));
        assert_eq!(found.reported_at.to_string(), expected, "{text}");
    }
}
