//! The JSON that is read and written here by hand, described for OpenAPI. A type without values stands for each form; its tests
//! hold it against the code that reads or writes.

mod clocks;
mod dispute;

use bihuan_domain::clue::{CallBack, Conclusion, Discrepancy, EvidenceKind, Measure, Role, TaskKind};
use utoipa::openapi::schema::{ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use self::clocks::clocks;
use crate::command::CAUSES;

pub use dispute::{Dispute, DisputeCommand, DisputeEvent};

type Described = RefOr<Schema>;

/// What is asked of a clue: the body that [`crate::command::from_json`] reads.
pub enum ClueCommand {}

/// A clue as a platform reports it: what [`crate::record::ClueRecord::from_value`] reads.
pub enum ClueRecord {}

/// One of them, or several in an array.
pub enum ClueRecords {}

/// Something that happened to a clue: what [`crate::json::occurrence_to_json`] writes.
pub enum ClueEvent {}

/// A field: its name, what it is, and whether it must be there.
type Field = (&'static str, fn() -> Described, bool);

/// Each command with its own fields, besides those that all have.
const COMMANDS: [(&str, &[Field]); 37] = [
    ("admit_clue", &[]),
    ("reject_clue", &[("reason", text, true)]),
    ("hold_for_triage", &[("rulebook", text, false)]),
    (
        "assign_clue",
        &[
            ("agency", text, true),
            ("penalty", text, false),
            ("assisting", texts, false),
            ("rulebook", text, false),
        ],
    ),
    ("delegate_clue", &[("to", text, true)]),
    ("acknowledge_clue", &[]),
    (
        "request_return",
        &[
            ("reason", text, true),
            ("duty", text, true),
            ("proposed", text, true),
        ],
    ),
    ("approve_return", &[("to", text, false)]),
    ("refuse_return", &[]),
    ("transfer_clue", &[("to", text, true), ("basis", text, false)]),
    ("start_handling", &[]),
    (
        "suspend_clue",
        &[
            ("reason", text, true),
            ("approver", text, true),
            ("until", time, true),
        ],
    ),
    ("resume_clue", &[]),
    (
        "request_extension",
        &[("limit", limit, true), ("reason", text, true)],
    ),
    ("grant_extension", &[]),
    ("refuse_extension", &[("reason", text, true)]),
    ("issue_notice", &[("rung", text, true), ("ended", truth, false)]),
    ("discard_notice", &[("rung", text, true), ("reason", text, true)]),
    (
        "resolve_clue",
        &[
            ("conclusion", conclusion, true),
            ("measures", measures, false),
            ("evidence", evidence, false),
            ("substantiated", truth, false),
            ("matter", text, false),
            ("legal_basis", text, false),
            ("document_number", text, false),
        ],
    ),
    ("pass_check", &[]),
    ("fail_check", &[]),
    ("record_call_back", &[("result", call_back, true)]),
    ("close_clue", &[]),
    ("reopen_clue", &[]),
    ("void_clue", &[("reason", text, true)]),
    (
        "correct_clue",
        &[
            ("matter", text, false),
            ("area", text, false),
            ("category", text, false),
        ],
    ),
    (
        "settle_discrepancy",
        &[
            ("discrepancy", discrepancy, true),
            ("accept", truth, true),
            ("reason", text, true),
        ],
    ),
    (
        "raise_dispute",
        &[
            ("cause", cause, true),
            ("parties", claims, false),
            ("reason", text, true),
        ],
    ),
    (
        "ask_assistance",
        &[
            ("agency", text, true),
            ("kind", task_kind, true),
            ("limit", limit, false),
            ("reason", text, true),
        ],
    ),
    ("acknowledge_task", &[("task", number, true)]),
    ("note_arrival", &[("task", number, true)]),
    ("reply_task", &[("task", number, true), ("reply", text, true)]),
    ("decline_task", &[("task", number, true), ("reason", text, true)]),
    ("rate_task", &[("task", number, true), ("rating", number, true)]),
    ("withdraw_task", &[("task", number, true), ("reason", text, true)]),
    ("tag_campaign", &[("campaign", text, true)]),
    ("untag_campaign", &[]),
];

const OF_EVERY_COMMAND: [Field; 4] = [
    ("actor", actor, false),
    ("expected_version", number, false),
    ("occurred_at", time, false),
    ("remark", text, false),
];

const OF_A_RECORD: [Field; 19] = [
    ("source", text, true),
    ("id", scalar, true),
    ("reported_at", text, false),
    ("matter", scalar, false),
    ("area", scalar, false),
    ("severity", scalar, false),
    ("title", text, false),
    ("description", text, false),
    ("place", text, false),
    ("longitude", scalar, false),
    ("latitude", scalar, false),
    ("datum", text, false),
    ("attributes", attributes, false),
    ("due_at", text, false),
    ("agency", scalar, false),
    ("closed_at", text, false),
    ("conclusion", text, false),
    ("same_as", text, false),
    ("attachments", texts, false),
];

const OF_AN_EVENT: [Field; 11] = [
    ("clue", id, true),
    ("version", number, true),
    ("at", time, true),
    ("received_at", time, true),
    ("type", text, true),
    ("command", id, true),
    ("causation", perhaps_text, true),
    ("actor", whole_actor, true),
    ("text", perhaps_text, true),
    ("clocks", clocks, true),
    ("data", of_the_type, true),
];

fn of(kind: Type) -> Described {
    Object::with_type(kind).into()
}

fn either(one: Type, other: Type) -> Described {
    Object::with_type(SchemaType::from_iter([one, other])).into()
}

fn text() -> Described {
    of(Type::String)
}

fn perhaps_text() -> Described {
    either(Type::String, Type::Null)
}

fn formatted(format: &str) -> Described {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom(format.to_owned())))
        .into()
}

fn id() -> Described {
    formatted("uuid")
}

/// RFC 3339.
fn time() -> Described {
    formatted("date-time")
}

fn number() -> Described {
    of(Type::Integer)
}

fn perhaps_number() -> Described {
    either(Type::Integer, Type::Null)
}

/// As in `limits.csv`.
fn limit() -> Described {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[1-9][0-9]*(min|h|wh|wd|d)$"))
        .into()
}

fn truth() -> Described {
    of(Type::Boolean)
}

/// Codes and coordinates may be sent as numbers.
fn scalar() -> Described {
    either(Type::String, Type::Number)
}

fn word(words: impl IntoIterator<Item = &'static str>) -> Described {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .into()
}

fn conclusion() -> Described {
    word(Conclusion::ALL.iter().map(|it| it.as_str()))
}

fn call_back() -> Described {
    word(CallBack::ALL.iter().map(|it| it.as_str()))
}

fn discrepancy() -> Described {
    word(Discrepancy::ALL.iter().map(|it| it.as_str()))
}

fn cause() -> Described {
    word(CAUSES.iter().map(|it| it.as_str()))
}

fn task_kind() -> Described {
    word(TaskKind::ALL.iter().map(|it| it.as_str()))
}

/// Who quarrels. Of an agency that asks: what it says of itself.
fn claims() -> Described {
    list(object(dispute::OF_A_PARTY).into())
}

fn role() -> Described {
    word(Role::ALL.iter().map(|it| it.as_str()))
}

fn list(items: Described) -> Described {
    ArrayBuilder::new().items(items).into()
}

fn texts() -> Described {
    list(text())
}

fn measures() -> Described {
    list(word(Measure::ALL.iter().map(|it| it.as_str())))
}

fn evidence() -> Described {
    let kind = || word(EvidenceKind::ALL.iter().map(|it| it.as_str()));
    let fields: [Field; 3] = [
        ("kind", kind, true),
        ("uri", text, true),
        ("digest", digest, false),
    ];
    list(object(fields).into())
}

/// SHA-256 of what lies there.
fn digest() -> Described {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some("^[0-9a-fA-F]{64}$"))
        .into()
}

fn actor() -> Described {
    let fields: [Field; 3] = [
        ("role", role, true),
        ("agency", text, false),
        ("person", text, false),
    ];
    object(fields).into()
}

/// As events have it: what is absent is null.
fn whole_actor() -> Described {
    let fields: [Field; 3] = [
        ("role", role, true),
        ("agency", perhaps_text, true),
        ("person", perhaps_text, true),
    ];
    object(fields).into()
}

fn attributes() -> Described {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(scalar()))
        .description(Some("Codes that are kept with the clue"))
        .into()
}

fn of_the_type() -> Described {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some("What is particular to the `type`"))
        .into()
}

fn object(fields: impl IntoIterator<Item = Field>) -> ObjectBuilder {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    fields
        .into_iter()
        .fold(object, |object, (name, what, is_required)| {
            let object = object.property(name, what());
            if is_required {
                object.required(name)
            } else {
                object
            }
        })
}

impl PartialSchema for ClueCommand {
    fn schema() -> Described {
        let commands = COMMANDS.into_iter().map(|(kind, fields)| {
            object(fields.iter().copied().chain(OF_EVERY_COMMAND))
                .property("type", word([kind]))
                .required("type")
                .title(Some(kind))
        });
        commands.fold(OneOfBuilder::new(), OneOfBuilder::item).into()
    }
}

impl PartialSchema for ClueRecord {
    fn schema() -> Described {
        object(OF_A_RECORD).into()
    }
}

impl PartialSchema for ClueRecords {
    fn schema() -> Described {
        OneOfBuilder::new()
            .item(ClueRecord::schema())
            .item(list(ClueRecord::schema()))
            .into()
    }
}

impl PartialSchema for ClueEvent {
    fn schema() -> Described {
        object(OF_AN_EVENT).into()
    }
}

impl ToSchema for ClueCommand {}
impl ToSchema for ClueRecord {}
impl ToSchema for ClueRecords {}
impl ToSchema for ClueEvent {}

#[cfg(test)]
mod tests {
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::command::from_json;
    use crate::{DecodeError, record};

    /// Something that is as the schema says.
    fn example(schema: &Value) -> Value {
        if let Some(words) = schema["enum"].as_array() {
            return words[0].clone();
        }
        let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match (kind, schema["format"].as_str()) {
            (Some("object"), _) => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                properties
                    .iter()
                    .map(|(name, it)| (name.clone(), example(it)))
                    .collect()
            }
            (Some("array"), _) => json!([example(&schema["items"])]),
            (Some("integer"), _) => 1.into(),
            (Some("boolean"), _) => true.into(),
            (_, Some("date-time")) => "2026-01-05T08:00:00Z".into(),
            _ if schema["pattern"].as_str().is_some_and(|it| it.contains("wd")) => "5wd".into(),
            _ if schema["pattern"].is_string() => "ab".repeat(32).into(),
            // good for codes too
            _ => "330602".into(),
        }
    }

    /// Everything that the schema names is read, nothing that it calls optional is missed, and what it calls required is.
    fn holds<T>(schema: &Value, read: impl Fn(&Value) -> Result<T, DecodeError>) {
        let whole = example(schema);
        if let Err(error) = read(&whole) {
            panic!("{whole}: {error}");
        }
        let required = schema["required"].as_array().expect("a list");
        let is_required = |name: &str| required.iter().any(|it| it == name);
        let mut least = whole.as_object().expect("an object").clone();
        least.retain(|name, _| is_required(name));
        assert!(read(&Value::Object(least.clone())).is_ok(), "{least:?}");
        for name in least.keys() {
            let less: Map<_, _> = least
                .iter()
                .filter(|(it, _)| *it != name)
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect();
            let error = read(&Value::Object(less)).err().expect("refused");
            assert_eq!(
                (error.code, error.field.as_deref()),
                ("field_missing", Some(name.as_str()))
            );
        }
    }

    #[test]
    fn every_command_is_read_as_it_is_described() {
        let clue = ClueId::derive(&"grid".parse().expect("valid"), "1");
        let schema = serde_json::to_value(ClueCommand::schema()).expect("json");
        let commands = schema["oneOf"].as_array().expect("commands");
        assert_eq!(commands.len(), COMMANDS.len());
        for command in commands {
            holds(command, |value| from_json(clue, value));
        }
    }

    #[test]
    fn every_command_about_a_dispute_is_read_as_it_is_described() {
        let clue = ClueId::derive(&"grid".parse().expect("valid"), "1");
        let id = DisputeId::derive(clue, CommandId::derive(b"1", "test", 0));
        let schema = serde_json::to_value(DisputeCommand::schema()).expect("json");
        let commands = schema["oneOf"].as_array().expect("commands");
        assert_eq!(commands.len(), dispute::COMMANDS.len());
        for command in commands {
            holds(command, |value| crate::dispute::from_json(id, value));
        }
    }

    #[test]
    fn a_record_is_read_as_it_is_described() {
        let schema = serde_json::to_value(ClueRecord::schema()).expect("json");
        holds(&schema, record::ClueRecord::from_value);
    }
}
