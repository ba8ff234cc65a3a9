//! JSON messages: the records in one, the fields of a record. Numbers stay the text that was written, so that an id of twenty
//! digits is still itself; every message is read once, whatever number of fields is asked for.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Bad, Value, Written};

mod blank;

pub use blank::blanked;

/// The tokens of a JSON pointer (RFC 6901); a name without a leading slash is the one token of a top-level member.
pub fn tokens(name: &str) -> Vec<String> {
    match name.strip_prefix('/') {
        None => vec![name.to_owned()],
        Some(path) => path
            .split('/')
            .map(|token| token.replace("~1", "/").replace("~0", "~"))
            .collect(),
    }
}

/// Several names at once, so that one pass over a message finds them all.
#[derive(Clone, Debug, Default)]
pub struct Names {
    root: Node,
    count: usize,
}

#[derive(Clone, Debug, Default)]
struct Node {
    /// Which of the names end here.
    ends: Vec<usize>,
    children: Vec<(String, Node)>,
}

impl Names {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut this = Self::default();
        for name in names {
            let mut node = &mut this.root;
            for token in tokens(name) {
                let at = node
                    .children
                    .iter()
                    .position(|(key, _)| *key == token)
                    .unwrap_or_else(|| {
                        node.children.push((token, Node::default()));
                        node.children.len() - 1
                    });
                node = &mut node.children[at].1;
            }
            node.ends.push(this.count);
            this.count += 1;
        }
        this
    }

    /// The values as they are written, in the order of the names.
    ///
    /// # Errors
    /// `json`: the message is not one JSON object.
    pub fn find<'a>(&self, message: &'a str) -> Result<Vec<Option<&'a str>>, Bad> {
        let mut found = vec![None; self.count];
        let mut deserializer = serde_json::Deserializer::from_str(message);
        let walk = Walk {
            node: &self.root,
            found: &mut found,
        };
        deserializer
            .deserialize_map(walk)
            .and_then(|()| deserializer.end())
            .map_err(|error| bad(&error))?;
        Ok(found)
    }

    /// The same as values; `None` for `null`.
    pub fn read<'a>(&self, message: &'a str) -> Result<Vec<Option<Value<'a>>>, Bad> {
        Ok(self
            .find(message)?
            .into_iter()
            .map(|raw| raw.and_then(value))
            .collect())
    }
}

/// Says where, and nothing of what stands there: it may be personal.
pub(crate) fn bad(error: &serde_json::Error) -> Bad {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Data => "is not what was expected",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is not JSON",
    };
    Bad::new(
        "json",
        format!("line {} column {}: {what}", error.line(), error.column()),
    )
}

fn value(raw: &str) -> Option<Value<'_>> {
    let written = match raw.as_bytes().first() {
        Some(b'-' | b'0'..=b'9') => Written::Number,
        Some(b'{' | b'[' | b't' | b'f') => Written::Other,
        _ => Written::Text,
    };
    Some(Value {
        text: scalar(raw)?,
        written,
    })
}

/// The text of a value: of a string its content, of `null` nothing, of everything else what is written.
pub(crate) fn scalar(raw: &str) -> Option<Cow<'_, str>> {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        None if raw == "null" => None,
        None => Some(raw.into()),
        Some(content) if !content.contains('\\') => Some(content.into()),
        Some(_) => Some(serde_json::from_str::<Lossy>(raw).map_or_else(|_| raw.into(), |text| text.0.into())),
    }
}

/// A string in which half a surrogate pair becomes U+FFFD instead of spoiling the record.
struct Lossy(String);

impl<'de> Deserialize<'de> for Lossy {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Lossy;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_str<E>(self, text: &str) -> Result<Lossy, E> {
                Ok(Lossy(text.to_owned()))
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Lossy, E> {
                Ok(Lossy(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

/// The texts of an array's elements; `None` if it is no array of plain values.
pub fn strings(text: &str) -> Option<Vec<String>> {
    if !text.starts_with('[') {
        return None;
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let is_plain = |element: &&RawValue| !element.get().starts_with(['{', '[']);
    elements.iter().all(is_plain).then(|| {
        let texts = elements.iter().filter_map(|element| scalar(element.get()));
        texts.map(Cow::into_owned).collect()
    })
}

/// Walks down a message along the names and skips everything else.
struct Walk<'n, 'f, 'a> {
    node: &'n Node,
    found: &'f mut Vec<Option<&'a str>>,
}

impl<'a> Walk<'_, '_, 'a> {
    fn member<E: serde::de::Error>(
        &mut self,
        child: &Node,
        next: impl FnOnce(Next<'_, '_, 'a>) -> Result<(), E>,
    ) -> Result<(), E> {
        next(Next {
            node: child,
            found: self.found,
        })
    }
}

impl<'a> Visitor<'a> for Walk<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'a>>(mut self, mut map: M) -> Result<(), M::Error> {
        let node = self.node;
        while let Some(child) = map.next_key_seed(Key { node })? {
            match child {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(at) => self.member(&node.children[at].1, |next| map.next_value_seed(next))?,
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(mut self, mut seq: S) -> Result<(), S::Error> {
        let node = self.node;
        for index in 0_usize.. {
            let name = index.to_string();
            let more = match node.children.iter().find(|(key, _)| *key == name) {
                None => seq.next_element::<IgnoredAny>()?.is_some(),
                Some((_, child)) => {
                    let mut more = false;
                    self.member(child, |next| {
                        more = seq.next_element_seed(next)?.is_some();
                        Ok::<(), S::Error>(())
                    })?;
                    more
                }
            };
            if !more {
                break;
            }
        }
        Ok(())
    }
}

/// Which child of the node a key names.
struct Key<'n> {
    node: &'n Node,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Self::Value, E> {
        Ok(self
            .node
            .children
            .iter()
            .position(|(name, _)| name.as_bytes() == key))
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        self.visit_bytes(key.as_bytes())
    }
}

/// The value below a key that leads to a name.
struct Next<'n, 'f, 'a> {
    node: &'n Node,
    found: &'f mut Vec<Option<&'a str>>,
}

impl<'a> DeserializeSeed<'a> for Next<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw = <&'a RawValue>::deserialize(deserializer)?.get();
        for end in &self.node.ends {
            self.found[*end] = Some(raw);
        }
        if self.node.children.is_empty() || !raw.starts_with(['{', '[']) {
            return Ok(());
        }
        let walk = Walk {
            node: self.node,
            found: self.found,
        };
        let mut inner = serde_json::Deserializer::from_str(raw);
        let walked = if raw.starts_with('{') {
            inner.deserialize_map(walk)
        } else {
            inner.deserialize_seq(walk)
        };
        walked.map_err(D::Error::custom)
    }
}

/// The records of one message: those of the array at `rows`, of a top-level array, or the message itself.
///
/// # Errors
/// `json`: the message is not JSON; `json_rows`: nothing stands at `rows` that could be a record.
pub fn records<'a>(message: &'a str, rows: Option<&str>) -> Result<Vec<&'a str>, Bad> {
    let whole: &RawValue = serde_json::from_str(message).map_err(|error| bad(&error))?;
    let found = match rows {
        None | Some("") => Some(whole.get()),
        Some(pointer) => Names::new([pointer]).find(whole.get())?.swap_remove(0),
    };
    match found {
        Some(array) if array.starts_with('[') => {
            let rows: Vec<&RawValue> = serde_json::from_str(array).map_err(|error| bad(&error))?;
            Ok(rows.into_iter().map(RawValue::get).collect())
        }
        Some(object) if rows.is_none() || object.starts_with('{') => Ok(vec![object]),
        _ => Err(Bad::new(
            "json_rows",
            format!("no array of records at {}", rows.unwrap_or("/")),
        )),
    }
}

#[cfg(test)]
mod tests;
