//! One agency gets the clue (派遣), hands it down its line (下派), signs for it (签收).

use super::super::{Assignment, Clue, Event, Progress, Role, RoutingDecision, Stage};
use super::asked::{Asked, in_the_way, wrong_stage};
use super::{Answer, Code, Rejection, Step, history, one};
use crate::code::AgencyId;
use crate::time::Timestamp;

/// Speak for an agency that has no terminal.
const ON_BEHALF: &[Role] = &[Role::Coordinator, Role::Operator];

/// Out of coordination it is a designation, which only a person may make: a late answer of routing must not settle a dispute.
pub(super) fn assign(
    clue: &Clue,
    asked: &Asked<'_>,
    agency: &AgencyId,
    penalty: Option<&AgencyId>,
    assisting: &[AgencyId],
    decision: &RoutingDecision,
) -> Answer {
    match clue.stage {
        Stage::Admitted | Stage::Triage { .. } => {
            asked.entitled(&[Role::Routing, Role::Coordinator, Role::Operator])?;
        }
        Stage::Coordination { .. } => asked.entitled(ON_BEHALF)?,
        _ => return Err(wrong_stage(clue)),
    }
    asked.known(agency, Code::AgencyUnknown, "agency")?;
    penalty.map_or(Ok(()), |penalty| {
        asked.known(penalty, Code::AgencyUnknown, "penalty")
    })?;
    assisting
        .iter()
        .try_for_each(|it| asked.known(it, Code::AgencyUnknown, "assisting"))?;
    let assignment = Assignment {
        agency: agency.clone(),
        penalty: penalty.cloned(),
        assisting: assisting.to_vec(),
    };
    let decision = decision.clone();
    let deadline = deadline(clue);
    let mut steps = vec![Step::from(Event::ClueAssigned {
        assignment,
        decision,
        deadline,
        recorded: false,
    })];
    if let Some(past) = &clue.pending_history {
        steps.extend(history::closed(past, Some(agency)));
    }
    Ok(steps)
}

/// The overall deadline: set at the first dispatch, never reset by a later one.
fn deadline(clue: &Clue) -> Option<Timestamp> {
    clue.deadline.or(clue.source_due_at)
}

pub(super) fn delegate(clue: &Clue, asked: &Asked<'_>, to: &AgencyId) -> Answer {
    let Stage::Held { by, .. } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, ON_BEHALF)?;
    asked.known(to, Code::AgencyUnknown, "to")?;
    if *to == by.agency {
        return Err(Rejection::of_field(Code::SameAgency, "to"));
    }
    let area_of = |agency| {
        asked
            .env
            .rulebook
            .agencies
            .get(agency)
            .and_then(|agency| agency.area.as_ref())
    };
    match (area_of(to), area_of(&by.agency)) {
        (Some(below), Some(above)) if !below.is_within(above) => {
            Err(Rejection::of_field(Code::NotInLine, "to"))
        }
        _ => Ok(one(Event::ClueDelegated {
            from: by.agency.clone(),
            to: to.clone(),
        })),
    }
}

pub(super) fn acknowledge(clue: &Clue, asked: &Asked<'_>) -> Answer {
    let Stage::Held { by, progress } = &clue.stage else {
        return Err(wrong_stage(clue));
    };
    asked.holder_or(by, ON_BEHALF)?;
    match progress {
        Progress::Dispatched => Ok(one(Event::ClueAcknowledged)),
        Progress::Acknowledged | Progress::Handling => Err(in_the_way(Code::AlreadyAcknowledged, clue)),
    }
}
