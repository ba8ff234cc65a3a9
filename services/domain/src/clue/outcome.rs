//! How a clue ends: one conclusion, any number of measures, evidence by reference.
//!
//! Conclusions follow 行政处罚法 (2021) art. 33, 57 and the practice of Zhejiang's enforcement agencies.

use serde::{Deserialize, Serialize};

use crate::code::MatterCode;
use crate::digest::Digest;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| it.as_str() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

pub(crate) use words;

words!(
    /// The one conclusion of a closure.
    Conclusion {
        /// 立案处罚
        Penalty = "penalty",
        /// 轻微免罚: minor, corrected, no harm; must waive.
        NoPenaltyMinor = "no_penalty_minor",
        /// 首违不罚: first, slight, corrected; may waive, education required.
        NoPenaltyFirst = "no_penalty_first",
        /// 无主观过错
        NoFault = "no_fault",
        /// 违法事实不成立 / 不属实
        NotMadeOut = "not_made_out",
        /// 无法核实
        Unverifiable = "unverifiable",
        /// 整改到位: on site or after an order; the commonest.
        Rectified = "rectified",
        /// 解释答复
        Explained = "explained",
        /// 不予立案
        NotFiled = "not_filed",
        /// 转立案: interim; the penalty case goes on with a clock of its own.
        CaseFiled = "case_filed",
        /// 移送司法
        TransferCriminal = "transfer_criminal",
        /// 移送: outside the city's agencies only.
        TransferJurisdiction = "transfer_jurisdiction",
        /// Imported history only.
        Unstated = "unstated",
    }
);

words!(
    /// What an agency did besides concluding.
    Measure {
        /// 责令改正 (art. 28)
        OrderCorrect = "order_correct",
        /// 教育劝导
        Education = "education",
        /// 从轻减轻 / 公益减罚
        Mitigation = "mitigation",
        /// 简易 / 快办
        FastProcedure = "fast_procedure",
        /// 先行登记保存、查封扣押
        Seizure = "seizure",
        /// 其他
        Other = "other",
    }
);

words!(
    /// What kind of closure a conclusion is; reported separately.
    ClosureClass {
        /// 实质性办结
        Substantive = "substantive",
        /// 阶段性办结
        Interim = "interim",
        /// 程序性办结
        Procedural = "procedural",
    }
);

words!(
    /// What a piece of evidence shows.
    EvidenceKind {
        Before = "before",
        After = "after",
        Near = "near",
        Far = "far",
        Reference = "reference",
        Document = "document",
    }
);

impl Conclusion {
    pub const fn class(self) -> ClosureClass {
        match self {
            Self::CaseFiled => ClosureClass::Interim,
            Self::TransferCriminal
            | Self::TransferJurisdiction
            | Self::NotFiled
            | Self::Unverifiable
            | Self::Explained
            | Self::Unstated => ClosureClass::Procedural,
            Self::Penalty
            | Self::NoPenaltyMinor
            | Self::NoPenaltyFirst
            | Self::NoFault
            | Self::NotMadeOut
            | Self::Rectified => ClosureClass::Substantive,
        }
    }
}

/// Evidence by reference: never the bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub kind: EvidenceKind,
    pub uri: String,
    /// Of the bytes behind `uri`.
    pub digest: Option<Digest>,
}

/// What the agency reports when it has handled a clue (处置反馈).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub conclusion: Conclusion,
    pub measures: Vec<Measure>,
    pub evidence: Vec<Evidence>,
    /// 属实: whether what was reported turned out to be true; `None` = not stated.
    pub substantiated: Option<bool>,
    pub matter: Option<MatterCode>,
    pub legal_basis: Option<String>,
    pub document_number: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_unknown_ones_are_refused() {
        for conclusion in Conclusion::ALL {
            assert_eq!(Conclusion::parse(conclusion.as_str()), Some(*conclusion));
        }
        assert_eq!(Conclusion::parse("done"), None);
        assert_eq!(Conclusion::CaseFiled.class(), ClosureClass::Interim);
    }
}
