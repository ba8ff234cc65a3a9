//! `GET /api/v1/disputes`, `GET /api/v1/disputes/{id}`, `POST /api/v1/disputes/{id}/commands`,
//! `GET /api/v1/disputes/{id}/commands/{command}`.
//!
//! There is no authentication: whom the body names as actor is believed, which is why the server listens on loopback only.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use bihuan_contracts::dispute::{Request, from_json};
use bihuan_contracts::schema::{Dispute, DisputeCommand};
use bihuan_domain::id::{ClueId, DisputeId};
use bihuan_domain::lang::Lang;
use bihuan_rulebook::Library;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result, not_a_command, two_versions};
use bihuan_runtime::{Asked, Clock, body};
use bihuan_store::Store;
use serde_json::Value;
use utoipa::OpenApi;

use super::answered::{Accepted, Became, Page};
use super::asked::Listed;
use super::{Commands, Outcome, Submitted, Ticket, Told, problems, summary};
use crate::shown::{Cursor, page, show};

/// A command is codes and a remark; papers travel as references.
const BODY_LIMIT: usize = 64 * 1024;

/// Finds a clue by its id, its number, or what a platform calls it.
pub type FindClue = Arc<dyn Fn(String) -> Finding + Send + Sync>;

/// What the precedent of a dispute dispatched since: `count` and the newest `clues`, named in a language.
pub type Routed = Arc<dyn Fn(DisputeId, Lang) -> Counting + Send + Sync>;

type Counting = Pin<Box<dyn Future<Output = bihuan_store::Result<Value>> + Send>>;

type Finding = Pin<Box<dyn Future<Output = bihuan_store::Result<Option<ClueId>>> + Send>>;

/// What the routes work with.
#[derive(Clone)]
pub struct Api {
    pub commands: Commands,
    pub store: Store,
    pub library: Library,
    pub clock: Clock,
    pub find_clue: FindClue,
    pub routed: Routed,
}

pub fn routes(api: Api) -> Router {
    let routes = Router::new()
        .route("/api/v1/disputes", get(listed))
        .route("/api/v1/disputes/{id}", get(one))
        .route("/api/v1/disputes/{id}/commands", post(submit))
        .route("/api/v1/disputes/{id}/commands/{command}", get(command));
    body::limited(routes, BODY_LIMIT).with_state(api)
}

/// The description of these routes, to be merged with those of other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(listed, one, submit, command))]
    struct Described;
    Described::openapi()
}

impl Api {
    /// The dispute that `name` means, and the clue that it is over.
    async fn dispute(&self, name: &str) -> Result<(DisputeId, ClueId)> {
        let unknown = || problems::dispute_unknown(name);
        let id: DisputeId = name.parse().map_err(|_| unknown())?;
        let found = show(&self.store, id)
            .await
            .map_err(|error| problems::of_store(&error))?;
        let shown = found.ok_or_else(unknown)?;
        Ok((id, shown.dispute.opening.clue))
    }
}

/// Disputes over duty: the open ones by until when their step may take, then those that have ended.
#[utoipa::path(get, path = "/api/v1/disputes", tag = "disputes", params(Listed),
    responses(
        (status = 200, description = "A page of them", body = Page),
        (status = 400, description = "A parameter is wrong", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn listed(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    listed: Result<Query<Listed>, QueryRejection>,
) -> Result<Json<Page>> {
    let Query(listed) = listed?;
    let mut asked = listed.asked()?;
    let named = listed.clue.filter(|name| !name.trim().is_empty());
    if let Some(name) = named {
        let found = (api.find_clue)(name).await;
        asked.filter.clue = found.map_err(|error| problems::of_store(&error))?;
        if asked.filter.clue.is_none() {
            let (disputes, next) = (Vec::new(), None);
            return Ok(Json(Page { disputes, next }));
        }
    }
    let found = page(&api.store, &asked.filter, asked.after, asked.limit + 1).await;
    let mut found = found.map_err(|error| problems::of_store(&error))?;
    let more = found.len() > asked.limit as usize;
    found.truncate(asked.limit as usize);
    let next = found.last().filter(|_| more);
    let next = next.map(|it| Cursor::from(&it.dispute).to_string());
    let rulebook = api.library.active(api.clock.now()).await;
    let rulebook = rulebook.map_err(|error| problems::of_library(&error))?;
    let disputes = found.iter().map(|it| summary(it, rulebook.rulebook(), lang));
    Ok(Json(Page {
        disputes: disputes.collect(),
        next,
    }))
}

/// How a dispute stands, what can be asked of it now and by whom, until when its step may take and why then, what happened, the duty
/// that it proposes (`precedent`) and which clues were dispatched by that since (`routed`).
#[utoipa::path(get, path = "/api/v1/disputes/{id}", tag = "disputes",
    params(("id" = String, Path, description = "The dispute's id")),
    responses(
        (status = 200, description = "The dispute; its `version` is the ETag too", body = Dispute),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "There is no such dispute", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn one(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let unknown = || problems::dispute_unknown(&id);
    let dispute: DisputeId = id.parse().map_err(|_| unknown())?;
    let told = Told::read(&api.store, &api.library, dispute, api.clock.now()).await;
    let told = told.map_err(|error| problems::of_library(&error))?;
    let told = told.ok_or_else(unknown)?;
    let mut shown = told.to_json(lang);
    let routed = (api.routed)(dispute, lang).await;
    shown["routed"] = routed.map_err(|error| problems::of_store(&error))?;
    Ok((etag(told.shown.version), Json(shown)).into_response())
}

/// Asks something of a dispute. The command goes through the log; with `Prefer: wait=5` the answer says what became of it. A dispute
/// is raised by a command about its clue, `raise_dispute`.
#[utoipa::path(post, path = "/api/v1/disputes/{id}/commands", tag = "disputes",
    params(
        ("id" = String, Path, description = "The dispute's id"),
        ("Prefer" = Option<String>, Header, description = "`wait=5`: answer with the outcome, if it is there within so many seconds (at most 30)"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key for the same dispute is the same command: it is carried out once, and another request under it is refused"),
        ("If-Match" = Option<String>, Header, description = "`\"7\"`: refuse unless the dispute is at this version"),
    ),
    request_body(content = DisputeCommand, description = "`type` (record_minutes, apply, give_opinion, decide_dispute …) with the fields of that type, and perhaps `actor`, `expected_version`, `occurred_at`, `remark`",
        example = json!({"type": "give_opinion", "agency": "…", "opinion": {"reference": "…", "digest": "…"}, "actor": {"role": "coordinator", "agency": "…"}})),
    responses(
        (status = 202, description = "Accepted; Location says where the outcome will be", body = Accepted),
        (status = 200, description = "Done, to those who wait", body = Became),
        (status = 400, description = "The address, the body or a header cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "There is no such dispute", content_type = "application/problem+json", body = Problem),
        (status = 409, description = "Refused, to those who wait: `code` says why", content_type = "application/problem+json", body = Problem),
        (status = 412, description = "The dispute is at another version, to those who wait", content_type = "application/problem+json", body = Problem),
        (status = 413, description = "The body is longer than 64 KiB", content_type = "application/problem+json", body = Problem),
        (status = 415, description = "The body is not said to be JSON", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "The Idempotency-Key was used for another request (`idempotency_key_reused`)", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The log or the store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn submit(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let asked = Asked::read(&headers)?;
    let Json(body) = body?;
    let (dispute, clue) = api.dispute(&id).await?;
    let request = from_json(dispute, &body)
        .map_err(|error| not_a_command(error.code, error.field.as_deref(), &error.detail))?;
    let expected_version = match (request.expected_version, asked.version) {
        (Some(body), Some(header)) if body != header => return Err(two_versions()),
        (body, header) => body.or(header),
    };
    let request = Request {
        expected_version,
        ..request
    };
    let submitted = api
        .commands
        .submit((clue, request), asked.key.as_deref(), asked.wait)
        .await
        .map_err(|error| problems::of_submit(&error))?;
    let mut response = match submitted {
        Submitted {
            ticket,
            outcome: None,
        } => accepted(ticket),
        Submitted {
            ticket,
            outcome: Some(outcome),
        } => answered(ticket, &outcome, Became::of(ticket, &outcome, lang))?,
    };
    applied(&mut response, asked.wait);
    Ok(response)
}

fn answered(ticket: Ticket, outcome: &Outcome, became: Became) -> Result<Response> {
    match outcome {
        Outcome::Rejected { rejection, .. } => Err(problems::rejected(rejection, ticket, outcome.version())),
        Outcome::Done(_) => Ok((etag(outcome.version()), Json(became)).into_response()),
    }
}

fn accepted(ticket: Ticket) -> Response {
    let body = Accepted::of(ticket, "accepted");
    let location = body.location.clone();
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(body)).into_response()
}

fn applied(response: &mut Response, waited: Duration) {
    if let (false, Ok(applied)) = (waited.is_zero(), format!("wait={}", waited.as_secs()).parse()) {
        response.headers_mut().insert("preference-applied", applied);
    }
}

fn etag(version: u32) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// What became of a command. One that never was sent is pending for ever.
#[utoipa::path(get, path = "/api/v1/disputes/{id}/commands/{command}", tag = "disputes",
    params(
        ("id" = String, Path, description = "The dispute's id"),
        ("command" = String, Path, description = "The `command_id` of the answer to the request"),
    ),
    responses(
        (status = 200, description = "What became of it", body = Became),
        (status = 202, description = "Nothing yet", body = Accepted),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "Not the id of a command about this dispute", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "Its Idempotency-Key was used for another request, which came first", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn command(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Response> {
    let Path((id, command)) = path?;
    let ticket: Ticket = command.parse().map_err(|_| problems::command_unknown())?;
    if id.parse() != Ok(ticket.dispute) {
        return Err(problems::command_unknown());
    }
    let outcome = api.commands.outcome(ticket).await;
    let Some(outcome) = outcome.map_err(|error| problems::of_submit(&error))? else {
        let body = Accepted::of(ticket, "pending");
        return Ok((StatusCode::ACCEPTED, [(header::RETRY_AFTER, "1")], Json(body)).into_response());
    };
    Ok(Json(Became::of(ticket, &outcome, lang)).into_response())
}
