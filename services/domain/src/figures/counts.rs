//! What is counted of clues, and the day's partition.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::{Condition, Facts, Standing};
use crate::clue::{Class, ClosureClass, Conclusion};
use crate::time::Timestamp;

macro_rules! sums {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: u64),+ }

        impl AddAssign for $name {
            fn add_assign(&mut self, other: Self) {
                $(self.$field += other.$field;)+
            }
        }

        impl $name {
            /// (key, number), in the order of the report.
            pub fn entries(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($field), self.$field)),+].into_iter()
            }
        }
    };
}
pub(super) use sums;

sums!(
    /// clues = rejected + voided + merged + closed + open.
    Counts {
        clues,
        rejected,
        voided,
        merged,
        closed,
        open,
        /// Open and past the overall deadline, suspended ones included.
        open_overdue,
        triage,
        suspended,
        disputed,
        flagged,
        /// Clues that ever were dispatched. Dispatch figures leave out what the reporter's own unit handled and what was closed
        /// when first seen.
        dispatched,
        closed_with_deadline,
        closed_on_time,
        closed_unstated,
        /// Times.
        returns,
        /// Times.
        transfers,
        /// Clues that ever were reopened.
        reopened,
        suspended_overdue,
        /// Closed by the source's own record, not before Bihuan's eyes.
        closed_recorded,
        closed_substantive,
        closed_interim,
        closed_procedural,
        /// Dispatched first by the source's own record, not by Bihuan.
        dispatched_recorded,
        /// Dispatched first by Bihuan, and closed.
        routed_closed,
        /// … by the agency that got it first, or one of its line.
        routed_right,
        self_handled,
        closed_at_source,
        /// Clues about which source and Bihuan do not agree, and nobody has decided yet.
        discrepancies,
        /// Times that a source urged (催办).
        urged,
        /// Clocks of dispatching that ended; the keys that follow are the same of each task. Times, not clues. In rows by agency
        /// they are whoever's they were when they ended, whoever has the clue now.
        dispatch_ended,
        /// … on or before their due time.
        dispatch_in_time,
        /// Clocks of dispatching that run, and whose time is over.
        dispatch_overdue,
        triage_ended,
        triage_in_time,
        triage_overdue,
        acknowledge_ended,
        acknowledge_in_time,
        acknowledge_overdue,
        handle_ended,
        handle_in_time,
        handle_overdue,
        check_ended,
        check_in_time,
        check_overdue,
        /// Clues that were granted more time. From here on without rejected and voided ones.
        extended,
        /// Times.
        extensions,
        ever_suspended,
        /// Times.
        suspensions,
        /// Suspended, and all its suspensions together longer than the policy's `backlog_days` (积存): one suspension may last
        /// as long as that at most, but another may follow.
        backlog,
        /// Closed on or before the deadline as it was before the first extension or suspension.
        closed_on_time_raw,
        /// Open and past the overall deadline that it had before extensions and suspensions.
        open_overdue_raw,
        /// Open, and a due time goes by a calendar that is not published.
        provisional,
        /// Of `open_overdue`, by how long ago the deadline was: at most a day; the next ones are longer than the one before.
        overdue_within_1_day,
        overdue_within_3_days,
        overdue_within_10_days,
        overdue_within_30_days,
        overdue_beyond_30_days,
        /// Of clues that were closed late or are overdue: the time that they took from their first dispatch, up to now.
        used_seconds_late,
        /// … and that they had.
        limit_seconds_late,
        /// As the other tasks: clues in dispute, which wait for a coordinator by the limit of triage and do not count there.
        coordination_ended,
        coordination_in_time,
        coordination_overdue,
        /// Tasks of agencies beside the responsible one that were answered, or declined with a reason. In rows by agency they are
        /// theirs who assist.
        assist_answered,
        /// … on or before their due time.
        assist_in_time,
        /// Not answered, and past due: open, or over for another reason.
        assist_overdue,
        /// Calls to which somebody came.
        arrive_ended,
        arrive_in_time,
        arrive_overdue,
        calls_rated,
        /// The ratings together.
        rating_points,
    }
);

sums!(
    /// The day's partition: every clue that counts, and what could not be read, in exactly one part.
    Split {
        /// 已闭环
        closed,
        /// 在办未到期
        in_time,
        /// 超期
        overdue,
        /// 挂账
        suspended,
        /// 争议
        disputed,
        /// 待分派
        unassigned,
        /// 无法读取
        unreadable,
    }
);

impl Counts {
    /// One clue in `condition`, judged at `now`. `backlog_days`: suspended for longer, it is backlog.
    pub fn of(facts: &Facts, condition: &Condition<'_>, now: Timestamp, backlog_days: u32) -> Self {
        let is = |standing| u64::from(condition.standing == standing);
        let overdue = condition.is_overdue(now);
        let mut counts = Self {
            clues: 1,
            rejected: is(Standing::Rejected),
            voided: is(Standing::Voided),
            closed: is(Standing::Closed),
            open: u64::from(condition.is_open()),
            open_overdue: u64::from(overdue),
            triage: is(Standing::Triage),
            suspended: is(Standing::Suspended),
            disputed: u64::from(condition.is_disputed()),
            flagged: u64::from(!condition.flags().is_empty()),
            reopened: u64::from(condition.reopened > 0),
            suspended_overdue: u64::from(overdue) * is(Standing::Suspended),
            self_handled: u64::from(facts.class == Class::SelfHandled),
            closed_at_source: u64::from(facts.class == Class::ClosedAtSource),
            discrepancies: u64::from(!condition.discrepancies().is_empty()),
            urged: u64::from(condition.urged()),
            ..Self::default()
        };
        if condition.standing == Standing::Closed {
            counts.closing(condition);
        }
        if facts.class == Class::Ordinary {
            counts.dispatch(condition);
        }
        counts.clocks(facts, condition, now);
        if !matches!(condition.standing, Standing::Rejected | Standing::Voided) {
            counts.lateness(condition, now, backlog_days);
        }
        counts
    }

    fn closing(&mut self, condition: &Condition<'_>) {
        let Some(closing) = condition.closing else { return };
        self.closed_with_deadline = u64::from(condition.deadline.is_some());
        self.closed_on_time = u64::from(condition.closed_on_time() == Some(true));
        self.closed_unstated = u64::from(closing.conclusion == Conclusion::Unstated);
        self.closed_recorded = u64::from(closing.recorded);
        match closing.class {
            ClosureClass::Substantive => self.closed_substantive = 1,
            ClosureClass::Interim => self.closed_interim = 1,
            ClosureClass::Procedural => self.closed_procedural = 1,
        }
    }

    fn dispatch(&mut self, condition: &Condition<'_>) {
        let Some(first) = condition.first else { return };
        self.dispatched = 1;
        self.dispatched_recorded = u64::from(first.recorded);
        self.returns = u64::from(condition.returns);
        self.transfers = u64::from(condition.transfers);
        if !first.recorded && condition.standing == Standing::Closed {
            self.routed_closed = 1;
            self.routed_right = u64::from(condition.is_with_first());
        }
    }
}

impl Split {
    /// One clue in `condition`, judged at `now`. Rejected and voided clues are in no part.
    pub fn of(condition: &Condition<'_>, now: Timestamp) -> Self {
        let mut split = Self::default();
        let part = match condition.standing {
            _ if condition.is_disputed() => &mut split.disputed,
            Standing::Rejected | Standing::Voided => return split,
            Standing::Closed => &mut split.closed,
            Standing::Suspended => &mut split.suspended,
            Standing::Reported | Standing::Admitted | Standing::Triage => &mut split.unassigned,
            Standing::Dispatched
            | Standing::Acknowledged
            | Standing::Handling
            | Standing::ReturnRequested
            | Standing::Resolved
            | Standing::Coordination => {
                if condition.is_overdue(now) {
                    &mut split.overdue
                } else {
                    &mut split.in_time
                }
            }
        };
        *part = 1;
        split
    }

    /// The label of a part: Chinese, English.
    pub fn words(part: &str) -> Option<(&'static str, &'static str)> {
        Some(match part {
            "closed" => ("已闭环", "closed"),
            "in_time" => ("在办未到期", "in hand, not due"),
            "overdue" => ("超期", "overdue"),
            "suspended" => ("挂账", "suspended"),
            "disputed" => ("争议", "in dispute"),
            "unassigned" => ("待分派", "to be assigned"),
            "unreadable" => ("无法读取", "unreadable"),
            _ => return None,
        })
    }
}
