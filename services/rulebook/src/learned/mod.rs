//! What was learned from records becomes the files of a rulebook: plain tables for a person to correct.

mod proposal;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bihuan_domain::code::{AgencyId, MatterCode};
use bihuan_domain::routing::learn::{Among, LearnedRow};
use bihuan_domain::routing::{DUTY_COLUMNS, Declared, Duty, DutyRole, Fact, Rulebook, Schema, Type};

pub use proposal::{Finished, Proposal};

use crate::table::{line, with_rows};
use crate::{Files, predicate};

/// Longer names leave too little room for values.
const LONGEST_NAME: usize = 64;

/// Whether a predicate can read an attribute of this name once it is declared.
pub fn can_name(attribute: &str) -> bool {
    let is_word = attribute.len() <= LONGEST_NAME
        && attribute.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_taken = attribute == "attributes" || Fact::OF_EVERY_CLUE.iter().any(|it| it.name() == attribute);
    let text = Declared {
        kind: Type::Text,
        values: Vec::new(),
    };
    let schema = Schema::from([(attribute.to_owned(), text)]);
    let tried = || {
        predicate::compile(
            &format!("has(attributes.{attribute}) && {attribute} == 'v'"),
            &schema,
        )
    };
    is_word && !is_taken && tried().is_ok()
}

/// The predicate as it stands in `when`. A clue that does not say what is asked has an answer too.
pub fn when(among: &Among, schema: &Schema) -> String {
    let name = among.fact.name();
    let kind = schema.get(name).map_or(Type::Text, |it| it.kind);
    let values: Vec<_> = among
        .values
        .iter()
        .map(|value| match kind {
            Type::Text => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'")),
            Type::Integer | Type::Boolean => value.clone(),
        })
        .collect();
    let is_among = match values.as_slice() {
        [value] => format!("{name} == {value}"),
        values => format!("{name} in [{}]", values.join(", ")),
    };
    let has = format!("has(attributes.{name})");
    let text = match (&among.fact, among.missing) {
        (Fact::Attribute(_), true) if values.is_empty() => format!("!{has}"),
        (Fact::Attribute(_), true) => format!("!{has} || {is_among}"),
        (Fact::Attribute(_), false) => format!("{has} && {is_among}"),
        _ => is_among,
    };
    if among.negated { format!("!({text})") } else { text }
}

/// The base's files with the duties that were learned, what these need declared, and the agencies and matters that are new. Duties
/// of the base stay unless they are `contradicted`, by their lines.
fn files(
    base: &Files,
    rulebook: &Rulebook,
    rows: &[LearnedRow],
    contradicted: &BTreeSet<u32>,
    basis: impl Fn(&LearnedRow) -> String,
) -> Files {
    let mut files = base.clone();
    let mut duties = DUTY_COLUMNS.to_owned() + "\n";
    for row in rows {
        let when = row.when.as_ref().map(|it| when(it, &rulebook.attributes));
        let cells = [
            row.matter.as_str(),
            row.area.as_str(),
            DutyRole::FirstHandler.as_str(),
            row.agency.as_str(),
            &day(row.from),
            &day(row.to),
            row.layer.as_str(),
            &basis(row),
            when.as_deref().unwrap_or_default(),
        ];
        duties += &(line(cells) + "\n");
    }
    for duty in rulebook
        .duties
        .iter()
        .filter(|duty| !contradicted.contains(&duty.line))
    {
        duties += &(kept_row(duty) + "\n");
    }
    files.insert("duties.csv", duties);
    let matters: BTreeSet<_> = rows.iter().map(|row| &row.matter).collect();
    let matters = matters
        .into_iter()
        .filter(|it| !rulebook.matters.contains_key(*it));
    let matters: Vec<_> = matters.map(MatterCode::as_str).collect();
    let agencies: BTreeSet<_> = rows.iter().map(|row| &row.agency).collect();
    let agencies = agencies
        .into_iter()
        .filter(|it| !rulebook.agencies.contains_key(*it));
    let agencies: Vec<_> = agencies.map(AgencyId::as_str).collect();
    name(&mut files, "matters.csv", "code", &matters);
    name(&mut files, "agencies.csv", "id", &agencies);
    declare(&mut files, rulebook, rows);
    files
}

fn day(date: Option<jiff::civil::Date>) -> String {
    date.map(|it| it.to_string()).unwrap_or_default()
}

fn kept_row(duty: &Duty) -> String {
    line([
        duty.matter.to_string().as_str(),
        duty.area.as_str(),
        duty.role.as_str(),
        duty.agency.as_str(),
        &day(duty.from),
        &day(duty.to),
        duty.layer.as_str(),
        &duty.basis,
        duty.when.as_ref().map_or("", |when| &when.text),
    ])
}

/// New rows that are called as they are coded: the records say no more.
fn name(files: &mut Files, file: &str, key: &str, codes: &[&str]) {
    if codes.is_empty() {
        return;
    }
    let rows: Vec<_> = codes
        .iter()
        .map(|code| vec![(key, *code), ("name", *code), ("name_en", *code)])
        .collect();
    let table = files.get(file).unwrap_or_default();
    let table = with_rows(&String::from_utf8_lossy(table), &rows);
    files.insert(file, table);
}

fn declare(files: &mut Files, rulebook: &Rulebook, rows: &[LearnedRow]) {
    let parts = rows.iter().filter_map(|row| row.when.as_ref());
    let names: BTreeSet<_> = parts
        .filter_map(|it| match &it.fact {
            Fact::Attribute(name) if !rulebook.attributes.contains_key(name) => Some(name),
            _ => None,
        })
        .collect();
    if names.is_empty() {
        return;
    }
    let manifest = files.get("rulebook.toml").unwrap_or_default();
    let mut manifest = String::from_utf8_lossy(manifest).into_owned();
    if !manifest.ends_with('\n') {
        manifest.push('\n');
    }
    for name in names {
        let _ = write!(manifest, "\n[attributes.{name}]\ntype = \"text\"\n");
    }
    files.insert("rulebook.toml", manifest);
}

#[cfg(test)]
mod tests;
