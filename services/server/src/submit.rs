//! Sending a command of a clue or a dispute through the log and waiting for what becomes of it.

use std::time::Duration;

use bihuan_contracts::command::Request;
use bihuan_contracts::{dispute, topics};
use bihuan_dispute::api as disputes;
use bihuan_domain::clue::{Actor, Role as ActorRole};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_lifecycle::api::{Commands, Outcome, Submitted, Ticket};
use bihuan_stream::{Answers, Phase, Status, SubmitError};

use crate::failure::Failure;
use crate::services::{Role, Services};
use crate::session::Session;

/// Between looks at the clue's events, if nothing rang meanwhile.
const LOOK: Duration = Duration::from_millis(50);
/// How long the answer may take before it is looked whether anybody is there to give it.
const PATIENCE: Duration = Duration::from_secs(1);

/// Sends `request`, of a clue; its name and its outcome.
pub(crate) async fn submit(
    session: &Session,
    request: Request,
    wait: Duration,
) -> Result<(Ticket, Outcome), Failure> {
    let installation = &session.installation;
    let (store, log) = (installation.store.clone(), installation.log.clone());
    let answers = Answers::follow(log.clone(), &[topics::CLUE_EVENTS]);
    let commands = Commands::new(store, log, installation.clock.clone(), answers);
    let Submitted { ticket, outcome } = commands.submit(request, None, wait.min(PATIENCE)).await?;
    let outcome = match outcome {
        Some(outcome) => outcome,
        None => {
            answered(session, Role::Lifecycle, wait, async || {
                commands.outcome(ticket).await
            })
            .await?
        }
    };
    Ok((ticket, outcome))
}

/// Asks things of disputes.
pub(crate) struct Disputes<'a> {
    session: &'a Session,
    commands: disputes::Commands,
    wait: Duration,
}

/// What became of something that was asked of a dispute.
pub(crate) struct Answered {
    pub(crate) ticket: disputes::Ticket,
    pub(crate) outcome: disputes::Outcome,
    /// It was asked before, and carried out then.
    pub(crate) before: bool,
}

impl<'a> Disputes<'a> {
    /// Each answer is waited for for `wait`.
    pub(crate) fn new(session: &'a Session, wait: Duration) -> Self {
        let installation = &session.installation;
        let (store, log) = (installation.store.clone(), installation.log.clone());
        let answers = Answers::follow(log.clone(), &[topics::DISPUTE_EVENTS]);
        Self {
            session,
            commands: disputes::Commands::new(store, log, installation.clock.clone(), answers),
            wait,
        }
    }

    /// Asks it of the dispute over `clue`. With a key it is asked once.
    pub(crate) async fn ask(
        &self,
        clue: ClueId,
        request: dispute::Request,
        key: Option<&str>,
    ) -> Result<Answered, Failure> {
        let (commands, patience) = (&self.commands, self.wait.min(PATIENCE));
        let disputes::Submitted { ticket, outcome } = commands.submit((clue, request), key, patience).await?;
        let look = async || commands.outcome(ticket).await;
        let outcome = match outcome {
            Some(outcome) => outcome,
            None => answered(self.session, Role::Dispute, self.wait, look).await?,
        };
        Ok(Answered {
            ticket,
            outcome,
            before: false,
        })
    }

    /// The same of the same person is carried out once, however often it is asked; after a refusal it is asked again.
    pub(crate) async fn ask_once(
        &self,
        clue: ClueId,
        request: dispute::Request,
    ) -> Result<Answered, Failure> {
        let asked = request.clone();
        let nobody = Actor::service(ActorRole::Operator);
        let asked = asked.into_command(clue, CommandId::derive(&[], "", 0), nobody, Timestamp::EPOCH);
        let content = Digest::of_bytes(&dispute::command::encode(&asked));
        let mut refusals = 0;
        let (key, before) = loop {
            let key = format!("{content}/{refusals}");
            match self.commands.answered(clue, &request, &key).await? {
                Some(disputes::Outcome::Rejected { .. }) => refusals += 1,
                before => break (key, before.is_some()),
            }
        };
        let answered = self.ask(clue, request, Some(&key)).await?;
        Ok(Answered { before, ..answered })
    }
}

/// Looks until there is an answer.
async fn answered<T>(
    session: &Session,
    role: Role,
    wait: Duration,
    look: impl AsyncFn() -> Result<Option<T>, SubmitError>,
) -> Result<T, Failure> {
    let answer = async {
        loop {
            if let Some(outcome) = look().await? {
                return Ok(outcome);
            }
            halted(session.services(), role)?;
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
