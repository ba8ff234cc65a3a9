//! What platforms' words for a record's status most likely mean, in the words of `[snapshot] status`.

/// A guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) means: &'static str,
    /// The word is used in more than one sense.
    pub(super) unsure: bool,
}

/// Longer fragments first where one holds another.
const SURE: &[(&str, &[&str])] = &[
    (
        "reopened",
        &["重办", "退回重办", "重新办理", "重开", "reopened", "re-opened"],
    ),
    ("urged", &["催办", "催单", "urged", "reminded"]),
    (
        "withdrawn",
        &[
            "撤回",
            "已撤回",
            "撤销",
            "已撤销",
            "撤单",
            "作废",
            "已作废",
            "取消",
            "已取消",
            "cancelled",
            "canceled",
            "withdrawn",
            "void",
            "voided",
        ],
    ),
    (
        "closed",
        &[
            "办结",
            "已办结",
            "结案",
            "已结案",
            "闭环",
            "已闭环",
            "已完成",
            "完成",
            "已关闭",
            "关闭",
            "已归档",
            "归档",
            "closed",
            "resolved",
            "completed",
            "complete",
            "done",
            "finished",
        ],
    ),
    (
        "open",
        &[
            "待办",
            "待处理",
            "待受理",
            "待派单",
            "待签收",
            "待处置",
            "已受理",
            "受理",
            "受理中",
            "处理中",
            "处置中",
            "办理中",
            "在办",
            "已派单",
            "派单",
            "已派遣",
            "已签收",
            "处理",
            "未处理",
            "新建",
            "open",
            "new",
            "in progress",
            "in_progress",
            "pending",
            "assigned",
            "started",
            "submitted",
            "active",
            "dispatched",
            "received",
        ],
    ),
];

/// Fragments that decide nothing by themselves. Only what its reporter took back is withdrawn, and leaves the accounts: a duplicate,
/// or what turned out to be nothing, is a clue of its own that was closed.
const UNSURE: &[(&str, &[&str])] = &[
    ("reopened", &["重办", "重新", "reopen"]),
    ("urged", &["催"]),
    ("withdrawn", &["撤", "作废", "取消", "cancel", "withdraw"]),
    (
        "open",
        &[
            "未办结",
            "未完成",
            "未结",
            "待",
            "退回",
            "not closed",
            "unresolved",
            "reject",
        ],
    ),
    (
        "closed",
        &[
            "重复",
            "无效",
            "duplicate",
            "invalid",
            "办结",
            "结案",
            "完成",
            "闭环",
            "已答复",
            "已回复",
            "已反馈",
            "closed",
            "resolved",
            "complete",
        ],
    ),
    (
        "open",
        &[
            "中", "挂", "延期", "转办", "审核", "open", "progress", "hold", "wait", "assign", "refer",
            "transfer",
        ],
    ),
];

pub(super) fn guess(word: &str) -> Option<Guess> {
    let word = word.trim().to_lowercase();
    let of = |(means, _): &(&'static str, _), unsure| Guess { means, unsure };
    let sure = SURE.iter().find(|(_, words)| words.contains(&&*word));
    sure.map(|entry| of(entry, false)).or_else(|| {
        let entry = UNSURE
            .iter()
            .find(|(_, parts)| parts.iter().any(|part| word.contains(part)));
        entry.map(|entry| of(entry, true))
    })
}

/// Whether a word stands here as it is: then it names a status, and nobody.
pub(super) fn is_listed(word: &str) -> bool {
    let word = word.trim().to_lowercase();
    let lists = SURE.iter().chain(UNSURE);
    lists.flat_map(|(_, words)| *words).any(|known| *known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_guessed_and_the_guess_says_whether_it_is_one() {
        for (word, means, unsure) in [
            ("已办结", "closed", false),
            ("Closed", "closed", false),
            ("处理中", "open", false),
            ("In Progress", "open", false),
            ("作废", "withdrawn", false),
            ("催办", "urged", false),
            ("退回重办", "reopened", false),
            ("Closed (Duplicate)", "closed", true),
            ("Closed (Transferred)", "closed", true),
            ("未办结", "open", true),
            ("待审核", "open", true),
            ("Duplicate", "closed", true),
            ("重复件", "closed", true),
            ("Closed - Cancelled", "withdrawn", true),
        ] {
            assert_eq!(guess(word), Some(Guess { means, unsure }), "{word}");
        }
        assert_eq!(guess("A17"), None);
    }
}
