//! The clock stands still for a while (挂账/缓办): with a reason, somebody else's approval, an end, and a cap.

use super::super::{Clue, Event, Role, Stage, Suspension};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, one};
use crate::time::Timestamp;

pub(super) fn suspend(
    clue: &Clue,
    asked: &Asked<'_>,
    reason: &str,
    approver: &str,
    until: Timestamp,
) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, &[Role::Coordinator, Role::Operator])?;
    required(reason, Code::ReasonMissing, "reason")?;
    required(approver, Code::ApproverMissing, "approver")?;
    if asked.actor().person.as_deref().map(str::trim) == Some(approver.trim()) {
        return Err(Rejection::of_field(Code::ApproverIsRequester, "approver"));
    }
    if until <= asked.at {
        return Err(Rejection::of_field(Code::UntilInPast, "until"));
    }
    if until > asked.at.plus_days(i64::from(asked.policy().suspension.max_days)) {
        return Err(Rejection::of_field(Code::UntilTooFar, "until"));
    }
    let suspension = Suspension {
        reason: reason.to_owned(),
        approver: approver.to_owned(),
        until,
    };
    Ok(one(Event::ClueSuspended { suspension }))
}

/// By hand, or by the clock when the end is reached.
pub(super) fn resume(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Suspended { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, &[Role::Coordinator, Role::Operator, Role::Clock])?;
    Ok(one(Event::ClueResumed))
}
