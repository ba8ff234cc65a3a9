//! What a decision may know besides the clue itself: the rulebook with its policy, and the number to give to a new clue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Ladder;
use crate::calendar::CalendarPolicy;
use crate::code::SourceId;
use crate::dispute::DisputePolicy;
use crate::routing::Rulebook;
use crate::time::Timestamp;

/// The surroundings of one decision.
#[derive(Clone, Copy, Debug)]
pub struct Env<'a> {
    /// By what the clue is decided: the one that holds for the time of its report.
    pub rulebook: &'a Rulebook,
    /// The one that holds when it is asked, or that the answer of routing goes by: agencies, matters and areas that only it knows
    /// may be named too.
    pub current: &'a Rulebook,
    /// The number that a clue reported now would carry, for example `330602-20260105-000123`.
    pub number: &'a str,
}

/// The numbers and switches that law and practice set differently by city. Every default stands here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    pub intake: Intake,
    pub admission: Admission,
    pub returns: Returns,
    pub reopen: Reopen,
    pub clocks: ClockPolicy,
    pub extension: ExtensionLimits,
    pub suspension: SuspensionLimits,
    pub ladder: Ladder,
    /// By source; the entry `default` holds for every other one.
    pub verification: BTreeMap<String, Verification>,
    pub time: EffectiveTime,
    pub calendar: CalendarPolicy,
    pub disputes: DisputePolicy,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Intake {
    /// A report further ahead of the time of receipt than this is flagged, and the time of receipt stands in.
    pub future_tolerance_minutes: u32,
    pub closed_before_reported: ClosedBeforeReported,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedBeforeReported {
    /// Often handled first and entered later.
    Flag,
    Quarantine,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admission {
    /// Admit every report by itself; otherwise a person admits or rejects.
    pub automatic: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Returns {
    /// The return with this number goes to the coordinator instead of being bounced on.
    pub limit: u32,
    /// Somebody entitled must approve a return; otherwise it is approved at once.
    pub approval: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reopen {
    /// Days after closing within which a clue may be reopened.
    pub window_days: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SuspensionLimits {
    /// The longest suspension in calendar days.
    pub max_days: u32,
    /// A clue that was suspended for longer than this, all suspensions together, is backlog (积存).
    pub backlog_days: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockPolicy {
    pub binds: Binding,
}

/// Which due time binds where the source sends one too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    #[default]
    Earliest,
    Source,
    Own,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExtensionLimits {
    /// So many may be granted to a clue.
    pub max_grants: u32,
}

/// What must be confirmed before a clue of a source may close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Verification {
    pub check: bool,
    pub call_back: bool,
    /// Unanswered attempts after which an unreachable reporter counts as called back.
    pub attempts: u32,
    /// Close by itself when everything needed is confirmed.
    pub auto_close: bool,
    /// Who says that the reporter is satisfied.
    pub closing_authority: ClosingAuthority,
}

/// Whose word counts as the passed call-back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingAuthority {
    #[default]
    Own,
    /// The source calls back itself: that it closed a resolved clue is the passed call-back.
    Source,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EffectiveTime {
    /// A sender's own time counts if it lies at most this long before the time of receipt.
    pub past_tolerance_minutes: u32,
    /// … or at most this long after it.
    pub future_tolerance_minutes: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            intake: Intake::default(),
            admission: Admission::default(),
            returns: Returns::default(),
            reopen: Reopen::default(),
            clocks: ClockPolicy::default(),
            extension: ExtensionLimits::default(),
            suspension: SuspensionLimits::default(),
            ladder: Ladder::default(),
            verification: BTreeMap::from([("default".to_owned(), Verification::default())]),
            time: EffectiveTime::default(),
            calendar: CalendarPolicy::default(),
            disputes: DisputePolicy::default(),
        }
    }
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            future_tolerance_minutes: 10,
            closed_before_reported: ClosedBeforeReported::Flag,
        }
    }
}

impl Default for Admission {
    fn default() -> Self {
        Self { automatic: true }
    }
}

impl Default for Returns {
    fn default() -> Self {
        Self {
            limit: 2,
            approval: true,
        }
    }
}

impl Default for Reopen {
    fn default() -> Self {
        Self { window_days: 15 }
    }
}

impl Default for ExtensionLimits {
    fn default() -> Self {
        Self { max_grants: 2 }
    }
}

impl Default for SuspensionLimits {
    fn default() -> Self {
        Self {
            max_days: 60,
            backlog_days: 60,
        }
    }
}

impl Default for Verification {
    fn default() -> Self {
        Self {
            check: true,
            call_back: false,
            attempts: 3,
            auto_close: false,
            closing_authority: ClosingAuthority::Own,
        }
    }
}

impl Default for EffectiveTime {
    fn default() -> Self {
        Self {
            past_tolerance_minutes: 7 * 24 * 60,
            future_tolerance_minutes: 10,
        }
    }
}

impl EffectiveTime {
    /// When something happened that was received then, as far as its sender may claim another time.
    pub fn of(&self, claimed: Option<Timestamp>, received: Timestamp) -> Timestamp {
        let earliest = received.plus_minutes(-i64::from(self.past_tolerance_minutes));
        let latest = received.plus_minutes(i64::from(self.future_tolerance_minutes));
        claimed
            .filter(|at| (earliest..=latest).contains(at))
            .unwrap_or(received)
    }
}

impl Policy {
    /// What the clues of `source` need before they may close.
    pub fn verification(&self, source: &SourceId) -> Verification {
        self.verification
            .get(source.as_str())
            .or_else(|| self.verification.get("default"))
            .copied()
            .unwrap_or_default()
    }
}
