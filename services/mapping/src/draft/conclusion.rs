//! What platforms' words for a result most likely mean, in the glossary's conclusions.

/// Whole words, then fragments; the first that fits.
const WORDS: &[(&str, &[&str])] = &[
    ("transfer_criminal", &["移送司法", "移送公安"]),
    ("not_filed", &["不予立案", "不立案"]),
    ("no_penalty_first", &["首违不罚"]),
    ("no_penalty_minor", &["轻微免罚", "轻微不罚", "免罚", "不予处罚"]),
    (
        "penalty",
        &[
            "立案处罚",
            "行政处罚",
            "处罚",
            "fined",
            "penalty",
            "citation issued",
        ],
    ),
    ("case_filed", &["转立案", "已立案", "立案"]),
    (
        "rectified",
        &[
            "整改到位",
            "已整改",
            "整改完成",
            "整改",
            "rectified",
            "fixed",
            "corrected",
            "abated",
        ],
    ),
    (
        "not_made_out",
        &["不属实", "unfounded", "unsubstantiated", "no violation"],
    ),
    (
        "unverifiable",
        &[
            "无法核实",
            "无法联系",
            "could not be verified",
            "unable to verify",
        ],
    ),
    (
        "explained",
        &["解释答复", "已解释", "解释", "advised", "information provided"],
    ),
];

/// A referral is no conclusion of ours without the receiver's receipt.
const REFERRED: &[&str] = &["移送", "转办", "转交", "transferred", "referred"];

/// What a word most likely means, and whether that is a guess.
pub(super) fn guess(word: &str) -> Option<(&'static str, bool)> {
    let word = word.trim().to_lowercase();
    let whole = WORDS.iter().find(|(_, words)| words.contains(&&*word));
    let part = || {
        WORDS
            .iter()
            .find(|(_, words)| words.iter().any(|part| word.contains(part)))
    };
    whole
        .map(|(means, _)| (*means, false))
        .or_else(|| part().map(|(means, _)| (*means, true)))
        .or_else(|| is_referral(&word).then_some(("unstated", true)))
}

pub(super) fn is_referral(word: &str) -> bool {
    let word = word.to_lowercase();
    REFERRED.iter().any(|part| word.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_guessed() {
        assert_eq!(guess("整改到位"), Some(("rectified", false)));
        assert_eq!(guess("不予立案"), Some(("not_filed", false)));
        assert_eq!(guess("已责令整改完毕"), Some(("rectified", true)));
        assert_eq!(guess("Closed (Transferred)"), Some(("unstated", true)));
        assert_eq!(guess("移送公安"), Some(("transfer_criminal", false)));
        assert_eq!(guess("A17"), None);
    }
}
