//! CloudEvents 1.0 as sources send them over Kafka, in binary mode (attributes in headers) and in structured mode (one JSON
//! object with everything).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bihuan_domain::time::Timestamp;
use serde_json::Value;

use crate::fields::{Result, json};
use crate::{DecodeError, header};

/// The content type of structured mode.
pub const STRUCTURED: &str = "application/cloudevents+json";

/// An event with its context attributes; `data` is what a mapping or a decoder reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEvent<'a> {
    pub id: String,
    pub source: String,
    /// The attribute `type`.
    pub kind: String,
    pub time: Option<Timestamp>,
    pub subject: Option<String>,
    pub datacontenttype: Option<String>,
    pub data: Cow<'a, [u8]>,
}

/// Reads the message with these headers. `None`: it is no CloudEvent, the payload stands for itself. An error: it claims to be
/// one and is not, for example because a mandatory attribute is missing or the time is not RFC 3339.
pub fn read<'a, 'h>(
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
    payload: &'a [u8],
) -> Result<Option<CloudEvent<'a>>> {
    let headers = Headers::collect(headers);
    match headers.content_type.map(mime) {
        Some(kind) if kind.eq_ignore_ascii_case(STRUCTURED) => structured(payload).map(Some),
        Some(kind) if starts_with_ignoring_case(kind, "application/cloudevents") => {
            Err(DecodeError::type_unknown(
                header::CONTENT_TYPE,
                format!("{kind:?}; of these only {STRUCTURED} is read"),
            ))
        }
        _ if headers.specversion.is_some() => binary(&headers, payload).map(Some),
        _ => Ok(None),
    }
}

/// The media type without its parameters.
fn mime(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.as_bytes()
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// The headers that make a CloudEvent. A header that is not UTF-8 counts as absent.
#[derive(Default)]
struct Headers<'h> {
    specversion: Option<&'h str>,
    id: Option<&'h str>,
    source: Option<&'h str>,
    kind: Option<&'h str>,
    time: Option<&'h str>,
    subject: Option<&'h str>,
    content_type: Option<&'h str>,
}

impl<'h> Headers<'h> {
    fn collect(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Self {
        let mut found = Self::default();
        for (name, value) in headers {
            let slot = match name {
                header::CE_SPECVERSION => &mut found.specversion,
                header::CE_ID => &mut found.id,
                header::CE_SOURCE => &mut found.source,
                header::CE_TYPE => &mut found.kind,
                header::CE_TIME => &mut found.time,
                header::CE_SUBJECT => &mut found.subject,
                _ if name.eq_ignore_ascii_case(header::CONTENT_TYPE) => &mut found.content_type,
                _ => continue,
            };
            *slot = std::str::from_utf8(value).ok();
        }
        found
    }
}

fn binary<'a>(headers: &Headers<'_>, payload: &'a [u8]) -> Result<CloudEvent<'a>> {
    specversion(headers.specversion, header::CE_SPECVERSION)?;
    Ok(CloudEvent {
        id: mandatory(headers.id, header::CE_ID)?,
        source: mandatory(headers.source, header::CE_SOURCE)?,
        kind: mandatory(headers.kind, header::CE_TYPE)?,
        time: time(headers.time, header::CE_TIME)?,
        subject: headers.subject.map(ToOwned::to_owned),
        datacontenttype: headers.content_type.map(ToOwned::to_owned),
        data: Cow::Borrowed(payload),
    })
}

fn structured(payload: &[u8]) -> Result<CloudEvent<'static>> {
    let event = json(payload)?;
    if !event.is_object() {
        return Err(DecodeError::not_json("is not a JSON object"));
    }
    specversion(attribute(&event, "specversion")?, "specversion")?;
    Ok(CloudEvent {
        id: mandatory(attribute(&event, "id")?, "id")?,
        source: mandatory(attribute(&event, "source")?, "source")?,
        kind: mandatory(attribute(&event, "type")?, "type")?,
        time: time(attribute(&event, "time")?, "time")?,
        subject: attribute(&event, "subject")?.map(ToOwned::to_owned),
        datacontenttype: Some(
            attribute(&event, "datacontenttype")?
                .unwrap_or(header::JSON)
                .to_owned(),
        ),
        data: Cow::Owned(data(&event)?),
    })
}

/// A context attribute that is a string; other attributes are the sender's own and not looked at.
fn attribute<'v>(event: &'v Value, name: &str) -> Result<Option<&'v str>> {
    match event.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(DecodeError::invalid(name, "is not a string")),
    }
}

/// `data` is a JSON value, or text in a string when the content type is not JSON; `data_base64` is bytes.
fn data(event: &Value) -> Result<Vec<u8>> {
    match (event.get("data"), attribute(event, "data_base64")?) {
        (Some(_), Some(_)) => Err(DecodeError::invalid(
            "data_base64",
            "stands beside data; there may be one of them",
        )),
        (None, None) => Ok(Vec::new()),
        (None, Some(text)) => STANDARD
            .decode(text)
            .map_err(|error| DecodeError::invalid("data_base64", error.to_string())),
        (Some(Value::String(text)), None) if !is_json(attribute(event, "datacontenttype")?) => {
            Ok(text.clone().into_bytes())
        }
        (Some(data), None) => Ok(data.to_string().into_bytes()),
    }
}

/// Without a content type `data` is JSON.
fn is_json(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|kind| {
        let kind = mime(kind).to_ascii_lowercase();
        kind.ends_with("/json") || kind.ends_with("+json")
    })
}

fn specversion(version: Option<&str>, field: &str) -> Result<()> {
    match version {
        Some(header::SPECVERSION) => Ok(()),
        None => Err(DecodeError::missing(field)),
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            Err(DecodeError::version_unknown(
                field,
                format!("CloudEvents {other:?}, this program reads 1.0"),
            ))
        }
    }
}

fn mandatory(text: Option<&str>, field: &str) -> Result<String> {
    text.filter(|text| !text.is_empty())
        .map(ToOwned::to_owned)
        .ok_or_else(|| DecodeError::missing(field))
}

fn time(text: Option<&str>, field: &str) -> Result<Option<Timestamp>> {
    text.map(|text| {
        text.parse()
            .map_err(|_| DecodeError::invalid(field, "is not an RFC 3339 time"))
    })
    .transpose()
}
