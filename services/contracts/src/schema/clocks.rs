//! The clocks of a clue, described for OpenAPI.

use bihuan_domain::calendar::Step;
use utoipa::openapi::schema::{SchemaType, Type};

use super::{Described, Field, list, object, perhaps_number, perhaps_text, text, time, truth, word};

const OF_A_CLOCK: [Field; 11] = [
    ("step", step, true),
    ("since", time, true),
    ("due_at", time, true),
    ("own_due_at", perhaps_text, true),
    ("limit", perhaps_text, true),
    ("row", perhaps_number, true),
    ("provisional", truth, true),
    ("silent", truth, true),
    ("calendar_by", text, true),
    ("calendar", text, true),
    ("stands_since", perhaps_text, true),
];

const OF_CLOCKS: [Field; 5] = [
    ("limits_by", text, true),
    ("calendar_by", text, true),
    ("calendar", text, true),
    ("running", running, true),
    ("next_rung", perhaps_text, true),
];

fn step() -> Described {
    word(Step::ALL.iter().map(|it| it.as_str()))
}

fn running() -> Described {
    list(object(OF_A_CLOCK).into())
}

/// As they stand since the event; null: as before.
pub(super) fn clocks() -> Described {
    object(OF_CLOCKS)
        .schema_type(SchemaType::from_iter([Type::Object, Type::Null]))
        .into()
}
