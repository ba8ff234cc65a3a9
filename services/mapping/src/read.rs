//! Reads TOML key by key, so that one pass names every problem with its place instead of stopping at the first.

use std::borrow::Cow;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Note;
use super::problem::{Place, Problem, Say, nearest};

/// Collects what is wrong while the file is read.
pub(crate) struct Reader<'t> {
    text: &'t str,
    pub(crate) problems: Vec<Problem>,
    /// What a person should know though nothing is wrong.
    pub(crate) notes: Vec<Note>,
}

/// A value, and the path of its key.
#[derive(Clone)]
pub(crate) struct Item<'v> {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) value: &'v DeValue<'v>,
}

/// A table, and the path that leads to it.
#[derive(Clone)]
pub(crate) struct Section<'v> {
    pub(crate) key: String,
    pub(crate) place: Place,
    table: &'v DeTable<'v>,
}

fn path(outer: &str, key: &str) -> String {
    if outer.is_empty() {
        key.to_owned()
    } else {
        format!("{outer}.{key}")
    }
}

impl<'t> Reader<'t> {
    pub(crate) const fn new(text: &'t str) -> Self {
        Self {
            text,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(crate) fn place(&self, span: std::ops::Range<usize>) -> Place {
        Place::of(self.text, span)
    }

    pub(crate) fn report(&mut self, code: &'static str, item: &Item<'_>, what: Say<'_>, advice: Say<'_>) {
        self.problems
            .push(Problem::new(code, &item.key, item.place, what, advice));
    }

    pub(crate) fn root<'v>(&self, document: &'v Spanned<DeTable<'v>>) -> Section<'v> {
        Section {
            key: String::new(),
            place: self.place(0..0),
            table: document.get_ref(),
        }
    }

    /// Names every key that no mapping has.
    pub(crate) fn only(&mut self, section: &Section<'_>, known: &[&str]) {
        for (key, _) in section.table {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let advice = match nearest(name, known.iter().copied()) {
                Some(meant) => [format!("是否想写 {meant}？"), format!("did you mean {meant}?")],
                None => [
                    format!("可用的键：{}", known.join("、")),
                    format!("the keys are {}", known.join(", ")),
                ],
            };
            self.problems.push(Problem::new(
                "unknown_key",
                &path(&section.key, name),
                self.place(key.span()),
                [
                    &format!("没有名为 {name} 的键"),
                    &format!("there is no key {name}"),
                ],
                [&advice[0], &advice[1]],
            ));
        }
    }

    pub(crate) fn item<'v>(&self, section: &Section<'v>, key: &str) -> Option<Item<'v>> {
        let value = section.table.get(key)?;
        Some(Item {
            key: path(&section.key, key),
            place: self.place(value.span()),
            value: value.get_ref(),
        })
    }

    pub(crate) fn section<'v>(&mut self, outer: &Section<'v>, key: &str) -> Option<Section<'v>> {
        let item = self.item(outer, key)?;
        let section = as_section(&item);
        if section.is_none() {
            self.wrong_type(&item, ["一个表", "a table"]);
        }
        section
    }

    fn wrong_type(&mut self, item: &Item<'_>, wanted: Say<'_>) {
        let found = item.value.type_str();
        self.report(
            "type",
            item,
            [
                &format!("这里应是{}，不是 {found}", wanted[0]),
                &format!("this must be {}, not {found}", wanted[1]),
            ],
            ["按格式改写", "write it so"],
        );
    }

    pub(crate) fn string<'v>(&mut self, item: &Item<'v>) -> Option<&'v str> {
        if let DeValue::String(text) = item.value {
            return Some(text);
        }
        self.wrong_type(item, ["一个字符串", "a string"]);
        None
    }

    /// A string, a number or a truth value as text: records hold nothing but text.
    pub(crate) fn word<'v>(&mut self, item: &Item<'v>) -> Option<Cow<'v, str>> {
        match item.value {
            DeValue::String(text) => Some(Cow::Borrowed(text)),
            DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().into()),
            DeValue::Float(number) => Some(number.as_str().into()),
            DeValue::Boolean(truth) => Some(if *truth { "true" } else { "false" }.into()),
            _ => {
                self.wrong_type(item, ["一个词", "a word"]);
                None
            }
        }
    }

    pub(crate) fn truth(&mut self, item: &Item<'_>) -> bool {
        if let DeValue::Boolean(truth) = item.value {
            return *truth;
        }
        self.wrong_type(item, ["true 或 false", "true or false"]);
        false
    }

    /// One string or a list of them, each with its place.
    pub(crate) fn list<'v>(&mut self, item: &Item<'v>) -> Vec<Item<'v>> {
        match item.value {
            DeValue::Array(values) => values
                .iter()
                .map(|value| Item {
                    key: item.key.clone(),
                    place: self.place(value.span()),
                    value: value.get_ref(),
                })
                .collect(),
            DeValue::String(_) => vec![item.clone()],
            _ => {
                self.wrong_type(item, ["一个字符串或字符串列表", "a string or a list of strings"]);
                Vec::new()
            }
        }
    }

    /// The keys of a table with the values behind them.
    pub(crate) fn entries<'v>(&self, section: &Section<'v>) -> Vec<(&'v str, Item<'v>)> {
        let item = |key: &str, value: &'v Spanned<DeValue<'v>>| Item {
            key: path(&section.key, key),
            place: self.place(value.span()),
            value: value.get_ref(),
        };
        section
            .table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), item(key.get_ref(), value)))
            .collect()
    }
}

pub(crate) fn as_section<'v>(item: &Item<'v>) -> Option<Section<'v>> {
    let DeValue::Table(table) = item.value else {
        return None;
    };
    Some(Section {
        key: item.key.clone(),
        place: item.place,
        table,
    })
}
