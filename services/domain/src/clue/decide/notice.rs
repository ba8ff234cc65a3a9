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
