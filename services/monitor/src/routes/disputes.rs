//! Who hands clues to whom, over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Json;
use bihuan_domain::figures::DisputeReport;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result};

use super::params::DisputeParams;
use super::schema::DisputesReport;
use super::{Api, failed};
use crate::disputes;

/// How often clues change hands, go to and fro, are given back and come back, and between whom.
#[utoipa::path(get, path = "/api/v1/reports/disputes", tag = "reports", params(DisputeParams), responses(
    (status = 200, description = "Counts, figures with their formulas, who handed how often to whom, and how disputes over duty end", body = DisputesReport),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn report(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<DisputeParams>, QueryRejection>,
) -> Result<Json<DisputeReport>> {
    let rulebook = (api.rulebook)();
    let query = params?.0.asked(lang, &rulebook.zone)?;
    let report = disputes::disputes(&api.store, &api.library, &query, api.clock.now(), &rulebook).await;
    report.map(Json).map_err(|error| failed(&error))
}
