//! Notices to leaders and bulletins, over HTTP.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Json;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result};

use super::params::NoticeParams;
use super::{Api, failed};
use crate::listing::Reading;
use crate::notices::{self, Notices};

/// What the ladder drafted and a person is to issue, or has issued: one notice for each agency or desk, step of the ladder and day.
/// Each clue of a notice is issued by the command `issue_notice`.
#[utoipa::path(get, path = "/api/v1/notices", tag = "clues", params(NoticeParams), responses(
    (status = 200, description = "Drafts, the oldest day first; issued ones, the newest day first", body = Notices),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
pub(super) async fn list(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<NoticeParams>, QueryRejection>,
) -> Result<Json<Notices>> {
    let asked = params?.0.asked()?;
    let rulebook = (api.rulebook)();
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: api.clock.now(),
    };
    let found = notices::list(&api.store, &asked, reading).await;
    found.map(Json).map_err(|error| failed(&error))
}
