//! More time for a clue (延期): asked for with a reason while there still is time, granted or refused by somebody else.

use super::super::{Clue, Event, ExtensionRequest, Role, Stage};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, one};
use crate::calendar::{Limit, Step};

const ENTITLED: &[Role] = &[Role::Coordinator, Role::Operator];

/// By the agency that holds the clue. A refusal does not count; what was granted does.
pub(super) fn request(clue: &Clue, asked: &Asked<'_>, limit: Limit) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, ENTITLED)?;
    asked.reason_in_words()?;
    if clue.timing.extension.is_some() {
        return Err(Code::ExtensionPending.into());
    }
    may_be_granted(clue, asked, limit)?;
    Ok(one(Event::ExtensionRequested { limit }))
}

/// By somebody entitled, other than whoever asked. The time may have come since it was asked for: then it is too late.
pub(super) fn grant(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let request = asked_for(clue, asked)?;
    may_be_granted(clue, asked, request.limit)?;
    Ok(one(Event::ExtensionGranted { limit: request.limit }))
}

pub(super) fn refuse(clue: &Clue, asked: &Asked<'_>) -> Answer {
    asked_for(clue, asked)?;
    asked.reason_in_words()?;
    Ok(one(Event::ExtensionRefused))
}

fn asked_for<'c>(clue: &'c Clue, asked: &Asked<'_>) -> Result<&'c ExtensionRequest, Rejection> {
    asked.entitled(ENTITLED)?;
    let request = clue.timing.extension.as_ref();
    let request = request.ok_or(Code::ExtensionNotRequested)?;
    let by = asked.actor().person.as_deref().unwrap_or_default();
    required(by, Code::AnswererMissing, "person")?;
    if request.person.as_deref().map(str::trim) == Some(by.trim()) {
        return Err(Code::ExtensionByRequester.into());
    }
    Ok(request)
}

/// So many grants at most, each as long as the original limit at most, and never once overdue.
fn may_be_granted(clue: &Clue, asked: &Asked<'_>, limit: Limit) -> Result<(), Rejection> {
    let clock = clue.clock(Step::Overall).ok_or(Code::DeadlineMissing)?;
    if clock.is_over(asked.received()) {
        return Err(Code::Overdue.into());
    }
    // a deadline that the source set is the source's to move
    let original = clock
        .limit
        .filter(|_| !clock.is_by_source())
        .ok_or(Code::DeadlineOfSource)?;
    let grants = clue.timing.grants.len();
    if grants >= asked.policy().extension.max_grants as usize {
        return Err(Code::ExtensionsUsedUp.into());
    }
    if is_longer(clue, asked, limit, original) {
        return Err(Rejection::of_field(Code::ExtensionTooLong, "limit"));
    }
    Ok(())
}

/// Whether it ends later than the original limit would from the same start: units differ.
fn is_longer(clue: &Clue, asked: &Asked<'_>, limit: Limit, original: Limit) -> bool {
    if limit.unit() == original.unit() {
        return limit.amount() > original.amount();
    }
    let calendar = &asked.env.current.calendar;
    let Some(clock) = clue.clock(Step::Overall) else {
        return true;
    };
    let end = |limit| calendar.due(clue.area.as_ref(), clock.due_at, limit);
    match (end(limit), end(original)) {
        (Ok(asked_for), Ok(most)) => asked_for.at > most.at,
        _ => true,
    }
}
