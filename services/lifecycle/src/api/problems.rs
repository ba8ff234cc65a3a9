//! What can be wrong with a request, and a refused command, as problem details.

use axum::http::StatusCode;
use bihuan_domain::clue::{Code, Rejection, rejection_words};
use bihuan_runtime::Problem;
use bihuan_runtime::problem::{internal, key_reused, unavailable};
use bihuan_stream::SubmitError;

use super::Ticket;

pub(super) fn clue_unknown(name: &str) -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "clue_unknown",
        "There is no such clue",
        "没有这条线索",
    )
    .details(
        format!("No clue has the id, number or source/source-id {name:?}."),
        format!("没有线索的标识、编号或“来源/来源编号”为“{name}”。"),
    )
}

pub(super) fn parked_unknown() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "parked_unknown",
        "Nothing of that id waits",
        "没有这个编号的待线索反馈",
    )
    .details(
        "Take the command_id from GET /api/v1/parked; it may have been decided meanwhile.",
        "请使用 GET /api/v1/parked 列出的 command_id；它可能已经处理。",
    )
}

pub(super) fn no_reason() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "field_missing",
        "A mandatory field is missing",
        "缺少必填字段",
    )
    .details("Say why in reason.", "请在 reason 中写明原因。")
    .with("field", "reason")
}

pub(super) fn command_unknown() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "command_unknown",
        "There is no such command",
        "没有这个操作",
    )
    .details(
        "Take the command_id of the answer to the request.",
        "请使用提交时返回的 command_id。",
    )
}

/// The answer to somebody who waited for a command that was refused.
pub(super) fn rejected(rejection: &Rejection, ticket: Ticket, version: u32) -> Problem {
    let (zh, en) = rejection_words(&rejection.code);
    let problem = match Code::parse(&rejection.code) {
        Some(Code::ClueUnknown) => clue_unknown(&ticket.clue.to_string()),
        Some(Code::VersionConflict) => Problem::new(
            StatusCode::PRECONDITION_FAILED,
            Code::VersionConflict.as_str(),
            en,
            zh,
        ),
        Some(code) => Problem::new(StatusCode::CONFLICT, code.as_str(), en, zh),
        // of a later version of the program that holds the partition
        None => {
            Problem::new(StatusCode::CONFLICT, "rejected", en, zh).with("rejection", rejection.code.as_str())
        }
    };
    let problem = problem
        .with("command_id", ticket.to_string())
        .with("clue_id", ticket.clue.to_string())
        .with("version", version);
    let problem = match &rejection.field {
        Some(field) => problem.with("field", field.as_str()),
        None => problem,
    };
    match &rejection.stage {
        Some(stage) => problem.with("stage", stage.as_str()),
        None => problem,
    }
}

pub(super) fn of_submit(error: &SubmitError) -> Problem {
    match error {
        SubmitError::KeyReused(_) => key_reused(),
        SubmitError::Store(error) => of_store(error),
        SubmitError::Log(error) if !error.is_transient() => internal(error),
        SubmitError::Log(_) | SubmitError::Slow => {
            tracing::warn!(error = %error, "a command cannot be published");
            unavailable()
        }
    }
}

pub(super) fn of_store(error: &bihuan_store::Error) -> Problem {
    if error.is_transient() {
        tracing::warn!(error = %error, "the store cannot be reached");
        unavailable()
    } else {
        internal(error)
    }
}
