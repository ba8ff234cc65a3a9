//! What the service that settles disputes asks of a clue: that somebody else hold it meanwhile, that the agency whose duty it is get it,
//! or that the dispute be over.

use super::super::{Assignment, Clue, Designation, Event, Role, RoutingDecision, Stage};
use super::asked::{Asked, wrong_stage};
use super::{Answer, Code, Rejection, Step, history, one};
use crate::code::{AgencyId, Level};
use crate::dispute::Interim;
use crate::id::DisputeId;

/// What is resolved waits for its check, and nobody needs to hold it.
pub(super) fn hold(
    clue: &Clue,
    asked: &Asked<'_>,
    dispute: DisputeId,
    interim: &Interim,
    level: Level,
) -> Answer {
    open(clue, asked, dispute)?;
    if matches!(clue.stage, Stage::Resolved { .. }) {
        return Err(wrong_stage(clue));
    }
    if let Interim::Agency(agency) = interim {
        asked.known(agency, Code::AgencyUnknown, "interim")?;
    }
    Ok(one(Event::ClueHeldForDispute {
        dispute,
        interim: interim.clone(),
        level,
    }))
}

/// Whoever files the penalty case stays where the agency does. A later ruling replaces an earlier one.
pub(super) fn designate(
    clue: &Clue,
    asked: &Asked<'_>,
    dispute: DisputeId,
    agency: &AgencyId,
    assisting: &[AgencyId],
    basis: &str,
    by: Designation,
) -> Answer {
    open(clue, asked, dispute)?;
    asked.known(agency, Code::AgencyUnknown, "agency")?;
    assisting
        .iter()
        .try_for_each(|it| asked.known(it, Code::AgencyUnknown, "assisting"))?;
    let had = clue.assignment().filter(|it| it.agency == *agency);
    let assignment = Assignment {
        agency: agency.clone(),
        penalty: had.and_then(|it| it.penalty.clone()),
        assisting: assisting.to_vec(),
    };
    let mut steps = vec![Step::from(Event::ClueDesignated {
        dispute,
        assignment,
        basis: basis.to_owned(),
        by,
    })];
    if let Some(past) = &clue.pending_history {
        steps.extend(history::closed(past, Some(agency)));
    }
    Ok(steps)
}

/// Whoever holds the clue keeps it; what a coordinator holds waits in triage.
pub(super) fn release(clue: &Clue, asked: &Asked<'_>, dispute: DisputeId) -> Answer {
    open(clue, asked, dispute)?;
    let mut steps = vec![Step::from(Event::ClueReleasedFromDispute { dispute })];
    if matches!(clue.stage, Stage::Coordination { .. }) {
        let rulebook = asked.env.rulebook.version.clone();
        let decision = RoutingDecision {
            rulebook,
            row: None,
            reason: "dispute_over".to_owned(),
        };
        steps.push(Event::ClueHeldForTriage { decision }.into());
    }
    Ok(steps)
}

/// The service alone may, of the dispute that is open. A clue that ended has none.
fn open(clue: &Clue, asked: &Asked<'_>, dispute: DisputeId) -> Result<(), Rejection> {
    asked.entitled(&[Role::Dispute])?;
    if clue.dispute == Some(dispute) {
        Ok(())
    } else {
        Err(Rejection::of_field(Code::DisputeUnknown, "dispute"))
    }
}
