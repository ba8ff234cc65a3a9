//! `POST /api/v1/clues/{id}/commands`, `GET /api/v1/commands/{id}`, `GET /api/v1/clues/{id}/events`.
//!
//! There is no authentication: whom the body names as actor is believed, which is why the server listens on loopback only.

use std::time::Duration;

use axum::Router;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use bihuan_contracts::command::{Request, from_json};
use bihuan_contracts::schema::ClueCommand;
use bihuan_domain::clue::{Actor, Event, Role};
use bihuan_domain::id::ClueId;
use bihuan_runtime::language::Preferred;
use bihuan_runtime::problem::{Problem, Result, not_a_command, two_versions};
use bihuan_runtime::{Asked, body};
use serde_json::Value;
use utoipa::OpenApi;

use crate::parked::Waiting;

use super::shown::{Accepted, Became, Discard, Discarding, Done, History, Pending, shown};
use super::{Commands, LookUp, Outcome, Submitted, Ticket, find, problems};

/// A command is codes and a remark; evidence travels as references.
const BODY_LIMIT: usize = 64 * 1024;

/// What the routes work with.
#[derive(Clone)]
pub struct Api {
    pub commands: Commands,
    pub look_up: LookUp,
}

/// The writing half of the HTTP API, and a clue's events.
pub fn routes(api: Api) -> Router {
    let routes = Router::new()
        .route("/api/v1/clues/{id}/commands", post(submit))
        .route("/api/v1/clues/{id}/events", get(events))
        .route("/api/v1/commands/{id}", get(command))
        .route("/api/v1/parked", get(parked))
        .route("/api/v1/parked/{id}/discard", post(discard));
    body::limited(routes, BODY_LIMIT).with_state(api)
}

/// The description of these routes, to be merged with those of other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(submit, command, events, parked, discard))]
    struct Described;
    Described::openapi()
}

impl Api {
    async fn clue(&self, name: &str) -> Result<ClueId> {
        let found = find(name, &self.look_up)
            .await
            .map_err(|error| problems::of_store(&error))?;
        found.ok_or_else(|| problems::clue_unknown(name))
    }
}

/// Asks something of a clue. The command goes through the log; with `Prefer: wait=5` the answer says what became of it.
#[utoipa::path(post, path = "/api/v1/clues/{id}/commands", tag = "clues",
    params(
        ("id" = String, Path, description = "The clue's id, its number, or source/source-id (with the slash as %2F)"),
        ("Prefer" = Option<String>, Header, description = "`wait=5`: answer with the outcome, if it is there within so many seconds (at most 30)"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key for the same clue is the same command: it is carried out once, and another request under it is refused"),
        ("If-Match" = Option<String>, Header, description = "`\"7\"`: refuse unless the clue is at this version"),
    ),
    request_body(content = ClueCommand, description = "`type` (acknowledge_clue, request_return, resolve_clue …) with the fields of that type, and perhaps `actor`, `expected_version`, `occurred_at`, `remark`",
        example = json!({"type": "request_return", "reason": "…", "duty": "…", "proposed": "…", "actor": {"role": "agency", "agency": "…"}})),
    responses(
        (status = 202, description = "Accepted; Location says where the outcome will be", body = Accepted),
        (status = 200, description = "Done, to those who wait", body = Done),
        (status = 400, description = "The address, the body or a header cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "There is no such clue", content_type = "application/problem+json", body = Problem),
        (status = 409, description = "Refused, to those who wait: `code` says why", content_type = "application/problem+json", body = Problem),
        (status = 412, description = "The clue is at another version, to those who wait", content_type = "application/problem+json", body = Problem),
        (status = 413, description = "The body is longer than 64 KiB", content_type = "application/problem+json", body = Problem),
        (status = 415, description = "The body is not said to be JSON", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "The Idempotency-Key was used for another request (`idempotency_key_reused`)", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The log or the store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn submit(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let asked = Asked::read(&headers)?;
    let Json(body) = body?;
    let request = from_json(api.clue(&id).await?, &body)
        .map_err(|error| not_a_command(error.code, error.field.as_deref(), &error.detail))?;
    let request = Request {
        expected_version: version(&request, &asked)?,
        ..request
    };
    let submitted = api
        .commands
        .submit(request, asked.key.as_deref(), asked.wait)
        .await;
    answer(
        &submitted.map_err(|error| problems::of_submit(&error))?,
        asked.wait,
    )
}

/// Header and body may both say it, if they say the same.
fn version(request: &Request, asked: &Asked) -> Result<Option<u32>> {
    match (request.expected_version, asked.version) {
        (Some(body), Some(header)) if body != header => Err(two_versions()),
        (body, header) => Ok(body.or(header)),
    }
}

fn answer(submitted: &Submitted, waited: Duration) -> Result<Response> {
    let ticket = submitted.ticket;
    let mut response = match &submitted.outcome {
        None => accepted(ticket),
        Some(outcome @ Outcome::Rejected { rejection, .. }) => {
            return Err(problems::rejected(rejection, ticket, outcome.version()));
        }
        Some(outcome) => (
            StatusCode::OK,
            etag(outcome.version()),
            Json(Done::of(ticket, outcome)),
        )
            .into_response(),
    };
    if let (false, Ok(applied)) = (waited.is_zero(), format!("wait={}", waited.as_secs()).parse()) {
        response.headers_mut().insert("preference-applied", applied);
    }
    Ok(response)
}

fn accepted(ticket: Ticket) -> Response {
    let location = format!("/api/v1/commands/{ticket}");
    let body = Accepted {
        command_id: ticket.to_string(),
        clue_id: ticket.clue,
        status: "accepted",
        location: location.clone(),
    };
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(body)).into_response()
}

fn etag(version: u32) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}

/// What became of a command. One that never was sent is pending for ever.
#[utoipa::path(get, path = "/api/v1/commands/{id}", tag = "clues",
    params(("id" = String, Path, description = "The `command_id` of the answer to the request")),
    responses(
        (status = 200, description = "What became of it", body = Became),
        (status = 202, description = "Nothing yet", body = Pending),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "Not the id of a command", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "Its Idempotency-Key was used for another request, which came first", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn command(
    State(api): State<Api>,
    Preferred(lang): Preferred,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let ticket: Ticket = id.parse().map_err(|_| problems::command_unknown())?;
    let outcome = api
        .commands
        .outcome(ticket)
        .await
        .map_err(|error| problems::of_submit(&error))?;
    let Some(outcome) = outcome else {
        let body = Pending {
            command_id: ticket.to_string(),
            clue_id: ticket.clue,
            status: "pending",
        };
        return Ok((StatusCode::ACCEPTED, [(header::RETRY_AFTER, "1")], Json(body)).into_response());
    };
    Ok(Json(Became::of(ticket, &outcome, lang)).into_response())
}

/// Everything that happened to a clue, oldest first, refused commands included. The free text is elsewhere.
#[utoipa::path(get, path = "/api/v1/clues/{id}/events", tag = "clues",
    params(("id" = String, Path, description = "The clue's id, its number, or source/source-id (with the slash as %2F)")),
    responses(
        (status = 200, description = "The events; the clue's `version` is the ETag too", body = History),
        (status = 400, description = "The address cannot be read", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "There is no such clue", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn events(State(api): State<Api>, id: Result<Path<String>, PathRejection>) -> Result<Response> {
    let Path(id) = id?;
    let clue = api.clue(&id).await?;
    let history = api
        .commands
        .history(clue)
        .await
        .map_err(|error| problems::of_store(&error))?;
    if !history
        .iter()
        .any(|it| matches!(it.event, Event::ClueReported { .. }))
    {
        return Err(problems::clue_unknown(&id));
    }
    let version = history.last().map_or(0, |it| it.version);
    let body = History {
        clue_id: clue,
        version,
        events: shown(&history),
    };
    Ok((etag(version), Json(body)).into_response())
}

/// Feedback that came before its clue was dispatched, and waits for that: how much, and the oldest of it.
#[utoipa::path(get, path = "/api/v1/parked", tag = "clues",
    responses(
        (status = 200, description = "What waits", body = Waiting),
        (status = 503, description = "The store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn parked(State(api): State<Api>) -> Result<Json<Waiting>> {
    let waiting = api.commands.parked().await;
    Ok(Json(waiting.map_err(|error| problems::of_store(&error))?))
}

/// Gives up feedback that waits for a clue which never comes: it is journalled who did it and why, and it is not decided.
#[utoipa::path(post, path = "/api/v1/parked/{id}/discard", tag = "clues",
    params(("id" = String, Path, description = "The `command_id` in the list of what waits")),
    request_body(content = Discard, example = json!({"reason": "the platform sent it for another city", "person": "7"})),
    responses(
        (status = 202, description = "Asked for: it waits no longer as soon as lifecycle has read it", body = Discarding),
        (status = 400, description = "The address or the body cannot be read, or it does not say why", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "Nothing of that id waits (`parked_unknown`)", content_type = "application/problem+json", body = Problem),
        (status = 415, description = "The body is not said to be JSON", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The log or the store cannot be reached", content_type = "application/problem+json", body = Problem),
    )
)]
async fn discard(
    State(api): State<Api>,
    id: Result<Path<String>, PathRejection>,
    body: Result<Json<Discard>, JsonRejection>,
) -> Result<Response> {
    let Path(id) = id?;
    let Json(Discard { reason, person }) = body?;
    let reason = reason.trim().to_owned();
    if reason.is_empty() {
        return Err(problems::no_reason());
    }
    let ticket: Ticket = id.parse().map_err(|_| problems::parked_unknown())?;
    let actor = person.map(|person| Actor {
        person: Some(person),
        ..Actor::service(Role::Operator)
    });
    let waited = api.commands.discard(ticket, reason, actor).await;
    if !waited.map_err(|error| problems::of_submit(&error))? {
        return Err(problems::parked_unknown());
    }
    let body = Discarding {
        command_id: ticket.to_string(),
        status: "accepted",
    };
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}
