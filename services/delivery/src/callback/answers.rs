//! What came of callbacks, and what people ask of them, written down: by the holder of the lane, with the position.

use std::collections::{BTreeMap, BTreeSet};

use bihuan_contracts::delivery::{Attempt, CallbackCommand, CallbackRequest, DeliveryEvent};
use bihuan_domain::clue::Actor;
use bihuan_domain::time::Timestamp;

use super::Retry;
use super::rows::{Id, Listed, State};

/// The callbacks that a batch speaks of, and how it leaves them.
#[derive(Default)]
pub(crate) struct Book {
    known: BTreeMap<Id, Listed>,
    changed: BTreeSet<Id>,
}

impl Book {
    pub(crate) fn new(rows: Vec<Listed>) -> Self {
        Self {
            known: rows.into_iter().map(|row| (row.id(), row)).collect(),
            changed: BTreeSet::new(),
        }
    }

    /// The events that a command leads to. One that speaks of what is known already, or of nothing, leads to none.
    pub(crate) fn apply(
        &mut self,
        command: &CallbackCommand,
        retry: &Retry,
        now: Timestamp,
    ) -> Option<DeliveryEvent> {
        let id = (command.clue, command.version);
        let row = self.known.get_mut(&id)?;
        let before = row.clone();
        let event = match &command.request {
            CallbackRequest::Record(attempt) => record(row, attempt, retry, now),
            CallbackRequest::Resend { actor } => resend(row, actor, now),
        };
        if *row != before {
            self.changed.insert(id);
        }
        event
    }

    pub(crate) fn into_changed(mut self) -> impl Iterator<Item = Listed> {
        self.changed
            .into_iter()
            .filter_map(move |id| self.known.remove(&id))
    }
}

fn record(row: &mut Listed, attempt: &Attempt, retry: &Retry, now: Timestamp) -> Option<DeliveryEvent> {
    if row.state != State::Pending || attempt.number != row.attempts + 1 {
        return None;
    }
    row.attempts = attempt.number;
    let callback = row.callback.clone();
    let Some(reason) = &attempt.reason else {
        (row.state, row.body, row.reason, row.status) = (State::Acknowledged, None, None, None);
        return Some(DeliveryEvent::CallbackAcknowledged {
            callback,
            attempts: row.attempts,
            at: now,
        });
    };
    (row.reason, row.status) = (Some(reason.clone()), attempt.status);
    let too_old = now.since(row.since) >= micros(retry.give_up_after);
    if attempt.permanent || too_old || row.attempts >= retry.attempts {
        row.state = State::Failed;
        return Some(DeliveryEvent::CallbackFailed {
            callback,
            attempts: row.attempts,
            reason: reason.clone(),
            status: attempt.status,
            at: now,
        });
    }
    let next = now.plus_micros(micros(retry.delay(row.attempts)));
    row.due_at = attempt.not_before.map_or(next, |asked| asked.max(next));
    None
}

/// With the same key, and as patiently as at first.
fn resend(row: &mut Listed, actor: &Actor, now: Timestamp) -> Option<DeliveryEvent> {
    if row.state != State::Failed {
        return None;
    }
    (row.state, row.attempts, row.due_at, row.since) = (State::Pending, 0, now, now);
    Some(DeliveryEvent::CallbackResent {
        callback: row.callback.clone(),
        actor: actor.clone(),
        at: now,
    })
}

fn micros(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
