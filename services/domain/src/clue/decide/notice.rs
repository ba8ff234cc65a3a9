//! A notice to a leader or a bulletin, which the ladder drafted, is issued by a person who is named.

use super::super::{Clue, Event, NoticeState, Role};
use super::asked::{Asked, required};
use super::{Answer, Code, Rejection, one};
use crate::code::Rung;

/// The newest draft of the rung.
pub(super) fn issue(clue: &Clue, asked: &Asked<'_>, rung: &Rung) -> Answer {
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    let person = asked.actor().person.as_deref().unwrap_or_default();
    required(person, Code::IssuerMissing, "person")?;
    let mut reached = clue.timing.reached.iter().rev().filter(|it| it.rung == *rung);
    let draft = reached.next().filter(|it| it.notice != NoticeState::None);
    let draft = draft.ok_or_else(|| Rejection::of_field(Code::NoticeUnknown, "rung"))?;
    if draft.notice == NoticeState::Issued {
        return Err(Code::NoticeIssued.into());
    }
    Ok(one(Event::NoticeIssued {
        rung: rung.clone(),
        kind: draft.kind,
        due_at: draft.due_at,
        to: draft.to.clone().unwrap_or_default(),
    }))
}
