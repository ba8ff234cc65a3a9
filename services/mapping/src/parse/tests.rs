use super::*;
use crate::Mode;
use crate::format::Format;

const GOOD: &str = r#"
source = "s"
format = "json"
time_zone = "Asia/Shanghai"
[clue]
id = "/id"
"#;

/// The good mapping with one line changed or added.
fn problems(line: &str) -> Vec<Problem> {
    let key = line.split('=').next().expect("a key").trim();
    let kept = GOOD.lines().filter(|old| !old.starts_with(&format!("{key} =")));
    let (head, clue): (Vec<_>, Vec<_>) =
        kept.partition(|old| !old.starts_with('[') && !old.starts_with("id"));
    let text = format!("{}\n{line}\n{}", head.join("\n"), clue.join("\n"));
    Mapping::parse(&text).err().unwrap_or_default()
}

fn clue_problems(lines: &str) -> Vec<Problem> {
    Mapping::parse(&format!("{GOOD}{lines}\n"))
        .err()
        .unwrap_or_default()
}

fn brief(problems: &[Problem]) -> Vec<(&str, &str)> {
    problems
        .iter()
        .map(|problem| (problem.code, problem.key.as_str()))
        .collect()
}

#[test]
fn a_good_mapping_is_taken_as_it_stands() {
    let mapping = Mapping::parse(GOOD).expect("good");
    assert_eq!(
        (mapping.source().as_str(), mapping.mode(), mapping.format()),
        ("s", Mode::Event, Format::Json)
    );
    assert_eq!(mapping.names(), ["/id"]);
    assert_eq!(mapping.text(), GOOD);
    assert_eq!(mapping.digest().len(), 16);
    let crlf = Mapping::parse(&GOOD.replace('\n', "\r\n")).expect("good");
    assert_eq!(crlf.digest(), mapping.digest(), "line ends are not content");
}

#[test]
fn each_top_level_key_says_what_it_may_be() {
    for (line, code, key) in [
        ("sorce = \"x\"", "unknown_key", "sorce"),
        ("source = \"a b\"", "source", "source"),
        ("source = 7", "type", "source"),
        ("kind = \"x\"", "word", "kind"),
        ("mode = \"snapshot\"", "key_missing", "snapshot"),
        ("mode = \"history\"", "key_missing", "history"),
        ("delimiter = \";\"", "not_of_format", "delimiter"),
        ("header_row = 3", "not_of_format", "header_row"),
        ("sheet = 1", "not_of_format", "sheet"),
        ("format = \"yaml\"", "word", "format"),
        ("encoding = \"klingon\"", "encoding", "encoding"),
        ("rows = \"data\"", "rows", "rows"),
        ("time_zone = \"Mars/Base\"", "time_zone", "time_zone"),
        ("personal = [\"/id\"]", "personal", "clue.id"),
        ("personal = \"id\"", "personal", "clue.id"),
        ("personal = 1", "type", "personal"),
        ("skip = { from = \"/type\" }", "skip", "skip"),
        ("snapshot = {}", "snapshot", "snapshot"),
        ("history = {}", "history", "history"),
    ] {
        assert_eq!(brief(&problems(line)), [(code, key)], "{line}");
    }
    for line in [
        "rows = \"/data\"",
        "encoding = \"gb18030\"",
        "kind = \"clue\"",
        "skip = { from = \"/type\", values = [\"ping\", 0] }",
    ] {
        assert_eq!(problems(line), [], "{line}");
    }
    assert_eq!(
        brief(&problems("format = \"csv\"\nrows = \"/data\"")),
        [("rows", "rows")]
    );
}

#[test]
fn what_says_where_a_table_stands_is_for_tables() {
    for (lines, expected) in [
        ("format = \"csv\"\ndelimiter = \"\\t\"\nheader_row = 3", &[][..]),
        ("format = \"xlsx\"\nsheet = 2\nheader_row = 3", &[]),
        ("format = \"xlsx\"\nsheet = \"明细\"", &[]),
        (
            "format = \"csv\"\ndelimiter = \"ab\"",
            &[("delimiter", "delimiter")],
        ),
        (
            "format = \"csv\"\ndelimiter = \"\"",
            &[("delimiter", "delimiter")],
        ),
        ("format = \"csv\"\nheader_row = 0", &[("number", "header_row")]),
        (
            "format = \"csv\"\nheader_row = \"x\"",
            &[("number", "header_row")],
        ),
        ("format = \"csv\"\nsheet = 1", &[("not_of_format", "sheet")]),
        ("format = \"xlsx\"\nsheet = 0", &[("number", "sheet")]),
        ("format = \"xlsx\"\nsheet = true", &[("type", "sheet")]),
        (
            "format = \"xlsx\"\ndelimiter = \";\"",
            &[("not_of_format", "delimiter")],
        ),
        ("format = \"xlsx\"\nrows = \"/a\"", &[("rows", "rows")]),
        ("format = \"xml\"\nrows = \"/a/b\"", &[]),
        ("format = \"xml\"\nrows = \"/a/@b\"", &[("rows", "rows")]),
        ("format = \"xml\"\nrows = \"/a/0\"", &[("rows", "rows")]),
        ("format = \"xml\"\nrows = \"a\"", &[("rows", "rows")]),
        ("format = \"xml\"\nrows = \"/a//b\"", &[("rows", "rows")]),
    ] {
        let text = format!("source = \"s\"\n{lines}\n[clue]\nid = \"id\"\n");
        let problems = Mapping::parse(&text).err().unwrap_or_default();
        assert_eq!(brief(&problems), expected, "{lines}");
    }
}

#[test]
fn each_field_form_says_what_it_may_be() {
    for (line, expected) in [
        ("matter = 7", ("type", "clue.matter")),
        ("matter = \"\"", ("column_empty", "clue.matter")),
        ("matter = { from = [] }", ("column_empty", "clue.matter.from")),
        ("matter = { join = \",\" }", ("field_source", "clue.matter")),
        (
            "matter = { from = \"a\", value = \"b\" }",
            ("field_source", "clue.matter"),
        ),
        (
            "matter = { value = \"b\", default = \"c\" }",
            ("constant", "clue.matter.default"),
        ),
        (
            "matter = { from = \"a\", form = \"b\" }",
            ("unknown_key", "clue.matter.form"),
        ),
        (
            "matter = { from = \"a\", split = \"\" }",
            ("split", "clue.matter.split"),
        ),
        (
            "matter = { from = \"a\", values = { file = \"codes.csv\" } }",
            ("values_file", "clue.matter.values.file"),
        ),
        (
            "matter = { from = \"a\", values = [] }",
            ("values", "clue.matter.values"),
        ),
        (
            "matter = { from = \"a\", time = \"unix\" }",
            ("time", "clue.matter.time"),
        ),
        (
            "reported_at = { from = \"a\", time = \"yyyy\" }",
            ("time", "clue.reported_at.time"),
        ),
        (
            "area = { from = \"a\", match = \"fuzzy\" }",
            ("word", "clue.area.match"),
        ),
        (
            "area = { from = \"a\", match = \"name\", within = \" \" }",
            ("within", "clue.area.within"),
        ),
        (
            "area = { from = \"a\", match = \"name\", within = { null = \"b\" } }",
            ("field_source", "clue.area.within"),
        ),
        (
            "area = { from = \"a\", match = \"code\", within = \"330602\" }",
            ("within", "clue.area.within"),
        ),
        (
            "area = { from = \"a\", time = \"unix\" }",
            ("time", "clue.area.time"),
        ),
        (
            "matter = { from = \"a\", match = \"name\" }",
            ("unknown_key", "clue.matter.match"),
        ),
        ("atributes = []", ("unknown_key", "clue.atributes")),
        (
            "attributes = [\"/a/x\", \"/b/x\"]",
            ("attribute_twice", "clue.attributes"),
        ),
    ] {
        assert_eq!(brief(&clue_problems(line)), [expected], "{line}");
    }
    let split = brief(&clue_problems(
        "matter = { from = \"a\", split = { on = \",\", part = 0 } }",
    ))
    .len();
    assert_eq!(split, 1);
    let located = clue_problems("longitude = \"x\"");
    assert_eq!(
        brief(&located),
        [("key_missing", "clue.latitude"), ("key_missing", "clue.datum")]
    );
}

#[test]
fn a_pattern_without_offset_needs_a_zone() {
    let text = "source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"i\"\nreported_at = { from = \"t\", time = \"%Y-%m-%d\" }\n";
    assert_eq!(
        brief(&Mapping::parse(text).expect_err("no zone")),
        [("time_zone", "clue.reported_at")]
    );
    assert!(Mapping::parse(&text.replace("%Y-%m-%d", "unix")).is_ok());
}

#[test]
fn every_problem_is_named_at_once_with_its_place() {
    let text = "source = \"s\"\nformat = \"csv\"\ntime_zone = \"UTC\"\n[clue]\nid = \"i\"\narae = \"a\"\nreported_at = { from = \"t\", time = \"x\" }\n";
    let problems = Mapping::parse(text).expect_err("two");
    assert_eq!(
        problems.iter().map(|it| (it.line, it.column)).collect::<Vec<_>>(),
        [(6, 1), (7, 36)]
    );
    assert_eq!(problems[0].advice.en, "did you mean area?");
    assert!(problems[0].to_string().starts_with("6:1 clue.arae: "));
    assert_eq!(
        brief(&Mapping::parse("").expect_err("empty")),
        [
            ("key_missing", "source"),
            ("key_missing", "format"),
            ("key_missing", "clue")
        ]
    );
    let syntax = Mapping::parse("source = \n[").expect_err("no TOML");
    assert!(
        syntax.iter().all(|it| it.code == "toml") && syntax[0].line == 1,
        "{syntax:?}"
    );
}

#[test]
fn what_is_personal_is_not_mapped_nor_what_contains_it() {
    for (personal, used) in [
        ("/reporter/phone", "/reporter"),
        ("/reporter", "/reporter/phone"),
        ("/phone", "phone"),
    ] {
        let text = format!(
            "source = \"s\"\nformat = \"json\"\npersonal = [\"{personal}\"]\n[clue]\nid = \"id\"\nplace = \"{used}\"\n"
        );
        assert_eq!(
            brief(&Mapping::parse(&text).expect_err("personal")),
            [("personal", "clue.place")],
            "{used}"
        );
    }
}

#[test]
fn a_due_time_is_given_once() {
    let text = "source = \"s\"\nformat = \"csv\"\nmode = \"history\"\n[clue]\nid = \"i\"\ndue_at = \"a\"\n[history]\ndue_at = \"b\"\n";
    assert_eq!(
        brief(&Mapping::parse(text).expect_err("twice")),
        [("due_at", "history.due_at")]
    );
}

#[test]
fn same_as_names_a_source_and_a_column() {
    for (form, expected) in [
        ("\"no\"", ("same_as", "clue.same_as")),
        ("{ from = \"no\" }", ("same_as", "clue.same_as")),
        (
            "{ source = \"a b\", from = \"no\" }",
            ("source", "clue.same_as.source"),
        ),
        ("{ source = \"hotline\" }", ("field_source", "clue.same_as")),
        (
            "{ source = \"hotline\", from = \"no\", default = \"1\" }",
            ("unknown_key", "clue.same_as.default"),
        ),
    ] {
        let text = format!("source = \"s\"\nformat = \"csv\"\n[clue]\nid = \"i\"\nsame_as = {form}\n");
        let problems = Mapping::parse(&text).expect_err(form);
        assert_eq!(brief(&problems), [expected], "{form}");
    }
}
