//! What is counted about times: the clocks of each step, extensions and suspensions, and how late what is late is.

use super::{Condition, Counts};
use crate::calendar::Step;
use crate::time::Timestamp;

#[cfg(test)]
mod tests;

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

/// The clocks of one step, in times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepCounts {
    pub ended: u64,
    /// Of `ended`.
    pub in_time: u64,
    /// Those that run, and whose time is over.
    pub overdue: u64,
}

impl Counts {
    /// The steps whose clocks are counted; the overall clock is what the figures of closing go by.
    pub const STEPS: [Step; 5] = [
        Step::Dispatch,
        Step::Triage,
        Step::Acknowledge,
        Step::Handle,
        Step::Check,
    ];

    /// Nothing of the overall clock.
    pub const fn step(&self, step: Step) -> StepCounts {
        let (ended, in_time, overdue) = match step {
            Step::Dispatch => (self.dispatch_ended, self.dispatch_in_time, self.dispatch_overdue),
            Step::Triage => (self.triage_ended, self.triage_in_time, self.triage_overdue),
            Step::Acknowledge => (
                self.acknowledge_ended,
                self.acknowledge_in_time,
                self.acknowledge_overdue,
            ),
            Step::Handle => (self.handle_ended, self.handle_in_time, self.handle_overdue),
            Step::Check => (self.check_ended, self.check_in_time, self.check_overdue),
            Step::Overall => (0, 0, 0),
        };
        StepCounts {
            ended,
            in_time,
            overdue,
        }
    }

    /// The clues by how long they have been overdue: the key, and how many.
    pub const fn overdue_by_age(&self) -> [(&'static str, u64); 5] {
        [
            ("overdue_within_1_day", self.overdue_within_1_day),
            ("overdue_within_3_days", self.overdue_within_3_days),
            ("overdue_within_10_days", self.overdue_within_10_days),
            ("overdue_within_30_days", self.overdue_within_30_days),
            ("overdue_beyond_30_days", self.overdue_beyond_30_days),
        ]
    }

    /// The clocks of every step, also of clues that were taken out of the accounts: whoever had to act then was late or not.
    pub(super) fn clocks(&mut self, condition: &Condition<'_>, now: Timestamp) {
        for step in Self::STEPS {
            let (in_time, late) = condition.punctuality.ended(step);
            let (in_time, late) = (u64::from(in_time), u64::from(late));
            let overdue = u64::from(condition.punctuality.is_overdue(step, now));
            let fields = match step {
                Step::Dispatch => (
                    &mut self.dispatch_ended,
                    &mut self.dispatch_in_time,
                    &mut self.dispatch_overdue,
                ),
                Step::Triage => (
                    &mut self.triage_ended,
                    &mut self.triage_in_time,
                    &mut self.triage_overdue,
                ),
                Step::Acknowledge => (
                    &mut self.acknowledge_ended,
                    &mut self.acknowledge_in_time,
                    &mut self.acknowledge_overdue,
                ),
                Step::Handle => (
                    &mut self.handle_ended,
                    &mut self.handle_in_time,
                    &mut self.handle_overdue,
                ),
                Step::Check => (
                    &mut self.check_ended,
                    &mut self.check_in_time,
                    &mut self.check_overdue,
                ),
                Step::Overall => continue,
            };
            *fields.0 = in_time + late;
            *fields.1 = in_time;
            *fields.2 = overdue;
        }
    }

    /// What moved the deadline of a clue that counts, and how late it is.
    pub(super) fn lateness(&mut self, condition: &Condition<'_>, now: Timestamp, backlog_days: u32) {
        let kept = &condition.punctuality;
        self.extended = u64::from(kept.extensions > 0);
        self.extensions = u64::from(kept.extensions);
        self.ever_suspended = u64::from(kept.suspensions > 0);
        self.suspensions = u64::from(kept.suspensions);
        let is_backlog = kept.is_suspended() && kept.suspended_for(now) > i64::from(backlog_days) * DAY;
        self.backlog = u64::from(is_backlog);
        self.closed_on_time_raw = u64::from(condition.closed_on_time_raw() == Some(true));
        let raw = condition.raw_deadline().filter(|_| condition.is_open());
        self.open_overdue_raw = u64::from(raw.is_some_and(|deadline| deadline < now));
        self.provisional = u64::from(condition.is_open() && kept.is_provisional());
        if condition.is_overdue(now) {
            *self.band(condition.overdue_for(now)) = 1;
        }
        if let Some((used, limit)) = condition.late_of(now) {
            self.used_seconds_late = used;
            self.limit_seconds_late = limit;
        }
    }

    const fn band(&mut self, micros: i64) -> &mut u64 {
        if micros <= DAY {
            &mut self.overdue_within_1_day
        } else if micros <= 3 * DAY {
            &mut self.overdue_within_3_days
        } else if micros <= 10 * DAY {
            &mut self.overdue_within_10_days
        } else if micros <= 30 * DAY {
            &mut self.overdue_within_30_days
        } else {
            &mut self.overdue_beyond_30_days
        }
    }
}

impl Condition<'_> {
    /// The overall deadline as it was before the first extension or suspension.
    pub fn raw_deadline(&self) -> Option<Timestamp> {
        self.punctuality.first_deadline.or(self.deadline)
    }

    /// Closed on or before that deadline; `None`: not closed, or it has none.
    pub fn closed_on_time_raw(&self) -> Option<bool> {
        Some(self.closing?.at <= self.raw_deadline()?)
    }

    /// Microseconds that an open clue is over its deadline; 0 without one.
    pub fn overdue_for(&self, now: Timestamp) -> i64 {
        self.deadline.map_or(0, |deadline| now.since(deadline).max(0))
    }

    /// Of a clue that was closed late or is overdue: the seconds that it took and that it had, from its first dispatch. `None` also
    /// where it had none.
    pub fn late_of(&self, now: Timestamp) -> Option<(u64, u64)> {
        let end = match self.closing {
            Some(closing) => Some(closing.at).filter(|_| self.closed_on_time() == Some(false)),
            None => Some(now).filter(|_| self.is_overdue(now)),
        }?;
        let since = self
            .punctuality
            .overall_since
            .or(self.first.map(|first| first.at))?;
        let limit = self.deadline?.since(since) / SECOND;
        let used = end.since(since) / SECOND;
        let limit = u64::try_from(limit).ok().filter(|limit| *limit > 0)?;
        Some((u64::try_from(used).ok()?, limit))
    }
}
