//! What reconciling the platforms' own lists came to.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use bihuan_runtime::problem::{Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Api, failed};
use crate::reconcile::{Row, Run, kept};

#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Reconciliations {
    /// The newest run of each source.
    reconciliations: Vec<Run>,
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
    Ok(Json(Reconciliations { reconciliations }))
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
