//! How a dispute comes up and how it ends.

use serde::{Deserialize, Serialize};

use super::{Claim, Forum};
use crate::clue::words;
use crate::code::{AgencyId, AreaCode, MatterCode, Severity};
use crate::id::ClueId;
use crate::time::Timestamp;

/// How it comes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The return with this number: no more bouncing.
    ReturnLimit {
        returns: u32,
    },
    /// A return was refused, and the agency that asked contests that.
    RefusedReturn,
    /// Two agencies claim the clue.
    Claims,
    ByAgency,
    ByCoordinator,
}

impl Cause {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReturnLimit { .. } => "return_limit",
            Self::RefusedReturn => "refused_return",
            Self::Claims => "claims",
            Self::ByAgency => "by_agency",
            Self::ByCoordinator => "by_coordinator",
        }
    }
}

/// What a dispute is about when it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub clue: ClueId,
    pub matter: Option<MatterCode>,
    pub area: Option<AreaCode>,
    pub severity: Option<Severity>,
    pub cause: Cause,
    pub parties: Vec<Claim>,
    /// The first agency that the clue was dispatched to.
    pub first_receiver: Option<AgencyId>,
}

/// What the coordinator thinks (协调意见书), whether or not the parties agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    pub agency: AgencyId,
    pub forum: Forum,
    pub at: Timestamp,
}

words!(
    /// On which ground an application is refused (平顶山、汕头: exclusions).
    Ground {
        /// 单位内部事务
        InternalMatter = "internal_matter",
        /// 行政机关与相对人之间的争议
        AgencyAgainstCitizen = "agency_against_citizen",
        /// 不属于受理范围
        NotCompetent = "not_competent",
    }
);

words!(
    /// How the parties came to agree.
    Agreement {
        /// 协商一致
        Negotiation = "negotiation",
        /// 接受协调意见
        Opinion = "opinion",
    }
);

words!(
    /// How the clue of a dispute ended.
    ClueEnd {
        Closed = "closed",
        Voided = "voided",
        Rejected = "rejected",
        /// It is the same as another one, and goes on there.
        Merged = "merged",
    }
);

/// How a dispute ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The parties agree whose duty it is.
    Settled {
        agency: AgencyId,
        by: Agreement,
    },
    /// 不予受理
    Refused {
        ground: Ground,
    },
    Withdrawn,
    /// The agency that the ruling designated took the clue up, and it was closed.
    CarriedOut {
        agency: AgencyId,
    },
    /// The clue ended otherwise, and with it the dispute.
    ClueEnded {
        how: ClueEnd,
    },
}

impl Outcome {
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Settled { .. } => "settled",
            Self::Refused { .. } => "refused",
            Self::Withdrawn => "withdrawn",
            Self::CarriedOut { .. } => "carried_out",
            Self::ClueEnded { .. } => "clue_ended",
        }
    }
}
