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

#[cfg(test)]
mod tests {
    use super::super::super::testing::{
        COUNTY, Case, TOWN, coordinator, monday, of, role, suspend as suspend_until,
    };
    use super::super::super::{Actor, Command};
    use super::*;

    /// What the third command of a case happens at.
    fn now() -> Timestamp {
        monday().plus_minutes(180)
    }

    #[test]
    fn a_suspension_needs_a_reason_another_approver_and_an_end() {
        let command = |reason: &str, approver: &str, until| Command::SuspendClue {
            reason: reason.to_owned(),
            approver: approver.to_owned(),
            until,
        };
        let later = now().plus_days(10);
        let table = [
            (of(COUNTY), command("litigation", "B9", later), ("", None)),
            (coordinator(), command("litigation", "B9", later), ("", None)),
            (of(TOWN), command("litigation", "B9", later), ("not_holder", None)),
            (
                role(Role::Clock),
                command("litigation", "B9", later),
                ("not_holder", None),
            ),
            (
                of(COUNTY),
                command("", "B9", later),
                ("reason_missing", Some("reason")),
            ),
            (
                of(COUNTY),
                command("litigation", " ", later),
                ("approver_missing", Some("approver")),
            ),
            (
                of(COUNTY),
                command("litigation", "A1", later),
                ("approver_is_requester", Some("approver")),
            ),
            (
                of(COUNTY),
                command("litigation", "B9", now()),
                ("until_in_past", Some("until")),
            ),
            (
                of(COUNTY),
                command("litigation", "B9", now().plus_micros(1)),
                ("", None),
            ),
            (
                of(COUNTY),
                command("litigation", "B9", now().plus_days(60)),
                ("", None),
            ),
            (
                of(COUNTY),
                command("litigation", "B9", now().plus_days(60).plus_micros(1)),
                ("until_too_far", Some("until")),
            ),
        ];
        for (actor, command, refused) in table {
            assert_eq!(Case::dispatched().when(actor, command).refused(), refused);
        }
    }

    #[test]
    fn only_what_an_agency_has_in_hand_is_suspended() {
        for mut case in [
            Case::admitted(),
            Case::return_requested(),
            Case::suspended(),
            Case::resolved(),
            Case::closed(),
        ] {
            assert_eq!(
                case.refusal(of(COUNTY), suspend_until(monday().plus_days(9))),
                "wrong_stage"
            );
        }
    }

    #[test]
    fn a_resumed_clue_is_where_it_was() {
        let handling = || {
            Case::dispatched()
                .given(of(COUNTY), Command::StartHandling)
                .given(of(COUNTY), suspend_until(monday().plus_days(9)))
        };
        let table: [(Actor, _); 4] = [
            (of(COUNTY), ""),
            (coordinator(), ""),
            (role(Role::Clock), ""),
            (of(TOWN), "not_holder"),
        ];
        for (actor, code) in table {
            let mut case = handling();
            assert_eq!(case.refusal(actor, Command::ResumeClue), code);
            assert_eq!(
                case.stage(),
                if code.is_empty() { "handling" } else { "suspended" }
            );
        }
        assert_eq!(
            Case::dispatched().refusal(of(COUNTY), Command::ResumeClue),
            "wrong_stage"
        );
    }
}
