//! Between the generated messages and the domain's types. One trait, both directions in one place, so that a field cannot be
//! written and not read.

mod clocks;
pub(crate) mod command;
mod dispute;
pub(crate) mod disputes;
pub(crate) mod event;
mod parts;
mod report;
pub(crate) mod task;
mod words;

use std::str::FromStr;

use bihuan_domain::code::ParseError;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, DisputeId, RecordId};
use bihuan_domain::time::Timestamp;
use uuid::Uuid;

use crate::DecodeError;
use crate::fields::storable;

pub(crate) type Result<T> = std::result::Result<T, DecodeError>;

/// The schema that this code writes and reads.
pub(crate) const SCHEMA: u32 = 1;

/// A domain type that travels as a message of its own.
pub(crate) trait Wire: Sized {
    type Message;

    fn to_wire(&self) -> Self::Message;

    fn from_wire(message: Self::Message) -> Result<Self>;
}

/// A domain enumeration that travels as a number.
pub(crate) trait Word: Sized {
    fn number(self) -> i32;

    fn from_number(number: i32) -> Option<Self>;
}

/// An id that travels as sixteen bytes.
pub(crate) trait Id: Sized + Copy {
    fn new(uuid: Uuid) -> Self;

    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($name:ident),+) => {
        $(impl Id for $name {
            fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        })+
    };
}

ids!(ClueId, CommandId, DisputeId, RecordId);

pub(crate) fn schema(schema: u32) -> Result<()> {
    match schema {
        SCHEMA => Ok(()),
        0 => Err(DecodeError::missing("schema")),
        other => Err(DecodeError::version_unknown(
            "schema",
            format!("schema {other}, this program reads {SCHEMA}"),
        )),
    }
}

/// A mandatory part that is a message.
pub(crate) fn part<T: Wire>(message: Option<T::Message>, field: &'static str) -> Result<T> {
    let message = message.ok_or_else(|| DecodeError::missing(field))?;
    T::from_wire(message).map_err(|error| error.within(field))
}

pub(crate) fn optional_part<T: Wire>(message: Option<T::Message>, field: &'static str) -> Result<Option<T>> {
    message
        .map(T::from_wire)
        .transpose()
        .map_err(|error| error.within(field))
}

pub(crate) fn parts<T: Wire>(messages: Vec<T::Message>, field: &'static str) -> Result<Vec<T>> {
    messages
        .into_iter()
        .map(T::from_wire)
        .collect::<Result<_>>()
        .map_err(|error| error.within(field))
}

pub(crate) fn time(micros: Option<i64>, field: &'static str) -> Result<Timestamp> {
    micros
        .map(Timestamp::from_micros)
        .ok_or_else(|| DecodeError::missing(field))
}

/// A mandatory text without a grammar of its own. Only for identities: what is mandatory otherwise is for a decision to say,
/// and what the domain can hold must survive its own encoding.
pub(crate) fn text(text: String, field: &'static str) -> Result<String> {
    if text.is_empty() {
        return Err(DecodeError::missing(field));
    }
    storable(&text, field)?;
    Ok(text)
}

/// A code; the empty one is a missing one.
pub(crate) fn code<T: FromStr<Err = ParseError>>(text: &str, field: &'static str) -> Result<T> {
    if text.is_empty() {
        return Err(DecodeError::missing(field));
    }
    text.parse()
        .map_err(|error: ParseError| DecodeError::invalid(field, error.to_string()))
}

pub(crate) fn optional_code<T: FromStr<Err = ParseError>>(
    text: Option<&str>,
    field: &'static str,
) -> Result<Option<T>> {
    text.map(str::parse)
        .transpose()
        .map_err(|error: ParseError| DecodeError::invalid(field, error.to_string()))
}

pub(crate) fn id<T: Id>(bytes: &[u8], field: &'static str) -> Result<T> {
    if bytes.is_empty() {
        return Err(DecodeError::missing(field));
    }
    Uuid::from_slice(bytes)
        .map(T::new)
        .map_err(|_| DecodeError::invalid(field, format!("has {} bytes, not 16", bytes.len())))
}

pub(crate) fn id_bytes(id: impl Id) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

pub(crate) fn digest(bytes: &[u8], field: &'static str) -> Result<Digest> {
    if bytes.is_empty() {
        return Err(DecodeError::missing(field));
    }
    Digest::from_slice(bytes)
        .ok_or_else(|| DecodeError::invalid(field, format!("has {} bytes, not 32", bytes.len())))
}

pub(crate) fn optional_digest(bytes: Option<&[u8]>, field: &'static str) -> Result<Option<Digest>> {
    bytes.map(|bytes| digest(bytes, field)).transpose()
}

pub(crate) fn word<T: Word>(number: i32, field: &'static str) -> Result<T> {
    match T::from_number(number) {
        Some(word) => Ok(word),
        None if number == 0 => Err(DecodeError::missing(field)),
        None => Err(DecodeError::invalid(
            field,
            format!("{number} is no value of this enumeration"),
        )),
    }
}

/// 0 is none.
pub(crate) fn optional_word<T: Word>(number: i32, field: &'static str) -> Result<Option<T>> {
    (number != 0).then(|| word(number, field)).transpose()
}

pub(crate) fn words<T: Word>(numbers: Vec<i32>, field: &'static str) -> Result<Vec<T>> {
    numbers.into_iter().map(|number| word(number, field)).collect()
}
