//! What a decision leads to, event by event: each is numbered and dated, time never runs backwards, and the clocks follow.

use super::{Clocks, Clue, Env, Event, Occurrence, State, clocks, evolve};
use crate::time::Timestamp;

/// The events of one decision, and the clue as they leave it.
pub(super) struct Sequel<'a> {
    env: &'a Env<'a>,
    version: u32,
    at: Timestamp,
    pub(super) clue: Option<Clue>,
    pub(super) written: Vec<Occurrence>,
}

impl<'a> Sequel<'a> {
    /// Of a clue in `state`, not before `at`.
    pub(super) fn new(state: &State, at: Timestamp, env: &'a Env<'a>) -> Self {
        Self {
            env,
            version: state.version,
            at,
            clue: state.clue.clone(),
            written: Vec::new(),
        }
    }

    /// Adds an event, which happens at `at` or when the one before it did. `of` has all that does not follow from its place.
    pub(super) fn push(&mut self, at: Option<Timestamp>, of: Occurrence) {
        self.version += 1;
        self.at = self.at.max(at.unwrap_or(self.at));
        let mut it = Occurrence {
            version: self.version,
            at: self.at,
            ..of
        };
        if !matches!(it.event, Event::CommandRejected { .. }) {
            evolve::follow(&mut self.clue, &it);
            it.clocks = self.wind(&it);
            if let Event::ClueAssigned { deadline, .. } = &mut it.event {
                *deadline = self.clue.as_ref().and_then(|clue| clue.deadline);
            }
        }
        self.written.push(it);
    }

    fn wind(&mut self, it: &Occurrence) -> Option<Clocks> {
        let clue = self.clue.as_mut()?;
        let clocks = clocks::after(clue, it, self.env)?;
        clue.wind(&clocks);
        Some(clocks)
    }
}
