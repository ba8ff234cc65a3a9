//! What is answered, as OpenAPI describes it.

use bihuan_contracts::json::occurrence_to_json;
use bihuan_contracts::schema::ClueEvent;
use bihuan_domain::clue::{Occurrence, rejection_words};
use bihuan_domain::id::ClueId;
use bihuan_domain::lang::Lang;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Outcome, Ticket};

/// A command that is on the log.
#[derive(Serialize, ToSchema)]
pub(super) struct Accepted {
    pub(super) command_id: String,
    #[schema(value_type = String, format = "uuid")]
    pub(super) clue_id: ClueId,
    /// `accepted`
    pub(super) status: &'static str,
    /// Where the outcome will be.
    pub(super) location: String,
}

/// A command that nobody decided on yet.
#[derive(Serialize, ToSchema)]
pub(super) struct Pending {
    pub(super) command_id: String,
    #[schema(value_type = String, format = "uuid")]
    pub(super) clue_id: ClueId,
    /// `pending`
    pub(super) status: &'static str,
}

/// Why feedback is given up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Discard {
    pub(super) reason: String,
    /// Staff reference.
    #[serde(default)]
    pub(super) person: Option<String>,
}

/// Feedback that is given up.
#[derive(Serialize, ToSchema)]
pub(super) struct Discarding {
    pub(super) command_id: String,
    /// `accepted`
    pub(super) status: &'static str,
}

/// A command that was carried out.
#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    command_id: String,
    #[schema(value_type = String, format = "uuid")]
    clue_id: ClueId,
    /// `done`
    status: &'static str,
    /// The clue's, right after it.
    version: u32,
    #[schema(value_type = Vec<ClueEvent>)]
    events: Vec<Value>,
}

/// A command that was refused.
#[derive(Serialize, ToSchema)]
pub(super) struct Refused {
    command_id: String,
    #[schema(value_type = String, format = "uuid")]
    clue_id: ClueId,
    /// `rejected`
    status: &'static str,
    version: u32,
    #[schema(value_type = Vec<ClueEvent>)]
    events: Vec<Value>,
    /// Stable, for programs.
    code: String,
    title: &'static str,
    #[schema(required)]
    field: Option<String>,
    /// Of the clue, where that stands in the way.
    #[schema(required)]
    stage: Option<String>,
}

/// What became of a command.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Became {
    Done(Done),
    Refused(Refused),
}

/// Everything that happened to a clue.
#[derive(Serialize, ToSchema)]
pub(super) struct History {
    #[schema(value_type = String, format = "uuid")]
    pub(super) clue_id: ClueId,
    pub(super) version: u32,
    #[schema(value_type = Vec<ClueEvent>)]
    pub(super) events: Vec<Value>,
}

impl Done {
    pub(super) fn of(ticket: Ticket, outcome: &Outcome) -> Self {
        Self {
            command_id: ticket.to_string(),
            clue_id: ticket.clue,
            status: "done",
            version: outcome.version(),
            events: shown(outcome.events()),
        }
    }
}

impl Became {
    pub(super) fn of(ticket: Ticket, outcome: &Outcome, lang: Lang) -> Self {
        let Outcome::Rejected { rejection, events } = outcome else {
            return Self::Done(Done::of(ticket, outcome));
        };
        let (zh, en) = rejection_words(&rejection.code);
        Self::Refused(Refused {
            command_id: ticket.to_string(),
            clue_id: ticket.clue,
            status: "rejected",
            version: outcome.version(),
            events: shown(events),
            code: rejection.code.clone(),
            title: lang.choose(zh, en),
            field: rejection.field.clone(),
            stage: rejection.stage.clone(),
        })
    }
}

pub(super) fn shown(events: &[Occurrence]) -> Vec<Value> {
    events.iter().map(occurrence_to_json).collect()
}
