//! One field of a mapping: a column, or a table that says how the text comes about.

use std::collections::HashMap;

use super::pattern;
use crate::Use;
use crate::format::Format;
use crate::problem::Say;
use crate::read::{Item, Reader, Section, as_section};
use crate::rule::{Origin, Rule, Split};
use crate::time::Form;

const KEYS: &[&str] = &[
    "from", "join", "split", "each", "values", "default", "time", "null", "value",
];
/// Of the area as well.
const AREA_KEYS: &[&str] = &[
    "from", "join", "split", "values", "default", "time", "null", "value", "match", "within",
];

/// Of the other record that stands for the same clue as well.
const SAME_AS_KEYS: &[&str] = &["source", "from", "join", "split", "values", "null", "many"];

/// What a field holds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Text,
    Time,
    Area,
    /// The id of another record.
    SameAs,
    /// Several texts.
    List,
}

/// The fields read so far, and the columns they name.
pub(super) struct Fields {
    format: Option<Format>,
    has_zone: bool,
    names: Vec<String>,
    uses: Vec<Use>,
}

impl Fields {
    pub(super) const fn new(format: Option<Format>, has_zone: bool) -> Self {
        Self {
            format,
            has_zone,
            names: Vec::new(),
            uses: Vec::new(),
        }
    }

    pub(super) fn into_names(self) -> (Vec<String>, Vec<Use>) {
        (self.names, self.uses)
    }

    /// The index of a name.
    fn name(&mut self, reader: &mut Reader<'_>, item: &Item<'_>) -> Option<usize> {
        let name = reader.string(item)?;
        if name.trim().is_empty() {
            let what = ["列名为空", "the name of the column is empty"];
            reader.report("column_empty", item, what, ["写上列名", "name a column"]);
            return None;
        }
        let used = Use {
            name: name.to_owned(),
            key: item.key.clone(),
            place: item.place,
        };
        self.uses.push(used);
        let at = self.names.iter().position(|known| known == name);
        Some(at.unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        }))
    }

    pub(super) fn rule(
        &mut self,
        reader: &mut Reader<'_>,
        section: &Section<'_>,
        key: &str,
        kind: Kind,
    ) -> Option<Rule> {
        let item = reader.item(section, key)?;
        let rule = match as_section(&item) {
            Some(table) => self.table(reader, &item, &table, kind)?,
            None => Rule::column(self.name(reader, &item)?),
        };
        if kind == Kind::Time && !self.has_zone && rule.time.iter().any(Form::is_local) {
            let what = ["这种时间不带时差", "such a time carries no offset"];
            let advice = [
                "写上 time_zone，如 Asia/Shanghai",
                "say time_zone, such as Asia/Shanghai",
            ];
            reader.report("time_zone", &item, what, advice);
        }
        Some(rule)
    }

    fn table(
        &mut self,
        reader: &mut Reader<'_>,
        item: &Item<'_>,
        table: &Section<'_>,
        kind: Kind,
    ) -> Option<Rule> {
        let keys = match kind {
            Kind::Area => AREA_KEYS,
            Kind::SameAs => SAME_AS_KEYS,
            Kind::Text | Kind::Time | Kind::List => KEYS,
        };
        reader.only(table, keys);
        let mut rule = Rule::of(self.origin(reader, item, table)?);
        rule.split = reader.item(table, "split").and_then(|item| split(reader, &item));
        rule.each = reader
            .item(table, "each")
            .and_then(|item| each(reader, &item, kind));
        rule.values = reader
            .item(table, "values")
            .and_then(|item| values(reader, &item));
        rule.default = reader
            .item(table, "default")
            .and_then(|item| reader.word(&item))
            .map(Into::into);
        if let Some(item) = reader.item(table, "null") {
            rule.null = words(reader, &item);
        }
        if let Some(item) = reader.item(table, "time") {
            rule.time = times(reader, &item, kind);
        }
        Some(rule)
    }

    fn origin(&mut self, reader: &mut Reader<'_>, item: &Item<'_>, table: &Section<'_>) -> Option<Origin> {
        let from = reader.item(table, "from");
        let value = reader.item(table, "value");
        let join = reader.item(table, "join");
        match (from, value) {
            (None, Some(value)) => constant(reader, table, &value),
            (Some(from), None) => {
                let columns = reader.list(&from);
                let indexes: Vec<_> = columns
                    .iter()
                    .filter_map(|column| self.name(reader, column))
                    .collect();
                if columns.is_empty() {
                    let what = ["from 是空的", "from is empty"];
                    reader.report("column_empty", &from, what, ["写上列名", "name a column"]);
                }
                match join {
                    Some(join) => Some(Origin::Joined(indexes, reader.string(&join)?.to_owned())),
                    None => Some(Origin::First(indexes)),
                }
            }
            _ => {
                let what = ["须有 from 或 value 之一", "it must have either from or value"];
                let advice = [
                    "from 指列，value 是定值",
                    "from names a column, value is a constant",
                ];
                reader.report("field_source", item, what, advice);
                None
            }
        }
    }

    /// `attributes`: kept with the clue under the last part of their name.
    pub(super) fn attributes(
        &mut self,
        reader: &mut Reader<'_>,
        section: &Section<'_>,
    ) -> Vec<(String, usize)> {
        let Some(item) = reader.item(section, "attributes") else {
            return Vec::new();
        };
        let mut attributes: Vec<(String, usize)> = Vec::new();
        for column in reader.list(&item) {
            let Some(index) = self.name(reader, &column) else {
                continue;
            };
            let name = self.attribute_name(index);
            if attributes.iter().any(|(known, _)| *known == name) {
                let what = [
                    &*format!("属性 {name} 重复"),
                    &*format!("there are two attributes {name}"),
                ];
                reader.report("attribute_twice", &column, what, ["只留一个", "keep one of them"]);
            } else {
                attributes.push((name, index));
            }
        }
        attributes
    }

    fn attribute_name(&self, index: usize) -> String {
        let name = &self.names[index];
        match self.format {
            Some(format) if format.is_table() => name.clone(),
            Some(Format::Xml) => crate::format::xml::last_name(name),
            _ => crate::format::json::tokens(name)
                .pop()
                .unwrap_or_else(|| name.clone()),
        }
    }

    /// `skip = { from = "/type", values = ["heartbeat"] }`: records that report nothing.
    pub(super) fn skip(
        &mut self,
        reader: &mut Reader<'_>,
        root: &Section<'_>,
    ) -> Option<(usize, Vec<String>)> {
        let section = reader.section(root, "skip")?;
        reader.only(&section, &["from", "values"]);
        let (from, values) = (reader.item(&section, "from"), reader.item(&section, "values"));
        let (Some(from), Some(values)) = (from, values) else {
            let item = reader.item(root, "skip")?;
            let what = ["skip 须有 from 和 values", "skip needs from and values"];
            reader.report("skip", &item, what, ["写全，或删去", "complete it, or remove it"]);
            return None;
        };
        Some((self.name(reader, &from)?, words(reader, &values)))
    }
}

fn constant(reader: &mut Reader<'_>, table: &Section<'_>, value: &Item<'_>) -> Option<Origin> {
    for key in KEYS.iter().filter(|key| !matches!(**key, "value" | "time")) {
        if let Some(item) = reader.item(table, key) {
            let what = ["定值不再转换", "a constant is not changed any further"];
            reader.report("constant", &item, what, ["删去这个键", "remove this key"]);
        }
    }
    reader
        .word(value)
        .map(|text| Origin::Constant(text.trim().to_owned()))
}

fn words(reader: &mut Reader<'_>, item: &Item<'_>) -> Vec<String> {
    let items = reader.list(item);
    items
        .iter()
        .filter_map(|item| reader.word(item))
        .map(|word| word.trim().to_owned())
        .collect()
}

/// `split = "/"` takes the first part, `split = { on = ",", part = 2 }` another; from the end with −1.
fn split(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Split> {
    let Some(table) = as_section(item) else {
        return separator(reader, item).map(|on| Split { on, part: 1 });
    };
    reader.only(&table, &["on", "part"]);
    let part = reader
        .item(&table, "part")
        .and_then(|item| reader.word(&item))
        .map_or(Some(1), |word| word.parse().ok());
    let on = reader.item(&table, "on").and_then(|on| separator(reader, &on));
    match (on, part) {
        (Some(on), Some(part)) if part != 0 => Some(Split { on, part }),
        _ => {
            let what = [
                "split 须有 on，part 从 1 或 −1 数起",
                "split needs on, and a part from 1 or -1",
            ];
            reader.report(
                "split",
                item,
                what,
                ["如 { on = \",\", part = 2 }", "such as { on = \",\", part = 2 }"],
            );
            None
        }
    }
}

fn separator(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<String> {
    let on = reader.string(item)?;
    if on.is_empty() {
        let what = ["分隔符为空", "the separator is empty"];
        reader.report("split", item, what, ["写上分隔符", "give a separator"]);
    }
    (!on.is_empty()).then(|| on.to_owned())
}

/// `each = ";"`: every part is a value by itself.
fn each(reader: &mut Reader<'_>, item: &Item<'_>, kind: Kind) -> Option<String> {
    if kind != Kind::List {
        let what = ["此字段只有一个值", "this field has one value"];
        let advice = ["用 split 取其中一段", "take a part of it with split"];
        reader.report("each", item, what, advice);
    }
    separator(reader, item)
}

fn values(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<HashMap<String, String>> {
    let Some(table) = as_section(item) else {
        let what = ["values 须是一个表", "values must be a table"];
        reader.report(
            "values",
            item,
            what,
            ["如 { A = \"1\" }", "such as { A = \"1\" }"],
        );
        return None;
    };
    let entries = reader.entries(&table);
    if let [("file", file)] = entries.as_slice() {
        let what = [
            "这里读不到对照表文件",
            "the file with the table of values is out of reach here",
        ];
        reader.report(
            "values_file",
            file,
            what,
            [
                "从文件读取映射，或把对照写在映射里",
                "read the mapping from a file, or write the values into it",
            ],
        );
        return None;
    }
    let mut values = HashMap::new();
    for (key, item) in entries {
        if let Some(word) = reader.word(&item) {
            values.insert(key.trim().to_owned(), word.trim().to_owned());
        }
    }
    Some(values)
}

fn times(reader: &mut Reader<'_>, item: &Item<'_>, kind: Kind) -> Vec<Form> {
    let mut forms = Vec::new();
    for item in reader.list(item) {
        let Some(word) = reader.string(&item) else {
            continue;
        };
        let problem: Option<[Say<'_>; 2]> = match (kind, Form::parse(word)) {
            (Kind::Text | Kind::Area | Kind::SameAs | Kind::List, _) => Some([
                ["此字段不是时间", "this field is no time"],
                ["删去 time", "remove time"],
            ]),
            (Kind::Time, None) => {
                pattern::wrong(reader, &item, word);
                None
            }
            (Kind::Time, Some(form)) => {
                forms.push(form);
                None
            }
        };
        if let Some([what, advice]) = problem {
            reader.report("time", &item, what, advice);
        }
    }
    forms
}
