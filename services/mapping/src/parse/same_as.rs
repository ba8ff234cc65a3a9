//! `same_as = { source = "hotline", from = "热线工单号" }`: another record that stands for the same clue.

use bihuan_domain::code::SourceId;

use super::field::{Fields, Kind};
use crate::SameAs;
use crate::read::{Reader, Section, as_section};
use crate::rule::{Origin, Rule};

pub(super) fn same_as(reader: &mut Reader<'_>, section: &Section<'_>, fields: &mut Fields) -> Option<SameAs> {
    let item = reader.item(section, "same_as")?;
    let table = as_section(&item);
    let is_named = table
        .as_ref()
        .is_some_and(|table| reader.item(table, "source").is_some());
    if !is_named {
        let advice = [
            "写 same_as = { source = \"另一平台\", from = \"列\" }",
            "say same_as = { source = \"other\", from = \"column\" }",
        ];
        let what = ["须指明是哪个平台的编号", "it must say whose id that is"];
        reader.report("same_as", &item, what, advice);
    }
    let id = fields.rule(reader, section, "same_as", Kind::SameAs)?;
    let table = table?;
    let many = reader.item(&table, "many");
    let many = many.is_some_and(|item| reader.truth(&item));
    let source = source(reader, &table, fields)?;
    Some(SameAs { source, id, many })
}

/// A name, or a table that says where the record names it.
pub(super) fn source(reader: &mut Reader<'_>, table: &Section<'_>, fields: &mut Fields) -> Option<Rule> {
    let item = reader.item(table, "source")?;
    if as_section(&item).is_some() {
        return fields.rule(reader, table, "source", Kind::Text);
    }
    let name = reader.string(&item)?;
    if let Err(error) = SourceId::new(name) {
        let advice = [
            "写上报平台映射中的 source；由记录指明时写 { from = \"列\" }",
            "write the source of the mapping that reports the clues; { from = \"column\" } where the record says it",
        ];
        reader.report("source", &item, ["来源名称无效", &error.to_string()], advice);
    }
    Some(Rule::of(Origin::Constant(name.to_owned())))
}
