//! Whether a command may be carried out, and what then happens. One rule a file; this one holds what all of them share.

use serde::{Deserialize, Serialize};

use super::{Env, Envelope, Occurrence, State};

/// Why a command that was understood is refused. An outcome, stored and answered; not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Stable code, for programs.
    pub code: String,
    /// The field of the command that is at fault, if it is one.
    pub field: Option<String>,
    /// [`super::Stage::name`] of the clue, where the stage is what stands in the way.
    pub stage: Option<String>,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Decision {
    /// It was handled before: nothing changes, its answer is in the journal.
    Repeated,
    /// At least one event; a refused command gives one `CommandRejected`.
    Events(Vec<Occurrence>),
}

/// Decides `envelope` for a clue in `state`.
pub fn decide(state: &State, envelope: &Envelope, env: &Env<'_>) -> Decision {
    let _ = (state, envelope, env);
    Decision::Repeated
}
