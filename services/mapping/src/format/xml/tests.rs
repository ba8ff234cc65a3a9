use proptest::prelude::*;

use super::*;

const PATHS: [&str; 14] = [
    "/@id",
    "@id",
    "/编号",
    "编号",
    "/address",
    "/address/@code",
    "/address/town",
    "/photo",
    "/photo/0",
    "/photo/1",
    "/photo/2",
    "/photo/1/@url",
    "/none/x",
    "/note",
];

fn read(message: &str) -> Result<Vec<Option<String>>, &'static str> {
    let read = Paths::new(PATHS).read(message).map_err(|bad| bad.reason)?;
    Ok(read
        .into_iter()
        .map(|value| value.map(|value| value.text.trim().to_owned()))
        .collect())
}

#[test]
fn paths_lead_to_elements_and_attributes() {
    let record = "\u{20}<?xml version=\"1.0\"?><!-- a --><ns:record id='7&amp;8' xmlns:ns=\"urn:x\">
        <编号>007</编号>
        <ns:address code=\"330602\">越城<town>塔山</town>区</ns:address>
        <photo>a</photo><photo url=\"u\"><![CDATA[<b>]]></photo><other><photo>no</photo></other>
        <note>1 &lt; 2 &#x6c34;<br/>!</note>
    </ns:record>\n";
    let found = read(record).expect("well-formed");
    let expected = [
        Some("7&8"),
        Some("7&8"),
        Some("007"),
        Some("007"),
        Some("越城区"),
        Some("330602"),
        Some("塔山"),
        Some("a"),
        Some("a"),
        Some("<b>"),
        None,
        Some("u"),
        None,
        Some("1 < 2 水!"),
    ];
    for ((path, found), expected) in PATHS.iter().zip(&found).zip(expected) {
        assert_eq!(found.as_deref(), expected, "{path}");
    }
}

#[test]
fn what_is_no_single_element_is_refused() {
    let deep = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
    let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><r><note>&b;</note></r>";
    for (message, reason) in [
        (String::new(), "xml"),
        ("text".to_owned(), "xml"),
        ("<a>".to_owned(), "xml"),
        ("<a></b>".to_owned(), "xml"),
        ("<a/><b/>".to_owned(), "xml"),
        ("<a/>x".to_owned(), "xml"),
        ("<a x=1/>".to_owned(), "xml"),
        ("<a><note>1 & 2</note></a>".to_owned(), "xml"),
        ("<a><note>&unknown;</note></a>".to_owned(), "xml"),
        ("<a><x>&unread;</x></a>".to_owned(), "xml"),
        ("<a><!-- </a>".to_owned(), "xml"),
        (bomb.to_owned(), "xml_doctype"),
        (
            "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>".to_owned(),
            "xml_doctype",
        ),
        (
            "<!DOCTYPE r [<!ENTITY x SYSTEM \"http://127.0.0.1/\">]><r><note>&x;</note></r>".to_owned(),
            "xml_doctype",
        ),
        (deep(MAX_DEPTH + 1), "xml_depth"),
    ] {
        assert_eq!(read(&message), Err(reason), "{message}");
    }
    assert!(read(&deep(MAX_DEPTH)).is_ok());
}

#[test]
fn what_is_personal_is_blanked_wherever_it_stands() {
    let hidden = ["phone".to_owned(), "@caller".to_owned()];
    for (message, shown) in [
        (
            "<r><phone>138</phone><x>1</x></r>",
            "<r><phone>***</phone><x>1</x></r>",
        ),
        (
            "<r><a><n:phone k=\"138\"><b>1</b><!--138-->38</n:phone></a></r>",
            "<r><a><n:phone>***</n:phone></a></r>",
        ),
        ("<r><phone v=\"138\"/></r>", "<r><phone>***</phone></r>"),
        ("<r phone='138' id=\"7\"/>", "<r phone='***' id=\"7\"/>"),
        (
            "<r a=\"1\" caller=\"张三\"><caller>x</caller></r>",
            "<r a=\"1\" caller=\"***\"><caller>x</caller></r>",
        ),
        (" <r><!-- 138 --><?tel 138?><x/></r>\n", " <r><x/></r>\n"),
        ("<phone>138</phone>", "<phone>***</phone>"),
    ] {
        let once = blanked(message, &Hidden::new(&hidden)).expect(message);
        assert_eq!(once, shown);
        assert_eq!(blanked(&once, &Hidden::new(&hidden)).expect("again"), shown);
    }
    assert!(blanked("<r><phone>138</r>", &Hidden::new(&hidden)).is_err());
}

#[test]
fn the_last_name_of_a_path_is_what_an_attribute_is_called() {
    for (path, name) in [
        ("/address/@code", "code"),
        ("/photo/1", "photo"),
        ("id", "id"),
        ("/a/b", "b"),
    ] {
        assert_eq!(last_name(path), name);
    }
}

proptest! {
    #[test]
    fn no_message_makes_it_panic(message in "[<>/a&;\"'= !\\[\\]\\-?x]{0,60}") {
        let _ = read(&message);
        let hidden = ["a".to_owned()];
        if let Ok(shown) = blanked(&message, &Hidden::new(&hidden)) {
            prop_assert!(read(&shown).is_ok(), "{}", shown);
        }
    }
}
