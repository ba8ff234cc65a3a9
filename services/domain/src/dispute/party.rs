//! Who quarrels, and what each says.

use serde::{Deserialize, Serialize};

use crate::clue::words;
use crate::code::AgencyId;
use crate::time::Timestamp;

words!(
    /// What a party says of the duty.
    Position {
        /// 主张属于本单位职责
        Claims = "claims",
        /// 主张不属于本单位职责
        Denies = "denies",
    }
);

/// So many may be named: own choice.
pub(crate) const MOST_PARTIES: usize = 20;

/// A party as it is named when it comes in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub agency: AgencyId,
    /// `None`: it has not said yet.
    pub position: Option<Position>,
    /// The duty that it relies on: a row of `duties.csv`, or the law.
    pub duty: Option<String>,
}

/// An agency that quarrels over the clue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub agency: AgencyId,
    pub position: Option<Position>,
    pub duty: Option<String>,
    /// When it answered the application.
    pub replied_at: Option<Timestamp>,
    /// Whether it accepts the opinion that was given last.
    pub consent: Option<bool>,
    /// It would give the dispute up, if all do.
    pub withdraws: bool,
}

impl From<&Claim> for Party {
    fn from(claim: &Claim) -> Self {
        Self {
            agency: claim.agency.clone(),
            position: claim.position,
            duty: claim.duty.clone(),
            replied_at: None,
            consent: None,
            withdraws: false,
        }
    }
}
