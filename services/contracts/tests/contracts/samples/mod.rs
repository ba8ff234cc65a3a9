//! A sample of every variant of every message. The lists of variants are exhaustive matches: a new variant does not compile
//! until it is listed, and `round_trip` fails until it has a sample.

mod commands;
mod disputes;
mod events;
mod journals;
mod parts;
mod tasks;

use bihuan_contracts::delivery::DeliveryEvent;
use bihuan_contracts::intake::{IntakeCommand, IntakeEvent};
use bihuan_domain::clue::{Command, Event};
use bihuan_domain::dispute::{Command as DisputeAsked, Event as DisputeHappened};

pub(crate) use commands::{bare_envelope, clue_commands, commands, envelope};
pub(crate) use disputes::{dispute, dispute_commands, dispute_events, disputed_commands, disputed_events};
pub(crate) use events::{clue_events, events, occurrence};
pub(crate) use journals::{
    callback_commands, delivery_events, intake_commands, intake_events, notice, record, reminder,
};
pub(crate) use parts::{agency, at, clocks, clue, command_id, digest};
pub(crate) use tasks::{task_commands, task_events};

macro_rules! variants {
    ($list:ident, $of:ident: $type:ident { $($variant:ident $fields:tt),+ $(,)? }) => {
        pub(crate) const $list: &[&str] = &[$(stringify!($variant)),+];

        pub(crate) fn $of(it: &$type) -> &'static str {
            match it {
                $($type::$variant $fields => stringify!($variant)),+
            }
        }
    };
}

variants!(COMMANDS, command_variant: Command {
    ReportClue(_), AdmitClue {}, RejectClue { .. }, HoldForTriage { .. }, AssignClue { .. }, DelegateClue { .. },
    AcknowledgeClue {}, RequestReturn { .. }, ApproveReturn { .. }, RefuseReturn {}, TransferClue { .. },
    StartHandling {}, SuspendClue { .. }, ResumeClue {}, ResolveClue(_), PassCheck {}, FailCheck {},
    RecordCallBack { .. }, CloseClue {}, ReopenClue {}, VoidClue { .. }, CorrectClue { .. },
    SettleDiscrepancy { .. }, RequestExtension { .. }, GrantExtension {}, RefuseExtension {}, IssueNotice { .. },
    DiscardNotice { .. },
    OfferClue { .. }, NoteDeleted(_), NoteMissing { .. }, RaiseDispute { .. }, HoldForDispute { .. },
    DesignateAgency { .. }, ReleaseFromDispute { .. }, Task(_), TagCampaign { .. }, UntagCampaign {},
});

variants!(EVENTS, event_variant: Event {
    ClueReported { .. }, ReportRepeated { .. }, ClueAdmitted {}, ClueRejected { .. }, ClueCorrected(_),
    ClueHeldForTriage { .. }, ClueOffered { .. }, ClueHeldForCoordination { .. }, ClueAssigned { .. }, ClueDelegated { .. },
    ClueAcknowledged {}, ReturnRequested { .. }, ReturnApproved {}, ReturnRefused {}, ClueTransferred { .. },
    HandlingStarted {}, ClueSuspended { .. }, ClueResumed {}, ClueResolved { .. }, CheckPassed {}, CheckFailed {},
    CallBackRecorded { .. }, ClueClosed { .. }, ClueReopened { .. }, ClueVoided { .. }, CommandRejected { .. },
    SourceUpdated { .. }, ClueRecoded(_), WithdrawalConfirmed {}, DiscrepancySettled { .. },
    ExtensionRequested { .. }, ExtensionGranted { .. }, ExtensionRefused {}, DeadlineRevised {}, RungReached { .. },
    NoticeIssued { .. }, NoticeDiscarded { .. },
    SourceDeleted(_), UnknownDeleted(_), SourceMissing { .. }, ClueLinked { .. }, LinkRepeated { .. },
    ClueDisputed { .. }, ClueHeldForDispute { .. }, ClueDesignated { .. }, ClueReleasedFromDispute { .. },
    Task(_), CampaignTagged { .. }, CampaignUntagged {},
});

variants!(INTAKE_EVENTS, intake_event_variant: IntakeEvent {
    RecordsAccepted { .. }, RecordsSkipped { .. }, RecordsFedBack { .. }, RecordQuarantined { .. }, QuarantineReplayed { .. },
    QuarantineDiscarded { .. },
});

variants!(INTAKE_COMMANDS, intake_command_variant: IntakeCommand { ReplayQuarantined { .. }, DiscardQuarantined { .. } });

variants!(DELIVERY_EVENTS, delivery_event_variant: DeliveryEvent {
    AssignmentPublished { .. }, ReminderPublished { .. }, FeedbackAccepted { .. }, FeedbackQuarantined { .. }, CallbackDue { .. },
    CallbackAcknowledged { .. }, CallbackFailed { .. }, CallbackResent { .. }, CallbackEchoed { .. },
});

variants!(DISPUTE_COMMANDS, dispute_command_variant: DisputeAsked {
    OpenDispute(_), StatePosition { .. }, RecordMinutes { .. }, Apply { .. }, AcceptApplication {}, RefuseApplication { .. },
    ForwardApplication {}, Reply { .. }, RecordMeeting { .. }, GiveOpinion { .. }, AcceptOpinion {}, DeclineOpinion {},
    DecideDispute(_), WithdrawDispute {}, AppealRuling { .. }, AddParty(_), NameLead { .. }, NoteTakenUp { .. },
    NoteClueEnded { .. },
});

variants!(DISPUTE_EVENTS, dispute_event_variant: DisputeHappened {
    DisputeOpened { .. }, PositionStated { .. }, MinutesRecorded { .. }, DisputeSettled { .. }, ApplicationMade { .. },
    ApplicationAccepted {}, ApplicationRefused { .. }, ApplicationForwarded {}, ReplyGiven { .. }, RepliesComplete {},
    MeetingRecorded { .. }, OpinionGiven { .. }, OpinionAccepted { .. }, OpinionDeclined { .. }, DisputeDecided { .. },
    WithdrawalAgreed { .. }, DisputeWithdrawn {}, AppealWithdrawn { .. }, RulingAppealed { .. }, PartyAdded { .. },
    LeadNamed { .. }, RulingTakenUp { .. }, ClueEnded { .. }, StepLapsed { .. }, DeadlineRevised {}, CommandRejected { .. },
});
