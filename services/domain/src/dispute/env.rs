//! What a decision about a dispute may know besides the dispute itself.

use crate::routing::Rulebook;
use crate::time::Timestamp;

#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// By what the clue is decided: policy, agencies, areas.
    pub rulebook: &'a Rulebook,
    /// The one that holds when it is asked: its calendar counts, and agencies that only it knows may be named too.
    pub current: &'a Rulebook,
    /// When it is decided: who has to know of it is told then, whenever it happened.
    pub now: Timestamp,
}
