//! The life of a clue as a table, written independently of the rules: a rule that lets a clue take another path turns a test
//! red.

use super::super::{CallBack, Event, State};

const HELD: &[&str] = &["dispatched", "acknowledged", "handling"];
const WAITING: &[&str] = &["admitted", "triage"];
pub(super) const OPEN: &[&str] = &[
    "reported",
    "admitted",
    "triage",
    "coordination",
    "dispatched",
    "acknowledged",
    "handling",
    "return_requested",
    "suspended",
    "resolved",
];
pub(super) const ENDED: &[&str] = &["rejected", "closed", "voided"];
const SAME: &[&str] = &[];

/// A row of [`LEGAL`].
type Row = (
    &'static str,
    &'static [&'static [&'static str]],
    &'static [&'static str],
);

/// What happened, the stages in which it may happen, the stages to which it may lead (none named: it stays).
pub(super) const LEGAL: &[Row] = &[
    ("ClueReported", &[&["unknown"]], &["reported"]),
    ("ReportRepeated", &[OPEN, ENDED], SAME),
    ("SourceUpdated", &[OPEN, ENDED], SAME),
    ("ClueLinked", &[OPEN, ENDED], SAME),
    ("LinkRepeated", &[OPEN, ENDED], SAME),
    ("SourceDeleted", &[OPEN, ENDED], SAME),
    ("UnknownDeleted", &[&["unknown"]], SAME),
    ("SourceMissing", &[OPEN], SAME),
    ("ClueRecoded", &[OPEN, ENDED], SAME),
    ("WithdrawalConfirmed", &[OPEN], SAME),
    ("DiscrepancySettled", &[OPEN, ENDED], SAME),
    ("ClueAdmitted", &[&["reported"]], &["admitted"]),
    (
        "ClueRejected",
        &[&["reported", "admitted", "triage"]],
        &["rejected"],
    ),
    ("ClueCorrected", &[WAITING], &["admitted"]),
    (
        "ClueHeldForTriage",
        &[&["admitted", "triage", "return_requested", "coordination"]],
        &["triage"],
    ),
    ("ClueOffered", &[&["triage"]], SAME),
    (
        "ClueDisputed",
        &[HELD, &["return_requested", "triage"]],
        &["dispatched", "acknowledged", "handling", "coordination"],
    ),
    (
        "ClueHeldForDispute",
        &[HELD, &["suspended", "coordination"]],
        &[
            "dispatched",
            "acknowledged",
            "handling",
            "suspended",
            "coordination",
        ],
    ),
    (
        "ClueDesignated",
        &[HELD, &["suspended", "resolved", "coordination"]],
        &["dispatched", "acknowledged", "handling", "suspended", "resolved"],
    ),
    (
        "ClueReleasedFromDispute",
        &[HELD, &["suspended", "resolved", "coordination"]],
        SAME,
    ),
    (
        "AssistanceAsked",
        &[HELD, &["return_requested", "suspended", "resolved"]],
        SAME,
    ),
    ("TaskAcknowledged", &[OPEN], SAME),
    ("ArrivalNoted", &[OPEN], SAME),
    ("TaskReplied", &[OPEN], SAME),
    ("TaskDeclined", &[OPEN], SAME),
    ("TaskWithdrawn", &[OPEN], SAME),
    ("TaskRated", &[OPEN, ENDED], SAME),
    ("CampaignTagged", &[OPEN, ENDED], SAME),
    ("CampaignUntagged", &[OPEN, ENDED], SAME),
    ("ClueAssigned", &[WAITING], &["dispatched"]),
    (
        "ClueAssigned recorded",
        &[WAITING, &["reported", "coordination"]],
        &["dispatched"],
    ),
    ("ClueDelegated", &[HELD], &["dispatched"]),
    ("ClueAcknowledged", &[&["dispatched"]], &["acknowledged"]),
    ("ReturnRequested", &[HELD], &["return_requested"]),
    ("ReturnApproved", &[&["return_requested"]], SAME),
    ("ReturnRefused", &[&["return_requested"]], HELD),
    (
        "ClueTransferred",
        &[HELD, &["return_requested", "triage"]],
        &["dispatched"],
    ),
    (
        "ClueTransferred recorded",
        &[HELD, &["return_requested", "suspended", "resolved"]],
        &["dispatched"],
    ),
    (
        "HandlingStarted",
        &[&["dispatched", "acknowledged"]],
        &["handling"],
    ),
    ("ClueSuspended", &[HELD], &["suspended"]),
    ("ClueResumed", &[&["suspended"]], HELD),
    ("ExtensionRequested", &[HELD], SAME),
    (
        "ExtensionGranted",
        &[HELD, &["return_requested", "suspended"]],
        SAME,
    ),
    (
        "ExtensionRefused",
        &[HELD, &["return_requested", "suspended"]],
        SAME,
    ),
    ("DeadlineRevised", &[OPEN], SAME),
    ("DeadlineRevised", &[OPEN], SAME),
    ("RungReached", &[OPEN], SAME),
    ("NoticeIssued", &[OPEN, ENDED], SAME),
    ("NoticeDiscarded", &[OPEN, ENDED], SAME),
    ("ClueResolved", &[HELD], &["resolved"]),
    ("CheckPassed", &[&["resolved"]], SAME),
    ("CheckFailed", &[&["resolved"]], &["handling"]),
    ("CallBackRecorded", &[&["resolved"]], SAME),
    ("CallBackRecorded not_done", &[&["resolved"]], &["handling"]),
    ("ClueClosed", &[&["resolved"]], &["closed"]),
    ("ClueClosed recorded", &[OPEN], &["closed"]),
    (
        "ClueReopened",
        &[&["closed", "voided"]],
        &["handling", "admitted"],
    ),
    ("ClueVoided", &[OPEN], &["voided"]),
    ("CommandRejected", &[OPEN, ENDED, &["unknown"]], SAME),
];

/// The row of [`LEGAL`] for an event.
pub(super) fn row_of(event: &Event) -> String {
    let suffix = match event {
        Event::ClueAssigned { recorded: true, .. }
        | Event::ClueTransferred { recorded: true, .. }
        | Event::ClueClosed { recorded: true, .. } => " recorded",
        Event::CallBackRecorded {
            result: CallBack::NotDone,
            ..
        } => " not_done",
        _ => "",
    };
    format!("{}{suffix}", event.name())
}

pub(super) fn is_legal(from: &str, event: &Event, to: &str) -> bool {
    let row = row_of(event);
    LEGAL.iter().any(|(name, froms, tos)| {
        *name == row
            && froms.concat().contains(&from)
            && (tos.contains(&to) || (tos.is_empty() && from == to))
    })
}

pub(super) fn stage(state: &State) -> &'static str {
    state.clue.as_ref().map_or("unknown", |clue| clue.stage.name())
}
