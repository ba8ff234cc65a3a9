//! The steps of a clue that a source can be told of, and which event is which.

use bihuan_domain::clue::{CallBack, Event};

macro_rules! steps {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A step that a source can be told of.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Step { $($(#[$doc])* $variant),+ }

        impl Step {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

steps!(
    /// 受理
    Admitted = "admitted",
    /// 不予受理
    Rejected = "rejected",
    /// 待人工分派
    Triage = "triage",
    /// 待协调, 争议: whose duty it is, is being settled
    Coordination = "coordination",
    /// 派遣
    Dispatched = "dispatched",
    /// 下派
    Delegated = "delegated",
    /// 签收
    Acknowledged = "acknowledged",
    /// 退单申请
    ReturnRequested = "return_requested",
    /// 退单 was approved
    Returned = "returned",
    /// 退单 was refused
    ReturnRefused = "return_refused",
    /// 转办
    Transferred = "transferred",
    /// 处置中
    Handling = "handling",
    /// 挂账
    Suspended = "suspended",
    /// No longer suspended
    Resumed = "resumed",
    /// 延期 was granted
    Extended = "extended",
    /// 已反馈
    Resolved = "resolved",
    /// 核查 passed
    Checked = "checked",
    /// 回访 without complaint
    CalledBack = "called_back",
    /// 返工: after a failed check or call-back
    Rework = "rework",
    /// 闭环
    Closed = "closed",
    /// 重开
    Reopened = "reopened",
    /// 作废
    Voided = "voided",
);

impl Step {
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|step| step.as_str() == word)
    }

    /// The step that an event is; a designation, if it moves the clue to another agency. What the source itself recorded is none: it
    /// knows.
    pub const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::ClueAdmitted => Self::Admitted,
            Event::ClueRejected { .. } => Self::Rejected,
            Event::ClueHeldForTriage { .. } => Self::Triage,
            Event::ClueHeldForCoordination { .. } | Event::ClueDisputed { .. } => Self::Coordination,
            Event::ClueAssigned { recorded: false, .. } => Self::Dispatched,
            Event::ClueDelegated { .. } => Self::Delegated,
            Event::ClueAcknowledged => Self::Acknowledged,
            Event::ReturnRequested { .. } => Self::ReturnRequested,
            Event::ReturnApproved => Self::Returned,
            Event::ReturnRefused => Self::ReturnRefused,
            Event::ClueTransferred { recorded: false, .. } | Event::ClueDesignated { .. } => {
                Self::Transferred
            }
            Event::HandlingStarted => Self::Handling,
            Event::ClueSuspended { .. } => Self::Suspended,
            Event::ClueResumed => Self::Resumed,
            Event::ExtensionGranted { .. } => Self::Extended,
            Event::ClueResolved { .. } => Self::Resolved,
            Event::CheckPassed => Self::Checked,
            Event::CheckFailed
            | Event::CallBackRecorded {
                result: CallBack::NotDone,
                ..
            } => Self::Rework,
            Event::CallBackRecorded {
                result: CallBack::Satisfied | CallBack::NotApplicable,
                ..
            } => Self::CalledBack,
            Event::ClueClosed { recorded: false, .. } => Self::Closed,
            Event::ClueReopened { .. } => Self::Reopened,
            Event::ClueVoided { .. } => Self::Voided,
            // nobody was reached
            Event::CallBackRecorded {
                result: CallBack::Unreachable,
                ..
            }
            | Event::ClueReported { .. }
            | Event::ReportRepeated { .. }
            | Event::SourceUpdated { .. }
            | Event::ClueLinked { .. }
            | Event::LinkRepeated { .. }
            | Event::SourceDeleted(_)
            | Event::SourceMissing { .. }
            | Event::UnknownDeleted(_)
            | Event::ClueOffered { .. }
            | Event::ExtensionRequested { .. }
            | Event::ExtensionRefused
            | Event::DeadlineRevised
            | Event::RungReached { .. }
            | Event::NoticeIssued { .. }
            | Event::NoticeDiscarded { .. }
            | Event::ClueCorrected(_)
            | Event::ClueRecoded(_)
            | Event::WithdrawalConfirmed
            | Event::DiscrepancySettled { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueReleasedFromDispute { .. }
            | Event::Task(_)
            | Event::CampaignTagged { .. }
            | Event::CampaignUntagged
            | Event::ClueAssigned { .. }
            | Event::ClueTransferred { .. }
            | Event::ClueClosed { .. }
            | Event::CommandRejected { .. } => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for step in Step::ALL {
            assert_eq!(Step::parse(step.as_str()), Some(*step));
        }
        assert_eq!(Step::parse("done"), None);
    }

    #[test]
    fn a_complaint_is_rework_and_what_the_source_recorded_is_no_step() {
        let asked = |result| Step::of(&Event::CallBackRecorded { result, attempt: 1 });
        assert_eq!(asked(CallBack::NotDone), Some(Step::Rework));
        assert_eq!(asked(CallBack::Satisfied), Some(Step::CalledBack));
        let moved = |recorded| {
            Step::of(&Event::ClueTransferred {
                from: None,
                to: "a".parse().expect("valid"),
                basis: None,
                recorded,
            })
        };
        assert_eq!((moved(false), moved(true)), (Some(Step::Transferred), None));
    }
}
