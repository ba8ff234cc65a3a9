//! Reads a JSON object strictly: every field is known, and every complaint names its field.

use std::fmt::Display;
use std::str::FromStr;

use serde_json::{Map, Value};

use crate::DecodeError;

pub(crate) type Result<T> = std::result::Result<T, DecodeError>;

/// The fields of an object. Remembers which ones were asked for, so that [`Fields::finish`] can refuse the others. `null` is
/// the same as absent.
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    asked: Vec<&'static str>,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value) -> Result<Self> {
        let object = value
            .as_object()
            .ok_or_else(|| DecodeError::not_json("is not a JSON object"))?;
        for (name, value) in object {
            if let Some(text) = value.as_str() {
                storable(text, name)?;
            }
        }
        Ok(Self {
            object,
            asked: Vec::with_capacity(object.len()),
        })
    }

    pub(crate) fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.asked.push(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<&'a str>> {
        self.value(name)
            .map(|value| {
                value
                    .as_str()
                    .ok_or_else(|| DecodeError::invalid(name, "is not a string"))
            })
            .transpose()
    }

    /// A string, or a number or truth value as text.
    pub(crate) fn scalar(&mut self, name: &'static str) -> Result<Option<String>> {
        self.value(name)
            .map(|value| {
                scalar(value).ok_or_else(|| DecodeError::invalid(name, "is neither text nor a number"))
            })
            .transpose()
    }

    /// A string that is not blank.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Result<&'a str> {
        self.text(name)?
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| DecodeError::missing(name))
    }

    pub(crate) fn owned(&mut self, name: &'static str) -> Result<Option<String>> {
        Ok(self.text(name)?.map(ToOwned::to_owned))
    }

    pub(crate) fn parsed<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Result<Option<T>> {
        self.text(name)?.map(|text| parse(text, name)).transpose()
    }

    pub(crate) fn required<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Result<T> {
        parse(self.required_text(name)?, name)
    }

    /// One of a closed list of words.
    pub(crate) fn word<T>(&mut self, name: &'static str, parse: fn(&str) -> Option<T>) -> Result<T> {
        let text = self.required_text(name)?;
        parse(text).ok_or_else(|| DecodeError::invalid(name, format!("{text:?} is not one of its words")))
    }

    pub(crate) fn number(&mut self, name: &'static str) -> Result<Option<u32>> {
        self.value(name)
            .map(|value| {
                let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
                number.ok_or_else(|| DecodeError::invalid(name, "is not a whole number from 0 to 4294967295"))
            })
            .transpose()
    }

    pub(crate) fn truth(&mut self, name: &'static str) -> Result<Option<bool>> {
        self.value(name)
            .map(|value| {
                value
                    .as_bool()
                    .ok_or_else(|| DecodeError::invalid(name, "is not true or false"))
            })
            .transpose()
    }

    pub(crate) fn required_truth(&mut self, name: &'static str) -> Result<bool> {
        self.truth(name)?.ok_or_else(|| DecodeError::missing(name))
    }

    /// Reads each element of a list; an absent list is empty.
    pub(crate) fn list<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&'a Value) -> Result<T>,
    ) -> Result<Vec<T>> {
        let Some(value) = self.value(name) else {
            return Ok(Vec::new());
        };
        let list = value
            .as_array()
            .ok_or_else(|| DecodeError::invalid(name, "is not a list"))?;
        list.iter()
            .map(|item| read(item).map_err(|error| within(error, name)))
            .collect()
    }

    /// Reads an object that lies in this one.
    pub(crate) fn object<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&'a Value) -> Result<T>,
    ) -> Result<Option<T>> {
        self.value(name)
            .map(|value| read(value).map_err(|error| within(error, name)))
            .transpose()
    }

    /// Refuses a field that nobody asked for.
    pub(crate) fn finish(self) -> Result<()> {
        match self
            .object
            .keys()
            .find(|name| !self.asked.contains(&name.as_str()))
        {
            None => Ok(()),
            Some(unknown) => {
                let known = self.asked.join(", ");
                Err(DecodeError::invalid(
                    unknown.as_str(),
                    format!("is not a field here; there are {known}"),
                ))
            }
        }
    }
}

/// U+0000 is in no text that people write, and no database takes it.
pub(crate) fn storable(text: &str, field: &str) -> Result<()> {
    if text.contains('\0') {
        Err(DecodeError::invalid(field, "contains the character U+0000"))
    } else {
        Ok(())
    }
}

/// A complaint about a part, as one about the whole.
fn within(error: DecodeError, field: &'static str) -> DecodeError {
    let code = if error.code == "not_json" {
        "field_invalid"
    } else {
        error.code
    };
    DecodeError {
        code,
        ..error.within(field)
    }
}

pub(crate) fn parse<T: FromStr<Err: Display>>(text: &str, field: &str) -> Result<T> {
    text.trim()
        .parse()
        .map_err(|error: T::Err| DecodeError::invalid(field, error.to_string()))
}

/// An element of a list that is a string of some kind.
pub(crate) fn element<T: FromStr<Err: Display>>(value: &Value) -> Result<T> {
    let text = value
        .as_str()
        .ok_or_else(|| DecodeError::not_json("holds something that is not a string"))?;
    text.parse()
        .map_err(|error: T::Err| DecodeError::not_json(error.to_string()))
}

/// Text that holds one JSON value.
pub(crate) fn json(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| DecodeError::not_json(error.to_string()))
}

/// A value that has a text of its own.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
