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
        Role::Agency | Role::Routing | Role::Clock | Role::CallBack | Role::Dispute => {
            return Err(Code::NotEntitled.into());
        }
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

#[cfg(test)]
mod tests {
    use super::super::super::testing::{COUNTY, Case, TOWN, called, checker, coordinator, of, resolve, role};
    use super::super::super::{Actor, Command, Verification};
    use super::*;

    fn needing(needs: Verification) -> Case {
        Case::resolved().with(|policy| {
            policy.verification.insert("grid".to_owned(), needs);
        })
    }

    fn both() -> Verification {
        Verification {
            check: true,
            call_back: true,
            attempts: 3,
            auto_close: true,
            ..Verification::default()
        }
    }

    #[test]
    fn nobody_checks_their_own_work() {
        let person = |actor: Actor, person: Option<&str>| Actor {
            person: person.map(str::to_owned),
            ..actor
        };
        let stationed = |name| Actor {
            role: Role::Checker,
            ..person(of(COUNTY), name)
        };
        let table = [
            (checker(), ""),
            (coordinator(), ""),
            (role(Role::Source), ""),
            (role(Role::Operator), ""),
            (person(of(COUNTY), Some("A2")), ""),
            (stationed(Some("A2")), ""),
            (person(checker(), Some("A1")), "checker_is_handler"),
            (stationed(Some("A1")), "checker_is_handler"),
            (stationed(None), "checker_is_handler"),
            (of(COUNTY), "checker_is_handler"),
            (person(of(COUNTY), None), "checker_is_handler"),
            (of(TOWN), "not_entitled"),
            (role(Role::Routing), "not_entitled"),
            (role(Role::CallBack), "not_entitled"),
        ];
        for (actor, code) in table {
            for command in [Command::PassCheck, Command::FailCheck] {
                let name = command.name();
                assert_eq!(
                    Case::resolved().refusal(actor.clone(), command),
                    code,
                    "{name} {actor:?}"
                );
            }
        }
    }

    #[test]
    fn within_the_agency_an_unnamed_handler_cannot_be_told_from_the_checker() {
        let nameless = Actor {
            person: None,
            ..of(COUNTY)
        };
        let mut case = Case::dispatched().given(nameless, resolve());
        assert_eq!(case.refusal(of(COUNTY), Command::PassCheck), "checker_is_handler");
        assert_eq!(case.refusal(checker(), Command::PassCheck), "");
    }

    #[test]
    fn a_check_is_passed_once_and_can_fail_later() {
        let mut case = Case::resolved().given(checker(), Command::PassCheck);
        assert_eq!(case.refusal(checker(), Command::PassCheck), "already_checked");
        assert_eq!(case.when(checker(), Command::FailCheck).events(), ["CheckFailed"]);
        assert_eq!(
            (case.stage(), case.holder(), case.clue().tally.reworks),
            ("handling", Some(COUNTY), 1)
        );
        assert_eq!(case.refusal(checker(), Command::FailCheck), "wrong_stage");
        let case = case.given(of(COUNTY), resolve());
        assert!(
            matches!(&case.clue().stage, Stage::Resolved { verified, .. } if *verified == Verified::default())
        );
    }

    #[test]
    fn what_the_reporter_says_decides() {
        let table = [
            (CallBack::Satisfied, "closed", 0),
            (CallBack::NotApplicable, "closed", 0),
            (CallBack::NotDone, "handling", 1),
            (CallBack::Unreachable, "resolved", 0),
        ];
        for (result, stage, reworks) in table {
            let mut case = needing(Verification {
                check: false,
                ..both()
            });
            case.when(role(Role::CallBack), called(result));
            assert_eq!(
                (case.stage(), case.clue().tally.reworks),
                (stage, reworks),
                "{result:?}"
            );
        }
        assert_eq!(
            Case::resolved().refusal(of(COUNTY), called(CallBack::Satisfied)),
            "not_entitled"
        );
        assert_eq!(
            Case::dispatched().refusal(coordinator(), called(CallBack::Satisfied)),
            "wrong_stage"
        );
    }

    #[test]
    fn an_unreachable_reporter_counts_after_the_attempts_since_the_resolution() {
        let mut case = needing(Verification {
            check: false,
            ..both()
        });
        let attempt = |case: &mut Case| {
            case.when(role(Role::CallBack), called(CallBack::Unreachable))
                .events()
        };
        assert_eq!(attempt(&mut case), ["CallBackRecorded"]);
        assert_eq!(attempt(&mut case), ["CallBackRecorded"]);
        let mut case = case
            .given(checker(), Command::FailCheck)
            .given(of(COUNTY), resolve());
        assert_eq!(case.clue().tally.call_back_attempts, 0);
        attempt(&mut case);
        attempt(&mut case);
        assert_eq!(attempt(&mut case), ["CallBackRecorded", "ClueClosed"]);
    }

    #[test]
    fn it_closes_by_itself_when_the_last_confirmation_comes_in() {
        let mut case = needing(both());
        assert_eq!(case.when(checker(), Command::PassCheck).events(), ["CheckPassed"]);
        let last = case.when(role(Role::CallBack), called(CallBack::Satisfied));
        assert_eq!(last.events(), ["CallBackRecorded", "ClueClosed"]);
        let mut case = needing(both());
        assert_eq!(
            case.when(role(Role::CallBack), called(CallBack::Satisfied))
                .events(),
            ["CallBackRecorded"]
        );
        assert_eq!(
            case.when(checker(), Command::PassCheck).events(),
            ["CheckPassed", "ClueClosed"]
        );
    }
}
