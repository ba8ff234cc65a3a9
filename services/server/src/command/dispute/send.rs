//! Something is asked of a dispute through the log, like everybody's, and the outcome is waited for.

use std::time::Duration;

use bihuan_contracts::dispute::DisputeCommand;
use bihuan_contracts::dispute::command::{encode, message};
use bihuan_dispute::Shown;
use bihuan_domain::clue::Actor;
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::{Command, Envelope, Event, Occurrence, Rejection, rejection_words};
use bihuan_domain::id::{CommandId, DisputeId};
use bihuan_domain::lang::Lang;
use bihuan_domain::time::Timestamp;
use bihuan_stream::Phase;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::services::Role;
use crate::session::Session;

/// Names us as the sender, and the derivation of our command ids.
const PRODUCER: &str = "command-line";
/// Between looks at the dispute's events.
const LOOK: Duration = Duration::from_millis(50);

/// What became of a command.
#[derive(Debug, PartialEq)]
pub(super) enum Became {
    /// The names of the events, in their order.
    Done(Vec<&'static str>),
    /// It was done before, by the same command.
    DoneBefore,
    Rejected(Rejection),
}

/// Asks `command` of the dispute. The same command of the same person is carried out once, however often it is sent; after a refusal
/// it is asked again.
pub(super) async fn send(
    session: &Session,
    shown: &Shown,
    command: Command,
    actor: Actor,
    wait: Duration,
) -> Result<Became, Failure> {
    let installation = &session.installation;
    let dispute = &shown.dispute;
    let mut asked = DisputeCommand {
        clue: dispute.opening.clue,
        envelope: Envelope {
            id: CommandId::derive(&[], PRODUCER, 0),
            dispute: dispute.id,
            causation: None,
            actor,
            expected_version: None,
            occurred_at: None,
            received_at: Timestamp::EPOCH,
            command,
            text: None,
        },
    };
    let content = Digest::of([encode(&asked).as_slice()]);
    let known = history(session, dispute.id).await?;
    let mut attempt = 0;
    let id = loop {
        let id = CommandId::derive(&content.0, PRODUCER, attempt);
        match became(&known, id) {
            None => break id,
            Some(Became::Rejected(_)) => attempt += 1,
            Some(_) => return Ok(Became::DoneBefore),
        }
    };
    asked.envelope.id = id;
    asked.envelope.received_at = installation.clock.now();
    installation
        .log
        .publish(vec![message(&asked, shown.partition, PRODUCER)])
        .await?;
    let answer = async {
        loop {
            if let Some(became) = became(&history(session, dispute.id).await?, id) {
                return Ok(became);
            }
            halted(session)?;
            tokio::time::sleep(LOOK).await;
        }
    };
    let answered = tokio::time::timeout(wait, answer).await;
    answered.unwrap_or_else(|_| Err(unanswered(wait)))
}

async fn history(session: &Session, dispute: DisputeId) -> Result<Vec<Occurrence>, Failure> {
    let mut reader = session.installation.store.read().await?;
    Ok(bihuan_dispute::history(&mut reader, dispute).await?)
}

/// By the events that the command led to; `None`: there are none yet.
fn became(history: &[Occurrence], id: CommandId) -> Option<Became> {
    let mut events = Vec::new();
    for it in history.iter().filter(|it| it.command == id) {
        if let Event::CommandRejected { rejection, .. } = &it.event {
            return Some(Became::Rejected(rejection.clone()));
        }
        events.push(it.event.name());
    }
    (!events.is_empty()).then_some(Became::Done(events))
}

/// Waiting for a service that has given up is in vain.
fn halted(session: &Session) -> Result<(), Failure> {
    let status = session.services().and_then(|it| it.status(Role::Dispute));
    match status.map(bihuan_stream::Status::phase) {
        Some(Phase::Halted(reason)) => Err(Failure::usage(
            format!("dispute 停止：{reason}"),
            format!("dispute halted: {reason}"),
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

impl Became {
    pub(super) const fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }

    pub(super) fn words(&self, lang: Lang) -> String {
        match self {
            Self::Done(events) => format!("{}: {}", lang.choose("已执行", "done"), events.join(", ")),
            Self::DoneBefore => lang.choose("此前已执行", "done before").to_owned(),
            Self::Rejected(it) => {
                let (zh, en) = rejection_words(&it.code);
                let step = it.step.as_ref().map(|it| format!(" [{it}]")).unwrap_or_default();
                let refused = lang.choose("被拒绝", "refused");
                format!("{refused} ({}){step}: {}", it.code, lang.choose(zh, en))
            }
        }
    }

    pub(super) fn json(&self, lang: Lang) -> Value {
        match self {
            Self::Done(events) => json!({"status": "done", "events": events}),
            Self::DoneBefore => json!({"status": "done_before"}),
            Self::Rejected(it) => {
                let (zh, en) = rejection_words(&it.code);
                json!({
                    "status": "rejected",
                    "code": it.code,
                    "field": it.field,
                    "step": it.step,
                    "title": lang.choose(zh, en),
                })
            }
        }
    }
}
