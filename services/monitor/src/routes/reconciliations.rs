//! What reconciling the platforms' own lists came to.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use bihuan_runtime::problem::{Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, failed};
use crate::reconcile::{Plan, Row, Run, kept};

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Reconciliations {
    /// The newest run of each source.
    reconciliations: Vec<Run>,
    /// Sources that are configured and were never reconciled yet.
    not_run_yet: Vec<NotRunYet>,
}

/// A source whose first daily run is still to come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct NotRunYet {
    source: String,
    /// From this time of day on, in the rulebook's zone.
    at: String,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OneReconciliation {
    #[serde(flatten)]
    run: Run,
    /// What differs, one by one; at most 10,000.
    rows: Vec<Row>,
}

/// The newest reconciliation of each source.
#[utoipa::path(get, path = "/api/v1/reconciliations", tag = "reports", responses(
    (status = 200, description = "By source: when, the outcome, counts and groups; a list that could not be read is an outcome", body = Reconciliations),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn list(State(api): State<Api>) -> Result<Json<Reconciliations>> {
    let reconciliations = kept::newest(&api.store).await.map_err(|error| failed(&error))?;
    let not_run_yet = first_to_come(&api.plans, &reconciliations);
    let not_run_yet = not_run_yet.map(|plan| NotRunYet {
        source: plan.source.to_string(),
        at: plan.at.strftime("%H:%M").to_string(),
    });
    Ok(Json(Reconciliations {
        not_run_yet: not_run_yet.collect(),
        reconciliations,
    }))
}

/// What is configured and has no run.
pub(crate) fn first_to_come<'a>(plans: &'a [Plan], runs: &'a [Run]) -> impl Iterator<Item = &'a Plan> {
    let has_run = |plan: &Plan| runs.iter().any(|run| run.source == plan.source.as_str());
    plans.iter().filter(move |plan| !has_run(plan))
}

/// The newest reconciliation of one source, with every difference.
#[utoipa::path(get, path = "/api/v1/reconciliations/{source}", tag = "reports",
    params(("source" = String, Path, description = "The source platform")),
    responses(
        (status = 200, description = "The run and what differs", body = OneReconciliation),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "The source was never reconciled", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
pub(super) async fn one(
    State(api): State<Api>,
    source: Result<Path<String>, PathRejection>,
) -> Result<Json<OneReconciliation>> {
    let Path(source) = source?;
    let found = kept::of_source(&api.store, &source)
        .await
        .map_err(|error| failed(&error))?;
    let (run, rows) = found.ok_or_else(never)?;
    Ok(Json(OneReconciliation { run, rows }))
}

/// Nobody has reconciled the source.
pub(crate) fn never() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "reconciliation_unknown",
        "The source was never reconciled",
        "该来源尚未核对过",
    )
}
