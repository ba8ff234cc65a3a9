//! The keys at the top: what a source is, and how it writes.

use bihuan_domain::code::SourceId;
use jiff::tz::TimeZone;

use super::{choice, missing};
use crate::format::Format;
use crate::format::encoding::Encoding;
use crate::read::{Reader, Section};
use crate::{Mode, Use};

/// What the records tell, before their fields are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Told {
    Clue,
    Feedback,
}

pub(super) fn kind(reader: &mut Reader<'_>, root: &Section<'_>) -> Told {
    let words = [("clue", Told::Clue), ("feedback", Told::Feedback)];
    let item = reader.item(root, "kind");
    item.and_then(|item| choice(reader, &item, &words, &[]))
        .unwrap_or(Told::Clue)
}

pub(super) fn mode(reader: &mut Reader<'_>, root: &Section<'_>) -> Mode {
    let words = [
        ("event", Mode::Event),
        ("history", Mode::History),
        ("snapshot", Mode::Snapshot),
        ("log", Mode::Log),
    ];
    let item = reader.item(root, "mode");
    item.and_then(|item| choice(reader, &item, &words, &[]))
        .unwrap_or(Mode::Event)
}

pub(super) fn format(reader: &mut Reader<'_>, root: &Section<'_>) -> Option<Format> {
    let words = [
        ("csv", Format::Csv),
        ("json", Format::Json),
        ("xlsx", Format::Xlsx),
        ("xml", Format::Xml),
        ("protobuf", Format::Protobuf),
    ];
    let Some(item) = reader.item(root, "format") else {
        missing(
            reader,
            root,
            "format",
            [
                "写上 csv、json、xlsx、xml 或 protobuf",
                "say csv, json, xlsx, xml or protobuf",
            ],
        );
        return None;
    };
    choice(reader, &item, &words, &[])
}

pub(super) fn source(reader: &mut Reader<'_>, root: &Section<'_>) -> Option<SourceId> {
    let Some(item) = reader.item(root, "source") else {
        missing(
            reader,
            root,
            "source",
            ["给来源平台起一个名称", "name the source platform"],
        );
        return None;
    };
    match SourceId::new(reader.string(&item)?) {
        Ok(source) => Some(source),
        Err(error) => {
            let advice = [
                "只用字母、数字、- _ .，至多 64 个",
                "use letters, digits, - _ . only, at most 64",
            ];
            reader.report("source", &item, ["来源名称无效", &error.to_string()], advice);
            None
        }
    }
}

pub(super) fn encoding(reader: &mut Reader<'_>, root: &Section<'_>) -> Encoding {
    let Some(item) = reader.item(root, "encoding") else {
        return Encoding::Auto;
    };
    let Some(name) = reader.string(&item) else {
        return Encoding::Auto;
    };
    Encoding::named(name).unwrap_or_else(|| {
        let what = [
            &*format!("不认识编码 {name}"),
            &*format!("there is no encoding {name:?}"),
        ];
        reader.report(
            "encoding",
            &item,
            what,
            [
                "写 auto、utf-8、gb18030 或 utf-16",
                "say auto, utf-8, gb18030 or utf-16",
            ],
        );
        Encoding::Auto
    })
}

pub(super) fn rows(reader: &mut Reader<'_>, root: &Section<'_>, format: Option<Format>) -> Option<String> {
    let item = reader.item(root, "rows")?;
    let pointer = reader.string(&item)?;
    if format.is_some_and(|format| !matches!(format, Format::Json | Format::Xml)) {
        let what = ["rows 只用于 json 和 xml", "rows is for json and xml only"];
        reader.report("rows", &item, what, ["删去 rows", "remove rows"]);
    } else if format == Some(Format::Xml) && !is_element(pointer) {
        let what = ["rows 须是元素路径", "rows must be a path of elements"];
        let advice = [
            "从根元素写起，如 /export/record",
            "write it from the root element on, such as /export/record",
        ];
        reader.report("rows", &item, what, advice);
    } else if format != Some(Format::Xml) && !pointer.is_empty() && !pointer.starts_with('/') {
        let what = ["rows 须是 JSON 指针", "rows must be a JSON pointer"];
        reader.report(
            "rows",
            &item,
            what,
            ["以 / 开头，如 /data", "start it with a slash, such as /data"],
        );
    }
    Some(pointer.to_owned())
}

fn is_element(path: &str) -> bool {
    let is_name = |name: &str| !name.is_empty() && !name.starts_with('@') && name.parse::<u32>().is_err();
    path.strip_prefix('/')
        .is_some_and(|path| path.split('/').all(is_name))
}

pub(super) fn zone(reader: &mut Reader<'_>, root: &Section<'_>) -> Option<TimeZone> {
    let item = reader.item(root, "time_zone")?;
    let name = reader.string(&item)?;
    let zone = TimeZone::get(name).ok();
    if zone.is_none() {
        let what = [
            &*format!("没有时区 {name}"),
            &*format!("there is no time zone {name:?}"),
        ];
        let advice = [
            "用 IANA 名称，如 Asia/Shanghai",
            "use an IANA name such as Asia/Shanghai",
        ];
        reader.report("time_zone", &item, what, advice);
    }
    zone.or(Some(TimeZone::UTC))
}

pub(super) fn personal(reader: &mut Reader<'_>, root: &Section<'_>) -> Vec<Use> {
    let Some(item) = reader.item(root, "personal") else {
        return Vec::new();
    };
    let items = reader.list(&item);
    let mut personal = Vec::new();
    for item in items {
        if let Some(name) = reader.string(&item) {
            personal.push(Use {
                name: name.to_owned(),
                key: item.key,
                place: item.place,
            });
        }
    }
    personal
}
