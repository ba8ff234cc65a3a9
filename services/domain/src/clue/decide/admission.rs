//! A clue is taken into scope (受理), refused (不予受理), or corrected so that routing looks at it again.

use super::super::{Clue, Event, Role, Stage};
use super::asked::{Asked, required, wrong_stage};
use super::{Answer, Code, Rejection, one};
use crate::code::{AreaCode, MatterCode};

/// The platform itself, or a person at the desk.
const ENTITLED: &[Role] = &[Role::Source, Role::Coordinator, Role::Operator];

pub(super) fn admit(clue: &Clue, asked: &Asked<'_>) -> Answer {
    match clue.stage {
        Stage::Reported => {
            asked.entitled(ENTITLED)?;
            Ok(one(Event::ClueAdmitted))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// Also from triage: that a clue is out of scope often shows only when somebody looks at it.
pub(super) fn reject(clue: &Clue, asked: &Asked<'_>, reason: &str) -> Answer {
    match clue.stage {
        Stage::Reported | Stage::Admitted | Stage::Triage { .. } => {
            asked.entitled(ENTITLED)?;
            required(reason, Code::ReasonMissing, "reason")?;
            Ok(one(Event::ClueRejected {
                reason: reason.to_owned(),
            }))
        }
        _ => Err(wrong_stage(clue)),
    }
}

/// Corrects what routing goes by; the clue is then admitted and waits for routing again.
pub(super) fn correct(
    clue: &Clue,
    asked: &Asked<'_>,
    matter: Option<&MatterCode>,
    area: Option<&AreaCode>,
) -> Answer {
    match clue.stage {
        Stage::Admitted | Stage::Triage { .. } | Stage::Coordination { .. } => {}
        _ => return Err(wrong_stage(clue)),
    }
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    if matter.is_none() && area.is_none() {
        return Err(Code::NothingToCorrect.into());
    }
    let rulebook = asked.env.rulebook;
    if !rulebook.is_none() {
        if matter.is_some_and(|matter| !rulebook.matters.contains_key(matter)) {
            return Err(Rejection::of_field(Code::MatterUnknown, "matter"));
        }
        if area.is_some_and(|area| !rulebook.areas.contains_key(area)) {
            return Err(Rejection::of_field(Code::AreaUnknown, "area"));
        }
    }
    Ok(one(Event::ClueCorrected {
        matter: matter.cloned(),
        area: area.cloned(),
    }))
}
