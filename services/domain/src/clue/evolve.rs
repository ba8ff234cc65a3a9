//! Folds events into state. Total: it never validates, it only records what happened.

use super::{Occurrence, State};

/// The state after `occurrence`.
pub fn evolve(state: &mut State, occurrence: &Occurrence) {
    let _ = (state, occurrence);
}
