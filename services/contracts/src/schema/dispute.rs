//! What people ask of a dispute.

use bihuan_domain::dispute::{Ground, Position};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::{PartialSchema, ToSchema};

use super::{
    Described, Field, OF_EVERY_COMMAND, digest, id, limit, list, number, object, of_the_type, perhaps_text,
    text, texts, time, truth, whole_actor, word,
};

/// What is asked of a dispute: the body that [`crate::dispute::from_json`] reads.
pub enum DisputeCommand {}

/// A dispute: what [`crate::json::dispute_to_json`] writes, and what whoever shows it adds in words.
pub enum Dispute {}

/// Something that happened to a dispute: what [`crate::json::dispute_occurrence_to_json`] writes.
pub enum DisputeEvent {}

/// Those that every dispute has. Of what it has beside them, one that is shown alone says more than one in a list.
pub(super) const OF_A_DISPUTE: [Field; 31] = [
    ("id", id, true),
    ("clue", id, true),
    ("opened_at", time, true),
    ("opened_by", whole_actor, true),
    ("opening", part, true),
    ("standing", text, true),
    ("step", perhaps_text, true),
    ("since", perhaps_text, true),
    ("escalations", number, true),
    ("late", truth, true),
    ("outcome", part, true),
    ("ended_at", perhaps_text, true),
    ("deadline", part, true),
    ("forum", part, true),
    ("jurisdiction", part, true),
    ("parties", parts, true),
    ("interim", perhaps_text, true),
    ("holder", part, true),
    ("lead", perhaps_text, true),
    ("applicant", perhaps_text, true),
    ("opinion", part, true),
    ("rulings", parts, true),
    ("appeals", number, true),
    ("appellant", perhaps_text, true),
    ("responsible", perhaps_text, true),
    ("taken_up_at", perhaps_text, true),
    ("breaches", parts, true),
    ("documents", parts, true),
    ("version", number, false),
    ("standing_words", text, false),
    ("forum_words", text, false),
];

/// Only of one that is shown alone.
const SHOWN_ALONE: [Field; 6] = [
    ("jurisdiction_words", texts, false),
    ("working", perhaps_text, false),
    ("next", parts, false),
    ("precedent", part, false),
    ("routed", part, false),
    ("events", parts, false),
];

pub(super) const OF_AN_EVENT: [Field; 11] = [
    ("dispute", id, true),
    ("version", number, true),
    ("at", time, true),
    ("received_at", time, true),
    ("type", text, true),
    ("command", id, true),
    ("causation", perhaps_text, true),
    ("actor", whole_actor, true),
    ("text", perhaps_text, true),
    ("deadline", part, true),
    ("data", of_the_type, true),
];

/// An object, or null where there is none.
fn part() -> Described {
    use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .into()
}

fn parts() -> Described {
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    list(ObjectBuilder::new().schema_type(Type::Object).into())
}

/// A party as it comes in.
pub(super) const OF_A_PARTY: [Field; 3] = [
    ("agency", text, true),
    ("position", position, false),
    ("duty", text, false),
];

/// Each command with its own fields, besides those that all have.
pub(super) const COMMANDS: [(&str, &[Field]); 17] = [
    (
        "state_position",
        &[
            ("position", position, true),
            ("duty", text, true),
            ("papers", papers, false),
        ],
    ),
    (
        "record_minutes",
        &[("agreed", text, false), ("minutes", paper, true)],
    ),
    ("apply", &[("application", paper, true)]),
    ("accept_application", &[]),
    (
        "refuse_application",
        &[("ground", ground, true), ("reason", text, true)],
    ),
    ("forward_application", &[]),
    ("reply", &[("reply", paper, true)]),
    ("record_meeting", &[("minutes", paper, true)]),
    (
        "give_opinion",
        &[("agency", text, true), ("opinion", paper, true)],
    ),
    ("accept_opinion", &[]),
    ("decline_opinion", &[]),
    (
        "decide_dispute",
        &[
            ("responsible", text, true),
            ("assisting", texts, false),
            ("basis", text, true),
            ("term", limit, false),
            ("decision", paper, true),
        ],
    ),
    ("withdraw_dispute", &[]),
    ("appeal_ruling", &[("application", paper, true)]),
    ("add_party", &OF_A_PARTY),
    ("name_lead", &[("agency", text, true)]),
    ("note_taken_up", &[("agency", text, true)]),
];

fn position() -> Described {
    word(Position::ALL.iter().map(|it| it.as_str()))
}

fn ground() -> Described {
    word(Ground::ALL.iter().map(|it| it.as_str()))
}

/// Where it lies, or its document number, and the digest of its bytes.
fn paper() -> Described {
    let fields: [Field; 2] = [("reference", text, true), ("digest", digest, true)];
    object(fields).into()
}

fn papers() -> Described {
    list(paper())
}

impl PartialSchema for DisputeCommand {
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

impl ToSchema for DisputeCommand {}

impl PartialSchema for Dispute {
    fn schema() -> Described {
        object(OF_A_DISPUTE.into_iter().chain(SHOWN_ALONE)).into()
    }
}

impl ToSchema for Dispute {}

impl PartialSchema for DisputeEvent {
    fn schema() -> Described {
        object(OF_AN_EVENT).into()
    }
}

impl ToSchema for DisputeEvent {}
