//! Nested records laid out as a table with a column for each pointer to a value.

use std::collections::HashMap;

use serde_json::value::RawValue;

use super::messages::{members, pointer};
use super::{MAX_COLUMNS, MAX_DEPTH, Row, Sample, Shape, cell};
use crate::format::json;

#[derive(Default)]
pub(super) struct Flat {
    columns: Vec<String>,
    at: HashMap<String, usize>,
    pub(super) records: Vec<Row>,
}

impl Flat {
    /// Lays out a JSON object. `false`: it is none.
    pub(super) fn object(&mut self, raw: &str) -> bool {
        if !raw.starts_with('{') {
            return false;
        }
        let mut cells = vec![None; self.columns.len()];
        self.members(raw, "", 0, &mut cells);
        self.records.push(cells);
        true
    }

    /// Lays out values under the paths where they stand.
    pub(super) fn values(&mut self, values: Vec<(String, String)>) {
        let mut cells = vec![None; self.columns.len()];
        for (path, text) in values {
            self.set(path, cell(&text), &mut cells);
        }
        self.records.push(cells);
    }

    fn members(&mut self, raw: &str, path: &str, depth: usize, cells: &mut Row) {
        for (name, value) in members(raw) {
            let (path, value) = (pointer(path, &name), RawValue::get(value));
            if value.starts_with('{') && depth < MAX_DEPTH {
                self.members(value, &path, depth + 1, cells);
            } else if !value.starts_with(['{', '[']) {
                self.set(path, json::scalar(value).and_then(|text| cell(&text)), cells);
            }
        }
    }

    fn set(&mut self, path: String, text: Option<String>, cells: &mut Row) {
        if let Some(at) = self.column(path) {
            cells.resize(self.columns.len().max(cells.len()), None);
            cells[at] = text;
        }
    }

    fn column(&mut self, path: String) -> Option<usize> {
        if let Some(at) = self.at.get(&path) {
            return Some(*at);
        }
        let at = self.columns.len();
        if at == MAX_COLUMNS {
            return None;
        }
        self.columns.push(path.clone());
        self.at.insert(path, at);
        Some(at)
    }

    pub(super) fn sample(mut self, shape: Shape, rows: Option<String>, broken: usize) -> Sample {
        for record in &mut self.records {
            record.resize(self.columns.len(), None);
        }
        Sample {
            rows,
            ..Sample::new(shape, self.columns, self.records, broken)
        }
    }
}
