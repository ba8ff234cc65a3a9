//! The file's keys, from the top: what each may say, and what is not accepted (yet).

mod callback;
mod changes;
mod feedback;
mod field;
mod head;
mod outgoing;
mod pattern;
mod place;
mod same_as;
mod section;
mod signing;
mod table;

use toml::de::DeTable;

use super::problem::{Problem, Say};
use super::read::{Item, Reader, Section};
use super::{Kind, Mapping, Mode, Use};
use crate::format::json;
use field::Fields;
use head::Told;

const TOP: &[&str] = &[
    "source",
    "kind",
    "mode",
    "format",
    "encoding",
    "rows",
    "sheet",
    "header_row",
    "delimiter",
    "envelope",
    "key",
    "complete",
    "time_zone",
    "personal",
    "skip",
    "clue",
    "history",
    "snapshot",
    "log",
    "feedback",
    "callback",
];

pub(crate) fn mapping(text: &str) -> Result<Mapping, Vec<Problem>> {
    let text = text.replace("\r\n", "\n");
    let (document, errors) = DeTable::parse_recoverable(&text);
    let mut reader = Reader::new(&text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| syntax(&reader, error)).collect());
    }
    let root = reader.root(&document);
    let mapping = top(&mut reader, &root, &text);
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    match mapping {
        Some(mapping) if problems.is_empty() => Ok(mapping),
        _ => Err(problems),
    }
}

fn syntax(reader: &Reader<'_>, error: &toml::de::Error) -> Problem {
    let place = error.span().map(|span| reader.place(span)).unwrap_or_default();
    let message = error.message();
    if message.contains("duplicate key") {
        return Problem::new(
            "key_twice",
            "",
            place,
            ["这个键或这一节写了两次", "this key or section is there twice"],
            [
                "只留一处；同一节的内容写在一起",
                "keep one; what belongs to a section stands in one place",
            ],
        );
    }
    Problem::new(
        "toml",
        "",
        place,
        [
            &format!("不是有效的 TOML：{message}"),
            &format!("not valid TOML: {message}"),
        ],
        [
            "在此处更正语法：文字和列名加引号，中文列名作键也要加引号",
            "mend the syntax here: texts and names of columns stand in quotes",
        ],
    )
}

fn top(reader: &mut Reader<'_>, root: &Section<'_>, text: &str) -> Option<Mapping> {
    reader.only(root, TOP);
    let told = head::kind(reader, root);
    let source = head::source(reader, root);
    let mode = head::mode(reader, root);
    let format = head::format(reader, root);
    let encoding = head::encoding(reader, root);
    let rows = head::rows(reader, root, format);
    let dialect = table::dialect(reader, root, format);
    let sheet = table::sheet(reader, root, format);
    let envelope = changes::envelope(reader, root, format, mode);
    let key = changes::key(reader, root, mode);
    let complete = changes::complete(reader, root, mode);
    let zone = head::zone(reader, root);
    let mut fields = Fields::new(format, zone.is_some());
    let personal = head::personal(reader, root);
    let skip = fields.skip(reader, root);
    let kind = match told {
        Told::Clue => section::clue(reader, root, &mut fields).map(Kind::Clue),
        Told::Feedback => feedback::rules(reader, root, &mut fields).map(Kind::Feedback),
    };
    foreign_sections(reader, root, told);
    let history = section::history(reader, root, &mut fields, mode);
    let snapshot = section::snapshot(reader, root, &mut fields, mode);
    let log = section::log(reader, root, &mut fields, mode);
    let callbacks = callback::callbacks(reader, root, zone.is_some());
    not_told_of_its_log(reader, root, mode);
    due_once(reader, root);
    let (names, uses) = fields.into_names();
    not_personal(reader, &personal, &uses);
    let own = envelope.map_or_else(Vec::new, |_| changes::own(reader, &names, &uses));
    let mut kind = kind?;
    let history = history.map(|(history, due_at)| {
        if let Kind::Clue(clue) = &mut kind {
            clue.due_at = clue.due_at.take().or(due_at);
        }
        history
    });
    Some(Mapping {
        digest: super::digest(text),
        text: text.to_owned(),
        source: source?,
        mode,
        format: format?,
        encoding,
        rows,
        dialect,
        sheet,
        envelope,
        own,
        key,
        complete,
        zone,
        personal,
        names,
        uses,
        skip,
        kind,
        history,
        snapshot,
        log,
        callbacks,
        notes: std::mem::take(&mut reader.notes),
    })
}

fn missing(reader: &mut Reader<'_>, section: &Section<'_>, key: &str, advice: Say<'_>) {
    let key = if section.key.is_empty() {
        key.to_owned()
    } else {
        format!("{}.{key}", section.key)
    };
    reader.problems.push(Problem::new(
        "key_missing",
        &key,
        section.place,
        [&format!("缺少 {key}"), &format!("{key} is missing")],
        advice,
    ));
}

/// One of several words. A word that stands for nothing yet is told apart from one that never will.
fn choice<T: Copy>(reader: &mut Reader<'_>, item: &Item<'_>, now: &[(&str, T)], later: &[&str]) -> Option<T> {
    let word = reader.string(item)?;
    if let Some((_, value)) = now.iter().find(|(known, _)| *known == word) {
        return Some(*value);
    }
    let words: Vec<_> = now.iter().map(|(word, _)| *word).collect();
    let advice = [
        &*format!("现在可写：{}", words.join("、")),
        &*format!("now it may be {}", words.join(", ")),
    ];
    if later.contains(&word) {
        let what = [
            &*format!("{word} 将随以后的版本提供"),
            &*format!("{word} comes with a later version"),
        ];
        reader.report("later_version", item, what, advice);
    } else {
        let what = [
            &*format!("不认识 {word}"),
            &*format!("{word:?} is not known here"),
        ];
        reader.report("word", item, what, advice);
    }
    None
}

/// What only records of the other kind have.
fn foreign_sections(reader: &mut Reader<'_>, root: &Section<'_>, told: Told) {
    let (keys, kind): (&[&str], _) = match told {
        Told::Clue => (&["feedback"], "feedback"),
        Told::Feedback => (&["clue", "mode"], "clue"),
    };
    for key in keys {
        let Some(item) = reader.item(root, key) else {
            continue;
        };
        let what = [
            &*format!("{key} 只用于 kind = \"{kind}\""),
            &*format!("{key} is for kind = \"{kind}\" only"),
        ];
        let advice = ["改 kind，或删去它", "change the kind, or remove it"];
        reader.report("kind", &item, what, advice);
    }
}

/// No field may name a personal column, nor something that contains one or lies in one.
fn not_personal(reader: &mut Reader<'_>, personal: &[Use], uses: &[Use]) {
    for used in uses {
        let path = json::tokens(&used.name);
        let Some(hit) = personal.iter().find(|it| {
            let hidden = json::tokens(&it.name);
            path.starts_with(&hidden) || hidden.starts_with(&path)
        }) else {
            continue;
        };
        let (name, hidden) = (&used.name, &hit.name);
        reader.problems.push(Problem::new(
            "personal",
            &used.key,
            used.place,
            [
                &format!("{name} 含有个人信息 {hidden}"),
                &format!("{name} holds personal data ({hidden})"),
            ],
            [
                "不要映射它，或从 personal 中移出",
                "do not map it, or take it out of personal",
            ],
        ));
    }
}

/// A source knows what it wrote into its log itself.
fn not_told_of_its_log(reader: &mut Reader<'_>, root: &Section<'_>, mode: Mode) {
    let Some(item) = reader.item(root, "callback").filter(|_| mode == Mode::Log) else {
        return;
    };
    let what = [
        "mode = \"log\" 的来源不回传：这些环节本来就是它记录的",
        "a source with mode = \"log\" is told nothing: the steps are its own",
    ];
    reader.report("callback", &item, what, ["删去 [callback]", "remove [callback]"]);
}

fn due_once(reader: &mut Reader<'_>, root: &Section<'_>) {
    let due = |key| {
        let section = reader.item(root, key).as_ref().and_then(super::read::as_section);
        section.and_then(|section| reader.item(&section, "due_at"))
    };
    if let (Some(_), Some(second)) = (due("clue"), due("history")) {
        let what = ["due_at 写了两次", "due_at is given twice"];
        reader.report("due_at", &second, what, ["只留一处", "keep one of them"]);
    }
}

#[cfg(test)]
mod tests;
