//! What was learned from records becomes the files of a rulebook: plain tables for a person to correct.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use bihuan_domain::code::{AgencyId, Level, MatterCode};
use bihuan_domain::routing::learn::{Condition, Evidence, Learned};
use bihuan_domain::routing::{Declared, Duty, DutyRole, Fact, Layer, MatterPattern, Rulebook, Schema, Type};

use crate::table::{line, with_rows};
use crate::{Files, predicate};

const COLUMNS: [&str; 9] = [
    "matter", "area", "role", "agency", "from", "to", "layer", "basis", "when",
];

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
pub fn when(condition: &Condition, schema: &Schema) -> String {
    let name = condition.fact.name();
    let kind = schema.get(name).map_or(Type::Text, |it| it.kind);
    let values: Vec<_> = condition
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
    let text = match (&condition.fact, condition.missing) {
        (Fact::Attribute(_), true) if values.is_empty() => format!("!{has}"),
        (Fact::Attribute(_), true) => format!("!{has} || {is_among}"),
        (Fact::Attribute(_), false) => format!("{has} && {is_among}"),
        _ => is_among,
    };
    if condition.negated {
        format!("!({text})")
    } else {
        text
    }
}

/// The base's files with the duties that were learned, what these need declared, and the agencies and matters that are new. Duties
/// of the base stay where the records say nothing: of other roles, of categories, of matters and places that no learned row is about.
pub fn files(
    base: &Files,
    rulebook: &Rulebook,
    learned: &Learned,
    basis: impl Fn(&Evidence) -> String,
) -> Files {
    let mut files = base.clone();
    let layer = layer(rulebook).as_str();
    let mut duties = line(COLUMNS) + "\n";
    for row in &learned.rows {
        let when = row.when.as_ref().map(|it| when(it, &rulebook.attributes));
        let cells = [
            row.matter.as_str(),
            row.area.as_str(),
            DutyRole::FirstHandler.as_str(),
            row.agency.as_str(),
            "",
            "",
            layer,
            &basis(row),
            when.as_deref().unwrap_or_default(),
        ];
        duties += &(line(cells) + "\n");
    }
    let kept = rulebook.duties.iter().filter(|duty| is_kept(duty, learned));
    for duty in kept {
        duties += &(kept_row(duty) + "\n");
    }
    files.insert("duties.csv", duties);
    let matters: Vec<_> = learned.new_matters.iter().map(MatterCode::as_str).collect();
    let agencies: Vec<_> = learned.new_agencies.iter().map(AgencyId::as_str).collect();
    name(&mut files, "matters.csv", "code", &matters);
    name(&mut files, "agencies.csv", "id", &agencies);
    declare(&mut files, rulebook, learned);
    files
}

/// All learned rows are of one layer, so that a predicate never loses to one: that of the widest areas.
fn layer(rulebook: &Rulebook) -> Layer {
    match rulebook.areas.values().map(|area| area.level).max() {
        Some(Level::City) | None => Layer::City,
        Some(_) => Layer::County,
    }
}

fn is_kept(duty: &Duty, learned: &Learned) -> bool {
    let MatterPattern::Matter(matter) = &duty.matter else {
        return true;
    };
    let mut rows = learned.rows.iter().filter(|row| row.matter == *matter);
    duty.role != DutyRole::FirstHandler || !rows.any(|row| duty.area.is_within(&row.area))
}

fn kept_row(duty: &Duty) -> String {
    let date = |date: Option<jiff::civil::Date>| date.map(|it| it.to_string()).unwrap_or_default();
    line([
        duty.matter.to_string().as_str(),
        duty.area.as_str(),
        duty.role.as_str(),
        duty.agency.as_str(),
        &date(duty.from),
        &date(duty.to),
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

fn declare(files: &mut Files, rulebook: &Rulebook, learned: &Learned) {
    let conditions = learned.rows.iter().filter_map(|row| row.when.as_ref());
    let names: BTreeSet<_> = conditions
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
