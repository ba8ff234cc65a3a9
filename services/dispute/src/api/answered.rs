//! What is answered, as OpenAPI describes it.

use bihuan_contracts::json::dispute_occurrence_to_json;
use bihuan_contracts::schema::{Dispute, DisputeEvent};
use bihuan_domain::dispute::{Occurrence, rejection_words};
use bihuan_domain::id::DisputeId;
use bihuan_domain::lang::Lang;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Outcome, Ticket};

/// A page of disputes.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputePage)]
pub(super) struct Page {
    #[schema(value_type = Vec<Dispute>)]
    pub(super) disputes: Vec<Value>,
    /// `cursor` of the next page; null: this is the last.
    #[schema(required)]
    pub(super) next: Option<String>,
}

/// A command about a dispute that is on the log.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeCommandAccepted)]
pub(super) struct Accepted {
    command_id: String,
    #[schema(value_type = String, format = "uuid")]
    dispute_id: DisputeId,
    /// `accepted`; of one that nobody decided on yet, `pending`
    status: &'static str,
    /// Where the outcome will be.
    pub(super) location: String,
}

/// What became of a command about a dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeCommandOutcome)]
pub(super) struct Became {
    command_id: String,
    #[schema(value_type = String, format = "uuid")]
    dispute_id: DisputeId,
    /// `done` or `rejected`
    status: &'static str,
    /// The dispute's, right after it.
    version: u32,
    #[schema(value_type = Vec<DisputeEvent>)]
    events: Vec<Value>,
    /// Of what was rejected: why. Stable, for programs.
    #[schema(required)]
    code: Option<String>,
    #[schema(required)]
    title: Option<&'static str>,
    #[schema(required)]
    field: Option<String>,
    /// Where the dispute stands, where that is in the way.
    #[schema(required)]
    step: Option<String>,
}

impl Accepted {
    pub(super) fn of(ticket: Ticket, status: &'static str) -> Self {
        Self {
            command_id: ticket.to_string(),
            dispute_id: ticket.dispute,
            status,
            location: format!("/api/v1/disputes/{}/commands/{ticket}", ticket.dispute),
        }
    }
}

impl Became {
    pub(super) fn of(ticket: Ticket, outcome: &Outcome, lang: Lang) -> Self {
        let rejection = match outcome {
            Outcome::Done(_) => None,
            Outcome::Rejected { rejection, .. } => Some(rejection),
        };
        let title = rejection.map(|it| {
            let (zh, en) = rejection_words(&it.code);
            lang.choose(zh, en)
        });
        Self {
            command_id: ticket.to_string(),
            dispute_id: ticket.dispute,
            status: if rejection.is_some() { "rejected" } else { "done" },
            version: outcome.version(),
            events: shown(outcome.events()),
            code: rejection.map(|it| it.code.clone()),
            title,
            field: rejection.and_then(|it| it.field.clone()),
            step: rejection.and_then(|it| it.step.clone()),
        }
    }
}

fn shown(events: &[Occurrence]) -> Vec<Value> {
    events.iter().map(dispute_occurrence_to_json).collect()
}
