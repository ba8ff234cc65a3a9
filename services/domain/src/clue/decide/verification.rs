//! Somebody other than the handler confirms on site (核查); the reporter is asked (回访). Either may send the clue back (返工).

use super::super::{Assignment, CallBack, Clue, Event, Role, Stage, Verified};
use super::asked::{Asked, in_the_way, wrong_stage};
use super::{Answer, Code, Rejection, Step, closing, one};

pub(super) fn pass(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Resolved {
        by,
        resolution,
        handler,
        verified,
    } = &clue.stage
    else {
        return Err(wrong_stage(clue));
    };
    independent(asked, by, handler.as_deref())?;
    if verified.checked {
        return Err(in_the_way(Code::AlreadyChecked, clue));
    }
    let verified = Verified {
        checked: true,
        ..*verified
    };
    let mut steps = vec![Step::from(Event::CheckPassed)];
    let unanswered = clue.tally.call_back_attempts;
    steps.extend(closing::automatic(
        asked.needs(clue),
        resolution,
        verified,
        unanswered,
    ));
    Ok(steps)
}

pub(super) fn fail(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Resolved { by, handler, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    independent(asked, by, handler.as_deref())?;
    Ok(one(Event::CheckFailed))
}

/// Nobody checks their own work. Within the handling agency it must be another person, and both must be known to tell.
fn independent(asked: &Asked<'_>, by: &Assignment, handler: Option<&str>) -> Result<(), Rejection> {
    let actor = asked.actor();
    let own = actor.agency.as_ref() == Some(&by.agency);
    match actor.role {
        Role::Checker | Role::Coordinator | Role::Operator | Role::Source => {}
        Role::Agency if own => {}
        Role::Agency | Role::Routing | Role::Clock | Role::CallBack => return Err(Code::NotEntitled.into()),
    }
    let proven = match (actor.person.as_deref(), handler) {
        (Some(person), Some(handler)) => person != handler,
        (None, _) | (_, None) => !own,
    };
    if proven {
        Ok(())
    } else {
        Err(Code::CheckerIsHandler.into())
    }
}

/// What the reporter says. An unreachable one is tried again, as often as the policy asks for.
pub(super) fn call_back(clue: &Clue, asked: &Asked<'_>, result: CallBack) -> Answer {
    let Stage::Resolved {
        resolution, verified, ..
    } = &clue.stage
    else {
        return Err(wrong_stage(clue));
    };
    asked.entitled(&[Role::CallBack, Role::Coordinator, Role::Operator, Role::Source])?;
    let before = clue.tally.call_back_attempts;
    let attempt = before.saturating_add(1);
    let (called_back, unanswered) = match result {
        CallBack::NotDone => return Ok(one(Event::CallBackRecorded { result, attempt })),
        CallBack::Satisfied | CallBack::NotApplicable => (true, before),
        CallBack::Unreachable => (verified.called_back, attempt),
    };
    let verified = Verified {
        called_back,
        ..*verified
    };
    let mut steps = vec![Step::from(Event::CallBackRecorded { result, attempt })];
    steps.extend(closing::automatic(
        asked.needs(clue),
        resolution,
        verified,
        unanswered,
    ));
    Ok(steps)
}
