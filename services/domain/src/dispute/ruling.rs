//! What was decided, and whether it is obeyed.

use serde::{Deserialize, Serialize};

use super::{Forum, Paper};
use crate::calendar::Limit;
use crate::code::AgencyId;
use crate::time::Timestamp;

/// A ruling (裁定) as it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruling {
    /// Whose duty it is.
    pub responsible: AgencyId,
    /// 协办
    pub assisting: Vec<AgencyId>,
    /// 依据
    pub basis: String,
    /// How long handling may take, from taking it up; `None`: as the policy says.
    pub term: Option<Limit>,
    pub decision: Paper,
}

/// A ruling on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ruled {
    pub ruling: Ruling,
    pub forum: Forum,
    pub at: Timestamp,
}

/// The designated agency did not take the clue up in time (拒不执行). It stays on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breach {
    pub agency: AgencyId,
    pub since: Timestamp,
    /// When it took the clue up after all, or the clue ended.
    pub ended: Option<Timestamp>,
}
