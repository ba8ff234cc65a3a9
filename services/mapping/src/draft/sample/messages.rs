//! JSON: records, messages that hold several, and rows of a database in the envelope of a tool.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::flat::Flat;
use super::{MAX_BYTES, MAX_DEPTH, Sample, Shape, Unusable};
use crate::envelope::Envelope;
use crate::format::encoding::{self, Encoding};
use crate::format::{json, json_file};

pub(super) fn read(reader: impl Read, most: usize) -> Result<Sample, Unusable> {
    let (mut texts, mut broken, mut bytes) = (Vec::new(), 0, 0);
    for frame in json_file::Messages::open(reader, Encoding::Auto)?.take(most) {
        let frame = frame?;
        bytes += frame.raw.len();
        if bytes > MAX_BYTES && !texts.is_empty() {
            break;
        }
        match frame.broken {
            None => texts.push(encoding::text(&frame.raw).into_owned()),
            Some(_) => broken += 1,
        }
    }
    if let Some(envelope) = wrapped(&texts) {
        return Ok(changes(&texts, envelope, most, broken));
    }
    let rows = array_within(&texts);
    let mut flat = Flat::default();
    for text in &texts {
        match json::records(text, rows.as_deref()) {
            Ok(records) => records.iter().for_each(|record| {
                if flat.records.len() < most && !flat.object(record) {
                    broken += 1;
                }
            }),
            Err(_) => broken += 1,
        }
    }
    Ok(flat.sample(Shape::Json, rows, broken))
}

/// The envelope in which nearly all messages lie, and at least one with a row.
fn wrapped(texts: &[String]) -> Option<Envelope> {
    Envelope::ALL.into_iter().find(|envelope| {
        let read = texts.iter().filter_map(|text| envelope.records(text).ok());
        let (mut understood, mut rows) = (0, 0);
        for records in read {
            understood += 1;
            rows += records.len();
        }
        rows > 0 && understood * 10 >= texts.len() * 9
    })
}

/// The rows of the table that most changes are of: two tables are two kinds of record.
fn changes(texts: &[String], envelope: Envelope, most: usize, mut broken: usize) -> Sample {
    let mut tables: BTreeMap<String, Flat> = BTreeMap::new();
    for text in texts {
        let Ok(records) = envelope.records(text) else {
            broken += 1;
            continue;
        };
        for record in &records {
            if let Ok(Some(change)) = envelope.open(record) {
                let table = change.table.as_deref().unwrap_or_default().to_owned();
                let flat = tables.entry(table).or_default();
                if flat.records.len() < most {
                    flat.object(change.row);
                }
            }
        }
    }
    let fullest = tables
        .iter()
        .max_by_key(|(_, flat)| flat.records.len())
        .map(|(name, _)| name.clone())
        .unwrap_or_default();
    let flat = tables.remove(&fullest).unwrap_or_default();
    Sample {
        envelope: Some(envelope),
        tables: tables.into_keys().collect::<BTreeSet<_>>(),
        ..flat.sample(Shape::Json, None, broken)
    }
}

/// The members of an object, in its order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Self)
    }
}

pub(super) fn members(raw: &str) -> Vec<(String, &RawValue)> {
    serde_json::from_str::<Members<'_>>(raw).map_or_else(|_| Vec::new(), |members| members.0)
}

/// What arrays of records are called.
const ARRAYS: &[&str] = &[
    "data", "rows", "records", "list", "items", "results", "result", "features", "数据", "列表",
];

/// Where the records stand, if a message is not one itself: the one array of objects of a single message, else an array under a
/// usual name in every message that has no id of its own.
fn array_within(texts: &[String]) -> Option<String> {
    let first = texts.first().filter(|text| text.trim_start().starts_with('{'))?;
    let mut found = Vec::new();
    arrays(first, "", 0, &mut found);
    let has_id = members(first)
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("id"));
    let is_usual = |pointer: &str| {
        ARRAYS
            .iter()
            .any(|name| pointer.to_lowercase().ends_with(&format!("/{name}")))
    };
    let (pointer, _) = found
        .into_iter()
        .filter(|(pointer, _)| is_usual(pointer) || (texts.len() == 1 && !has_id))
        .max_by_key(|(_, length)| *length)?;
    let in_all = texts
        .iter()
        .all(|text| json::records(text, Some(&pointer)).is_ok());
    (in_all && (texts.len() == 1 || !has_id)).then_some(pointer)
}

fn arrays(raw: &str, path: &str, depth: usize, found: &mut Vec<(String, usize)>) {
    for (name, value) in members(raw) {
        let (path, value) = (pointer(path, &name), value.get());
        if value.starts_with('{') && depth < MAX_DEPTH {
            arrays(value, &path, depth + 1, found);
        } else if value.starts_with('[')
            && let Ok(elements) = serde_json::from_str::<Vec<&RawValue>>(value)
            && elements.iter().any(|element| element.get().starts_with('{'))
        {
            found.push((path, elements.len()));
        }
    }
}

pub(super) fn pointer(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}
