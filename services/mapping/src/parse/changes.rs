//! The keys at the top that say how a source tells of changes and of records that are gone: `envelope`, `key`, `complete`. All of
//! them speak of a record that was sent before, so they go with `mode = "snapshot"`.

use super::choice;
use crate::envelope::OWN;
use crate::format::{Format, json};
use crate::problem::{Problem, Say};
use crate::read::{Item, Reader, Section};
use crate::{Envelope, Key, Mode, Use};

pub(super) fn envelope(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    format: Option<Format>,
    mode: Mode,
) -> Option<Envelope> {
    let item = reader.item(root, "envelope")?;
    let words = Envelope::ALL.map(|it| (it.as_str(), it));
    let envelope = choice(reader, &item, &words, &[])?;
    if format.is_some_and(|format| format != Format::Json) {
        let what = ["envelope 只用于 json", "envelope is for json only"];
        let advice = [
            "删去 envelope，或写 format = \"json\"",
            "remove it, or say format = \"json\"",
        ];
        reader.report("envelope", &item, what, advice);
    }
    if let Some(rows) = reader.item(root, "rows") {
        let what = ["信封已说明行在哪里", "the envelope says where the rows are"];
        reader.report("rows", &rows, what, ["删去 rows", "remove rows"]);
    }
    of_snapshots(reader, &item, mode);
    Some(envelope)
}

pub(super) fn key(reader: &mut Reader<'_>, root: &Section<'_>, mode: Mode) -> Option<Key> {
    let item = reader.item(root, "key")?;
    of_snapshots(reader, &item, mode);
    match reader.string(&item)? {
        "id" => Some(Key::Whole),
        pointer if pointer.len() > 1 && pointer.starts_with('/') => Some(Key::Pointer(pointer.to_owned())),
        _ => {
            let what = ["key 须是 id 或 JSON 指针", "key must be id or a JSON pointer"];
            let advice = [
                "消息键即编号时写 \"id\"；键是 JSON 时写指针，如 \"/id\"",
                "say \"id\" if the key is the id, or a pointer such as \"/id\" if the key is JSON",
            ];
            reader.report("key", &item, what, advice);
            None
        }
    }
}

pub(super) fn complete(reader: &mut Reader<'_>, root: &Section<'_>, mode: Mode) -> bool {
    let Some(item) = reader.item(root, "complete") else {
        return false;
    };
    of_snapshots(reader, &item, mode);
    match reader.word(&item).as_deref() {
        Some("true") => true,
        Some("false") | None => false,
        Some(_) => {
            let what = ["complete 须是 true 或 false", "complete must be true or false"];
            let advice = ["文件列出全部记录时写 true", "say true if a file lists everything"];
            reader.report("complete", &item, what, advice);
            false
        }
    }
}

fn of_snapshots(reader: &mut Reader<'_>, item: &Item<'_>, mode: Mode) {
    if mode == Mode::Snapshot {
        return;
    }
    let key = &item.key;
    let what: Say<'_> = [
        &format!("{key} 只用于 mode = \"snapshot\""),
        &format!("{key} is for mode = \"snapshot\" only"),
    ];
    let advice = [
        "写 mode = \"snapshot\" 和一节 [snapshot]：更新和删除说的是已有的记录",
        "say mode = \"snapshot\" and write a section [snapshot]: updates and deletions speak of records that are known",
    ];
    reader.report("mode", item, what, advice);
}

/// The names that the envelope answers itself.
pub(super) fn own(reader: &mut Reader<'_>, names: &[String], uses: &[Use]) -> Vec<(usize, &'static str)> {
    let mut own = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let tokens = json::tokens(name);
        let Some(token) = tokens.first().filter(|token| token.starts_with('@')) else {
            continue;
        };
        match OWN.iter().find(|known| *known == token && tokens.len() == 1) {
            Some(known) => own.push((index, *known)),
            None => unknown(reader, name, uses),
        }
    }
    own
}

fn unknown(reader: &mut Reader<'_>, name: &str, uses: &[Use]) {
    let known = OWN.map(|name| format!("/{name}")).join(", ");
    for used in uses.iter().filter(|used| used.name == name) {
        let what: Say<'_> = [
            &format!("信封没有 {name}"),
            &format!("an envelope says no {name}"),
        ];
        let advice = [&*format!("可用：{known}"), &*format!("it says {known}")];
        let problem = Problem::new("envelope_field", &used.key, used.place, what, advice);
        reader.problems.push(problem);
    }
}
