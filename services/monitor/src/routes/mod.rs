//! The reading half of the HTTP API.

mod disputes;
mod notices;
mod params;
pub(crate) mod precedents;
pub(crate) mod reconciliations;
pub(crate) mod rulebook;
mod schema;
mod shadow;
mod shown;
mod tasks;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::get;
use bihuan_domain::figures::Report;
use bihuan_domain::routing::Rulebook;
use bihuan_rulebook::Library;
use bihuan_runtime::Clock;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result};
use bihuan_store::Store;
use utoipa::OpenApi;

use crate::accounts::{self, Accounts};
use crate::clocks::{self, Course, ShownClocks};
use crate::listing::{self, FoundClue, Page, Reading};
use crate::quarantine::{self, QuarantinePage};
use crate::reconcile::Plan;
use crate::shadow::Comparisons;
use crate::words::Words;
use crate::{Error, codec, report};

use params::{ClueParams, QuarantineParams, ReportParams};
use schema::ClosureReport;
use shown::ShownClue;

/// Gives the rulebook that holds now.
pub type CurrentRulebook = Arc<dyn Fn() -> Arc<Rulebook> + Send + Sync>;

/// What the routes read from.
#[derive(Clone)]
pub struct Api {
    pub store: Store,
    pub clock: Clock,
    pub rulebook: CurrentRulebook,
    /// Every rulebook that decides or decided.
    pub library: Library,
    pub partitions: u32,
    /// It runs beside people's own work: nobody handles the clues here.
    pub shadow: bool,
    /// The newest comparison of a shadow run.
    pub comparisons: Arc<Comparisons>,
    /// What is reconciled every day.
    pub plans: Arc<[Plan]>,
}

/// `GET /api/v1/…`: clues, reports, accounts, quarantine.
pub fn routes(api: Api) -> Router {
    Router::new()
        .route("/api/v1/clues", get(clues))
        .route("/api/v1/clues/{id}", get(clue))
        .route("/api/v1/notices", get(notices::list))
        .route("/api/v1/tasks", get(tasks::list))
        .route("/api/v1/reports/closure", get(closure))
        .route("/api/v1/reports/disputes", get(disputes::report))
        .route("/api/v1/disputes/agenda", get(precedents::meeting))
        .route("/api/v1/disputes/precedents", get(precedents::precedents))
        .route("/api/v1/disputes/similar", get(precedents::similar))
        .route("/api/v1/reports/shadow", get(shadow::compared))
        .route("/api/v1/accounts", get(account_book))
        .route("/api/v1/quarantine", get(quarantined))
        .route("/api/v1/rulebook/competence", get(rulebook::competence))
        .route("/api/v1/triage", get(rulebook::waiting))
        .route("/api/v1/reconciliations", get(reconciliations::list))
        .route("/api/v1/reconciliations/{source}", get(reconciliations::one))
        .with_state(api)
}

/// The description of these routes, to be merged with those of other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(
        clues,
        clue,
        notices::list,
        tasks::list,
        closure,
        disputes::report,
        precedents::meeting,
        precedents::precedents,
        precedents::similar,
        shadow::compared,
        account_book,
        quarantined,
        reconciliations::list,
        reconciliations::one,
        rulebook::competence,
        rulebook::waiting
    ))]
    struct Described;
    Described::openapi()
}

/// Clues that match, newest report first.
#[utoipa::path(get, path = "/api/v1/clues", tag = "clues", params(ClueParams), responses(
    (status = 200, description = "A page; `next` is the cursor of the one after it, null at the end", body = Page),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
async fn clues(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<ClueParams>, QueryRejection>,
) -> Result<Json<Page>> {
    let asked = params?.0.asked()?;
    let rulebook = (api.rulebook)();
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: api.clock.now(),
    };
    let page = listing::list(
        &api.store,
        &asked.filter,
        asked.cursor.as_ref(),
        asked.limit,
        reading,
    )
    .await;
    page.map(Json).map_err(|error| failed(&error))
}

/// One clue: where it stands, its clocks with their working, and what happened to it.
#[utoipa::path(get, path = "/api/v1/clues/{id}", tag = "clues",
    params(("id" = String, Path, description = "The clue's id, its number, or source/source-id (with the slash as %2F)")),
    responses(
        (status = 200, description = "The clue", body = ShownClue),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "There is no such clue", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn clue(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ShownClue>> {
    let Path(id) = id?;
    let rulebook = (api.rulebook)();
    let reading = Reading {
        rulebook: &rulebook,
        lang,
        now: api.clock.now(),
    };
    let found = listing::find(&api.store, &id, reading)
        .await
        .map_err(|error| failed(&error))?;
    let found = found.ok_or_else(|| {
        let problem = Problem::new(
            StatusCode::NOT_FOUND,
            "clue_unknown",
            "There is no such clue",
            "没有这条线索",
        );
        problem.details(
            format!(
                "No clue has the id, number or source/source-id {id:?}. One just reported may take a moment."
            ),
            format!("没有线索的标识、编号或“来源/来源编号”为“{id}”。刚上报的线索可能需要片刻。"),
        )
    })?;
    let words = Words {
        lang,
        rulebook: &rulebook,
    };
    let clocks = clocks_of(&api, &found, words)
        .await
        .map_err(|error| failed(&error))?;
    Ok(Json(ShownClue::of(found, clocks)))
}

async fn clocks_of(api: &Api, found: &FoundClue, words: Words<'_>) -> crate::Result<ShownClocks> {
    let mut reader = api.store.read().await?;
    let events = codec::story(reader.conn(), found.partition, found.newest).await?;
    drop(reader);
    clocks::shown(&api.library, &Course::of(&events), words, api.clock.now()).await
}

/// The closure report: counts, figures with their formulas, rows.
#[utoipa::path(get, path = "/api/v1/reports/closure", tag = "reports", params(ReportParams), responses(
    (status = 200, description = "The report", body = ClosureReport),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
async fn closure(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    params: Result<Query<ReportParams>, QueryRejection>,
) -> Result<Json<Report>> {
    let rulebook = (api.rulebook)();
    let query = params?.0.asked(lang, &rulebook.zone)?;
    let report = report::closure(&api.store, &query, api.clock.now(), &rulebook).await;
    report.map(Json).map_err(|error| failed(&error))
}

/// The running proof: each identity of the accounts with both sides.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "reports", responses(
    (status = 200, description = "The equations", body = Accounts),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
async fn account_book(State(api): State<Api>) -> Result<Json<Accounts>> {
    let accounts = accounts::accounts(&api.store, api.clock.now()).await;
    accounts.map(Json).map_err(|error| failed(&error))
}

/// What could not be read, newest first, and how much of it there is.
#[utoipa::path(get, path = "/api/v1/quarantine", tag = "quarantine", params(QuarantineParams), responses(
    (status = 200, description = "Totals by service, reason and fate, and the newest records without their bytes", body = QuarantinePage),
    (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
    (status = 503, description = "The database cannot be reached", content_type = "application/problem+json", body = Problem),
))]
async fn quarantined(
    State(api): State<Api>,
    params: Result<Query<QuarantineParams>, QueryRejection>,
) -> Result<Json<QuarantinePage>> {
    let asked = params?.0.asked()?;
    let page = quarantine::list(
        &api.store,
        asked.fate.as_deref(),
        asked.reason.as_deref(),
        asked.limit,
    )
    .await;
    page.map(Json).map_err(|error| failed(&error))
}

/// Logged here, once; the client learns whether trying again can help.
fn failed(error: &Error) -> Problem {
    tracing::error!(error = %error, "a request could not be answered");
    match error {
        Error::Store(error) if error.is_transient() => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_unavailable",
            "The database cannot be reached just now",
            "数据库暂时无法访问",
        ),
        _ => Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "The request could not be answered",
            "请求未能处理",
        ),
    }
}
