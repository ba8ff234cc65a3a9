//! What agencies beside the responsible one still have to do, over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Json;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result};

use super::params::TaskParams;
use super::{Api, failed};
use crate::listing::Reading;
use crate::tasks::{self, Tasks};

/// Tasks of assisting agencies, and calls, with the clues that they belong to.
#[utoipa::path(get, path = "/api/v1/tasks", tag = "clues", params(TaskParams), responses(
    (status = 200, description = "Open ones, what is due first at the top; those that are over, the newest first", body = Tasks),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn list(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<TaskParams>, QueryRejection>,
) -> Result<Json<Tasks>> {
    let asked = params?.0.asked()?;
    let rulebook = (api.rulebook)();
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: api.clock.now(),
    };
    let found = tasks::list(&api.store, &asked, reading).await;
    found.map(Json).map_err(|error| failed(&error))
}
