//! `rulebook.toml`: label, titles, time zone and policy.

use std::collections::BTreeMap;

use bihuan_domain::clue::Policy;
use bihuan_domain::routing::{Declared, Fact, Schema, Type};
use jiff::tz::TimeZone;
use serde::Deserialize;
use toml::Spanned;

use crate::cell::quoted;
use crate::table::{Presence, text};
use crate::{Files, Finding};

const FILE: &str = "rulebook.toml";

pub(crate) struct Manifest {
    pub(crate) label: String,
    pub(crate) title: String,
    pub(crate) title_en: String,
    pub(crate) zone: TimeZone,
    pub(crate) policy: Policy,
    pub(crate) attributes: Schema,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    label: Spanned<String>,
    title: Option<String>,
    title_en: Option<String>,
    time_zone: Spanned<String>,
    #[serde(default)]
    policy: Policy,
    #[serde(default)]
    attributes: BTreeMap<String, Spanned<Attribute>>,
}

/// An attribute of clues that predicates may read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    values: Vec<String>,
}

pub(crate) fn read(files: &Files, findings: &mut Vec<Finding>) -> Option<Manifest> {
    let text = text(files, FILE, Presence::Needed, findings)?;
    let document: Document = match toml::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            findings.push(invalid(
                error.message(),
                text,
                error.span().map(|span| span.start),
            ));
            return None;
        }
    };
    if document.label.get_ref().trim().is_empty() {
        findings.push(invalid("label is empty", text, Some(document.label.span().start)));
    }
    let zone = zone(&document.time_zone, text, findings);
    let attributes = attributes(document.attributes, text, findings);
    let label = document.label.into_inner();
    let title = document.title.unwrap_or_else(|| label.clone());
    let title_en = document.title_en.unwrap_or_else(|| title.clone());
    Some(Manifest {
        label,
        title,
        title_en,
        zone: zone?,
        policy: document.policy,
        attributes,
    })
}

fn attributes(
    declared: BTreeMap<String, Spanned<Attribute>>,
    text: &str,
    findings: &mut Vec<Finding>,
) -> Schema {
    let mut schema = Schema::new();
    for (name, attribute) in declared {
        let start = attribute.span().start;
        let Attribute { kind, values } = attribute.into_inner();
        let taken = name == "attributes" || Fact::OF_EVERY_CLUE.iter().any(|fact| fact.name() == name);
        match Type::parse(&kind) {
            Some(kind) if !taken && (values.is_empty() || kind == Type::Text) => {
                schema.insert(name, Declared { kind, values });
            }
            _ => findings.push(at(bad_attribute(&name, taken), text, start)),
        }
    }
    schema
}

fn bad_attribute(name: &str, taken: bool) -> Finding {
    let finding = Finding::error("attribute_invalid", FILE).value(name);
    if taken {
        return finding
            .says(
                format!("{name} 是每条线索都有的，不能声明为属性"),
                format!("every clue has {name}: it cannot be declared"),
            )
            .advises("给属性另取名称", "give the attribute another name");
    }
    finding
        .says(
            format!("属性 {name} 的声明无效：type 须为 text、integer 或 boolean，只有 text 可列 values"),
            format!(
                "attribute {name}: type must be text, integer or boolean, and only a text may list values"
            ),
        )
        .advises(
            "例如 place_kind = { type = \"text\", values = [\"street\"] }",
            "for example place_kind = { type = \"text\", values = [\"street\"] }",
        )
}

fn zone(name: &Spanned<String>, text: &str, findings: &mut Vec<Finding>) -> Option<TimeZone> {
    let zone = TimeZone::get(name.get_ref()).ok();
    if zone.is_none() {
        let name_quoted = quoted(name.get_ref());
        let finding = Finding::error("time_zone_unknown", FILE)
            .column("time_zone", None)
            .value(name.get_ref())
            .says(
                format!("未知的时区 {name_quoted}"),
                format!("{name_quoted} is not a time zone"),
            )
            .advises(
                "用 IANA 名称，例如 Asia/Shanghai",
                "use an IANA name such as Asia/Shanghai",
            );
        findings.push(at(finding, text, name.span().start));
    }
    zone
}

fn invalid(problem: &str, text: &str, offset: Option<usize>) -> Finding {
    let problem = problem.lines().next().unwrap_or_default();
    let finding = Finding::error("toml_invalid", FILE)
        .says(
            format!("无法读取：{problem}"),
            format!("it cannot be read: {problem}"),
        )
        .advises(
            "核对键名、取值和 TOML 语法",
            "check the key, its value and the TOML syntax",
        );
    match offset {
        Some(offset) => at(finding, text, offset),
        None => finding,
    }
}

/// Points `finding` at a byte of the text.
fn at(finding: Finding, text: &str, offset: usize) -> Finding {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() as u32 + 1;
    let mut finding = finding.line(line);
    finding.column_number = Some(before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1);
    finding
}
