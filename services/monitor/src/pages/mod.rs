//! Pages for the staff who watch closure rates: every figure with both its sides, leading to the clues behind it.
//!
//! Rendered here, without a build of their own; scripts only draw charts and fetch the next rows of a list. What a page shows is
//! computed by the functions that the API answers from. Everything is escaped by the templates, and nobody's identity is shown:
//! there is none in what pages read.

mod accounts;
mod address;
mod agencies;
mod agenda;
mod asked;
mod assets;
mod clocks;
mod clue;
mod clues;
mod disputes;
mod drill;
mod figure;
mod labels;
mod ladder;
mod listed;
mod notices;
mod overview;
mod quarantine;
mod reconcile;
mod report;
mod rulebook;
mod shadow;
mod tasks;
mod times;
mod triage;
mod versions;
mod visitor;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::routing::get;
use axum::{Extension, Router};
use bihuan_runtime::Problem;

use crate::Error;
use crate::routes::Api;
use crate::routes::rulebook::unusable;

/// What the pages read from.
#[derive(Clone)]
struct Pages {
    api: Api,
    overview: Arc<overview::Cache>,
}

/// The pages and what they load, at the root of a server.
pub fn routes(api: Api) -> Router {
    let in_shadow = visitor::InShadow(api.shadow);
    let pages = Pages {
        api,
        overview: Arc::default(),
    };
    Router::new()
        .route("/", get(overview::page))
        .route("/clues", get(clues::page))
        .route("/clues/{id}", get(clue::page))
        .route("/disputes", get(disputes::page))
        .route("/disputes/report", get(disputes::report))
        .route("/disputes/{id}", get(disputes::one))
        .route("/notices", get(notices::page))
        .route("/tasks", get(tasks::page))
        .route("/disputes/agenda", get(agenda::page))
        .route("/report", get(report::page))
        .route("/shadow", get(shadow::page))
        .route("/triage", get(triage::page))
        .route("/rulebook", get(rulebook::page))
        .route("/rulebook/versions", get(versions::list))
        .route("/rulebook/diff", get(versions::diff))
        .route("/quarantine", get(quarantine::list))
        .route("/quarantine/{id}", get(quarantine::one))
        .route("/accounts", get(accounts::page))
        .route("/reconcile", get(reconcile::list))
        .route("/reconcile/{source}", get(reconcile::one))
        .layer(Extension(in_shadow))
        .with_state(pages)
        .route("/assets/{digest}/{name}", get(assets::serve))
}

type Result<T, E = Problem> = std::result::Result<T, E>;

/// Logged here, once.
fn failed(error: &Error) -> Problem {
    tracing::error!(error = %error, "a page could not be made");
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
            "The page could not be made",
            "页面无法生成",
        ),
    }
}
