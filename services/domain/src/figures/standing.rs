//! The words for where a clue stands and who answers for it.

use serde::{Deserialize, Serialize};

/// The stage of a clue's life, by the same words as [`crate::clue::Stage::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    Reported,
    Rejected,
    Admitted,
    Triage,
    Coordination,
    Dispatched,
    Acknowledged,
    Handling,
    ReturnRequested,
    Suspended,
    Resolved,
    Closed,
    Voided,
}

/// Who answers for an open clue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    Routing,
    Triage,
    Coordinator,
    Agency,
    Verification,
}

impl Standing {
    pub const ALL: [Self; 13] = [
        Self::Reported,
        Self::Rejected,
        Self::Admitted,
        Self::Triage,
        Self::Coordination,
        Self::Dispatched,
        Self::Acknowledged,
        Self::Handling,
        Self::ReturnRequested,
        Self::Suspended,
        Self::Resolved,
        Self::Closed,
        Self::Voided,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Rejected => "rejected",
            Self::Admitted => "admitted",
            Self::Triage => "triage",
            Self::Coordination => "coordination",
            Self::Dispatched => "dispatched",
            Self::Acknowledged => "acknowledged",
            Self::Handling => "handling",
            Self::ReturnRequested => "return_requested",
            Self::Suspended => "suspended",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
            Self::Voided => "voided",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.as_str() == word)
    }

    /// `None` once the clue is closed, rejected or voided.
    pub const fn holder(self) -> Option<HolderKind> {
        match self {
            Self::Reported | Self::Admitted => Some(HolderKind::Routing),
            Self::Triage => Some(HolderKind::Triage),
            Self::Coordination => Some(HolderKind::Coordinator),
            Self::Dispatched
            | Self::Acknowledged
            | Self::Handling
            | Self::ReturnRequested
            | Self::Suspended => Some(HolderKind::Agency),
            Self::Resolved => Some(HolderKind::Verification),
            Self::Rejected | Self::Closed | Self::Voided => None,
        }
    }

    pub const fn is_open(self) -> bool {
        self.holder().is_some()
    }
}

impl HolderKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Routing => "routing",
            Self::Triage => "triage",
            Self::Coordinator => "coordinator",
            Self::Agency => "agency",
            Self::Verification => "verification",
        }
    }
}
