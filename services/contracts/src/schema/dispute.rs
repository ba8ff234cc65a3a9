//! What people ask of a dispute.

use bihuan_domain::dispute::{Ground, Position};
use utoipa::openapi::schema::OneOfBuilder;
use utoipa::{PartialSchema, ToSchema};

use super::{Described, Field, OF_EVERY_COMMAND, digest, limit, list, object, text, texts, word};

/// What is asked of a dispute: the body that [`crate::dispute::from_json`] reads.
pub enum DisputeCommand {}

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
    (
        "add_party",
        &[
            ("agency", text, true),
            ("position", position, false),
            ("duty", text, false),
        ],
    ),
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
