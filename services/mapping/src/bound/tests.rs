use super::super::{check, preview};
use super::*;
use bihuan_domain::clue::Origin;
use bihuan_domain::id::RecordId;
use bihuan_domain::routing::Rulebook;
use bihuan_domain::time::Timestamp;

fn mapping(format: &str) -> Mapping {
    let text = format!(
        "source = \"s\"\nformat = \"{format}\"\npersonal = [\"phone\"]\n[clue]\nid = \"id\"\ntitle = \"title\"\n"
    );
    Mapping::parse(&text).expect("good")
}

fn columns(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let mapping = mapping("csv");
    let problems = mapping
        .bind_columns(&columns(&["ID", "titel", "phone"]))
        .expect_err("two");
    let named: Vec<_> = problems
        .iter()
        .map(|it| (it.code, it.key.as_str(), it.line, it.advice.en.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("column_unknown", "clue.id", 5, "did you mean ID?"),
            ("column_unknown", "clue.title", 6, "did you mean titel?"),
        ]
    );
    assert_eq!(
        check(&mapping, Some(&columns(&["ID", "titel", "phone"]))),
        problems
    );
    let twice = check(&mapping, Some(&columns(&["id", "title", "phone", "id"])));
    assert_eq!(
        twice
            .iter()
            .map(|it| (it.code, it.key.as_str()))
            .collect::<Vec<_>>(),
        [("column_twice", "clue.id")]
    );
    assert_eq!(check(&mapping, None), []);
    // a personal column that is not there would be shown under its real name
    assert_eq!(
        mapping
            .bind_columns(&columns(&["id", "title", "tel"]))
            .expect_err("personal")[0]
            .key,
        "personal"
    );
}

#[test]
fn personal_fields_are_blanked_or_nothing_is_shown() {
    let (table, json) = (mapping("csv"), mapping("json"));
    let table = table
        .bind_columns(&columns(&["id", "phone", "title"]))
        .expect("fits");
    let text = |text: &str| Shown::Text(text.to_owned());
    assert_eq!(
        table.shown(b",13800000000,\"a, \"\"b\"\"\"\r\n"),
        text(",***,\"a, \"\"b\"\"\"")
    );
    for unclear in ["1,\"138\n", "1,138", "1,138,x,y"] {
        assert_eq!(
            table.shown(unclear.as_bytes()),
            Shown::withheld(unclear.as_bytes()),
            "{unclear}"
        );
    }
    let json = json.bind_json();
    assert_eq!(
        json.shown(b"{\"x\": {\"phone\": 138}}"),
        text("{\"x\": {\"phone\": \"***\"}}")
    );
    assert_eq!(
        json.shown(b"{\"phone\": 138"),
        Shown::withheld(b"{\"phone\": 138")
    );
    let open = Mapping::parse("source = \"s\"\nformat = \"json\"\n[clue]\nid = \"id\"\n").expect("good");
    assert_eq!(open.shown(b"{\xff"), text("{\u{fffd}"));
}

#[test]
fn a_message_may_be_in_the_encoding_of_its_sender() {
    let json = ("json", "{\"id\": \"7\", \"phone\": \"138\", \"title\": \"占道\"}");
    let xml = ("xml", "<r><id>7</id><phone>138</phone><title>占道</title></r>");
    for (format, text) in [json, xml] {
        let mapping = mapping(format);
        let bound = mapping.bind_message();
        let marked = format!("\u{feff}{text}");
        let utf16 = |bytes: fn(u16) -> [u8; 2]| marked.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
        for raw in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            encoding_rs::GB18030.encode(text).0.into_owned(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            let text = encoding::text(&raw);
            let row = bound.read(&text).expect("a record").expect("a row");
            let title = row.get(Slot {
                index: 1,
                name: "title",
            });
            assert_eq!(title.as_deref(), Some("占道"), "{raw:?}");
            let Shown::Text(shown) = bound.shown(&raw) else {
                panic!("{raw:?}")
            };
            assert!(shown.contains("***") && !shown.contains("138"), "{shown}");
        }
    }
}

#[test]
fn an_element_of_a_list_is_hidden_with_its_list() {
    let text = "source = \"s\"\nformat = \"json\"\npersonal = [\"/contacts/0\"]\n[clue]\nid = \"id\"\n";
    let mapping = Mapping::parse(text).expect("good");
    assert_eq!(
        mapping.shown(b"{\"contacts\": [\"138\"]}"),
        Shown::Text("{\"contacts\": \"***\"}".to_owned())
    );
}

#[test]
fn a_preview_says_what_would_become_of_a_record() {
    let mapping = mapping("json");
    let bound = mapping.bind_json();
    let show = |raw: &str| {
        let origin = Origin {
            record: RecordId::of_file("d", 0),
            topic: String::new(),
            partition: 0,
            offset: 0,
            line: Some(1),
        };
        let receipt = Receipt {
            received_at: Timestamp::EPOCH.plus_days(20_000),
            origin,
            route: false,
        };
        serde_json::to_value(preview(&bound, raw.as_bytes(), &Rulebook::none(), receipt)).expect("JSON")
    };
    let clue = show(r#"{"id": 1, "title": "t", "phone": "138"}"#);
    assert_eq!(
        (
            &clue["disposition"],
            &clue["report"]["source_id"],
            &clue["text"]["title"]
        ),
        (&"clue".into(), &"1".into(), &"t".into())
    );
    assert!(!clue.to_string().contains("138"));
    let quarantined = show(r#"{"phone": "138"}"#);
    assert_eq!(
        (&quarantined["reason"], &quarantined["field"]),
        (&"id_missing".into(), &"id".into())
    );
    assert!(!quarantined.to_string().contains("138"));
}
