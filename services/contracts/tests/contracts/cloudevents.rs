//! CloudEvents from sources, in both modes.

use std::borrow::Cow;

use bihuan_contracts::cloudevents::{CloudEvent, STRUCTURED, read};
use bihuan_contracts::{DecodeError, header};

const BINARY: &[(&str, &[u8])] = &[
    ("ce_specversion", b"1.0"),
    ("ce_id", b"42"),
    ("ce_source", b"/city/hotline"),
    ("ce_type", b"city.ticket"),
    ("ce_time", b"2026-01-05T08:00:00+08:00"),
    ("ce_subject", b"SX-1"),
    ("Content-Type", b"application/json"),
    ("unrelated", b"\xff"),
];

fn expected(data: &'static [u8]) -> CloudEvent<'static> {
    CloudEvent {
        id: "42".to_owned(),
        source: "/city/hotline".to_owned(),
        kind: "city.ticket".to_owned(),
        time: Some("2026-01-05T00:00:00Z".parse().expect("valid")),
        subject: Some("SX-1".to_owned()),
        datacontenttype: Some("application/json".to_owned()),
        data: Cow::Borrowed(data),
    }
}

fn structured(text: &str) -> Result<Option<CloudEvent<'_>>, DecodeError> {
    let content_type = format!("{STRUCTURED}; charset=utf-8");
    read([(header::CONTENT_TYPE, content_type.as_bytes())], text.as_bytes())
}

#[test]
fn attributes_in_headers() {
    assert_eq!(read(BINARY.iter().copied(), b"{}"), Ok(Some(expected(b"{}"))));
}

#[test]
fn attributes_and_data_in_one_object() {
    let event = structured(
        r#"{"specversion": "1.0", "id": "42", "source": "/city/hotline", "type": "city.ticket", "subject": "SX-1",
            "time": "2026-01-05T08:00:00+08:00", "own": 1, "data": {"a": [1, "绍兴"]}}"#,
    );
    assert_eq!(event, Ok(Some(expected("{\"a\":[1,\"绍兴\"]}".as_bytes()))));
}

#[test]
fn data_is_json_or_text_or_bytes() {
    let table: [(&str, &[u8]); 6] = [
        (r#""data": "a""#, b"\"a\""),
        (
            r#""data": "a", "datacontenttype": "application/problem+json""#,
            b"\"a\"",
        ),
        (r#""data": "<a/>", "datacontenttype": "application/xml""#, b"<a/>"),
        (
            r#""data_base64": "AP8=", "datacontenttype": "application/protobuf""#,
            b"\x00\xff",
        ),
        (r#""data": null"#, b"null"),
        (r#""subject": null"#, b""),
    ];
    for (data, bytes) in table {
        let text = format!(r#"{{"specversion": "1.0", "id": "1", "source": "s", "type": "t", {data}}}"#);
        let event = structured(&text).expect("is read").expect("is a CloudEvent");
        assert_eq!(event.data.as_ref(), bytes, "{data}");
    }
}

#[test]
fn a_message_that_does_not_claim_to_be_one_is_none() {
    assert_eq!(read([("content-type", b"text/csv".as_slice())], b"a,b"), Ok(None));
    assert_eq!(read([("ce_id", b"1".as_slice())], b""), Ok(None));
}

#[test]
fn a_message_that_wrongly_claims_to_be_one_is_refused() {
    let without = |name: &str| {
        let rest = BINARY.iter().copied().filter(|(known, _)| *known != name);
        read(rest.chain([("ce_specversion", b"1.0".as_slice())]), b"").expect_err("is refused")
    };
    for name in ["ce_id", "ce_source", "ce_type"] {
        let error = without(name);
        assert_eq!(
            (error.code, error.field.as_deref()),
            ("field_missing", Some(name))
        );
    }
    let with = |name: &'static str, value: &'static [u8]| {
        let error = read(BINARY.iter().copied().chain([(name, value)]), b"").expect_err("is refused");
        (error.code, error.field)
    };
    assert_eq!(
        with("ce_time", b"noon"),
        ("field_invalid", Some("ce_time".to_owned()))
    );
    assert_eq!(
        with("ce_specversion", b"0.3"),
        ("version_unknown", Some("ce_specversion".to_owned()))
    );
    assert_eq!(
        with("content-type", b"application/cloudevents-batch+json"),
        ("type_unknown", Some("content-type".to_owned()))
    );
}

#[test]
fn what_is_wrong_with_a_structured_event_is_said_with_its_field() {
    let table = [
        ("[", "not_json", None),
        ("[]", "not_json", None),
        (r#"{"id": "1"}"#, "field_missing", Some("specversion")),
        (
            r#"{"specversion": "1.0", "id": 1, "source": "s", "type": "t"}"#,
            "field_invalid",
            Some("id"),
        ),
        (
            r#"{"specversion": "1.0", "id": "1", "source": "", "type": "t"}"#,
            "field_missing",
            Some("source"),
        ),
        (
            r#"{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "time": "x"}"#,
            "field_invalid",
            Some("time"),
        ),
        (
            r#"{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data_base64": "?"}"#,
            "field_invalid",
            Some("data_base64"),
        ),
        (
            r#"{"specversion": "1.0", "id": "1", "source": "s", "type": "t", "data": 1, "data_base64": ""}"#,
            "field_invalid",
            Some("data_base64"),
        ),
    ];
    for (text, code, field) in table {
        let error = structured(text).expect_err("is refused");
        assert_eq!(
            (error.code, error.field.as_deref()),
            (code, field),
            "{text}: {error}"
        );
    }
}
