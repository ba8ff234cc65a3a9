//! A notice to a leader or a bulletin, which the ladder drafted, is issued or discarded by a person who is named.

use super::super::{Clue, Event, NoticeState, Reached, Role};
use super::asked::{Asked, required};
use super::{Answer, Code, Rejection, one};
use crate::code::Rung;

/// The newest draft of the rung. Of a clue that is over nobody is told by oversight: whoever asks says that he knows (`ended`).
pub(super) fn issue(clue: &Clue, asked: &Asked<'_>, rung: &Rung, ended: bool) -> Answer {
    let draft = draft(clue, asked, rung)?;
    if clue.holder().is_none() && !ended {
        return Err(Rejection::of_field(Code::ClueEnded, "ended"));
    }
    Ok(one(Event::NoticeIssued {
        rung: rung.clone(),
        kind: draft.kind,
        due_at: draft.due_at,
        to: draft.to.clone().unwrap_or_default(),
    }))
}

/// It is not issued, for a reason in words.
pub(super) fn discard(clue: &Clue, asked: &Asked<'_>, rung: &Rung) -> Answer {
    let draft = draft(clue, asked, rung)?;
    asked.reason_in_words()?;
    Ok(one(Event::NoticeDiscarded {
        rung: rung.clone(),
        kind: draft.kind,
        due_at: draft.due_at,
        to: draft.to.clone().unwrap_or_default(),
    }))
}

/// Of whoever may decide about it and is named: the newest draft of the rung, if nobody has decided yet.
fn draft<'c>(clue: &'c Clue, asked: &Asked<'_>, rung: &Rung) -> Result<&'c Reached, Rejection> {
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    let person = asked.actor().person.as_deref().unwrap_or_default();
    required(person, Code::IssuerMissing, "person")?;
    let mut reached = clue.timing.reached.iter().rev().filter(|it| it.rung == *rung);
    let unknown = || Rejection::of_field(Code::NoticeUnknown, "rung");
    let draft = reached.next().ok_or_else(unknown)?;
    match draft.notice {
        NoticeState::None => Err(unknown()),
        NoticeState::Drafted => Ok(draft),
        NoticeState::Issued => Err(Code::NoticeIssued.into()),
        NoticeState::Discarded => Err(Code::NoticeDiscarded.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::*;
    use super::super::super::{Actor, Command, RungKind};
    use super::*;
    use crate::calendar::Step;

    /// With a draft and a step that went by itself.
    fn drafted(mut case: Case) -> Case {
        let clue = case.state.clue.as_mut().expect("a clue");
        for (name, kind) in [("overdue_notice", RungKind::Notice), ("red", RungKind::Colour)] {
            clue.timing.reached.push(Reached {
                step: Step::Overall,
                rung: rung(name),
                due_at: monday(),
                kind,
                to: kind.is_drafted().then(Default::default),
                notice: kind.notice(),
            });
        }
        case
    }

    fn issue(ended: bool) -> Command {
        Command::IssueNotice {
            rung: rung("overdue_notice"),
            ended,
        }
    }

    fn discard(name: &str) -> Command {
        Command::DiscardNotice { rung: rung(name) }
    }

    fn nameless() -> Actor {
        Actor {
            person: None,
            ..coordinator()
        }
    }

    #[test]
    fn what_was_drafted_about_a_clue_that_is_over_is_issued_by_whoever_says_so() {
        let void = Command::VoidClue {
            reason: "test_data".to_owned(),
        };
        let over = || {
            [
                Case::closed(),
                Case::dispatched().given(coordinator(), void.clone()),
            ]
        };
        for case in over() {
            let mut case = drafted(case);
            let outcome = case.when(coordinator(), issue(false));
            assert_eq!(outcome.refused(), ("clue_ended", Some("ended")));
            assert_eq!(case.when(coordinator(), issue(true)).events(), ["NoticeIssued"]);
        }
        let mut open = drafted(Case::dispatched());
        assert_eq!(open.when(coordinator(), issue(false)).events(), ["NoticeIssued"]);
    }

    #[test]
    fn a_named_person_discards_a_draft_for_a_reason_and_it_is_not_issued_any_more() {
        let table = [
            (coordinator(), Some("重复"), "overdue_notice", ""),
            (coordinator(), None, "overdue_notice", "reason_missing"),
            (coordinator(), Some(" "), "overdue_notice", "reason_missing"),
            (nameless(), Some("重复"), "overdue_notice", "issuer_missing"),
            (of(COUNTY), Some("重复"), "overdue_notice", "not_entitled"),
            (coordinator(), Some("重复"), "red", "notice_unknown"),
            (coordinator(), Some("重复"), "bulletin", "notice_unknown"),
        ];
        for (actor, reason, name, code) in table {
            for case in [Case::dispatched(), Case::closed()] {
                let mut case = drafted(case);
                case.remark = reason.map(str::to_owned);
                let stage = case.stage();
                let outcome = case.when(actor.clone(), discard(name));
                assert_eq!(outcome.refused().0, code, "{reason:?} {name}");
                assert_eq!(case.stage(), stage);
            }
        }
        let mut case = drafted(Case::dispatched());
        case.remark = Some("重复".to_owned());
        assert_eq!(case.refusal(coordinator(), discard("overdue_notice")), "");
        assert_eq!(case.refusal(coordinator(), issue(true)), "notice_discarded");
        assert_eq!(
            case.refusal(coordinator(), discard("overdue_notice")),
            "notice_discarded"
        );
        let mut case = drafted(Case::dispatched()).given(coordinator(), issue(false));
        case.remark = Some("重复".to_owned());
        assert_eq!(
            case.refusal(coordinator(), discard("overdue_notice")),
            "notice_issued"
        );
    }
}
