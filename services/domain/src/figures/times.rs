//! What is counted about times: the clocks of each task, extensions and suspensions, and how late what is late is.

use super::{Condition, Counts, Facts, Task};
use crate::clue::Class;
use crate::code::AgencyId;
use crate::time::Timestamp;

#[cfg(test)]
mod tests;

const DAY: i64 = 86_400_000_000;
const SECOND: i64 = 1_000_000;

/// The clocks of one task, in times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub ended: u64,
    /// Of `ended`.
    pub in_time: u64,
    /// Those that run, and whose time is over.
    pub overdue: u64,
}

impl Counts {
    pub const fn task(&self, task: Task) -> TaskCounts {
        let (ended, in_time, overdue) = match task {
            Task::Dispatch => (self.dispatch_ended, self.dispatch_in_time, self.dispatch_overdue),
            Task::Triage => (self.triage_ended, self.triage_in_time, self.triage_overdue),
            Task::Coordination => (
                self.coordination_ended,
                self.coordination_in_time,
                self.coordination_overdue,
            ),
            Task::Acknowledge => (
                self.acknowledge_ended,
                self.acknowledge_in_time,
                self.acknowledge_overdue,
            ),
            Task::Handle => (self.handle_ended, self.handle_in_time, self.handle_overdue),
            Task::Check => (self.check_ended, self.check_in_time, self.check_overdue),
        };
        TaskCounts {
            ended,
            in_time,
            overdue,
        }
    }

    const fn set_task(&mut self, task: Task, counts: TaskCounts) {
        let (ended, in_time, overdue) = match task {
            Task::Dispatch => (
                &mut self.dispatch_ended,
                &mut self.dispatch_in_time,
                &mut self.dispatch_overdue,
            ),
            Task::Triage => (
                &mut self.triage_ended,
                &mut self.triage_in_time,
                &mut self.triage_overdue,
            ),
            Task::Coordination => (
                &mut self.coordination_ended,
                &mut self.coordination_in_time,
                &mut self.coordination_overdue,
            ),
            Task::Acknowledge => (
                &mut self.acknowledge_ended,
                &mut self.acknowledge_in_time,
                &mut self.acknowledge_overdue,
            ),
            Task::Handle => (
                &mut self.handle_ended,
                &mut self.handle_in_time,
                &mut self.handle_overdue,
            ),
            Task::Check => (
                &mut self.check_ended,
                &mut self.check_in_time,
                &mut self.check_overdue,
            ),
        };
        *ended = counts.ended;
        *in_time = counts.in_time;
        *overdue = counts.overdue;
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

    /// The clocks of every task, also of clues that were taken out of the accounts: whoever had to act then was late or not.
    pub(super) fn clocks(&mut self, facts: &Facts, condition: &Condition<'_>, now: Timestamp) {
        self.clocks_of(facts, condition, now, |_| true);
    }

    fn clocks_of(
        &mut self,
        facts: &Facts,
        condition: &Condition<'_>,
        now: Timestamp,
        is_theirs: impl Fn(Option<&AgencyId>) -> bool,
    ) {
        if facts.class != Class::Ordinary {
            return;
        }
        self.assisting(condition.assist_counts(now, |it| is_theirs(Some(it))));
        for task in Task::ALL {
            let ended = || {
                let ended = condition.punctuality.ended.iter();
                ended.filter(|it| it.task == task && is_theirs(it.agency))
            };
            let overdue = condition.is_late_with(task, now) && is_theirs(condition.tasked(task));
            let counts = TaskCounts {
                ended: ended().count() as u64,
                in_time: ended().filter(|it| it.in_time).count() as u64,
                overdue: u64::from(overdue),
            };
            self.set_task(task, counts);
        }
    }

    /// What the clue adds to the row of `agency`, or of the desks (`None`), in a report by agency, of all that it adds. A clock counts
    /// for whoever had it when it ended, or has it, and a task for whoever assists; all else for the agency that is responsible now. The shares of
    /// [`Condition::agencies`] together are the whole.
    #[must_use]
    pub fn share(
        &self,
        facts: &Facts,
        condition: &Condition<'_>,
        now: Timestamp,
        agency: Option<&AgencyId>,
    ) -> Self {
        let mut share = if condition.agency == agency {
            *self
        } else {
            Self::default()
        };
        share.clocks_of(facts, condition, now, |theirs| theirs == agency);
        share
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

impl<'a> Condition<'a> {
    /// Whose rows a report by agency has the clue in: the responsible agency's, theirs whose clocks ended or run, and theirs who
    /// assist; `None`: the desks.
    pub fn agencies(&self) -> Vec<Option<&'a AgencyId>> {
        let mut all = vec![self.agency];
        let ended = self.punctuality.ended.iter().map(|it| it.agency);
        let running = self.punctuality.clocks.iter();
        let running = running.filter_map(|clock| Task::of(clock.step, self.standing));
        let assisting = self.assisted.iter().map(|it| Some(it.agency));
        for agency in ended
            .chain(running.map(|task| self.tasked(task)))
            .chain(assisting)
        {
            if !all.contains(&agency) {
                all.push(agency);
            }
        }
        all
    }

    /// The overall deadline as it was before the first extension, suspension or dispute that moved it.
    pub fn raw_deadline(&self) -> Option<Timestamp> {
        self.punctuality.first_deadline.or(self.deadline)
    }

    /// Closed on or before that deadline; `None`: not closed, or it has none.
    pub fn closed_on_time_raw(&self) -> Option<bool> {
        Some(self.closing?.at <= self.raw_deadline()?)
    }

    /// Microseconds that an open clue is over its deadline; 0 without one.
    pub fn overdue_for(&self, now: Timestamp) -> i64 {
        let counted = self.punctuality.counted(now);
        self.deadline.map_or(0, |deadline| counted.since(deadline).max(0))
    }

    /// Of a clue that was closed late or is overdue: the seconds that it took and that it had, from its first dispatch. `None` also
    /// where it had none.
    pub fn late_of(&self, now: Timestamp) -> Option<(u64, u64)> {
        let end = match self.closing {
            Some(closing) => Some(closing.counted_at).filter(|_| self.closed_on_time() == Some(false)),
            None => Some(self.punctuality.counted(now)).filter(|_| self.is_overdue(now)),
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
