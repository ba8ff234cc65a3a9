//! What of a clue's history its clocks go by.

use serde::{Deserialize, Serialize};

use super::{Clocks, Recipient, RungKind};
use crate::calendar::{Limit, Pause, Step};
use crate::clue::{Clue, Env, Progress, Stage};
use crate::code::Rung;
use crate::time::Timestamp;

/// Folded from events; a hand-over, return or transfer never touches [`overall_since`](Self::overall_since).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Since when whoever has to dispatch, triage, sign or check has had to.
    pub step_since: Timestamp,
    /// Since when the agency has it to handle.
    pub handle_since: Option<Timestamp>,
    /// The first dispatch.
    pub overall_since: Option<Timestamp>,
    /// Suspensions that are over.
    pub pauses: Vec<Pause>,
    /// Since when the clue is suspended, if it is.
    pub suspended_at: Option<Timestamp>,
    /// Times in dispute that are over, each until it was known whose duty it is.
    pub disputes: Vec<Pause>,
    /// Since when the clue has been in dispute without anybody knowing whose duty it is.
    pub disputed_at: Option<Timestamp>,
    /// Asked for, and not answered yet.
    pub extension: Option<ExtensionRequest>,
    pub grants: Vec<Grant>,
    /// The first report told what had become of it before.
    pub imported: bool,
    /// The newest event changed what the due times of running clocks go by.
    pub moved: bool,
    /// As of the newest event that changed them.
    pub clocks: Option<Clocks>,
    /// The steps of the ladder that were reached.
    pub reached: Vec<Reached>,
}

/// An agency asks for more time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionRequest {
    pub limit: Limit,
    /// Staff reference of whoever asked.
    pub person: Option<String>,
}

/// More time that was granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub limit: Limit,
    pub at: Timestamp,
}

/// A step of the ladder that was reached for a due time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    pub step: Step,
    pub rung: Rung,
    pub due_at: Timestamp,
    pub kind: RungKind,
    /// Of what a person must issue: to whom.
    pub to: Option<Recipient>,
    pub notice: NoticeState,
}

/// What became of a notice that a person must issue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// The step goes by itself.
    None,
    Drafted,
    Issued,
    Discarded,
}

impl Clue {
    /// The clocks that run at the clue's stage, each with the time since when it does.
    pub(super) fn running_since(&self, env: &Env<'_>) -> Vec<(Step, Timestamp)> {
        let timing = &self.timing;
        let mut running = Vec::with_capacity(3);
        match &self.stage {
            Stage::Reported | Stage::Admitted => running.push((Step::Dispatch, timing.step_since)),
            Stage::Triage { .. } | Stage::Coordination { .. } => {
                running.push((Step::Triage, timing.step_since));
            }
            Stage::Held { progress, .. } | Stage::Suspended { progress, .. } => {
                if *progress == Progress::Dispatched {
                    running.push((Step::Acknowledge, timing.step_since));
                }
                running.extend(timing.handle_since.map(|since| (Step::Handle, since)));
            }
            // it answered, which is what signing is for
            Stage::ReturnRequested { .. } => {
                running.extend(timing.handle_since.map(|since| (Step::Handle, since)));
            }
            Stage::Resolved { verified, .. } => {
                if env.rulebook.policy.verification(&self.source).check && !verified.checked {
                    running.push((Step::Check, timing.step_since));
                }
            }
            Stage::Closed { .. } | Stage::Rejected { .. } | Stage::Voided { .. } => return running,
        }
        running.extend(timing.overall_since.map(|since| (Step::Overall, since)));
        running
    }

    /// Since when its clocks stand still, of which nobody knows how long: it is in dispute, and the policy stops them.
    pub(super) fn stands_since(&self, env: &Env<'_>) -> Option<Timestamp> {
        self.timing
            .disputed_at
            .filter(|_| env.rulebook.policy.disputes.pauses_clock)
    }

    /// Its suspensions; the one that lasts, until its planned end. Where the policy says so its disputes too, but for the one that
    /// lasts. No two overlap.
    pub(super) fn pauses(&self, env: &Env<'_>) -> Vec<Pause> {
        let mut pauses = self.timing.pauses.clone();
        if env.rulebook.policy.disputes.pauses_clock {
            pauses.extend(&self.timing.disputes);
        }
        if let (Some(from), Stage::Suspended { suspension, .. }) = (self.timing.suspended_at, &self.stage) {
            pauses.push(Pause {
                from,
                to: suspension.until,
            });
        }
        Pause::merged(&pauses)
    }

    /// The clock of this step, if it runs and has a due time.
    pub fn clock(&self, step: Step) -> Option<&super::Running> {
        let clocks = self.timing.clocks.as_ref()?;
        clocks.running.iter().find(|running| running.step == step)
    }
}
