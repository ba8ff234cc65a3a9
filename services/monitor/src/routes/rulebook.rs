//! Who has which duty, and what waits in triage, over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use bihuan_runtime::problem::{Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::CompetenceParams;
use super::{Api, failed};
use crate::rulebook::{self, Answer};
use crate::triage;

/// Who has what where.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Competences {
    rulebook: String,
    on: String,
    /// At most 100.
    answers: Vec<Answer>,
    /// There are more: ask more precisely.
    more: bool,
}

/// What waits in triage.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Waiting {
    rulebook: String,
    clues: u64,
    /// By why they wait, most clues first; `draft` is the row that would have decided all of them.
    #[schema(value_type = Vec<Object>)]
    groups: Vec<bihuan_domain::routing::Group>,
}

/// Who is first handler of a matter in an area by the active rulebook, on a day and from later days on.
#[utoipa::path(get, path = "/api/v1/rulebook/competence", tag = "rulebook", params(CompetenceParams), responses(
    (status = 200, description = "An answer for each matter and area that is meant", body = Competences),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn competence(
    State(api): State<Api>,
    params: Result<Query<CompetenceParams>, QueryRejection>,
) -> Result<Response> {
    let params = params?.0;
    let on = params.on()?;
    let active = api
        .library
        .active(api.clock.now())
        .await
        .map_err(|error| unusable(&error))?;
    let book = active.rulebook();
    let on = on.unwrap_or_else(|| api.clock.now().civil_date(&book.zone));
    let matters = rulebook::matters(book, &params.matter);
    let areas = rulebook::areas(book, &params.area);
    Ok(Json(Competences {
        rulebook: book.version.to_string(),
        on: on.to_string(),
        more: matters.len() * areas.len() > rulebook::ANSWERS,
        answers: rulebook::who(&active, &matters, &areas, on),
    })
    .into_response())
}

/// Clues in triage by why they wait.
#[utoipa::path(get, path = "/api/v1/triage", tag = "rulebook", responses(
    (status = 200, description = "The groups", body = Waiting),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn waiting(State(api): State<Api>) -> Result<Response> {
    let active = api
        .library
        .active(api.clock.now())
        .await
        .map_err(|error| unusable(&error))?;
    let groups = triage::groups(&api.store, &active).await;
    let groups = groups.map_err(|error| failed(&error))?;
    Ok(Json(Waiting {
        rulebook: active.rulebook().version.to_string(),
        clues: groups.iter().map(|group| group.clues).sum(),
        groups,
    })
    .into_response())
}

/// The active rulebook cannot be had. Logged here, once.
pub(crate) fn unusable(error: &bihuan_rulebook::LibraryError) -> Problem {
    tracing::error!(error = %error, "the active rulebook cannot be read");
    if error.is_transient() {
        return Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_unavailable",
            "The database cannot be reached just now",
            "数据库暂时无法访问",
        );
    }
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal_error",
        "The active rulebook cannot be read",
        "无法读取现行规则库",
    )
}
