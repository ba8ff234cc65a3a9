//! The figures about disputes over duty, each with its formula.

use serde::{Serialize, Serializer};

use super::DutyCounts;
use crate::figures::Figure;

/// The figures, each a ratio of [`DutyCounts`], but for the median.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DutyKind {
    /// 协商化解率
    SettledRate,
    /// 裁定率
    DecidedRate,
    /// 申请复核率
    AppealRate,
    /// 拒不执行率
    BreachRate,
    /// 定责工作日中位数
    MedianWorkingDays,
    /// 先例派遣占比
    PrecedentShare,
}

impl DutyKind {
    pub const ALL: [Self; 6] = [
        Self::SettledRate,
        Self::DecidedRate,
        Self::AppealRate,
        Self::BreachRate,
        Self::MedianWorkingDays,
        Self::PrecedentShare,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SettledRate => "settled_rate",
            Self::DecidedRate => "decided_rate",
            Self::AppealRate => "appeal_rate",
            Self::BreachRate => "breach_rate",
            Self::MedianWorkingDays => "median_working_days",
            Self::PrecedentShare => "precedent_share",
        }
    }

    pub const fn version(self) -> u32 {
        1
    }

    /// Whether it is a number of days, and no share of a whole.
    pub const fn is_multiple(self) -> bool {
        matches!(self, Self::MedianWorkingDays)
    }

    /// Chinese, English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::SettledRate => ("争议协商一致率", "disputes settled by agreement"),
            Self::DecidedRate => ("争议裁定率", "disputes decided by a ruling"),
            Self::AppealRate => ("申请复核率", "decided disputes that were appealed"),
            Self::BreachRate => ("拒不执行率", "rulings that were not taken up in time"),
            Self::MedianWorkingDays => (
                "定责用时中位数（工作日）",
                "working days until settled or decided, median",
            ),
            Self::PrecedentShare => ("先例派遣占比", "clues that a precedent dispatched"),
        }
    }

    const fn formula(self) -> &'static str {
        match self {
            Self::SettledRate => "settled / opened",
            Self::DecidedRate => "decided / opened",
            Self::AppealRate => "appealed / decided",
            Self::BreachRate => "breaches / rulings",
            Self::MedianWorkingDays => "sum of the middle one or two of determined / how many these are",
            Self::PrecedentShare => "routed_by_precedent / routed",
        }
    }

    /// `middle`: the sum of the middle one or two of the working days, and how many these are.
    pub(super) fn of(self, counts: &DutyCounts, middle: (u64, u64)) -> Figure<Self> {
        let (numerator, denominator) = match self {
            Self::SettledRate => (counts.settled, counts.opened),
            Self::DecidedRate => (counts.decided, counts.opened),
            Self::AppealRate => (counts.appealed, counts.decided),
            Self::BreachRate => (counts.breaches, counts.rulings),
            Self::MedianWorkingDays => middle,
            Self::PrecedentShare => (counts.routed_by_precedent, counts.routed),
        };
        Figure {
            id: self,
            version: self.version(),
            numerator,
            denominator,
            value: (denominator > 0).then(|| numerator as f64 / denominator as f64),
            formula: self.formula(),
        }
    }
}

impl Serialize for DutyKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
