//! `POST /api/v1/sources/{source}/records`: records of a configured platform in its own form, read by its mapping.
//!
//! What is answered of a record is what intake will say of it: the same mapping, under the rulebook that is active now.

#![expect(
    clippy::result_large_err,
    reason = "a problem is made once a request, and only when that fails"
)]

use std::collections::{BTreeMap, HashSet};
use std::io::Cursor;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Json, Response};
use axum::routing::post;
use bihuan_contracts::{Message, partition_of};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId, RecordId};
use bihuan_domain::routing::CompiledRulebook;
use bihuan_domain::time::Timestamp;
use bihuan_mapping::{Mapping, Outcome};
use bihuan_rulebook::Library;
use bihuan_runtime::body;
use bihuan_runtime::problem::{Problem, Result, key_reused};
use bihuan_store::Store;
use serde::Serialize;
use utoipa::{OpenApi, ToSchema};

use super::{Answer, BODY_LIMIT, IDEMPOTENCY_KEY, ReportOutcome, wait_of};
use crate::feedback;
use crate::handler::report_command;
use crate::import::{self, Cut, Document, Identity, Import, ImportError};
use crate::names::Names;

/// Whoever posts tables chooses their header rows.
const MAX_REMEMBERED: usize = 1_000;

/// What the route works with.
#[derive(Clone)]
pub struct Api {
    pub reports: super::Api,
    pub store: Store,
    pub library: Library,
    /// What the records of each configured platform mean.
    pub platforms: Arc<[Arc<Mapping>]>,
    /// Mappings and header rows that this process has stored.
    pub remembered: Arc<Mutex<HashSet<String>>>,
}

/// The route.
pub fn routes(api: Api) -> Router {
    let routes = Router::new().route("/api/v1/sources/{source}/records", post(submit));
    body::limited(routes, BODY_LIMIT).with_state(api)
}

/// Its description, to be merged with those of other services.
pub fn openapi() -> utoipa::openapi::OpenApi {
    #[derive(OpenApi)]
    #[openapi(paths(submit))]
    struct Described;
    Described::openapi()
}

/// What became of a body.
#[derive(Serialize, ToSchema)]
struct PostedRecords {
    source: String,
    /// Records in the body.
    received: usize,
    /// Of these, by what they are: `report`, `deletion`, `feedback`, `skipped`, `quarantined`.
    counts: BTreeMap<&'static str, usize>,
    records: Vec<PostedRecord>,
}

/// What became of one record of a body.
#[derive(Serialize, ToSchema)]
struct PostedRecord {
    #[schema(value_type = String, format = "uuid")]
    record_id: RecordId,
    /// `report`, `deletion`, `feedback`, `skipped` or `quarantined`.
    kind: &'static str,
    /// `accepted`; to those who wait `done`, or `refused` for feedback that was; `idempotency_key_reused`.
    status: &'static str,
    /// Why it is quarantined.
    #[schema(required)]
    reason: Option<&'static str>,
    /// What is at fault in it.
    #[schema(required)]
    field: Option<String>,
    #[schema(required, value_type = Option<String>, format = "uuid")]
    clue_id: Option<ClueId>,
    #[schema(required)]
    command_id: Option<String>,
    #[schema(required)]
    outcome: Option<ReportOutcome>,
}

/// A record that goes to the log.
struct Sent {
    message: Message,
    record: PostedRecord,
    command: Option<(ClueId, CommandId)>,
}

/// Takes records in the platform's own form. They go through the log as those of its topic do; with `Prefer: wait=5` the answer
/// says what became of them.
#[utoipa::path(post, path = "/api/v1/sources/{source}/records", tag = "clues",
    params(
        ("source" = String, Path, description = "The `source` of a mapping of the configuration (`[[intake.source]]`)"),
        ("Prefer" = Option<String>, Header, description = "`wait=5`: answer with the outcomes, if they are there within so many seconds (at most 30)"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key is the same records: they are counted once. Others for the same clues under it are refused"),
    ),
    request_body(content = Vec<Object>, description = "One record or several, in the format that the mapping names: JSON of any form, or CSV with its header"),
    responses(
        (status = 202, description = "Accepted: each record with its id and what it is", body = PostedRecords),
        (status = 200, description = "All decided on, to those who wait", body = PostedRecords),
        (status = 400, description = "There is no record in the body, or it does not fit the mapping", content_type = "application/problem+json", body = Problem),
        (status = 404, description = "No such source is configured (`source_unknown`)", content_type = "application/problem+json", body = Problem),
        (status = 409, description = "Several mappings are configured for the source (`source_ambiguous`)", content_type = "application/problem+json", body = Problem),
        (status = 413, description = "The body is longer than 8 MiB", content_type = "application/problem+json", body = Problem),
        (status = 422, description = "The Idempotency-Key was used for other records of a clue (`idempotency_key_reused`)", content_type = "application/problem+json", body = Problem),
        (status = 503, description = "The log or the store cannot be reached", content_type = "application/problem+json", body = Problem),
    ))]
async fn submit(
    State(api): State<Api>,
    source: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response> {
    let Path(source) = source?;
    let mapping = api.mapping(&source)?;
    let body = body.map_err(|error| unreadable(error.to_string()))?;
    let sent = api.read(&mapping, body, &api.reports.request(&headers)).await?;
    if headers.contains_key(IDEMPOTENCY_KEY) {
        api.unused(&sent).await?;
    }
    let (messages, sent): (Vec<_>, Vec<_>) = sent
        .into_iter()
        .map(|it| (it.message, (it.record, it.command)))
        .unzip();
    api.reports.publish(messages).await?;
    let records = api.answers(sent, wait_of(&headers)).await;
    let mut counts = BTreeMap::new();
    for record in &records {
        *counts.entry(record.kind).or_default() += 1;
    }
    let is_done = |record: &PostedRecord| record.command_id.is_none() || record.outcome.is_some();
    let status = if wait_of(&headers).is_some() && records.iter().all(is_done) {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let received = PostedRecords {
        source,
        received: records.len(),
        counts,
        records,
    };
    Ok((status, Json(received)).into_response())
}

impl Api {
    fn mapping(&self, source: &str) -> Result<Arc<Mapping>> {
        let mut found = self.platforms.iter().filter(|it| it.source().as_str() == source);
        match (found.next(), found.next()) {
            (Some(mapping), None) => Ok(mapping.clone()),
            (None, _) => Err(Problem::new(
                StatusCode::NOT_FOUND,
                "source_unknown",
                "No such source is configured",
                "没有配置该来源",
            )
            .details(
                "name its mapping in [[intake.source]] of the configuration, and post to a process that runs intake",
                "请在配置的 [[intake.source]] 中写明其映射，并向运行 intake 的进程提交",
            )),
            (Some(_), Some(_)) => Err(Problem::new(
                StatusCode::CONFLICT,
                "source_ambiguous",
                "Several mappings are configured for the source",
                "该来源配置了多个映射",
            )
            .details(
                "give what is posted here a source of its own in its mapping",
                "请在映射中为经此提交的记录另起 source",
            )),
        }
    }

    /// Cuts the body and reads each record as intake will.
    async fn read(&self, mapping: &Mapping, body: Bytes, request: &str) -> Result<Vec<Sent>> {
        let now = self.reports.clock.now();
        let rulebook = self.library.active(now).await.map_err(|error| away(&error))?;
        let digest = hex::encode(&Digest::of([&body[..]]).0[..16]);
        let mut file = Import::of(Cursor::new(body), digest, mapping).map_err(|error| misfit(&error))?;
        self.remember(file.documents()).await?;
        let reader = Reader {
            mapping,
            rulebook: &rulebook,
            partitions: self.reports.log.partitions(),
            now: self.reports.clock.now(),
        };
        let mut read = Vec::new();
        while let Some(cut) = file.next() {
            let cut = cut.map_err(|error| unreadable(error.to_string()))?;
            let outcome = file.outcome(&cut, reader.rulebook, file.receipt(&cut, reader.now, false));
            read.push((clue_of(&outcome), cut, outcome));
        }
        if read.is_empty() {
            return Err(unreadable("there is no record in it"));
        }
        let mut said: Vec<_> = read.iter_mut().map(|(_, _, it)| (Some(mapping), it)).collect();
        Names::foresee(&self.store, &mut said)
            .await
            .map_err(|error| away(&error))?;
        let sent = read.into_iter().map(|(named, cut, outcome)| {
            let request = format!("{request}#{}", cut.ordinal);
            reader.sent(&file, &cut, (named, outcome), &request)
        });
        Ok(sent.collect())
    }

    /// Stores what the records name, once.
    async fn remember(&self, documents: Vec<Document>) -> Result<()> {
        let known = |all: &HashSet<String>| documents.iter().all(|it| all.contains(&it.digest));
        if self.remembered.lock().is_ok_and(|all| known(&all)) {
            return Ok(());
        }
        import::put(&self.store, &documents)
            .await
            .map_err(|error| away(&error))?;
        if let Ok(mut all) = self.remembered.lock() {
            if all.len() >= MAX_REMEMBERED {
                all.clear();
            }
            all.extend(documents.into_iter().map(|it| it.digest));
        }
        Ok(())
    }

    /// None of the commands was sent before with something else in it.
    async fn unused(&self, sent: &[Sent]) -> Result<()> {
        for (clue, command) in sent.iter().filter_map(|it| it.command) {
            if let Some(Answer::KeyReused) = (self.reports.wait)(clue, command, Duration::ZERO).await {
                return Err(key_reused().with("clue_id", clue.to_string()));
            }
        }
        Ok(())
    }

    async fn answers(
        &self,
        sent: Vec<(PostedRecord, Option<(ClueId, CommandId)>)>,
        wait: Option<Duration>,
    ) -> Vec<PostedRecord> {
        let asked_at = Instant::now();
        let mut records = Vec::with_capacity(sent.len());
        for (mut record, command) in sent {
            if let (Some(wait), Some((clue, command))) = (wait, command) {
                let left = wait.saturating_sub(asked_at.elapsed());
                match (self.reports.wait)(clue, command, left).await {
                    None => {}
                    Some(Answer::KeyReused) => record.status = key_reused().code(),
                    Some(Answer::Outcome(outcome)) => {
                        let refused = outcome
                            .events
                            .iter()
                            .any(|event| event["type"] == "CommandRejected");
                        record.status = if refused { "refused" } else { "done" };
                        record.outcome = Some(outcome);
                    }
                }
            }
            records.push(record);
        }
        records
    }
}

/// Reads records as intake does.
struct Reader<'a> {
    mapping: &'a Mapping,
    rulebook: &'a CompiledRulebook,
    partitions: u32,
    now: Timestamp,
}

impl Reader<'_> {
    /// `named`: the clue by what the record itself says, which what was read before does not change.
    fn sent(
        &self,
        file: &Import<'_>,
        cut: &Cut,
        (named, outcome): (Option<ClueId>, Outcome),
        request: &str,
    ) -> Sent {
        let clue = clue_of(&outcome);
        let identity = self.identity(cut, named, request);
        let record_id = RecordId::of_cloud_event(&identity.source, &identity.id);
        // what a platform says of one clue keeps its order
        let partition = named.map_or_else(|| self.lane(), |clue| partition_of(clue, self.partitions));
        let message = file.carried(cut, &identity, partition, self.now);
        let content = Digest::of([message.payload.as_slice()]);
        let of_record = report_command(record_id, partition).asking(content);
        let (kind, reason, field, id) = match outcome {
            Outcome::Clue { .. } => ("report", None, None, of_record),
            Outcome::Deleted { .. } => ("deletion", None, None, of_record),
            Outcome::Feedback(said) => {
                let id = feedback::command_id(self.mapping.source(), said.id.as_deref(), of_record);
                ("feedback", None, None, id)
            }
            Outcome::Skipped => ("skipped", None, None, of_record),
            Outcome::Quarantine { reason, field } => ("quarantined", Some(reason), field, of_record),
        };
        let command = clue.map(|clue| (clue, id));
        let record = PostedRecord {
            record_id,
            kind,
            status: "accepted",
            reason,
            field,
            clue_id: clue,
            command_id: command.map(|(clue, command)| format!("{clue}~{command}")),
            outcome: None,
        };
        Sent {
            message,
            record,
            command,
        }
    }

    /// The clue belongs to the identity: a key used again for another clue is another record.
    fn identity(&self, cut: &Cut, clue: Option<ClueId>, request: &str) -> Identity {
        let content = || hex::encode(&Digest::of([cut.bytes.as_slice()]).0[..8]);
        let named = clue.map_or_else(content, |clue| clue.to_string());
        Identity {
            source: format!("/bihuan/http/{}", self.mapping.source()),
            id: format!("{request}/{named}"),
        }
    }

    /// Where a platform's records go that name no clue.
    fn lane(&self) -> u32 {
        partition_of(ClueId::derive(self.mapping.source(), ""), self.partitions)
    }
}

const fn clue_of(outcome: &Outcome) -> Option<ClueId> {
    match outcome {
        Outcome::Clue { clue_id, .. } | Outcome::Deleted { clue_id, .. } => Some(*clue_id),
        Outcome::Feedback(said) => Some(said.clue),
        Outcome::Quarantine { .. } | Outcome::Skipped => None,
    }
}

fn unreadable(detail: impl Into<String>) -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "invalid_body",
        "The body cannot be read",
        "请求体无法读取",
    )
    .detail(detail)
}

fn misfit(error: &ImportError) -> Problem {
    match error {
        ImportError::Mapping(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            unreadable(lines.join("; "))
        }
        other => unreadable(other.to_string()),
    }
}

fn away(error: &dyn std::error::Error) -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "unavailable",
        "The store cannot be reached; try again",
        "数据库不可用，请稍后重试",
    )
    .detail(error.to_string())
}
