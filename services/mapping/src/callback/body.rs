//! Their fields from ours: the mirror of the inbound rules.

use std::collections::HashMap;

use bihuan_domain::time::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::Told;
use super::told::{CODED, Said, WORDS, Word};
use crate::time::Form;

/// Their fields, in the order in which they are written. Empty: ours under our names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body(pub(crate) Vec<(Vec<String>, Outgoing)>);

/// How one of their fields comes about.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    origin: Origin,
    pub(crate) join: Option<String>,
    pub(crate) values: Option<HashMap<String, Value>>,
    pub(crate) default: Option<Value>,
    pub(crate) time: Option<Form>,
}

#[derive(Clone, Debug)]
enum Origin {
    Constant(Value),
    /// The first that is not empty.
    First(Vec<Word>),
}

impl Body {
    /// Whether this word of ours is in it.
    pub(crate) fn says(&self, word: &str) -> bool {
        let is = |it: &Word| matches!(it, Word::Field(name) if *name == word);
        let says =
            |outgoing: &Outgoing| matches!(&outgoing.origin, Origin::First(words) if words.iter().any(is));
        self.0.is_empty() || self.0.iter().any(|(_, outgoing)| says(outgoing))
    }
}

impl Outgoing {
    pub(crate) const fn constant(value: Value) -> Self {
        Self::of(Origin::Constant(value))
    }

    /// `Err`: a word that is none of ours.
    pub(crate) fn from<'a>(words: &[&'a str]) -> Result<Self, &'a str> {
        let parsed = words.iter().map(|word| Word::parse(word).ok_or(*word));
        parsed
            .collect::<Result<_, _>>()
            .map(|words| Self::of(Origin::First(words)))
    }

    const fn of(origin: Origin) -> Self {
        Self {
            origin,
            join: None,
            values: None,
            default: None,
            time: None,
        }
    }

    /// Whether all that it takes are times.
    pub(crate) fn is_time(&self) -> bool {
        matches!(&self.origin, Origin::First(words) if words.iter().all(Word::is_time))
    }

    fn value(&self, told: &Told, zone: Option<&TimeZone>) -> Option<Value> {
        let words = match &self.origin {
            Origin::Constant(value) => return Some(value.clone()),
            Origin::First(words) => words,
        };
        let said = words.iter().find_map(|word| told.get(word));
        let value = match said {
            Some(Said::Time(at)) => Some(written(at, self.time.as_ref(), zone)),
            Some(Said::Plain(value)) => Some(self.translated(value)),
            None => None,
        };
        value.or_else(|| self.default.clone())
    }

    /// In their words. What the table does not know stays ours.
    fn translated(&self, value: Value) -> Value {
        match value {
            Value::Array(items) => {
                let items: Vec<Value> = items.into_iter().map(|item| self.word(item)).collect();
                match &self.join {
                    Some(join) => items.iter().map(plain).collect::<Vec<_>>().join(join).into(),
                    None => Value::Array(items),
                }
            }
            other => self.word(other),
        }
    }

    fn word(&self, value: Value) -> Value {
        let known = self.values.as_ref().and_then(|values| values.get(&plain(&value)));
        known.cloned().unwrap_or(value)
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// RFC 3339 unless the mapping says otherwise.
fn written(at: Timestamp, form: Option<&Form>, zone: Option<&TimeZone>) -> Value {
    let micros = at.as_micros();
    let zoned = at
        .to_jiff()
        .to_zoned_datetime(zone.cloned().unwrap_or(TimeZone::UTC));
    match form {
        Some(Form::Unix) => micros.div_euclid(1_000_000).into(),
        Some(Form::UnixMs) => micros.div_euclid(1_000).into(),
        Some(Form::Pattern { pattern, .. }) => strtime::format(pattern, &zoned)
            .unwrap_or_else(|_| at.to_string())
            .into(),
        Some(Form::Iso | Form::Excel) | None if zone.is_some() => {
            zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string().into()
        }
        Some(Form::Iso | Form::Excel) | None => at.to_string().into(),
    }
}

impl Body {
    pub(super) fn render(&self, told: &Told, zone: Option<&TimeZone>) -> Value {
        let mut body = Map::new();
        if self.0.is_empty() {
            for word in &WORDS[..CODED] {
                let value = Outgoing::from(&[word]).ok().and_then(|it| it.value(told, zone));
                body.extend(value.map(|value| ((*word).to_owned(), value)));
            }
        }
        for (path, outgoing) in &self.0 {
            if let Some(value) = outgoing.value(told, zone) {
                put(&mut body, path, value);
            }
        }
        Value::Object(body)
    }
}

/// Puts the value at the path; the parser has seen to it that no path runs through a value.
fn put(object: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [] => {}
        [name] => {
            object.insert(name.clone(), value);
        }
        [name, rest @ ..] => {
            let inner = object
                .entry(name.as_str())
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
