//! A clue ends (闭环), comes back (重开), or leaves the accounts (作废).

use super::super::{Clue, Event, Resolution, Role, Stage, Verification, Verified, WITHDRAWN};
use super::asked::{Asked, in_the_way, required, wrong_stage};
use super::{Answer, Code, Rejection, Step, one};
use crate::time::Timestamp;

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
fn missing(needs: Verification, verified: Verified, unanswered: u32) -> Option<Code> {
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
    if !in_window(asked, *at, asked.at) {
        return Err(Code::ReopenWindowOver.into());
    }
    Ok(one(Event::ClueReopened { recorded: false }))
}

/// Whether a clue that was closed then may be reopened at `at`.
pub(super) fn in_window(asked: &Asked<'_>, closed_at: Timestamp, at: Timestamp) -> bool {
    at <= closed_at.plus_days(i64::from(asked.policy().reopen.window_days))
}

pub(super) fn void(clue: &Clue, asked: &Asked<'_>, reason: &str) -> Answer {
    if !clue.is_open() {
        return Err(in_the_way(Code::NotOpen, clue));
    }
    asked.entitled(&[Role::Source, Role::Coordinator, Role::Operator])?;
    required(reason, Code::ReasonMissing, "reason")?;
    if reason == WITHDRAWN {
        // that takes a source that says so, and two persons
        return Err(Rejection::of_field(Code::NoDiscrepancy, "reason"));
    }
    Ok(one(Event::ClueVoided {
        reason: reason.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, called, checker, coordinator, history, monday, of, reported_with, role,
    };
    use super::super::super::{CallBack, ClosureClass, Command};
    use super::*;

    #[test]
    fn a_clue_closes_when_what_its_source_needs_is_confirmed() {
        let needing = |check, call_back| {
            Case::resolved().with(|policy| {
                let needs = policy.verification.entry("grid".to_owned()).or_default();
                (needs.check, needs.call_back) = (check, call_back);
            })
        };
        let check = |case: Case| case.given(checker(), Command::PassCheck);
        let call = |case: Case| case.given(coordinator(), called(CallBack::Satisfied));
        let table = [
            (needing(false, false), ""),
            (needing(true, false), "check_missing"),
            (check(needing(true, false)), ""),
            (needing(false, true), "call_back_missing"),
            (call(needing(false, true)), ""),
            (call(needing(true, true)), "check_missing"),
            (check(needing(true, true)), "call_back_missing"),
            (check(call(needing(true, true))), ""),
            (Case::dispatched(), "wrong_stage"),
            (Case::closed(), "wrong_stage"),
        ];
        for (mut case, code) in table {
            assert_eq!(case.refusal(coordinator(), Command::CloseClue), code);
        }
        assert_eq!(
            check(needing(true, false)).refusal(of(COUNTY), Command::CloseClue),
            "not_entitled"
        );
    }

    #[test]
    fn a_closing_carries_the_resolution_and_its_class() {
        let case = Case::closed();
        let last = case.journal.last().expect("closed");
        assert!(matches!(
            &last.event,
            Event::ClueClosed {
                class: ClosureClass::Substantive,
                recorded: false,
                ..
            }
        ));
        assert!(
            matches!(&case.clue().stage, Stage::Closed { by: Some(by), at, .. } if by.agency.as_str() == COUNTY && *at == last.at)
        );
    }

    #[test]
    fn a_closed_clue_is_reopened_within_the_window_with_a_reason() {
        let table = [
            (0, Some("又占道了"), coordinator(), ("", None)),
            (15, Some("又占道了"), role(Role::Source), ("", None)),
            (16, Some("又占道了"), coordinator(), ("reopen_window_over", None)),
            (1, None, coordinator(), ("reason_missing", Some("reason"))),
            (1, Some("又占道了"), of(COUNTY), ("not_entitled", None)),
        ];
        for (days, remark, actor, refused) in table {
            let mut case = Case::closed();
            // the command itself comes one hour later
            case.now = case.state.last_at.plus_days(days).plus_minutes(-60);
            case.remark = remark.map(str::to_owned);
            assert_eq!(
                case.when(actor, Command::ReopenClue).refused(),
                refused,
                "{days} days"
            );
            if refused.0.is_empty() {
                assert_eq!(
                    (case.stage(), case.holder(), case.clue().tally.reopened),
                    ("handling", Some(COUNTY), 1)
                );
            }
        }
        assert_eq!(
            Case::resolved().refusal(coordinator(), Command::ReopenClue),
            "wrong_stage"
        );
    }

    #[test]
    fn what_nobody_held_goes_to_routing_when_it_is_reopened() {
        let past = history(None, Some(monday()), false);
        let case = Case::new()
            .given(role(Role::Source), reported_with(past))
            .given(coordinator(), Command::ReopenClue);
        assert_eq!(case.stage(), "admitted");
    }

    #[test]
    fn any_open_clue_can_be_voided_with_a_reason() {
        let void = |reason: &str| Command::VoidClue {
            reason: reason.to_owned(),
        };
        let open = [
            Case::reported(),
            Case::admitted(),
            Case::in_triage(),
            Case::in_coordination(),
            Case::dispatched(),
            Case::return_requested(),
            Case::suspended(),
            Case::resolved(),
        ];
        for mut case in open {
            assert_eq!(case.refusal(of(COUNTY), void("test_data")), "not_entitled");
            assert_eq!(
                case.when(coordinator(), void("")).refused(),
                ("reason_missing", Some("reason"))
            );
            assert_eq!(case.refusal(coordinator(), void("test_data")), "");
            assert_eq!(case.stage(), "voided");
            let outcome = case.when(coordinator(), void("test_data"));
            assert_eq!(outcome.refused(), ("not_open", None));
            assert_eq!(
                outcome.rejection().and_then(|it| it.stage.as_deref()),
                Some("voided")
            );
        }
        assert_eq!(
            Case::closed().refusal(coordinator(), void("test_data")),
            "not_open"
        );
    }
}
