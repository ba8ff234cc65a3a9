//! Sending a command of a clue or a dispute through the log and waiting for what becomes of it.

use std::time::Duration;

use bihuan_contracts::command::Request;
use bihuan_contracts::{dispute, topics};
use bihuan_dispute::api as disputes;
use bihuan_domain::id::ClueId;
use bihuan_lifecycle::api::{Commands, Outcome, SubmitError, Submitted, Ticket};
use bihuan_stream::{Answers, Phase, Status};

use crate::failure::Failure;
use crate::services::{Role, Services};
use crate::session::Session;

/// Between looks at the clue's events, if nothing rang meanwhile.
const LOOK: Duration = Duration::from_millis(50);
/// How long the answer may take before it is looked whether anybody is there to give it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends `request`; its name and its outcome.
pub(crate) async fn submit(
    session: &Session,
    request: Request,
    wait: Duration,
) -> Result<(Ticket, Outcome), Failure> {
    let installation = &session.installation;
    let (store, log) = (installation.store.clone(), installation.log.clone());
    let commands = Commands::new(
        store,
        log.clone(),
        installation.clock.clone(),
        Answers::follow(log, &[topics::CLUE_EVENTS]),
    );
    let Submitted { ticket, outcome } = commands.submit(request, None, wait.min(PATIENCE)).await?;
    if let Some(outcome) = outcome {
        return Ok((ticket, outcome));
    }
    let answer = async {
        loop {
            if let Some(outcome) = commands.outcome(ticket).await? {
                return Ok((ticket, outcome));
            }
            halted(session.services(), Role::Lifecycle)?;
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(wait, answer)
        .await
        .unwrap_or_else(|_| Err(unanswered(wait)))
}

/// Sends `asked`, of a dispute over a clue; its name and its outcome.
pub(crate) async fn to_dispute(
    session: &Session,
    asked: (ClueId, dispute::Request),
    wait: Duration,
) -> Result<(disputes::Ticket, disputes::Outcome), Failure> {
    let installation = &session.installation;
    let (store, log) = (installation.store.clone(), installation.log.clone());
    let commands = disputes::Commands::new(
        store,
        log.clone(),
        installation.clock.clone(),
        Answers::follow(log, &[topics::DISPUTE_EVENTS]),
    );
    let disputes::Submitted { ticket, outcome } = commands.submit(asked, None, wait.min(PATIENCE)).await?;
    if let Some(outcome) = outcome {
        return Ok((ticket, outcome));
    }
    let answer = async {
        loop {
            if let Some(outcome) = commands.outcome(ticket).await? {
                return Ok((ticket, outcome));
            }
            halted(session.services(), Role::Dispute)?;
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(wait, answer)
        .await
        .unwrap_or_else(|_| Err(unanswered(wait)))
}

/// Waiting for a service that has given up is in vain.
fn halted(services: Option<&Services>, role: Role) -> Result<(), Failure> {
    match services
        .and_then(|services| services.status(role))
        .map(Status::phase)
    {
        Some(Phase::Halted(reason)) => Err(Failure::usage(
            format!("{} 停止：{reason}", role.name()),
            format!("{} halted: {reason}", role.name()),
        )),
        _ => Ok(()),
    }
}

/// It is on the log all the same.
fn unanswered(wait: Duration) -> Failure {
    let seconds = wait.as_secs();
    Failure::unreachable(
        format!("命令已提交，但 {seconds} 秒内无人处理；bihuan serve 是否在运行？"),
        format!(
            "the command is on the log, but nobody decided it within {seconds} s; is bihuan serve running?"
        ),
    )
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::KeyReused(error) => Self::usage("该键已用于另一请求", error.to_string()),
            SubmitError::Store(error) => error.into(),
            SubmitError::Log(error) => error.into(),
            SubmitError::Slow => Self::unreachable("日志无应答", error.to_string()),
        }
    }
}

impl From<disputes::SubmitError> for Failure {
    fn from(error: disputes::SubmitError) -> Self {
        use disputes::SubmitError;
        match error {
            SubmitError::KeyReused(error) => Self::usage("该键已用于另一请求", error.to_string()),
            SubmitError::Store(error) => error.into(),
            SubmitError::Log(error) => error.into(),
            SubmitError::Slow => Self::unreachable("日志无应答", error.to_string()),
        }
    }
}
