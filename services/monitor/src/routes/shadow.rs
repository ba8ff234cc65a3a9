//! What the rules would have done against what dispatchers did, over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Json, Response};
use bihuan_runtime::problem::{Problem, Result};

use super::params::ShadowParams;
use super::schema::ShadowReport;
use super::{Api, failed};

/// What the rules would have done against what dispatchers did, with the rows of `duties.csv` that would have to change. At most
/// half a minute old. Of an installation that is no shadow run it compares nothing.
#[utoipa::path(get, path = "/api/v1/reports/shadow", tag = "reports", params(ShadowParams), responses(
    (status = 200, description = "Sums, clocks, and a row for each rule that decided", body = ShadowReport),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn compared(
    State(api): State<Api>,
    params: Result<Query<ShadowParams>, QueryRejection>,
) -> Result<Response> {
    let days = params?.0.asked()?;
    let rulebook = (api.rulebook)();
    let now = api.clock.now();
    let found = api.comparisons.of(&api.store, days, now, &rulebook).await;
    let found = found.map_err(|error| failed(&error))?;
    Ok(Json(&*found).into_response())
}
