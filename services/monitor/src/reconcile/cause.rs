//! In what two lists can differ, why, and who can do something about it.

use bihuan_domain::figures::HolderKind;
use bihuan_domain::lang::Lang;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is different.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// In their list, unknown here.
    MissingHere,
    /// Known here, not in their list.
    MissingThere,
    StatusDiffers,
    /// They could not be told what became of it here.
    CallbackFailed,
    /// The id is there more than once: in the list, or here.
    Duplicate,
    /// A line of the list says nothing that can be compared.
    Unreadable,
}

/// Why it is different: each belongs to one [`Difference`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    NeverReceived,
    Quarantined,
    Discarded,
    /// Records of the source lie in quarantine of which not even the id can be read.
    PerhapsQuarantined,
    NotListed,
    /// The source took it back; here it is still open.
    GoneThere,
    /// 源已闭环、此处未闭环
    ClosedThere,
    WithdrawnThere,
    /// 源在办、此处已结束
    ReopenedThere,
    /// Their newest state never came here.
    UpdateNotReceived,
    /// Closed here, and they still have it open.
    ClosureNotTaken,
    /// Rejected or voided here, and they still have it open.
    EndNotTaken,
    CallbackFailed,
    ListedTwice,
    LineUnreadable,
    /// The mapping does not know the word for the state.
    StatusUnknown,
    /// A clue of its own, and linked with another one.
    TwoClues,
}

/// Who can say what happened, or mend it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    Platform,
    Agency,
    Triage,
    Coordinator,
    Verification,
    Operator,
}

impl Difference {
    pub const ALL: [Self; 6] = [
        Self::MissingHere,
        Self::MissingThere,
        Self::StatusDiffers,
        Self::CallbackFailed,
        Self::Duplicate,
        Self::Unreadable,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingHere => "missing_here",
            Self::MissingThere => "missing_there",
            Self::StatusDiffers => "status_differs",
            Self::CallbackFailed => "callback_failed",
            Self::Duplicate => "duplicate",
            Self::Unreadable => "unreadable",
        }
    }

    pub const fn words(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::MissingHere => ("平台有、此处无", "missing here"),
            Self::MissingThere => ("此处有、平台无", "missing there"),
            Self::StatusDiffers => ("状态不一致", "status differs"),
            Self::CallbackFailed => ("回调失败", "callback failed"),
            Self::Duplicate => ("编号重复", "id more than once"),
            Self::Unreadable => ("清单行无法读取", "line cannot be read"),
        };
        lang.choose(zh, en)
    }
}

impl Cause {
    pub const ALL: [Self; 17] = [
        Self::NeverReceived,
        Self::Quarantined,
        Self::Discarded,
        Self::PerhapsQuarantined,
        Self::NotListed,
        Self::GoneThere,
        Self::ClosedThere,
        Self::WithdrawnThere,
        Self::ReopenedThere,
        Self::UpdateNotReceived,
        Self::ClosureNotTaken,
        Self::EndNotTaken,
        Self::CallbackFailed,
        Self::ListedTwice,
        Self::LineUnreadable,
        Self::StatusUnknown,
        Self::TwoClues,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeverReceived => "never_received",
            Self::Quarantined => "quarantined",
            Self::Discarded => "discarded",
            Self::PerhapsQuarantined => "perhaps_quarantined",
            Self::NotListed => "not_listed",
            Self::GoneThere => "gone_there",
            Self::ClosedThere => "closed_there",
            Self::WithdrawnThere => "withdrawn_there",
            Self::ReopenedThere => "reopened_there",
            Self::UpdateNotReceived => "update_not_received",
            Self::ClosureNotTaken => "closure_not_taken",
            Self::EndNotTaken => "end_not_taken",
            Self::CallbackFailed => "callback_failed",
            Self::ListedTwice => "listed_twice",
            Self::LineUnreadable => "line_unreadable",
            Self::StatusUnknown => "status_unknown",
            Self::TwoClues => "two_clues",
        }
    }

    pub const fn difference(self) -> Difference {
        match self {
            Self::NeverReceived | Self::Quarantined | Self::Discarded | Self::PerhapsQuarantined => {
                Difference::MissingHere
            }
            Self::NotListed | Self::GoneThere => Difference::MissingThere,
            Self::ClosedThere
            | Self::WithdrawnThere
            | Self::ReopenedThere
            | Self::UpdateNotReceived
            | Self::ClosureNotTaken
            | Self::EndNotTaken => Difference::StatusDiffers,
            Self::CallbackFailed => Difference::CallbackFailed,
            Self::ListedTwice | Self::TwoClues => Difference::Duplicate,
            Self::LineUnreadable | Self::StatusUnknown => Difference::Unreadable,
        }
    }

    /// Whom to ask about a clue that `holder` has.
    pub const fn ask(self, holder: Option<HolderKind>) -> Ask {
        match self {
            Self::NeverReceived
            | Self::NotListed
            | Self::UpdateNotReceived
            | Self::ClosureNotTaken
            | Self::EndNotTaken
            | Self::ListedTwice
            | Self::LineUnreadable => Ask::Platform,
            Self::Quarantined
            | Self::Discarded
            | Self::PerhapsQuarantined
            | Self::CallbackFailed
            | Self::StatusUnknown => Ask::Operator,
            Self::ReopenedThere | Self::TwoClues => Ask::Triage,
            Self::GoneThere | Self::ClosedThere | Self::WithdrawnThere => match holder {
                Some(HolderKind::Agency) => Ask::Agency,
                Some(HolderKind::Coordinator) => Ask::Coordinator,
                Some(HolderKind::Verification) => Ask::Verification,
                Some(HolderKind::Triage | HolderKind::Routing) | None => Ask::Triage,
            },
        }
    }

    /// What is the matter, and what to do.
    pub const fn words(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::NeverReceived => ("从未收到，请平台重发", "never received; have it sent again"),
            Self::Quarantined => (
                "在隔离区，修正映射后重读",
                "in quarantine; mend the mapping and replay it",
            ),
            Self::Discarded => (
                "隔离后已被丢弃，核对是否误弃",
                "discarded from quarantine; see whether that was right",
            ),
            Self::PerhapsQuarantined => (
                "未收到，或在隔离区中编号无法读取的记录里",
                "not received, or among quarantined records whose id cannot be read",
            ),
            Self::NotListed => (
                "平台清单中没有，请平台核对",
                "not in the platform's list; have the platform look for it",
            ),
            Self::GoneThere => (
                "源已撤回或删除、此处未结束，由当前责任方处理不一致",
                "withdrawn or deleted there and open here; whoever holds it settles that",
            ),
            Self::ClosedThere => (
                "源已闭环、此处未闭环，由当前责任方处置",
                "closed there and open here; whoever holds it goes on or settles that",
            ),
            Self::WithdrawnThere => (
                "源已撤回、此处未结束，由当前责任方处理不一致",
                "withdrawn there and open here; whoever holds it settles that",
            ),
            Self::ReopenedThere => (
                "源在办、此处已结束，决定是否重开",
                "open again there and ended here; decide whether to reopen it",
            ),
            Self::UpdateNotReceived => (
                "平台的最新状态未送达，请平台重发该记录",
                "their newest state never came; have the record sent again",
            ),
            Self::ClosureNotTaken => (
                "此处已闭环、平台仍在办，平台未接收闭环结果",
                "closed here and open there; the platform did not take the closing",
            ),
            Self::EndNotTaken => (
                "此处不予受理或已作废、平台仍在办，请平台办结",
                "rejected or voided here and open there; have the platform end it",
            ),
            Self::CallbackFailed => (
                "回调未送达，排除故障后重发",
                "the callback was not delivered; mend that and send it again",
            ),
            Self::ListedTwice => (
                "清单中编号重复，以最后一行为准",
                "the list has the id more than once; its last line counts",
            ),
            Self::LineUnreadable => (
                "清单该行没有可用的编号，请平台更正",
                "the line has no usable id; have the list mended",
            ),
            Self::TwoClues => (
                "同一编号有两条线索：它后来才指明与另一条相同，核对后作废其一",
                "two clues under one id: only later did it say that it is the same as another; void one of them",
            ),
            Self::StatusUnknown => (
                "映射不认识该状态，补充对照表",
                "the mapping does not know the word for the state; add it",
            ),
        };
        lang.choose(zh, en)
    }
}

impl Ask {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Agency => "agency",
            Self::Triage => "triage",
            Self::Coordinator => "coordinator",
            Self::Verification => "verification",
            Self::Operator => "operator",
        }
    }

    pub const fn words(self, lang: Lang) -> &'static str {
        let (zh, en) = match self {
            Self::Platform => ("来源平台", "the platform"),
            Self::Agency => ("承办单位", "the agency"),
            Self::Triage => ("人工分派岗", "triage desk"),
            Self::Coordinator => ("协调岗", "coordinator"),
            Self::Verification => ("核查回访岗", "verification"),
            Self::Operator => ("运维人员", "operator"),
        };
        lang.choose(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_as_it_is_written_and_has_words_in_both_languages() {
        for cause in Cause::ALL {
            let written = serde_json::to_value(cause).expect("written");
            assert_eq!(written, cause.as_str());
            assert!(!cause.words(Lang::Zh).is_ascii() && cause.words(Lang::En).is_ascii());
            let difference = serde_json::to_value(cause.difference()).expect("written");
            assert_eq!(difference, cause.difference().as_str());
            let ask = cause.ask(None);
            assert_eq!(serde_json::to_value(ask).expect("written"), ask.as_str());
        }
        for difference in Difference::ALL {
            assert!(Cause::ALL.iter().any(|cause| cause.difference() == difference));
        }
    }

    #[test]
    fn what_the_source_ended_is_asked_of_whoever_holds_it() {
        for (holder, ask) in [
            (Some(HolderKind::Agency), Ask::Agency),
            (Some(HolderKind::Triage), Ask::Triage),
            (Some(HolderKind::Routing), Ask::Triage),
            (Some(HolderKind::Coordinator), Ask::Coordinator),
            (Some(HolderKind::Verification), Ask::Verification),
        ] {
            assert_eq!(Cause::ClosedThere.ask(holder), ask);
            assert_eq!(Cause::ClosureNotTaken.ask(holder), Ask::Platform);
        }
    }
}
