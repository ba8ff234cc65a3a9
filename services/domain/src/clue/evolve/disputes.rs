//! Whose a clue is while it is in dispute, and whose it is then.

use super::super::{Assignment, Clue, Designation, Event, Occurrence, Stage};
use super::stages::{kept, transferred};
use super::times::{at_desk, received};
use crate::calendar::Pause;
use crate::code::{AgencyId, Level};
use crate::dispute::Interim;
use crate::time::Timestamp;

pub(super) fn apply(clue: &mut Clue, it: &Occurrence) {
    match &it.event {
        Event::ClueDisputed {
            dispute,
            interim,
            level,
            ..
        } => {
            clue.dispute = Some(*dispute);
            held_for_dispute(clue, interim, *level, it);
        }
        Event::ClueHeldForDispute { interim, level, .. } => held_for_dispute(clue, interim, *level, it),
        Event::ClueDesignated { assignment, by, .. } => designated(clue, assignment, *by, it),
        Event::ClueReleasedFromDispute { .. } => clue.dispute = None,
        _ => {}
    }
}

/// With the dispute the time ends for which nobody knew whose duty it is.
pub(super) fn settle(clue: &mut Clue, at: Timestamp) {
    if clue.dispute.is_none() {
        decided(clue, at);
    }
}

fn decided(clue: &mut Clue, at: Timestamp) {
    let since = clue.timing.disputed_at.take();
    clue.timing
        .disputes
        .extend(since.map(|from| Pause { from, to: at }));
}

/// An agency that has it already goes on as far as it is; any other one gets it as by a transfer.
fn held_for_dispute(clue: &mut Clue, interim: &Interim, level: Level, it: &Occurrence) {
    // whoever raises it wins no time by what it says of when it did
    clue.timing.disputed_at.get_or_insert(received(it));
    match interim {
        Interim::Agency(agency) if !keeps(clue, agency, it.at) => {
            let from = clue.assignment().map(|by| by.agency.clone());
            transferred(clue, from.as_ref(), agency, it);
        }
        Interim::Agency(_) => {}
        Interim::Coordinator => {
            let lay_there = matches!(clue.stage, Stage::Coordination { level: was } if was == level);
            clue.stage = Stage::Coordination { level };
            if !lay_there {
                at_desk(clue, it.at);
            }
        }
    }
}

/// Whether the agency has the clue; that it asked to return it is then over.
fn keeps(clue: &mut Clue, agency: &AgencyId, at: Timestamp) -> bool {
    let has = clue.assignment().is_some_and(|by| by.agency == *agency);
    if has && matches!(clue.stage, Stage::ReturnRequested { .. }) {
        kept(clue, at);
    }
    has
}

fn designated(clue: &mut Clue, to: &Assignment, by: Designation, it: &Occurrence) {
    if !keeps(clue, &to.agency, it.at) {
        let from = clue.assignment().map(|by| by.agency.clone());
        transferred(clue, from.as_ref(), &to.agency, it);
    }
    assigned(clue, to);
    clue.designated = true;
    decided(clue, it.at);
    if by == Designation::Agreement {
        clue.dispute = None;
    }
}

/// The same agency, with whom a dispute put beside it.
fn assigned(clue: &mut Clue, to: &Assignment) {
    match &mut clue.stage {
        Stage::Held { by, .. }
        | Stage::ReturnRequested { by, .. }
        | Stage::Suspended { by, .. }
        | Stage::Resolved { by, .. } => *by = to.clone(),
        _ => {}
    }
}
