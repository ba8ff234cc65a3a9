//! A message with what is personal in it replaced.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Lossy, bad};
use crate::format::Bad;

/// `message` with the value of every member of such a name, at any depth, replaced by `"***"`.
///
/// # Errors
/// `json`: the message is not JSON, so nobody knows where such a member begins or ends.
pub fn blanked(message: &str, is_personal: &dyn Fn(&str) -> bool) -> Result<String, Bad> {
    let mut spans = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(message);
    Blank {
        is_personal,
        spans: &mut spans,
        of: PhantomData,
    }
    .deserialize(&mut deserializer)
    .and_then(|()| deserializer.end())
    .map_err(|error| bad(&error))?;
    let mut shown = String::with_capacity(message.len());
    let mut from = 0;
    for value in spans {
        // the spans are slices of the message, so their addresses say where they stand in it
        let at = value.as_ptr().addr() - message.as_ptr().addr();
        shown.push_str(&message[from..at]);
        shown.push_str("\"***\"");
        from = at + value.len();
    }
    shown.push_str(&message[from..]);
    Ok(shown)
}

/// Collects the values that `is_personal` names.
struct Blank<'p, 's, 'a> {
    is_personal: &'p dyn Fn(&str) -> bool,
    spans: &'s mut Vec<&'a str>,
    of: PhantomData<&'a ()>,
}

impl<'a> DeserializeSeed<'a> for Blank<'_, '_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Blank<'_, '_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(Lossy(key)) = map.next_key()? {
            if (self.is_personal)(&key) {
                self.spans.push(map.next_value::<&'a RawValue>()?.get());
            } else {
                map.next_value_seed(Blank {
                    is_personal: self.is_personal,
                    spans: self.spans,
                    of: PhantomData,
                })?;
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'a>>(self, mut seq: S) -> Result<(), S::Error> {
        while seq
            .next_element_seed(Blank {
                is_personal: self.is_personal,
                spans: self.spans,
                of: PhantomData,
            })?
            .is_some()
        {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
