//! The keys that say where in a file a table stands, and how its cells are parted.

use crate::format::Format;
use crate::format::csv::{Delimiter, Dialect};
use crate::format::sheet::SheetName;
use crate::problem::Say;
use crate::read::{Item, Reader, Section};

pub(super) fn dialect(reader: &mut Reader<'_>, root: &Section<'_>, format: Option<Format>) -> Dialect {
    let mut dialect = Dialect::default();
    if let Some(item) = reader.item(root, "header_row")
        && is_of(reader, &item, format, &[Format::Csv, Format::Xlsx], "csv/xlsx")
    {
        dialect.above = number(reader, &item).unwrap_or(1) - 1;
    }
    if let Some(item) = reader.item(root, "delimiter")
        && is_of(reader, &item, format, &[Format::Csv], "csv")
    {
        dialect.delimiter = delimiter(reader, &item).unwrap_or_default();
    }
    dialect
}

pub(super) fn sheet(
    reader: &mut Reader<'_>,
    root: &Section<'_>,
    format: Option<Format>,
) -> Option<SheetName> {
    let item = reader.item(root, "sheet")?;
    if !is_of(reader, &item, format, &[Format::Xlsx], "xlsx") {
        return None;
    }
    match item.value {
        toml::de::DeValue::Integer(_) => Some(SheetName::Number(number(reader, &item)?)),
        _ => reader.string(&item).map(|name| SheetName::Name(name.to_owned())),
    }
}

/// Whether the key is for the format at all.
fn is_of(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    format: Option<Format>,
    formats: &[Format],
    names: &str,
) -> bool {
    let key = &item.key;
    let is_of = format.is_none_or(|format| formats.contains(&format));
    if !is_of {
        let what = [
            &*format!("{key} 只用于 {names}"),
            &*format!("{key} is for {names} only"),
        ];
        let advice = [&*format!("删去 {key}"), &*format!("remove {key}")];
        reader.report("not_of_format", item, what, advice);
    }
    is_of
}

/// A number that counts from 1.
fn number(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<u32> {
    const NOT_SO: Say<'_> = ["须是从 1 数起的整数", "it must be a whole number from 1"];
    let found = reader
        .word(item)?
        .parse()
        .ok()
        .filter(|number| (1..=1_048_576).contains(number));
    if found.is_none() {
        reader.report("number", item, NOT_SO, ["如 3", "such as 3"]);
    }
    found
}

fn delimiter(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Delimiter> {
    let text = reader.string(item)?;
    let mut characters = text.chars();
    let found = match (characters.next(), characters.next()) {
        (Some(one), None) => Delimiter::new(one),
        _ => None,
    };
    if found.is_none() {
        let what = ["分隔符须是一个符号", "the delimiter must be one sign"];
        let advice = ["如 \";\"、\"|\" 或 \"\\t\"", "such as \";\", \"|\" or \"\\t\""];
        reader.report("delimiter", item, what, advice);
    }
    found
}
