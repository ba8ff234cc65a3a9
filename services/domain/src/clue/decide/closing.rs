//! A clue ends (闭环), comes back (重开), or leaves the accounts (作废).

use super::super::{Clue, Event, Resolution, Role, Stage, Verification, Verified};
use super::asked::{Asked, in_the_way, required, wrong_stage};
use super::{Answer, Code, Step, one};

/// Everybody but the agencies, which must not close what they handled, and routing, which knows nothing of it.
const MAY_CLOSE: &[Role] = &[
    Role::Source,
    Role::Clock,
    Role::Coordinator,
    Role::Checker,
    Role::CallBack,
    Role::Operator,
];

/// Whoever hears that it is not done after all.
const MAY_REOPEN: &[Role] = &[
    Role::Source,
    Role::Coordinator,
    Role::Checker,
    Role::CallBack,
    Role::Operator,
];

pub(super) fn close(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Resolved {
        resolution, verified, ..
    } = &clue.stage
    else {
        return Err(wrong_stage(clue));
    };
    asked.entitled(MAY_CLOSE)?;
    match missing(asked.needs(clue), *verified, clue.tally.call_back_attempts) {
        Some(code) => Err(code.into()),
        None => Ok(one(closed(resolution))),
    }
}

/// What still has to be confirmed before a clue may close. Unanswered attempts make up for a call-back once there are enough.
pub(in super::super) fn missing(needs: Verification, verified: Verified, unanswered: u32) -> Option<Code> {
    if needs.check && !verified.checked {
        return Some(Code::CheckMissing);
    }
    let tried = unanswered >= needs.attempts.max(1);
    (needs.call_back && !verified.called_back && !tried).then_some(Code::CallBackMissing)
}

/// The closing that follows by itself where the policy says so and nothing is missing.
pub(super) fn automatic(
    needs: Verification,
    resolution: &Resolution,
    verified: Verified,
    unanswered: u32,
) -> Option<Step> {
    let closes = needs.auto_close && missing(needs, verified, unanswered).is_none();
    closes.then(|| closed(resolution).into())
}

fn closed(resolution: &Resolution) -> Event {
    Event::ClueClosed {
        resolution: resolution.clone(),
        class: resolution.conclusion.class(),
        recorded: false,
    }
}

/// Back to the agency that closed it, or to routing where none was recorded.
pub(super) fn reopen(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Closed { at, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.entitled(MAY_REOPEN)?;
    asked.reason_in_words()?;
    if asked.at > at.plus_days(i64::from(asked.policy().reopen.window_days)) {
        return Err(Code::ReopenWindowOver.into());
    }
    Ok(one(Event::ClueReopened))
}

pub(super) fn void(clue: &Clue, asked: &Asked<'_>, reason: &str) -> Answer {
    if !clue.is_open() {
        return Err(in_the_way(Code::NotOpen, clue));
    }
    asked.entitled(&[Role::Source, Role::Coordinator, Role::Operator])?;
    required(reason, Code::ReasonMissing, "reason")?;
    Ok(one(Event::ClueVoided {
        reason: reason.to_owned(),
    }))
}
