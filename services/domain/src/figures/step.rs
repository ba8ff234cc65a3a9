//! The steps of a clue's life that figures go by, and which event is which.

use serde::{Deserialize, Serialize};

use super::{Assisting, RunningClock};
use crate::calendar;
use crate::clue::{
    CallBack, ClosureClass, Codes, Conclusion, Designation, Discrepancy, Event, Field, Flag, Occurrence,
    Repeat, Report, RoutingDecision, RungKind, Snapshot, SourceStatus, WITHDRAWN,
};
use crate::code::{AgencyId, CampaignCode, Level, RulebookVersion, Rung, SourceId};
use crate::dispute::Interim;
use crate::time::Timestamp;

/// A step of a clue's life and its effective time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    pub at: Timestamp,
    pub step: Step,
}

/// The events that change where a clue stands or what is counted about it.
///
/// Stored by position: add at the end, never insert, rename freely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Admitted,
    Rejected,
    Corrected(Codes),
    HeldForTriage,
    HeldForCoordination,
    Assigned {
        agency: AgencyId,
        deadline: Option<Timestamp>,
        recorded: bool,
        /// By a row of `duties.csv`: of which rulebook, and its line. `None`: a person or a source said so.
        rule: Option<(RulebookVersion, u32)>,
    },
    Delegated {
        to: AgencyId,
    },
    Acknowledged,
    ReturnRequested,
    ReturnRefused,
    /// `away`: from another agency, not from a desk.
    Transferred {
        to: AgencyId,
        away: bool,
        recorded: bool,
    },
    HandlingStarted,
    Suspended,
    Resumed,
    Resolved,
    /// A check failed, or the reporter says that it is not done (返工).
    SentBack,
    Closed {
        conclusion: Conclusion,
        class: ClosureClass,
        recorded: bool,
    },
    Reopened,
    Voided,
    /// The source sent another version of its record.
    SourceUpdated {
        status: SourceStatus,
        status_at: Option<Timestamp>,
        corrected: Vec<Field>,
        due_at: Option<Timestamp>,
        flags: Vec<Flag>,
    },
    /// Other codes, in the same hands.
    Recoded(Codes),
    /// A person has decided about a discrepancy.
    Settled(Discrepancy),
    /// Voided because its source took it back.
    Withdrawn,
    /// The source removed the record and says nothing but its id.
    SourceDeleted,
    /// A complete file of the source does not list it.
    SourceMissing,
    /// After that the source spoke of it again, without a change.
    SourceHeard,
    /// Another record of the clue says something anew.
    Linked {
        source: SourceId,
        source_id: String,
        /// Where its platform sends the whole record again at every change.
        /// Its status, and since when.
        told: Option<(SourceStatus, Option<Timestamp>)>,
        flags: Vec<Flag>,
    },
    /// The clocks run like this from now on.
    Clocks(Vec<RunningClock>),
    Extended,
    /// The ladder drafted what a person must issue, or reminded a desk, which has nobody to be sent that to.
    Drafted {
        rung: Rung,
        kind: RungKind,
        due_at: Timestamp,
        /// Whom it is about; `None`: a desk.
        agency: Option<AgencyId>,
    },
    Issued {
        rung: Rung,
        due_at: Timestamp,
    },
    /// A step of the ladder that lists show: a colour, or another level that sees the clue.
    Shown {
        rung: Rung,
        kind: RungKind,
        clock: calendar::Step,
        due_at: Timestamp,
        /// Of an escalation, where it is known.
        level: Option<Level>,
    },
    /// A draft that is not issued.
    Discarded {
        rung: Rung,
        due_at: Timestamp,
    },
    /// A dispute began. `interim` holds the clue meanwhile; `None`: a coordinator does.
    Disputed {
        interim: Option<AgencyId>,
    },
    HeldForDispute {
        interim: Option<AgencyId>,
    },
    /// `settles`: with it the dispute is over.
    Designated {
        agency: AgencyId,
        settles: bool,
    },
    ReleasedFromDispute,
    /// Of an agency beside the responsible one.
    Assisting(Assisting),
    /// The campaign that it belongs to from now on.
    Campaign(Option<CampaignCode>),
}

impl Mark {
    /// The clocks, where the event set or moved any.
    pub(super) fn of_clocks(occurrence: &Occurrence) -> Option<Self> {
        let clocks = occurrence.clocks.as_ref()?;
        let running = clocks.running.iter().map(|clock| RunningClock {
            step: clock.step,
            since: clock.since,
            due_at: clock.due_at,
            provisional: clock.provisional,
            known_at: clock.known_at,
            stands_since: clock.stands_since,
        });
        Some(Self {
            at: occurrence.at,
            step: Step::Clocks(running.collect()),
        })
    }
}

impl Step {
    /// Whether it ends what somebody was to do without having it done. A desk that transfers a clue has done what it was to do; who
    /// admits one has dispatched nothing yet.
    pub(super) const fn gives_away(&self) -> bool {
        matches!(
            self,
            Self::Admitted
                | Self::Transferred { away: true, .. }
                | Self::Delegated { .. }
                | Self::Corrected(_)
                | Self::HeldForTriage
                | Self::HeldForCoordination
                | Self::Rejected
                | Self::Voided
                | Self::Withdrawn
                | Self::Disputed { .. }
                | Self::HeldForDispute { .. }
                | Self::Designated { .. }
        )
    }

    /// Of its flags only the one that is about the clue; the others are about a record that decides nothing.
    fn linked(report: &Report) -> Self {
        let flags = report.flags.iter().copied();
        Self::Linked {
            source: report.source.clone(),
            source_id: report.source_id.clone(),
            told: report.snapshot.as_ref().and_then(Snapshot::told),
            flags: flags.filter(|it| *it == Flag::SameAsDisagrees).collect(),
        }
    }

    /// `None`: the event changes nothing that is counted.
    pub(super) fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::ClueReported { .. }
            | Event::ReportRepeated { .. }
            | Event::LinkRepeated {
                repeat: Repeat::Unchanged | Repeat::Stale,
                ..
            }
            | Event::UnknownDeleted(_)
            | Event::ClueOffered { .. }
            | Event::ReturnApproved
            | Event::CheckPassed
            | Event::WithdrawalConfirmed
            | Event::ExtensionRequested { .. }
            | Event::ExtensionRefused
            | Event::DeadlineRevised
            | Event::CallBackRecorded {
                result: CallBack::Satisfied | CallBack::NotApplicable | CallBack::Unreachable,
                ..
            }
            | Event::CommandRejected { .. } => return None,
            Event::SourceUpdated { .. }
            | Event::ClueLinked { .. }
            | Event::LinkRepeated { .. }
            | Event::SourceDeleted(_)
            | Event::SourceMissing { .. } => return Self::of_source(event),
            Event::ExtensionGranted { .. }
            | Event::RungReached { .. }
            | Event::NoticeIssued { .. }
            | Event::NoticeDiscarded { .. } => return Self::of_times(event),
            Event::ClueDisputed { .. }
            | Event::ClueHeldForDispute { .. }
            | Event::ClueDesignated { .. }
            | Event::ClueReleasedFromDispute { .. } => return Self::of_dispute(event),
            Event::ClueAdmitted => Self::Admitted,
            Event::ClueRejected { .. } => Self::Rejected,
            Event::ClueCorrected(codes) => Self::Corrected(codes.clone()),
            Event::ClueRecoded(codes) => Self::Recoded(codes.clone()),
            Event::DiscrepancySettled { discrepancy, .. } => Self::Settled(*discrepancy),
            Event::ClueHeldForTriage { .. } => Self::HeldForTriage,
            Event::ClueHeldForCoordination { .. } => Self::HeldForCoordination,
            Event::ClueAssigned {
                assignment,
                deadline,
                recorded,
                decision,
                ..
            } => Self::Assigned {
                agency: assignment.agency.clone(),
                deadline: *deadline,
                recorded: *recorded,
                rule: rule(decision).filter(|_| !recorded),
            },
            Event::ClueDelegated { to, .. } => Self::Delegated { to: to.clone() },
            Event::ClueAcknowledged => Self::Acknowledged,
            Event::ReturnRequested { .. } => Self::ReturnRequested,
            Event::ReturnRefused => Self::ReturnRefused,
            Event::ClueTransferred {
                from, to, recorded, ..
            } => Self::Transferred {
                to: to.clone(),
                away: from.is_some(),
                recorded: *recorded,
            },
            Event::HandlingStarted => Self::HandlingStarted,
            Event::ClueSuspended { .. } => Self::Suspended,
            Event::ClueResumed => Self::Resumed,
            Event::ClueResolved { .. } => Self::Resolved,
            Event::CheckFailed
            | Event::CallBackRecorded {
                result: CallBack::NotDone,
                ..
            } => Self::SentBack,
            Event::ClueClosed {
                resolution,
                class,
                recorded,
            } => Self::Closed {
                conclusion: resolution.conclusion,
                class: *class,
                recorded: *recorded,
            },
            Event::ClueReopened { .. } => Self::Reopened,
            Event::ClueVoided { reason } if reason == WITHDRAWN => Self::Withdrawn,
            Event::ClueVoided { .. } => Self::Voided,
            Event::Task(event) => Self::Assisting(Assisting::of(event)?),
            Event::CampaignTagged { campaign } => Self::Campaign(Some(campaign.clone())),
            Event::CampaignUntagged => Self::Campaign(None),
        })
    }

    /// Whose duty it is.
    fn of_dispute(event: &Event) -> Option<Self> {
        Some(match event {
            Event::ClueDisputed { interim, .. } => Self::Disputed {
                interim: held_by(interim),
            },
            Event::ClueHeldForDispute { interim, .. } => Self::HeldForDispute {
                interim: held_by(interim),
            },
            Event::ClueDesignated { assignment, by, .. } => Self::Designated {
                agency: assignment.agency.clone(),
                settles: *by == Designation::Agreement,
            },
            Event::ClueReleasedFromDispute { .. } => Self::ReleasedFromDispute,
            _ => return None,
        })
    }

    /// What a source says.
    fn of_source(event: &Event) -> Option<Self> {
        Some(match event {
            Event::SourceUpdated {
                report, corrected, ..
            } => Self::SourceUpdated {
                status: report.snapshot.as_ref()?.status?,
                status_at: report.snapshot.as_ref()?.status_at,
                corrected: corrected.clone(),
                due_at: report.source_due_at,
                flags: report.flags.clone(),
            },
            Event::ClueLinked { report } => Self::linked(report),
            Event::LinkRepeated {
                source, source_id, ..
            } => Self::Linked {
                source: source.clone(),
                source_id: source_id.clone(),
                told: Some((SourceStatus::Deleted, None)),
                flags: Vec::new(),
            },
            Event::SourceDeleted(_) => Self::SourceDeleted,
            Event::SourceMissing { .. } => Self::SourceMissing,
            _ => return None,
        })
    }

    /// What is about times.
    fn of_times(event: &Event) -> Option<Self> {
        Some(match event {
            Event::ExtensionGranted { .. } => Self::Extended,
            Event::RungReached {
                rung,
                kind,
                due_at,
                to,
                ..
            } if kind.is_drafted() || *kind == RungKind::Reminder && to.agency.is_none() => Self::Drafted {
                rung: rung.clone(),
                kind: *kind,
                due_at: *due_at,
                agency: to.agency.clone(),
            },
            Event::NoticeIssued { rung, due_at, .. } => Self::Issued {
                rung: rung.clone(),
                due_at: *due_at,
            },
            Event::RungReached {
                step,
                rung,
                kind: kind @ (RungKind::Colour | RungKind::Escalation),
                due_at,
                to,
                ..
            } => Self::Shown {
                rung: rung.clone(),
                kind: *kind,
                clock: *step,
                due_at: *due_at,
                level: to.level.filter(|_| *kind == RungKind::Escalation),
            },
            Event::NoticeDiscarded { rung, due_at, .. } => Self::Discarded {
                rung: rung.clone(),
                due_at: *due_at,
            },
            // also a step of the ladder that goes by itself
            _ => return None,
        })
    }
}

fn held_by(interim: &Interim) -> Option<AgencyId> {
    match interim {
        Interim::Agency(agency) => Some(agency.clone()),
        Interim::Coordinator => None,
    }
}

fn rule(decision: &RoutingDecision) -> Option<(RulebookVersion, u32)> {
    decision.row.map(|row| (decision.rulebook.clone(), row))
}
