//! HTTP as a script would speak it: a status is an answer, only silence is none.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(15)))
        .build()
        .into()
}

/// Status and JSON body; a body that is no JSON is text.
pub fn get(url: &str) -> Option<(u16, Value)> {
    let mut response = agent().get(url).call().ok()?;
    let text = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), value(text)))
}

/// The same for a body that is sent as JSON, with further headers.
pub fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> Option<(u16, Value)> {
    post_bytes(url, headers, "application/json", body.to_string().as_bytes())
}

pub fn post_bytes(url: &str, headers: &[(&str, &str)], kind: &str, body: &[u8]) -> Option<(u16, Value)> {
    let mut request = agent().post(url).header("content-type", kind);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = request.send(body).ok()?;
    let text = response.body_mut().read_to_string().ok()?;
    Some((response.status().as_u16(), value(text)))
}

fn value(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
