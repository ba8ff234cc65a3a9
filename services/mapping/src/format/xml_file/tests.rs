use proptest::prelude::*;

use super::*;

fn records(file: &[u8], rows: Option<&str>) -> Vec<(u64, String, Option<&'static str>)> {
    Records::open(file, Encoding::Auto, rows)
        .expect("opens")
        .map(|frame| frame.expect("no IO"))
        .enumerate()
        .map(|(ordinal, frame)| {
            assert_eq!(frame.ordinal, ordinal as u64);
            (
                frame.line,
                String::from_utf8(frame.raw).expect("text"),
                frame.broken,
            )
        })
        .collect()
}

fn sound(line: u64, text: &str) -> (u64, String, Option<&'static str>) {
    (line, text.to_owned(), None)
}

#[test]
fn records_are_the_elements_at_the_path() {
    let file = "<?xml version=\"1.0\"?>\n<!-- <r/> -->\n<n:export a=\"<\">
<head><r>no</r></head>
<n:r id=\"1>\"><r>nested</r><![CDATA[</n:r>]]></n:r> text <r/>
<r><!-- </r> --><x/></r></n:export>\n<r/>";
    let file = file.replace("a=\"<\"", "a=\"1\"");
    assert_eq!(
        records(file.as_bytes(), Some("/export/r")),
        [
            sound(5, "<n:r id=\"1>\"><r>nested</r><![CDATA[</n:r>]]></n:r>"),
            sound(5, "<r/>"),
            sound(6, "<r><!-- </r> --><x/></r>"),
        ]
    );
    assert_eq!(
        records(b"<r>\n<a/></r>\n", None),
        [sound(1, "<r>\n<a/></r>")],
        "the root is the record"
    );
    assert_eq!(records(b"<r>1</r>\n<r>2</r>", None).len(), 2, "one a line");
    assert_eq!(records(b"<export></export>", Some("/export/r")), []);
}

#[test]
fn a_broken_record_does_not_take_its_neighbours() {
    let (one, three) = ("<r><a>1</a></r>", "<r><a>3</a></r>");
    for (broken, reason) in [
        ("<r><a>2</r>", "xml"),
        ("<r><a>2</b></a></r>", "xml"),
        ("<r><a x=\"2></a></r>", "xml"),
        ("<r><a>2</a>", "xml"),
        ("<r><a", "xml"),
        ("<r><!DOCTYPE x [<!ENTITY e \"e\">]></r>", "xml_doctype"),
        ("<r><!-- 2</r>", "xml"),
    ] {
        let file = format!("<e>{one}{broken}{three}</e>");
        let found = records(file.as_bytes(), Some("/e/r"));
        assert_eq!(found.len(), 3, "{broken}: {found:?}");
        assert_eq!((found[0].1.as_str(), found[0].2), (one, None), "{broken}");
        assert_eq!((found[1].1.as_str(), found[1].2), (broken, Some(reason)));
        assert_eq!((found[2].1.as_str(), found[2].2), (three, None), "{broken}");
    }
    // what a sign alone breaks, its reader says
    let stray = "<r>1 < 2</r>";
    assert_eq!(
        records(format!("<e>{stray}{three}</e>").as_bytes(), Some("/e/r")),
        [sound(1, stray), sound(1, three)]
    );
    let cut = records(b"<e><r>1</r><r><a>2</a>", Some("/e/r"));
    assert_eq!(cut[1], (1, "<r><a>2</a>".to_owned(), Some("xml")));
    let last = records(b"<e><r><a>1</e>", Some("/e/r"));
    assert_eq!(
        last,
        [(1, "<r><a>1".to_owned(), Some("xml"))],
        "what it lies in ends"
    );
}

#[test]
fn a_record_too_deep_or_too_long_is_broken_by_itself() {
    let deep = format!("<r>{}{}</r>", "<a>".repeat(200), "</a>".repeat(200));
    let file = format!("<e>{deep}<r>2</r></e>");
    let found = records(file.as_bytes(), Some("/e/r"));
    assert_eq!(
        found.iter().map(|it| it.2).collect::<Vec<_>>(),
        [Some("xml_depth"), None]
    );
    for filling in ["x", "<a/>"] {
        let long = filling.repeat(MAX_RECORD / filling.len() + 10);
        let file = format!("<e><r>{long}</r><r>2</r></e>");
        let found = records(file.as_bytes(), Some("/e/r"));
        assert_eq!(found.len(), 2, "{filling}");
        assert_eq!(
            (found[0].2, found[0].1.len() <= MAX_RECORD + (1 << 17)),
            (Some("record_too_long"), true)
        );
        assert_eq!(found[1].1, "<r>2</r>");
    }
}

#[test]
fn a_file_that_is_no_such_xml_is_refused() {
    let open = |file: &str| Records::open(file.as_bytes(), Encoding::Auto, Some("/e/r")).err();
    for file in [
        "<!DOCTYPE e SYSTEM \"x\"><e/>",
        "<?xml version=\"1.0\"?>\n<!DOCTYPE e [<!ENTITY a \"b\">]>\n<e>&a;</e>",
    ] {
        assert!(matches!(open(file), Some(Error::Doctype)), "{file}");
    }
    for file in ["", "text", "<?xml version=\"1.0\"?>"] {
        assert!(matches!(open(file), Some(Error::Empty)), "{file}");
    }
    assert!(
        matches!(open("<f><r/></f>"), Some(Error::Root { found, wanted }) if (found.as_str(), wanted.as_str()) == ("f", "e"))
    );
}

#[test]
fn the_declaration_says_the_encoding() {
    let file = |said: &str| format!("<?xml version=\"1.0\" encoding=\"{said}\"?><e><r>占道经营</r></e>");
    let gb = |said| encoding_rs::GB18030.encode(&file(said)).0.into_owned();
    let utf16 = |said| {
        file(said)
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect::<Vec<u8>>()
    };
    for (bytes, name) in [
        (gb("GB2312"), "gb18030"),
        (gb("gb18030"), "gb18030"),
        // it says UTF-8 and is not
        (gb("UTF-8"), "gb18030"),
        (file("UTF-8").into_bytes(), "UTF-8"),
        (file("UTF-16").into_bytes(), "UTF-8"),
        (utf16("UTF-16"), "UTF-16BE"),
        (encoding_rs::BIG5.encode(&file("big5")).0.into_owned(), "Big5"),
    ] {
        let opened = Records::open(bytes.as_slice(), Encoding::Auto, Some("/e/r")).expect("opens");
        assert_eq!(opened.encoding(), name);
        assert_eq!(
            records(&bytes, Some("/e/r"))[0].1,
            if name == "Big5" {
                "<r>占道&#32463;&#33829;</r>".to_owned()
            } else {
                "<r>占道经营</r>".to_owned()
            }
        );
    }
}

#[test]
fn a_file_of_unclosed_comments_takes_linear_time() {
    let file = format!("<e>{}</e>", "<r><!-- x</r>".repeat(200_000));
    assert_eq!(records(file.as_bytes(), Some("/e/r")).len(), 200_000);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic_or_go_on_for_ever(file in "[<>/er&;\"' !\\[\\]\\-?]{0,80}") {
        if let Ok(records) = Records::open(file.as_bytes(), Encoding::Auto, Some("/e/r")) {
            prop_assert!(records.count() <= file.len());
        }
        if let Ok(records) = Records::open(file.as_bytes(), Encoding::Auto, None) {
            prop_assert!(records.count() <= file.len());
        }
    }
}
