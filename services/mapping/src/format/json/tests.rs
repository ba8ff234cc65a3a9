use proptest::prelude::*;

use super::*;

fn read(message: &str, names: &[&str]) -> Vec<Option<String>> {
    let found = Names::new(names.iter().copied())
        .read(message)
        .expect("an object");
    found
        .into_iter()
        .map(|text| text.map(|value| value.text.into_owned()))
        .collect()
}

#[test]
fn fields_are_found_by_name_and_by_pointer() {
    let message = r#"{"id": 12345678901234567890, "n": 1.10, "t": true, "z": null, "s": "a\"\u4e00", "a/b": "x",
        "deep": {"list": [{"k": 1e999}, {"k": "second"}], "o": {"p": 1}}, "id2": 1, "id2": 2}"#;
    for (name, expected) in [
        ("id", Some("12345678901234567890")),
        ("/n", Some("1.10")),
        ("t", Some("true")),
        ("z", None),
        ("s", Some("a\"一")),
        ("a/b", Some("x")),
        ("/a~1b", Some("x")),
        ("/deep/list/0/k", Some("1e999")),
        ("/deep/list/1/k", Some("second")),
        ("/deep/list/2/k", None),
        ("/deep/o", Some(r#"{"p": 1}"#)),
        ("/deep/o/p", Some("1")),
        ("/n/below", None),
        ("id2", Some("2")),
        ("absent", None),
    ] {
        assert_eq!(read(message, &[name]), [expected.map(str::to_owned)], "{name}");
    }
    assert_eq!(
        read(message, &["/deep/o", "/deep/o/p", "id", "id"])
            .iter()
            .flatten()
            .count(),
        4
    );
}

#[test]
fn half_a_surrogate_pair_does_not_spoil_a_record() {
    let text = read(r#"{"s": "a\ud800b"}"#, &["s"]).swap_remove(0).expect("text");
    assert!(
        text.starts_with('a') && text.ends_with('b') && text.contains('\u{fffd}'),
        "{text:?}"
    );
}

#[test]
fn what_is_no_object_is_refused() {
    for message in [
        "",
        "  ",
        "{",
        "[1]",
        "7",
        "\"x\"",
        "null",
        "{\"a\":1} x",
        "{\"a\":}",
        "\u{0}\u{1}",
        "{\"a\":1,}",
    ] {
        assert_eq!(
            Names::new(["a"]).read(message).expect_err(message).reason,
            "json",
            "{message}"
        );
    }
}

#[test]
fn one_message_may_hold_many_records() {
    let many = r#"{"code": 0, "data": [{"id": 1}, {"id": 2}], "one": {"id": 3}, "none": []}"#;
    assert_eq!(
        records(many, Some("/data")).expect("two"),
        [r#"{"id": 1}"#, r#"{"id": 2}"#]
    );
    assert_eq!(records(many, Some("/one")).expect("one"), [r#"{"id": 3}"#]);
    assert_eq!(records(many, Some("/none")).expect("none").len(), 0);
    assert_eq!(records(many, None).expect("itself"), [many]);
    assert_eq!(records("[{\"id\": 1}]", None).expect("one"), [r#"{"id": 1}"#]);
    assert_eq!(
        records(many, Some("/absent")).expect_err("absent").reason,
        "json_rows"
    );
    assert_eq!(
        records(many, Some("/code")).expect_err("a number").reason,
        "json_rows"
    );
    assert_eq!(records("{", Some("/data")).expect_err("cut off").reason, "json");
}

#[test]
fn a_message_of_ten_megabytes_is_read() {
    let row = format!(r#"{{"id": "7", "text": "{}"}}"#, "字".repeat(100));
    let message = format!(r#"{{"data": [{}]}}"#, vec![row.as_str(); 32_000].join(","));
    assert!(message.len() > 10_000_000);
    assert_eq!(records(&message, Some("/data")).expect("rows").len(), 32_000);
}

#[test]
fn personal_members_are_blanked_wherever_they_stand() {
    let is_personal = |key: &str| key == "phone";
    let message = r#"{"a": 1, "phone": {"n": [1]}, "l": [{"phone" :"x\"y"}], "n": 1.50, "ph\u006fne": null}"#;
    let shown = r#"{"a": 1, "phone": "***", "l": [{"phone" :"***"}], "n": 1.50, "ph\u006fne": "***"}"#;
    assert_eq!(blanked(message, &is_personal).expect("JSON"), shown);
    assert_eq!(
        blanked("{\"phone\": \"1", &is_personal)
            .expect_err("cut off")
            .reason,
        "json"
    );
}

proptest! {
    #[test]
    fn no_message_is_too_strange(message in ".*", name in ".*") {
        let _ = records(&message, Some(&name));
        let _ = Names::new([name.as_str()]).read(&message);
        let _ = blanked(&message, &|key| key == name);
    }
}
