//! What a decision leads to, event by event: each is numbered and dated, time never runs backwards, and the deadline follows.

use super::waking::due;
use super::{Dispute, Env, Event, Occurrence, State, deadline, evolve};
use crate::clue::{Actor, Role};
use crate::digest::Digest;
use crate::id::{CommandId, DisputeId};
use crate::time::Timestamp;

/// Who caused an event, and by what.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    pub(super) received_at: Timestamp,
    pub(super) command: CommandId,
    pub(super) causation: Option<String>,
    pub(super) actor: Actor,
    pub(super) text: Option<Digest>,
}

/// The events of one decision, and the dispute as they leave it.
pub(super) struct Sequel<'a> {
    id: DisputeId,
    env: &'a Env<'a>,
    pub(super) version: u32,
    at: Timestamp,
    pub(super) dispute: Option<Dispute>,
    pub(super) written: Vec<Occurrence>,
}

impl<'a> Sequel<'a> {
    pub(super) fn new(id: DisputeId, state: &State, env: &'a Env<'a>) -> Self {
        Self {
            id,
            env,
            version: state.version,
            at: state.last_at,
            dispute: state.dispute.clone(),
            written: Vec::new(),
        }
    }

    /// All that is due by itself up to `until`. The same state gives it the same command, whoever looks first.
    pub(super) fn wake(&mut self, until: Timestamp, now: Timestamp) {
        let cause = [self.id.0.as_bytes().as_slice(), &self.version.to_be_bytes()].concat();
        let by = Stamp {
            received_at: now,
            command: CommandId::derive(&cause, "clock", 0),
            causation: None,
            actor: Actor::service(Role::Clock),
            text: None,
        };
        while let Some((at, event)) = self.dispute.as_ref().and_then(|it| due(it, until, self.env)) {
            self.push(at, event, by.clone());
        }
    }

    /// Adds an event, which happens at `at`, or when the one before it did.
    pub(super) fn push(&mut self, at: Option<Timestamp>, event: Event, by: Stamp) {
        self.version += 1;
        self.at = self.at.max(at.unwrap_or(self.at));
        let is_revised = matches!(event, Event::DeadlineRevised);
        let mut it = Occurrence {
            dispute: self.id,
            version: self.version,
            at: self.at,
            received_at: by.received_at,
            command: by.command,
            causation: by.causation,
            actor: by.actor,
            text: by.text,
            deadline: None,
            event,
        };
        evolve::follow(&mut self.dispute, &it);
        let wound = self.dispute.as_ref();
        let unwound = wound.filter(|dispute| is_revised || dispute.deadline().is_none());
        it.deadline = unwound.and_then(|dispute| deadline::deadline(dispute, self.env));
        if it.deadline.is_some() {
            evolve::wind(&mut self.dispute, &it);
        }
        self.written.push(it);
    }
}
