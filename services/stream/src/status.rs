//! How a loop is doing: what readiness, metrics and tests ask.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bihuan_domain::id::ClueId;
use bihuan_store::lease::Positions;
use tokio::sync::watch;

/// What a loop is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    Starting,
    Running,
    /// Something it needs is away; it goes on by itself.
    Waiting(String),
    /// A lane stopped and needs a person.
    Halted(String),
}

/// A loop's phase, watched from outside.
#[derive(Clone, Debug)]
pub struct Status {
    phase: Arc<watch::Sender<Phase>>,
    positions: Arc<watch::Sender<BTreeMap<u32, Positions>>>,
    left_out: Arc<watch::Sender<BTreeMap<u32, BTreeSet<ClueId>>>>,
}

impl Default for Status {
    fn default() -> Self {
        Self {
            phase: Arc::new(watch::Sender::new(Phase::Starting)),
            positions: Arc::new(watch::Sender::new(BTreeMap::new())),
            left_out: Arc::new(watch::Sender::new(BTreeMap::new())),
        }
    }
}

impl Status {
    pub fn phase(&self) -> Phase {
        self.phase.borrow().clone()
    }

    /// Changes are seen here.
    pub fn watch(&self) -> watch::Receiver<Phase> {
        self.phase.subscribe()
    }

    /// How far each lane that is held here was read, uncommitted skips included.
    pub fn positions(&self) -> BTreeMap<u32, Positions> {
        self.positions.borrow().clone()
    }

    /// Clues that are not woken as long as their lanes are held here, because that failed: they need a person.
    pub fn left_out(&self) -> BTreeMap<u32, BTreeSet<ClueId>> {
        self.left_out.borrow().clone()
    }

    /// Whoever watches tells people; here every wording of every reason is left for those who look for it.
    pub(crate) fn set(&self, group: &'static str, phase: Phase) {
        self.phase.send_if_modified(|known| {
            if *known == phase {
                return false;
            }
            tracing::debug!(group, phase = ?phase, "phase");
            *known = phase;
            true
        });
    }

    pub(crate) fn set_positions(&self, positions: BTreeMap<u32, Positions>) {
        self.positions.send_replace(positions);
    }

    pub(crate) fn set_left_out(&self, left_out: BTreeMap<u32, BTreeSet<ClueId>>) {
        self.left_out.send_replace(left_out);
    }
}
