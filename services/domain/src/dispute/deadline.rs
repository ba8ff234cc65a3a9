//! Until when the open step may take, with what that was counted by: it can be computed again from here for ever.

use serde::{Deserialize, Serialize};

use super::{Dispute, Env, Standing, Step, Wait};
use crate::calendar::{CalendarVersion, Limit, Unit};
use crate::code::RulebookVersion;
use crate::time::Timestamp;

/// The last moment at which the time of a step is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub at: Timestamp,
    pub since: Timestamp,
    /// `None`: it goes on at once.
    pub limit: Option<Limit>,
    /// Working days were counted of a year whose holidays are not published.
    pub provisional: bool,
    pub limits_by: RulebookVersion,
    pub calendar: CalendarVersion,
}

impl Deadline {
    /// The first moment at which it is over.
    pub const fn over_at(&self) -> Timestamp {
        self.at.plus_micros(1)
    }

    pub fn is_over(&self, by: Timestamp) -> bool {
        self.at < by
    }

    /// Days were counted that nobody knew, and another calendar holds.
    pub(super) fn can_be_revised(&self, env: &Env<'_>) -> bool {
        self.provisional && self.calendar != *env.current.calendar.version()
    }
}

/// Of the open step, by the limits of the dispute's rulebook and the calendar of today.
pub(super) fn deadline(dispute: &Dispute, env: &Env<'_>) -> Option<Deadline> {
    let Standing::Open {
        step,
        since,
        escalations,
        deadline: known,
    } = &dispute.standing
    else {
        return None;
    };
    let since = match (step, known) {
        (Step::TakingUp, None) => told_at(*since, env),
        _ => *since,
    };
    let limit = match wait(dispute, *step, *escalations, env) {
        Wait::AtOnce => None,
        Wait::For(limit) => Some(limit),
    };
    let calendar = &env.current.calendar;
    let place = dispute.opening.area.as_ref();
    let due = limit.map(|limit| (limit, calendar.due(place, since, limit)));
    let (at, provisional) = match due {
        None => (since, false),
        Some((_, Ok(due))) => (due.at, due.provisional),
        // no calendar goes so far; a step has a deadline all the same
        Some((limit, Err(_))) => (passed(since, limit), true),
    };
    Some(Deadline {
        at,
        since,
        limit,
        provisional,
        limits_by: env.rulebook.version.clone(),
        calendar: calendar.version().clone(),
    })
}

/// Whoever has to take a ruling up has its time from when it can be told: when it happened, unless that was noticed late.
fn told_at(since: Timestamp, env: &Env<'_>) -> Timestamp {
    let late_after = i64::from(env.rulebook.policy.ladder.late_after_minutes);
    if env.now > since.plus_minutes(late_after) {
        env.now
    } else {
        since
    }
}

/// What was late once is looked at again at intervals; a ruling may set a term of its own.
fn wait(dispute: &Dispute, step: Step, escalations: u32, env: &Env<'_>) -> Wait {
    let limits = &env.rulebook.policy.disputes.limits;
    if escalations > 0 {
        return Wait::For(limits.escalation);
    }
    let term = dispute.ruling().and_then(|ruling| ruling.term);
    term.filter(|_| step == Step::Compliance)
        .map_or_else(|| limits.of(step), Wait::For)
}

/// So much later, day and night.
fn passed(since: Timestamp, limit: Limit) -> Timestamp {
    let amount = i64::from(limit.amount());
    match limit.unit() {
        Unit::Minutes => since.plus_minutes(amount),
        Unit::Hours | Unit::WorkingHours => since.plus_minutes(amount * 60),
        Unit::WorkingDays | Unit::Days => since.plus_days(amount),
    }
}
