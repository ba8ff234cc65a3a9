//! What the headers of a write ask for.

#![expect(
    clippy::result_large_err,
    reason = "a problem is made once a request, and only when that fails"
)]

use std::time::Duration;

use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, HeaderName};

use crate::problem::{self, Result};

const IDEMPOTENCY_KEY: &str = "idempotency-key";
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// Nobody is kept waiting for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(30);
const LONGEST_KEY: usize = 255;

/// The headers of a write.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    /// `Prefer: wait=5`; zero: not at all.
    pub wait: Duration,
    /// `Idempotency-Key`
    pub key: Option<String>,
    /// `If-Match`
    pub version: Option<u32>,
}

impl Asked {
    pub fn read(headers: &HeaderMap) -> Result<Self> {
        Ok(Self {
            wait: wait(headers),
            key: key(headers)?,
            version: version(headers)?,
        })
    }
}

/// A preference that cannot be understood is ignored (RFC 7240 §2).
fn wait(headers: &HeaderMap) -> Duration {
    let values = headers
        .get_all(PREFER)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let preferences = values.flat_map(|value| value.split([',', ';']));
    let seconds = preferences.filter_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("wait")
            .then(|| value.trim().trim_matches('"').parse().ok())?
    });
    seconds
        .map(Duration::from_secs)
        .next()
        .unwrap_or_default()
        .min(LONGEST_WAIT)
}

fn key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let key = value.to_str().map(unquoted).unwrap_or_default();
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(problem::header(
            IDEMPOTENCY_KEY,
            "it must have 1 to 255 visible ASCII characters",
            "须为 1 至 255 个可见 ASCII 字符",
        ));
    }
    Ok(Some(key.to_owned()))
}

fn version(headers: &HeaderMap) -> Result<Option<u32>> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let version = value.to_str().ok().and_then(|value| unquoted(value).parse().ok());
    version.map(Some).ok_or_else(|| {
        problem::header(
            "if-match",
            "it must be one version, as in \"7\"",
            "须为一个版本号，如 \"7\"",
        )
    })
}

/// Both headers are quoted strings; people forget the quotes.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &str) -> Result<Asked> {
        Asked::read(&HeaderMap::from_iter([(
            HeaderName::from_static(name),
            value.parse().expect("a header"),
        )]))
    }

    #[test]
    fn the_wait_is_what_is_preferred_up_to_half_a_minute() {
        let table = [
            ("wait=5", 5),
            ("respond-async, Wait = 7", 7),
            ("wait=\"3\"; x=1", 3),
            ("wait=99", 30),
            ("wait=soon", 0),
            ("", 0),
        ];
        for (value, seconds) in table {
            assert_eq!(
                asked("prefer", value).map(|it| it.wait),
                Ok(Duration::from_secs(seconds)),
                "{value:?}"
            );
        }
    }

    #[test]
    fn keys_and_versions_are_read_or_refused() {
        assert_eq!(
            asked(IDEMPOTENCY_KEY, "\"a b\"").map(|it| it.key),
            Ok(Some("a b".to_owned()))
        );
        assert_eq!(asked("if-match", "\"7\"").map(|it| it.version), Ok(Some(7)));
        assert_eq!(asked("if-match", "7").map(|it| it.version), Ok(Some(7)));
        let wrong = [
            (IDEMPOTENCY_KEY, "\"\""),
            (IDEMPOTENCY_KEY, "钥匙"),
            ("if-match", "*"),
            ("if-match", "W/\"7\""),
            ("if-match", "\"6\", \"7\""),
        ];
        for (name, value) in wrong {
            assert_eq!(
                asked(name, value).expect_err(value).code(),
                "invalid_header",
                "{name}: {value}"
            );
        }
        assert!(asked(IDEMPOTENCY_KEY, &"k".repeat(256)).is_err());
    }
}
