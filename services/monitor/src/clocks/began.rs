//! What a clock began with.

use bihuan_domain::calendar::{Start, Step};
use bihuan_domain::clue::{CallBack, Event};

/// What happened when a clock began to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Began {
    #[default]
    Reported,
    Admitted,
    Corrected,
    HeldForTriage,
    HeldForCoordination,
    /// A dispute put it into other hands, until it is settled.
    HeldForDispute,
    Designated,
    Dispatched,
    Transferred,
    Delegated,
    ReturnRefused,
    Resolved,
    SentBack,
    Reopened,
}

impl Began {
    const fn of(event: &Event) -> Option<Self> {
        Some(match event {
            Event::ClueReported { .. } => Self::Reported,
            Event::ClueAdmitted => Self::Admitted,
            Event::ClueCorrected(_) => Self::Corrected,
            Event::ClueHeldForTriage { .. } => Self::HeldForTriage,
            Event::ClueHeldForCoordination { .. } => Self::HeldForCoordination,
            Event::ClueDisputed { .. } | Event::ClueHeldForDispute { .. } => Self::HeldForDispute,
            Event::ClueDesignated { .. } => Self::Designated,
            Event::ClueAssigned { .. } => Self::Dispatched,
            Event::ClueTransferred { .. } => Self::Transferred,
            Event::ClueDelegated { .. } => Self::Delegated,
            Event::ReturnRefused => Self::ReturnRefused,
            Event::ClueResolved { .. } => Self::Resolved,
            Event::CheckFailed
            | Event::CallBackRecorded {
                result: CallBack::NotDone,
                ..
            } => Self::SentBack,
            Event::ClueReopened { .. } => Self::Reopened,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Admitted => "admitted",
            Self::Corrected => "corrected",
            Self::HeldForTriage => "held_for_triage",
            Self::HeldForCoordination => "held_for_coordination",
            Self::HeldForDispute => "held_for_dispute",
            Self::Designated => "designated",
            Self::Dispatched => "assigned",
            Self::Transferred => "transferred",
            Self::Delegated => "delegated",
            Self::ReturnRefused => "return_refused",
            Self::Resolved => "resolved",
            Self::SentBack => "sent_back",
            Self::Reopened => "reopened",
        }
    }

    pub const fn words(self) -> Start {
        let (zh, en, day) = match self {
            Self::Reported => ("上报", "reported", "the day of the report"),
            Self::Admitted => ("受理", "admitted", "the day of admission"),
            Self::Corrected => ("更正", "corrected", "the day of correction"),
            Self::HeldForTriage => ("转人工分派", "came into triage", "the day it came into triage"),
            Self::HeldForCoordination => (
                "转协调",
                "came to the coordinator",
                "the day it came to the coordinator",
            ),
            Self::HeldForDispute => (
                "争议期间承办",
                "held while in dispute",
                "the day the dispute put it there",
            ),
            Self::Designated => ("争议指定", "designated", "the day of the designation"),
            Self::Dispatched => ("派遣", "dispatched", "the day of dispatch"),
            Self::Transferred => ("转办", "handed over", "the day it was handed over"),
            Self::Delegated => ("下派", "handed down", "the day it was handed down"),
            Self::ReturnRefused => ("退单被驳回", "return refused", "the day of the refusal"),
            Self::Resolved => ("处置反馈", "resolved", "the day it was resolved"),
            Self::SentBack => ("返工", "sent back", "the day it was sent back"),
            Self::Reopened => ("重开", "reopened", "the day it was reopened"),
        };
        Start { zh, en, day }
    }
}

/// Whether since an event somebody has had to do something since another time.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moved {
    /// The next step.
    pub(super) step: bool,
    /// Handling.
    pub(super) handle: bool,
}

/// What the clocks that run began with. A hand-over begins every clock of an agency anew but the overall one; a line hands the clue
/// down with the clock of handling that it has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Beginnings {
    step: Began,
    handle: Began,
    overall: Option<Began>,
}

impl Beginnings {
    pub(super) fn note(&mut self, event: &Event, moved: Moved) {
        let Some(began) = Began::of(event) else { return };
        match began {
            // of what was admitted at once the time runs from the report; whoever has what comes into dispute may keep it
            Began::Admitted | Began::HeldForDispute | Began::Designated if !moved.step => {}
            Began::HeldForDispute | Began::Designated if moved.handle => {
                (self.step, self.handle) = (began, began);
                self.overall.get_or_insert(began);
            }
            Began::SentBack => self.handle = began,
            Began::Dispatched | Began::Transferred => {
                (self.step, self.handle) = (began, began);
                self.overall.get_or_insert(began);
            }
            Began::Reopened => (self.step, self.handle) = (began, began),
            _ => self.step = began,
        }
    }

    pub(super) fn of(self, step: Step) -> Began {
        match step {
            // tasks of other agencies are no clocks of the clue
            Step::Dispatch | Step::Triage | Step::Acknowledge | Step::Check | Step::Assist | Step::Arrive => {
                self.step
            }
            Step::Handle => self.handle,
            Step::Overall => self.overall.unwrap_or(Began::Dispatched),
        }
    }
}

#[cfg(test)]
mod tests {
    use bihuan_domain::code::Level;
    use bihuan_domain::dispute::Interim;
    use bihuan_domain::id::{ClueId, CommandId, DisputeId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_beginning_is_told_in_both_languages() {
        let all = [
            Began::Reported,
            Began::Admitted,
            Began::Corrected,
            Began::HeldForTriage,
            Began::HeldForCoordination,
            Began::HeldForDispute,
            Began::Designated,
            Began::Dispatched,
            Began::Transferred,
            Began::Delegated,
            Began::ReturnRefused,
            Began::Resolved,
            Began::SentBack,
            Began::Reopened,
        ];
        for began in all {
            let Start { zh, en, day } = began.words();
            assert!(
                !zh.is_ascii() && en.is_ascii() && day.contains("day"),
                "{began:?}"
            );
            assert!(zh != Start::RECEIVED.zh && en != Start::RECEIVED.en);
        }
    }

    #[test]
    fn a_line_hands_the_clock_of_handling_down_and_a_rework_begins_no_other() {
        let mut beginnings = Beginnings {
            step: Began::Resolved,
            handle: Began::Dispatched,
            overall: Some(Began::Dispatched),
        };
        let step = Moved {
            step: true,
            handle: false,
        };
        beginnings.note(&Event::CheckFailed, Moved::default());
        assert_eq!(beginnings.of(Step::Handle), Began::SentBack);
        assert_eq!(beginnings.of(Step::Check), Began::Resolved);
        beginnings.note(&Event::ReturnRefused, step);
        assert_eq!(beginnings.of(Step::Acknowledge), Began::ReturnRefused);
        beginnings.note(&Event::ClueAdmitted, Moved::default());
        assert_eq!(beginnings.of(Step::Dispatch), Began::ReturnRefused);
        beginnings.note(&Event::ClueReopened { recorded: false }, step);
        assert_eq!(
            [Step::Acknowledge, Step::Handle, Step::Overall].map(|step| beginnings.of(step)),
            [Began::Reopened, Began::Reopened, Began::Dispatched]
        );
    }

    #[test]
    fn a_dispute_begins_clocks_only_where_it_puts_the_clue_into_other_hands() {
        let held = Event::ClueHeldForDispute {
            dispute: DisputeId::derive(ClueId(Uuid::nil()), CommandId(Uuid::nil())),
            interim: Interim::Coordinator,
            level: Level::County,
        };
        let table = [
            (false, false, [Began::Dispatched, Began::Dispatched]),
            (true, false, [Began::HeldForDispute, Began::Dispatched]),
            (true, true, [Began::HeldForDispute, Began::HeldForDispute]),
        ];
        for (step, handle, expected) in table {
            let mut beginnings = Beginnings {
                step: Began::Dispatched,
                handle: Began::Dispatched,
                overall: Some(Began::Dispatched),
            };
            beginnings.note(&held, Moved { step, handle });
            let found = [Step::Acknowledge, Step::Handle].map(|step| beginnings.of(step));
            assert_eq!(found, expected, "{step} {handle}");
            assert_eq!(beginnings.of(Step::Overall), Began::Dispatched);
        }
    }
}
