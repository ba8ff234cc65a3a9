//! `POST /api/v1/clues`: one clue or an array of them, as Bihuan's own records, over the log.

pub mod records;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::post;
use bihuan_contracts::record::ClueRecord;
use bihuan_contracts::schema::{ClueEvent, ClueRecords};
use bihuan_contracts::{DecodeError, Message, header, partition_of, topics, traceparent};
use bihuan_domain::code::SourceId;
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_mapping::Name;
use bihuan_runtime::problem::{Problem, Result, key_reused};
use bihuan_runtime::{Clock, body};
use bihuan_store::Store;
use bihuan_stream::Log;
use serde::Serialize;
use serde_json::Value;
use utoipa::{OpenApi, ToSchema};

use crate::handler::report_command;
use crate::names::Names;

const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// What is posted at once.
const BODY_LIMIT: usize = 8 << 20;
/// How long somebody may ask to wait.
const LONGEST_WAIT: u64 = 30;

/// How long the log may take to acknowledge.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells what became of a command, if it is known within the time; looks once, however short that is.
pub type Wait = Arc<
    dyn Fn(ClueId, CommandId, Duration) -> Pin<Box<dyn Future<Output = Option<Answer>> + Send>> + Send + Sync,
>;

/// It was decided on: what happened, and the clue's version right after it.
#[derive(Serialize, ToSchema)]
pub struct ReportOutcome {
    #[schema(value_type = Vec<ClueEvent>)]
    pub events: Vec<Value>,
    pub version: u32,
}

/// What became of a report.
pub enum Answer {
    Outcome(ReportOutcome),
    /// Another one was, under the same key.
    KeyReused,
}

/// What the route works with.
#[derive(Clone)]
pub struct Api {
    pub store: Store,
    pub log: Log,
    pub clock: Clock,
    pub wait: Wait,
    pub requests: Arc<AtomicU64>,
}

/// The route.
pub fn routes(api: Api) -> Router {
    let routes = Router::new().route("/api/v1/clues", post(report));
    body::limited(routes, BODY_LIMIT).with_state(api)
}

/// Its description, to be merged with those of other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(report))]
    struct Described;
    Described::openapi()
}

/// A report that is on the log.
#[derive(Serialize, ToSchema)]
struct Reported {
    #[schema(value_type = String, format = "uuid")]
    clue_id: ClueId,
    command_id: String,
    /// `accepted`, `done`, or of an item of an array `idempotency_key_reused`.
    status: &'static str,
    #[schema(required)]
    outcome: Option<ReportOutcome>,
}

#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Answers {
    One(Reported),
    Several(Vec<Reported>),
}

impl Answers {
    fn of(mut answers: Vec<Reported>, several: bool) -> Self {
        match answers.pop() {
            Some(one) if !several => Self::One(one),
            last => {
                answers.extend(last);
                Self::Several(answers)
            }
        }
    }
}

/// A record that was accepted.
struct Accepted {
    clue: ClueId,
    command: CommandId,
    /// The record, and the one that it names.
    names: (Name, Option<Name>),
}

/// Reports clues. They go through the log; with `Prefer: wait=5` the answer says what became of them.
#[utoipa::path(post, path = "/api/v1/clues", tag = "clues",
    params(
        ("Prefer" = Option<String>, Header, description = "`wait=5`: answer with the outcome, if it is there within so many seconds (at most 30)"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key is the same report of a clue: it is counted once. Another report of the clue under it is refused"),
    ),
    request_body(content = ClueRecords, description = "A clue or an array of clues; times are RFC 3339",
        example = json!({"source": "grid", "id": "7", "reported_at": "2026-01-05T08:00:00+08:00", "matter": "06001", "area": "330603001"})),
    responses(
        (status = 202, description = "Accepted; an array is answered with an array", body = Answers),
        (status = 200, description = "All decided on, to those who wait", body = Answers),
        (status = 400, description = "The body cannot be read: `code`, `field`", content_type = "application/problem+json", body = Problem),
        (status = 413, description = "The body is longer than 8 MiB", content_type = "application/problem+json", body = Problem),
        (status = 415, description = "The body is not said to be JSON", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "The Idempotency-Key was used for another report of the clue (`idempotency_key_reused`)", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The log cannot be reached", content_type = "application/problem+json", body = Problem),
    ))]
async fn report(
    State(api): State<Api>,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response> {
    let Json(body) = body?;
    let (items, several) = match &body {
        Value::Array(items) => (items.as_slice(), true),
        one => (std::slice::from_ref(one), false),
    };
    if items.is_empty() {
        let problem = Problem::new(
            StatusCode::BAD_REQUEST,
            "field_invalid",
            "the array is empty",
            "数组为空",
        );
        return Err(problem.detail("send at least one clue"));
    }
    let request = api.request(&headers);
    let mut accepted = Vec::with_capacity(items.len());
    let mut messages = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let (message, record) = api
            .message(item, &format!("{request}#{i}"))
            .map_err(|error| unreadable(&error, several.then_some(i)))?;
        messages.push(message);
        accepted.push(record);
    }
    api.lead(&mut accepted).await?;
    if headers.contains_key(IDEMPOTENCY_KEY) {
        for it in &accepted {
            if let Some(Answer::KeyReused) = (api.wait)(it.clue, it.command, Duration::ZERO).await {
                return Err(key_reused().with("clue_id", it.clue.to_string()));
            }
        }
    }
    api.publish(messages).await?;
    let asked_at = std::time::Instant::now();
    let wait = wait_of(&headers);
    let mut answers = Vec::with_capacity(accepted.len());
    for Accepted { clue, command, .. } in accepted {
        let outcome = match wait {
            Some(wait) => (api.wait)(clue, command, wait.saturating_sub(asked_at.elapsed())).await,
            None => None,
        };
        let (status, outcome) = match outcome {
            None => ("accepted", None),
            Some(Answer::Outcome(outcome)) => ("done", Some(outcome)),
            // sent at the same time; the others of the array hold
            Some(Answer::KeyReused) if several => (key_reused().code(), None),
            Some(Answer::KeyReused) => return Err(key_reused().with("clue_id", clue.to_string())),
        };
        answers.push(Reported {
            clue_id: clue,
            command_id: format!("{clue}~{command}"),
            status,
            outcome,
        });
    }
    let done = wait.is_some() && answers.iter().all(|answer| answer.outcome.is_some());
    let code = if done {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    Ok((code, Json(Answers::of(answers, several))).into_response())
}

impl Api {
    /// The sender's key, or one that no other request of this process has.
    fn request(&self, headers: &HeaderMap) -> String {
        if let Some(key) = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()) {
            return format!("key/{key}");
        }
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        format!("{}/{}/{count}", std::process::id(), self.clock.now().as_micros())
    }

    async fn publish(&self, messages: Vec<Message>) -> Result<()> {
        let published = tokio::time::timeout(PATIENCE, self.log.publish(messages)).await;
        let away = |detail: String| {
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "log_unavailable",
                "the log cannot be reached; try again",
                "日志不可用，请稍后重试",
            )
            .detail(detail)
        };
        published
            .map_err(|_| away("no acknowledgement in time".to_owned()))?
            .map_err(|error| away(error.to_string()))
    }

    /// Leads the records to the clues that they are of by what was read before.
    async fn lead(&self, accepted: &mut [Accepted]) -> Result<()> {
        let names = accepted.iter().map(|it| it.names.clone()).collect();
        let away = |error: bihuan_store::Error| {
            let (en, zh) = (
                "the store cannot be reached; try again",
                "数据库不可用，请稍后重试",
            );
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", en, zh).detail(error.to_string())
        };
        let clues = Names::foreseen(&self.store, names).await.map_err(away)?;
        for (it, clue) in accepted.iter_mut().zip(clues) {
            it.clue = clue;
        }
        Ok(())
    }

    fn message(&self, item: &Value, id: &str) -> std::result::Result<(Message, Accepted), DecodeError> {
        let record = ClueRecord::from_value(item)?;
        let invalid = |field: &str, detail: String| DecodeError {
            code: "field_invalid",
            field: Some(field.to_owned()),
            detail,
        };
        let clue = record.clue()?;
        if record.id.trim().is_empty() || record.id.len() > 256 || record.id.contains(char::is_control) {
            return Err(invalid(
                "id",
                "must be 1 to 256 characters without control characters".to_owned(),
            ));
        }
        let now = self.clock.now();
        // the clue belongs to the identity: a key used again for another clue is another report
        let id = &format!("{id}/{clue}");
        let origin = "/bihuan/http";
        let message = Message {
            topic: topics::CLUE_INBOUND.into(),
            partition: partition_of(clue, self.log.partitions()),
            key: clue.to_string().into_bytes(),
            headers: vec![
                (header::CE_SPECVERSION.into(), header::SPECVERSION.into()),
                (header::CE_ID.into(), id.as_str().into()),
                (header::CE_SOURCE.into(), origin.into()),
                (header::CE_TYPE.into(), ClueRecord::TYPE.into()),
                (header::CE_TIME.into(), now.to_string().into_bytes()),
                (header::CE_SUBJECT.into(), clue.to_string().into_bytes()),
                (
                    header::TRACEPARENT.into(),
                    traceparent(&clue.to_string(), id)
                        .unwrap_or_default()
                        .into_bytes(),
                ),
                (header::CONTENT_TYPE.into(), header::PROTOBUF.into()),
                (
                    header::RECEIVED_AT.into(),
                    now.as_micros().to_string().into_bytes(),
                ),
            ],
            payload: record.encode(),
        };
        let content = Digest::of([message.payload.as_slice()]);
        let command = report_command(RecordId::of_cloud_event(origin, id), message.partition).asking(content);
        let own = name(&record.source, &record.id).ok_or_else(|| invalid("source", String::new()))?;
        let other = record.named();
        let names = (own, other.and_then(|(source, id)| name(source?, id)));
        let accepted = Accepted { clue, command, names };
        Ok((message, accepted))
    }
}

fn name(source: &str, id: &str) -> Option<Name> {
    let source = SourceId::new(source).ok()?;
    // no database keeps NUL; a record with one is put away when it is read
    Some(Name::new(&source, &id.trim().replace('\0', "\u{fffd}")))
}

fn wait_of(headers: &HeaderMap) -> Option<Duration> {
    let prefer = headers.get("prefer")?.to_str().ok()?;
    let wait = prefer
        .split(',')
        .find_map(|part| part.trim().strip_prefix("wait="))?;
    wait.parse()
        .ok()
        .map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WAIT)))
}

fn unreadable(error: &DecodeError, item: Option<usize>) -> Problem {
    let problem = Problem::new(
        StatusCode::BAD_REQUEST,
        error.code,
        "the clue cannot be read",
        "无法读取该线索",
    )
    .detail(error.detail.clone());
    let field = match (item, &error.field) {
        (Some(i), Some(field)) => Some(format!("[{i}].{field}")),
        (Some(i), None) => Some(format!("[{i}]")),
        (None, field) => field.clone(),
    };
    match field {
        Some(field) => problem.with("field", field),
        None => problem,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn sent(item: &Value, id: &str) -> (String, CommandId) {
        let directory = tempfile::tempdir().expect("a folder");
        let api = Api {
            store: Store::sqlite(directory.path()).await.expect("opened"),
            log: Log::Fed(bihuan_stream::FedLog::new(1, 1).0),
            clock: Clock::wall(),
            wait: Arc::new(|_, _, _| Box::pin(async { None })),
            requests: Arc::default(),
        };
        let (message, accepted) = api.message(item, id).expect("a clue");
        let id = message.header(header::CE_ID).expect("an id").to_vec();
        (String::from_utf8(id).expect("text"), accepted.command)
    }

    #[tokio::test]
    async fn a_key_used_for_two_clues_is_two_reports_and_for_one_clue_one() {
        let [first, second] = ["1", "2"].map(|id| json!({"source": "grid", "id": id}));
        assert_eq!(sent(&first, "key/k#0").await, sent(&first, "key/k#0").await);
        let (one, other) = (sent(&first, "key/k#0").await, sent(&second, "key/k#0").await);
        assert_ne!(one.0, other.0);
        assert_ne!(one.1, other.1);
        let changed = json!({"source": "grid", "id": "1", "title": "another"});
        let (changed, unkeyed) = (sent(&changed, "key/k#0").await, sent(&first, "1/2/3").await);
        assert!(
            changed.0 == one.0 && changed.1.contradicts(one.1),
            "another report"
        );
        assert!(!unkeyed.1.contradicts(one.1));
    }
}
