//! A callback on its way: sent once, and what came of it published. That it is then written down belongs to the lane's batch.

use std::sync::Arc;
use std::time::Duration;

use bihuan_contracts::delivery::{Attempt, CallbackCommand, CallbackId, CallbackRequest};
use bihuan_domain::time::Timestamp;
use bihuan_mapping::Step;
use bihuan_runtime::Backoff;
use bihuan_stream::{Context, Log};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::call::{Caller, Failure, Letter, Outcome};
use super::rows::Listed;
use super::settings::Teller;
use crate::GROUP;

/// A call that came to its end.
pub(super) struct Done {
    pub(super) id: CallbackId,
    pub(super) source: String,
    pub(super) step: String,
    pub(super) receiver: String,
    pub(super) attempt: u32,
    pub(super) since: Timestamp,
    pub(super) outcome: Outcome,
    pub(super) seconds: f64,
    /// `false`: shut down before the outcome was on the log.
    pub(super) published: bool,
}

/// A callback on its way.
pub(super) struct Call {
    head: Listed,
    teller: Teller,
    letter: Letter,
    step: Option<Step>,
    receiver: String,
    /// What it was to say is not there any more.
    is_erased: bool,
}

impl Call {
    pub(super) fn of(mut head: Listed, teller: Teller, receiver: &str) -> Self {
        let is_erased = head.body.is_none();
        let letter = Letter {
            clue: head.callback.clue,
            source_id: head.source_id.clone(),
            key: head.id().key(),
            step: head.step.clone(),
            partition: head.partition,
            since: head.since,
            body: head.body.take().unwrap_or_default(),
        };
        Self {
            receiver: receiver.to_owned(),
            step: Step::parse(&head.step),
            head,
            letter,
            teller,
            is_erased,
        }
    }

    pub(super) async fn run(self, caller: Arc<Caller>, context: Context) -> Done {
        let started = Instant::now();
        let now = (context.clock)();
        let callback = self.step.and_then(|step| self.teller.mapping.callback(step));
        let outcome = match callback {
            // a call without its content would be taken for the step, under its key
            _ if self.is_erased => Err(Failure::permanent("erased")),
            Some(callback) => caller.send(callback, &self.teller, &self.letter, now).await,
            None => Err(Failure::permanent("not_configured")),
        };
        let seconds = started.elapsed().as_secs_f64();
        let command = self.command(&outcome, (context.clock)());
        let message = command.message(self.head.partition, GROUP);
        let published = publish(&context.log, message, &context.shutdown).await;
        Done {
            id: self.head.id(),
            source: self.head.callback.source.to_string(),
            step: self.head.step,
            receiver: self.receiver,
            attempt: self.head.attempts + 1,
            since: self.head.since,
            outcome,
            seconds,
            published,
        }
    }

    fn command(&self, outcome: &Outcome, now: Timestamp) -> CallbackCommand {
        let failure = outcome.as_ref().err();
        let wait = failure.and_then(|failure| failure.wait);
        CallbackCommand {
            callback: self.head.id(),
            at: now,
            request: CallbackRequest::Record(Attempt {
                number: self.head.attempts + 1,
                reason: failure.map(|failure| failure.reason.clone()),
                status: outcome
                    .as_ref()
                    .map_or_else(|failure| failure.status, |status| *status),
                permanent: failure.is_some_and(|failure| failure.permanent),
                not_before: wait.map(|wait| now.plus_micros(wait.as_micros() as i64)),
            }),
        }
    }
}

/// Until the log has it, or shutdown: then it is sent again, with the same key.
async fn publish(log: &Log, message: bihuan_contracts::Message, shutdown: &CancellationToken) -> bool {
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));
    loop {
        match log.publish(vec![message.clone()]).await {
            Ok(()) => return true,
            Err(error) => tracing::debug!(%error, "outcome of a callback not published"),
        }
        tokio::select! {
            () = shutdown.cancelled() => return false,
            () = tokio::time::sleep(backoff.delay()) => {}
        }
    }
}
