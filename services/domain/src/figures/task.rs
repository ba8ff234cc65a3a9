//! What a clock waits for, as figures tell it apart, and whose it is.

use super::Standing;
use crate::calendar::Step;

/// What somebody has to do by a due time. As the steps that have clocks, but for two: a clue that waits for a coordinator (争议) goes
/// by the clock of triage, since both wait for a person to say whose duty it is, and is counted apart, since others are to say so;
/// and the overall clock is what the figures of closing go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    Dispatch,
    Triage,
    Coordination,
    Acknowledge,
    Handle,
    Check,
}

impl Task {
    pub const ALL: [Self; 6] = [
        Self::Dispatch,
        Self::Triage,
        Self::Coordination,
        Self::Acknowledge,
        Self::Handle,
        Self::Check,
    ];

    /// Of a clock that runs, or ran, while the clue stood there; `None`: the overall one. What agencies beside the responsible one do
    /// has no clock of the clue.
    pub const fn of(clock: Step, standing: Standing) -> Option<Self> {
        Some(match clock {
            Step::Dispatch => Self::Dispatch,
            Step::Triage if matches!(standing, Standing::Coordination) => Self::Coordination,
            Step::Triage => Self::Triage,
            Step::Acknowledge => Self::Acknowledge,
            Step::Handle => Self::Handle,
            Step::Check => Self::Check,
            Step::Overall | Step::Assist | Step::Arrive => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dispatch => "dispatch",
            Self::Triage => "triage",
            Self::Coordination => "coordination",
            Self::Acknowledge => "acknowledge",
            Self::Handle => "handle",
            Self::Check => "check",
        }
    }

    /// Whether the agency that has the clue is to do it; all else is a desk's.
    pub const fn is_of_agency(self) -> bool {
        matches!(self, Self::Acknowledge | Self::Handle)
    }
}
