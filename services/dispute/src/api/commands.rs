//! Sends commands through the log and finds their answers; for HTTP and for the command line.

use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::dispute::{Request, command};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Role};
use bihuan_domain::digest::Digest;
use bihuan_domain::dispute::Occurrence;
use bihuan_domain::id::{ClueId, CommandId, DisputeId};
use bihuan_domain::time::Timestamp;
use bihuan_runtime::Clock;
use bihuan_store::Store;
use bihuan_stream::{Answers, KeyReused, Log, Requests, SubmitError, Waiter};
use tokio::time::Instant;

use super::{Outcome, Ticket};
use crate::shown;

/// Names us as the sender, and the derivation of our command ids.
const PRODUCER: &str = "http";
/// How long the log may take to accept a command.
const PUBLISHING: Duration = Duration::from_secs(10);

/// Sends commands and waits for what becomes of them.
#[derive(Clone)]
pub struct Commands {
    store: Store,
    log: Log,
    clock: Clock,
    answers: Answers,
    requests: Arc<Requests>,
}

/// A command that is on the log, and its answer if that came in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Submitted {
    pub ticket: Ticket,
    pub outcome: Option<Outcome>,
}

impl Commands {
    /// `answers` follow the journal of disputes.
    pub fn new(store: Store, log: Log, clock: Clock, answers: Answers) -> Self {
        Self {
            store,
            log,
            clock,
            answers,
            requests: Arc::default(),
        }
    }

    /// Sends `request`, of a dispute over `clue`, and waits at most `wait` for its outcome. The same `key` for the same dispute is
    /// the same command: it is carried out once, however often it is sent, and what else is sent under it never is. Who names no
    /// actor acts as an operator.
    pub async fn submit(
        &self,
        (clue, request): (ClueId, Request),
        key: Option<&str>,
        wait: Duration,
    ) -> Result<Submitted, SubmitError> {
        let now = self.clock.now();
        let dispute = request.dispute;
        let command = match key {
            Some(key) => keyed(clue, &request, key),
            None => derive(dispute, b'r', self.requests.next(now).as_bytes()),
        };
        let ticket = Ticket { dispute, command };
        // before anything is sent: the answer may come at once
        let waiter = if wait.is_zero() {
            None
        } else {
            self.answers.register(clue)
        };
        if key.is_some()
            && let Some(outcome) = self.outcome(ticket).await?
            && waiter.is_some()
        {
            return Ok(Submitted {
                ticket,
                outcome: Some(outcome),
            });
        }
        let deadline = Instant::now() + wait;
        let command = request.into_command(clue, command, fallback(), now);
        let partition = partition_of(clue, self.log.partitions());
        let published = self
            .log
            .publish(vec![command::message(&command, partition, PRODUCER)]);
        tokio::time::timeout(PUBLISHING, published)
            .await
            .map_err(|_| SubmitError::Slow)??;
        let outcome = match waiter {
            Some(waiter) => self.answer(ticket, &waiter, deadline).await?,
            None => None,
        };
        Ok(Submitted { ticket, outcome })
    }

    /// The outcome, if it is there by `deadline`. A store that does not answer meanwhile is no failure of the command.
    async fn answer(
        &self,
        ticket: Ticket,
        waiter: &Waiter,
        deadline: Instant,
    ) -> Result<Option<Outcome>, KeyReused> {
        loop {
            let rung = tokio::time::timeout_at(deadline, waiter.rung()).await;
            match self.outcome(ticket).await {
                Ok(None) if rung.is_ok() => {}
                Ok(outcome) => return Ok(outcome),
                Err(SubmitError::KeyReused(reused)) => return Err(reused),
                Err(error) => {
                    tracing::warn!(error = %error, "the answer to a command cannot be read");
                    return Ok(None);
                }
            }
        }
    }

    /// What became of the command; `None`: nothing yet.
    pub async fn outcome(&self, ticket: Ticket) -> Result<Option<Outcome>, SubmitError> {
        Ok(Outcome::of(self.history(ticket.dispute).await?, ticket.command)?)
    }

    /// What became of the same request when it was sent under this key before; `None`: it never was, or is not decided yet.
    pub async fn answered(
        &self,
        clue: ClueId,
        request: &Request,
        key: &str,
    ) -> Result<Option<Outcome>, SubmitError> {
        let (dispute, command) = (request.dispute, keyed(clue, request, key));
        self.outcome(Ticket { dispute, command }).await
    }

    async fn history(&self, dispute: DisputeId) -> bihuan_store::Result<Vec<Occurrence>> {
        shown::history(&mut self.store.read().await?, dispute).await
    }
}

/// Who acts if the request names nobody.
const fn fallback() -> Actor {
    Actor::service(Role::Operator)
}

/// The same key and request give the same id; another request under the key one that contradicts it.
fn keyed(clue: ClueId, request: &Request, key: &str) -> CommandId {
    let cause = derive(request.dispute, b'k', key.as_bytes());
    let asked = request
        .clone()
        .into_command(clue, cause, fallback(), Timestamp::EPOCH);
    cause.asking(Digest::of([command::encode(&asked).as_slice()]))
}

fn derive(dispute: DisputeId, kind: u8, name: &[u8]) -> CommandId {
    let cause = [dispute.0.as_bytes(), &[kind][..], name].concat();
    CommandId::derive(&cause, PRODUCER, 0)
}
