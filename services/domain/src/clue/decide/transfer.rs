//! To another agency by a coordinator's decision (转办/改派). It never resets the overall clock.

use super::super::{Clue, Event, Role, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, Code, Rejection, Step, history};
use crate::code::AgencyId;

/// Not while suspended: it must be resumed first, so that the pause has an end of its own.
pub(super) fn transfer(clue: &Clue, asked: &Asked<'_>, to: &AgencyId, basis: Option<&str>) -> Answer {
    let from = match &clue.stage {
        Stage::Held { by, .. } | Stage::ReturnRequested { by, .. } => Some(&by.agency),
        Stage::Triage { .. } | Stage::Coordination { .. } => None,
        _ => return Err(wrong_stage(clue)),
    };
    asked.entitled(&[Role::Coordinator, Role::Operator])?;
    asked.known(to, Code::AgencyUnknown, "to")?;
    if from == Some(to) {
        return Err(Rejection::of_field(Code::SameAgency, "to"));
    }
    let basis = basis.map(str::to_owned);
    let event = Event::ClueTransferred {
        from: from.cloned(),
        to: to.clone(),
        basis,
        recorded: false,
    };
    let mut steps = vec![Step::from(event)];
    if let Some(past) = &clue.pending_history {
        steps.extend(history::closed(past, Some(to)));
    }
    Ok(steps)
}
