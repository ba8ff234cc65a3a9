//! From a place in the text to the key that stands there, and back, so that every message names both.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Error;
use super::error::Problem;

/// An error of the TOML parser or of a section's type.
pub(super) fn syntax(path: &Path, text: &str, error: &toml::de::Error) -> Error {
    let span = error.span().unwrap_or(0..0);
    let key = DeTable::parse(text).map_or_else(|_| String::new(), |table| key_at(table.get_ref(), &span));
    Error::Wrong {
        file: path.to_owned(),
        line: line_of(text, span.start),
        key,
        problem: error.message().replace('\n', ", "),
    }
}

/// An error of what a value means.
pub(super) fn problem(path: &Path, text: &str, problem: Problem) -> Error {
    let offset = DeTable::parse(text).map_or(0, |table| {
        offset_of(table.get_ref(), &segments(&problem.key)).unwrap_or(0)
    });
    Error::Wrong {
        file: path.to_owned(),
        line: line_of(text, offset),
        key: problem.key,
        problem: problem.problem,
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    1 + before.matches('\n').count()
}

/// The innermost key whose name or value covers `span`.
fn key_at(table: &DeTable<'_>, span: &Range<usize>) -> String {
    for (key, value) in table {
        if covers(&key.span(), span) {
            return key.get_ref().to_string();
        }
        if let Some(inner) = key_in(value, span) {
            let joint = if inner.is_empty() || inner.starts_with('[') {
                ""
            } else {
                "."
            };
            return format!("{}{joint}{inner}", key.get_ref());
        }
    }
    String::new()
}

/// What to append to the key of `value` if the span lies in it.
fn key_in(value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<String> {
    let within = covers(&value.span(), span);
    match value.get_ref() {
        // the span of a table is that of its header, so what it holds must be asked
        DeValue::Table(table) => Some(key_at(table, span)).filter(|key| within || !key.is_empty()),
        DeValue::Array(array) => array
            .iter()
            .enumerate()
            .find_map(|(i, item)| {
                let inner = key_in(item, span)?;
                let joint = if inner.is_empty() { "" } else { "." };
                Some(format!("[{i}]{joint}{inner}"))
            })
            .or_else(|| within.then(String::new)),
        _ => within.then(String::new),
    }
}

fn covers(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end && !outer.is_empty()
}

/// `intake.source[1].topic` as `intake`, `source`, `1`, `topic`.
fn segments(key: &str) -> Vec<&str> {
    key.split(['.', '[', ']'])
        .filter(|part| !part.is_empty())
        .collect()
}

/// Where the deepest existing part of the key stands.
fn offset_of(table: &DeTable<'_>, segments: &[&str]) -> Option<usize> {
    let (first, rest) = segments.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    Some(offset_in(value, rest).unwrap_or(key.span().start))
}

fn offset_in(value: &Spanned<DeValue<'_>>, segments: &[&str]) -> Option<usize> {
    match value.get_ref() {
        DeValue::Table(table) => offset_of(table, segments),
        DeValue::Array(array) => {
            let (index, rest) = segments.split_first()?;
            let item = array.get(index.parse::<usize>().ok()?)?;
            Some(offset_in(item, rest).unwrap_or(item.span().start))
        }
        _ => None,
    }
}
