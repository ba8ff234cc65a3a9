use bihuan_domain::clue::{Attribute, Conclusion, Measure, Resolution};
use bihuan_domain::code::SourceId;
use bihuan_domain::time::Timestamp;
use serde_json::{Value, json};

use super::*;

const HEAD: &str =
    "source = \"grid\"\nformat = \"json\"\ntime_zone = \"Asia/Shanghai\"\n[clue]\nid = \"/id\"\n";

fn mapping(rest: &str) -> Mapping {
    Mapping::parse(&format!("{HEAD}{rest}")).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Code and key of each problem.
fn problems(rest: &str) -> Vec<(&'static str, String)> {
    let problems = Mapping::parse(&format!("{HEAD}{rest}")).expect_err("refused");
    let found = problems.into_iter().map(|it| {
        assert!(it.line > 5, "{it}");
        (it.code, it.key)
    });
    found.collect()
}

fn told(step: Step) -> Told {
    let at: Timestamp = "2026-01-05T09:00:00.5+08:00".parse().expect("valid");
    let source = SourceId::new("grid").expect("valid");
    Told {
        step,
        key: "key".to_owned(),
        clue: ClueId::derive(&source, "A/1"),
        version: 7,
        at,
        number: "330602-20260105-000001".to_owned(),
        source,
        source_id: "A/1".to_owned(),
        reported_at: at,
        matter: None,
        area: "330602".parse().ok(),
        severity: None,
        deadline: Some(at.plus_days(3)),
        agency: "county".parse().ok(),
        agency_name: Some("区执法局".to_owned()),
        from_agency: None,
        proposed: None,
        reason: None,
        until: None,
        resolution: Some(Resolution {
            conclusion: Conclusion::Rectified,
            measures: vec![Measure::OrderCorrect, Measure::Education],
            evidence: Vec::new(),
            substantiated: Some(true),
            matter: None,
            legal_basis: None,
            document_number: None,
        }),
        title: Some("占道".to_owned()),
        description: None,
        place: None,
        remark: Some("已清理".to_owned()),
        attributes: vec![Attribute {
            name: "channel".to_owned(),
            value: "3".to_owned(),
        }],
    }
}

fn tells(mapping: &Mapping, step: Step) -> Value {
    let text = mapping.tell(&told(step)).expect("told");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn their_fields_come_from_ours_in_their_words() {
    let mapping = mapping(
        r#"[callback]
url = "https://platform.example/events/{source_id}"
[callback.body]
"/data/id" = "source_id"
"/data/when" = { from = "at", time = "%Y-%m-%d %H:%M:%S" }
"/data/unix" = { from = "at", time = "unix" }
"/data/ms" = { from = ["until", "deadline"], time = "unix_ms" }
iso = "at"
state = { from = "event", values = { closed = 3, dispatched = "派遣" } }
app = { value = 12 }
unit = { from = "matter", default = false }
nothing = "severity"
channel = "attributes.channel"
[callback.closed]
method = "PUT"
[callback.closed.body]
result = { from = "conclusion", values = { rectified = "整改到位" } }
measures = { from = "measures", values = { education = "02" }, join = "," }
note = "remark"
[callback.dispatched]
body = { app = { value = "x" } }
"#,
    );
    let closed = tells(&mapping, Step::Closed);
    let expected = json!({
        "data": {"id": "A/1", "when": "2026-01-05 09:00:00", "unix": 1_767_574_800, "ms": 1_767_834_000_500_i64},
        "iso": "2026-01-05T09:00:00+08:00", "state": 3, "app": 12, "unit": false, "channel": "3",
        "result": "整改到位", "measures": "order_correct,02", "note": "已清理",
    });
    assert_eq!(closed, expected);
    let dispatched = tells(&mapping, Step::Dispatched);
    assert_eq!(
        (&dispatched["state"], &dispatched["app"]),
        (&json!("派遣"), &json!("x"))
    );
    assert!(dispatched.get("result").is_none(), "of another step");
    assert_eq!(mapping.tell(&told(Step::Voided)), None);
    let closed = mapping.callback(Step::Closed).expect("there");
    assert_eq!(closed.method, Method::Put);
    assert_eq!(
        closed
            .destination
            .url(told(Step::Closed).clue, "A/1 ..")
            .as_deref(),
        Some("https://platform.example/events/A%2F1%20..")
    );
    assert_eq!(escaped(".."), "%2E%2E");
}

#[test]
fn without_a_body_everything_but_free_text_is_told() {
    let mapping = mapping("[callback.resolved]\ntopic = \"grid.steps\"\n");
    let said = tells(&mapping, Step::Resolved);
    assert_eq!(
        (
            &said["event"],
            &said["conclusion"],
            &said["version"],
            &said["measures"]
        ),
        (
            &json!("resolved"),
            &json!("rectified"),
            &json!(7),
            &json!(["order_correct", "education"])
        )
    );
    for absent in ["title", "remark", "place", "attributes", "severity", "proposed"] {
        assert!(said.get(absent).is_none(), "{absent}: {said}");
    }
}

#[test]
fn a_section_says_what_differs_from_all() {
    let mapping = mapping(
        r#"[callback]
url = "https://a.example/x"
sign = "standard-webhooks"
secret = { env = "GRID_SECRET" }
timeout = 20
success = { from = "code", values = [0, "200"] }
headers = { X-App = "1", Authorization = { env = "TOKEN" } }
[callback.admitted]
[callback.closed]
topic = "steps"
algorithm = "hmac-sm3"
headers = { x-app = "2" }
"#,
    );
    let (admitted, closed) = (mapping.callback(Step::Admitted), mapping.callback(Step::Closed));
    let (admitted, closed) = (admitted.expect("there"), closed.expect("there"));
    assert_eq!(
        admitted.destination,
        Destination::Url("https://a.example/x".to_owned())
    );
    assert_eq!(closed.destination, Destination::Topic("steps".to_owned()));
    let sign = |callback: &Callback| callback.sign.clone().map(|it| (it.secret, it.algorithm));
    let secret = Secret::Env("GRID_SECRET".to_owned());
    assert_eq!(sign(admitted), Some((secret.clone(), Algorithm::HmacSha256)));
    assert_eq!(sign(closed), Some((secret, Algorithm::HmacSm3)));
    assert_eq!(admitted.timeout, Some(Duration::from_secs(20)));
    let token = (
        "authorization".to_owned(),
        Header::Secret(Secret::Env("TOKEN".to_owned())),
    );
    let app = |value: &str| ("x-app".to_owned(), Header::Plain(value.to_owned()));
    assert!(admitted.headers.contains(&token) && admitted.headers.contains(&app("1")));
    assert_eq!(closed.headers, [token, app("2")]);
    let success = admitted.success.as_ref().expect("there");
    for (answer, expected) in [
        (r#"{"code":0}"#, true),
        (r#"{"code":"200","msg":"x"}"#, true),
        (r#"{"code":500}"#, false),
        (r#"{"code":null}"#, false),
        ("[]", false),
        ("<html>", false),
        ("", false),
    ] {
        assert_eq!(success.accepts(answer.as_bytes()), expected, "{answer}");
    }
}

#[test]
fn a_signature_of_the_platforms_own_kind_names_its_header() {
    let mapping = mapping(
        "[callback]\nurl = \"https://a.example/x\"\nsign = \"hmac\"\nsecret = { env = \"X\" }\nsignature_header = \"X-Sign\"\n\
         [callback.admitted]\n[callback.closed]\nencoding = \"base64\"\nsigned = \"timestamp.body\"\nalgorithm = \"hmac-sm3\"\n",
    );
    let scheme = |step| {
        let callback = mapping.callback(step).expect("there");
        callback.sign.clone().map(|it| (it.algorithm, it.scheme))
    };
    let hmac = |encoding, signed| Scheme::Hmac {
        header: "x-sign".to_owned(),
        encoding,
        signed,
    };
    assert_eq!(
        scheme(Step::Admitted),
        Some((Algorithm::HmacSha256, hmac(Encoded::Hex, Signed::Body)))
    );
    assert_eq!(
        scheme(Step::Closed),
        Some((Algorithm::HmacSm3, hmac(Encoded::Base64, Signed::TimestampBody)))
    );
}

#[test]
fn what_has_no_key_is_said_and_the_mapping_loads() {
    let notes = |rest: &str| {
        let mapping = mapping(rest);
        mapping.notes().iter().map(|note| note.code).collect::<Vec<_>>()
    };
    let url = "[callback]\nurl = \"https://a.example/\"\n";
    assert!(notes(&format!("{url}[callback.extended]\n")).is_empty());
    let file = "[callback.closed]\nfile = \"steps.jsonl\"\n";
    assert_eq!(
        notes(&format!("{file}body = {{ a = \"clue\" }}\n")),
        ["callback_without_key"]
    );
    for keyed in ["", "body = { a = \"id\" }\n"] {
        assert!(notes(&format!("{file}{keyed}")).is_empty(), "{keyed}");
    }
    assert!(notes(&format!("{url}body = {{ a = \"clue\" }}\n[callback.closed]\n")).is_empty());
}

fn one(rest: &str, code: &'static str, key: &str) {
    assert_eq!(problems(rest), [(code, key.to_owned())], "{rest}");
}

#[test]
fn what_cannot_be_is_named_with_its_place() {
    one(
        "[callback]\nurl = \"https://a.example/\"\n",
        "key_missing",
        "callback.STEP",
    );
    one(
        "[callback.closed]\nmethod = \"PUT\"\n",
        "key_missing",
        "callback.closed.url",
    );
    one(
        "[callback.close]\nurl = \"https://a/\"\n",
        "unknown_key",
        "callback.close",
    );
    one(
        "[callback.closed]\nurl = \"https://a/\"\nretry = 3\n",
        "unknown_key",
        "callback.closed.retry",
    );
    one(
        "[callback.closed]\nurl = \"https://a/\"\ntopic = \"t\"\n",
        "destination",
        "callback.closed.topic",
    );
    one(
        "[callback.closed]\ntopic = \"a b\"\n",
        "topic",
        "callback.closed.topic",
    );
    one(
        "[callback.closed]\nfile = \"../x\"\n",
        "file",
        "callback.closed.file",
    );
    for url in [
        "ftp://a/",
        "https:///x",
        "https://me:pw@a/",
        "https://{clue}.a/",
        "https://a/{id}",
        "https://a/ b",
        "http://a/#x",
    ] {
        one(
            &format!("[callback.closed]\nurl = \"{url}\"\n"),
            "url",
            "callback.closed.url",
        );
    }
}

#[test]
fn what_a_key_may_not_say_is_named_with_it() {
    let with = |key: &str| format!("[callback.closed]\nurl = \"https://a/\"\n{key}\n");
    for (key, code, at) in [
        ("method = \"GET\"", "word", "method"),
        ("timeout = 301", "timeout", "timeout"),
        ("success = \"ok\"", "success", "success"),
        ("headers = { Webhook-Id = \"1\" }", "header", "headers.Webhook-Id"),
        ("secret = { env = \"X\" }", "sign", "secret"),
        ("sign = \"standard-webhooks\"", "key_missing", "secret"),
        (
            "sign = \"standard-webhooks\"\nsecret = \"whsec_x\"",
            "secret",
            "secret",
        ),
        ("signed = \"body\"", "sign", "signed"),
        (
            "sign = \"hmac\"\nsecret = { env = \"X\" }",
            "key_missing",
            "signature_header",
        ),
        (
            "sign = \"hmac\"\nsecret = { env = \"X\" }\nsignature_header = \"Host\"",
            "header",
            "signature_header",
        ),
        (
            "sign = \"standard-webhooks\"\nsecret = { env = \"X\" }\nencoding = \"hex\"",
            "sign",
            "encoding",
        ),
        ("sign = \"md5\"\nsecret = { env = \"X\" }", "word", "sign"),
        ("body = { id = \"ID\" }", "field_unknown", "body.id"),
        (
            "body = { id = { from = \"clue\", value = 1 } }",
            "field_source",
            "body.id",
        ),
        (
            "body = { id = { from = \"clue\", time = \"unix\" } }",
            "time",
            "body.id.time",
        ),
        (
            "body = { at = { from = \"at\", time = \"yyyy\" } }",
            "time",
            "body.at.time",
        ),
        (
            "body = { \"/a\" = \"clue\", \"/a/b\" = \"clue\" }",
            "field_within",
            "body./a/b",
        ),
    ] {
        one(&with(key), code, &format!("callback.closed.{at}"));
    }
}

/// An example that cannot be used is worse than none.
#[test]
fn the_example_of_the_guide_is_good() {
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/integrate.md"));
    let guide = guide.expect("the guide");
    let example = guide
        .split("```toml\n")
        .find(|block| block.starts_with("[callback]"));
    let example = example.and_then(|block| block.split("```").next());
    let mapping = mapping(example.expect("an example"));
    let said = tells(&mapping, Step::Closed);
    assert_eq!(said["data"]["result"], json!("整改到位"), "{said}");
    for word in told::WORDS {
        assert!(guide.contains(&format!("`{word}`")), "{word} is not in the guide");
    }
    for step in Step::ALL {
        assert!(
            guide.contains(&format!("`{}`", step.as_str())),
            "{} is not in the guide",
            step.as_str()
        );
    }
}
