//! What can be wrong with a request, and a refused command, as problem details.

use axum::http::StatusCode;
use bihuan_domain::dispute::{Code, Rejection, rejection_words};
use bihuan_rulebook::LibraryError;
use bihuan_runtime::Problem;
use bihuan_runtime::problem::{internal, key_reused, unavailable};
use bihuan_stream::SubmitError;

use super::Ticket;

pub(super) fn dispute_unknown(name: &str) -> Problem {
    let (zh, en) = rejection_words(Code::DisputeUnknown.as_str());
    Problem::new(StatusCode::NOT_FOUND, Code::DisputeUnknown.as_str(), en, zh).details(
        format!("No dispute has the id {name:?}."),
        format!("没有标识为“{name}”的争议。"),
    )
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
        Some(code @ Code::DisputeUnknown) => Problem::new(StatusCode::NOT_FOUND, code.as_str(), en, zh),
        Some(code @ Code::VersionConflict) => {
            Problem::new(StatusCode::PRECONDITION_FAILED, code.as_str(), en, zh)
        }
        Some(code) => Problem::new(StatusCode::CONFLICT, code.as_str(), en, zh),
        // of a later version of the program that holds the partition
        None => {
            Problem::new(StatusCode::CONFLICT, "rejected", en, zh).with("rejection", rejection.code.as_str())
        }
    };
    let problem = problem
        .with("command_id", ticket.to_string())
        .with("dispute_id", ticket.dispute.to_string())
        .with("version", version);
    let problem = match &rejection.field {
        Some(field) => problem.with("field", field.as_str()),
        None => problem,
    };
    match &rejection.step {
        Some(step) => problem.with("step", step.as_str()),
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

pub(super) fn of_library(error: &LibraryError) -> Problem {
    match error {
        LibraryError::Store(error) => of_store(error),
        other => internal(other),
    }
}
