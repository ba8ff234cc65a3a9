//! What disputes teach, over HTTP: the duties that they propose, which are one quarrel, what a joint meeting is to talk about.

#![expect(
    clippy::result_large_err,
    reason = "a problem is made once a request, and only when that fails"
)]

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Json;
use bihuan_domain::dispute::Forum;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::AgendaParams;
use super::rulebook::unusable;
use super::{Api, failed};
use crate::Error;
use crate::agenda::agenda;
use crate::proposals::{Proposal, Quarrel, proposals, quarrels};
use crate::words::Words;
use crate::words::agenda::AgendaRow;

/// What a joint meeting is to talk about.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Meeting {
    as_of: String,
    rulebook: String,
    items: Vec<AgendaRow>,
}

/// Every duty that a settled or decided dispute proposes, the newest first.
#[utoipa::path(get, path = "/api/v1/disputes/precedents", tag = "disputes", responses(
    (status = 200, description = "The proposals", body = Vec<Proposal>),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn precedents(State(api): State<Api>) -> Result<Json<Vec<Proposal>>> {
    let active = api.library.active(api.clock.now()).await;
    let active = active.map_err(|error| unusable(&error))?;
    let found = bihuan_dispute::precedents(&api.store, active.rulebook()).await;
    let found = found.map_err(|error| failed(&Error::from(error)))?;
    Ok(Json(proposals(&found)))
}

/// Open disputes between the same parties over the same, together.
#[utoipa::path(get, path = "/api/v1/disputes/similar", tag = "disputes", responses(
    (status = 200, description = "The groups, the largest first", body = Vec<Quarrel>),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn similar(State(api): State<Api>) -> Result<Json<Vec<Quarrel>>> {
    let groups = bihuan_dispute::similar(&api.store, None).await;
    let groups = groups.map_err(|error| failed(&Error::from(error)))?;
    Ok(Json(quarrels(&groups)))
}

/// The agenda of a joint meeting, in its order.
#[utoipa::path(get, path = "/api/v1/disputes/agenda", tag = "disputes", params(AgendaParams), responses(
    (status = 200, description = "The items", body = Meeting),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn meeting(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<AgendaParams>, QueryRejection>,
) -> Result<Json<Meeting>> {
    let asked = forum(params?.0.forum.as_deref())?;
    let now = api.clock.now();
    let active = api.library.active(now).await;
    let active = active.map_err(|error| unusable(&error))?;
    let found = agenda(&api.store, &api.library, &active, asked.as_ref(), now).await;
    let found = found.map_err(|error| failed(&error))?;
    let rulebook = active.rulebook();
    Ok(Json(Meeting {
        as_of: now.to_string(),
        rulebook: rulebook.version.to_string(),
        items: Words { lang, rulebook }.agenda(&found.items),
    }))
}

/// Nothing said: every one.
pub(crate) fn forum(text: Option<&str>) -> Result<Option<Forum>> {
    let text = text.filter(|it| !it.is_empty());
    text.map(|it| it.parse().map_err(|form| unreadable(it, form)))
        .transpose()
}

fn unreadable(text: &str, form: &str) -> Problem {
    let problem = Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_parameter",
        "The forum cannot be read",
        "处理层级无法识别",
    );
    problem.details(
        format!("{text:?} is no forum: {form}."),
        format!("“{text}”不是处理层级；请写 county:区划、city 或 city_government。"),
    )
}
