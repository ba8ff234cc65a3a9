//! Sends commands through the log and finds their answers; for HTTP and for the command line.

use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::command::{self, ClueCommand, DiscardParked, Request};
use bihuan_contracts::partition_of;
use bihuan_domain::clue::{Actor, Occurrence, Role};
use bihuan_domain::digest::Digest;
use bihuan_domain::id::{ClueId, CommandId};
use bihuan_domain::time::Timestamp;
use bihuan_runtime::Clock;
use bihuan_store::Store;
use bihuan_stream::{Answers, KeyReused, Log, Requests, SubmitError, Waiter};
use tokio::time::Instant;

use crate::parked::{self, Waiting};

use super::{Outcome, Ticket};

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
    pub fn new(store: Store, log: Log, clock: Clock, answers: Answers) -> Self {
        Self {
            store,
            log,
            clock,
            answers,
            requests: Arc::default(),
        }
    }

    /// Sends `request` and waits at most `wait` for its outcome. The same `key` for the same clue is the same command: it is
    /// carried out once, however often it is sent, and what else is sent under it never is. Who names no actor acts as an operator.
    pub async fn submit(
        &self,
        request: Request,
        key: Option<&str>,
        wait: Duration,
    ) -> Result<Submitted, SubmitError> {
        let now = self.clock.now();
        let request_id = self.requests.next(now);
        let ticket = Ticket {
            clue: request.clue,
            command: match key {
                Some(key) => keyed(&request, key),
                None => derive(request.clue, b'r', request_id.as_bytes()),
            },
        };
        // before anything is sent: the answer may come at once
        let waiter = if wait.is_zero() {
            None
        } else {
            self.answers.register(ticket.clue)
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
        let causation = Some(format!("{PRODUCER}/{request_id}"));
        let envelope = request.into_envelope(ticket.command, causation, fallback(), now);
        self.publish(&ClueCommand::Clue(envelope), self.partition(ticket.clue))
            .await?;
        let outcome = match waiter {
            Some(waiter) => self.answer(ticket, &waiter, deadline).await?,
            None => None,
        };
        Ok(Submitted { ticket, outcome })
    }

    async fn publish(&self, command: &ClueCommand, partition: u32) -> Result<(), SubmitError> {
        let published = self
            .log
            .publish(vec![command::message(command, partition, PRODUCER)]);
        tokio::time::timeout(PUBLISHING, published)
            .await
            .map_err(|_| SubmitError::Slow)??;
        Ok(())
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
        Ok(Outcome::of(self.history(ticket.clue).await?, ticket.command)?)
    }

    /// Every event of the clue, oldest first; refused commands are among them, also those for a clue that nobody reported.
    pub async fn history(&self, clue: ClueId) -> bihuan_store::Result<Vec<Occurrence>> {
        crate::history(&mut self.store.read().await?, self.partition(clue), clue).await
    }

    /// The feedback that waits for its clue.
    pub async fn parked(&self) -> bihuan_store::Result<Waiting> {
        parked::waiting(&self.store, self.clock.now()).await
    }

    /// Has feedback that waits for its clue given up; `false`: it does not wait. Asking twice is asking once.
    pub async fn discard(
        &self,
        waits: Ticket,
        reason: String,
        actor: Option<Actor>,
    ) -> Result<bool, SubmitError> {
        let (clue, parked) = (waits.clue, waits.command);
        let partition = self.partition(clue);
        if !parked::holds(self.store.read().await?.conn(), partition, clue, parked).await? {
            return Ok(false);
        }
        let discard = DiscardParked {
            id: derive(clue, b'd', parked.to_string().as_bytes()),
            clue,
            parked,
            reason,
            actor: actor.unwrap_or_else(fallback),
            received_at: self.clock.now(),
        };
        self.publish(&ClueCommand::DiscardParked(discard), partition)
            .await?;
        Ok(true)
    }

    fn partition(&self, clue: ClueId) -> u32 {
        partition_of(clue, self.log.partitions())
    }
}

/// Who acts if the request names nobody.
const fn fallback() -> Actor {
    Actor::service(Role::Operator)
}

/// The same key and request give the same id; another request under the key one that contradicts it.
fn keyed(request: &Request, key: &str) -> CommandId {
    let cause = derive(request.clue, b'k', key.as_bytes());
    let asked = request
        .clone()
        .into_envelope(cause, None, fallback(), Timestamp::EPOCH);
    let content = command::encode(&ClueCommand::Clue(asked));
    cause.asking(Digest::of([content.as_slice()]))
}

fn derive(clue: ClueId, kind: u8, name: &[u8]) -> CommandId {
    let cause = [clue.0.as_bytes(), &[kind][..], name].concat();
    CommandId::derive(&cause, PRODUCER, 0)
}
