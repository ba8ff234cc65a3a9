//! Addresses within the pages.

use std::fmt::Write as _;

/// A path with its query, in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address(String);

impl Address {
    pub(super) fn to(path: &str) -> Self {
        Self(path.to_owned())
    }

    /// The page of one thing below `path`.
    pub(super) fn below(path: &str, segment: &str) -> Self {
        Self(format!("{path}/{}", escape(segment)))
    }

    #[must_use]
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        let mark = if self.0.contains('?') { '&' } else { '?' };
        let _ = write!(self.0, "{mark}{name}={}", escape(value));
        self
    }

    #[must_use]
    pub(super) fn with_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn text(self) -> String {
        self.0
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters, and the comma.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b',' => {
                escaped.push(char::from(byte));
            }
            other => {
                let _ = write!(escaped, "%{other:02X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_leave_their_place() {
        let address = Address::below("/clues", "a/b")
            .with("by", "area")
            .with("key", "越&=");
        assert_eq!(address.text(), "/clues/a%2Fb?by=area&key=%E8%B6%8A%26%3D");
    }
}
