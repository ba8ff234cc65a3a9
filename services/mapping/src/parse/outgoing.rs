//! `body`: their field, or JSON pointer, and how it comes about from ours.

use std::collections::HashMap;

use serde_json::Value;
use toml::de::DeValue;

use super::callback::path;
use crate::callback::{Body, Outgoing};
use crate::read::{Item, Reader, Section, as_section};
use crate::time::Form;

const KEYS: [&str; 6] = ["from", "values", "default", "time", "join", "value"];

pub(super) fn fields(reader: &mut Reader<'_>, item: &Item<'_>, has_zone: bool, body: &mut Body) {
    let Some(section) = as_section(item) else {
        let what = ["body 须是一个表", "body must be a table"];
        let advice = ["如 { id = \"source_id\" }", "such as { id = \"source_id\" }"];
        return reader.report("body", item, what, advice);
    };
    for (name, item) in reader.entries(&section) {
        let path = path(name);
        if path.iter().any(String::is_empty) || path.is_empty() {
            let what = ["字段名为空", "the name of the field is empty"];
            reader.report("field_empty", &item, what, ["写上字段名", "name a field"]);
            continue;
        }
        body.0.retain(|(known, _)| *known != path);
        if body
            .0
            .iter()
            .any(|(known, _)| known.starts_with(&path) || path.starts_with(known))
        {
            let what = [
                "一个字段不能既有值又有下级",
                "a field cannot hold both a value and fields",
            ];
            reader.report("field_within", &item, what, ["只留一个", "keep one of them"]);
            continue;
        }
        if let Some(outgoing) = outgoing(reader, &item, has_zone) {
            body.0.push((path, outgoing));
        }
    }
}

fn outgoing(reader: &mut Reader<'_>, item: &Item<'_>, has_zone: bool) -> Option<Outgoing> {
    let Some(table) = as_section(item) else {
        return from(reader, item);
    };
    reader.only(&table, &KEYS);
    let given = (reader.item(&table, "from"), reader.item(&table, "value"));
    let mut outgoing = match given {
        (Some(words), None) => from(reader, &words)?,
        (None, Some(value)) => return scalar(reader, &value).map(Outgoing::constant),
        _ => {
            let what = ["须有 from 或 value 之一", "it must have either from or value"];
            let advice = [
                "from 指我方字段，value 是定值",
                "from names a field of ours, value is a constant",
            ];
            reader.report("field_source", item, what, advice);
            return None;
        }
    };
    if let Some(values) = reader.item(&table, "values") {
        outgoing.values = values_of(reader, &values);
    }
    if let Some(default) = reader.item(&table, "default") {
        outgoing.default = scalar(reader, &default);
    }
    if let Some(join) = reader.item(&table, "join") {
        outgoing.join = reader.string(&join).map(str::to_owned);
    }
    if let Some(time) = reader.item(&table, "time") {
        outgoing.time = form(reader, &time, &outgoing, has_zone);
    }
    Some(outgoing)
}

/// One of our fields, or several: the first that is not empty.
fn from(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Outgoing> {
    let items = reader.list(item);
    let words: Vec<&str> = items.iter().filter_map(|item| reader.string(item)).collect();
    if words.is_empty() {
        return None;
    }
    match Outgoing::from(&words) {
        Ok(outgoing) => Some(outgoing),
        Err(word) => {
            let what = [
                &*format!("我方没有字段 {word}"),
                &*format!("we have no field {word}"),
            ];
            let advice = [
                "见 docs/integrate.md 的字段表；定值写 { value = … }",
                "see the table in docs/integrate.md; a constant is { value = … }",
            ];
            reader.report("field_unknown", item, what, advice);
            None
        }
    }
}

fn form(reader: &mut Reader<'_>, item: &Item<'_>, outgoing: &Outgoing, has_zone: bool) -> Option<Form> {
    let form = Form::parse(reader.string(item)?).filter(|form| *form != Form::Excel);
    let problem = match &form {
        _ if !outgoing.is_time() => Some(["此字段不是时间", "this field is no time"]),
        None => Some(["不认识这种时间格式", "times cannot be written so"]),
        Some(Form::Pattern { .. }) if !has_zone => {
            Some(["不知道按哪个时区写", "it is not known in which zone to write it"])
        }
        Some(_) => None,
    };
    if let Some(what) = problem {
        let advice = [
            "用 strftime 写法并写上 time_zone，或 unix、unix_ms",
            "use strftime and say time_zone, or unix, unix_ms",
        ];
        reader.report("time", item, what, advice);
    }
    form
}

fn values_of(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<HashMap<String, Value>> {
    let Some(table): Option<Section<'_>> = as_section(item) else {
        let what = ["values 须是一个表", "values must be a table"];
        reader.report(
            "values",
            item,
            what,
            ["如 { closed = 3 }", "such as { closed = 3 }"],
        );
        return None;
    };
    let entries = reader.entries(&table);
    let translated = entries
        .into_iter()
        .filter_map(|(ours, theirs)| Some((ours.trim().to_owned(), scalar(reader, &theirs)?)));
    Some(translated.collect())
}

/// As their JSON shall hold it: text, number or truth value.
fn scalar(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Value> {
    let word = reader.word(item)?;
    Some(match item.value {
        DeValue::String(_) => Value::from(word.as_ref()),
        _ => serde_json::from_str(&word.replace('_', "")).unwrap_or_else(|_| word.as_ref().into()),
    })
}
